#include <stdint.h>
#include <stdlib.h>

#include "canon/map_parts.h"
#include "record/of.h"

bool map_is_wanted(const struct map_set *s, struct str entity)
{
    for (size_t i = 0; i < s->nentities; i++) {
        if (str_eq(s->entity[i], entity))
            return true;
    }
    return s->nentities == 0;
}

bool map_reads_stream(const struct unit *u, const struct record *r)
{
    struct str stream = u->program->stream;
    if (r->kind == RECORD_NATIVE)
        return str_eq(stream, r->stream);
    return u->program->hub && str_eq(unit_reads_entity(u), r->entity);
}

static int record_id(struct map_set *s, struct unit *u, const struct record *native, struct str *id,
                     struct err *e)
{
    struct machine *m = u->machine;
    const struct out_node *rule = u->program->id;
    *id = rule == NULL ? native->id : (struct str){0};
    if (rule != NULL) {
        s->raw.n = 0;
        int made = machine_emit(m, rule, &s->raw);
        const struct json_node *v = s->raw.node;
        if (made == 1 && v->type == JSON_STRING)
            *id = json_string(v, &s->running);
        else if (made == 1 && v->type != JSON_NULL)
            machine_refuse(m, "id", "an id is a text, not %s: give it a codec", err_quote(json_text(v)));
    }
    if (id->n > 0)
        return 0;
    if (rule == NULL) {
        err_field(e, STR("/id"));
        return err_set(e, "id", "no id: neither a rule of the map nor the record has one");
    }
    if (!machine_failed(m))
        machine_refuse(m, "id", "no id: its rule gives none");
    machine_refuse_field(m, rule);
    *e = m->err;
    return -1;
}

/* What a record was made from: FROM, or all that FROM, a group, was. */
static int append_of(struct map_set *s, const struct unit *u, const struct record *from, size_t *at,
                     struct err *e)
{
    const struct json_node *of =
        u->grouping != NULL ? from->of : of_one(from->entity, from->id, from->source, &s->running);
    *at = s->tape.n;
    return of != NULL && json_append(&s->tape, of) ? 0 : err_memory(e);
}

/* The values that no rule reads, into `ext` of the first record that is made. */
static int keep_unread(struct map_set *s, struct err *e)
{
    struct json_tape *t = &s->raw;
    const struct unread_value *v = s->keep;
    const struct json_node key = json_clean_node(STR("ext"));
    size_t object = SIZE_MAX;
    if (json_get(t->node, STR("ext")) != NULL) {
        err_field(e, STR("/ext"));
        return err_set(e, "unread", "a rule makes ext: nothing else can be kept there");
    }
    bool ok = json_append(t, &key) && (object = json_open(t, JSON_OBJECT)) != SIZE_MAX;
    for (; ok && s->nkeep > 0; s->nkeep--, v++) {
        buf_reset(&s->source_text);
        json_write(&s->source_text, v->value);
        struct str text =
            buf_ok(&s->source_text) ? arena_str(&s->running, buf_str(&s->source_text)) : (struct str){0};
        const struct json_node pair[] = {json_string_node(v->pointer), json_string_node(text)};
        ok = text.p != NULL && json_append(t, &pair[0]) && json_append(t, &pair[1]);
    }
    if (!ok)
        return err_memory(e);
    json_close(t, object);
    json_close(t, 0);
    return 0;
}

/* What was made as the last value of the tape becomes what the contract makes of it. */
static int conform(struct map_set *s, const struct schema *schema, struct result *r, struct err *e)
{
    s->raw.n = 0;
    if (!json_append(&s->raw, s->tape.node + r->at))
        return err_memory(e);
    s->tape.n = r->at;
    if (s->nkeep > 0 && keep_unread(s, e) == -1)
        return -1;
    return map_apply_contract(s, schema, &r->record, s->raw.node, &s->tape, e);
}

/* One canonical record, made in the frame that stands before the program's `record`. */
static int read_one(struct map_set *s, struct unit *u, const struct record *native, struct err *e)
{
    struct machine *m = u->machine;
    struct result *r = map_new_result(s, e);
    struct str id;
    if (r == NULL)
        return -1;
    if (u->program->when != NULL && !machine_true(m, u->program->when)) {
        if (m->err.code != NULL)
            *e = m->err;
        return m->err.code != NULL ? -1 : 0;
    }
    if (record_id(s, u, native, &id, e) == -1)
        return -1;
    r->at = s->tape.n;
    conform_start(&m->conform, u->program->out);
    if (machine_emit_whole(m, u->program->out, &s->tape) == -1) {
        *e = m->err;
        return -1;
    }
    r->record = (struct record){.kind = RECORD_CANONICAL,
                                .entity = u->program->entity,
                                .id = id,
                                .source = native->source,
                                .v = schema_version(u->schema),
                                .input = native->input,
                                .number = native->number};
    r->of = SIZE_MAX;
    if (s->nkeep > 0 || !conform_holds(&m->conform))
        if (conform(s, u->schema, r, e) == -1)
            return -1;
    if (u->program->hub && append_of(s, u, native, &r->of, e) == -1)
        return -1;
    s->nresults++;
    return 0;
}

int map_read_unit(struct map_set *s, struct unit *u, const struct record *native, struct err *e)
{
    struct machine *m = u->machine;
    struct machine_envelope envelope = {.id = native->id, .source = native->source, .entity = native->entity};
    machine_start(m, &s->running, native->data, native->data_alike, &envelope);
    if (u->program->each == NULL)
        return read_one(s, u, native, e);
    size_t from = m->nstack;
    machine_items(m, u->program->each);
    if (m->err.code != NULL) {
        *e = m->err;
        return -1;
    }
    for (size_t i = from, to = m->nstack; i < to; i++) {
        machine_enter(m, u->program->record, m->stack[i], i - from + 1);
        if (read_one(s, u, native, e) == -1)
            return -1;
    }
    return 0;
}

/* Whether a unit before this one makes the same of the same stream. */
static bool is_made_before(const struct map_set *s, const struct unit *unit)
{
    for (const struct unit *u = s->reads; u != unit; u = u->next)
        if (str_eq(u->program->stream, unit->program->stream) &&
            str_eq(u->program->entity, unit->program->entity))
            return true;
    return false;
}

void map_set_makes(const struct map_set *s, struct str stream, struct buf *out)
{
    size_t before = out->n;
    for (const struct unit *u = s->reads; u != NULL; u = u->next) {
        if (!str_eq(u->program->stream, stream) || !map_is_wanted(s, u->program->entity) ||
            is_made_before(s, u))
            continue;
        buf_byte(out, out->n > before ? ',' : '[');
        json_write_string(out, u->program->entity);
    }
    if (out->n > before)
        buf_byte(out, ']');
}

int map_look_for_unread(struct map_set *s, const struct record *native, struct err *e)
{
    struct map_unread_stream *at = native->kind == RECORD_NATIVE ? s->streams : NULL;
    while (at != NULL && !str_eq(at->stream, native->stream))
        at = at->next;
    if (at == NULL)
        return 0;
    int found = unread_look(at->unread, native->data, native->data_alike);
    if (found == -1)
        return err_memory(e);
    if (found == UNREAD_LEFT)
        return err_set(e, "unread", "left to who reads all records");
    at->records++;
    if (found > 0 && s->unread == MAP_UNREAD_REFUSE) {
        struct str first = unread_first(at->unread);
        return err_set(e, "unread", "no rule reads or skips %.*s%s", (int)first.n, first.p,
                       found > 1 ? ", and others" : "");
    }
    s->nkeep = s->unread == MAP_UNREAD_KEEP ? unread_values(at->unread, &s->keep) : 0;
    return 0;
}

void map_set_join_unread(struct map_set *s, const struct map_set *twin)
{
    const struct map_unread_stream *other = twin->streams; /* the same, in the same order */
    for (struct map_unread_stream *at = s->streams; at != NULL; at = at->next, other = other->next) {
        at->records += other->records;
        unread_join(at->unread, other->unread);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct result *x = *(const struct result *const *)a, *y = *(const struct result *const *)b;
    int order = str_cmp(x->record.entity, y->record.entity);
    return order != 0 ? order : str_cmp(x->record.id, y->record.id);
}

/* Two records of one name would be two states of one thing. */
static int refuse_one_name(struct map_set *s, struct err *e)
{
    size_t n = s->nresults;
    const struct result **sorted = n > 1 ? arena_raw(&s->running, n * sizeof *sorted) : NULL;
    if (n < 2)
        return 0;
    if (sorted == NULL)
        return err_memory(e);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &s->result[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 1; i < n; i++) {
        const struct record *r = &sorted[i]->record;
        if (by_name(&sorted[i - 1], &sorted[i]) != 0)
            continue;
        err_field(e, STR("/id"));
        return err_set(e, "id", "two records of %.*s are made of this one with the id %s", (int)r->entity.n,
                       r->entity.p, err_quote(r->id));
    }
    return 0;
}

int map_finish_read(struct map_set *s, struct err *e)
{
    return refuse_one_name(s, e) == -1 ? -1 : map_finish_record(s);
}

/* R becomes what the maps read: of a canonical record its one spelling, in ROOM. */
static int take(struct map_set *s, const struct record **r, struct record *room, struct err *e)
{
    if ((*r)->data == NULL)
        return err_set(e, "record", "a deletion has no data to map");
    if ((*r)->kind != RECORD_CANONICAL)
        return 0;
    if (map_take_canonical(s, *r, room, e) == -1)
        return -1;
    *r = room;
    return 0;
}

/* What the maps without groups make. */
static int read_record(struct map_set *s, const struct record *native, struct err *e)
{
    bool known = false;
    if (!s->is_twin && map_look_for_unread(s, native, e) == -1)
        return -1;
    for (struct unit *u = s->reads; u != NULL; u = u->next) {
        if (!map_reads_stream(u, native))
            continue;
        known = true;
        if (u->grouping == NULL && map_is_wanted(s, u->program->entity) &&
            map_read_unit(s, u, native, e) == -1)
            return -1;
    }
    if (!known && native->kind == RECORD_NATIVE)
        return err_set(e, "stream", "no map reads the stream %s", err_quote(native->stream));
    if (!known)
        return err_set(e, "stream", "no map reads canonical records of %s", err_quote(native->entity));
    return map_finish_read(s, e);
}

int map_read(struct map_set *s, const struct record *native, struct err *e)
{
    struct record room;
    struct err second;
    map_start_record(s);
    s->held = false;
    int made = take(s, &native, &room, e) == -1 ? -1 : read_record(s, native, e);
    int taken = map_take_into_groups(s, native, made == -1 ? &second : e);
    return taken == -1 ? -1 : made;
}
