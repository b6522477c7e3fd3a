/*
 * Texts of a description: an expression of the map language, or a text with {EXPR} holes.
 *
 *     struct text *t = text_new(&doc, node, TEXT_HOLES, &names, &e);
 *     const struct json_node *value = text_value(t, &view, &e);
 *     text_free(t);
 *
 * A text that is one hole has the type of its value; of any other each hole must have a value that is no list
 * or object. A hole that gives many values is a list of them. Where one is absent, the whole is. "\{", "\}"
 * and "\\" are braces and a backslash of their own. A number that was reckoned is a JSON number.
 */
#ifndef HUB_SYSTEM_TEXT_H
#define HUB_SYSTEM_TEXT_H

#include "canon/expr.h"
#include "system/doc.h"

struct text;

enum text_kind { TEXT_EXPR, TEXT_HOLES };

/* What a text is run on. */
struct view {
    const struct json_node *value; /* at hand: `.` */
    struct expr_around around;
    struct arena *arena;
};

enum {
    TEXT_OUTER = 4 /* values around the one at hand that ^ reaches; where there are fewer, the outermost
                      stands for more */
};

/* NULL: told to the document's diagnostics; where these have nothing new, memory ran out. */
struct text *text_new(struct doc *d, const struct json_node *string, enum text_kind kind,
                      const struct expr_names *names);
void text_free(struct text *t);

/* NULL: absent, or refused (E filled). Good as long as the view's arena, and until the text is run again. */
const struct json_node *text_value(const struct text *t, const struct view *v, struct err *e);

/* The value as a text; .p NULL: absent, null, or refused. */
struct str text_string(const struct text *t, const struct view *v, struct err *e);

/* The same for a URL: what is put into its path is percent-encoded (RFC 3986 §2.1: all but the unreserved); a
 * hole that it starts with, and those of its host, are taken as they are. */
struct str text_url(const struct text *t, const struct view *v, struct err *e);

/* The expression of a text that is one; NULL of any other. */
struct expr *text_expr(const struct text *t);

/* A condition: -1 refused, 0, 1. */
int text_test(const struct text *t, const struct view *v, struct err *e);

/* Appends TEXT, all but the unreserved characters as %XX. */
void put_percent(struct buf *out, struct str text);

#endif
