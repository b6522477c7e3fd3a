#include "source/shelf.h"

int shelf_init(struct shelf *s, struct str place, struct transfer *transfer, struct arena *a, struct err *e)
{
    *s = (struct shelf){
        .kind = transfer != NULL ? &shelf_remote : &shelf_folder, .transfer = transfer, .arena = a};
    s->place = arena_printf(a, "%.*s%s", (int)place.n, place.p, str_ends(place, STR("/")) ? "" : "/");
    return s->place.p != NULL ? 0 : err_memory(e);
}
