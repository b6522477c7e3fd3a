#include "record/reject.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "record/write.h"

enum {
    CUT = 1 << 20,              /* bytes of an over-long line that are kept */
    LINE_MOST = JSON_BYTES,     /* of a reject, so that it can be read again */
    BUF_MOST = 7 * LINE_MOST,   /* a string may need six bytes for one */
    DEPTH_HELD = JSON_DEPTH - 1 /* the reject is one level more */
};

/* ---- the line ---- */

/* Whether the N bytes of OUT from FROM on can stand in a line as they are, and be found again by their
 * brackets. */
static bool is_plain_object(const struct buf *out, size_t from)
{
    struct str text = str_slice(buf_str(out), from, out->n);
    if (text.n == 0 || text.p[0] != '{' || text.p[text.n - 1] != '}' || str_find(text, '\n') < text.n)
        return false;
    struct json_tape tape;
    struct err ignored = {0};
    const struct json_limits limits = {.depth = DEPTH_HELD, .bytes = JSON_BYTES};
    json_tape_init(&tape);
    bool is = json_parse(&tape, text, &limits, NULL, &ignored) == 0;
    json_tape_release(&tape);
    return is;
}

static void put_record(struct buf *out, struct str line, bool binary)
{
    buf_put(out, STR("\"record\":"));
    if (binary) {
        buf_byte(out, '"');
        base64_encode(out, line);
        buf_byte(out, '"');
        return;
    }
    size_t from = out->n;
    buf_put(out, line);
    if (buf_ok(out) && is_plain_object(out, from))
        return;
    out->n = buf_ok(out) ? from : out->n;
    json_write_string(out, line);
}

static void put_text(struct buf *out, struct str key, struct str value)
{
    if (value.p == NULL)
        return;
    buf_put(out, key);
    record_write_text(out, value);
    buf_byte(out, ',');
}

static void put_error(struct buf *out, const struct err *why)
{
    buf_put(out, STR("\"error\":{"));
    put_text(out, STR("\"code\":"), str_of(why->code));
    if (why->field[0] != '\0')
        put_text(out, STR("\"field\":"), str_of(why->field));
    buf_put(out, STR("\"message\":"));
    record_write_text(out, str_of(why->message));
    buf_put(out, STR("},"));
}

static void put_from(struct buf *out, const struct record *r, const struct err *why)
{
    if (r != NULL && r->from.p != NULL) {
        put_text(out, STR("\"from\":"), r->from);
    } else if (r != NULL && r->input != NULL) {
        struct buf place;
        buf_init(&place, 1 << 20);
        buf_printf(&place, "%s:%" PRIu64, r->input, r->number);
        put_text(out, STR("\"from\":"), buf_str(&place));
        out->failed |= !buf_ok(&place);
        buf_release(&place);
    } else if (why->place[0] != '\0') {
        put_text(out, STR("\"from\":"), str_of(why->place));
    }
}

static void put_reject(struct buf *out, const struct reject_by *by, struct str line, bool cut,
                       const struct record *r, const struct err *why)
{
    bool binary = utf8_check(line) < line.n;
    buf_byte(out, '{');
    if (cut)
        buf_put(out, STR("\"cut\":true,"));
    if (binary)
        buf_put(out, STR("\"encoding\":\"base64\","));
    put_text(out, STR("\"entity\":"), r != NULL ? r->entity : (struct str){0});
    put_error(out, why);
    put_from(out, r, why);
    put_text(out, STR("\"id\":"), r != NULL ? r->id : (struct str){0});
    if (by->makes.n > 0) {
        buf_put(out, STR("\"makes\":"));
        buf_put(out, by->makes);
        buf_byte(out, ',');
    }
    put_text(out, STR("\"map\":"), by->map);
    put_record(out, line, binary);
    buf_put(out, STR(",\"tool\":"));
    record_write_text(out, str_of(by->tool));
    buf_put(out, STR("}\n"));
}

void reject_write(struct buf *out, const struct reject_by *by, struct str line, const struct record *r,
                  const struct err *why)
{
    size_t from = out->n;
    bool cut = line.n > LINE_MOST || (r != NULL && r->cut);
    if (!cut) {
        put_reject(out, by, line, false, r, why);
        if (!buf_ok(out) || out->n - from <= LINE_MOST)
            return;
        out->n = from;
    }
    put_reject(out, by, str_slice(line, 0, CUT), true, r, why);
}

/* ---- the file ---- */

static int fail(const struct rejects *j, struct err *e, const char *what)
{
    err_errno(e, what);
    err_place(e, "%s", j->path);
    return -1;
}

/* A line that a full disk cut short is ended, so that the next one stands on its own; readers pass over an
 * empty one. */
static int end_torn_line(struct rejects *j, struct err *e)
{
    struct stat st;
    char last = '\n';
    int fd = fstat(j->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0
                 ? open(j->path, O_RDONLY | O_CLOEXEC)
                 : -1;
    if (fd == -1)
        return 0;
    ssize_t got = pread(fd, &last, 1, st.st_size - 1);
    close(fd);
    if (got == 1 && last != '\n' && write(j->fd, "\n", 1) != 1)
        return fail(j, e, "cannot write the rejects");
    return 0;
}

int rejects_open(struct rejects *j, const char *path, const char *tool, struct err *e)
{
    *j = (struct rejects){.fd = -1, .path = path, .by.tool = tool};
    buf_init(&j->buf, BUF_MOST);
    buf_init(&j->makes, BUF_MOST);
    if (path == NULL)
        return 0;
    j->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return j->fd != -1 ? end_torn_line(j, e) : fail(j, e, "cannot open for rejects");
}

int rejects_add(struct rejects *j, struct str line, const struct record *r, const struct err *why,
                struct err *e)
{
    buf_reset(&j->buf);
    buf_reset(&j->makes);
    if (r != NULL && j->tell_makes != NULL)
        j->tell_makes(j->arg, r, &j->makes);
    j->by.makes = buf_str(&j->makes);
    reject_write(&j->buf, &j->by, line, r, why);
    if (!buf_ok(&j->buf) || !buf_ok(&j->makes))
        return err_memory(e);
    ssize_t wrote;
    while ((wrote = write(j->fd, j->buf.p, j->buf.n)) == -1 && errno == EINTR)
        ;
    if (wrote == -1)
        return fail(j, e, "cannot write a reject");
    if ((size_t)wrote < j->buf.n) {
        errno = ENOSPC;
        return fail(j, e, "a reject was written in part");
    }
    j->count++;
    j->unsynced = true;
    return 0;
}

/* Pipes and terminals have nothing to sync, and say EINVAL. */
int rejects_sync(struct rejects *j, struct err *e)
{
    if (!j->unsynced)
        return 0;
    j->unsynced = false;
    return fdatasync(j->fd) == 0 || errno == EINVAL ? 0 : fail(j, e, "cannot sync the rejects");
}

int rejects_close(struct rejects *j, struct err *e)
{
    buf_release(&j->buf);
    buf_release(&j->makes);
    if (j->fd == -1)
        return 0;
    int done = rejects_sync(j, e);
    if (close(j->fd) == -1 && done == 0)
        done = fail(j, e, "cannot write the rejects");
    j->fd = -1;
    return done;
}
