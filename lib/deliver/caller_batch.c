#include "base/digest.h"
#include "deliver/caller_slot.h"

static const struct json_node *batch_of(const struct caller *a)
{
    return json_get(a->target, STR("batch"));
}

/* ---- the call ---- */

/* What stands for a record in the batch, appended to the items; and the key of its result. */
static int add(struct caller *a, struct caller_slot *s, size_t i, struct err *e)
{
    const struct json_node *item = json_get(batch_of(a), STR("item"));
    const struct json_node *key = json_get(batch_of(a), STR("key"));
    struct view v;
    caller_bind(a, s, s->parcel[i]);
    session_view(&a->session, &v, caller_value(s), NULL);
    s->tape.n = 0;
    if (item == NULL ? !json_append(&s->tape, caller_value(s))
                     : description_value(caller_described(a), item, &v, &s->tape, e) == -1)
        return item == NULL ? err_memory(e) : -1;
    if (s->tape.n == 0)
        return err_set(e, "record", "nothing to send of it: %s", "its item has no value");
    if (key != NULL && caller_text(a, s, key, caller_value(s), &s->key[i], e) == -1)
        return -1;
    if (s->items.n > 1)
        buf_byte(&s->items, ',');
    json_write(&s->items, s->tape.node);
    return buf_ok(&s->items) ? 0 : err_memory(e);
}

/* All that can be sent stand first; the others have their outcome. */
static int collect(struct caller *a, struct caller_slot *s, struct err *e)
{
    size_t n = 0;
    buf_reset(&s->items);
    buf_byte(&s->items, '[');
    for (size_t i = 0; i < s->n; i++) {
        struct parcel *p = s->parcel[i];
        struct err why = {0};
        int got = caller_take(a, s, p, e);
        if (got == -1)
            return -1;
        size_t at = s->items.n;
        s->parcel[i] = s->parcel[n];
        s->parcel[n] = p;
        if (got == 0)
            continue;
        if (add(a, s, n, &why) == 0) {
            n++;
            continue;
        }
        s->items.n = at;
        parcel_end(p, PARCEL_REFUSED, &why, a->carrier.host.arena);
    }
    buf_byte(&s->items, ']');
    s->n = n;
    return buf_ok(&s->items) ? 0 : err_memory(e);
}

/* The name of a batch, by those of its deliveries. */
static int name_batch(const struct caller_slot *s, char key[65], struct err *e)
{
    struct buf all;
    buf_init(&all, JSON_BYTES);
    for (size_t i = 0; i < s->n; i++)
        buf_put(&all, str_of(s->parcel[i]->key));
    int done = buf_ok(&all) ? digest_sha256(key, buf_str(&all), e) : err_memory(e);
    buf_release(&all);
    return done;
}

/* {INTO: the items}, as request_make takes it. */
static int make_changes(struct caller *a, struct caller_slot *s, struct err *e)
{
    struct str into = description_string(caller_described(a), json_get(batch_of(a), STR("into")));
    struct json_tape items;
    if (into.p == NULL)
        into = STR("/body");
    json_tape_init(&items);
    s->tape.n = 0;
    int done = json_parse_made(&items, &s->items, e);
    if (done == 0) {
        struct json_node key = json_string_node(into);
        size_t object = json_open(&s->tape, JSON_OBJECT);
        if (object == SIZE_MAX || !json_append(&s->tape, &key) || !json_append(&s->tape, items.node))
            done = err_memory(e);
        else
            json_close(&s->tape, object);
    }
    json_tape_release(&items);
    return done;
}

static int send(struct caller *a, struct caller_slot *s, struct err *e)
{
    static const struct json_node none = {.p = "{}", .n = 2, .span = 1, .type = JSON_OBJECT};
    enum carrier_repeat repeat = a->carrier.repeat;
    char key[65];
    struct view v;
    if (name_batch(s, key, e) == -1 || make_changes(a, s, e) == -1)
        return -1;
    bindings_set_text(&a->session.names, STR("key"), str_of(key));
    s->x.raw = false;
    s->x.effect = true;
    s->x.once = repeat == CARRIER_LOOK || repeat == CARRIER_NEVER;
    s->x.lost = false;
    session_view(&a->session, &v, &none, NULL);
    return session_start(&a->session, &s->x, a->target, &v, s->tape.node, e);
}

int caller_start_batch(struct caller *a, struct caller_slot *s, struct err *e)
{
    size_t all = s->n;
    s->key = arena_array(&s->arena, s->n, sizeof *s->key);
    int done = s->key == NULL ? err_memory(e) : collect(a, s, e);
    if (done == 0 && s->n > 0)
        done = send(a, s, e);
    for (size_t i = 0; done == -1 && i < all; i++)
        if (s->parcel[i]->outcome == PARCEL_WAITS)
            parcel_end(s->parcel[i], PARCEL_UNHEARD, e, a->carrier.host.arena);
    return done;
}

/* ---- the answer ---- */

/* The parcel of a result: by its key, or the I-th. NULL: none. */
static struct parcel *parcel_of(struct caller_slot *s, bool by_key, struct str key, size_t i)
{
    if (!by_key)
        return i < s->n ? s->parcel[i] : NULL;
    for (size_t k = 0; key.p != NULL && k < s->n; k++)
        if (s->key[k].p != NULL && str_eq(s->key[k], key) && s->parcel[k]->outcome == PARCEL_UNCERTAIN)
            return s->parcel[k];
    return NULL;
}

static int take_done(struct caller *a, struct caller_slot *s, const struct json_node *list, struct parcel *p,
                     const struct json_node *result, struct err *e)
{
    struct str id;
    if (p == NULL)
        return 0;
    if (caller_text(a, s, json_get(list, STR("target_id")), result, &id, e) == -1)
        return -1;
    if (id.n > 0 && (p->target_id = arena_str(a->carrier.host.arena, id)).p == NULL)
        return err_memory(e);
    parcel_end(p, PARCEL_APPLIED, NULL, NULL);
    return 0;
}

static int take_failed(struct caller *a, struct caller_slot *s, const struct json_node *list,
                       struct parcel *p, const struct json_node *result, struct err *e)
{
    struct str say;
    struct err why = {0};
    if (p == NULL)
        return 0;
    if (caller_text(a, s, json_get(list, STR("say")), result, &say, e) == -1)
        return -1;
    err_set(&why, "http", "%.*s", (int)say.n, say.p != NULL ? say.p : "");
    if (say.n == 0)
        err_set(&why, "http", "refused, without a reason");
    parcel_end(p, PARCEL_REFUSED, &why, a->carrier.host.arena);
    return 0;
}

typedef int take_result(struct caller *a, struct caller_slot *s, const struct json_node *list,
                        struct parcel *p, const struct json_node *result, struct err *e);

/* Without a key, results are matched by their places, of which there have to be as many as records were sent.
 */
static const struct text *key_of(const struct caller *a, const struct json_node *list)
{
    return json_get(batch_of(a), STR("key")) != NULL
               ? description_text(caller_described(a), json_get(list, STR("key")))
               : NULL;
}

/* 1: the list tells of this result; 0: `when` does not hold of it. */
static int is_told(struct caller *a, struct caller_slot *s, const struct json_node *list,
                   const struct json_node *result, struct err *e)
{
    const struct text *when = description_text(caller_described(a), json_get(list, STR("when")));
    struct view v;
    session_view(&a->session, &v, result, &s->x);
    return when != NULL ? text_test(when, &v, e) : 1;
}

/* One result, which may name several records. */
static int result_of(struct caller *a, struct caller_slot *s, const struct json_node *list,
                     const struct json_node *result, size_t place, take_result *take, struct err *e)
{
    const struct text *key = key_of(a, list);
    struct err why = {0};
    struct view v;
    int told = is_told(a, s, list, result, e);
    if (told != 1)
        return told;
    if (key == NULL)
        return take(a, s, list, parcel_of(s, false, (struct str){0}, place), result, e);
    session_view(&a->session, &v, result, &s->x);
    const struct json_node *value = text_value(key, &v, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    s->tape.n = 0;
    if (value == NULL)
        return 0;
    if (!json_append(&s->tape, value))
        return err_memory(e);
    bool many = json_is(s->tape.node, JSON_ARRAY);
    size_t n = many ? json_count(s->tape.node) : 1;
    for (size_t i = 0; i < n; i++) {
        const struct json_node *one = many ? json_at(s->tape.node, i) : s->tape.node;
        struct str text = json_is(one, JSON_STRING) ? json_string(one, &s->arena) : json_text(one);
        if (take(a, s, list, parcel_of(s, true, text, 0), result, e) == -1)
            return -1;
    }
    return 0;
}

/* The results that LIST of the description tells of. */
static int results(struct caller *a, struct caller_slot *s, const struct json_node *list, take_result *take,
                   struct err *e)
{
    const struct text *at = description_text(caller_described(a), json_get(list, STR("at")));
    struct json_tape all;
    struct err why = {0};
    struct view v;
    int done = 0;
    if (list == NULL || at == NULL)
        return 0;
    session_view(&a->session, &v, s->x.value, &s->x);
    const struct json_node *value = text_value(at, &v, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    json_tape_init(&all);
    if (value != NULL && !json_append(&all, value))
        done = err_memory(e);
    bool many = value != NULL && json_is(all.node, JSON_ARRAY);
    size_t n = value == NULL ? 0 : many ? json_count(all.node) : 1;
    if (key_of(a, list) == NULL && n != s->n)
        n = 0;
    for (size_t i = 0; i < n && done == 0; i++)
        done = result_of(a, s, list, many ? json_at(all.node, i) : all.node, i, take, e);
    json_tape_release(&all);
    return done;
}

/* Nothing is known of any of them; it is as if the answer had been lost. */
static int no_results(struct caller *a, struct caller_slot *s, struct err *e)
{
    err_set(e, "http", "%d, but no JSON, in which the results of the batch would stand: %s",
            s->x.answer->status, err_quote(str_slice(s->x.answer->body, 0, 60)));
    session_place(&a->session, &s->x, e);
    s->x.verdict = VERDICT_RETRY;
    s->x.lost = true;
    return caller_failed(a, s, a->carrier.repeat, e);
}

/* What the answer says of each: 1; 0: of none; -1: it is not understood. */
static int take_results(struct caller *a, struct caller_slot *s, struct err *e)
{
    const struct json_node *done = json_get(batch_of(a), STR("done")),
                           *failed = json_get(batch_of(a), STR("failed"));
    struct err why = {0};
    size_t told = 0;
    err_set(&why, LEDGER_UNCERTAIN, "the answer to its batch does not tell of it");
    for (size_t i = 0; i < s->n; i++)
        parcel_end(s->parcel[i], PARCEL_UNCERTAIN, &why, a->carrier.host.arena);
    if (results(a, s, done, take_done, e) == -1 || results(a, s, failed, take_failed, e) == -1)
        return -1;
    for (size_t i = 0; i < s->n; i++)
        told += s->parcel[i]->outcome != PARCEL_UNCERTAIN;
    return told > 0;
}

/* Whether an answer that means a refusal elsewhere ("errors") tells of each record of the batch instead. */
static bool tells_of_each(struct caller *a, struct caller_slot *s)
{
    struct err ignored = {0};
    return s->x.verdict == VERDICT_REFUSE && s->x.answer != NULL && s->x.answer->status / 100 == 2 &&
           s->x.value != NULL && take_results(a, s, &ignored) == 1;
}

int caller_finish_batch(struct caller *a, struct caller_slot *s, struct err *e)
{
    if (s->n == 0)
        return 1;
    bool lists = json_get(batch_of(a), STR("done")) != NULL || json_get(batch_of(a), STR("failed")) != NULL;
    enum session_got got = session_finish(&a->session, &s->x, e);
    if (got == SESSION_FAILED && lists && tells_of_each(a, s)) {
        err_clear(e);
        return 1;
    }
    if (got == SESSION_FAILED)
        return caller_failed(a, s, a->carrier.repeat, e);
    if (got == SESSION_OK && lists && s->x.value == NULL)
        return no_results(a, s, e);
    if (take_results(a, s, e) == -1) {
        for (size_t i = 0; i < s->n; i++)
            if (s->parcel[i]->outcome == PARCEL_UNCERTAIN)
                s->parcel[i]->outcome = PARCEL_LOST;
        return -1;
    }
    for (size_t i = 0; got == SESSION_OK && !lists && i < s->n; i++)
        parcel_end(s->parcel[i], PARCEL_APPLIED, NULL, NULL);
    return 1;
}
