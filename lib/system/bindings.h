/*
 * What the bare names and @names of a description's expressions stand for at the moment: since, page, auth,
 * the answers of steps, the variables of the connection.
 *
 *     struct bindings b;
 *     bindings_init(&b);
 *     bindings_set_text(&b, STR("@zone"), STR("America/New_York"));
 *     bindings_set(&b, STR("last"), record);
 *     view.around.names = bindings_object(&b);        one object; good until the next change
 *     bindings_release(&b);
 */
#ifndef HUB_SYSTEM_BINDINGS_H
#define HUB_SYSTEM_BINDINGS_H

#include "json/json.h"

enum { BINDINGS_MOST = 320 };

struct binding {
    struct str name; /* the caller's: it must live as long as the bindings */
    struct buf text;
    struct json_tape tape;
    bool set;
};

struct bindings {
    struct binding binding[BINDINGS_MOST];
    size_t n;
    struct json_tape object;
    struct json_node key[BINDINGS_MOST];
    bool stale, failed; /* failed: memory, or a value too large */
};

void bindings_init(struct bindings *b);
void bindings_release(struct bindings *b);

/* The value is copied. NULL unsets. */
void bindings_set(struct bindings *b, struct str name, const struct json_node *value);
void bindings_set_text(struct bindings *b, struct str name, struct str text);
void bindings_set_count(struct bindings *b, struct str name, uint64_t count);

/* NULL: it is not set. Good until it is set again. */
const struct json_node *bindings_get(const struct bindings *b, struct str name);

/* NULL: something failed. */
const struct json_node *bindings_object(struct bindings *b);

#endif
