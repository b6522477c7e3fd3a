#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clean.h"
#include "cmd.h"

enum { MESSAGE_MOST = 4096 };

/* One write, so that the lines of several tools do not mix. */
static void say(const struct cmd *c, struct str text)
{
    struct buf line;
    buf_init(&line, 8 * MESSAGE_MOST);
    if (c->progress_shown)
        buf_put(&line, STR("\r\033[K"));
    buf_put(&line, str_of(c->spec->name));
    buf_put(&line, STR(": "));
    buf_put_clean(&line, text);
    buf_byte(&line, '\n');
    while (buf_ok(&line) && write(STDERR_FILENO, line.p, line.n) == -1 && errno == EINTR)
        ;
    buf_release(&line);
}

void cmd_say(const struct cmd *c, const char *fmt, ...)
{
    char text[MESSAGE_MOST];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n >= 0)
        say(c, str_of(text));
}

void cmd_say_err(const struct cmd *c, const struct err *e)
{
    cmd_say(c, "%s%s%s%s%s", e->place, e->place[0] != '\0' ? ": " : "", e->field,
            e->field[0] != '\0' ? ": " : "", e->message);
}

void cmd_say_diags(const struct cmd *c, const struct diag_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct diag *d = &list->diag[i];
        cmd_say(c, "%.*s:%u:%u: %.*s%s%.*s", (int)d->name.n, d->name.p, d->line, d->column, (int)d->field.n,
                d->field.p != NULL ? d->field.p : "", d->field.n > 0 ? ": " : "", (int)d->message.n,
                d->message.p);
        cmd_say(c, "    %.*s", (int)d->text.n, d->text.p);
        cmd_say(c, "    %*s", (int)d->column, "^");
    }
    if (list->more)
        cmd_say(c, "these are the first %d errors: once they are mended, the others are told", DIAG_MOST);
}

void cmd_warn(struct cmd *c, const struct record *r, const char *check, const char *message, bool shown)
{
    struct err e = {0};
    if (shown)
        cmd_say(c, "%s:%" PRIu64 ": %s", r->input, r->number, message);
    if (runlog_warn(&c->log, check, r, &e) == -1 && shown)
        cmd_say_err(c, &e);
}
