#include "canon/map_parts.h"
#include "record/of.h"

/* ---- compiling ---- */

/* A record of two groups would be refused with one, and be part of what the other gives. */
static void check_grouped_once(struct map_set *s, const struct unit *u)
{
    const struct ast_decl *map = u->program->decl;
    for (const struct unit *other = s->reads; other != NULL; other = other->next) {
        if (other->grouping != NULL && str_eq(other->program->stream, u->program->stream) &&
            map_is_wanted(s, other->program->entity))
            diag_add(&s->diags, map->source, map->at,
                     "another map groups %.*s already: run the two one after the other, or choose by -e",
                     (int)map->stream.n, map->stream.p);
    }
}

/* Of a group that will be made. */
static void check(struct map_set *s, const struct unit *u)
{
    const struct ast_decl *map = u->program->decl;
    if (s->directions != MAP_READ || !map_is_wanted(s, u->program->entity))
        return;
    check_grouped_once(s, u);
    if (s->unread == MAP_UNREAD_KEEP && !u->program->hub)
        diag_add(&s->diags, map->source, map->at,
                 "--keep-unmapped keeps what is left of one record, and a group is of many");
}

/* What the empty text and the like mean is the same for the key. */
int map_compile_group(struct map_set *s, struct compiler *c, struct unit *u, struct err *e)
{
    struct grouping *g = arena_alloc(&s->kept, sizeof *g);
    if (g == NULL)
        return err_memory(e);
    check(s, u);
    group_init(&g->group);
    u->grouping = g;
    const struct ast_expr *key = u->program->decl->group;
    g->program = u->program->hub ? compile_expr_of_record(c, key, SIDE_NATIVE, &g->key)
                                 : compile_expr(c, key, SIDE_NATIVE, false, &g->key);
    if (g->program == NULL)
        return err_memory(e);
    g->program->empty_absent = u->program->empty_absent;
    g->program->null_word = u->program->null_word;
    g->program->absent = u->program->absent;
    g->program->nabsent = u->program->nabsent;
    return 0;
}

/* ---- running ---- */

/* The key of a record: a text. */
static int find_key(struct map_set *s, struct grouping *g, const struct record *r, struct err *e)
{
    struct machine *m = g->machine;
    const struct machine_envelope envelope = {.id = r->id, .source = r->source, .entity = r->entity};
    machine_start(m, &s->running, r->data, r->data_alike, &envelope);
    const struct json_node *value = machine_value(m, g->key);
    if (m->err.code != NULL) {
        *e = m->err;
        return -1;
    }
    g->key_now = value != NULL ? machine_text(m, value) : (struct str){0};
    return g->key_now.p != NULL ? 0 : err_set(e, "group", "no text by which it is to be grouped");
}

/* A record that has no key for one map is in no group of another. */
static int find_keys(struct map_set *s, const struct record *r, struct err *e)
{
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping == NULL)
            continue;
        u->grouping->key_now = (struct str){0};
        if (map_reads_stream(u, r) && map_is_wanted(s, u->program->entity) &&
            find_key(s, u->grouping, r, e) == -1)
            return -1;
    }
    return 0;
}

int map_take_into_groups(struct map_set *s, const struct record *r, struct err *e)
{
    if (s->holds_nothing || r->data == NULL)
        return 0;
    if (find_keys(s, r, e) == -1)
        return -1;
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping == NULL || u->grouping->key_now.p == NULL)
            continue;
        if (group_take(&u->grouping->group, u->grouping->key_now, r, e) == -1)
            return -1;
        s->held = true;
    }
    return 0;
}

/* The data of the group, and what it was made from. */
static int parse_group(struct map_set *s, struct group *g, struct record *whole, struct err *e)
{
    if (group_parse(g, &whole->data, &whole->of, e) == -1)
        return -1;
    return whole->of == NULL || (whole->of = of_respell(whole->of, &s->running, e)) != NULL ? 0 : -1;
}

static int read_group(struct map_set *s, struct unit *u, struct err *e)
{
    struct group *g = &u->grouping->group;
    struct record whole = group_record(g, 0);
    whole.kind = RECORD_CANONICAL;
    whole.source = STR("hub");
    map_start_record(s);
    s->nkeep = 0;
    if (parse_group(s, g, &whole, e) == -1 || map_read_unit(s, u, &whole, e) == -1)
        return -1;
    return map_finish_read(s, e);
}

void map_refuse_held(struct map_set *s, const struct record *r, const struct err *why)
{
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping != NULL && u->grouping->key_now.p != NULL)
            group_refuse(&u->grouping->group, r, why);
    }
}

bool map_held(const struct map_set *s)
{
    return s->held;
}

bool map_set_groups(const struct map_set *s)
{
    for (const struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping != NULL)
            return true;
    }
    return false;
}

int map_group(struct map_set *s, uint64_t *records, struct err *e)
{
    s->held = false;
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping == NULL || !u->grouping->group.waits)
            continue;
        s->grouped = &u->grouping->group;
        *records = s->grouped->done.count;
        int n = read_group(s, u, e);
        if (n != 0)
            return n;
    }
    return 0;
}

struct record map_group_record(const struct map_set *s, uint64_t i, const struct err *e, struct err *why)
{
    const struct group_rows *d = &s->grouped->done;
    struct record r = group_record(s->grouped, i);
    *why = *e;
    if (d->why.code != NULL && i != d->refused)
        err_set(why, e->code, "a record of its group is refused: %s: %s", e->place, e->message);
    err_place(why, "%s:%llu", r.input, (unsigned long long)r.number);
    return r;
}

void map_hold_nothing(struct map_set *s)
{
    s->holds_nothing = true;
}

void map_end(struct map_set *s)
{
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping != NULL)
            group_end(&u->grouping->group);
    }
}
