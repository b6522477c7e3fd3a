#include "record/ahead.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/thread.h"
#include "record/ahead_parts.h"

enum {
    BATCHES = 3,
    BATCHES_EACH = 1 /* and so many more for each maker */,
    OUT_MOST = 1 << 20 /* of one batch: what makes more is left to who takes it */
};

static void release_batch(struct batch *b)
{
    for (size_t i = 0; i < BATCH_RECORDS; i++)
        json_tape_release(&b->tape[i]);
    free(b->line);
    arena_release(&b->arena);
    buf_release(&b->out);
    free(b->block.p);
}

static void release(struct ahead *a)
{
    ahead_end_makers(a);
    for (size_t i = 0; i < a->nbatches; i++)
        release_batch(&a->batch[i]);
    free(a->batch);
    a->in.tape = (struct json_tape){0};
    a->in.versions = NULL;
    arena_init(&a->in.arena, 0);
    record_in_release(&a->in);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->given_back);
    pthread_cond_destroy(&a->was_filled);
    pthread_cond_destroy(&a->was_made);
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

static bool make_batch(const struct ahead *a, struct batch *b)
{
    arena_init(&b->arena, a->in.arena.max);
    buf_init(&b->out, OUT_MOST);
    if (a->nmakers > 0)
        b->line = calloc(BATCH_LINES, sizeof *b->line);
    return a->nmakers == 0 || b->line != NULL;
}

static bool make_batches(struct ahead *a)
{
    size_t n = BATCHES + (size_t)BATCHES_EACH * a->nmakers;
    a->batch = calloc(n, sizeof *a->batch);
    if (a->batch == NULL)
        return false;
    a->nbatches = n;
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok = make_batch(a, &a->batch[i]) && ok;
    return ok;
}

static struct ahead *new_ahead(void)
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
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->given_back, NULL);
    pthread_cond_init(&a->was_filled, NULL);
    pthread_cond_init(&a->was_made, NULL);
    return a;
}

static void tell_to_stop(struct ahead *a)
{
    pthread_mutex_lock(&a->lock);
    a->stopping = true;
    pthread_mutex_unlock(&a->lock);
    pthread_cond_signal(&a->given_back);
    pthread_cond_broadcast(&a->was_filled);
}

struct ahead *ahead_start(struct record_in *in)
{
    struct ahead *a = new_ahead();
    if (a == NULL)
        return NULL;
    ahead_start_makers(a, in);
    a->in.lines = in->lines;
    a->in.lines.idle = NULL;
    a->in.name = in->name;
    a->in.versions = a->nmakers == 0 ? in->versions : NULL; /* which IN does not use meanwhile */
    a->idle = in->lines.idle;
    a->idle_arg = in->lines.idle_arg;
    bool started = make_batches(a) && thread_start(&a->thread, ahead_read, a);
    *(started ? &in->lines : &a->in.lines) = (struct lines){.fd = -1, .max = LINES_MOST, .eof = true};
    if (started)
        return a;
    tell_to_stop(a);
    release(a);
    return NULL;
}

/* The oldest batch is there; with the lock. */
static bool is_ready(const struct ahead *a)
{
    return a->given < a->filled && ahead_batch(a, a->given)->made;
}

/* With the lock: until something may have changed. */
static void pass_time(struct ahead *a)
{
    if (a->own.state != NULL && a->claimed < a->filled)
        ahead_make_next(&a->own);
    else
        pthread_cond_wait(&a->was_made, &a->lock);
}

/* Waits for the next batch; before the input lets us wait, what was written so far is shown. */
static int await(struct ahead *a, struct err *e)
{
    pthread_mutex_lock(&a->lock);
    bool waits = a->given == a->filled;
    pthread_mutex_unlock(&a->lock);
    if (waits && a->idle != NULL && a->idle(a->idle_arg, e) == -1)
        return -1;
    pthread_mutex_lock(&a->lock);
    while (!is_ready(a))
        pass_time(a);
    pthread_mutex_unlock(&a->lock);
    a->holds = true;
    a->at = 0;
    return 0;
}

static void give_back(struct ahead *a)
{
    a->holds = false;
    pthread_mutex_lock(&a->lock);
    a->given++;
    pthread_mutex_unlock(&a->lock);
    pthread_cond_signal(&a->given_back);
}

/* Record I of a batch, or what was made of it: true; or its line alone. */
static bool take(const struct ahead *a, const struct batch *b, size_t i, struct record *r)
{
    const struct batch_line *line = b->line != NULL ? &b->line[i] : NULL;
    if (line == NULL || line->kept > 0) {
        *r = b->record[line == NULL ? i : line->kept - 1];
        return true;
    }
    *r = (struct record){.line = line->line,
                         .input = a->in.name,
                         .number = line->number,
                         .cut = b->ends == RECORD_BAD && i + 1 == b->count,
                         .kind = line->kind,
                         .made = line->made,
                         .made_lines = line->made_lines};
    return line->made.p != NULL;
}

int ahead_next(struct ahead *a, struct record *r, struct err *e)
{
    for (;;) {
        if (!a->holds && await(a, e) == -1)
            return RECORD_FATAL;
        const struct batch *b = ahead_batch(a, a->given);
        bool over = a->at == b->count;
        if (!over) {
            bool taken = take(a, b, a->at++, r);
            if (a->at < b->count || b->ends != RECORD_BAD)
                return taken ? RECORD_OK : RECORD_LINE;
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
    return a->holds ? ahead_batch(a, a->given)->bytes : 0;
}

uint64_t ahead_number(const struct ahead *a)
{
    return a->holds ? ahead_batch(a, a->given)->number : 0;
}

void ahead_stop(struct ahead *a)
{
    if (a == NULL)
        return;
    tell_to_stop(a);
    close(a->stop[1]);
    a->stop[1] = -1;
    pthread_join(a->thread, NULL);
    release(a);
}
