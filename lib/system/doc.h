/*
 * A description as it was written: JSON in which a line whose first character that is not blank starts "//"
 * is a comment, with the place of every value, so that what is wrong in it is shown with file, line, JSON
 * Pointer and a caret.
 *
 *     struct doc doc;
 *     if (doc_read(&doc, "pipelines/systems/acme/system.json", &arena, &diags, &e) == -1) ...
 *     doc_fault(&doc, node, "must be a text");            "FILE:12:7: /streams/orders/id: must be a text"
 */
#ifndef HUB_SYSTEM_DOC_H
#define HUB_SYSTEM_DOC_H

#include "canon/diag.h"
#include "json/json.h"

struct doc {
    struct source_text source; /* comments blanked */
    struct json_tape tape;     /* node[0] is the whole */
    struct arena *arena;
    struct diag_list *diags;
};

/* -1: the file cannot be read, or is no JSON (then DIAGS has it, too). Release in any case. */
int doc_read(struct doc *d, const char *path, struct arena *a, struct diag_list *diags, struct err *e);
void doc_release(struct doc *d);

static inline const struct json_node *doc_root(const struct doc *d)
{
    return d->tape.node;
}

/* Adds to the diagnostics that something is wrong with a value (or key) of the document. */
void doc_fault(struct doc *d, const struct json_node *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same at the character (from 0) of the decoded value of a string. */
void doc_fault_in(struct doc *d, const struct json_node *string, size_t character, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
