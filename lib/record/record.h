/*
 * The lines that flow between the tools: one JSON object a line, told apart by their keys (hub-record.5).
 *
 *     struct record_in in;
 *     struct record r;
 *     record_in_init(&in, RECORD_MARKS_AS_FOUND, &e);
 *     record_in_open(&in, fd, "orders.ndjson");
 *     while ((got = record_read(&in, &r, &e)) == RECORD_OK || got == RECORD_BAD)
 *         ...
 *
 * Four different answers: a record, a bad record (E says why, r.line holds it, and what was understood of it
 * is there; reading can go on), the end of this input, and a fatal error. Everything in a struct record
 * points into the line or into the reader, and is good until the next record_read.
 *
 * A reject (record/reject.h) is read as the input that it holds, byte for byte, by whoever reads records; its
 * `from` is that of a record that has none of its own. An empty line (no byte in it) is passed over and
 * counts as nothing.
 *
 * A wrong envelope is code `record`, with the JSON Pointer of the key as e->field. Canonical records and
 * changes may have no key that they do not know; other kinds may, and it is ignored.
 */
#ifndef HUB_RECORD_RECORD_H
#define HUB_RECORD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/lines.h"
#include "json/json.h"
#include "json/keys.h"

/* In the order in which they are told apart. */
enum record_kind {
    RECORD_MARK,     /* n, checkpoint?, after?, end?, source?, stream?: eaten by record_read, see
                        record_in.on_mark */
    RECORD_RECEIPT,  /* status, target, target_id?, op?, version?, error?, entity, id, source */
    RECORD_NATIVE,   /* data | deleted | op, from?, id?, label?, source, stream; made by hub-canon -R also
                        entity?, version?, part?, op?, before?, after?, was? of what it was made from */
    RECORD_CHANGE,   /* op, before?, after?, changed?, entity, id, source, v, of?, target? */
    RECORD_CANONICAL /* data | deleted, entity, id, source, of?, v */
};

/* An absent text has .p == NULL; an absent value is NULL. */
struct record {
    enum record_kind kind;
    struct str line;              /* the bytes as they came (of a reject: of the input that it holds) */
    const struct json_node *root; /* the whole object */
    struct str source, stream, entity, id, label, op, version, from, status, target, target_id;
    /* target: of a receipt, and of a change that was read for one */
    struct str was;                                /* the version of what `before` was made from */
    const struct json_node *data, *before, *after; /* objects */
    const struct json_node *changed, *of;          /* arrays */
    uint64_t data_alike;                           /* json_alike of data */
    struct str data_version;       /* if data is canonical as it stands; absent where it was not asked for */
    const struct json_node *error; /* of a receipt */
    bool deleted;
    bool cut;          /* a line over the limit: `line` is only its beginning */
    int64_t v;         /* 0 where absent */
    int64_t part;      /* of several native records that one was made into: from 0 */
    const char *input; /* name of the file, for messages */
    uint64_t number;   /* line in it, from 1 */
    struct str made; /* lines that were made of it while it was read ahead (record_maker): then only its kind,
                        line, input and number are there. Absent: none were, and all is still to be done */
    int made_lines;  /* how many they are */
};

/* What is made of records by several threads at once, while they are read ahead; each has a state of its own.
 * A record of which nothing was made is as it would be without. */
struct record_maker {
    /* On the thread that calls record_read, as END is. NULL: no (more) threads make anything. */
    void *(*start)(void *arg);
    /* Appends lines to OUT: how many, or -1: who reads the record does what is due, says what is to be said,
     * and counts. */
    int (*make)(void *state, const struct record *r, struct buf *out);
    void (*end)(void *state);
    void *arg;
};

/* What the record is now: its data, or what a change leads to. NULL: a deletion. */
static inline const struct json_node *record_state(const struct record *r)
{
    return r->data != NULL ? r->data : r->after;
}

enum record_got { RECORD_FATAL = -1, RECORD_END = 0, RECORD_OK = 1, RECORD_BAD = 2 };

enum record_marks { RECORD_MARKS_AS_FOUND, RECORD_MARKS_REQUIRED, RECORD_MARKS_IGNORED };

struct record_mark {
    uint64_t n;                         /* record lines since the previous mark */
    const struct json_node *checkpoint; /* NULL: none */
    const struct json_node *after;      /* the checkpoint before that one; NULL: none */
    struct str source, stream;
    bool end;
};

struct record_in {
    struct lines lines;
    const char *name;
    enum record_marks marks;
    struct json_tape tape;
    struct json_limits limits;
    struct json_unique *unique;
    struct json_keys *keys;
    uint64_t alike;               /* json_alike of the last envelope */
    uint32_t present;             /* which of the keys it has */
    struct arena arena;           /* reset with each record: what had to be decoded */
    uint64_t since_mark, records; /* record lines since the last mark, and in all */
    uint64_t bytes;               /* of finished inputs */
    uint64_t number;              /* of the line given last */
    uint64_t ahead_from;          /* bytes of an input from which on it is read ahead on a second thread */
    struct ahead *ahead;          /* which does so now, or NULL */
    unsigned makers;              /* how many threads may make what MAKER makes, beside the one that calls
                                     record_read; at most 8 do */
    const struct record_maker *maker; /* or NULL; to be set before the first record_read */
    bool seen_mark, seen_end;
    struct digest
        *versions; /* makes the data_version of canonical records that this reader takes apart; or NULL */
    /* Called for each mark, before the next record is given; the nodes are good during the call. -1 with E
     * filled ends the reading. May be NULL. */
    int (*on_mark)(void *arg, const struct record_mark *mark, struct err *e);
    void *mark_arg;
};

/* Reads ahead nowhere: see ahead_from. -1: memory. */
int record_in_init(struct record_in *in, enum record_marks marks, struct err *e);
void record_in_release(struct record_in *in);

/* Records have a data_version from now on, where their data may be canonical and libcrypto is there. */
void record_in_versions(struct record_in *in);

/* Starts reading another input: takes FD, keeps NAME (for as long as records of it are in use). */
void record_in_open(struct record_in *in, int fd, const char *name);

/* Bytes of all inputs that were read so far. */
uint64_t record_in_bytes(const struct record_in *in);

/* RECORD_END: this input has ended well. With RECORD_MARKS_REQUIRED, or where a mark was seen in it, an input
 * without its end mark, with lines behind it, or with a wrong count is RECORD_FATAL with code `cut_off`. E
 * carries place "NAME:LINE". A line over 64 MiB is RECORD_BAD with code `limit`. */
enum record_got record_read(struct record_in *in, struct record *r, struct err *e);

/* Takes apart one line that is in memory (JSON_PAD readable bytes behind it). RECORD_OK or RECORD_BAD; a mark
 * is RECORD_OK with its kind and root. R keeps the input and number that it has. */
enum record_got record_of_line(struct record_in *in, struct str line, struct record *r, struct err *e);

/* Takes apart a mark that record_of_line gave; good as long as that. */
int record_mark_of(struct record_in *in, const struct record *r, struct record_mark *mark, struct err *e);

/* Scratch for record_version, warm after the first call. */
struct record_work {
    struct json_tape sorted;
    struct buf bytes;
};

void record_work_init(struct record_work *work);
void record_work_release(struct record_work *work);

/* Lower-case hex SHA-256 (64 bytes and a NUL) of the RFC 8785 bytes of DATA (in any order of keys), or of
 * {"deleted":true} where DATA is NULL: the version of a record. */
int record_version(char out[65], const struct json_node *data, struct record_work *work, struct err *e);

/* That of what the record is now; its bytes are in WORK then, where it is no deletion. Nothing is digested
 * twice where R has a data_version. */
int record_version_of(char out[65], const struct record *r, struct record_work *work, struct err *e);

/* The same of DATA whose keys stand in order already, as the contract made it of what R has. */
int record_version_sorted(char out[65], const struct record *r, const struct json_node *data,
                          struct record_work *work, struct err *e);

#endif
