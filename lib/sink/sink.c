#include "sink/sink.h"

#include <sys/stat.h>

#include "io/pack.h"

static bool is_folder(const char *target)
{
    struct stat st;
    size_t n = strlen(target);
    return (n > 0 && target[n - 1] == '/') || (stat(target, &st) == 0 && S_ISDIR(st.st_mode));
}

static const struct format_kind *choose_format(const char *target, const struct sink_kind *kind,
                                               const struct sink_options *options, struct err *e)
{
    const struct format_kind *format = options->format;
    if (format == NULL)
        format = kind == &sink_folder    ? &format_ndjson
                 : kind == &sink_archive ? &format_csv
                                         : format_of_file(str_of(target));
    if (format == NULL) {
        err_set(e, "usage",
                "its name does not tell the format: say it with -f (csv, tsv, ndjson, json), or name a "
                "template with -T");
        err_place(e, "%s", target);
    }
    return format;
}

struct sink *sink_open(const char *target, const struct sink_options *options, struct err *e)
{
    const struct sink_kind *kind = is_folder(target)                           ? &sink_folder
                                   : pack_of_file(str_of(target)) != PACK_NONE ? &sink_archive
                                                                               : &sink_file;
    if (options->name != NULL && kind != &sink_folder) {
        err_set(e, "usage", "--name is for the files of a folder");
        return NULL;
    }
    const struct format_kind *format = choose_format(target, kind, options, e);
    if (format == NULL)
        return NULL;
    void *encoder = format->open(&options->encoding, e);
    if (encoder == NULL)
        return NULL;
    struct sink *s = kind->make(e);
    if (s == NULL) {
        format->close(encoder);
        return NULL;
    }
    s->kind = kind;
    s->options = options;
    s->target = target;
    s->format = format;
    s->encoder = encoder;
    if (s->kind->start(s, e) == 0)
        return s;
    sink_close(s);
    return NULL;
}

enum sink_put sink_put(struct sink *s, const struct record *r, struct err *e)
{
    return s->kind->put(s, r, e);
}

int sink_finish(struct sink *s, struct sink_result *result, struct err *e)
{
    int done = s->kind->finish(s, e);
    *result = s->result;
    return done;
}

void sink_close(struct sink *s)
{
    if (s == NULL)
        return;
    s->format->close(s->encoder);
    s->kind->close(s);
}
