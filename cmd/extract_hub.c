/*
 * What the hub holds.
 */

#include "compare/held.h"
#include "extract.h"

enum { RECORDS_A_MARK = 1024 };

static const char PREFIX[] = "hub:";

static bool mark_held(struct extract *x, struct held *held, bool end)
{
    struct record_mark mark;
    struct err e = {0};
    int done = held_mark(held, &mark, &e);
    mark.end = end;
    return (done == -1 || cmd_mark(&x->cmd, &mark, &e) == -1) && extract_fail(x, &e);
}

static bool give_held(struct extract *x, struct held *held)
{
    struct record r;
    struct err e = {0};
    int got;
    for (uint64_t n = 1; (got = held_next(held, &r, &e)) == 1; n++) {
        x->cmd.read++;
        record_write(&x->cmd.out.buf, &r);
        if (cmd_took(&x->cmd, 1) || (n % RECORDS_A_MARK == 0 && mark_held(x, held, false)))
            return true;
    }
    return got == -1 ? extract_fail(x, &e) : mark_held(x, held, true);
}

/* hub:ENTITY, whole or what a target lacks. */
static bool take_hub(struct extract *x, const char *operand)
{
    struct str entity = str_of(operand + sizeof PREFIX - 1);
    struct err e = {0};
    struct str target = x->target != NULL ? str_of(x->target) : (struct str){0};
    const char *path = cmd_database(x->database);
    if (path == NULL) {
        err_set(&e, "usage", "hub:%.*s is in a hub database: name it by -d or HUB_DB", (int)entity.n,
                entity.p);
        return extract_fail(x, &e);
    }
    struct hub *hub = hub_open(path, HUB_READS, &e);
    struct held *held = hub != NULL ? held_new(hub, entity, target, &e) : NULL;
    bool stop = held != NULL ? give_held(x, held) : extract_fail(x, &e);
    held_free(held);
    hub_close(hub);
    return stop;
}

static bool is_hub(const char *operand)
{
    return str_starts(str_of(operand), str_of(PREFIX));
}

const struct extract_kind extract_hub = {
    .what = "what the hub holds (hub:ENTITY)",
    .takes = "for",
    .alone = true,
    .is = is_hub,
    .take = take_hub,
};
