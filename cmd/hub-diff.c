/*
 * hub-diff: two states to the changes between them.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "compare/diff.h"
#include "compare/show.h"

enum { POINTERS_MOST = 64 };

struct tool {
    struct cmd cmd;
    struct str keys[POINTERS_MOST], ignored[POINTERS_MOST];
    struct diff_options options;
    bool quiet, readable, partial;
    struct diff *diff;
    enum diff_side side; /* that is read */
};

static const struct cmd_option options[] = {
    {'q', "quiet", NULL, CMD_NONE, "write nothing: the status tells", NULL},
    {'y', "readable", NULL, CMD_NONE, "write for a person", NULL},
    {'k', "key", "POINTER", CMD_TEXT, "tell records by this value of their data (may be repeated)", NULL},
    {'i', "ignore", "POINTER", CMD_TEXT, "leave this out of the comparison (may be repeated)", NULL},
    {0, "partial", NULL, CMD_NONE, "what NEW does not mention is not deleted", NULL},
    {0}};

static const struct cmd_spec spec = {.name = "hub-diff",
                                     .purpose = "compare two states and write the changes between them",
                                     .operands = "OLD NEW",
                                     .options = options,
                                     .common = CMD_HAS_REJECTS | CMD_HAS_MARKS};

static int add_pointer(struct str *list, size_t *n, struct str pointer, struct err *e)
{
    if (pointer.n < 2 || pointer.p[0] != '/')
        return err_set(e, "usage", "a JSON Pointer to a value starts with a slash: %s", err_quote(pointer));
    if (*n == POINTERS_MOST)
        return err_set(e, "usage", "more than %d pointers", POINTERS_MOST);
    list[(*n)++] = pointer;
    return 0;
}

static int take_option(void *arg, int letter, const char *name, const char *argument, struct err *e)
{
    struct tool *t = arg;
    (void)name;
    switch (letter) {
    case 'q': t->quiet = true; return 0;
    case 'y': t->readable = true; return 0;
    case 'k': return add_pointer(t->keys, &t->options.nkeys, str_of(argument), e);
    case 'i': return add_pointer(t->ignored, &t->options.nignored, str_of(argument), e);
    default: t->partial = true; return 0;
    }
}

/* Nothing is written before both inputs have ended: of their marks, only the end of NEW has a meaning for
 * what we write. */
static int take_mark(void *arg, const struct record_mark *mark, struct err *e)
{
    struct tool *t = arg;
    return t->side == DIFF_NEW && mark->end ? cmd_mark(&t->cmd, mark, e) : 0;
}

/* The functions below return true to stop the work: cmd_finish knows why. */

static bool fail(struct tool *t, const struct err *e)
{
    cmd_fail(&t->cmd, e);
    return true;
}

/* The records of one side. */
static bool take_side(struct tool *t, enum diff_side side)
{
    t->side = side;
    t->cmd.noperands = side == DIFF_OLD ? 1 : 2;
    struct record r;
    struct err e = {0};
    while (cmd_read(&t->cmd, &r)) {
        bool stop = true;
        switch (diff_take(t->diff, side, &r, &e)) {
        case DIFF_TAKEN: stop = cmd_took(&t->cmd, 0); break;
        case DIFF_AGAIN: stop = cmd_left_out(&t->cmd); break;
        case DIFF_REFUSED: stop = cmd_refuse(&t->cmd, &r, &e); break;
        case DIFF_FATAL: fail(t, &e); break;
        }
        if (stop)
            return true;
        e.field[0] = '\0';
    }
    return t->cmd.failed;
}

static bool wants_colours(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && (no == NULL || no[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

static void give_changes(struct tool *t)
{
    struct err e = {0};
    struct record change;
    bool colours = t->readable && wants_colours();
    for (int got; (got = diff_next(t->diff, &change, &e)) != 0;) {
        if (got == -1 && fail(t, &e))
            return;
        cmd_worse(&t->cmd, CMD_NO);
        if (t->quiet)
            return;
        if (t->readable)
            show_change(&t->cmd.out.buf, &change, colours);
        else
            record_write(&t->cmd.out.buf, &change);
        if (cmd_wrote(&t->cmd, 1))
            return;
    }
}

static int check_operands(const struct cmd *c, struct err *e)
{
    if (c->noperands != 2)
        return err_set(e, "usage", "two inputs are compared, OLD and NEW");
    if (strcmp(c->operands[0], "-") == 0 && strcmp(c->operands[1], "-") == 0)
        return err_set(e, "usage", "only one of the two can be standard input");
    return 0;
}

static void run(struct tool *t)
{
    struct cmd *c = &t->cmd;
    struct err e = {0};
    if (check_operands(c, &e) == -1 || (t->diff = diff_new(&t->options, &e)) == NULL) {
        fail(t, &e);
        return;
    }
    if (take_side(t, DIFF_OLD))
        return;
    uint64_t refused = c->refused;
    if (refused > 0) {
        err_place(&e, "%s", c->operands[0]);
        err_set(&e, "record", "some of it was refused: what NEW has of that would be taken for created");
        fail(t, &e);
        return;
    }
    if (take_side(t, DIFF_NEW))
        return;
    if (c->refused > refused && !t->partial)
        cmd_say(c, "some of %s was refused: what it does not mention is not taken for deleted",
                c->operands[1]);
    if (c->refused > refused || t->partial)
        diff_keep_absent(t->diff);
    if (t->quiet || t->readable)
        c->write_marks = false;
    give_changes(t);
}

int main(int argc, char **argv)
{
    static struct tool tool;
    struct tool *t = &tool;
    t->options.keys = t->keys;
    t->options.ignored = t->ignored;
    cmd_start(&t->cmd, argc, argv, &spec, take_option, t);
    t->cmd.on_mark = take_mark;
    t->cmd.mark_arg = t;
    run(t);
    diff_free(t->diff);
    return cmd_finish(&t->cmd);
}
