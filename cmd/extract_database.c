/*
 * Tables and queries of databases.
 */
#include "extract.h"

enum { ROWS_A_MARK = 10000 /* of a cursor */ };

static int open_rows(struct extract *x, const char *operand, struct database **db, struct err *e)
{
    if ((x->rows.table.p != NULL) == (x->rows.query.p != NULL))
        return err_set(e, "usage", "of a database one of --table and --query says what is read");
    if (x->state_path != NULL && x->rows.cursor.p == NULL)
        return err_set(e, "usage", "--state needs --cursor, the column that says where to go on");
    if (extract_open_state(x, &x->rows.checkpoint, e) == -1)
        return -1;
    x->rows.idle = extract_flush;
    x->rows.idle_arg = x;
    *db = database_open(operand, &x->rows, e);
    return *db != NULL ? 0 : -1;
}

/* What its records carry. */
static int name_rows(struct extract *x, const struct database *db, struct err *e)
{
    if (x->described.source.p == NULL)
        x->source = database_source(db);
    buf_reset(&x->stream);
    buf_put(&x->stream, x->described.stream.p != NULL ? x->described.stream : database_stream(db));
    if (!buf_ok(&x->stream))
        return err_memory(e);
    if (native_set_stream(&x->native, x->source, buf_str(&x->stream), e) == -1)
        return -1;
    return native_set_input(&x->native, database_input(db), e);
}

static bool mark_rows(struct extract *x, const struct database *db, bool end)
{
    buf_reset(&x->checkpoint);
    bool some = database_checkpoint(db, &x->checkpoint);
    return extract_mark(x, some, end);
}

static bool give_row(struct extract *x, const struct database_row *row, const struct database *db)
{
    struct err e = {0};
    struct buf *out = &x->cmd.out.buf;
    bool described = x->described.id.p != NULL || x->described.label.p != NULL;
    int done = described
                   ? native_end(&x->native, out, x->start, row->number, &e)
                   : native_end_as(&x->native, out, x->start, row->number, row->id, (struct str){0}, &e);
    if (done == 0)
        return cmd_took(&x->cmd, 1);
    struct str input = database_input(db);
    err_place(&e, "%.*s:%llu", (int)input.n, input.p, (unsigned long long)row->number);
    return extract_refuse(x, row->raw, &e);
}

static bool take_rows(struct extract *x, struct database *db)
{
    struct buf *out = &x->cmd.out.buf;
    struct database_row row = {0};
    struct err e = {0};
    for (bool stop = false; !stop;) {
        x->start = native_begin(out);
        x->begun = true;
        enum source_got got = database_next(db, &row, out, &e);
        x->begun = false;
        if (got == SOURCE_OK) {
            x->cmd.read++;
            stop = give_row(x, &row, db);
            if (!stop && x->rows.cursor.p != NULL && x->cmd.read % ROWS_A_MARK == 0)
                stop = mark_rows(x, db, false);
            continue;
        }
        out->n = x->start;
        if (got == SOURCE_END)
            return mark_rows(x, db, true);
        if (got == SOURCE_FATAL)
            return extract_fail(x, &e);
        x->cmd.read++;
        stop = extract_refuse(x, row.raw, &e);
    }
    return true;
}

static bool take_database(struct extract *x, const char *operand)
{
    struct err e = {0};
    struct database *db = NULL;
    bool stop = open_rows(x, operand, &db, &e) == -1 || name_rows(x, db, &e) == -1 ? extract_fail(x, &e)
                                                                                   : take_rows(x, db);
    database_close(db);
    extract_close_state(x);
    return stop;
}

const struct extract_kind extract_database = {
    .what = "a database (sqlite:FILE, postgresql://...)",
    .takes = "table query cursor state full",
    .alone = true,
    .is = database_is,
    .take = take_database,
};
