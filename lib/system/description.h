/*
 * A description as a whole: system.json or a connection, read and checked. Every key is known and has the
 * type that it must have (hub-system.5 lists them), every expression is compiled.
 *
 *     struct description d;
 *     if (description_read(&d, path, KIND_SYSTEM, &arena, &diags, &e) == -1) ...      E has the first of
 * DIAGS const struct json_node *stream = json_get(json_get(description_root(&d), STR("streams")),
 * STR("orders")); const struct text *id = description_text(&d, json_get(stream, STR("id")));
 *     description_release(&d);
 */
#ifndef HUB_SYSTEM_DESCRIPTION_H
#define HUB_SYSTEM_DESCRIPTION_H

#include "system/doc.h"
#include "system/text.h"

struct description {
    struct doc doc;
    struct str folder;  /* where it lies: its files (GraphQL, SQL, texts) are named from there */
    struct text **text; /* by node: what is compiled there, or NULL */
    struct str *query;  /* by node: the text of the file that it names, or absent */
};

/* A system, or an account on one. */
enum description_kind { DESCRIPTION_SYSTEM, DESCRIPTION_CONNECTION };

/* -1: E is the first of what DIAGS has, or why the file cannot be read. Release in any case. */
int description_read(struct description *d, const char *path, enum description_kind kind, struct arena *a,
                     struct diag_list *diags, struct err *e);
void description_release(struct description *d);

static inline const struct json_node *description_root(const struct description *d)
{
    return doc_root(&d->doc);
}

/* What was compiled of a string of the document; NULL: nothing, or NODE is NULL. */
static inline const struct text *description_text(const struct description *d, const struct json_node *node)
{
    return node != NULL && d->text != NULL ? d->text[node - d->doc.tape.node] : NULL;
}

/* The text of the file that NODE names, where its key says that it is part of a call (graphql). */
static inline struct str description_query(const struct description *d, const struct json_node *node)
{
    return node != NULL && d->query != NULL ? d->query[node - d->doc.tape.node] : (struct str){0};
}

/*
 * The value that NODE stands for: its texts with their holes filled, appended to TAPE. 1, 0: absent, -1:
 * refused (E). What is absent drops its key or item; "...": an object gives its members to the one that it
 * stands in, before those that stand behind it.
 */
int description_value(const struct description *d, const struct json_node *node, const struct view *v,
                      struct json_tape *tape, struct err *e);

/* Numbers, lengths of time (milliseconds), sizes (bytes), that were checked; OTHERWISE where NODE is NULL. */
int64_t description_integer(const struct json_node *node, int64_t otherwise);
int64_t description_duration(const struct json_node *node, int64_t otherwise);
int64_t description_size(const struct json_node *node, int64_t otherwise);

/* A plain string; absent where NODE is NULL. Good as long as the description. */
struct str description_string(const struct description *d, const struct json_node *node);

/* "2/s", "100/m", "5000/d": calls for each so many milliseconds. */
bool rate_parse(struct str text, int64_t *calls, int64_t *milliseconds);

#endif
