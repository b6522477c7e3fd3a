#include "canon.h"

#include "canon/unread.h"

enum { WARNINGS_SHOWN = 5, UNREAD_SHOWN = 20 };

/* The first few are shown, all are counted. */
void canon_warn(void *arg, const struct record *canonical, const char *check, const char *message)
{
    struct canon *t = arg;
    size_t i = 0;
    while (i < CANON_CHECKS - 1 && t->check[i].name != NULL && strcmp(t->check[i].name, check) != 0)
        i++;
    if (t->check[i].name == NULL)
        t->check[i].name = check;
    cmd_warn(t->cmd, canonical, check, message, t->check[i].count++ < WARNINGS_SHOWN);
}

static void say_warnings(const struct canon *t)
{
    for (size_t i = 0; i < CANON_CHECKS && t->check[i].name != NULL; i++) {
        if (t->check[i].count > WARNINGS_SHOWN)
            cmd_say(t->cmd, "%llu records in all do not satisfy: %s", (unsigned long long)t->check[i].count,
                    t->check[i].name);
    }
}

/* Once, at the end: what the maps pass over, so that a new column of an export is noticed. */
static void say_unread(const struct canon *t)
{
    struct unread_field field;
    const struct map_unread_stream *s =
        t->unread == MAP_UNREAD_COUNT && !t->cmd->failed ? map_set_unread_streams(t->maps) : NULL;
    for (; s != NULL; s = s->next) {
        uint64_t beyond = unread_beyond(s->unread);
        size_t at = 0, shown = 0;
        for (; unread_next(s->unread, &at, &field) && shown < UNREAD_SHOWN; shown++)
            cmd_say(t->cmd, "%.*s: no rule reads or skips %.*s, which has a value in %llu of %llu records",
                    (int)s->stream.n, s->stream.p, (int)field.path.n, field.path.p,
                    (unsigned long long)field.records, (unsigned long long)s->records);
        size_t more = shown == UNREAD_SHOWN;
        while (more > 0 && unread_next(s->unread, &at, &field))
            more++;
        if (more > 0 || beyond > 0)
            cmd_say(t->cmd, "%.*s: nor %zu more fields%s", (int)s->stream.n, s->stream.p, more,
                    beyond > 0 ? ", and others beyond these" : "");
    }
}

/* Instead of work. */
int canon_explain(struct canon *t, struct err *e)
{
    struct cmd *c = t->cmd;
    uint64_t lines = 0;
    c->write_marks = false;
    size_t from = c->out.buf.n;
    if (map_set_explain(t->maps, t->json, &c->out.buf, e) == -1)
        return -1;
    for (size_t i = from; i < c->out.buf.n; i++)
        lines += c->out.buf.p[i] == '\n';
    cmd_wrote(c, lines);
    return 0;
}

static void say_test(struct canon *t)
{
    struct buf *out = &t->cmd->out.buf;
    if (t->roundtrip == NULL || t->cmd->failed)
        return;
    t->cmd->write_marks = false;
    cmd_wrote(t->cmd, t->json ? roundtrip_json(t->roundtrip, out) : roundtrip_table(t->roundtrip, out));
}

void canon_say(struct canon *t)
{
    say_test(t);
    say_warnings(t);
    say_unread(t);
}
