#include "canon/map_parts.h"
#include "record/of.h"

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
    struct record whole = {
        .kind = RECORD_CANONICAL, .source = STR("hub"), .input = g->done.input.p, .number = g->done.number};
    map_start_record(s);
    s->nkeep = 0;
    int n = parse_group(s, g, &whole, e) == -1 || map_read_unit(s, u, &whole, e) == -1
                ? -1
                : map_finish_read(s, e);
    if (n == -1)
        err_place(e, "%s:%llu", whole.input, (unsigned long long)whole.number);
    return n;
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

int map_group(struct map_set *s, uint64_t *lines, struct err *e)
{
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping == NULL || !u->grouping->group.waits)
            continue;
        s->grouped = &u->grouping->group;
        *lines = s->grouped->done.count;
        int n = read_group(s, u, e);
        if (n != 0)
            return n;
    }
    return 0;
}

struct str map_group_line(const struct map_set *s, uint64_t i)
{
    return group_line(s->grouped, i);
}

void map_end(struct map_set *s)
{
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (u->grouping != NULL)
            group_end(&u->grouping->group);
    }
}
