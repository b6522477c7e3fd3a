/*
 * Inside of lib/hub.
 */
#ifndef HUB_HUB_OPEN_H
#define HUB_HUB_OPEN_H

#include <stdbool.h>

#include "hub/hub.h"
#include "io/sqlite.h"

/* Entities, sources and targets have small numbers; those that were met are remembered. */
enum hub_name_kind { HUB_ENTITY, HUB_SOURCE, HUB_TARGET, HUB_NAME_KINDS };

struct hub_name {
    struct str name;
    int64_t id;
    enum hub_name_kind kind;
};

struct hub {
    struct sqlite *db;
    char *path;
    int lock; /* of the file beside it; -1: not held */
    bool changing, looking;
    bool reads;            /* one state, as long as it is open */
    bool empty;            /* HUB_READS_FIRST: it is being made */
    int64_t next_revision; /* of the transaction */
    bool asked_open;       /* in this transaction, whether there is anything to close: 1, 0, or -1 */
    int open_rejects, open_warnings;
    struct arena arena; /* of names */
    struct hub_name *name;
    size_t nnames, room;
    size_t last; /* the name that was asked for last */
    struct record_work work;
    struct arena scratch;
    struct buf text, of;
    /* of the reading: first what is told anew, then the rest; and what asks for the state that the target has
       of a record, for state_of: the target; 0: it has none of any */
    struct sqlite_statement *telling_anew, *reading, *state_before;
    int64_t settled, read_up_to, state_of;
    int64_t anew;            /* the number up to which was told anew; 0: nothing was */
    bool for_target, ledger; /* ledger: the target has one */
};

/* The number of NAME; 0: it has none yet, and none is made; -1: E. */
int64_t hub_name_id(struct hub *h, enum hub_name_kind kind, struct str name, bool make, struct err *e);

/* NAME is what people, or a target, call the record whose source calls it ID; absent: nothing. */
int hub_put_identity(struct hub *h, int64_t record, struct str name, struct str id, struct err *e);

/* The number that the next revision of this transaction will have; -1: E. */
int64_t hub_next_revision(struct hub *h, struct err *e);

/* SQL: the numbers of the records that are called NAME (an expression), by their id or otherwise. People
 * write a # before a number, or leave it out. */
#define HUB_SPELLINGS(name) "(" name ", ltrim(" name ", '#'), '#' || " name ")"
#define HUB_CALLED(name)                                                                                     \
    "(SELECT id FROM record WHERE name IN " HUB_SPELLINGS(name) " UNION SELECT record FROM identity WHERE "  \
                                                                "name IN " HUB_SPELLINGS(name) ")"

/* Brings the file to the present form. */
int hub_migrate(struct hub *h, struct err *e);

/* 1; 0: it is empty, or is being made; -1: of a newer or older hub, or of none. */
int hub_check_form(struct hub *h, struct err *e);

/* Up to which revision TARGET has settled ENTITY; 0: nothing. -1: E. */
int64_t hub_settled(struct hub *h, struct str entity, struct str target, struct err *e);

#endif
