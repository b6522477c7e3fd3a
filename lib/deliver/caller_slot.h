/*
 * Inside of the carrier of APIs: what is on its way in one slot.
 */
#ifndef HUB_DELIVER_CALLER_SLOT_H
#define HUB_DELIVER_CALLER_SLOT_H

#include "deliver/caller.h"
#include "deliver/described.h"

enum { STEPS_MOST = 32, KEPT_MOST = 64 << 20 };

enum caller_phase { CALLER_LOOK, CALLER_CALL };

/* What a step gave that others see under its name. */
struct caller_kept {
    struct buf text; /* JSON; empty: nothing */
    bool lasting;    /* by `keep`: it lies in the hub, too */
};

struct caller_slot {
    struct exchange x;
    struct record_in in;
    struct record record;          /* of the parcel; of a batch: of the one at hand */
    struct arena arena;            /* for as long as the parcels */
    struct json_tape data, before; /* what is sent, references resolved */
    struct json_tape tape;         /* scratch */
    struct parcel **parcel;
    size_t n;
    bool batch;
    const struct json_node *call; /* the object that says what to do: has steps, or is a call */
    enum caller_phase phase;
    unsigned op;
    size_t step;
    bool again; /* the step was perhaps made before */
    struct caller_kept kept[STEPS_MOST];
    struct str *key;  /* of a batch: by which results are matched; NULL: by place */
    struct buf items; /* of a batch; of a chain: what lasts, written */
};

struct caller {
    struct carrier carrier;
    struct session session;
    const struct json_node *target;
    struct str step_name[STEPS_MOST]; /* those of all steps of the target */
    size_t nsteps;
    struct str stream; /* of its answers, "easypost:bought"; absent: none */
    unsigned nslots;
    struct caller_slot *slot;
};

static inline const struct description *caller_described(const struct caller *a)
{
    return &a->session.system->described;
}

int caller_slot_init(struct caller_slot *s, struct err *e);
void caller_slot_release(struct caller *a, struct caller_slot *s);

/* Takes the line of a parcel apart, and its references. 1; 0: the parcel has its outcome; -1: E. */
int caller_take(struct caller *a, struct caller_slot *s, struct parcel *p, struct err *e);

/* What expressions see of the parcel. */
void caller_bind(struct caller *a, struct caller_slot *s, const struct parcel *p);

/* What is at hand for expressions: the data, or what it was before the deletion. */
const struct json_node *caller_value(const struct caller_slot *s);

/* Of an update, only the members that are not as they were; what is gone is null. */
int caller_keep_changed(struct caller_slot *s, struct err *e);

/* Keeps of an answer what the step says, or all of it for the steps behind. */
int caller_keep(struct caller *a, struct caller_slot *s, const struct json_node *step, struct err *e);

/* What lasts of it, as pending.kept has it: {"create":{…},"buy":{…}}. */
int caller_write_kept(struct caller *a, struct caller_slot *s, struct parcel *p, struct err *e);
int caller_read_kept(struct caller *a, struct caller_slot *s, const struct parcel *p, struct err *e);

/* The answer into the file that the step says. */
int caller_save(struct caller *a, struct caller_slot *s, const struct json_node *step, struct err *e);

/* The outcome of all parcels by what failed; 1, or -1: the run must end. */
int caller_failed(struct caller *a, struct caller_slot *s, enum carrier_repeat repeat, struct err *e);

/* A text of the description as a text that stays as long as the slot's parcels; absent: it has no value. -1:
 * E. */
int caller_text(struct caller *a, struct caller_slot *s, const struct json_node *node,
                const struct json_node *value, struct str *out, struct err *e);

int caller_start_batch(struct caller *a, struct caller_slot *s, struct err *e);
int caller_finish_batch(struct caller *a, struct caller_slot *s, struct err *e);

#endif
