#include <stdlib.h>

#include "base/thread.h"
#include "record/ahead_parts.h"
#include "record/envelope.h"

/* What is made of the record in a line, appended to the batch's. What is refused, or goes another way than
 * most, is left to who takes the records, taken apart if it can be: nothing is said here. */
static void make_one(struct maker *m, struct batch *b, struct batch_line *line)
{
    const struct record_maker *how = m->ahead->how;
    struct record *r = &b->record[b->kept];
    size_t before = b->out.n;
    struct err e;
    *r = (struct record){.input = m->ahead->in.name, .number = line->number};
    m->in.tape = b->tape[b->kept];
    bool good = envelope_take(&m->in, line->line, r, &e) == RECORD_OK && r->kind != RECORD_MARK;
    b->tape[b->kept] = m->in.tape;
    line->kind = r->kind;
    line->made_lines = good ? how->make(m->state, r, &b->out) : -1;
    if (line->made_lines == -1)
        b->out.n = before;
    line->made.n = b->out.n - before;
    /* The last place is for those that are not kept. */
    if (good && line->made_lines == -1 && b->kept + 1 < BATCH_RECORDS)
        line->kept = ++b->kept;
}

/* Of a batch that makes more than its buffer holds, the lines from there on are left as well. */
static void make(struct maker *m, struct batch *b)
{
    size_t good = b->count - (b->ends == RECORD_BAD), done = 0;
    buf_reset(&b->out);
    m->in.arena = b->arena;
    for (; done < good; done++) {
        make_one(m, b, &b->line[done]);
        if (!buf_ok(&b->out))
            break;
    }
    b->arena = m->in.arena;
    m->in.arena = (struct arena){0}; /* they are the batch's */
    m->in.tape = (struct json_tape){0};
    /* The buffer does not move any more. */
    for (size_t i = 0, at = 0; i < done; at += b->line[i++].made.n)
        if (b->line[i].made_lines >= 0)
            b->line[i].made.p = b->line[i].made.n > 0 ? b->out.p + at : "";
}

void ahead_make_next(struct maker *m)
{
    struct ahead *a = m->ahead;
    struct batch *b = ahead_batch(a, a->claimed++);
    pthread_mutex_unlock(&a->lock);
    make(m, b);
    pthread_mutex_lock(&a->lock);
    b->made = true;
}

static void *run(void *arg)
{
    struct maker *m = arg;
    struct ahead *a = m->ahead;
    pthread_mutex_lock(&a->lock);
    for (;;) {
        while (a->claimed == a->filled && !a->stopping && !a->ended)
            pthread_cond_wait(&a->was_filled, &a->lock);
        if (a->stopping || a->claimed == a->filled)
            break;
        ahead_make_next(m);
        pthread_mutex_unlock(&a->lock);
        pthread_cond_signal(&a->was_made);
        pthread_mutex_lock(&a->lock);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

static void release(struct maker *m)
{
    if (m->state != NULL)
        m->ahead->how->end(m->state);
    record_in_release(&m->in);
    *m = (struct maker){0};
}

/* One without a thread. */
static bool prepare(struct ahead *a, struct maker *m, bool versions)
{
    struct err e;
    *m = (struct maker){.ahead = a};
    if (record_in_init(&m->in, RECORD_MARKS_IGNORED, &e) == -1)
        return false;
    m->state = a->how->start(a->how->arg);
    if (versions)
        record_in_versions(&m->in);
    if (m->state != NULL && (!versions || m->in.versions != NULL))
        return true;
    release(m);
    return false;
}

static bool start(struct ahead *a, struct maker *m, bool versions)
{
    if (!prepare(a, m, versions))
        return false;
    if (thread_start(&m->thread, run, m))
        return true;
    release(m);
    return false;
}

void ahead_start_makers(struct ahead *a, const struct record_in *in)
{
    unsigned most = in->makers < MAKERS_MOST ? in->makers : MAKERS_MOST;
    bool versions = in->versions != NULL;
    a->how = in->maker;
    while (a->how != NULL && a->nmakers < most && start(a, &a->maker[a->nmakers], versions))
        a->nmakers++;
    if (a->nmakers > 0)
        prepare(a, &a->own, versions);
}

void ahead_end_makers(struct ahead *a)
{
    for (unsigned i = 0; i < a->nmakers; i++) {
        pthread_join(a->maker[i].thread, NULL);
        release(&a->maker[i]);
    }
    if (a->own.state != NULL)
        release(&a->own);
    a->nmakers = 0;
}
