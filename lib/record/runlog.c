#include "record/runlog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "record/record.h"
#include "record/write.h"

enum { LINE_MOST = 64 << 10 };

static int fail(const struct runlog *log, struct err *e)
{
    err_errno(e, "cannot write the run log");
    err_place(e, "%s", log->path);
    return -1;
}

static int append(const struct runlog *log, struct str line, struct err *e)
{
    int fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd == -1)
        return fail(log, e);
    ssize_t wrote;
    while ((wrote = write(fd, line.p, line.n)) == -1 && errno == EINTR)
        ;
    if (wrote != -1 && (size_t)wrote < line.n)
        errno = ENOSPC;
    int done = (size_t)wrote == line.n ? 0 : fail(log, e);
    if (close(fd) == -1 && done == 0)
        done = fail(log, e);
    return done;
}

static void put_time(struct buf *line)
{
    char text[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0)
        buf_printf(line, "\"time\":\"%s\",", text);
}

static void put_text(struct buf *line, const char *key, struct str value)
{
    if (value.p == NULL)
        return;
    buf_printf(line, "\"%s\":", key);
    record_write_text(line, value);
    buf_byte(line, ',');
}

static void put_number(struct buf *line, const char *key, uint64_t value)
{
    buf_printf(line, "\"%s\":", key);
    buf_u64(line, value);
    buf_byte(line, ',');
}

static void put_ends(struct buf *line, const struct runlog *log)
{
    if (log->hub)
        buf_put(line, STR("\"hub\":true,"));
    if (log->input != 0)
        put_number(line, "input", log->input);
    if (log->output != 0)
        put_number(line, "output", log->output);
}

static void put_rejects(struct buf *line, const struct runlog *log)
{
    put_text(line, "rejects", str_of(log->rejects));
    if (log->rejects != NULL)
        put_number(line, "rejects_at", log->rejects_at);
}

/* COUNTS NULL: the beginning. */
static int write_line(const struct runlog *log, const struct runlog_counts *counts, int status, struct err *e)
{
    if (log->path == NULL)
        return 0;
    struct buf line;
    buf_init(&line, LINE_MOST);
    buf_printf(&line, "{\"event\":\"%s\",", counts != NULL ? "end" : "begin");
    if (counts != NULL)
        put_number(&line, "left_out", counts->left_out);
    else
        put_ends(&line, log);
    put_number(&line, "pid", (uint64_t)getpid());
    if (counts != NULL) {
        put_number(&line, "read", counts->read);
        put_number(&line, "refused", counts->refused);
    } else {
        put_rejects(&line, log);
        put_text(&line, "rule", str_of(log->rule));
    }
    put_text(&line, "run", str_of(log->run));
    if (counts != NULL) {
        put_number(&line, "status", (uint64_t)status);
        put_number(&line, "taken", counts->taken);
    }
    put_time(&line);
    buf_put(&line, STR("\"tool\":"));
    record_write_text(&line, str_of(log->tool));
    if (counts != NULL) {
        buf_put(&line, STR(",\"written\":"));
        buf_u64(&line, counts->written);
    }
    buf_put(&line, STR("}\n"));
    int done = buf_ok(&line) ? append(log, buf_str(&line), e) : err_memory(e);
    buf_release(&line);
    return done;
}

int runlog_begin(const struct runlog *log, struct err *e)
{
    return write_line(log, NULL, 0, e);
}

int runlog_end(const struct runlog *log, const struct runlog_counts *counts, int status, struct err *e)
{
    return write_line(log, counts, status, e);
}

int runlog_warn(const struct runlog *log, const char *check, const struct record *r, struct err *e)
{
    if (log->path == NULL)
        return 0;
    char from[512];
    struct buf line;
    int n = snprintf(from, sizeof from, "%s:%" PRIu64, r->input, r->number);
    buf_init(&line, LINE_MOST);
    buf_byte(&line, '{');
    put_text(&line, "check", str_of(check));
    put_text(&line, "entity", r->entity);
    buf_put(&line, STR("\"event\":\"warn\","));
    put_text(&line, "from", n > 0 ? str_of(from) : (struct str){0});
    put_text(&line, "id", r->id);
    put_text(&line, "run", str_of(log->run));
    put_text(&line, "source", r->source);
    put_time(&line);
    buf_put(&line, STR("\"tool\":"));
    record_write_text(&line, str_of(log->tool));
    buf_put(&line, STR("}\n"));
    int done = buf_ok(&line) ? append(log, buf_str(&line), e) : err_memory(e);
    buf_release(&line);
    return done;
}
