/*
 * The functions of the map language: one table. Arguments are code, run by the function itself, since some
 * are asked only when another one says so (if), or once for each item of a list (sum).
 */
#ifndef HUB_CANON_FUNCTION_H
#define HUB_CANON_FUNCTION_H

#include "canon/code.h"

struct machine;

enum function_gives {
    GIVES_VALUE,
    GIVES_NUMBER,
    GIVES_ITEMS,    /* those of argument 0, as they are */
    GIVES_ARGUMENT, /* its arguments from the second on, one of them or asked in each item, as they are */
};

struct function {
    const char *name;
    unsigned least, most; /* arguments */
    unsigned lists;       /* bit i: argument i may be many values */
    bool each;            /* argument 1 is asked in the scope of each item of argument 0 */
    bool asks;            /* of argument 0 only whether it is there, or how often */
    enum function_gives gives;
    /* NULL: absent, or refused (m->err has a code). */
    const struct json_node *(*run)(struct machine *m, const struct code *call);
};

/* NULL: no function of that name. */
const struct function *function_find(struct str name);

/* Those that ask of the answer to a call (expr.h), which only expressions of system.json know. */
const struct function *function_find_answer(struct str name);

/* function_list.c */
const struct json_node *function_sort(struct machine *m, const struct code *call);
const struct json_node *function_each(struct machine *m, const struct code *call);
const struct json_node *function_allocate(struct machine *m, const struct code *call);

/* The table, ended by a row without a name. */
extern const struct function function_table[];

#endif
