/*
 * Text of any encoding that iconv(3) knows, as UTF-8: a reader over another one, in constant memory.
 *
 *     struct decoder *d = decoder_new(from, "orders.csv", STR("windows-1252"), &e);
 *     use((struct reader){decoder_read, d});
 *     decoder_free(d);
 *
 * Nothing is replaced or left out. Bytes that are no character of the encoding end the reading (code
 * `encoding`) behind all that stands before them, with "NAME:LINE" as the place and the column in the
 * message. Lines end with LF, CRLF or CR; columns are characters, from 1.
 *
 * A byte order mark is dropped. A text that begins with the mark of another encoding than the one that is
 * named is refused, and so is "UTF-16" or "UTF-32" without one, since either order would be a guess.
 */
#ifndef HUB_IO_ICONV_H
#define HUB_IO_ICONV_H

#include "base/reader.h"
#include "base/str.h"

/* UTF-8, however it is spelled: utf8, UTF_8. */
bool encoding_is_utf8(struct str name);

/* Whether iconv reads it. */
bool encoding_is_known(struct str name);

/* The encoding that a byte order mark at the start of a text tells, and the bytes of the mark; absent and 0:
 * there is none. */
struct str encoding_of_mark(struct str start, size_t *mark);

struct decoder;

/* NAME is for the places of errors; it is kept, not copied. NULL: not known (code `usage`), or memory. */
struct decoder *decoder_new(struct reader from, const char *name, struct str encoding, struct err *e);
void decoder_free(struct decoder *d); /* NULL is harmless */

/* struct reader's: ARG is the decoder. */
ssize_t decoder_read(void *arg, char *p, size_t n, struct err *e);

#endif
