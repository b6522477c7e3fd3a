#include "record/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"

/* A batch ends at either; a tape that one record made larger than TAPE_KEPT nodes is given back. */
enum { BATCHES = 3, RECORDS = 256, BATCH_BYTES = 256 << 10, TAPE_KEPT = 8 << 10 };

struct batch {
    struct record record[RECORDS];
    struct json_tape tape[RECORDS]; /* of each record */
    size_t count;
    enum record_got ends; /* RECORD_OK: another batch follows; RECORD_BAD: the last record is one, as ERR
                             says; else what comes behind the records */
    struct err err;
    struct arena arena;       /* what had to be decoded */
    struct lines_block block; /* the lines */
    uint64_t bytes, number;   /* read, and lines given, at its end */
};

struct ahead {
    struct record_in in; /* the thread's own reader */
    int stop[2];         /* a pipe: its other end is closed to end a wait for input */
    struct batch batch[BATCHES];
    struct batch *filled; /* by the thread before: its lines are still in in.lines */

    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    size_t ready; /* batches that are filled and not given back */
    bool stopping;

    /* of who takes the records */
    size_t first; /* the oldest ready batch */
    size_t at;    /* the next record in it */
    bool holds;   /* the batch at `first` is being gone through */
    int (*idle)(void *arg, struct err *e);
    void *idle_arg;
};

/* ---- the thread ---- */

/* Waits for input, or for the end of the wait; then there is nothing more to read. */
static ssize_t read_input(void *arg, char *p, size_t n, struct err *e)
{
    struct ahead *a = arg;
    struct fd_reader file = {.fd = a->in.lines.fd};
    struct pollfd either[] = {{.fd = file.fd, .events = POLLIN}, {.fd = a->stop[0], .events = POLLIN}};
    while (a->in.lines.polls && poll(either, 2, -1) == -1)
        if (errno != EINTR)
            return err_errno(e, "poll");
    return either[1].revents != 0 ? 0 : fd_reader_read(&file, p, n, e);
}

/* The first record of a batch may have to be read, and those before it are given by then. */
static int read_first(struct ahead *a, struct record *r, struct err *e)
{
    a->in.lines.holds = false;
    int got = record_next(&a->in, r, e);
    a->in.lines.holds = true;
    return got;
}

static void empty(struct batch *b)
{
    arena_reset(&b->arena);
    for (size_t i = 0; i < b->count; i++)
        if (b->tape[i].cap > TAPE_KEPT)
            json_tape_release(&b->tape[i]);
    b->count = 0;
    b->ends = RECORD_OK;
    b->err = (struct err){0};
}

static void fill(struct ahead *a, struct batch *b)
{
    struct record_in *in = &a->in;
    empty(b);
    if (a->filled != NULL && lines_renew(&in->lines, &a->filled->block, &b->err) == -1) {
        b->ends = RECORD_FATAL;
        return;
    }
    a->filled = b;
    in->arena = b->arena;
    int got = RECORD_OK;
    for (size_t bytes = 0; got == RECORD_OK && b->count < RECORDS && bytes < BATCH_BYTES;) {
        struct record *r = &b->record[b->count];
        in->tape = b->tape[b->count];
        got = b->count == 0 ? read_first(a, r, &b->err) : record_next(in, r, &b->err);
        b->tape[b->count] = in->tape;
        if (got == RECORD_OK || got == RECORD_BAD) {
            b->count++;
            bytes += r->line.n;
        }
    }
    b->arena = in->arena;
    b->ends = got == RECORD_HELD ? RECORD_OK : (enum record_got)got;
    b->bytes = in->lines.bytes;
    b->number = in->lines.number;
}

static void *run(void *arg)
{
    struct ahead *a = arg;
    for (size_t next = 0;; next = (next + 1) % BATCHES) {
        pthread_mutex_lock(&a->lock);
        while (a->ready == BATCHES && !a->stopping)
            pthread_cond_wait(&a->changed, &a->lock);
        bool stopping = a->stopping;
        pthread_mutex_unlock(&a->lock);
        if (stopping)
            return NULL;
        struct batch *b = &a->batch[next];
        fill(a, b);
        bool last = b->ends == RECORD_END || b->ends == RECORD_FATAL;
        pthread_mutex_lock(&a->lock);
        a->ready++;
        pthread_cond_signal(&a->changed);
        pthread_mutex_unlock(&a->lock);
        if (last)
            return NULL;
    }
}

/* ---- who takes the records ---- */

static void release(struct ahead *a)
{
    for (size_t i = 0; i < BATCHES; i++) {
        for (size_t k = 0; k < RECORDS; k++)
            json_tape_release(&a->batch[i].tape[k]);
        arena_release(&a->batch[i].arena);
        free(a->batch[i].block.p);
    }
    a->in.tape = (struct json_tape){0};
    a->in.versions = NULL;
    arena_init(&a->in.arena, 0);
    record_in_release(&a->in);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->changed);
    for (int i = 0; i < 2; i++)
        if (a->stop[i] != -1)
            close(a->stop[i]);
    free(a);
}

static bool make_pipe(int ends[2])
{
    if (pipe(ends) == -1) {
        ends[0] = ends[1] = -1;
        return false;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

struct ahead *ahead_start(struct record_in *in)
{
    struct err e;
    struct ahead *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    if (!make_pipe(a->stop) || record_in_init(&a->in, RECORD_MARKS_IGNORED, &e) == -1) {
        close(a->stop[0]);
        close(a->stop[1]);
        free(a);
        return NULL;
    }
    for (size_t i = 0; i < BATCHES; i++)
        arena_init(&a->batch[i].arena, a->in.arena.max);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    a->in.lines = in->lines;
    a->in.lines.idle = NULL;
    a->in.lines.from = (struct reader){read_input, a};
    a->in.name = in->name;
    a->in.versions = in->versions; /* which IN does not use meanwhile */
    a->idle = in->lines.idle;
    a->idle_arg = in->lines.idle_arg;
    bool started = thread_start(&a->thread, run, a);
    *(started ? &in->lines : &a->in.lines) = (struct lines){.fd = -1, .max = LINES_MOST, .eof = true};
    if (started)
        return a;
    release(a);
    return NULL;
}

/* Waits for the next batch; before it has to, what was written so far is shown. */
static int await(struct ahead *a, struct err *e)
{
    pthread_mutex_lock(&a->lock);
    bool waits = a->ready == 0;
    pthread_mutex_unlock(&a->lock);
    if (waits && a->idle != NULL && a->idle(a->idle_arg, e) == -1)
        return -1;
    pthread_mutex_lock(&a->lock);
    while (a->ready == 0)
        pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
    a->holds = true;
    a->at = 0;
    return 0;
}

static void give_back(struct ahead *a)
{
    a->first = (a->first + 1) % BATCHES;
    a->holds = false;
    pthread_mutex_lock(&a->lock);
    a->ready--;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->lock);
}

enum record_got ahead_next(struct ahead *a, struct record *r, struct err *e)
{
    for (;;) {
        if (!a->holds && await(a, e) == -1)
            return RECORD_FATAL;
        const struct batch *b = &a->batch[a->first];
        bool over = a->at == b->count;
        if (!over) {
            *r = b->record[a->at++];
            if (a->at < b->count || b->ends != RECORD_BAD)
                return RECORD_OK;
        }
        if (over && (b->ends == RECORD_OK || b->ends == RECORD_BAD)) {
            give_back(a);
            continue;
        }
        if (b->ends != RECORD_END)
            *e = b->err;
        return over ? b->ends : RECORD_BAD;
    }
}

uint64_t ahead_bytes(const struct ahead *a)
{
    return a->holds ? a->batch[a->first].bytes : 0;
}

uint64_t ahead_number(const struct ahead *a)
{
    const struct batch *b = &a->batch[a->first];
    return a->at > 0 && a->at < b->count ? b->record[a->at - 1].number : b->number;
}

void ahead_stop(struct ahead *a)
{
    if (a == NULL)
        return;
    pthread_mutex_lock(&a->lock);
    a->stopping = true;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->lock);
    close(a->stop[1]);
    a->stop[1] = -1;
    pthread_join(a->thread, NULL);
    release(a);
}
