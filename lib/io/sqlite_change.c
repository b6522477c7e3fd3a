#include "io/sqlite_change.h"

static void bind(struct sqlite_statement *s, int index, const struct sqlite_value *value)
{
    switch (value->kind) {
    case SQLITE_IS_INT: sqlite_bind_int(s, index, value->number); break;
    case SQLITE_IS_TEXT: sqlite_bind_text(s, index, value->bytes); break;
    case SQLITE_IS_BLOB: sqlite_bind_blob(s, index, value->bytes); break;
    case SQLITE_IS_NULL:
    case SQLITE_IS_REAL: sqlite_bind_null(s, index); break;
    }
}

int sqlite_change(struct sqlite *db, const char *sql, const struct sqlite_value *value, size_t n,
                  struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(db, sql, e);
    if (s == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        bind(s, (int)i + 1, &value[i]);
    return sqlite_run(s, e);
}
