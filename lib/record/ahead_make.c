#include <stdlib.h>

#include "base/thread.h"
#include "record/ahead_parts.h"
#include "record/envelope.h"

/* What is refused, or goes another way than most, is left to who takes the records: nothing is said here. */
static void make(struct maker *m, struct batch *b)
{
    const struct ahead *a = m->ahead;
    size_t end[BATCH_RECORDS], good = b->count - (b->ends == RECORD_BAD);
    struct err e;
    buf_reset(&b->out);
    for (size_t i = 0; i < good; i++) {
        struct record *r = &b->record[i];
        size_t before = b->out.n;
        bool versioned = m->versions == NULL || envelope_version(m->versions, r, &b->arena, &e) == 0;
        r->made_lines = versioned ? a->how->make(m->state, r, &b->out) : -1;
        if (b->out.failed)
            good = i; /* it is full: of all from here on nothing was made */
        if (r->made_lines == -1 && !b->out.failed)
            b->out.n = before;
        end[i] = b->out.n;
    }
    /* The buffer does not move any more. */
    for (size_t i = 0, at = 0; i < good; at = end[i++])
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
    m->started = m->state != NULL && (!versions || m->versions != NULL) && thread_start(&m->thread, run, m);
    if (!m->started)
        release(m);
    return m->started;
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
