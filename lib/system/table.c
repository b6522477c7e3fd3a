#include "system/table.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "io/csv.h"

typedef int take_row(void *arg, const struct json_node *object, struct err *e);

/* An object {header: cell} in the arena. An empty cell is absent. */
static struct json_node *cells_object(const struct json_node *header, const struct csv_row *row,
                                      struct arena *a)
{
    struct json_node *object = arena_array(a, 1 + 2 * row->n, sizeof *object);
    if (object == NULL)
        return NULL;
    struct json_node *behind = object + 1;
    for (size_t i = 0; i < row->n; i++) {
        struct str cell = arena_str(a, row->cell[i]);
        if (cell.p == NULL)
            return NULL;
        if (cell.n == 0)
            continue;
        *behind++ = header[i];
        *behind++ = json_string_node(cell);
    }
    object->type = JSON_OBJECT;
    object->span = (uint32_t)(behind - object) & JSON_SPAN_MOST; /* rows have at most CSV_CELLS_MOST cells */
    return object;
}

static struct json_node *header_keys(const struct csv_row *row, struct arena *a)
{
    struct json_node *key = arena_array(a, row->n, sizeof *key);
    for (size_t i = 0; key != NULL && i < row->n; i++) {
        struct str name = row->cell[i];
        if (i == 0 && str_starts(name, STR("\xEF\xBB\xBF")))
            name = str_slice(name, 3, name.n);
        key[i] = json_string_node(arena_str(a, name));
        if (key[i].p == NULL)
            return NULL;
    }
    return key;
}

static int csv_rows(struct csv_reader *csv, const char *path, struct arena *a, take_row *take, void *arg,
                    struct err *e)
{
    struct csv_row row;
    const struct json_node *header = NULL;
    size_t columns = 0;
    enum csv_got got;
    while ((got = csv_reader_next(csv, &row, e)) == CSV_OK) {
        if (row.n == 0)
            continue;
        err_place(e, "%s:%" PRIu64, path, row.line);
        if (row.fault != CSV_SOUND)
            return err_set(e, "config", "cell %zu is not UTF-8 text", row.fault_cell + 1);
        if (header == NULL) {
            columns = row.n;
            header = header_keys(&row, a);
            if (header == NULL)
                return err_memory(e);
            continue;
        }
        if (row.n != columns)
            return err_set(e, "config", "%zu cells where the header has %zu", row.n, columns);
        const struct json_node *object = cells_object(header, &row, a);
        if (object == NULL)
            return err_memory(e);
        if (take(arg, object, e) == -1)
            return -1;
    }
    if (got == CSV_FATAL)
        return -1;
    e->place[0] = '\0';
    return header != NULL ? 0 : err_set(e, "config", "%s: no header", path);
}

/* The object of a line, copied: its bytes and nodes stay. */
static const struct json_node *kept_object(struct json_tape *tape, struct str line, struct arena *a,
                                           struct err *e)
{
    const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    line = json_padded(line, a);
    if (line.p == NULL) {
        err_memory(e);
        return NULL;
    }
    if (json_parse(tape, line, &limits, NULL, e) == -1)
        return NULL;
    const struct json_node *object = tape->node;
    const struct json_node *data = json_get(object, STR("data"));
    if (json_is(data, JSON_OBJECT) &&
        (json_get(object, STR("entity")) != NULL || json_get(object, STR("stream")) != NULL))
        object = data;
    if (object->type != JSON_OBJECT) {
        err_set(e, "config", "a row of a table is an object");
        return NULL;
    }
    struct json_node *copy = arena_raw(a, object->span * sizeof *copy);
    if (copy == NULL)
        err_memory(e);
    else
        memcpy(copy, object, object->span * sizeof *copy);
    return copy;
}

static int ndjson_rows(int fd, const char *path, struct arena *a, take_row *take, void *arg, struct err *e)
{
    struct lines in;
    struct json_tape tape;
    struct str line;
    enum lines_got got;
    int done = 0;
    lines_init(&in, fd, LINES_MOST);
    json_tape_init(&tape);
    while (done == 0 && (got = lines_next(&in, &line, e)) != LINES_END) {
        err_place(e, "%s:%" PRIu64, path, in.number);
        if (got == LINES_TOO_LONG)
            err_set(e, "limit", "a line over the limit");
        const struct json_node *object =
            got == LINES_OK && line.n > 0 ? kept_object(&tape, line, a, e) : NULL;
        if (got != LINES_OK || (object == NULL && line.n > 0))
            done = -1;
        else if (line.n > 0)
            done = take(arg, object, e);
    }
    json_tape_release(&tape);
    lines_release(&in);
    if (done == 0)
        e->place[0] = '\0';
    return done;
}

int table_rows(const char *path, struct arena *a, take_row *take, void *arg, struct err *e)
{
    struct str name = str_of(path);
    int fd = file_open(path, e);
    if (fd == -1)
        return -1;
    if (str_ends(name, STR(".ndjson")) || str_ends(name, STR(".jsonl")))
        return ndjson_rows(fd, path, a, take, arg, e);
    struct fd_reader file = {.fd = fd, .polls = fd_blocks(fd)};
    struct csv_reader *csv = csv_reader_new((struct reader){fd_reader_read, &file}, path,
                                            str_ends(name, STR(".tsv")) ? '\t' : ',', CSV_ROW_MOST);
    int done = csv != NULL ? csv_rows(csv, path, a, take, arg, e) : err_memory(e);
    csv_reader_free(csv);
    close(fd);
    return done;
}
