#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { SILENT = 2000, EVERY = 500 /* milliseconds */ };

/* 0: not known. */
static uint64_t size_of_inputs(const struct cmd *c)
{
    uint64_t total = 0;
    for (int i = 0; i < c->noperands; i++) {
        struct stat st;
        int known = strcmp(c->operands[i], "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(c->operands[i], &st);
        if (known == -1 || !S_ISREG(st.st_mode))
            return 0;
        total += (uint64_t)st.st_size;
    }
    return total;
}

void progress_start(struct cmd *c)
{
    c->shows_progress = isatty(STDERR_FILENO) == 1;
    if (!c->shows_progress)
        return;
    c->started = clock_now();
    c->input_size = size_of_inputs(c);
}

static void write_line(const char *text, int n)
{
    if (n > 0 && write(STDERR_FILENO, text, (size_t)n) == -1)
        return; /* progress is a courtesy */
}

void progress_show(struct cmd *c)
{
    int64_t at = c->shows_progress ? clock_now() : 0;
    if (at - c->started < SILENT || at - c->last_progress < EVERY)
        return;
    uint64_t bytes = c->raw_bytes + record_in_bytes(&c->in);
    uint64_t rate = bytes * 1000 / (uint64_t)(at - c->started);
    char text[160];
    int n = snprintf(text, sizeof text, "\r\033[K%s: %" PRIu64 " records, %" PRIu64 " MB, %" PRIu64 " MB/s",
                     c->spec->name, c->read, bytes / 1000000, rate / 1000000);
    if (n > 0 && (size_t)n < sizeof text && rate > 0 && c->input_size > bytes) {
        uint64_t left = (c->input_size - bytes) / rate;
        int more = snprintf(text + n, sizeof text - (size_t)n, ", %" PRIu64 ":%02u left", left / 60,
                            (unsigned)(left % 60));
        n = more > 0 && (size_t)more < sizeof text - (size_t)n ? n + more : n;
    }
    if (n <= 0 || (size_t)n >= sizeof text)
        return;
    write_line(text, n);
    c->last_progress = at;
    c->progress_shown = true;
}

void progress_erase(struct cmd *c)
{
    if (c->progress_shown)
        write_line("\r\033[K", 4);
    c->progress_shown = false;
}
