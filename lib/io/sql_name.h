/*
 * Names of tables and columns in a statement of SQL, which no parameter can stand for: in double quotes, as
 * ISO 9075 has them, so that a name of any bytes is a name. SQLite and PostgreSQL read them alike.
 */
#ifndef HUB_IO_SQL_NAME_H
#define HUB_IO_SQL_NAME_H

#include "base/buf.h"
#include "base/str.h"

void sql_put_name(struct buf *sql, struct str name);

/* TABLE, or SCHEMA.TABLE. */
void sql_put_relation(struct buf *sql, struct str table);

#endif
