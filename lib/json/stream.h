/*
 * JSON texts that need not fit into memory, value by value: a window slides over the bytes, and each value
 * that is asked for stands in it whole.
 *
 *     struct json_stream in;
 *     json_stream_init(&in, reader);
 *     while ((c = json_stream_peek(&in, &e)) >= 0)                 '[' ',' ']' … are the caller's to step
 * over if (c == '{' && json_stream_value(&in, &limits, &e) == JSON_STREAM_OK) use(in.tape.node);
 *     json_stream_release(&in);
 *
 * A value is parsed where it stands, without looking for its end first. One that does not parse is refused
 * alone where it is sure where it ends, see json_stream_value.
 *
 * Lines end with "\n"; offsets are those of the bytes that the reader gave, from 0.
 */
#ifndef HUB_JSON_STREAM_H
#define HUB_JSON_STREAM_H

#include "base/reader.h"
#include "json/json.h"

struct json_stream {
    struct reader from;
    char *p;
    size_t cap, at, end;   /* p[at..end) is read and not passed over yet */
    uint64_t offset, line; /* of p[at], from 0, and from 1 */
    bool eof;
    struct json_tape tape; /* of the value given last */
    struct str text;       /* its bytes; good until the next call */
};

enum { JSON_STREAM_END = -1, JSON_STREAM_FAILED = -2 };

enum json_stream_got {
    JSON_STREAM_FATAL = -1,
    JSON_STREAM_OK = 1,
    JSON_STREAM_BAD = 2, /* no value, and passed over: `text` has its bytes, or the first of them */
    JSON_STREAM_LONG = 3 /* longer than limits.bytes, and not passed over */
};

void json_stream_init(struct json_stream *s, struct reader from);
void json_stream_release(struct json_stream *s);

/* The next byte (0 to 255) that is no white space, where the stream then stands; JSON_STREAM_END, or
 * JSON_STREAM_FAILED with E filled. */
int json_stream_peek(struct json_stream *s, struct err *e);

/* Passes over the byte that json_stream_peek gave. */
void json_stream_step(struct json_stream *s);

/*
 * The value that starts where json_stream_peek stands, with E about what it is not.
 *
 * JSON_STREAM_BAD is said where the end of a bad value is beyond doubt: its brackets match, its strings are
 * closed, hold no control characters, and stand between brackets, commas and colons, and the rest is made as
 * numbers and words are. So NaN, 01, a bad escape, bytes that are not UTF-8, a comma too many, or nesting
 * that is too deep refuse one value, while a missing quote or bracket, which could make two values of one, is
 * JSON_STREAM_FATAL.
 *
 * FATAL besides: a read error, memory, and an end of the bytes within the value (code `cut_off`).
 */
enum json_stream_got json_stream_value(struct json_stream *s, const struct json_limits *limits,
                                       struct err *e);

/* After JSON_STREAM_LONG: passes over the value, as over a bad one. JSON_STREAM_BAD or JSON_STREAM_FATAL. */
enum json_stream_got json_stream_pass(struct json_stream *s, struct err *e);

#endif
