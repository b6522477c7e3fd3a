/*
 * Inside of lib/system: the keys that a description may have, by the kind of object that they stand in. The
 * one table of what system.json is made of.
 */
#ifndef HUB_SYSTEM_KEYS_H
#define HUB_SYSTEM_KEYS_H

#include "base/str.h"

/* Kinds of objects, as bits: a key may stand in several. */
enum kind {
    KIND_SYSTEM = 1 << 0,
    KIND_CONNECTION = 1 << 1,
    KIND_AUTH = 1 << 2,
    KIND_LOGIN = 1 << 3,
    KIND_LIMITS = 1 << 4,
    KIND_ANSWER = 1 << 5,
    KIND_STREAM = 1 << 6,
    KIND_SINCE = 1 << 7,
    KIND_NEXT = 1 << 8,
    KIND_WINDOW = 1 << 9,
    KIND_EACH = 1 << 10,
    KIND_ATTACH = 1 << 11, /* also "one" */
    KIND_STEP = 1 << 12,
    KIND_TARGET = 1 << 13,
    KIND_OPERATION = 1 << 14, /* create, update, delete of a target */
    KIND_LOOK = 1 << 15,
    KIND_TARGET_STEP = 1 << 16,
    KIND_BATCH = 1 << 17,
    KIND_DONE = 1 << 18,
    KIND_FAILED = 1 << 19,
    KIND_FEEDBACK = 1 << 20, /* "answer" of a target */
    KIND_FILE = 1 << 21,     /* of "files" of a target of mail */
    KIND_TARGET_CALL = KIND_TARGET | KIND_OPERATION | KIND_LOOK | KIND_TARGET_STEP,
    KIND_CALL = KIND_LOGIN | KIND_STREAM | KIND_ATTACH | KIND_STEP | KIND_TARGET_CALL
};

enum key_type {
    TYPE_WORD,     /* one of `words`, or any where there are none */
    TYPE_NAME,     /* letters, digits, "_", "-" */
    TYPE_PLAIN,    /* a text as it stands, not empty */
    TYPE_SETTING,  /* a text that may hold ${VAR} and ${file:PATH} */
    TYPE_EXPR,     /* an expression */
    TYPE_TEXT,     /* a text with holes */
    TYPE_VALUE,    /* any JSON, its texts with holes */
    TYPE_RECORDS,  /* an expression; of files (with "format") a JSON Pointer */
    TYPE_POINTER,  /* JSON Pointer */
    TYPE_FILE,     /* of the system's folder */
    TYPE_QUERY,    /* likewise, whose text is a part of the description */
    TYPE_COLUMNS,  /* a list of names, none twice */
    TYPE_COUNT,    /* an integer, 0 or more */
    TYPE_BOOL,     /* true or false */
    TYPE_DURATION, /* "30s" */
    TYPE_SIZE,     /* "64MiB" */
    TYPE_RATE,     /* "2/s" */
    TYPE_PAIR,     /* two texts with holes */
    TYPE_ANY,      /* JSON that others read */
    TYPE_OBJECT    /* an object of the kind `of`; or a text with holes, where `of` is KIND_OPERATION */
};

enum key_many { ONE, LIST, MAP /* an object with names of its own */ };

struct key {
    unsigned in; /* kinds */
    const char *name;
    enum key_type type;
    enum key_many many;
    enum kind of;
    const char *words; /* with a blank between */
};

/* Ended by a row without a name. */
extern const struct key description_keys[];

/* What a bare name can mean in an expression, beside the steps of its stream. */
extern const struct str hub_names[];
extern const size_t hub_names_count;

#endif
