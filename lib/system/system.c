#include "system/system.h"

#include <stdio.h>

#include "base/config.h"
#include "base/pointer.h"
#include "base/search.h"
#include "canon/diag.h"
#include "io/csv.h"
#include "system/names.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What most of these mean concerns those that make calls; here they need only be spelled right. */
static const struct str system_keys[] = {
    STR("system"), STR("vars"),   STR("secrets"), STR("base"),    STR("headers"),
    STR("auth"),   STR("limits"), STR("answers"), STR("streams"), STR("targets"),
};
static const struct str connection_keys[] = {STR("system"), STR("vars"), STR("secrets")};
static const struct str stream_keys[] = {
    STR("format"),  STR("group"),     STR("records"), STR("id"),   STR("label"),  STR("delimiter"),
    STR("skip"),    STR("encoding"),  STR("columns"), STR("get"),  STR("post"),   STR("put"),
    STR("query"),   STR("headers"),   STR("auth"),    STR("form"), STR("json"),   STR("graphql"),
    STR("since"),   STR("variables"), STR("next"),    STR("with"), STR("attach"), STR("one"),
    STR("each"),    STR("window"),    STR("steps"),   STR("take"), STR("once"),   STR("set"),
    STR("answers"), STR("loops"),
};
static const struct str formats[] = {
    STR("csv"),    STR("tsv"),     STR("ndjson"), STR("json"),
    STR("singer"), STR("airbyte"), STR("xlsx"),   STR("x12"),
};

/* A file that is looked at. */
struct description {
    struct str path;
    struct arena *arena;
    struct err *e;
    const struct config *root;
};

/* Names the file and in it /streams/STREAM/KEY; absent parts are left out. Returns -1. */
static int at(struct description *d, struct str stream, struct str key)
{
    struct buf pointer;
    buf_init(&pointer, POINTER_MOST);
    if (stream.p != NULL) {
        pointer_put(&pointer, STR("streams"));
        pointer_put(&pointer, stream);
    }
    if (key.p != NULL)
        pointer_put(&pointer, key);
    if (pointer.n > 0 && buf_ok(&pointer))
        err_field(d->e, buf_str(&pointer));
    buf_release(&pointer);
    err_place(d->e, "%s", d->path.p);
    return -1;
}

static int check_keys(struct description *d, const struct config *object, struct str stream,
                      const struct str *known, size_t count)
{
    for (size_t i = 0; i < object->count; i++) {
        struct str key = object->member[i].key;
        size_t k = 0;
        while (k < count && !str_eq(key, known[k]))
            k++;
        if (k < count)
            continue;
        struct str near = nearest_name(key, known, count);
        if (near.p != NULL)
            err_set(d->e, "config", "unknown key; did you mean %s?", err_quote(near));
        else
            err_set(d->e, "config", "unknown key");
        return at(d, stream, key);
    }
    return 0;
}

/* Reads what d->path names: an object. */
static int read_object(struct description *d, const struct str *known, size_t count)
{
    d->root = config_read(d->path.p, d->arena, d->e);
    if (d->root == NULL)
        return -1;
    if (d->root->type != CONFIG_OBJECT) {
        err_set(d->e, "config", "not a JSON object");
        return at(d, (struct str){0}, (struct str){0});
    }
    return check_keys(d, d->root, (struct str){0}, known, count);
}

/* Letters, digits, "_", "-": what STREAM of the map language is made of; no path leads out of the folders
 * with it. */
static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' &&
            c != '-')
            return false;
    }
    return s.n > 0;
}

/* Splits WORD:WORD. */
static bool split(struct str name, struct str *before, struct str *after)
{
    size_t colon = str_find(name, ':');
    *before = str_slice(name, 0, colon);
    *after = str_slice(name, colon + 1, name.n);
    return colon < name.n && is_word(*before) && is_word(*after);
}

/* 1 and *PATH where FOLDER/NAME+TAIL is found, 0 where it is not, -1: memory. */
static int find(struct str *path, const char *folder, struct str name, const char *tail,
                struct description *d)
{
    struct str relative = arena_printf(d->arena, "%s/%.*s%s", folder, (int)name.n, name.p, tail);
    struct err none = {0};
    if (relative.p == NULL)
        return err_memory(d->e);
    if (search_find(path, relative, d->arena, &none) == 0)
        return 1;
    return strcmp(none.code, "memory") == 0 ? err_memory(d->e) : 0;
}

/* ---- one stream ---- */

/* The text of a member; absent where there is none. */
static int text_of(struct str *out, struct description *d, const struct config *object, struct str stream,
                   const char *key)
{
    const struct config *value = config_get(object, key);
    *out = config_string(value);
    if (value == NULL || out->n > 0)
        return 0;
    err_set(d->e, "config", "must be a text that is not empty");
    return at(d, stream, str_of(key));
}

static int check_format(struct description *d, struct str stream, struct str format)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (format.p == NULL || str_eq(format, formats[i]))
            return 0;
    struct str near = nearest_name(format, formats, COUNT(formats));
    err_set(d->e, "config", near.p != NULL ? "unknown format %s; did you mean %s?" : "unknown format %s",
            err_quote(format), err_quote(near));
    return at(d, stream, STR("format"));
}

static int take_columns(struct system_stream *out, struct description *d, const struct config *object,
                        struct str stream)
{
    const struct config *list = config_get(object, "columns");
    if (list == NULL)
        return 0;
    struct str *columns = list->type == CONFIG_LIST && list->count > 0
                              ? arena_array(d->arena, list->count, sizeof *columns)
                              : NULL;
    for (size_t i = 0; columns != NULL && i < list->count; i++) {
        columns[i] = config_string(list->member[i].value);
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++)
            twice = str_eq(columns[k], columns[i]);
        if (twice) {
            err_set(d->e, "config", "the column %s stands twice", err_quote(columns[i]));
            return at(d, stream, STR("columns"));
        }
        if (columns[i].n == 0)
            columns = NULL;
    }
    if (columns == NULL) {
        err_set(d->e, "config", "must be a list of names of columns, and not empty");
        return at(d, stream, STR("columns"));
    }
    out->columns = columns;
    out->ncolumns = list->count;
    return 0;
}

static int take_skip(struct system_stream *out, struct description *d, const struct config *object,
                     struct str stream)
{
    const struct config *skip = config_get(object, "skip");
    if (skip == NULL)
        return 0;
    if (skip->type != CONFIG_INTEGER || skip->integer < 0) {
        err_set(d->e, "config", "must be a number of lines, 0 or more");
        return at(d, stream, STR("skip"));
    }
    out->skip = skip->integer;
    return 0;
}

static int take_stream(struct system_stream *out, struct description *d, const struct config *object,
                       struct str name)
{
    const struct {
        struct str *to;
        const char *key;
    } texts[] = {
        {&out->format, "format"},     {&out->group, "group"},
        {&out->records, "records"},   {&out->id, "id"},
        {&out->label, "label"},       {&out->delimiter, "delimiter"},
        {&out->encoding, "encoding"},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        if (text_of(texts[i].to, d, object, name, texts[i].key) == -1)
            return -1;
    if (out->delimiter.p != NULL && csv_delimiter(out->delimiter) == '\0') {
        err_set(d->e, "config", "must be one ASCII character, and no quote or end of line, not %s",
                err_quote(out->delimiter));
        return at(d, name, STR("delimiter"));
    }
    if (check_format(d, name, out->format) == -1 || take_skip(out, d, object, name) == -1)
        return -1;
    return take_columns(out, d, object, name);
}

/* ---- a system ---- */

static const struct config *streams_of(const struct description *d)
{
    return config_get(d->root, "streams");
}

/* system.json of SYSTEM, whose path was found. */
static int read_system(struct description *d, struct str system)
{
    if (read_object(d, system_keys, COUNT(system_keys)) == -1)
        return -1;
    struct str said = config_string(config_get(d->root, "system"));
    if (!str_eq(said, system)) {
        err_set(d->e, "config", "must be %s, as the folder is called", err_quote(system));
        return at(d, (struct str){0}, STR("system"));
    }
    const struct config *streams = streams_of(d);
    bool objects = streams == NULL || streams->type == CONFIG_OBJECT;
    for (size_t i = 0; objects && streams != NULL && i < streams->count; i++) {
        const struct config *stream = streams->member[i].value;
        if (stream->type != CONFIG_OBJECT) {
            err_set(d->e, "config", "not a JSON object");
            return at(d, streams->member[i].key, (struct str){0});
        }
        if (check_keys(d, stream, streams->member[i].key, stream_keys, COUNT(stream_keys)) == -1)
            return -1;
    }
    if (!objects) {
        err_set(d->e, "config", "not a JSON object");
        return at(d, (struct str){0}, STR("streams"));
    }
    return 0;
}

/* 1, 0: the system has no stream of that name, -1. */
static int open_stream(struct system_stream *out, struct description *d, struct str system, struct str stream)
{
    if (read_system(d, system) == -1)
        return -1;
    const struct config *streams = streams_of(d);
    for (size_t i = 0; streams != NULL && i < streams->count; i++) {
        if (!str_eq(streams->member[i].key, stream))
            continue;
        out->system = arena_str(d->arena, system);
        out->stream = arena_printf(d->arena, "%.*s:%.*s", (int)system.n, system.p, (int)stream.n, stream.p);
        out->folder = arena_str(d->arena, str_slice(d->path, 0, d->path.n - (sizeof "/system.json" - 1)));
        if (out->system.p == NULL || out->stream.p == NULL || out->folder.p == NULL)
            return err_memory(d->e);
        return take_stream(out, d, streams->member[i].value, stream) == 0 ? 1 : -1;
    }
    return 0;
}

static int no_such_stream(struct description *d, struct str stream)
{
    struct name_list names = {.arena = d->arena};
    const struct config *streams = streams_of(d);
    for (size_t i = 0; streams != NULL && i < streams->count; i++)
        name_list_add(&names, streams->member[i].key);
    err_set(d->e, "config", "no stream %s; there are: %s", err_quote(stream), name_list_text(&names));
    return at(d, (struct str){0}, STR("streams"));
}

static int no_such_connection(struct description *d, struct str name)
{
    struct name_list names = {.arena = d->arena};
    if (name_list_add_files(&names, "connections", ".json") == -1 ||
        name_list_add_files(&names, "systems", "/system.json") == -1)
        return err_memory(d->e);
    return err_set(d->e, "config", "no connection or system %s; there are: %s", err_quote(name),
                   name_list_text(&names));
}

/* The system of a connection; CONNECTION itself where no such connection is described. */
static int system_of(struct str *system, struct str connection, struct description *d)
{
    *system = connection;
    int found = find(&d->path, "connections", connection, ".json", d);
    if (found < 1)
        return found;
    if (read_object(d, connection_keys, COUNT(connection_keys)) == -1)
        return -1;
    *system = config_string(config_get(d->root, "system"));
    struct str path;
    found = is_word(*system) ? find(&path, "systems", *system, "/system.json", d) : 0;
    if (found == 1)
        return 0;
    if (found == 0) {
        struct name_list names = {.arena = d->arena};
        if (name_list_add_files(&names, "systems", "/system.json") == -1)
            return err_memory(d->e);
        err_set(d->e, "config", "must name a system; there are: %s", name_list_text(&names));
        at(d, (struct str){0}, STR("system"));
    }
    return -1;
}

int system_stream_find(struct system_stream *out, struct str name, struct arena *a, struct err *e)
{
    struct description d = {.arena = a, .e = e};
    struct str connection, system, stream;
    *out = (struct system_stream){0};
    if (!split(name, &connection, &stream))
        return err_set(e, "config", "not CONNECTION:STREAM: %s", err_quote(name));
    if (system_of(&system, connection, &d) == -1)
        return -1;
    int found = find(&d.path, "systems", system, "/system.json", &d);
    if (found < 1)
        return found == 0 ? no_such_connection(&d, connection) : -1;
    found = open_stream(out, &d, system, stream);
    if (found < 1)
        return found == 0 ? no_such_stream(&d, stream) : -1;
    out->source = arena_str(a, connection);
    return out->source.p != NULL ? 0 : err_memory(e);
}

int system_stream_lookup(struct system_stream *out, struct str stream, struct arena *a, struct err *e)
{
    struct description d = {.arena = a, .e = e};
    struct str system, name;
    *out = (struct system_stream){0};
    if (!split(stream, &system, &name))
        return 0;
    int found = find(&d.path, "systems", system, "/system.json", &d);
    return found == 1 ? open_stream(out, &d, system, name) : found;
}
