#include "canon/field_names.h"

#include "canon/path_names.h"

int field_names_check(struct field_names *n, struct str entity, struct err *e)
{
    struct map_set *s = n->maps;
    for (const struct field_names_entity *k = n->known; k != NULL; k = k->next) {
        if (str_eq(k->entity, entity))
            return 0;
    }
    const struct schema *schema = contract_entity(s->env.contract, entity, e);
    if (schema == NULL)
        return -1;
    struct str whose = arena_printf(&s->kept, "the contract of %.*s", (int)entity.n, entity.p);
    if (whose.p == NULL)
        return err_memory(e);
    path_names_check(n->program, n->source, schema, whose.p, &s->diags);
    if (s->diags.n > 0)
        return diag_first(&s->diags, e);
    struct field_names_entity *known = arena_alloc(&s->kept, sizeof *known);
    if (known == NULL)
        return err_memory(e);
    *known = (struct field_names_entity){arena_str(&s->kept, entity), n->known};
    if (known->entity.p == NULL)
        return err_memory(e);
    n->known = known;
    return 0;
}
