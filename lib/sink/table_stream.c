#include "sink/table_parts.h"

/*
 * Where nothing was delivered to the table before, rows of one shape need not wait for the batch to be full:
 * they go to the server while further ones are read and written, and both work at once. They stay in t->rows,
 * so that a batch that the table does not take is tried again as any other is.
 */

enum { PIECE = 256 << 10 };

static int start(struct table *t, struct table_shape *s, struct err *e)
{
    if (table_make_copy(t, s, e) == -1 || t->db->kind->exec(t->db, "SAVEPOINT hub_batch", e) == -1 ||
        t->db->kind->copy_in(t->db, s->copy.p, e) == -1)
        return -1;
    t->streaming = s;
    return 0;
}

static int send(struct table *t, size_t end, struct err *e)
{
    struct str rows = str_slice(buf_str(&t->rows), t->sent, end);
    t->sent = end;
    return rows.n > 0 ? t->db->kind->copy_put(t->db, rows, e) : 0;
}

int table_stream(struct table *t, struct table_shape *s, struct err *e)
{
    bool first = t->n == 1, goes_on = t->streaming == s && !t->stream_ends;
    if (!t->fresh || t->options->as_delivered || (!first && !goes_on)) {
        t->stream_ends = true;
        return 0;
    }
    if (first && start(t, s, e) == -1)
        return -1;
    t->streamed = t->n;
    return t->rows.n - t->sent >= PIECE ? send(t, t->rows.n, e) : 0;
}

int table_stream_end(struct table *t, struct err *e)
{
    if (t->streaming == NULL)
        return 0;
    size_t end = t->item[t->streamed - 1].row_end;
    t->streaming = NULL;
    t->streamed = 0;
    return send(t, end, e) == 0 ? t->db->kind->copy_end(t->db, e) : -1;
}
