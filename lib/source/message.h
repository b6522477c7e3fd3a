/*
 * What the formats of taps and connectors share: a message a line, a JSON object with its `type`, about
 * streams that are told apart by name.
 *
 *     struct messages m;
 *     messages_init(&m, input, options, &e);
 *     while ((got = messages_next(&m, &item, &e)) == SOURCE_OK || got == SOURCE_BAD)
 *         use(m.message, m.type);                 good until the next one
 *     messages_release(&m);
 */
#ifndef HUB_SOURCE_MESSAGE_H
#define HUB_SOURCE_MESSAGE_H

#include "base/lines.h"
#include "source/source.h"
#include "source/value.h"
#include "json/json.h"

struct message_stream {
    struct str name;
    struct str keys_text; /* of Singer: key_properties as it came; absent: there was no SCHEMA */
    struct str *keys;
    size_t nkeys;
    bool told;                          /* a person knows that it is left out */
    bool started, complete, incomplete; /* of Airbyte: what its status said */
};

struct messages {
    const char *name; /* of the input */
    struct str pick;  /* the only stream that is wanted; absent: all are */
    struct lines lines;
    struct value_reader value;
    struct arena arena, kept; /* of one message; of the streams */
    struct message_stream *stream;
    size_t nstreams, cap;
    const struct json_node *message; /* an object */
    struct str type;
    struct buf text; /* for a note or a checkpoint */
};

/* -1: memory; to be released in any case. */
int messages_init(struct messages *m, const struct input *input, const struct source_options *o,
                  struct err *e);
void messages_release(struct messages *m);

/* SOURCE_OK, SOURCE_BAD (a line that is no message), SOURCE_END, SOURCE_FATAL: also where the last line is
 * cut off. */
enum source_got messages_next(struct messages *m, struct source_item *item, struct err *e);

/* A text of OBJECT; absent where it is none. */
struct str message_text(struct messages *m, const struct json_node *object, struct str key);

/* The stream of that name, a new one where there is none; NULL: E. */
struct message_stream *messages_stream(struct messages *m, struct str name, struct err *e);

/* SOURCE_LEFT_OUT, with a note the first time. */
enum source_got messages_leave_out(struct messages *m, struct message_stream *s, struct source_item *item);

/* SOURCE_OK: the record of S was appended to DATA; SOURCE_BAD. */
enum source_got messages_give(struct messages *m, const struct message_stream *s,
                              const struct json_node *record, struct source_item *item, struct buf *data,
                              struct err *e);

/* SOURCE_BAD, with the place of the message. E is filled but for that. */
enum source_got messages_refuse(const struct messages *m, const struct source_item *item, struct err *e);

/* SOURCE_BAD of a type that may hold records, for all that is known. */
enum source_got messages_unknown(const struct messages *m, const struct source_item *item, struct err *e);

/* SOURCE_MARK with what m->text holds. */
enum source_got messages_mark(struct messages *m, struct source_item *item, struct err *e);

#endif
