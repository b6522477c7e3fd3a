#include "compare/where.h"

static int satisfies(struct expr *where, const struct json_node *data, struct err *e)
{
    if (data == NULL)
        return 0;
    enum expr_answer answer = expr_test(where, data, e);
    return answer == EXPR_ERROR ? -1 : answer == EXPR_TRUE;
}

int where_passes(struct expr *where, const struct record *r, struct err *e)
{
    bool is_asked = where != NULL && r->kind != RECORD_NATIVE && r->data != NULL;
    return is_asked ? satisfies(where, r->data, e) : 1;
}

int where_narrow(struct expr *where, struct record *r, struct err *e)
{
    if (where == NULL || r->kind != RECORD_CHANGE)
        return where_passes(where, r, e);
    int was = satisfies(where, r->before, e), is = was != -1 ? satisfies(where, r->after, e) : -1;
    if (is == -1)
        return -1;
    if (r->before == NULL || r->after == NULL || was == is)
        return was || is;
    r->op = is ? STR("create") : STR("delete");
    *(is ? &r->before : &r->after) = NULL;
    r->changed = NULL;
    return 1;
}
