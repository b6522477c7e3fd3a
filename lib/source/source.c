#include "source/source.h"

const struct source_kind *const source_kinds[] = {&source_csv, &source_tsv, &source_ndjson, &source_json,
                                                  NULL};

const struct source_kind *source_kind_named(struct str name)
{
    for (size_t i = 0; source_kinds[i] != NULL; i++)
        if (str_eq(str_of(source_kinds[i]->name), name))
            return source_kinds[i];
    return NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool ends_in(struct str file, struct str suffix)
{
    if (file.n < suffix.n)
        return false;
    for (size_t i = 0; i < suffix.n; i++)
        if (lower(file.p[file.n - suffix.n + i]) != suffix.p[i])
            return false;
    return true;
}

static bool has_suffix(const struct source_kind *kind, struct str file)
{
    struct str left = str_of(kind->suffixes);
    while (left.n > 0) {
        size_t n = str_find(left, ' ');
        if (ends_in(file, str_slice(left, 0, n)))
            return true;
        left = str_slice(left, n + 1, left.n);
    }
    return false;
}

const struct source_kind *source_kind_of_file(struct str file)
{
    for (size_t i = 0; source_kinds[i] != NULL; i++)
        if (has_suffix(source_kinds[i], file))
            return source_kinds[i];
    return NULL;
}
