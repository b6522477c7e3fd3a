#include "canon/map_set.h"

#include "canon/path_names.h"

/* What a map makes and reads, to the contract: told when the map is compiled. */

enum { DEPTH = 16 };

static void wrong_field(struct map_set *s, const struct program *program, const struct out_node *o,
                        const char *what, struct str name, struct str near)
{
    const struct ast_rule *rule = compile_rule_of(o);
    const struct source_text *source = rule != NULL ? rule->source : program->decl->source;
    size_t at = rule != NULL ? rule->at : program->decl->at;
    struct str entity = program->entity;
    if (near.p != NULL)
        diag_add(&s->diags, source, at, "the contract of %.*s has no %s %s here; did you mean %.*s?",
                 (int)entity.n, entity.p, what, err_quote(name), (int)near.n, near.p);
    else
        diag_add(&s->diags, source, at, "the contract of %.*s has no %s %s here", (int)entity.n, entity.p,
                 what, err_quote(name));
}

/* Of a field that the contract has: whether it is an object, or a list, where a map makes one; if not, it is
 * told. */
static bool is_kind_right(struct map_set *s, const struct schema *schema, const struct program *program,
                          const struct out_node *o, const struct str *path, size_t n)
{
    struct str name = path[n - 1], near = {0};
    bool is_list = o->kind == OUT_LIST;
    if ((!is_list && o->kind != OUT_OBJECT) ||
        schema_takes(schema, path, n, is_list ? JSON_ARRAY : JSON_OBJECT))
        return true;
    if (!is_list && schema_takes(schema, path, n, JSON_ARRAY))
        near = arena_printf(&s->kept, "%.*s[]", (int)name.n, name.p);
    wrong_field(s, program, o, is_list ? "list" : "object", name, near);
    return false;
}

/* What a map makes that the contract does not know. */
static void check_fields(struct map_set *s, const struct schema *schema, const struct program *program,
                         const struct out_node *o, struct str *path, size_t n)
{
    struct str near = {0};
    for (const struct out_node *child = o->children; child != NULL && n < DEPTH; child = child->next) {
        path[n] = json_text(&child->key);
        if (schema_has_path(schema, path, n + 1, &near) == 1) {
            if (is_kind_right(s, schema, program, child, path, n + 1))
                check_fields(s, schema, program, child, path, n + 1);
        } else if (!str_ends(path[n], STR("_raw")) || child->kind != OUT_VALUE) {
            wrong_field(s, program, child, "field", path[n], near);
        }
    }
    for (const struct producer *p = o->producers; p != NULL; p = p->next) {
        if (p->body != NULL)
            check_fields(s, schema, program, p->body, path, n);
    }
}

/* The field that keeps the raw word beside an enumeration is made only where the contract has it. */
static void drop_unknown_raw(const struct schema *schema, struct out_node *o, struct str *path, size_t n)
{
    struct str near;
    for (struct out_node **at = &o->children; *at != NULL && n < DEPTH;) {
        path[n] = json_text(&(*at)->key);
        if ((*at)->kind == OUT_VALUE && (*at)->code->op == OP_RAW &&
            schema_has_path(schema, path, n + 1, &near) != 1) {
            *at = (*at)->next;
            continue;
        }
        drop_unknown_raw(schema, *at, path, n + 1);
        at = &(*at)->next;
    }
    for (struct producer *p = o->producers; p != NULL; p = p->next) {
        if (p->body != NULL)
            drop_unknown_raw(schema, p->body, path, n);
    }
}

void map_check_fields(struct map_set *s, struct program *program, const struct schema *schema)
{
    struct str path[DEPTH];
    drop_unknown_raw(schema, program->out, path, 0);
    check_fields(s, schema, program, program->out, path, 0);
}

int map_check_input(struct map_set *s, const struct unit *u, struct err *e)
{
    const struct ast_decl *map = u->program->decl;
    bool reads = u->program->in_side == SIDE_NATIVE;
    if (reads && !u->program->hub)
        return 0;
    struct str entity = reads ? unit_reads_entity(u) : map->name;
    const struct schema *schema = reads ? contract_entity(s->env.contract, entity, e) : u->schema;
    if (schema == NULL) {
        diag_add(&s->diags, map->source, map->at, "%s", map_set_unknown_entity(s, entity));
        return 0;
    }
    struct str whose = arena_printf(&s->kept, "the contract of %.*s", (int)entity.n, entity.p);
    if (whose.p == NULL)
        return err_memory(e);
    path_names_check(u->program, map->source, schema, whose.p, &s->diags);
    if (u->grouping != NULL)
        path_names_check(u->grouping->program, map->source, schema, whose.p, &s->diags);
    return 0;
}
