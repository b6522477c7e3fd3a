#include <inttypes.h>
#include <stdio.h>

#include "record/stages.h"

struct check {
    const struct stages *all;
    void (*fault)(void *arg, const struct stage *stage, struct str text);
    void *arg;
};

static void violated(const struct check *k, const struct stage *stage, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void violated(const struct check *k, const struct stage *stage, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n >= 0)
        k->fault(k->arg, stage, str_of(text));
}

static bool ended_well(const struct stage *stage)
{
    return stage->status == 0 || stage->status == 1;
}

/* Its output is not whole; whom its reader left (SIGPIPE) is judged with the reader. */
static bool ended_badly(const struct stage *stage)
{
    return stage->status == STAGE_KILLED || stage->status == 2 || stage->status == 75;
}

static bool is_same_rule(const struct stage *a, const struct stage *b)
{
    return a->attempt == b->attempt && str_eq(a->rule, b->rule);
}

static void check_books(const struct check *k, const struct stage *s)
{
    const struct runlog_counts *c = &s->counts;
    uint64_t booked = c->taken + c->refused + c->left_out;
    if (ended_well(s) && c->read != booked)
        violated(k, s, "read %" PRIu64 ", but took %" PRIu64 " + refused %" PRIu64 " + left out %" PRIu64,
                 c->read, c->taken, c->refused, c->left_out);
}

/* ---- a pipe between two of ours ---- */

struct ends {
    const struct stage *writer, *reader; /* the first of each */
    uint64_t written, read;
    bool writers_well, readers_well;
    const struct stage *bad_writer, *deceived; /* a reader that ended well */
};

static void find_ends(const struct stages *all, const struct stage *of, uint64_t pipe, struct ends *ends)
{
    *ends = (struct ends){.writers_well = true, .readers_well = true};
    for (size_t i = 0; i < all->n; i++) {
        const struct stage *s = &all->stage[i];
        if (!is_same_rule(s, of))
            continue;
        if (s->output == pipe) {
            ends->writer = ends->writer != NULL ? ends->writer : s;
            ends->written += s->counts.written;
            ends->writers_well &= ended_well(s);
            ends->bad_writer = ended_badly(s) ? s : ends->bad_writer;
        }
        if (s->input == pipe) {
            ends->reader = ends->reader != NULL ? ends->reader : s;
            ends->read += s->counts.read;
            ends->readers_well &= ended_well(s);
            ends->deceived = ended_well(s) ? s : ends->deceived;
        }
    }
}

static void check_pipe(const struct check *k, const struct stage *s)
{
    struct ends ends;
    if (s->input == 0)
        return;
    find_ends(k->all, s, s->input, &ends);
    if (ends.reader != s || ends.writer == NULL)
        return;
    if (ends.bad_writer != NULL && ends.deceived != NULL)
        violated(k, ends.deceived, "took for whole what came from %.*s, which did not end well",
                 (int)ends.bad_writer->tool.n, ends.bad_writer->tool.p);
    else if (ends.writers_well && ends.readers_well && ends.written != ends.read)
        violated(k, s, "read %" PRIu64 ", but %.*s gave it %" PRIu64, ends.read, (int)ends.writer->tool.n,
                 ends.writer->tool.p, ends.written);
}

/* ---- a program between two of ours ---- */

static bool is_written(const struct stages *all, const struct stage *reader)
{
    struct ends ends;
    find_ends(all, reader, reader->input, &ends);
    return ends.writer != NULL;
}

static bool is_read(const struct stages *all, const struct stage *writer)
{
    struct ends ends;
    find_ends(all, writer, writer->output, &ends);
    return ends.reader != NULL;
}

/* Whoever stood before it in the pipe, and whose reader is not known either. A shell starts the programs of a
 * pipe in their order. */
static const struct stage *find_before(const struct stages *all, const struct stage *reader)
{
    const struct stage *found = NULL;
    for (size_t i = 0; i < all->n; i++) {
        const struct stage *s = &all->stage[i];
        if (s->pid < reader->pid && is_same_rule(s, reader) && s->output != 0 && !is_read(all, s) &&
            (found == NULL || s->pid > found->pid))
            found = s;
    }
    return found;
}

static void check_gap(const struct check *k, const struct stage *s)
{
    if (s->input == 0 || s->rule.p == NULL || is_written(k->all, s))
        return;
    const struct stage *before = find_before(k->all, s);
    if (before == NULL)
        return;
    if (ended_badly(before) && ended_well(s))
        violated(k, s, "took for whole what came from %.*s, which did not end well", (int)before->tool.n,
                 before->tool.p);
    else if (ended_well(before) && ended_well(s) && before->counts.written != s->counts.read)
        violated(k, s,
                 "read %" PRIu64 ", but %.*s gave %" PRIu64 ": a program stands between them that is none of "
                 "the hub's",
                 s->counts.read, (int)before->tool.n, before->tool.p, before->counts.written);
}

void stages_check(const struct stages *s,
                  void (*fault)(void *arg, const struct stage *stage, struct str text), void *arg)
{
    const struct check k = {s, fault, arg};
    for (size_t i = 0; i < s->n; i++) {
        check_books(&k, &s->stage[i]);
        check_pipe(&k, &s->stage[i]);
        check_gap(&k, &s->stage[i]);
    }
}
