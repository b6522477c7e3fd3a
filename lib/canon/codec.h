/*
 * Codecs: the two-way translations of single values. `decode` goes from native to canonical ("|" in a map, or
 * the reading of an `=` rule), `encode` from canonical to native ("as", or its writing). One table in codec.c
 * names them all; a family of codecs is a file of its own (codec_time.c), and adding one is one row and one
 * pair of functions (codec_family.h, hub-hacking.7).
 *
 * Values are JSON nodes. A codec is never called on an absent value or on null: both pass it untouched. What
 * it returns is good as long as the run's arena (it may be IN itself, or point into IN's bytes). NULL:
 * refused, with run->err filled: `code` is the codec's name, the message says what was due and quotes the
 * value: `not a decimal: "12,50"`.
 */
#ifndef HUB_CANON_CODEC_H
#define HUB_CANON_CODEC_H

#include "base/arena.h"
#include "base/err.h"
#include "canon/format.h"
#include "json/json.h"

enum { CODEC_ARGUMENTS = 8 };

/* What a codec may use while it works on one value. */
struct codec_run {
    struct arena *arena; /* of the record */
    struct err *err;
};

/* Which way a use goes: encoding by a rule of one direction may leave out what the codec has no room for. */
enum codec_way {
    CODEC_WRITES, /* encodes, by a rule of one direction */
    CODEC_READS,  /* decodes */
    CODEC_RETURNS /* encodes, by a rule of both directions, which reads all of it back */
};

/* One use of a codec in a map, with its arguments. */
struct codec_use {
    const struct codec *codec;
    enum codec_way way;
    size_t nargs;
    /* Values of the arguments: literals before bind; others before each decode or encode. NULL: absent. */
    const struct json_node *arg[CODEC_ARGUMENTS];
    unsigned literal; /* bit i: argument i is a literal */
    void *bound;      /* what bind prepared from the literals */
};

enum {
    /* encode(decode(x)) has the same bytes as x for all x that are taken; else -t speaks of "respelled" */
    CODEC_EXACT = 1,
    /* What decode gives may be a list, which encode takes as a whole. */
    CODEC_LISTS = 2
};

struct codec {
    const char *name;
    unsigned least, most; /* arguments */
    unsigned is;          /* CODEC_EXACT, CODEC_LISTS */
    /* Of the texts that decode gives: each is the canonical spelling of that format. */
    enum format gives;
    /* The formats (1 << FORMAT_…) whose canonical texts both give back as they are, without arguments. */
    unsigned keeps;
    /* Prepares use->bound in A (kept as long as the map). May be NULL. -1: wrong arguments. */
    int (*bind)(struct codec_use *use, struct arena *a, struct err *e);
    const struct json_node *(*decode)(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run);
    const struct json_node *(*encode)(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run);
};

/* The codec of that name, or NULL. */
const struct codec *codec_find(struct str name);

/* The table, ended by a row without a name: for suggestions and documents. */
extern const struct codec codec_table[];

/* ---- for codecs ---- */

/* A string node over TEXT in the run's arena. NULL: memory, reported. TEXT must outlive the record's work. */
const struct json_node *codec_string(struct codec_run *run, struct str text);
const struct json_node *codec_clean(struct codec_run *run, struct str text);  /* known to need no escapes */
const struct json_node *codec_number(struct codec_run *run, struct str text); /* a JSON number */
const struct json_node *codec_literal(struct codec_run *run, enum json_type type);

/* Returns NULL, with the error `CODE: not WHAT: "value"`. */
const struct json_node *codec_refuse(struct codec_run *run, const char *code, const char *what,
                                     const struct json_node *in);

/* The text of a string or number node, decoded; .p NULL (and refused) for other types. */
struct str codec_text(struct codec_run *run, const char *code, const char *what, const struct json_node *in);

/* The same of a string alone: a number is refused. */
struct str codec_text_only(struct codec_run *run, const char *code, const char *what,
                           const struct json_node *in);

#endif
