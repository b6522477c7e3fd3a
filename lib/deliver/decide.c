#include "deliver/decide.h"

static bool same(const char a[LEDGER_VERSION], const char b[LEDGER_VERSION])
{
    return memcmp(a, b, LEDGER_VERSION) == 0;
}

static void leave_out(struct decision *d, enum ledger_state state, const char *why)
{
    d->what = DECIDED_LEFT_OUT;
    d->state = state;
    d->why = why;
}

static void park(struct decision *d, const char *code, const char *why)
{
    d->what = DECIDED_PARK;
    d->code = code;
    d->why = why;
}

/* What may only be changed with care (a posting, a label) and cannot be is for a person to see. */
static void no_way(struct decision *d, const struct carrier *c, const struct ledger_entry *has,
                   enum ledger_state state, const char *why)
{
    if (c->changed == CARRIER_REFUSE && has->state == LEDGER_APPLIED)
        park(d, "changed", why);
    else
        leave_out(d, state, why);
}

static void keep_uncertain(struct decision *d)
{
    park(d, LEDGER_UNCERTAIN,
         "it is not known whether the target has it: look there, and --resend it where it has not");
}

bool decide_fits(const struct ledger_entry *has, const struct given *given)
{
    if (has->state == LEDGER_NONE)
        return true;
    if (has->state == LEDGER_DELETED || given->op == GIVEN_CREATE)
        return (has->state == LEDGER_DELETED) == (given->op == GIVEN_CREATE);
    return !given->has_was || same(given->was, has->version);
}

static void decide_deletion(struct decision *d, const struct carrier *c, const struct ledger_entry *has)
{
    d->op = CARRIER_DELETE;
    d->state = LEDGER_DELETED;
    if (has->uncertain)
        keep_uncertain(d);
    else if (has->state == LEDGER_NONE || has->state == LEDGER_DELETED)
        d->what = DECIDED_UNCHANGED;
    else if (c->changed == CARRIER_IGNORE)
        leave_out(d, has->state, "it is told once");
    else if ((c->ops & CARRIER_DELETE) == 0)
        no_way(d, c, has, has->state, "the target has no way to delete");
}

/* The operation that brings the target to the state that was given. */
static unsigned operation(const struct carrier *c, const struct ledger_entry *has, const struct given *given)
{
    if (has->state == LEDGER_APPLIED)
        return CARRIER_UPDATE;
    return given->op == GIVEN_UPDATE && c->only == CARRIER_UPDATE ? CARRIER_UPDATE : CARRIER_CREATE;
}

static void decide_state(struct decision *d, const struct carrier *c, const struct ledger_entry *has,
                         const struct given *given)
{
    bool known = has->state == LEDGER_APPLIED || has->state == LEDGER_LEFT_OUT;
    bool from_it = given->op == GIVEN_UPDATE && given->has_was && same(given->was, has->version);
    d->op = operation(c, has, given);
    d->state = has->state;
    if (known && same(given->version, has->version))
        d->what = DECIDED_UNCHANGED;
    else if (has->uncertain)
        keep_uncertain(d);
    else if (known && c->changed == CARRIER_IGNORE)
        leave_out(d, LEDGER_LEFT_OUT, "it is told once");
    else if (given->change && !decide_fits(has, given))
        park(d, "conflict", "the target has another version than the change starts from");
    else if (has->state == LEDGER_APPLIED && c->changed == CARRIER_REFUSE && !from_it)
        park(d, "changed", "the target has a version already, and takes only a change that starts from it");
    else if (c->only != 0 && (c->only & d->op) == 0)
        leave_out(d, LEDGER_LEFT_OUT, "the target is not told of this operation");
    else if ((c->ops & d->op) == 0)
        no_way(d, c, has, LEDGER_LEFT_OUT, "the target has no way for this operation");
}

void decide(struct decision *d, const struct carrier *c, const struct ledger_entry *has,
            const struct given *given)
{
    *d = (struct decision){.what = DECIDED_SEND};
    if (given->op == GIVEN_DELETE)
        decide_deletion(d, c, has);
    else
        decide_state(d, c, has, given);
    if (given->op == GIVEN_DELETE && d->what == DECIDED_SEND && given->change && !decide_fits(has, given))
        park(d, "conflict", "the target has another version than the one that is to be deleted");
}
