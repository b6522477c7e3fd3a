/*
 * What a hub can say of itself: what it holds, what each target lacks, where the reading of streams stands,
 * and the life of one record.
 *
 *     hub_log_entities(hub, row, arg, &e)                      row(arg, &entity) for each
 *     hub_log_find(hub, STR("order"), STR("1001"), row, arg, &e)
 *
 * All return 0, or -1 with E. Texts in rows are good during the call.
 */
#ifndef HUB_HUB_LOG_H
#define HUB_HUB_LOG_H

#include <stdbool.h>

#include "hub/hub.h"

struct hub_log_entity {
    struct str entity;
    int64_t records, deleted, at; /* at: of the newest revision, seconds since 1970 */
};
int hub_log_entities(struct hub *h, void (*row)(void *arg, const struct hub_log_entity *r), void *arg,
                     struct err *e);

/* Of its records, LACKS are not there as they are: those refused on the way, those that are under way, those
 * set aside until the target knows another record, those set aside otherwise, and all that it has not
 * settled. */
struct hub_log_target {
    struct str target, entity;
    int64_t lacks, refused, pending, held, parked;
    int64_t at; /* when it last settled some; 0: never */
};
int hub_log_targets(struct hub *h, void (*row)(void *arg, const struct hub_log_target *r), void *arg,
                    struct err *e);

struct hub_log_bookmark {
    struct str source, stream, checkpoint;
    int64_t at;
};
int hub_log_bookmarks(struct hub *h, void (*row)(void *arg, const struct hub_log_bookmark *r), void *arg,
                      struct err *e);

struct hub_log_record {
    int64_t record; /* its number in the hub */
    struct str entity, id, source, data;
    int64_t revision, revisions, first, at; /* of the newest; how many; when it came, and was last changed */
    /* 0, all of them: the hub holds no state of it, and only knows what targets were given */
};
/* Those of ENTITY that are called NAME, by their id or otherwise; a # before it makes no difference. */
int hub_log_find(struct hub *h, struct str entity, struct str name,
                 void (*row)(void *arg, const struct hub_log_record *r), void *arg, struct err *e);

/* Those that were made from a record. */
int hub_log_made(struct hub *h, int64_t record, void (*row)(void *arg, const struct hub_log_record *r),
                 void *arg, struct err *e);

struct hub_log_state {
    struct str target;
    bool sent, same;   /* it has settled some state of it; that is the one that is */
    bool lacks;        /* it does not have it as it is, for whatever reason */
    bool again;        /* it is to be told of it anew */
    struct str before; /* that state; absent: none, or a deletion */
    int64_t at;        /* when the target was given it, or last settled records of this entity */
    /* Of a target that keeps what it was given of each record: */
    bool left_out, pending; /* it is not told of this state; it is on its way */
    bool deleted;           /* it was told to delete it */
    struct str target_id;   /* what the target calls it; absent: not known */
    /* Why it was set aside, or, where `refused`, did not get there; absent: it was not. Field may be absent
     */
    struct str code, field, message;
    bool refused;
};
/* How each target that takes its entity stands to a record; TARGET: only that one, absent: all. */
int hub_log_states(struct hub *h, const struct hub_log_record *r, struct str target,
                   void (*row)(void *arg, const struct hub_log_state *s), void *arg, struct err *e);

/* What was refused, is still open, and has no target on whose way it was. */
struct hub_log_reject {
    struct str tool, code, field, message; /* field: absent where none is concerned */
    struct str place, source, stream, id, label;
    int64_t at, number; /* number: its own in the hub */
};
/* What was refused of a record: a newer state of it on the way in, or what the hub holds on the way out. */
int hub_log_rejects_of(struct hub *h, const struct hub_log_record *r,
                       void (*row)(void *arg, const struct hub_log_reject *r), void *arg, struct err *e);

/* What is called NAME by its id, its label, or the place where it stands ("orders.csv:7"), and is a record of
 * ENTITY or becomes one. */
int hub_log_rejects(struct hub *h, struct str entity, struct str name,
                    void (*row)(void *arg, const struct hub_log_reject *r), void *arg, struct err *e);

/* What has no name, such as a row that could not be read, and holds NAME as a word. */
int hub_log_rejects_holding(struct hub *h, struct str name,
                            void (*row)(void *arg, const struct hub_log_reject *r), void *arg, struct err *e);

/* Records that TARGET may not have as they are, in the order of entities and ids: hub_log_states says of each
 * how it is. 1; 0: no target is called so. */
int hub_log_lacking(struct hub *h, struct str target, void (*row)(void *arg, const struct hub_log_record *r),
                    void *arg, struct err *e);

struct hub_log_id {
    struct str id, source, target_id;
    int64_t at; /* when the target was told of it last */
};
/* What TARGET calls the records of ENTITY that it has. 1; 0: no target is called so. */
int hub_log_ids(struct hub *h, struct str target, struct str entity,
                void (*row)(void *arg, const struct hub_log_id *r), void *arg, struct err *e);

#endif
