#include <stdlib.h>

#include "base/list.h"
#include "canon/map_parts.h"

struct result *map_new_result(struct map_set *s, struct err *e)
{
    struct result *list = list_room(s->result, s->nresults, &s->capresults, sizeof *list);
    if (list == NULL) {
        err_memory(e);
        return NULL;
    }
    s->result = list;
    struct result *r = &s->result[s->nresults];
    memset(r, 0, sizeof *r);
    return r;
}

void map_start_record(struct map_set *s)
{
    arena_reset(&s->running);
    s->nresults = 0;
    s->tape.n = 0;
}

int map_finish_record(struct map_set *s)
{
    for (size_t i = 0; i < s->nresults; i++) {
        struct result *r = &s->result[i];
        r->record.data = s->tape.node + r->at;
        if (r->of != SIZE_MAX)
            r->record.of = s->tape.node + r->of;
    }
    return (int)s->nresults;
}

struct warning {
    const struct map_env *env;
    const struct record *record;
};

static void warn(void *arg, const char *check, const char *message)
{
    const struct warning *w = arg;
    w->env->warn(w->env->warn_arg, w->record, check, message);
}

int map_apply_contract(struct map_set *s, const struct schema *schema, const struct record *r,
                       const struct json_node *data, struct json_tape *out, struct err *e)
{
    struct warning warning = {&s->env, r};
    struct schema_run run = {.arena = &s->running, .warn_arg = &warning};
    if (s->env.warn != NULL && r != NULL && !s->quiet)
        run.warn = warn;
    int done = schema_apply(schema, data, out, &run, e);
    s->in_order = run.in_order;
    return done;
}

void map_set_quiet(struct map_set *s, bool quiet)
{
    s->quiet = quiet;
}

static int refuse_version(const struct schema *schema, const struct record *canonical, struct err *e)
{
    if (canonical->v == schema_version(schema))
        return 0;
    err_field(e, STR("/v"));
    return err_set(e, "version", "version %lld of the contract of %.*s; this hub knows version %lld",
                   (long long)canonical->v, (int)canonical->entity.n, canonical->entity.p,
                   (long long)schema_version(schema));
}

int map_check_version(struct map_set *s, const struct record *canonical, struct err *e)
{
    const struct schema *schema = contract_entity(s->env.contract, canonical->entity, e);
    return schema != NULL ? refuse_version(schema, canonical, e) : -1;
}

int map_take_canonical(struct map_set *s, const struct record *canonical, struct record *taken, struct err *e)
{
    const struct schema *schema = contract_entity(s->env.contract, canonical->entity, e);
    s->canonical.n = 0;
    if (schema == NULL || refuse_version(schema, canonical, e) == -1 ||
        map_apply_contract(s, schema, NULL, canonical->data, &s->canonical, e) == -1)
        return -1;
    *taken = *canonical;
    taken->data = s->canonical.node;
    taken->data_alike = s->in_order ? canonical->data_alike : 0;
    return 0;
}

/* CANONICAL: as map_take_canonical gives it. */
static int write_one(struct map_set *s, struct unit *u, const struct record *canonical, int64_t part,
                     struct err *e)
{
    struct machine *m = u->machine;
    struct machine_envelope envelope = {
        .id = canonical->id, .source = canonical->source, .entity = canonical->entity};
    struct result *r = map_new_result(s, e);
    if (r == NULL)
        return -1;
    machine_start(m, &s->running, canonical->data, canonical->data_alike, &envelope);
    r->at = s->tape.n;
    r->of = SIZE_MAX;
    if (machine_check_overflow(m, u->program->root) == -1 ||
        machine_emit_whole(m, u->program->out, &s->tape) == -1) {
        *e = m->err;
        return -1;
    }
    r->record = (struct record){.kind = RECORD_NATIVE,
                                .entity = canonical->entity,
                                .id = canonical->id,
                                .source = canonical->source,
                                .stream = u->program->stream,
                                .version = str_of(s->version),
                                .part = part,
                                .input = canonical->input,
                                .number = canonical->number};
    s->nresults++;
    return 0;
}

int map_write(struct map_set *s, const struct record *canonical, struct str stream, struct err *e)
{
    struct record taken;
    bool known = false;
    int64_t part = 0;
    map_start_record(s);
    if (canonical->data == NULL)
        return err_set(e, "record", "a deletion has no data to map");
    for (struct unit *u = s->writes; u != NULL; u = u->next) {
        if (!str_eq(u->program->entity, canonical->entity) || !str_eq(u->program->stream, stream))
            continue;
        /* The version of what is written is that of its one spelling. */
        if (!known && (map_take_canonical(s, canonical, &taken, e) == -1 ||
                       record_version_sorted(s->version, canonical, taken.data, &s->work, e) == -1))
            return -1;
        known = true;
        if (write_one(s, u, &taken, part++, e) == -1)
            return -1;
    }
    if (!known)
        return err_set(e, "stream", "no map writes %s to the stream %s", err_quote(canonical->entity),
                       err_quote(stream));
    return map_finish_record(s);
}

bool map_set_writes(const struct map_set *s, struct str entity, struct str stream)
{
    for (const struct unit *u = s->writes; u != NULL; u = u->next) {
        if (str_eq(u->program->entity, entity) && str_eq(u->program->stream, stream))
            return true;
    }
    return false;
}

const struct record *map_result(const struct map_set *s, int i)
{
    return &s->result[i].record;
}

int map_respell(struct map_set *s, const struct record *canonical, struct err *e)
{
    map_start_record(s);
    const struct schema *schema = contract_entity(s->env.contract, canonical->entity, e);
    struct result *r = schema != NULL ? map_new_result(s, e) : NULL;
    if (r == NULL)
        return -1;
    if (refuse_version(schema, canonical, e) == -1)
        return -1;
    r->record = *canonical;
    r->of = SIZE_MAX;
    r->at = s->tape.n;
    s->nresults = 1;
    if (canonical->deleted) {
        r->record.data = NULL;
        return 1;
    }
    return map_apply_contract(s, schema, canonical, canonical->data, &s->tape, e) == -1
               ? -1
               : map_finish_record(s);
}
