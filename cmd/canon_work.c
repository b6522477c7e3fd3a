#include "canon.h"

static int translate(struct canon *t, const struct record *r, struct err *e)
{
    if (r->kind == RECORD_RECEIPT)
        return err_set(e, "record", "a receipt has no place here");
    if (t->reverse && r->kind == RECORD_NATIVE)
        return err_set(e, "record", "a native record where -R wants a canonical one");
    if (t->reverse)
        return map_write(t->maps, r, t->stream.stream, e);
    if (t->nmaps > 0)
        return map_read(t->maps, r, e);
    if (r->kind == RECORD_NATIVE)
        return err_set(e, "record", "a native record, and no map was given: -m or -s");
    return map_respell(t->maps, r, e);
}

static bool is_wanted(const struct canon *t, const struct record *r)
{
    for (size_t i = 0; i < t->nentities; i++) {
        if (str_eq(t->entity[i], r->entity))
            return true;
    }
    return t->nentities == 0;
}

/* A change: of what the maps make of both states. How many records were written, or -1. */
static int change(struct canon *t, const struct record *given, struct err *e)
{
    struct record r = *given;
    enum through_way way = t->reverse ? THROUGH_WRITE : t->nmaps > 0 ? THROUGH_READ : THROUGH_RESPELL;
    struct record out;
    int written = 0, got;
    if (t->through == NULL && (t->through = through_new(t->maps, e)) == NULL)
        return -1;
    if (way == THROUGH_READ && map_set_groups(t->maps))
        return err_set(e, "record", "a change, and a map with group reads whole records");
    int pass = t->reverse ? where_narrow(t->where, &r, e) : 1;
    if (pass != 1)
        return pass;
    if (through_change(t->through, way, &r, t->stream.stream, e) == -1)
        return -1;
    while ((got = through_next(t->through, &out, e)) == 1) {
        pass = t->reverse ? 1 : where_narrow(t->where, &out, e);
        if (pass == -1)
            return -1;
        if (pass == 1)
            record_write(&t->cmd->out.buf, &out);
        written += pass;
    }
    return got == -1 ? -1 : written;
}

/* What the contract does not have is wrong in the template or in -w, not in the record. */
static bool is_ours(const struct canon *t)
{
    return map_set_diags(t->maps)->n > 0;
}

static bool refuse(struct canon *t, const struct record *r, const struct err *why)
{
    return is_ours(t) ? cmd_fail_diags(t->cmd, map_set_diags(t->maps), why) != CMD_OK
                      : cmd_refuse(t->cmd, r, why);
}

/* ---- groups ---- */

/* A group that is refused is so with all of its records, which were taken when they came. */
static bool refuse_group(struct canon *t, uint64_t records, const struct err *why)
{
    struct err own;
    bool stop = is_ours(t) && cmd_fail_diags(t->cmd, map_set_diags(t->maps), why) != CMD_OK;
    for (uint64_t i = 0; i < records && !stop; i++) {
        struct record r = map_group_record(t->maps, i, why, &own);
        stop = cmd_refuse_taken(t->cmd, r.line, &own);
    }
    return stop;
}

/* Appends the N results that pass: how many, or -1. */
static int write_results(struct canon *t, int n, struct buf *out, struct err *e)
{
    size_t before = out->n;
    int written = 0;
    for (int i = 0; i < n; i++) {
        int pass = t->reverse ? 1 : where_passes(t->where, map_result(t->maps, i), e);
        if (pass == -1) {
            out->n = before;
            return -1;
        }
        if (pass == 1)
            record_write(out, map_result(t->maps, i));
        written += pass;
    }
    return written;
}

/* What the groups that have ended give. Returns true to stop. */
static bool write_groups(struct canon *t)
{
    struct err e;
    uint64_t records;
    int n;
    for (err_clear(&e); (n = map_group(t->maps, &records, &e)) != 0; err_clear(&e)) {
        int written = n > 0 ? write_results(t, n, &t->cmd->out.buf, &e) : -1;
        if (written == -1 ? refuse_group(t, records, &e) : cmd_wrote(t->cmd, (uint64_t)written))
            return true;
    }
    return false;
}

/* A mark may stand in the midst of a group; that of the end waits until all were written. */
static int mark_groups(void *arg, const struct record_mark *mark, struct err *e)
{
    struct canon *t = arg;
    return mark->end ? cmd_mark(t->cmd, mark, e) : 0;
}

int canon_lines(struct canon *t, const struct record *r, struct buf *out, struct err *e)
{
    bool chosen = r->kind != RECORD_CANONICAL || (!t->reverse && t->nmaps > 0) || is_wanted(t, r);
    int wanted = chosen && t->reverse ? where_passes(t->where, r, e) : chosen;
    int n = wanted == 1 ? translate(t, r, e) : wanted;
    return n > 0 ? write_results(t, n, out, e) : n;
}

/* The same of one whose lines were made ahead. */
static bool take_made(struct canon *t, const struct record *r)
{
    buf_put(&t->cmd->out.buf, r->made);
    return r->made_lines > 0 ? cmd_took(t->cmd, (uint64_t)r->made_lines) : cmd_left_out(t->cmd);
}

/* Books one record. Returns true to stop. */
static bool work(struct canon *t, const struct record *r)
{
    struct cmd *c = t->cmd;
    struct err e;
    if (r->made.p != NULL)
        return take_made(t, r);
    err_clear(&e);
    int written = canon_lines(t, r, &c->out.buf, &e);
    bool held = !t->reverse && map_held(t->maps);
    if (written == -1 && (!held || is_ours(t)))
        return refuse(t, r, &e);
    if (written == -1) {
        map_refuse_held(t->maps, r, &e);
        written = 0;
    }
    return (written > 0 || held ? cmd_took(c, (uint64_t)written) : cmd_left_out(c)) || write_groups(t);
}

/* The same of a change. */
static bool work_change(struct canon *t, const struct record *r)
{
    struct cmd *c = t->cmd;
    struct err e;
    size_t before = c->out.buf.n;
    err_clear(&e);
    int asked = t->reverse || t->nmaps == 0 ? is_wanted(t, r) : 1;
    int written = asked == 1 ? change(t, r, &e) : asked;
    if (written == -1) {
        c->out.buf.n = before;
        return refuse(t, r, &e);
    }
    return written > 0 ? cmd_took(c, (uint64_t)written) : cmd_left_out(c);
}

/* A record there and back: nothing is written until all were seen. */
static bool work_test(struct canon *t, const struct record *r)
{
    enum roundtrip_verdict verdict;
    struct err e;
    err_clear(&e);
    if (r->kind != RECORD_NATIVE) {
        err_set(&e, "record", "no native record: -t wants those");
        return cmd_refuse(t->cmd, r, &e);
    }
    if (roundtrip_take(t->roundtrip, r, &verdict, &e) == -1)
        return cmd_refuse(t->cmd, r, &e);
    if (verdict == ROUNDTRIP_LOST)
        cmd_worse(t->cmd, CMD_NO);
    return cmd_took(t->cmd, 0);
}

/* ---- templates ---- */

/* The same of a template's output, which is text. */
static bool work_template(struct canon *t, const struct record *r)
{
    struct cmd *c = t->cmd;
    struct err e;
    struct record seen = *r;
    size_t before = c->out.buf.n;
    err_clear(&e);
    int pass = is_wanted(t, r) ? where_narrow(t->where, &seen, &e) : 0;
    if (pass == 0)
        return cmd_left_out(c);
    if (pass == 1 && r->kind != RECORD_NATIVE)
        pass = template_check(t->template, r->entity, &e) == -1 ? -1 : 1;
    if (pass == -1 || template_write(t->template, &seen, &c->out.buf, &e) == -1)
        return refuse(t, r, &e);
    return c->out.buf.n > before ? cmd_took(c, 1) : cmd_left_out(c);
}

bool canon_take(struct canon *t, const struct record *r)
{
    if (t->template != NULL)
        return work_template(t, r);
    if (t->roundtrip != NULL)
        return work_test(t, r);
    return r->kind == RECORD_CHANGE ? work_change(t, r) : work(t, r);
}

void canon_wait_for_groups(struct canon *t)
{
    if (!map_set_groups(t->maps))
        return;
    t->cmd->on_mark = mark_groups;
    t->cmd->mark_arg = t;
}

void canon_end(struct canon *t)
{
    map_end(t->maps);
    if (!t->cmd->failed)
        write_groups(t);
}
