#include "system/system.h"

#include "base/search.h"
#include "system/names.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

bool system_split(struct str name, struct str *before, struct str *after)
{
    size_t colon = str_find(name, ':');
    *before = str_slice(name, 0, colon);
    *after = str_slice(name, colon + 1, name.n);
    return colon < name.n && name_is_word(*before) && name_is_word(*after);
}

/* 1 and *PATH where FOLDER/NAME+TAIL is found, 0 where it is not, -1: memory. */
static int find(struct str *path, const char *folder, struct str name, const char *tail, struct arena *a,
                struct err *e)
{
    struct str relative = arena_printf(a, "%s/%.*s%s", folder, (int)name.n, name.p, tail);
    struct err none = {0};
    *path = (struct str){0};
    if (relative.p == NULL)
        return err_memory(e);
    if (search_find(path, relative, a, &none) == 0)
        return 1;
    return strcmp(none.code, "memory") == 0 ? err_memory(e) : 0;
}

/* ---- finding ---- */

static int no_such_connection(struct str name, struct arena *a, struct err *e)
{
    struct name_list names = {.arena = a};
    if (name_list_add_files(&names, "connections", ".json") == -1 ||
        name_list_add_files(&names, "systems", "/system.json") == -1)
        return err_memory(e);
    return err_set(e, "config", "no connection or system %s; there are: %s", err_quote(name),
                   name_list_text(&names));
}

static int no_such_system(struct system *s, struct arena *a, struct err *e)
{
    struct name_list names = {.arena = a};
    const struct json_node *root = description_root(&s->account), *said = json_get(root, STR("system"));
    if (name_list_add_files(&names, "systems", "/system.json") == -1)
        return err_memory(e);
    doc_fault(&s->account.doc, said != NULL ? said : root, "must name a system; there are: %s",
              name_list_text(&names));
    return diag_first(s->account.doc.diags, e);
}

/* The system of the connection; the connection's own name where none is described. 1, 0: no such system. */
static int find_system(struct system *s, struct str *path, struct arena *a, struct diag_list *diags,
                       struct err *e)
{
    int found = find(path, "connections", s->source, ".json", a, e);
    if (found == -1)
        return -1;
    s->name = s->source;
    if (found == 1) {
        if (description_read(&s->account, path->p, DESCRIPTION_CONNECTION, a, diags, e) == -1)
            return -1;
        s->has_account = true;
        s->name = description_string(&s->account, json_get(description_root(&s->account), STR("system")));
        if (s->name.p == NULL)
            return no_such_system(s, a, e);
    }
    found = find(path, "systems", s->name, "/system.json", a, e);
    return found == 0 && s->has_account ? no_such_system(s, a, e) : found;
}

/* The description at PATH of s->name. */
static int read_system(struct system *s, struct str path, struct arena *a, struct diag_list *diags,
                       struct err *e)
{
    if (description_read(&s->described, path.p, DESCRIPTION_SYSTEM, a, diags, e) == -1)
        return -1;
    const struct json_node *root = description_root(&s->described), *said = json_get(root, STR("system"));
    if (json_is(said, JSON_STRING) && json_string_is(said, s->name))
        return 0;
    doc_fault(&s->described.doc, said != NULL ? said : root, "must be %s, as the folder is called",
              err_quote(s->name));
    diag_first(diags, e);
    err_field(e, STR("/system"));
    return -1;
}

int system_open(struct system *s, struct str connection, struct arena *a, struct diag_list *diags,
                struct err *e)
{
    *s = (struct system){.source = arena_str(a, connection)};
    struct str path;
    if (s->source.p == NULL)
        return err_memory(e);
    if (!name_is_word(connection))
        return err_set(e, "config", "not the name of a connection: %s", err_quote(connection));
    int found = find_system(s, &path, a, diags, e);
    if (found == 0)
        return no_such_connection(connection, a, e);
    return found == -1 ? -1 : read_system(s, path, a, diags, e);
}

void system_release(struct system *s)
{
    description_release(&s->described);
    description_release(&s->account);
}

const struct json_node *system_find_stream(const struct system *s, struct str stream)
{
    return json_get(json_get(description_root(&s->described), STR("streams")), stream);
}

const struct json_node *system_find_target(const struct system *s, struct str target)
{
    return json_get(json_get(description_root(&s->described), STR("targets")), target);
}

/* MAP: "/streams"; ONE: what a member of it is. */
static int none_of(struct system *s, const char *map, const char *one, struct str name, struct err *e)
{
    struct name_list names = {.arena = s->described.doc.arena};
    const struct json_node *all = json_get(description_root(&s->described), str_of(map + 1));
    const struct json_node *end = all != NULL ? json_next(all) : NULL;
    for (const struct json_node *key = all != NULL ? all + 1 : NULL; key < end; key = json_next_key(key))
        name_list_add(&names, description_string(&s->described, key));
    err_place(e, "%s", s->described.doc.source.name.p);
    err_field(e, str_of(map));
    return err_set(e, "config", "no %s %s; there are: %s", one, err_quote(name), name_list_text(&names));
}

int system_no_stream(struct system *s, struct str stream, struct err *e)
{
    return none_of(s, "/streams", "stream", stream, e);
}

int system_no_target(struct system *s, struct str target, struct err *e)
{
    return none_of(s, "/targets", "target", target, e);
}

/* ---- streams of files ---- */

static int take_list(const struct str **out, size_t *n, const struct description *d,
                     const struct json_node *list, struct arena *a)
{
    *n = json_count(list);
    struct str *texts = *n > 0 ? arena_array(a, *n, sizeof *texts) : NULL;
    for (size_t i = 0; texts != NULL && i < *n; i++)
        texts[i] = description_string(d, json_at(list, i));
    *out = texts;
    return texts != NULL || *n == 0 ? 0 : -1;
}

int system_stream_of(struct system_stream *out, const struct system *s, const struct json_node *stream,
                     struct str name, struct arena *a, struct err *e)
{
    const struct description *d = &s->described;
    const struct {
        struct str *to;
        struct str key;
    } texts[] = {
        {&out->format, STR("format")},     {&out->group, STR("group")},
        {&out->records, STR("records")},   {&out->id, STR("id")},
        {&out->label, STR("label")},       {&out->delimiter, STR("delimiter")},
        {&out->encoding, STR("encoding")}, {&out->parent, STR("parent")},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i].to = description_string(d, json_get(stream, texts[i].key));
    out->skip = description_integer(json_get(stream, STR("skip")), 0);
    out->source = s->source;
    out->system = arena_str(a, s->name);
    out->folder = arena_str(a, d->folder);
    out->stream = arena_printf(a, "%.*s:%.*s", (int)s->name.n, s->name.p, (int)name.n, name.p);
    if (out->system.p == NULL || out->folder.p == NULL || out->stream.p == NULL ||
        take_list(&out->columns, &out->ncolumns, d, json_get(stream, STR("columns")), a) == -1 ||
        take_list(&out->footer, &out->nfooters, d, json_get(stream, STR("footer")), a) == -1 ||
        take_list(&out->unpivot, &out->nunpivot, d, json_get(stream, STR("unpivot")), a) == -1)
        return err_memory(e);
    return 0;
}

/* 1, 0: the system has no stream of that name, -1. */
static int take_stream(struct system_stream *out, struct system *s, struct str name, struct arena *a,
                       struct err *e)
{
    const struct json_node *stream = system_find_stream(s, name);
    if (stream == NULL)
        stream = system_find_target(s, name);
    return stream == NULL ? 0 : system_stream_of(out, s, stream, name, a, e) == 0 ? 1 : -1;
}

int system_stream_find(struct system_stream *out, struct str name, struct arena *a, struct diag_list *diags,
                       struct err *e)
{
    struct str connection, stream;
    struct system s;
    *out = (struct system_stream){0};
    if (!system_split(name, &connection, &stream))
        return err_set(e, "config", "not CONNECTION:STREAM: %s", err_quote(name));
    int found = system_open(&s, connection, a, diags, e) == 0 ? take_stream(out, &s, stream, a, e) : -1;
    if (found == 0)
        system_no_stream(&s, stream, e);
    system_release(&s);
    return found == 1 ? 0 : -1;
}

int system_is_known(struct str name, struct arena *a, struct err *e)
{
    struct str connection, path, stream;
    if (!system_split(name, &connection, &stream))
        return 0;
    int found = find(&path, "connections", connection, ".json", a, e);
    return found == 0 ? find(&path, "systems", connection, "/system.json", a, e) : found;
}

int system_stream_lookup(struct system_stream *out, struct str stream, struct arena *a, struct err *e)
{
    struct str name, path;
    struct system s = {0};
    *out = (struct system_stream){0};
    if (!system_split(stream, &s.name, &name))
        return 0;
    int found = find(&path, "systems", s.name, "/system.json", a, e);
    if (found < 1)
        return found;
    struct diag_list *diags = arena_alloc(a, sizeof *diags);
    if (diags == NULL)
        return err_memory(e);
    diags->arena = a;
    found = read_system(&s, path, a, diags, e) == 0 ? take_stream(out, &s, name, a, e) : -1;
    system_release(&s);
    return found;
}
