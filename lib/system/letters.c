#include "system/letters.h"

#include <stdlib.h>

#include "base/search.h"

enum { TEMPLATES_MOST = 64, ARENA_MOST = 64 << 20 };

struct letters {
    struct contract *contract;
    struct map_set *maps;
    struct template *template[TEMPLATES_MOST];
    size_t n;
    struct arena arena;
};

struct letters *letters_new(struct arguments *arguments, struct err *e)
{
    struct letters *l = calloc(1, sizeof *l);
    if (l == NULL) {
        err_memory(e);
        return NULL;
    }
    arena_init(&l->arena, ARENA_MOST);
    l->contract = contract_new();
    struct map_env env = {.contract = l->contract};
    arguments_env(arguments, &env);
    l->maps = l->contract != NULL ? map_set_new(&env) : NULL;
    if (l->maps != NULL)
        return l;
    err_memory(e);
    letters_free(l);
    return NULL;
}

void letters_free(struct letters *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->n; i++)
        template_free(l->template[i]);
    map_set_free(l->maps);
    contract_free(l->contract);
    arena_release(&l->arena);
    free(l);
}

static struct template *keep(struct letters *l, struct template *t)
{
    if (t != NULL)
        l->template[l->n++] = t;
    return t;
}

static bool is_full(const struct letters *l, struct err *e)
{
    if (l->n == TEMPLATES_MOST)
        err_set(e, "limit", "more than %d templates", TEMPLATES_MOST);
    return l->n == TEMPLATES_MOST;
}

struct template *letters_load(struct letters *l, const char *path, struct err *e)
{
    const char *found = is_full(l, e) ? NULL : search_locate(path, &l->arena, e);
    return found != NULL ? keep(l, template_load(l->maps, found, e)) : NULL;
}

struct template *letters_load_text(struct letters *l, const char *name, struct str text, struct err *e)
{
    return is_full(l, e) ? NULL : keep(l, template_load_text(l->maps, name, text, e));
}

const struct diag_list *letters_diags(const struct letters *l)
{
    return map_set_diags(l->maps);
}

enum letter letters_write(struct letters *l, struct template *t, const struct record *r, struct buf *out,
                          struct err *e)
{
    size_t before = out->n;
    if (r->kind != RECORD_NATIVE && r->entity.p != NULL && template_check(t, r->entity, e) == -1)
        return map_set_diags(l->maps)->n > 0 ? LETTER_WRONG : LETTER_REFUSED;
    if (template_write(t, r, out, e) == -1)
        return LETTER_REFUSED;
    return out->n > before ? LETTER_OK : LETTER_NOTHING;
}

int letters_check_arguments(const struct letters *l, const struct arguments *arguments, struct err *e)
{
    return arguments_check(arguments, l->maps, e);
}
