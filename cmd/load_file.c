/*
 * hub-load into files and folders.
 */
#include <inttypes.h>

#include "load.h"

/* ---- templates ---- */

/* Behind the last dot, which every template has. */
static const char *suffix_of(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot != NULL ? dot + 1 : file;
}

int load_templates(struct load *t, struct err *e)
{
    struct sink_options *o = &t->options;
    if (t->template == NULL && t->name == NULL)
        return t->arguments.nparams + t->arguments.ntables == 0
                   ? 0
                   : err_set(e, "usage", "-%c is for templates, and none is named",
                             t->arguments.nparams > 0 ? 'D' : 'l');
    if (t->template != NULL && o->format != NULL)
        return err_set(e, "usage", "-T says the format, too: leave -f away");
    o->encoding.letters = t->letters = letters_new(&t->arguments, e);
    if (t->letters == NULL)
        return -1;
    if (t->template != NULL) {
        o->encoding.template = letters_load(t->letters, t->template, e);
        if (o->encoding.template == NULL)
            return -1;
        o->format = &format_template;
        o->suffix = suffix_of(t->template);
    }
    if (t->name != NULL) {
        o->name = letters_load_text(t->letters, "--name.txt", str_of(t->name), e);
        if (o->name == NULL)
            return -1;
    }
    return letters_check_arguments(t->letters, &t->arguments, e);
}

/* ---- records ---- */

/* The functions below return true to stop the work: cmd_finish knows why. */

/* The receipt waits until the file is whole. */
static bool hold(struct load *t, const struct record *r)
{
    struct err e = {0};
    if (!t->options.dry && receipts_add(&t->receipts, r, &e) == -1)
        return load_fail(t, &e);
    return cmd_took(&t->cmd, 0);
}

static bool give(struct load *t, const struct record *r, struct str status)
{
    struct record receipt;
    struct err e = {0};
    int made = t->options.dry ? 0 : receipts_make(&t->receipts, r, &receipt, &e);
    if (made == -1)
        return load_fail(t, &e);
    if (made == 1) {
        receipt.status = status;
        record_write(&t->cmd.out.buf, &receipt);
    }
    if (!str_eq(status, STR("left_out")))
        return cmd_took(&t->cmd, (uint64_t)made);
    return cmd_left_out(&t->cmd) || cmd_wrote(&t->cmd, (uint64_t)made);
}

static bool take(struct load *t, struct sink *sink, const struct record *r)
{
    struct err e = {0};
    switch (sink_put(sink, r, &e)) {
    case SINK_HELD: return hold(t, r);
    case SINK_APPLIED: return give(t, r, STR("applied"));
    case SINK_UNCHANGED: return give(t, r, STR("unchanged"));
    case SINK_LEFT_OUT: return give(t, r, STR("left_out"));
    case SINK_REFUSED: return cmd_refuse(&t->cmd, r, &e);
    case SINK_FATAL: break;
    }
    return load_fail(t, &e);
}

static void give_held(struct load *t, struct str status)
{
    struct record receipt;
    struct err e = {0};
    int got = receipts_rewind(&t->receipts, &e) == 0 ? 1 : -1;
    while (got == 1 && (got = receipts_next(&t->receipts, status, &receipt, &e)) == 1) {
        record_write(&t->cmd.out.buf, &receipt);
        if (cmd_wrote(&t->cmd, 1))
            return;
    }
    if (got == -1)
        load_fail(t, &e);
}

static void say_plan(const struct load *t, const struct sink *sink, const struct sink_result *result)
{
    if (sink->kind == &sink_folder)
        cmd_say(&t->cmd,
                "%s: of %" PRIu64 " files %" PRIu64 " would be created, %" PRIu64 " replaced, %" PRIu64
                " would stay as they are",
                t->target, result->created + result->replaced + result->unchanged, result->created,
                result->replaced, result->unchanged);
    else
        cmd_say(&t->cmd, "%s would %s; records: %" PRIu64, t->target,
                result->unchanged ? "stay as it is"
                : result->created ? "be created"
                                  : "be replaced",
                t->cmd.taken);
}

void load_to_file(struct load *t)
{
    struct record r;
    struct err e = {0};
    struct sink_result result;
    if (cmd_check_target(&t->cmd, t->target, &e) == -1) {
        load_fail(t, &e);
        return;
    }
    struct sink *sink = load_templates(t, &e) == 0 ? sink_open(t->target, &t->options, &e) : NULL;
    if (sink == NULL) {
        load_fail(t, &e);
        return;
    }
    while (cmd_read(&t->cmd, &r))
        if (take(t, sink, &r))
            break;
    if (!t->cmd.failed) {
        if (t->options.dry)
            t->cmd.write_marks = false;
        if (sink_finish(sink, &result, &e) == -1)
            load_fail(t, &e);
        else if (t->options.dry)
            say_plan(t, sink, &result);
        else
            give_held(t, result.unchanged > 0 ? STR("unchanged") : STR("applied"));
    }
    sink_close(sink);
}
