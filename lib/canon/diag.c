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

void diag_add(struct diag_list *list, const struct source_text *source, size_t offset, const char *fmt, ...)
{
    unsigned line, column;
    if (list->n == DIAG_MOST)
        return;
    size_t start = source_place(source, offset, &line, &column);
    struct str rest = str_slice(source->text, start, source->text.n);
    char message[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    list->diag[list->n++] = (struct diag){
        .name = source->name,
        .line = line,
        .column = column,
        .text = shown_line(list->arena, rest),
        .message = arena_str(list->arena, str_of(n >= 0 ? message : "")),
    };
}

int diag_first(const struct diag_list *list, struct err *e)
{
    if (list->n == 0)
        return err_memory(e);
    const struct diag *d = &list->diag[0];
    err_place(e, "%.*s:%u:%u", (int)d->name.n, d->name.p, d->line, d->column);
    return err_set(e, "config", "%.*s", (int)d->message.n, d->message.p);
}

/* Levenshtein distance, cut at LIMIT. */
static size_t distance(struct str a, struct str b, size_t limit)
{
    enum { MOST = 64 };
    size_t row[MOST + 1];
    if (a.n > MOST || b.n > MOST || (a.n > b.n ? a.n - b.n : b.n - a.n) > limit)
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = corner + (a.p[i - 1] != b.p[j - 1]);
            corner = row[j];
            size_t least = change < row[j - 1] + 1 ? change : row[j - 1] + 1;
            row[j] = least < corner + 1 ? least : corner + 1;
        }
    }
    return row[b.n];
}

struct str nearest_name(struct str name, const struct str *names, size_t count)
{
    struct str best = {0};
    size_t limit = 1 + name.n / 4;
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
