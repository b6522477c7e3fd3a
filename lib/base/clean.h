/*
 * Text of any origin for a terminal, where bytes that it might obey are shown as \xNN, and for a shell.
 *
 *     buf_put_clean(&line, value);
 */
#ifndef HUB_BASE_CLEAN_H
#define HUB_BASE_CLEAN_H

#include "base/buf.h"
#include "base/str.h"

/* Appends TEXT; C0, DEL, C1 (U+0080 to U+009F), what turns the direction of the text around it (U+202A to
 * U+202E, U+2066 to U+2069), and what is not UTF-8, as \xNN. */
void buf_put_clean(struct buf *out, struct str text);

/* Appends TEXT as one word of the shell (POSIX.1-2017 XCU 2.2), in single quotes where it needs any. */
void buf_put_word(struct buf *out, struct str text);

#endif
