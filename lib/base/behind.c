#include "base/behind.h"

#include <stdlib.h>

#include "base/out.h"
#include "base/thread.h"

struct behind {
    int fd;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows, save that a block under way is the thread's */
    pthread_cond_t changed;
    struct buf block;
    bool writing, stopping;
    int failed; /* -1: the last block could not be written, as ERR says */
    struct err err;
};

static void *run(void *arg)
{
    struct behind *b = arg;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (!b->writing && !b->stopping)
            pthread_cond_wait(&b->changed, &b->lock);
        if (!b->writing)
            break;
        pthread_mutex_unlock(&b->lock);
        int done = write_all(b->fd, buf_str(&b->block), &b->err);
        pthread_mutex_lock(&b->lock);
        b->failed = done;
        b->writing = false;
        pthread_mutex_unlock(&b->lock);
        pthread_cond_signal(&b->changed); /* without the lock: who wakes up needs it */
        pthread_mutex_lock(&b->lock);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

struct behind *behind_start(int fd)
{
    struct behind *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->fd = fd;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    if (thread_start(&b->thread, run, b))
        return b;
    free(b);
    return NULL;
}

/* With the lock. */
static int outcome(struct behind *b, struct err *e)
{
    while (b->writing)
        pthread_cond_wait(&b->changed, &b->lock);
    int failed = b->failed;
    if (failed == -1)
        *e = b->err;
    b->failed = 0;
    return failed;
}

int behind_put(struct behind *b, struct buf *block, struct err *e)
{
    pthread_mutex_lock(&b->lock);
    int done = outcome(b, e);
    if (done == 0) {
        struct buf written = b->block;
        b->block = *block;
        *block = written;
        block->max = b->block.max;
        b->writing = true;
    }
    pthread_mutex_unlock(&b->lock);
    if (done == 0)
        pthread_cond_signal(&b->changed);
    buf_reset(block);
    return done;
}

int behind_wait(struct behind *b, struct err *e)
{
    pthread_mutex_lock(&b->lock);
    int done = outcome(b, e);
    pthread_mutex_unlock(&b->lock);
    return done;
}

void behind_stop(struct behind *b)
{
    if (b == NULL)
        return;
    pthread_mutex_lock(&b->lock);
    b->stopping = true;
    pthread_mutex_unlock(&b->lock);
    pthread_cond_signal(&b->changed);
    pthread_join(b->thread, NULL);
    buf_release(&b->block);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    free(b);
}
