/*
 * A statement whose rows nobody asks for, with its values, in one call.
 *
 *     sqlite_change(db, "UPDATE item SET n = ?2 WHERE sku = ?1",
 *                   SQLITE_VALUES(sqlite_text(sku), sqlite_int(n)), &e);
 */
#ifndef HUB_IO_SQLITE_CHANGE_H
#define HUB_IO_SQLITE_CHANGE_H

#include "io/sqlite.h"

struct sqlite_value {
    enum sqlite_kind kind; /* no real */
    int64_t number;
    struct str bytes;
};

static inline struct sqlite_value sqlite_null(void)
{
    return (struct sqlite_value){.kind = SQLITE_IS_NULL};
}

static inline struct sqlite_value sqlite_int(int64_t number)
{
    return (struct sqlite_value){.kind = SQLITE_IS_INT, .number = number};
}

/* Absent: NULL. */
static inline struct sqlite_value sqlite_text(struct str text)
{
    return (struct sqlite_value){.kind = SQLITE_IS_TEXT, .bytes = text};
}

static inline struct sqlite_value sqlite_blob(struct str bytes)
{
    return (struct sqlite_value){.kind = SQLITE_IS_BLOB, .bytes = bytes};
}

/* The two arguments of sqlite_change: of ?1, ?2 and so on. */
#define SQLITE_VALUES(...)                                                                                   \
    (const struct sqlite_value[]){__VA_ARGS__},                                                              \
        sizeof((const struct sqlite_value[]){__VA_ARGS__}) / sizeof(struct sqlite_value)

/* SQL is kept by the connection, as sqlite_cached does. */
int sqlite_change(struct sqlite *db, const char *sql, const struct sqlite_value *value, size_t n,
                  struct err *e);

#endif
