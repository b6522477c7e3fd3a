#include "deliver/carrier.h"

void parcel_end(struct parcel *p, enum parcel_outcome outcome, const struct err *e, struct arena *a)
{
    p->outcome = outcome;
    p->why.code = NULL;
    if (e == NULL || e->code == NULL)
        return;
    struct str message = e->place[0] != '\0' ? arena_printf(a, "%s: %s", e->place, e->message)
                                             : arena_str(a, str_of(e->message));
    p->why.code = e->code;
    p->why.field = arena_str(a, str_of(e->field));
    p->why.message = message.p != NULL ? message : STR("");
}

struct str carrier_op_word(unsigned op)
{
    return op == CARRIER_CREATE ? STR("create") : op == CARRIER_UPDATE ? STR("update") : STR("delete");
}

unsigned carrier_op_of(struct str word)
{
    return str_eq(word, STR("create"))   ? CARRIER_CREATE
           : str_eq(word, STR("update")) ? CARRIER_UPDATE
                                         : CARRIER_DELETE;
}
