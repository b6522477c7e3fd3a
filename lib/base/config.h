/*
 * Configuration files: JSON in which a line whose first character that is not blank starts "//" is a comment.
 * The only place that knows jansson; what it gives is a read-only tree in an arena. Strings and integers only
 * where numbers are due: a real number is refused, since no configured number has a fraction.
 *
 *     const struct config *c = config_read("pipelines/systems/acme/system.json", &arena, &e);
 *     const struct config *streams = config_get(c, "streams");
 *     for (size_t i = 0; i < streams->count; i++)
 *         use(streams->member[i].key, streams->member[i].value);
 */
#ifndef HUB_BASE_CONFIG_H
#define HUB_BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum config_type { CONFIG_NULL, CONFIG_BOOL, CONFIG_INTEGER, CONFIG_STRING, CONFIG_LIST, CONFIG_OBJECT };

struct config;

struct config_member {
    struct str key; /* of an object, in the file's order; absent in a list */
    const struct config *value;
};

struct config {
    enum config_type type;
    bool truth;
    int64_t integer;
    struct str string;
    const struct config_member *member;
    size_t count;
};

/* NULL: E has PATH:LINE:COLUMN as its place where the text is broken, and the JSON Pointer of the value as
 * its field where it may not be there. Duplicate keys are refused. */
const struct config *config_read(const char *path, struct arena *a, struct err *e);
const struct config *config_parse(struct str text, const char *name, struct arena *a, struct err *e);

/* The member KEY of an object; NULL where C is NULL, no object, or has none. */
const struct config *config_get(const struct config *c, const char *key);

/* The text of a string; absent where C is no string. */
struct str config_string(const struct config *c);

#endif
