/*
 * hub.db: what the hub knows (hub-db.5). Canonical records with their revisions, in one order of numbers; how
 * far each target has settled them; where the reading of each source stands.
 *
 *     struct hub *hub = hub_open(path, HUB_WRITES, &e);
 *     hub_begin(hub, &e);                        takes the turn of writers: others wait
 *     hub_put(hub, contract, &record, version, &e) …      HUB_REVISED, HUB_UNCHANGED
 *     hub_bookmark(hub, &mark, &e);              in the same transaction
 *     hub_commit(hub, &e);                       on disk when it returns (synchronous=FULL)
 *     hub_close(hub);                            what was not committed is as if it had not been
 *
 * A file is made where it is not there, 0600; an older one is brought to the present form (HUB_WRITES), a
 * newer one is refused by name. Errors as sqlite.h has them, with the file as place, and `config`.
 */
#ifndef HUB_HUB_HUB_H
#define HUB_HUB_HUB_H

#include "base/err.h"
#include "record/record.h"

enum hub_mode {
    HUB_READS,       /* the file must be there; what is read is one state of it, whatever others write */
    HUB_READS_FIRST, /* the same; it may be empty yet: hub_checkpoint alone may be asked of it */
    HUB_WRITES
};

struct contract;
struct hub;

struct hub *hub_open(const char *path, enum hub_mode mode, struct err *e); /* NULL: E */
void hub_close(struct hub *h);                                             /* NULL is harmless */

/* Until hub_look_end or hub_begin, what is asked of the hub is answered from one state of it: asking costs
 * less so. Not to be held where one may have to wait: the write-ahead log grows meanwhile. */
int hub_look(struct hub *h, struct err *e);
void hub_look_end(struct hub *h);

/* ---- writing ---- */

/* Nothing where a transaction is open already. Waits for its turn: writers stand in a queue at the lock of a
 * file beside it (PATH-lock). */
int hub_begin(struct hub *h, struct err *e);
int hub_commit(struct hub *h, struct err *e);
void hub_rollback(struct hub *h);

enum hub_put { HUB_FATAL = -1, HUB_UNCHANGED = 0, HUB_REVISED = 1, HUB_REFUSED = 2 };

/* A canonical record, or the state after a change, becomes the newest revision where it differs from the one
 * that is there; a deletion likewise. What it is made from (`of`) makes no difference. CONTRACT says what it
 * is called by. HUB_REFUSED: no canonical record, or without id or source; else VERSION is that of the state.
 */
enum hub_put hub_put(struct hub *h, struct contract *contract, const struct record *r, char version[65],
                     struct err *e);

/* What a mark says is covered. Of a source: its checkpoint is kept for its stream, if the one before is that
 * of the mark (`after`); else code `bookmark`: another run has moved it. Of changes that were read for a
 * target (hub_changes): all up to there is settled for it. A mark without a checkpoint says nothing. */
int hub_bookmark(struct hub *h, const struct record_mark *mark, struct err *e);

/* ---- reading ---- */

/* The checkpoint of a stream, as JSON text, good until the next call; absent: none. -1: E. */
int hub_checkpoint(struct hub *h, struct str source, struct str stream, struct str *checkpoint,
                   struct err *e);

/* Records of ENTITY, in the order of their revisions: TARGET absent: those that the hub holds; else what
 * TARGET has not settled yet, with the state that it has settled. One reading at a time. */
int hub_select(struct hub *h, struct str entity, struct str target, struct err *e);

struct hub_record {
    int64_t revision;
    struct str id, source;
    struct str data, before; /* JSON text (RFC 8785); absent: there is none */
    struct str of;           /* likewise */
    int64_t v;
};

/* 1: *R, good until the next call; 0: no more; -1. */
int hub_next(struct hub *h, struct hub_record *r, struct err *e);

/* The revision up to which was read so far, of the records that are passed over, too; at first that which the
 * target has settled, 0 where none. */
int64_t hub_read_up_to(const struct hub *h);

/* Up to which number (due.id) the target was told anew of records that it had settled, once all of those were
 * read; 0: of none, or they were not. */
int64_t hub_told_anew(const struct hub *h);

#endif
