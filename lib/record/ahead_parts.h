/*
 * Inside of ahead.h: the ring of batches, and the threads that fill them (ahead_read.c), make of their
 * records what can be made (ahead_make.c), and take the records (ahead.c). A batch goes round: it is filled,
 * made, gone through and given back.
 *
 * Where there are makers, a batch holds lines: what is in most records is looked at by one thread alone, in
 * memory that is warm, and only text goes from one to the next. Who takes the records makes some, too, rather
 * than wait for those that others make.
 */
#ifndef HUB_RECORD_AHEAD_PARTS_H
#define HUB_RECORD_AHEAD_PARTS_H

#include <pthread.h>

#include "record/ahead.h"

enum { BATCH_RECORDS = 256, BATCH_LINES = 1024, MAKERS_MOST = 8 };

/* A line that a maker takes apart. */
struct batch_line {
    struct str line;
    uint64_t number;
    struct str made; /* of its record; .p NULL: nothing */
    int made_lines;
    enum record_kind kind;
    size_t kept; /* its record, of which nothing was made: place in the batch's, from 1; 0: it is not there */
};

struct batch {
    struct record record[BATCH_RECORDS];  /* all, or those that were kept */
    struct json_tape tape[BATCH_RECORDS]; /* of each */
    struct batch_line *line;              /* BATCH_LINES; NULL where there are no makers */
    size_t count, kept;                   /* of lines or records; of records that are kept for lines */
    enum record_got ends; /* RECORD_OK: another batch follows; RECORD_BAD: the last record is one (or its line
                             too long), as ERR says; else what comes behind the records */
    struct err err;
    struct arena arena;       /* what had to be decoded */
    struct lines_block block; /* the lines */
    uint64_t bytes, number;   /* read, and lines given, at its end */
    bool made;                /* with the lock: nothing is left to be made of its records */
    struct buf out;           /* what was made of them */
};

struct maker {
    struct ahead *ahead;
    pthread_t thread;
    void *state;         /* of the tool's record_maker */
    struct record_in in; /* takes lines apart */
};

struct ahead {
    struct record_in in; /* the reading thread's own reader */
    int stop[2];         /* a pipe: its other end is closed to end a wait for input */
    struct batch *batch;
    size_t nbatches;
    struct batch *read; /* filled last: its lines are still in in.lines */
    pthread_t thread;   /* that reads */
    const struct record_maker *how;
    struct maker maker[MAKERS_MOST];
    unsigned nmakers; /* that work */
    struct maker own; /* of who takes the records, where there are others: no thread */

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t given_back, was_filled, was_made;
    uint64_t filled, claimed, given; /* batches, since the start: claimed by makers, given back */
    bool stopping, ended;            /* ended: the last one is filled */

    /* of who takes the records */
    size_t at;  /* the next record in the oldest batch */
    bool holds; /* that batch is being gone through */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
};

static inline struct batch *ahead_batch(const struct ahead *a, uint64_t n)
{
    return &a->batch[n % a->nbatches];
}

/* The thread that reads. */
void *ahead_read(void *ahead);

/* With the lock, which is not held meanwhile: makes the next batch that nobody has begun; there is one. */
void ahead_make_next(struct maker *m);

/* Starts as many makers as IN asks for and can be had, and one for who takes the records. */
void ahead_start_makers(struct ahead *a, const struct record_in *in);

/* When they are told to stop, or after the last batch. */
void ahead_end_makers(struct ahead *a);

#endif
