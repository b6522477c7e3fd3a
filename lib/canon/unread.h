/*
 * What of native records no rule reads or skips: a new column of an export is noticed, not lost in silence.
 *
 *     struct unread *u = unread_new(false);
 *     unread_program(u, program);                              each that reads the stream
 *     for each record: if (unread_look(u, data, alike) > 0) …  fields of it with a value that is not read
 *     while (unread_next(u, &at, &field)) …                    all that were seen, counted
 *     unread_free(u);
 *
 * A field is a key of an object; items of lists are told apart only by the rules: what takes one by its
 * number or by a pair ([.key == "literal"]) reads no other. A rule that takes an object or a list as a whole
 * reads all that is in it; one that goes into an object reads nothing of a value that is none. Null, an empty
 * text, an empty list and an empty object are no values: nothing is lost with them.
 */
#ifndef HUB_CANON_UNREAD_H
#define HUB_CANON_UNREAD_H

#include "canon/code.h"

struct unread;

struct unread_field {
    struct str path;  /* as maps spell it */
    uint64_t records; /* that have a value there */
};

/* A value of the record that was looked at last, and where it stands (RFC 6901). */
struct unread_value {
    struct str pointer;
    const struct json_node *value;
};

/* KEEP: the values are kept for unread_values. NULL: memory. */
struct unread *unread_new(bool keep);
void unread_free(struct unread *u);

/* Takes note of all that PROGRAM, which reads native records, reads and skips. False: memory. */
bool unread_program(struct unread *u, const struct program *program);

/* How many fields of RECORD have a value that is not read. ALIKE: see json_alike. -1: memory. */
int unread_look(struct unread *u, const struct json_node *record, uint64_t alike);

/*
 * Several may look at the records of an input, each at some of them. All but one are helpers: what one has
 * not met before it leaves, with the whole record, to the one that is no helper and looks at those in their
 * order. So that one meets each field where the first record has it; what helpers counted is joined to it at
 * the end.
 */
enum { UNREAD_LEFT = -2 }; /* what unread_look of a helper returns then; nothing was counted */
void unread_be_helper(struct unread *u);
void unread_join(struct unread *u, const struct unread *helper);

/* How many values of the last record are not read; they are good until the next look. */
size_t unread_values(const struct unread *u, const struct unread_value **values);

/* The first unread field of the last record (it had one), as maps spell it. */
struct str unread_first(const struct unread *u);

/* The fields in the order in which they were met. *AT starts as 0. False: no more. */
bool unread_next(const struct unread *u, size_t *at, struct unread_field *field);

/* How many records have a value in fields beyond those that are told apart. */
uint64_t unread_beyond(const struct unread *u);

#endif
