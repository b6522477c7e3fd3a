/*
 * JSON as a flat tape over the text's own bytes: no tree of pointers, no hash table, no allocation per text
 * once warm; numbers keep their text.
 *
 *     struct json_tape tape;
 *     json_tape_init(&tape);
 *     if (json_parse(&tape, line, &limits, &e) == -1) ...
 *     const struct json_node *name = json_get(tape.node, STR("name"));
 *
 * A value is a node followed by the nodes of what it holds: `span` nodes in all, so the next value is `v +
 * v->span`. An array is its node, then its values. An object is its node, then key, value, key, value …; a
 * key is a string node.
 *
 *     for (const struct json_node *key = v + 1, *end = v + v->span; key < end; key = json_next_key(key))
 *         use(key, json_value_of(key));
 *
 * Spans are relative: a value is copied by copying its nodes, wherever they came from, and values that were
 * made (json_string_node …) stand beside values that were read. A node points into bytes that it does not
 * own: the text that was parsed, a literal, an arena. It is good as long as they are.
 */
#ifndef HUB_JSON_JSON_H
#define HUB_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/*
 * How the bytes of a string node are spelled. Of a container that has a text: CLEAN where the text is compact
 * and holds no escape, ESCAPED where it is compact, PLAIN where white space is in it. A compact one is
 * written by copying its text: whoever changes what a container holds sets its p to NULL, and that of those
 * around it.
 */
enum json_form {
    JSON_CLEAN,   /* the value itself, and nothing in it needs an escape in JSON: the same bytes both ways */
    JSON_ESCAPED, /* JSON text with at least one backslash: json_string() decodes it */
    JSON_PLAIN    /* the value itself; may need escapes when written */
};

struct json_node {
    const char *p;      /* string: between the quotes. number, true, false, null: its text. container that was
                           parsed: from its opening to its closing bracket, as in the text; else NULL */
    uint32_t n;         /* bytes at p */
    uint32_t span : 27; /* nodes of this value, itself included */
    uint32_t type : 3;  /* enum json_type */
    uint32_t form : 2;  /* enum json_form, of strings and containers */
};

struct json_tape {
    struct json_node *node; /* node[0] is the value, after a parse */
    size_t n, cap;
};

struct json_limits {
    size_t depth; /* containers in containers; 256 in records (JSON_DEPTH); never more than JSON_DEPTH_MOST */
    size_t bytes; /* 64 MiB in records (JSON_BYTES); never more than JSON_BYTES_MOST */
    size_t nodes; /* nodes of one text; 0: as many as bytes allow */
    uint64_t offset; /* of the text in what it is part of: "at byte N" counts from there */
};

enum {
    JSON_DEPTH = 256,
    JSON_DEPTH_MOST = 8192, /* what works on values may call itself so deep */
    JSON_BYTES = 64 << 20,
    JSON_BYTES_MOST = 64 << 20,     /* so that span and n fit */
    JSON_SPAN_MOST = (1 << 27) - 1, /* nodes of one tape */
    JSON_PAD = 64                   /* bytes behind a text that json_parse may read (BUF_PAD gives them) */
};

void json_tape_init(struct json_tape *t);
void json_tape_release(struct json_tape *t);

/* Room for EXTRA more nodes behind t->n; NULL where memory ran out. Moves the nodes. */
struct json_node *json_tape_room(struct json_tape *t, size_t extra);

/*
 * Parses one text: exactly what RFC 8259 calls a JSON text, as UTF-8 without BOM, within the limits. The tape
 * is emptied first. TEXT must be followed by JSON_PAD readable bytes (of any content). Returns 0, or -1 with
 * code `json` or `limit` and "…, at byte N" in the message; *at (if not NULL) is that offset. Lone surrogates
 * written as escapes and duplicate keys are JSON; records refuse them with json_check_record.
 */
int json_parse(struct json_tape *t, struct str text, const struct json_limits *limits, size_t *at,
               struct err *e);

/* The same for the value at the start of TEXT, whatever stands behind it: *AT is the offset behind the value,
 * or of what is wrong. A text longer than limits->bytes is taken up to there. */
int json_parse_first(struct json_tape *t, struct str text, const struct json_limits *limits, size_t *at,
                     struct err *e);

/* The same of a text that was made or kept in a buffer, and is JSON: within the widest limits. -1 also where
 * the buffer failed (`memory`). */
int json_parse_made(struct json_tape *t, const struct buf *text, struct err *e);

/* A copy of TEXT that may be parsed, with JSON_PAD bytes behind it; .p NULL: memory. */
struct str json_padded(struct str text, struct arena *a);

/* Refuses what no record may hold: a key twice in one object (compared as decoded), and a lone surrogate.
 * Linear in the size of the value; no allocation once warm. WORK is kept by the caller from call to call. */
struct json_unique;
struct json_unique *json_unique_new(void);
void json_unique_free(struct json_unique *work);
int json_check_record(const struct json_node *value, struct json_unique *work, struct err *e);

/* json_parse of one of many texts that mostly look alike, as WORK remembers them. *CHECKED: json_check_record
 * would find nothing, and need not be called. */
int json_parse_record(struct json_tape *t, struct str text, const struct json_limits *limits,
                      struct json_unique *work, bool *checked, struct err *e);

/* A number that only objects with the same keys in the same order have, for json_keys_find_alike; 0: not
 * known. OBJECT is one of the outermost of the value that was checked last. */
uint64_t json_alike(const struct json_unique *work, const struct json_node *object);

/* ---- reading ---- */

static inline const struct json_node *json_next(const struct json_node *value)
{
    return value + value->span;
}

static inline const struct json_node *json_value_of(const struct json_node *key)
{
    return key + 1;
}

static inline const struct json_node *json_next_key(const struct json_node *key)
{
    return key + 1 + key[1].span;
}

static inline struct str json_text(const struct json_node *v)
{
    return (struct str){v->p, v->n};
}

static inline bool json_is(const struct json_node *v, enum json_type type)
{
    return v != NULL && v->type == type;
}

static inline bool json_is_bool(const struct json_node *v)
{
    return v != NULL && (v->type == JSON_TRUE || v->type == JSON_FALSE);
}

/* The value of a string node, decoded; points into the node's bytes unless they are JSON_ESCAPED (then into
 * A). .p is NULL where A is full. A lone surrogate decodes to U+FFFD. */
struct str json_string(const struct json_node *string, struct arena *a);

/* Whether a string node (a key) has this value; no allocation. */
bool json_string_is(const struct json_node *string, struct str value);

/* The value of KEY in an object; NULL where it is absent or OBJECT is NULL or no object. Linear: for a known
 * set of keys on many records, use json_keys (keys.h). */
const struct json_node *json_get(const struct json_node *object, struct str key);

/* The same as json_string; .p is NULL also where what is there is no string. */
struct str json_get_string(const struct json_node *object, struct str key, struct arena *a);

/* The i-th value of an array, or NULL. */
const struct json_node *json_at(const struct json_node *array, size_t i);

/* Values in an array, pairs in an object. */
size_t json_count(const struct json_node *container);

/* The value at a JSON Pointer (RFC 6901), or NULL. */
const struct json_node *json_pointer(const struct json_node *root, struct str pointer);

/* Same type and same value: strings compared decoded, objects in any order of keys, numbers by their text. */
bool json_equal(const struct json_node *a, const struct json_node *b);

/* ---- making ---- */

/* Whether a value needs no escape in JSON and no decoding: JSON_CLEAN may be said of it. */
bool json_is_clean(struct str value);

/* A string node over bytes that stay where they are; finds out whether they are clean. */
struct json_node json_string_node(struct str value);

static inline struct json_node json_clean_node(struct str value)
{
    return (struct json_node){
        .p = value.p, .n = (uint32_t)value.n, .span = 1, .type = JSON_STRING, .form = JSON_CLEAN};
}

static inline struct json_node json_number_node(struct str text)
{
    return (struct json_node){.p = text.p, .n = (uint32_t)text.n, .span = 1, .type = JSON_NUMBER};
}

struct json_node json_literal_node(enum json_type type); /* null, true, false */

/* Appends nodes, not those of the same tape; false where memory ran out. json_open appends a container and
 * returns its index (SIZE_MAX: memory), to be closed by json_close when all that it holds was appended. */
bool json_append(struct json_tape *t, const struct json_node *value); /* with all it holds */
size_t json_open(struct json_tape *t, enum json_type type);
void json_close(struct json_tape *t, size_t index);

/* ---- writing (compact: no white space) ---- */

/* Keys in the order that they have, numbers and strings in the spelling that they have (made strings: escaped
 * as RFC 8785 does). */
void json_write(struct buf *out, const struct json_node *value);

/* RFC 8785 for all that canonical data may hold: strings respelled, keys as they stand (json_sort has sorted
 * them); numbers must be integers of at most 2^53-1 in canonical spelling already. */
void json_write_canonical(struct buf *out, const struct json_node *value);

/* Whether the escapes in a JSON text, or in a string node's, are those that json_write_canonical writes. */
bool json_escapes_are_canonical(struct str text);

/* VALUE with the keys of all its objects in the order of RFC 8785 (UTF-16 code units), appended to OUT; false
 * where memory ran out. A value that is in order already is copied as it is. */
bool json_sort(struct json_tape *out, const struct json_node *value);

/* A string with its quotes, escaped as RFC 8785 §3.2.2.2 says; VALUE must be UTF-8. */
void json_write_string(struct buf *out, struct str value);

#endif
