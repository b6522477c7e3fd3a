#include "canon/diag.h"

#include <stdint.h>
#include <stdio.h>

#include "base/utf8.h"

size_t source_place(const struct source_text *source, size_t offset, unsigned *line, unsigned *column)
{
    struct str before = str_slice(source->text, 0, offset);
    size_t start = 0;
    *line = 1;
    for (size_t i = 0; i < before.n; i++) {
        if (before.p[i] == '\n') {
            ++*line;
            start = i + 1;
        }
    }
    *column = (unsigned)utf8_count(str_slice(before, start, before.n)) + 1;
    return start;
}

/* The first line of TEXT with blanks for tabs, so that its column stands below what is shown. */
static struct str shown_line(struct arena *a, struct str text)
{
    size_t n = str_find(text, '\n');
    char *line = arena_raw(a, n + 1);
    if (line == NULL)
        return STR("");
    for (size_t i = 0; i < n; i++)
        line[i] = (char)(text.p[i] == '\t' ? ' ' : text.p[i]);
    return (struct str){line, n};
}

/* Those of one place stand in the order in which they were found. */
static int compare_places(const struct diag *a, const struct diag *b)
{
    int names = str_cmp(a->name, b->name);
    if (names != 0)
        return names;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column == b->column ? 0 : a->column < b->column ? -1 : 1;
}

/* Where D belongs; false where it stands there already: a map is compiled for each direction, and a shape for
 * each of its uses. */
static bool find_place(const struct diag_list *list, const struct diag *d, size_t *at)
{
    size_t i = 0;
    for (int order; i < list->n && (order = compare_places(&list->diag[i], d)) <= 0; i++) {
        if (order == 0 && str_eq(list->diag[i].message, d->message))
            return false;
    }
    *at = i;
    return true;
}

static void add(struct diag_list *list, const struct source_text *source, size_t offset, struct str field,
                const char *fmt, va_list args)
{
    char message[512];
    struct diag d = {.name = source->name, .field = field};
    size_t start = source_place(source, offset, &d.line, &d.column), at;
    int n = vsnprintf(message, sizeof message, fmt, args);
    d.message = str_of(n >= 0 ? message : "");
    if (!find_place(list, &d, &at))
        return;
    list->more |= list->n == DIAG_MOST;
    if (at == DIAG_MOST)
        return;
    d.message = arena_str(list->arena, d.message);
    d.text = shown_line(list->arena, str_slice(source->text, start, source->text.n));
    list->n -= list->n == DIAG_MOST;
    memmove(&list->diag[at + 1], &list->diag[at], (list->n - at) * sizeof d);
    list->diag[at] = d;
    list->n++;
}

void diag_add(struct diag_list *list, const struct source_text *source, size_t offset, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(list, source, offset, (struct str){0}, fmt, args);
    va_end(args);
}

void diag_add_field(struct diag_list *list, const struct source_text *source, size_t offset, struct str field,
                    const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(list, source, offset, field, fmt, args);
    va_end(args);
}

bool diag_stands_at(const struct diag_list *list, const struct source_text *source, size_t offset)
{
    struct diag d = {.name = source->name};
    source_place(source, offset, &d.line, &d.column);
    for (size_t i = 0; i < list->n; i++) {
        if (compare_places(&list->diag[i], &d) == 0)
            return true;
    }
    return false;
}

int diag_first(const struct diag_list *list, struct err *e)
{
    if (list->n == 0)
        return err_memory(e);
    const struct diag *d = &list->diag[0];
    err_place(e, "%.*s:%u:%u", (int)d->name.n, d->name.p, d->line, d->column);
    if (d->field.p != NULL)
        err_field(e, d->field);
    return err_set(e, "config", "%.*s", (int)d->message.n, d->message.p);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to change, to add, to leave out, or neighbours to exchange, cut at LIMIT. */
static size_t distance(struct str a, struct str b, size_t limit)
{
    enum { MOST = 64 };
    size_t rows[3][MOST + 1] = {{0}};
    if (a.n > MOST || b.n > MOST || (a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t changed = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            row[j] = least(changed, least(row[j - 1], above[j]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}

struct str nearest_name(struct str name, const struct str *names, size_t count)
{
    struct str best = {0};
    size_t limit = name.n > 1 ? 1 + name.n / 4 : 0; /* all names of one letter are near each other */
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i], limit);
        if (d <= limit) {
            best = names[i];
            limit = d - (d > 0);
            if (d == 0)
                break;
        }
    }
    return best;
}
