#include "system/table.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "io/csv.h"

static struct json_node *close_object(struct json_node *object, const struct json_node *behind)
{
    object->type = JSON_OBJECT;
    object->span = (uint32_t)(behind - object) & JSON_SPAN_MOST; /* rows have at most CSV_CELLS_MOST cells */
    return object;
}

/* An object {name: cell} in the arena, with the names of HEADER. An empty cell is absent. */
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
        *behind++ = header[1 + 2 * i];
        *behind++ = json_string_node(cell);
    }
    return close_object(object, behind);
}

/* An object {name: name} in the arena. Two columns of one name would be two values of one field. */
static const struct json_node *header_object(const struct csv_row *row, struct arena *a, struct err *e)
{
    struct str *name = arena_array(a, row->n, sizeof *name);
    struct json_node *object = arena_array(a, 1 + 2 * row->n, sizeof *object);
    size_t at[2];
    bool room = name != NULL && object != NULL;
    for (size_t i = 0; room && i < row->n; i++) {
        name[i] = row->cell[i];
        if (i == 0 && str_starts(name[i], STR("\xEF\xBB\xBF")))
            name[i] = str_slice(name[i], 3, name[i].n);
        name[i] = arena_str(a, name[i]);
        room = name[i].p != NULL;
        object[1 + 2 * i] = object[2 + 2 * i] = json_string_node(name[i]);
    }
    int twins = room ? str_twins(name, row->n, at) : -1;
    if (twins == -1)
        err_memory(e);
    else if (twins == 1)
        err_set(e, "config", "the columns %zu and %zu have one name: %s", at[0] + 1, at[1] + 1,
                err_quote(name[at[0]]));
    return twins == 0 ? close_object(object, object + 1 + 2 * row->n) : NULL;
}

static int csv_rows(struct csv_reader *csv, const char *path, struct arena *a, lookup_row *take, void *arg,
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
            header = header_object(&row, a, e);
            if (header == NULL || take(arg, header, true, e) == -1)
                return -1;
            continue;
        }
        if (row.n != columns)
            return err_set(e, "config", "%zu cells where the header has %zu", row.n, columns);
        const struct json_node *object = cells_object(header, &row, a);
        if (object == NULL)
            return err_memory(e);
        if (take(arg, object, false, e) == -1)
            return -1;
    }
    if (got == CSV_FATAL)
        return -1;
    e->place[0] = '\0';
    return header != NULL ? 0 : err_set(e, "config", "%s: no header", path);
}

/* The object of a line, copied: its bytes and nodes stay. What no record may hold is refused in a table, too:
 * its values get into records. */
static const struct json_node *kept_object(struct json_tape *tape, struct json_unique *unique,
                                           struct str line, struct arena *a, struct err *e)
{
    const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES};
    line = json_padded(line, a);
    if (line.p == NULL) {
        err_memory(e);
        return NULL;
    }
    if (json_parse(tape, line, &limits, NULL, e) == -1 || json_check_record(tape->node, unique, e) == -1)
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

static int ndjson_rows(int fd, const char *path, struct arena *a, lookup_row *take, void *arg, struct err *e)
{
    struct lines in;
    struct json_tape tape;
    struct str line;
    enum lines_got got;
    struct json_unique *unique = json_unique_new();
    int done = unique != NULL ? 0 : err_memory(e);
    lines_init(&in, fd, LINES_MOST);
    json_tape_init(&tape);
    while (done == 0 && (got = lines_next(&in, &line, e)) != LINES_END) {
        err_place(e, "%s:%" PRIu64, path, in.number);
        if (got == LINES_TOO_LONG)
            err_set(e, "limit", "a line over the limit");
        const struct json_node *object =
            got == LINES_OK && line.n > 0 ? kept_object(&tape, unique, line, a, e) : NULL;
        if (got != LINES_OK || (object == NULL && line.n > 0))
            done = -1;
        else if (line.n > 0)
            done = take(arg, object, false, e);
    }
    json_tape_release(&tape);
    lines_release(&in);
    json_unique_free(unique);
    if (done == 0)
        e->place[0] = '\0';
    return done;
}

int table_rows(const char *path, struct arena *a, lookup_row *take, void *arg, struct err *e)
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
