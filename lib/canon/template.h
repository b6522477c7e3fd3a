/*
 * Templates: text with the expressions of the map language in it (hub-template.5), written once for each
 * record. Values are escaped as the suffix of the template's file demands (escape.h).
 *
 *     struct template *letter = template_load(maps, "order.html", &e);
 *     if (letter == NULL) for each of map_set_diags(maps) ...          all that is wrong, each with its place
 *     if (template_check(letter, STR("order"), &e) == -1) ...          likewise: names that no order has
 *     if (template_write(letter, &record, &out, &e) == -1) ...         refused, and nothing appended
 *     template_free(letter);
 *
 * A template belongs to a set of maps: its parameters, its tables, and the files that it includes are found
 * as those of maps are; the set must live longer. It needs no map in it. Nothing is allocated per record once
 * warm.
 */
#ifndef HUB_CANON_TEMPLATE_H
#define HUB_CANON_TEMPLATE_H

#include "canon/map.h"

struct template;

enum {
    TEMPLATE_BYTES = 16 << 20, /* of a template's file */
    TEMPLATE_WRITES = 64 << 20 /* bytes that one record may become */
};

/* NULL: E, and where the template is wrong all errors in map_set_diags. A suffix that is not known is code
 * `config`. */
struct template *template_load(struct map_set *maps, const char *path, struct err *e);

/* The same of a text in memory, which is copied; NAME stands for the file, and says the suffix. */
struct template *template_load_text(struct map_set *maps, const char *name, struct str text, struct err *e);
void template_free(struct template *t);

/* Whether the contract of ENTITY has all the fields that bare names ask for. -1: E has the first that it has
 * not, map_set_diags all. Each entity is asked once. */
int template_check(struct template *t, struct str entity, struct err *e);

/* Whether it asks for .op or .before, and so knows what a deletion is. */
bool template_tells_deletions(const struct template *t);

/* Appends what the template makes of a native record, a canonical one or a change. -1: refused, with code,
 * message, and the place in the template in it; OUT is as it was. */
int template_write(struct template *t, const struct record *r, struct buf *out, struct err *e);

#endif
