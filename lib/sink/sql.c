#include "sink/sql.h"

#include "base/lazy.h"
#include "io/postgres.h"

static const struct sql_kind *const kinds[] = {
    &sql_sqlite,
#ifdef SONAME_LIBPQ
    &sql_postgres,
#endif
};

bool sql_is(const char *target)
{
    return sql_sqlite.is(target) || postgres_is_url(target);
}

struct sql *sql_open(const char *target, bool dry, struct err *e)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->is(target))
            return kinds[i]->open(target, dry, e);
    lazy_absent("PostgreSQL", "libpq", e);
    err_place(e, "postgresql");
    return NULL;
}
