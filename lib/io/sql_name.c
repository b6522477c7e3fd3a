#include "io/sql_name.h"

void sql_put_name(struct buf *sql, struct str name)
{
    buf_byte(sql, '"');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"')
            buf_byte(sql, '"');
        buf_byte(sql, name.p[i]);
    }
    buf_byte(sql, '"');
}

void sql_put_relation(struct buf *sql, struct str table)
{
    struct str schema = str_slice(table, 0, str_find(table, '.'));
    if (schema.n < table.n) {
        sql_put_name(sql, schema);
        buf_byte(sql, '.');
        table = str_slice(table, schema.n + 1, table.n);
    }
    sql_put_name(sql, table);
}
