/*
 * How a schema is compiled: what schema_load.c (keywords) and schema_reference.c (files and references)
 * share.
 */
#ifndef HUB_CANON_SCHEMA_LOAD_H
#define HUB_CANON_SCHEMA_LOAD_H

#include "base/config.h"
#include "canon/schema_tree.h"

enum { LOAD_DEPTH_MOST = 64 };

/* What is compiled now: for messages, and to find what it refers to. */
struct load {
    struct contract *contract;
    struct schema_file *file;
    struct err *e;
    char pointer[256]; /* of the schema within the file */
    size_t depth;
};

/* An error of code `config` with the file as its place and the pointer in the message. Returns -1. */
int load_refuse(struct load *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Goes down to what FMT makes of NAME ("/properties/%.*s"); returns what load_leave takes. */
size_t load_enter(struct load *l, const char *fmt, struct str name);
void load_leave(struct load *l, size_t at);

/* Makes PATH the file that is compiled. */
int load_file(struct load *l, struct str path);

/* The schema at a place of the file, compiled when it is met first. NULL: an error. */
struct schema *load_place(struct load *l, const struct config *config);

/* The schema that a $ref names: "#", "#/$defs/NAME", "FILE.json", "FILE.json#/$defs/NAME". */
struct schema *load_reference(struct load *l, struct str ref);

/* Copies what is referred to over all references. */
int load_resolve(struct load *l);

/* x-checks and x-names. */
int load_checks(struct load *l, struct schema *s, const struct config *c);
int load_names(struct load *l, struct schema *s, const struct config *c);

/* Whether ROOT, and what it refers to, has what they name; of the checks, those before END. */
int load_check_names(struct load *l, const struct schema *root, const struct schema_check *end);

/* What {} says, and the keywords of C put into it. */
struct schema *load_new(struct load *l);
int load_compile(struct load *l, struct schema *s, const struct config *c);

#endif
