#include "deliver/caller.h"

#include <stdlib.h>

#include "deliver/caller_slot.h"

/* ---- the description ---- */

static const struct json_node *operation(const struct json_node *target, unsigned op)
{
    const struct json_node *own = json_get(target, carrier_op_word(op));
    if (json_is(own, JSON_OBJECT))
        return own;
    bool does = op != CARRIER_DELETE && (request_is_call(target) || json_get(target, STR("steps")) != NULL);
    return does ? target : NULL;
}

/* Where nothing is said: what puts a state is safe (RFC 9110 §9.2.2), all else is not. */
static enum carrier_repeat default_repeat(const struct json_node *target)
{
    return json_is(json_get(target, STR("put")), JSON_STRING) ? CARRIER_SAFE : CARRIER_NEVER;
}

static void take_steps(struct caller *a, const struct json_node *object)
{
    const struct json_node *steps = json_get(object, STR("steps"));
    const struct json_node *end = steps != NULL ? json_next(steps) : NULL;
    for (const struct json_node *step = steps != NULL ? steps + 1 : NULL; step < end;
         step = json_next(step)) {
        struct str name = description_string(caller_described(a), json_get(step, STR("name")));
        if (a->nsteps < STEPS_MOST)
            a->step_name[a->nsteps++] = name;
    }
}

static int describe(struct caller *a, struct err *e)
{
    struct carrier *c = &a->carrier;
    const struct json_node *batch = json_get(a->target, STR("batch"));
    const struct json_node *answer = json_get(a->target, STR("answer"));
    const struct description *d = caller_described(a);
    for (unsigned op = CARRIER_CREATE; op <= CARRIER_DELETE; op <<= 1) {
        const struct json_node *does = operation(a->target, op);
        c->ops |= does != NULL ? op : 0;
        if (does != NULL && does != a->target)
            take_steps(a, does);
    }
    take_steps(a, a->target);
    c->looks = json_get(a->target, STR("look")) != NULL;
    if (c->ops == 0)
        return err_set(e, "config", "says of no operation what to call: post, put, create, update, steps …");
    described_take(c, a->target, default_repeat(a->target), CARRIER_APPLY);
    c->patience = CARRIER_PATIENCE;
    c->batch = batch != NULL ? (size_t)description_integer(json_get(batch, STR("max")), 100) : 1;
    if (c->batch == 0)
        c->batch = 1;
    if (answer != NULL) {
        struct str stream = description_string(d, json_get(answer, STR("stream")));
        struct str system = a->session.system->name;
        a->stream = arena_printf(&a->session.arena, "%.*s:%.*s", (int)system.n, system.p, (int)stream.n,
                                 stream.p != NULL ? stream.p : "");
    }
    return 0;
}

/* ---- chains ---- */

static const struct json_node *step_of(const struct caller_slot *s)
{
    const struct json_node *steps = json_get(s->call, STR("steps"));
    return steps != NULL ? json_at(steps, s->step) : s->call;
}

static bool is_last(const struct caller_slot *s)
{
    const struct json_node *steps = json_get(s->call, STR("steps"));
    return steps == NULL || s->step + 1 >= json_count(steps);
}

static bool is_reading(const struct json_node *call)
{
    return json_is(json_get(call, STR("get")), JSON_STRING);
}

/* ---- calls ---- */

static bool sends_changed(const struct caller *a, const struct json_node *call)
{
    const struct json_node *said = json_get(call, STR("send"));
    if (said == NULL)
        said = json_get(a->target, STR("send"));
    return said != NULL && json_string_is(said, STR("changed"));
}

static const struct json_node *look_of(const struct caller *a, const struct caller_slot *s)
{
    const struct json_node *step = step_of(s);
    const struct parcel *p = s->parcel[0];
    if (step != s->call) {
        const struct json_node *own = json_get(step, STR("look"));
        if (own != NULL)
            return s->again ? own : NULL;
    }
    /* What was settled without being sent has an id, too, which nobody has said yet. */
    bool first = s->step == 0 && p->target_id.n == 0;
    return first ? json_get(a->target, STR("look")) : NULL;
}

static int start_call(struct caller *a, struct caller_slot *s, const struct json_node *call,
                      enum caller_phase phase, struct err *e)
{
    struct view v;
    enum carrier_repeat repeat = described_repeat(call, a->carrier.repeat);
    caller_bind(a, s, s->parcel[0]);
    s->phase = phase;
    s->x.raw = json_get(call, STR("save")) != NULL;
    s->x.effect = phase == CALLER_CALL && !is_reading(call);
    s->x.once = s->x.effect && (repeat == CARRIER_LOOK || repeat == CARRIER_NEVER);
    s->x.lost = false;
    session_view(&a->session, &v, caller_value(s), NULL);
    return session_start(&a->session, &s->x, call, &v, NULL, e);
}

/* What could not even be asked: because of the record, or of all else. */
static int not_started(struct caller *a, struct caller_slot *s, struct err *e)
{
    struct str code = str_of(e->code != NULL ? e->code : "memory");
    bool record = !e->temporary && !str_eq(code, STR("http")) && !str_eq(code, STR("memory")) &&
                  !str_eq(code, STR("io"));
    for (size_t i = 0; i < s->n; i++)
        parcel_end(s->parcel[i], record ? PARCEL_REFUSED : PARCEL_UNHEARD, e, a->carrier.host.arena);
    if (record)
        err_clear(e);
    return record ? 1 : -1;
}

/* The call, or the look before it, of the step at hand. 0: on its way; 1: the parcel has its outcome. */
static int begin(struct caller *a, struct caller_slot *s, struct err *e)
{
    const struct json_node *look = look_of(a, s);
    int done =
        look != NULL ? start_call(a, s, look, CALLER_LOOK, e) : start_call(a, s, step_of(s), CALLER_CALL, e);
    return done == 0 ? 0 : not_started(a, s, e);
}

int caller_failed(struct caller *a, struct caller_slot *s, enum carrier_repeat repeat, struct err *e)
{
    struct arena *arena = a->carrier.host.arena;
    bool stop = false;
    enum parcel_outcome outcome = PARCEL_REFUSED;
    switch (s->x.verdict) {
    case VERDICT_REFUSE:
    case VERDICT_EXISTS: break;
    case VERDICT_CONFLICT: e->code = "conflict"; break;
    case VERDICT_RETRY:
        stop = s->x.down;
        outcome = !s->x.lost || !s->x.effect ? PARCEL_UNHEARD
                  : repeat == CARRIER_NEVER  ? PARCEL_UNCERTAIN
                                             : PARCEL_LOST;
        break;
    case VERDICT_LOGIN:
    case VERDICT_STOP:
        stop = true;
        outcome = s->x.lost && s->x.effect ? PARCEL_LOST : PARCEL_UNHEARD;
        break;
    default:
        stop = true;
        outcome = s->x.effect ? PARCEL_LOST : PARCEL_UNHEARD;
        break;
    }
    if (outcome == PARCEL_REFUSED && s->n > 1)
        outcome = PARCEL_ALONE;
    for (size_t i = 0; i < s->n; i++)
        parcel_end(s->parcel[i], outcome, e, arena);
    if (!stop)
        err_clear(e);
    return stop ? -1 : 1;
}

/* The answer could not be understood, whatever came of the call. */
static int not_understood(struct caller *a, struct caller_slot *s, struct err *e)
{
    parcel_end(s->parcel[0], s->x.effect ? PARCEL_LOST : PARCEL_UNHEARD, e, a->carrier.host.arena);
    return -1;
}

/* What the target answered, as a native record. */
static int answer(struct caller *a, struct caller_slot *s, struct err *e)
{
    const struct json_node *said = json_get(a->target, STR("answer"));
    struct err why = {0};
    struct view v;
    if (said == NULL)
        return 0;
    caller_bind(a, s, s->parcel[0]);
    session_view(&a->session, &v, s->x.value, &s->x);
    const struct text *value = description_text(caller_described(a), json_get(said, STR("value")));
    const struct json_node *data = value != NULL ? text_value(value, &v, &why) : s->x.value;
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    if (!json_is(data, JSON_OBJECT))
        return 0;
    struct record native = {.kind = RECORD_NATIVE,
                            .stream = a->stream,
                            .source = a->session.system->source,
                            .id = s->parcel[0]->target_id.n > 0 ? s->parcel[0]->target_id : (struct str){0},
                            .data = data};
    return a->carrier.host.answer(a->carrier.host.arg, &native, e);
}

/* All is done: what the target calls the record. */
static int all_done(struct caller *a, struct caller_slot *s, struct err *e)
{
    struct parcel *p = s->parcel[0];
    const struct json_node *said = json_get(step_of(s), STR("target_id"));
    struct str id;
    if (said == NULL)
        said = json_get(s->call, STR("target_id"));
    if (said == NULL)
        said = json_get(a->target, STR("target_id"));
    caller_bind(a, s, p);
    if (caller_text(a, s, said, s->x.value, &id, e) == -1)
        return not_understood(a, s, e);
    if (id.n > 0 && (p->target_id = arena_str(a->carrier.host.arena, id)).p == NULL) {
        err_memory(e);
        return not_understood(a, s, e);
    }
    if (answer(a, s, e) == -1)
        return not_understood(a, s, e);
    parcel_end(p, PARCEL_APPLIED, NULL, NULL);
    return 1;
}

/* Where the name is wrong, that is about this record alone. */
static int not_saved(struct caller *a, struct caller_slot *s, struct err *e)
{
    if (!str_eq(str_of(e->code), STR("record")))
        return not_understood(a, s, e);
    parcel_end(s->parcel[0], PARCEL_REFUSED, e, a->carrier.host.arena);
    err_clear(e);
    return 1;
}

/* A step is done; the next one is on its way (0), or all is done (1). */
static int step_done(struct caller *a, struct caller_slot *s, struct err *e)
{
    struct parcel *p = s->parcel[0];
    const struct json_node *step = step_of(s);
    if (step != s->call && caller_keep(a, s, step, e) == -1)
        return not_understood(a, s, e);
    if (step != s->call && caller_save(a, s, step, e) == -1)
        return not_saved(a, s, e);
    if (is_last(s))
        return all_done(a, s, e);
    s->step++;
    s->again = false;
    /* What only reads is done again by a run that goes on. */
    bool lasting = !is_reading(step) || json_get(step, STR("keep")) != NULL;
    if (lasting) {
        p->pending.step = (int64_t)s->step;
        if (caller_write_kept(a, s, p, e) == -1 || a->carrier.host.keep(a->carrier.host.arg, p, e) == -1) {
            parcel_end(p, PARCEL_LOST, e, a->carrier.host.arena);
            return -1;
        }
    }
    return begin(a, s, e);
}

/* The call of the step at hand itself: 0 where it is on its way. */
static int call_it(struct caller *a, struct caller_slot *s, struct err *e)
{
    return start_call(a, s, step_of(s), CALLER_CALL, e) == -1 ? not_started(a, s, e) : 0;
}

/* The look did not find it. What the target was said to have is made, then, and there is nothing to delete.
 */
static int not_found(struct caller *a, struct caller_slot *s, struct err *e)
{
    const struct json_node *create = operation(a->target, CARRIER_CREATE);
    bool of_step = s->x.call != json_get(a->target, STR("look"));
    if (!of_step && s->op == CARRIER_DELETE) {
        parcel_end(s->parcel[0], PARCEL_APPLIED, NULL, NULL);
        return 1;
    }
    if (!of_step && s->op == CARRIER_UPDATE && create != NULL) {
        s->op = CARRIER_CREATE;
        s->call = create;
    }
    return call_it(a, s, e);
}

/* It is there: 1 where that is all, 0 where more is on its way, -1. */
static int found(struct caller *a, struct caller_slot *s, struct str id, struct err *e)
{
    struct parcel *p = s->parcel[0];
    const struct json_node *step = step_of(s);
    if (step != s->call && json_get(step, STR("look")) != NULL)
        return step_done(a, s, e);
    if ((p->target_id = arena_str(a->carrier.host.arena, id)).p == NULL) {
        err_memory(e);
        return not_understood(a, s, e);
    }
    if (s->op != CARRIER_CREATE)
        return call_it(a, s, e);
    const struct json_node *update = operation(a->target, CARRIER_UPDATE);
    if (update == NULL || update == s->call) {
        parcel_end(p, PARCEL_APPLIED, NULL, NULL);
        return 1;
    }
    s->op = CARRIER_UPDATE;
    s->call = update;
    return begin(a, s, e);
}

static int looked(struct caller *a, struct caller_slot *s, bool any, struct err *e)
{
    struct str id = {0};
    caller_bind(a, s, s->parcel[0]);
    if (any) {
        const struct text *text = description_text(caller_described(a), json_get(s->x.call, STR("found")));
        struct err why = {0};
        struct view v;
        const struct json_node *outer[TEXT_OUTER];
        for (size_t i = 0; i < TEXT_OUTER; i++)
            outer[i] = caller_value(s);
        session_view(&a->session, &v, s->x.value, &s->x);
        v.around.outer = outer;
        const struct json_node *value = text != NULL ? text_value(text, &v, &why) : s->x.value;
        if (json_is(value, JSON_ARRAY))
            value = json_at(value, 0);
        if (why.code != NULL) {
            *e = why;
            return not_understood(a, s, e);
        }
        bool there = value != NULL && !json_is(value, JSON_NULL) && !json_is(value, JSON_FALSE);
        if (there && json_is(value, JSON_STRING))
            id = json_string(value, &s->arena);
        else if (there)
            id = arena_str(&s->arena, json_text(value));
    }
    return id.n > 0 ? found(a, s, id, e) : not_found(a, s, e);
}

/* ---- the carrier ---- */

static int start(struct carrier *c, unsigned slot, struct parcel **parcels, size_t n, struct err *e)
{
    struct caller *a = (struct caller *)c;
    struct caller_slot *s = &a->slot[slot];
    s->parcel = parcels;
    s->n = n;
    arena_reset(&s->arena);
    s->batch = c->batch > 1 && !str_eq(parcels[0]->pending.op, STR("delete"));
    if (s->batch)
        return caller_start_batch(a, s, e);
    struct parcel *p = parcels[0];
    int got = caller_take(a, s, p, e);
    s->call = operation(a->target, s->op);
    s->step = (size_t)p->pending.step;
    s->again = p->again;
    if (got == 1 && (s->call == NULL || step_of(s) == NULL)) {
        struct err why = {0};
        err_set(&why, "config", "the target has no way for this operation any more");
        parcel_end(p, PARCEL_REFUSED, &why, c->host.arena);
        got = 0;
    }
    if (got == 1 && s->op == CARRIER_UPDATE && s->before.n > 0 && sends_changed(a, s->call) &&
        caller_keep_changed(s, e) == -1)
        got = -1;
    if (got == 1 && caller_read_kept(a, s, p, e) == -1)
        got = -1;
    if (got == 1)
        got = begin(a, s, e) == -1 ? -1 : 1;
    if (got == -1 && p->outcome == PARCEL_WAITS)
        parcel_end(p, PARCEL_UNHEARD, e, c->host.arena);
    return got == -1 ? -1 : 0;
}

static int finish_single(struct caller *a, struct caller_slot *s, struct err *e)
{
    struct parcel *p = s->parcel[0];
    if (p->outcome != PARCEL_WAITS)
        return 1;
    enum carrier_repeat repeat = described_repeat(step_of(s), a->carrier.repeat);
    caller_bind(a, s, p);
    enum session_got got = session_finish(&a->session, &s->x, e);
    if (got == SESSION_FAILED)
        return caller_failed(a, s, repeat, e);
    if (s->phase == CALLER_LOOK)
        return looked(a, s, got == SESSION_OK, e);
    if (got == SESSION_NONE && s->op != CARRIER_DELETE) {
        struct err why = {0};
        err_set(&why, "http", "%d: what was called is not there", s->x.answer->status);
        session_place(&a->session, &s->x, &why);
        parcel_end(p, PARCEL_REFUSED, &why, a->carrier.host.arena);
        return 1;
    }
    return step_done(a, s, e);
}

static int finish(struct carrier *c, unsigned slot, struct err *e)
{
    struct caller *a = (struct caller *)c;
    struct caller_slot *s = &a->slot[slot];
    return s->batch ? caller_finish_batch(a, s, e) : finish_single(a, s, e);
}

/* Of a chain: as the step at which it stopped says. */
static enum carrier_repeat repeat(const struct carrier *c, const struct parcel *p)
{
    const struct caller *a = (const struct caller *)c;
    const struct json_node *call = operation(a->target, carrier_op_of(p->pending.op));
    const struct json_node *steps = json_get(call, STR("steps"));
    const struct json_node *step = steps != NULL ? json_at(steps, (size_t)p->pending.step) : NULL;
    return is_reading(step) ? CARRIER_SAFE : described_repeat(step, c->repeat);
}

static void close_caller(struct carrier *c)
{
    caller_close(c);
}

static const struct carrier_kind kind = {start, finish, repeat, close_caller};

/* ---- life ---- */

static unsigned slots_of(const struct caller *a, unsigned wanted)
{
    const struct json_node *limits = json_get(description_root(caller_described(a)), STR("limits"));
    int64_t most = description_integer(json_get(limits, STR("parallel")), wanted > 0 ? wanted : 1);
    if (wanted > 0 && most > wanted)
        most = wanted;
    return most < 1 ? 1 : most > CARRIER_SLOTS ? CARRIER_SLOTS : (unsigned)most;
}

static int open_slots(struct caller *a, unsigned n, struct err *e)
{
    a->slot = calloc(n, sizeof *a->slot);
    if (a->slot == NULL)
        return err_memory(e);
    for (; a->nslots < n; a->nslots++)
        if (caller_slot_init(&a->slot[a->nslots], e) == -1) {
            a->nslots++;
            return -1;
        }
    a->carrier.slots = n;
    return 0;
}

struct carrier *caller_open(struct system *system, struct str target, const struct caller_options *o,
                            struct err *e)
{
    struct caller *a = calloc(1, sizeof *a);
    if (a == NULL) {
        err_memory(e);
        return NULL;
    }
    a->carrier.kind = &kind;
    if (described_open(&a->carrier, &a->session, system, target, &o->session, &a->target, e) == 0 &&
        describe(a, e) == 0 && open_slots(a, slots_of(a, o->parallel), e) == 0)
        return &a->carrier;
    caller_close(&a->carrier);
    return NULL;
}

void caller_close(struct carrier *c)
{
    struct caller *a = (struct caller *)c;
    if (c == NULL)
        return;
    for (unsigned i = 0; i < a->nslots; i++)
        caller_slot_release(a, &a->slot[i]);
    free(a->slot);
    session_close(&a->session);
    free(a);
}
