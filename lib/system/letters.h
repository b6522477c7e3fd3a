/*
 * The templates of a run, and what they need: the contract, and the parameters and tables that are given.
 *
 *     struct letters *letters = letters_new(&arguments, &e);
 *     struct template *label = letters_load(letters, "label.zpl", &e);
 *     if (label == NULL) for each of letters_diags(letters) ...        what is wrong in it; none: see E
 *     enum letter done = letters_write(letters, label, &record, &out, &e);
 *     letters_free(letters);                                           the templates, too
 */
#ifndef HUB_SYSTEM_LETTERS_H
#define HUB_SYSTEM_LETTERS_H

#include "canon/template.h"
#include "system/arguments.h"

struct letters;

enum letter {
    LETTER_WRONG = -1, /* the template asks for what the contract does not have: no record can be written */
    LETTER_OK = 0,
    LETTER_REFUSED = 1, /* E says why, and OUT is as it was */
    LETTER_NOTHING = 2  /* no text came of it */
};

/* GIVEN stays the caller's, and must live longer. NULL: E. */
struct letters *letters_new(struct arguments *arguments, struct err *e);
void letters_free(struct letters *l); /* NULL is harmless */

/* The template at PATH, or there on the search path. Good as long as L. */
struct template *letters_load(struct letters *l, const char *path, struct err *e);

/* The same of a text in memory; NAME stands for the file, and its suffix says how values are escaped. */
struct template *letters_load_text(struct letters *l, const char *name, struct str text, struct err *e);

const struct diag_list *letters_diags(const struct letters *l);

/* Appends what T makes of R. */
enum letter letters_write(struct letters *l, struct template *t, const struct record *r, struct buf *out,
                          struct err *e);

/* Names that were given and no template has: -1, code `usage`. */
int letters_check_arguments(const struct letters *l, const struct arguments *arguments, struct err *e);

#endif
