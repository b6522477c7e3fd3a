/*
 * Inside of record.h: reads and takes apart records on a second thread, while the first one works on those
 * before them; or reads lines there, which others take apart, and make of their records what can be made
 * before they are taken. They come in batches of what one read gave, so that a record never waits for bytes
 * behind it, and the memory for a fixed number of batches is all that is taken.
 *
 *     struct ahead *ahead = ahead_start(&in);              takes in->lines over
 *     while ((got = ahead_next(ahead, &record, &e)) == RECORD_OK) ...
 *     ahead_stop(ahead);
 */
#ifndef HUB_RECORD_AHEAD_H
#define HUB_RECORD_AHEAD_H

#include "record/record.h"

struct ahead;

/* Answers beside those of enum record_got. */
enum { RECORD_HELD = 3, RECORD_LINE };

/* NULL: neither memory nor a thread was to be had; IN is as it was. */
struct ahead *ahead_start(struct record_in *in);

/* As record_read gives it, but that marks are records like all others and the end is not judged. What it
 * points to is good until the next call. RECORD_LINE: a line of which nothing was made, not taken apart. */
int ahead_next(struct ahead *a, struct record *r, struct err *e);

/* Of the input: bytes read by the time of the record given last, and its lines, when it has ended. */
uint64_t ahead_bytes(const struct ahead *a);
uint64_t ahead_number(const struct ahead *a);

/* At any time, even while the thread waits for input that never comes. Closes the input. May be NULL. */
void ahead_stop(struct ahead *a);

/* The next record of IN's own lines, by the same rules: what the thread does, and who has none; or its line
 * alone. RECORD_HELD: the next line has to be read first (lines.holds). */
int record_next(struct record_in *in, struct record *r, struct err *e);
int record_next_line(struct record_in *in, struct record *r, struct err *e);

#endif
