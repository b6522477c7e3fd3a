#include "source/pages.h"

#include <stdlib.h>

#include "system/link.h"

enum { CHANGES_MOST = 16 << 20, ASKED_MOST = 64 << 20 };

void pages_init(struct pages *p, struct session *s)
{
    *p = (struct pages){.session = s};
    exchange_init(&p->exchange[0]);
    exchange_init(&p->exchange[1]);
    json_tape_init(&p->changes);
    buf_init(&p->changes_text, CHANGES_MOST);
    buf_init(&p->position, CHANGES_MOST);
    arena_init(&p->arena, (size_t)256 << 20);
    seen_init(&p->asked, ASKED_MOST);
}

void pages_release(struct pages *p)
{
    exchange_release(p->session, &p->exchange[0]);
    exchange_release(p->session, &p->exchange[1]);
    json_tape_release(&p->changes);
    buf_release(&p->changes_text);
    buf_release(&p->position);
    arena_release(&p->arena);
    seen_release(&p->asked);
    free(p->items);
}

static void bind_counts(struct pages *p)
{
    bindings_set_count(&p->session->names, STR("page"), p->page);
    bindings_set_count(&p->session->names, STR("read"), p->read);
}

/* ---- asking ---- */

/* Where /url of the changes is a reference, it is resolved against the URL that was answered; it may not lead
 * elsewhere. */
static int check_url(struct pages *p, const struct exchange *x, struct err *e)
{
    const struct json_node *url = json_get(p->changes.node, STR("/url"));
    if (url == NULL || x->answer == NULL)
        return 0;
    struct str to = json_is(url, JSON_STRING) ? json_string(url, &p->arena) : STR("");
    struct str whole = link_resolve(x->answer->url, to, &p->arena);
    if (whole.p == NULL)
        return err_set(e, "http", "the next page is said to be at %s, which is no URL", err_quote(to));
    if (p->session->http != NULL && !http_same_origin(whole, x->answer->url))
        return err_set(e, "http", "the next page is said to be at %s, which is another host", err_quote(to));
    if (whole.p == to.p)
        return 0;
    for (struct json_node *key = p->changes.node + 1, *stop = p->changes.node + p->changes.node->span;
         key < stop; key += 1 + key[1].span)
        if (json_string_is(key, STR("/url")))
            key[1] = json_string_node(whole);
    p->changes.node[0].p = NULL; /* its text is not what it holds any more */
    return 0;
}

/* The request that X was made ready for must be a new one. */
static int check_new(struct pages *p, const struct exchange *x, struct err *e)
{
    struct buf text;
    buf_init(&text, JSON_BYTES);
    json_write(&text, request_draft(&x->request));
    int added = seen_add(&p->asked, buf_str(&text));
    buf_release(&text);
    if (added == 0)
        return err_set(e, "http", "page %llu would be asked for again: its `next` leads in a circle",
                       (unsigned long long)p->page);
    return added == 1 ? 0 : err_memory(e);
}

static int ask(struct pages *p, struct exchange *x, const struct json_node *changes, struct err *e)
{
    bind_counts(p);
    if (session_start(p->session, x, p->call, &p->view, changes, e) == -1)
        return -1;
    return check_new(p, x, e);
}

int pages_start(struct pages *p, const struct json_node *call, const struct view *v,
                const struct json_node *changes, uint64_t page, uint64_t read, struct err *e)
{
    p->call = call;
    p->view = *v;
    p->page = page;
    p->read = read;
    p->begun = p->ahead = p->leads_on = false;
    err_clear(&p->later);
    p->count = 0;
    p->records = (struct str){0};
    buf_reset(&p->changes_text);
    seen_clear(&p->asked);
    bindings_set(&p->session->names, STR("last"), NULL);
    for (size_t i = 0; i < 2; i++) {
        p->exchange[i].raw = json_get(call, STR("format")) != NULL;
        p->exchange[i].list = !p->exchange[i].raw;
    }
    if (ask(p, &p->exchange[p->now ^ 1], changes, e) == -1)
        return -1;
    p->ahead = true;
    return 0;
}

/* ---- records ---- */

/* A path that gives one list has the records as its items. */
static int spread(struct pages *p, struct err *e)
{
    const struct json_node *list = p->record[0];
    size_t n = json_count(list);
    if (n > p->items_room) {
        const struct json_node **more = realloc(p->items, n * sizeof *more);
        if (more == NULL)
            return err_memory(e);
        p->items = more;
        p->items_room = n;
    }
    p->count = 0;
    for (const struct json_node *item = list + 1; p->count < n; item = json_next(item))
        p->items[p->count++] = item;
    p->record = p->items;
    return 0;
}

static int find_records(struct pages *p, struct exchange *x, struct err *e)
{
    const struct text *records =
        description_text(&p->session->system->described, json_get(p->call, STR("records")));
    struct err why = {0};
    p->answer = x->value;
    p->count = 0;
    if (x->value == NULL)
        return 0;
    if (records != NULL) {
        struct view v;
        session_view(p->session, &v, x->value, x);
        expr_surround(text_expr(records), &v.around);
        p->record = expr_values(text_expr(records), x->value, &p->count, &why);
        if (why.code != NULL) {
            *e = why;
            return -1;
        }
    } else {
        p->record = &p->answer;
        p->count = 1;
    }
    if (p->count == 1 && json_is(p->record[0], JSON_NULL))
        p->count = 0;
    return p->count == 1 && json_is(p->record[0], JSON_ARRAY) ? spread(p, e) : 0;
}

/* The bytes of the answer from the first record to the last. */
static struct str bytes_of_records(const struct pages *p)
{
    const struct json_node *first = p->count > 0 ? p->record[0] : NULL;
    const struct json_node *last = p->count > 0 ? p->record[p->count - 1] : NULL;
    if (first == NULL || first->p == NULL || last->p == NULL || last->p < first->p)
        return (struct str){0};
    return (struct str){first->p, (size_t)(last->p + last->n - first->p)};
}

/* The page before lies in the other exchange until that is used again. */
static int check_records(struct pages *p, struct err *e)
{
    struct str records = bytes_of_records(p);
    if (p->begun && records.p != NULL && str_eq(records, p->records))
        return err_set(e, "http",
                       "page %llu has the records of the page before: paging does not go on (`next`)",
                       (unsigned long long)p->page);
    p->records = records;
    return 0;
}

/* ---- the way on ---- */

/* The changes of `next`: 1, 0 where there is no page behind this one. */
static int next_changes(struct pages *p, struct exchange *x, struct err *e)
{
    const struct description *d = &p->session->system->described;
    const struct json_node *next = json_get(p->call, STR("next")), *set = json_get(next, STR("set"));
    const struct text *go_on = description_text(d, json_get(next, STR("while")));
    struct json_tape made;
    struct view v;
    buf_reset(&p->changes_text);
    if (set == NULL || x->value == NULL || p->only_first || (p->most > 0 && p->read >= p->most) ||
        (p->count == 0 && go_on == NULL))
        return 0;
    bind_counts(p);
    bindings_set(&p->session->names, STR("last"), p->count > 0 ? p->record[p->count - 1] : NULL);
    session_view(p->session, &v, x->value, x);
    int more = go_on != NULL ? text_test(go_on, &v, e) : 1;
    if (more != 1)
        return more;
    json_tape_init(&made);
    int done = description_value(d, set, &v, &made, e);
    if (done == 1 && json_count(made.node) < json_count(set))
        done = 0;
    const struct json_node *end = done == 1 ? json_next(made.node) : NULL;
    for (const struct json_node *key = done == 1 ? made.node + 1 : NULL; key < end; key = json_next_key(key))
        if (json_is(json_value_of(key), JSON_NULL))
            done = 0;
    if (done == 1)
        json_write(&p->changes_text, made.node);
    json_tape_release(&made);
    if (done != 1)
        return done;
    if (json_parse_made(&p->changes, &p->changes_text, e) == -1 || check_url(p, x, e) == -1)
        return -1;
    buf_reset(&p->position);
    json_write(&p->position, p->changes.node);
    return buf_ok(&p->position) ? 1 : err_memory(e);
}

static int place(struct pages *p, struct err *e)
{
    if (e->place[0] == '\0')
        err_place(e, "%.*s: page %llu", (int)p->session->system->source.n, p->session->system->source.p,
                  (unsigned long long)p->page);
    return -1;
}

int pages_next(struct pages *p, struct err *e)
{
    if (p->later.code != NULL) {
        *e = p->later;
        return -1;
    }
    if (!p->ahead)
        return 0;
    struct exchange *x = &p->exchange[p->now ^ 1];
    enum session_got got = session_finish(p->session, x, e);
    p->ahead = false;
    if (got == SESSION_FAILED)
        return -1;
    p->now ^= 1;
    p->page++;
    arena_reset(&p->arena);
    p->absent = got == SESSION_NONE;
    if (p->absent)
        x->value = NULL;
    if (find_records(p, x, e) == -1 || check_records(p, e) == -1)
        return place(p, e);
    p->begun = true;
    p->read += p->count;
    int more = next_changes(p, x, e);
    p->leads_on = more == 1;
    p->ahead = more == 1 && ask(p, &p->exchange[p->now ^ 1], p->changes.node, e) == 0;
    if (more == -1 || (more == 1 && !p->ahead)) {
        place(p, e);
        p->later = *e;
        err_clear(e);
    }
    return 1;
}

struct str pages_position(const struct pages *p)
{
    return p->leads_on ? buf_str(&p->position) : (struct str){0};
}
