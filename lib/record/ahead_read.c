#include <errno.h>
#include <poll.h>

#include "record/ahead_parts.h"

/* A batch ends at either; a tape that one record made larger than TAPE_KEPT nodes is given back. */
enum { BATCH_BYTES = 256 << 10, TAPE_KEPT = 8 << 10 };

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

static int next_line(struct ahead *a, struct batch *b, size_t *bytes)
{
    struct record r;
    int got = record_next_line(&a->in, &r, &b->err);
    if (got == RECORD_OK || got == RECORD_BAD) {
        b->line[b->count++] = (struct batch_line){.line = r.line, .number = r.number};
        *bytes += r.line.n;
    }
    return got;
}

static int next_record(struct ahead *a, struct batch *b, size_t *bytes)
{
    struct record *r = &b->record[b->count];
    a->in.tape = b->tape[b->count];
    int got = record_next(&a->in, r, &b->err);
    b->tape[b->count] = a->in.tape;
    if (got == RECORD_OK || got == RECORD_BAD) {
        b->count++;
        *bytes += r->line.n;
    }
    return got;
}

static void empty(struct batch *b)
{
    arena_reset(&b->arena);
    size_t used = b->line != NULL ? b->kept + 1 : b->count;
    for (size_t i = 0; i < used; i++)
        if (b->tape[i].cap > TAPE_KEPT)
            json_tape_release(&b->tape[i]);
    b->count = b->kept = 0;
    b->ends = RECORD_OK;
    b->err = (struct err){0};
}

static void fill(struct ahead *a, struct batch *b)
{
    struct record_in *in = &a->in;
    empty(b);
    if (a->read != NULL && lines_renew(&in->lines, &a->read->block, &b->err) == -1) {
        b->ends = RECORD_FATAL;
        return;
    }
    a->read = b;
    in->arena = b->arena;
    int got = RECORD_OK;
    size_t most = b->line != NULL ? BATCH_LINES : BATCH_RECORDS;
    for (size_t bytes = 0; got == RECORD_OK && b->count < most && bytes < BATCH_BYTES;) {
        /* The first one may have to be read, and those before it are given by then. */
        in->lines.holds = b->count > 0;
        got = b->line != NULL ? next_line(a, b, &bytes) : next_record(a, b, &bytes);
    }
    in->lines.holds = true;
    b->arena = in->arena;
    b->ends = got == RECORD_HELD ? RECORD_OK : (enum record_got)got;
    b->bytes = in->lines.bytes;
    b->number = in->lines.number;
}

void *ahead_read(void *ahead)
{
    struct ahead *a = ahead;
    a->in.lines.from = (struct reader){read_input, a};
    for (bool last = false; !last;) {
        pthread_mutex_lock(&a->lock);
        while (a->filled - a->given == a->nbatches && !a->stopping)
            pthread_cond_wait(&a->given_back, &a->lock);
        bool stopping = a->stopping;
        struct batch *b = ahead_batch(a, a->filled);
        pthread_mutex_unlock(&a->lock);
        if (stopping)
            break;
        fill(a, b);
        last = b->ends == RECORD_END || b->ends == RECORD_FATAL;
        pthread_mutex_lock(&a->lock);
        b->made = a->nmakers == 0;
        a->filled++;
        a->ended = last;
        bool many = a->filled - a->claimed > 1; /* there is one for who takes the records, too */
        pthread_mutex_unlock(&a->lock);
        if (a->nmakers == 0 || many)
            pthread_cond_signal(&a->was_made);
        if (last)
            pthread_cond_broadcast(&a->was_filled);
        else
            pthread_cond_signal(&a->was_filled);
    }
    return NULL;
}
