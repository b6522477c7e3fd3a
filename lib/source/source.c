#include "source/source.h"

#include "io/csv.h"

const struct source_kind *const source_kinds[] = {
    &source_csv, &source_tsv, &source_ndjson, &source_json, &source_singer, &source_airbyte, NULL};

static const struct source_kind *kind_named(struct str name)
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

static const struct source_kind *kind_of_file(struct str file)
{
    for (size_t i = 0; source_kinds[i] != NULL; i++)
        if (has_suffix(source_kinds[i], file))
            return source_kinds[i];
    return NULL;
}

const struct source_kind *source_kind_of_lines(const struct input *input, const struct source_options *o,
                                               struct err *e)
{
    const struct source_kind *kind = o->format.p != NULL ? kind_named(o->format) : kind_of_file(input->file);
    const char *of_columns = o->group.p != NULL ? "group by" : o->nunpivot > 0 ? "unpivot" : NULL;
    bool well = kind != NULL && (kind->has_columns || of_columns == NULL) &&
                ((!kind->has_columns && !kind->has_messages) || o->parent.p == NULL);
    if (well)
        return kind;
    if (kind != NULL)
        err_set(e, "usage",
                o->parent.p != NULL ? "%s has no children that name their parent" : "%s has no columns to %s",
                kind->name, of_columns);
    else if (o->format.p != NULL)
        err_set(e, "usage", "the format %s is not known (csv, tsv, ndjson, json, singer, airbyte are)",
                err_quote(o->format));
    else
        err_set(
            e, "usage",
            "its name does not tell the format: say it with -f (csv, tsv, ndjson, json, singer, airbyte)");
    err_place(e, "%s", input->name);
    return NULL;
}

const struct source_kind *source_kind_for(const struct input *input, const struct source_options *o,
                                          struct err *e)
{
    const struct source_kind *kind = source_kind_of_lines(input, o, e);
    return kind != NULL && o->parent.p != NULL ? &source_family : kind;
}

int source_set_delimiter(struct source_options *o, struct str text, struct err *e)
{
    o->delimiter = csv_delimiter(text);
    if (o->delimiter != '\0')
        return 0;
    return err_set(e, "usage", "a delimiter is one ASCII character, and no quote or end of line: %s",
                   err_quote(text));
}

int source_options_of_stream(struct source_options *o, struct input_options *in,
                             const struct system_stream *d, struct err *e)
{
    if (in->encoding.p == NULL)
        in->encoding = d->encoding;
    if (o->nfooters == 0) {
        o->footer = d->footer;
        o->nfooters = d->nfooters;
    }
    if (o->nunpivot == 0) {
        o->unpivot = d->unpivot;
        o->nunpivot = d->nunpivot;
    }
    if (o->format.p == NULL)
        o->format = d->format;
    if (o->group.p == NULL)
        o->group = d->group;
    if (o->records.p == NULL)
        o->records = d->records;
    if (o->parent.p == NULL)
        o->parent = d->parent;
    if (o->skip == 0 && d->skip > 0)
        o->skip = (uint64_t)d->skip;
    if (o->delimiter == '\0' && d->delimiter.p != NULL)
        return source_set_delimiter(o, d->delimiter, e);
    return 0;
}
