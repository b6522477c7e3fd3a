#include <stdlib.h>

#include "base/thread.h"
#include "record/ahead_parts.h"
#include "record/envelope.h"

/* Lines of one record, appended to OUT; what is refused, or goes another way than most, is left to who takes
 * the records: nothing is said here. */
static int make_one(struct maker *m, struct record *r, struct arena *a, struct buf *out)
{
    const struct record_maker *how = m->ahead->how;
    size_t before = out->n;
    struct err e;
    bool versioned = m->versions == NULL || envelope_version(m->versions, r, a, &e) == 0;
    int lines = versioned ? how->make(m->state, r, out) : -1;
    if (lines == -1)
        out->n = before;
    return lines;
}

/* Of a batch that makes more than its buffer holds, the records from there on are left as well. */
static void make(struct maker *m, struct batch *b)
{
    size_t end[BATCH_RECORDS], good = b->count - (b->ends == RECORD_BAD), done = 0;
    buf_reset(&b->out);
    for (; done < good; done++) {
        b->record[done].made_lines = make_one(m, &b->record[done], &b->arena, &b->out);
        if (!buf_ok(&b->out))
            break;
        end[done] = b->out.n;
    }
    /* The buffer does not move any more. */
    for (size_t i = 0, at = 0; i < done; at = end[i++])
        if (b->record[i].made_lines >= 0)
            b->record[i].made = end[i] > at ? (struct str){b->out.p + at, end[i] - at} : STR("");
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
        struct batch *b = ahead_batch(a, a->claimed++);
        pthread_mutex_unlock(&a->lock);
        make(m, b);
        pthread_mutex_lock(&a->lock);
        b->made = true;
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
    digest_free(m->versions);
    *m = (struct maker){0};
}

static bool start(struct ahead *a, struct maker *m, bool versions)
{
    struct err e;
    *m = (struct maker){.ahead = a, .state = a->how->start(a->how->arg)};
    if (versions)
        m->versions = digest_new(&e);
    bool started = m->state != NULL && (!versions || m->versions != NULL) && thread_start(&m->thread, run, m);
    if (!started)
        release(m);
    return started;
}

void ahead_start_makers(struct ahead *a, const struct record_in *in)
{
    unsigned most = in->makers < MAKERS_MOST ? in->makers : MAKERS_MOST;
    a->how = in->maker;
    while (a->how != NULL && a->nmakers < most && start(a, &a->maker[a->nmakers], in->versions != NULL))
        a->nmakers++;
}

void ahead_end_makers(struct ahead *a)
{
    for (unsigned i = 0; i < a->nmakers; i++) {
        pthread_join(a->maker[i].thread, NULL);
        release(&a->maker[i]);
    }
    a->nmakers = 0;
}
