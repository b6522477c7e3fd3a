/*
 * The columns that the header of a table names, and what a row of it becomes: one record, or with unpivot one
 * for each text that the "*" of the patterns stands for, a turn.
 *
 *     header             SKU,Name,Stock Hamburg,Stock Bremen,Alert Bremen
 *     unpivot            "Stock *", "Alert *"
 *     records of a row   {"SKU":"7","Name":"Mug","*":"Hamburg","Stock *":"4"}
 *                        {"SKU":"7","Name":"Mug","*":"Bremen","Stock *":"0","Alert *":"2"}
 *
 * Turns come in the order in which the header first names them.
 */
#ifndef HUB_SOURCE_CSV_COLUMNS_H
#define HUB_SOURCE_CSV_COLUMNS_H

#include "base/arena.h"
#include "io/csv.h"
#include "source/source.h"

enum { CSV_COPY = 32 /* readable bytes that every prefix has, at least */ };

struct csv_column {
    struct str prefix; /* what stands before its value: {"NAME":" of the first one, else ","NAME":" */
    size_t cell;       /* of the row, from 0 */
};

struct csv_turn {
    struct str text;   /* what the "*" stands for */
    struct str prefix; /* ","*":"TEXT, in front of its columns */
    struct csv_column *column;
    size_t n;
};

struct csv_columns {
    struct arena arena;
    struct str *name; /* by cell */
    size_t nnames;
    size_t nheader;           /* cells of the header: nnames, and blank ones behind them */
    struct csv_column *fixed; /* those that are in each record */
    size_t nfixed;
    struct csv_turn *turn; /* NULL: a row is one record */
    size_t nturns;
    size_t longest; /* bytes of the prefixes of a record */
    size_t group;   /* the cell to group by; SIZE_MAX: none */
};

/* -1: E says what is wrong with the header. To be released in any case. */
int csv_columns_init(struct csv_columns *c, const struct csv_row *header, const struct source_options *o,
                     struct err *e);
void csv_columns_release(struct csv_columns *c);

#endif
