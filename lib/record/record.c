#include "record/record.h"

#include <inttypes.h>

#include "base/digest.h"
#include "record/ahead.h"
#include "record/envelope.h"

enum { ARENA_MOST = 512 << 20 };

int record_in_init(struct record_in *in, enum record_marks marks, struct err *e)
{
    *in = (struct record_in){
        .marks = marks, .limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES}, .ahead_from = UINT64_MAX};
    lines_init(&in->lines, -1, LINES_MOST);
    in->lines.eof = true;
    json_tape_init(&in->tape);
    arena_init(&in->arena, ARENA_MOST);
    in->unique = json_unique_new();
    in->keys = envelope_keys();
    if (in->unique != NULL && in->keys != NULL)
        return 0;
    record_in_release(in);
    return err_memory(e);
}

uint64_t record_in_bytes(const struct record_in *in)
{
    return in->bytes + (in->ahead != NULL ? ahead_bytes(in->ahead) : in->lines.bytes);
}

static void close_input(struct record_in *in)
{
    in->bytes = record_in_bytes(in);
    ahead_stop(in->ahead);
    in->ahead = NULL;
    lines_release(&in->lines);
}

void record_in_release(struct record_in *in)
{
    close_input(in);
    json_tape_release(&in->tape);
    arena_release(&in->arena);
    json_unique_free(in->unique);
    json_keys_free(in->keys);
    digest_free(in->versions);
    in->versions = NULL;
    in->unique = NULL;
    in->keys = NULL;
}

void record_in_versions(struct record_in *in)
{
    struct err e;
    in->versions = digest_new(&e);
}

void record_in_open(struct record_in *in, int fd, const char *name)
{
    close_input(in);
    lines_init(&in->lines, fd, LINES_MOST);
    in->name = name;
    in->since_mark = 0;
    in->seen_mark = in->seen_end = false;
}

static void name_place(const struct record_in *in, struct err *e)
{
    err_place(e, "%s:%" PRIu64, in->name, in->number);
}

/* A failure to write, while it waited for input, has its own place. */
static enum record_got fatal(const struct record_in *in, struct err *e)
{
    if (e->place[0] == '\0')
        name_place(in, e);
    return RECORD_FATAL;
}

/* ---- marks ---- */

/* A whole number that fits; false: it is none. */
static bool to_u64(const struct json_node *v, uint64_t *out)
{
    enum { DIGITS_MOST = 18 };
    if (!json_is(v, JSON_NUMBER) || v->n > DIGITS_MOST)
        return false;
    *out = 0;
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->p[i] < '0' || v->p[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(v->p[i] - '0');
    }
    return true;
}

static int mark_text(struct record_in *in, struct str *out, const struct json_node *root, struct str key,
                     struct err *e)
{
    const struct json_node *v = json_get(root, key);
    if (v == NULL)
        return 0;
    if (v->type != JSON_STRING)
        return err_set(e, "record", "a mark whose %s is no string", key.p);
    *out = json_string(v, &in->arena);
    return out->p != NULL ? 0 : err_memory(e);
}

int record_mark_of(struct record_in *in, const struct record *r, struct record_mark *mark, struct err *e)
{
    const struct json_node *root = r->root, *end = json_get(root, STR("end"));
    *mark = (struct record_mark){.checkpoint = json_get(root, STR("checkpoint")),
                                 .after = json_get(root, STR("after")),
                                 .end = json_is(end, JSON_TRUE)};
    if (!to_u64(json_get(root, STR("n")), &mark->n))
        return err_set(e, "record", "a mark whose n is no count of lines");
    if (end != NULL && !json_is_bool(end))
        return err_set(e, "record", "a mark whose end is neither true nor false");
    if (mark_text(in, &mark->source, root, STR("source"), e) == -1)
        return -1;
    return mark_text(in, &mark->stream, root, STR("stream"), e);
}

/* A mark that cannot be read ends the reading: what it would have counted is not known. */
static int take_mark(struct record_in *in, const struct record *r, struct err *e)
{
    if (in->marks == RECORD_MARKS_IGNORED)
        return 0;
    struct record_mark mark;
    if (in->ahead != NULL)
        arena_reset(&in->arena); /* else done with each record */
    if (record_mark_of(in, r, &mark, e) == -1)
        return -1;
    if (in->seen_end)
        return err_set(e, "cut_off", "lines after the end mark");
    if (mark.n != in->since_mark)
        return err_set(e, "cut_off",
                       "the mark counts %" PRIu64 " lines, but %" PRIu64 " came: the input was cut off",
                       mark.n, in->since_mark);
    in->seen_mark = true;
    in->seen_end = mark.end;
    in->since_mark = 0;
    return in->on_mark != NULL ? in->on_mark(in->mark_arg, &mark, e) : 0;
}

static enum record_got at_end(const struct record_in *in, struct err *e)
{
    bool due = in->marks == RECORD_MARKS_REQUIRED || (in->marks == RECORD_MARKS_AS_FOUND && in->seen_mark);
    if (!due || in->seen_end)
        return RECORD_END;
    err_set(e, "cut_off", "ended without its end mark: the input was cut off");
    return fatal(in, e);
}

/* ---- reading ---- */

static enum record_got refuse(const struct record_in *in, struct err *e)
{
    name_place(in, e);
    return RECORD_BAD;
}

int record_next_line(struct record_in *in, struct record *r, struct err *e)
{
    for (;;) {
        struct str line;
        enum lines_got got = lines_next(&in->lines, &line, e);
        switch (got) {
        case LINES_END: return RECORD_END;
        case LINES_FATAL: return RECORD_FATAL;
        case LINES_HELD: return RECORD_HELD;
        case LINES_OK:
        case LINES_TOO_LONG: break;
        }
        if (line.n == 0)
            continue;
        r->line = line;
        r->input = in->name;
        r->number = in->lines.number;
        if (got == LINES_OK)
            return RECORD_OK;
        *r = (struct record){.line = line, .input = r->input, .number = r->number, .cut = true};
        err_set(e, "limit", "a line of more than %zu bytes", in->lines.max);
        return RECORD_BAD;
    }
}

int record_next(struct record_in *in, struct record *r, struct err *e)
{
    int got = record_next_line(in, r, e);
    return got == RECORD_OK ? (int)envelope_take(in, r->line, r, e) : got;
}

static enum record_got next(struct record_in *in, struct record *r, struct err *e)
{
    if (in->ahead == NULL && in->lines.bytes >= in->ahead_from && !in->lines.eof) {
        in->ahead = ahead_start(in);
        if (in->ahead == NULL)
            in->ahead_from = UINT64_MAX;
    }
    int got;
    if (in->ahead != NULL) {
        got = ahead_next(in->ahead, r, e);
        in->number = got == RECORD_END || got == RECORD_FATAL ? ahead_number(in->ahead) : r->number;
        if (got == RECORD_LINE)
            got = record_of_line(in, r->line, r, e);
    } else {
        arena_reset(&in->arena);
        got = record_next(in, r, e);
        in->number = in->lines.number;
    }
    return (enum record_got)got;
}

enum record_got record_read(struct record_in *in, struct record *r, struct err *e)
{
    e->field[0] = e->place[0] = '\0';
    for (;;) {
        enum record_got got = next(in, r, e);
        if (got == RECORD_END) {
            close_input(in); /* so that all makers are done, and what they counted is known */
            return at_end(in, e);
        }
        if (got == RECORD_FATAL)
            return fatal(in, e);
        if (got == RECORD_OK && r->kind == RECORD_MARK) {
            if (take_mark(in, r, e) == -1)
                return fatal(in, e);
            continue;
        }
        if (in->seen_end && in->marks != RECORD_MARKS_IGNORED) {
            err_set(e, "cut_off", "lines after the end mark");
            return fatal(in, e);
        }
        in->since_mark++;
        in->records++;
        return got == RECORD_OK ? RECORD_OK : refuse(in, e);
    }
}

/* ---- versions ---- */

enum { VERSION_MOST = 512 << 20 };

void record_work_init(struct record_work *work)
{
    json_tape_init(&work->sorted);
    buf_init(&work->bytes, VERSION_MOST);
}

void record_work_release(struct record_work *work)
{
    json_tape_release(&work->sorted);
    buf_release(&work->bytes);
}

static int version_of(char out[65], const struct json_node *data, struct record_work *work, struct err *e)
{
    buf_reset(&work->bytes);
    json_write_canonical(&work->bytes, data);
    return buf_ok(&work->bytes) ? digest_sha256(out, buf_str(&work->bytes), e) : err_memory(e);
}

int record_version_sorted(char out[65], const struct record *r, const struct json_node *data,
                          struct record_work *work, struct err *e)
{
    if (r->data_version.p == NULL || data->p != r->data->p)
        return version_of(out, data, work, e);
    memcpy(out, r->data_version.p, r->data_version.n + 1);
    return 0;
}

/* The bytes of DATA, in WORK. */
static int sort(struct record_work *work, const struct json_node *data, struct err *e)
{
    work->sorted.n = 0;
    if (!json_sort(&work->sorted, data))
        return err_memory(e);
    buf_reset(&work->bytes);
    json_write_canonical(&work->bytes, work->sorted.node);
    return buf_ok(&work->bytes) ? 0 : err_memory(e);
}

int record_version(char out[65], const struct json_node *data, struct record_work *work, struct err *e)
{
    if (data == NULL)
        return digest_sha256(out, STR("{\"deleted\":true}"), e);
    return sort(work, data, e) == 0 ? digest_sha256(out, buf_str(&work->bytes), e) : -1;
}

int record_version_of(char out[65], const struct record *r, struct record_work *work, struct err *e)
{
    const struct json_node *data = record_state(r);
    if (data == NULL || r->data_version.p == NULL)
        return record_version(out, data, work, e);
    if (sort(work, data, e) == -1)
        return -1;
    /* It was made of the text as it came. */
    if (!str_eq(buf_str(&work->bytes), json_text(data)))
        return digest_sha256(out, buf_str(&work->bytes), e);
    memcpy(out, r->data_version.p, r->data_version.n + 1);
    return 0;
}
