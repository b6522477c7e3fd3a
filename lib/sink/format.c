#include "sink/format.h"

const struct format_kind *const format_kinds[] = {&format_csv, &format_tsv, &format_ndjson, &format_json,
                                                  NULL};

const struct format_kind *format_named(struct str name)
{
    for (size_t i = 0; format_kinds[i] != NULL; i++)
        if (str_eq(str_of(format_kinds[i]->name), name))
            return format_kinds[i];
    return NULL;
}

static bool has_suffix(const struct format_kind *kind, struct str file)
{
    struct str left = str_of(kind->suffixes);
    while (left.n > 0) {
        size_t n = str_find(left, ' ');
        if (str_ends(file, str_slice(left, 0, n)))
            return true;
        left = str_slice(left, n + 1, left.n);
    }
    return false;
}

const struct format_kind *format_of_file(struct str file)
{
    for (size_t i = 0; format_kinds[i] != NULL; i++)
        if (has_suffix(format_kinds[i], file))
            return format_kinds[i];
    return NULL;
}
