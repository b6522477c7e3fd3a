#include "system/description.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/duration.h"
#include "base/file.h"
#include "base/size.h"
#include "base/utf8.h"
#include "io/csv.h"
#include "io/iconv.h"
#include "system/keys.h"
#include "system/names.h"
#include "system/shape.h"

enum { NAMES_MOST = 128, QUERY_MOST = 4 << 20 };

struct check {
    struct description *d;
    struct str bare[NAMES_MOST], variable[NAMES_MOST];
    struct expr_names names;
    bool failed; /* memory */
};

static void check_object(struct check *c, const struct json_node *object, unsigned kind);

/* ---- plain values ---- */

bool rate_parse(struct str text, int64_t *calls, int64_t *milliseconds)
{
    size_t slash = str_find(text, '/');
    uint64_t n;
    struct str unit = str_slice(text, slash + 1, text.n);
    char one[16] = "1";
    if (slash == text.n || unit.n == 0 || unit.n > 8 || !count_parse(str_slice(text, 0, slash), &n) ||
        n == 0 || n > INT32_MAX)
        return false;
    bool counted = ascii_is_digit(unit.p[0]);
    memcpy(one + (counted ? 0 : 1), unit.p, unit.n);
    *calls = (int64_t)n;
    return duration_parse((struct str){one, unit.n + (counted ? 0 : 1)}, milliseconds) && *milliseconds > 0;
}

static struct str without_iec(struct str size)
{
    return str_ends(size, STR("iB")) ? str_slice(size, 0, size.n - 2) : size;
}

int64_t description_integer(const struct json_node *node, int64_t otherwise)
{
    uint64_t n;
    return node != NULL && count_parse(json_text(node), &n) && n <= INT64_MAX ? (int64_t)n : otherwise;
}

int64_t description_duration(const struct json_node *node, int64_t otherwise)
{
    int64_t ms;
    return node != NULL && duration_parse(json_text(node), &ms) ? ms : otherwise;
}

int64_t description_size(const struct json_node *node, int64_t otherwise)
{
    uint64_t n;
    return node != NULL && size_parse(without_iec(json_text(node)), &n) && n <= INT64_MAX ? (int64_t)n
                                                                                          : otherwise;
}

struct str description_string(const struct description *d, const struct json_node *node)
{
    return json_is(node, JSON_STRING) ? json_string(node, d->doc.arena) : (struct str){0};
}

/* ---- types ---- */

static void fault_near(struct check *c, const struct json_node *node, const char *what, struct str found,
                       const struct str *names, size_t n)
{
    struct str near = nearest_name(found, names, n);
    if (near.p != NULL)
        doc_fault(&c->d->doc, node, "%s %s; did you mean %s?", what, err_quote(found), err_quote(near));
    else
        doc_fault(&c->d->doc, node, "%s %s", what, err_quote(found));
}

static void check_word(struct check *c, const struct json_node *v, const struct key *key)
{
    struct str words[16], all = str_of(key->words), found = description_string(c->d, v);
    size_t n = 0;
    while (all.n > 0 && n < 16) {
        words[n] = str_slice(all, 0, str_find(all, ' '));
        all = str_slice(all, words[n].n + 1, all.n);
        if (str_eq(words[n++], found))
            return;
    }
    char what[64];
    snprintf(what, sizeof what, "unknown %s", key->name);
    fault_near(c, v, what, found, words, n);
}

static void check_columns(struct check *c, const struct json_node *v)
{
    const struct json_node *end = json_next(v);
    for (const struct json_node *one = v + 1; one < end; one = json_next(one)) {
        if (!json_is(one, JSON_STRING) || one->n == 0) {
            doc_fault(&c->d->doc, one, "must be a list of names of columns, and not empty");
            return;
        }
        for (const struct json_node *other = v + 1; other < one; other = json_next(other))
            if (json_equal(one, other))
                doc_fault(&c->d->doc, one, "the column %s stands twice", err_quote(json_text(one)));
    }
    if (v + 1 == end)
        doc_fault(&c->d->doc, v, "must be a list of names of columns, and not empty");
}

static void check_text(struct check *c, const struct json_node *v, enum text_kind kind)
{
    struct text **at = &c->d->text[v - c->d->doc.tape.node];
    size_t before = c->d->doc.diags->n;
    *at = text_new(&c->d->doc, v, kind, &c->names);
    if (*at == NULL && c->d->doc.diags->n == before)
        c->failed = true;
}

/* All texts of a value, with their holes. */
static void check_value(struct check *c, const struct json_node *v)
{
    const struct json_node *end = json_next(v);
    if (json_is(v, JSON_STRING))
        check_text(c, v, TEXT_HOLES);
    else if (json_is(v, JSON_ARRAY))
        for (const struct json_node *item = v + 1; item < end; item = json_next(item))
            check_value(c, item);
    else if (json_is(v, JSON_OBJECT))
        for (const struct json_node *key = v + 1; key < end; key = json_next_key(key))
            check_value(c, json_value_of(key));
}

/* The path of a file in the folder of the system; absent where it cannot be one, which is told. */
static struct str check_file(struct check *c, const struct json_node *v)
{
    struct str name = description_string(c->d, v);
    struct str folder = c->d->folder;
    struct str path =
        arena_printf(c->d->doc.arena, "%.*s/%.*s", (int)folder.n, folder.p != NULL ? folder.p : "",
                     (int)name.n, name.p != NULL ? name.p : "");
    if (path.p == NULL)
        c->failed = true;
    else if (name.p == NULL || name.n == 0 || name.p[0] == '/' || str_search(name, STR(".."), 0) < name.n)
        doc_fault(&c->d->doc, v, "must be a file in the folder of the system");
    else if (access(path.p, R_OK) != 0)
        doc_fault(&c->d->doc, v, "there is no file %s", err_quote(path));
    else
        return path;
    return (struct str){0};
}

static void check_query(struct check *c, const struct json_node *v)
{
    struct str path = check_file(c, v), *text = &c->d->query[v - c->d->doc.tape.node];
    struct err why = {0};
    if (path.p == NULL)
        return;
    if (file_read(text, path.p, QUERY_MOST, c->d->doc.arena, &why) == -1)
        doc_fault(&c->d->doc, v, "the file %s: %s", err_quote(path), why.message);
    else if (utf8_check(*text) < text->n)
        doc_fault(&c->d->doc, v, "the file %s is not UTF-8", err_quote(path));
}

/* ${VAR}, ${file:PATH}: of what may be in a variable. */
static void check_setting(struct check *c, const struct json_node *v)
{
    struct str s = description_string(c->d, v);
    for (size_t at = 0; (at = str_search(s, STR("${"), at)) < s.n; at++) {
        struct str rest = str_slice(s, at + 2, s.n);
        if (str_find(rest, '}') == rest.n || str_find(rest, '}') == 0)
            doc_fault_in(&c->d->doc, v, at, "must be ${VARIABLE} or ${file:PATH}");
    }
}

static bool is_one(struct str s, enum key_type type)
{
    int64_t calls, ms;
    uint64_t n;
    switch (type) {
    case TYPE_NAME: return name_is_word(s);
    case TYPE_DURATION: return duration_parse(s, &ms);
    case TYPE_SIZE: return size_parse(without_iec(s), &n);
    case TYPE_RATE: return rate_parse(s, &calls, &ms);
    case TYPE_POINTER: return s.n > 0 && s.p[0] == '/';
    default: return s.n > 0;
    }
}

static const char *due(enum key_type type)
{
    switch (type) {
    case TYPE_NAME: return "must be a name: letters, digits, \"_\", \"-\"";
    case TYPE_COUNT: return "must be a number, 0 or more";
    case TYPE_BOOL: return "must be true or false";
    case TYPE_DURATION: return "must be a length of time: \"30s\", \"10m\", \"6h\", \"31d\"";
    case TYPE_SIZE: return "must be a size: \"64MiB\"";
    case TYPE_RATE: return "must be a number of calls for a time: \"2/s\", \"100/m\"";
    case TYPE_POINTER: return "must be a JSON Pointer, which starts with a slash";
    case TYPE_COLUMNS: return "must be a list of names of columns, and not empty";
    case TYPE_PAIR: return "must be a list of two texts: the user and the password";
    case TYPE_OBJECT: return "not a JSON object";
    case TYPE_EXPR:
    case TYPE_RECORDS: return "must be a text that is not empty: an expression";
    default: return "must be a text that is not empty";
    }
}

static bool fits(const struct json_node *v, enum key_type type)
{
    uint64_t n;
    switch (type) {
    case TYPE_VALUE:
    case TYPE_ANY: return true;
    case TYPE_COUNT: return json_is(v, JSON_NUMBER) && count_parse(json_text(v), &n) && n <= INT64_MAX;
    case TYPE_BOOL: return json_is_bool(v);
    case TYPE_COLUMNS: return json_is(v, JSON_ARRAY);
    case TYPE_PAIR:
        return json_is(v, JSON_ARRAY) && json_count(v) == 2 && json_is(json_at(v, 0), JSON_STRING) &&
               json_is(json_at(v, 1), JSON_STRING);
    case TYPE_OBJECT: return json_is(v, JSON_OBJECT);
    case TYPE_SETTING:
    case TYPE_TEXT: return json_is(v, JSON_STRING);
    default: return json_is(v, JSON_STRING) && is_one(json_text(v), type);
    }
}

static void check_one(struct check *c, const struct json_node *owner, const struct json_node *v,
                      const struct key *key)
{
    if (!fits(v, key->type)) {
        doc_fault(&c->d->doc, v, "%s", due(key->type));
        return;
    }
    switch (key->type) {
    case TYPE_WORD: check_word(c, v, key); break;
    case TYPE_SETTING: check_setting(c, v); break;
    case TYPE_EXPR: check_text(c, v, TEXT_EXPR); break;
    case TYPE_TEXT: check_text(c, v, TEXT_HOLES); break;
    case TYPE_VALUE:
    case TYPE_PAIR: check_value(c, v); break;
    case TYPE_RECORDS:
        if (json_get(owner, STR("format")) == NULL)
            check_text(c, v, TEXT_EXPR);
        else if (v->p[0] != '/')
            doc_fault(&c->d->doc, v, "of files: %s", due(TYPE_POINTER));
        break;
    case TYPE_FILE: check_file(c, v); break;
    case TYPE_QUERY: check_query(c, v); break;
    case TYPE_COLUMNS: check_columns(c, v); break;
    case TYPE_OBJECT: check_object(c, v, key->of); break;
    case TYPE_PLAIN:
        if (strcmp(key->name, "delimiter") == 0 && csv_delimiter(description_string(c->d, v)) == '\0')
            doc_fault(&c->d->doc, v, "must be one ASCII character, and no quote or end of line, not %s",
                      err_quote(json_text(v)));
        if (strcmp(key->name, "encoding") == 0 && !encoding_is_known(description_string(c->d, v)))
            doc_fault(&c->d->doc, v, "the encoding %s is not known (iconv -l lists those that are)",
                      err_quote(json_text(v)));
        if (strcmp(key->name, "unpivot") == 0 && !csv_is_unpivot(description_string(c->d, v)))
            doc_fault(&c->d->doc, v, "must have one \"*\", for what the names of columns differ in");
        break;
    default: break;
    }
}

/* ---- objects ---- */

static const struct key *key_of(unsigned kind, const struct json_node *name)
{
    for (const struct key *key = description_keys; key->name != NULL; key++)
        if ((key->in & kind) != 0 && json_string_is(name, str_of(key->name)))
            return key;
    return NULL;
}

static void unknown_key(struct check *c, const struct json_node *name, unsigned kind)
{
    struct str names[64];
    size_t n = 0;
    for (const struct key *key = description_keys; key->name != NULL && n < 64; key++)
        if ((key->in & kind) != 0)
            names[n++] = str_of(key->name);
    struct str near = nearest_name(json_text(name), names, n);
    if (near.p != NULL)
        doc_fault(&c->d->doc, name, "unknown key; did you mean %s?", err_quote(near));
    else
        doc_fault(&c->d->doc, name, "unknown key");
}

/* The names of the steps of a stream or target, and of those in its operations, are names in its expressions.
 */
static void add_steps(struct check *c, const struct json_node *object)
{
    const struct json_node *end = json_next(object);
    for (const struct json_node *v = object + 1; v < end; v++)
        if (json_is(v, JSON_STRING) && json_string_is(v, STR("name")) && v + 1 < end &&
            json_is(v + 1, JSON_STRING) && c->names.nnames < NAMES_MOST)
            c->bare[c->names.nnames++] = description_string(c->d, v + 1);
}

static void check_members(struct check *c, const struct json_node *owner, const struct json_node *map,
                          const struct key *key)
{
    if (!json_is(map, JSON_OBJECT)) {
        doc_fault(&c->d->doc, map, "not a JSON object");
        return;
    }
    const struct json_node *end = json_next(map);
    for (const struct json_node *name = map + 1; name < end; name = json_next_key(name)) {
        bool named = key->of == KIND_STREAM || key->of == KIND_TARGET || key->type == TYPE_SETTING;
        if (named && !name_is_word(json_text(name)))
            doc_fault(&c->d->doc, name, "%s", due(TYPE_NAME));
        if (key->in == KIND_NEXT && (name->n == 0 || name->p[0] != '/'))
            doc_fault(&c->d->doc, name, "%s: /url, /query/page, /body/cursor", due(TYPE_POINTER));
        check_one(c, owner, json_value_of(name), key);
    }
}

static void check_items(struct check *c, const struct json_node *owner, const struct json_node *list,
                        const struct key *key)
{
    if (!json_is(list, JSON_ARRAY)) {
        doc_fault(&c->d->doc, list, "must be a list");
        return;
    }
    const struct json_node *end = json_next(list);
    for (const struct json_node *item = list + 1; item < end; item = json_next(item))
        check_one(c, owner, item, key);
}

static bool is_twice(const struct json_node *object, const struct json_node *name)
{
    for (const struct json_node *other = object + 1; other < name; other = json_next_key(other))
        if (json_equal(other, name))
            return true;
    return false;
}

static void check_object(struct check *c, const struct json_node *object, unsigned kind)
{
    size_t names = c->names.nnames;
    if (kind == KIND_STREAM || kind == KIND_TARGET)
        add_steps(c, object);
    const struct json_node *end = json_next(object);
    for (const struct json_node *name = object + 1; name < end; name = json_next_key(name)) {
        const struct key *key = key_of(kind, name);
        if (is_twice(object, name))
            doc_fault(&c->d->doc, name, "the key stands twice");
        else if (key == NULL)
            unknown_key(c, name, kind);
        else if (key->many == MAP)
            check_members(c, object, json_value_of(name), key);
        else if (key->many == LIST)
            check_items(c, object, json_value_of(name), key);
        else
            check_one(c, object, json_value_of(name), key);
    }
    shape_check(&c->d->doc, object, kind);
    c->names.nnames = names;
}

/* ---- the whole ---- */

static void add_variables(struct check *c, const char *map)
{
    const struct json_node *object = json_get(description_root(c->d), str_of(map));
    if (!json_is(object, JSON_OBJECT))
        return;
    const struct json_node *end = json_next(object);
    for (const struct json_node *name = object + 1; name < end && c->names.nvariables < NAMES_MOST;
         name = json_next_key(name))
        c->variable[c->names.nvariables++] = description_string(c->d, name);
}

static struct str folder_of(struct str path)
{
    while (path.n > 0 && path.p[path.n - 1] != '/')
        path.n--;
    return path.n > 0 ? str_slice(path, 0, path.n - 1) : STR(".");
}

int description_read(struct description *d, const char *path, enum description_kind kind, struct arena *a,
                     struct diag_list *diags, struct err *e)
{
    *d = (struct description){0};
    size_t before = diags->n;
    if (doc_read(&d->doc, path, a, diags, e) == -1)
        return -1;
    d->folder = arena_str(a, folder_of(d->doc.source.name));
    d->text = calloc(d->doc.tape.n, sizeof *d->text);
    d->query = calloc(d->doc.tape.n, sizeof *d->query);
    struct check *c = arena_alloc(a, sizeof *c);
    if (d->text == NULL || d->query == NULL || c == NULL || d->folder.p == NULL)
        return err_memory(e);
    *c = (struct check){.d = d, .names = {.name = c->bare, .variable = c->variable}};
    for (size_t i = 0; i < hub_names_count; i++)
        c->bare[c->names.nnames++] = hub_names[i];
    add_variables(c, "vars");
    add_variables(c, "secrets");
    if (json_is(description_root(d), JSON_OBJECT)) {
        check_object(c, description_root(d), kind == DESCRIPTION_SYSTEM ? KIND_SYSTEM : KIND_CONNECTION);
        shape_check_each(&d->doc, description_root(d));
    } else {
        doc_fault(&d->doc, description_root(d), "not a JSON object");
    }
    if (c->failed)
        return err_memory(e);
    return diags->n > before ? diag_first(diags, e) : 0;
}

void description_release(struct description *d)
{
    for (size_t i = 0; d->text != NULL && i < d->doc.tape.n; i++)
        text_free(d->text[i]);
    free(d->text);
    free(d->query);
    doc_release(&d->doc);
    *d = (struct description){0};
}

/* ---- values ---- */

static int object_value(const struct description *d, const struct json_node *object, const struct view *v,
                        struct json_tape *tape, struct err *e)
{
    size_t start = json_open(tape, JSON_OBJECT);
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; start != SIZE_MAX && key < end; key = json_next_key(key)) {
        bool spread = json_string_is(key, STR("..."));
        size_t at = tape->n;
        if (!spread && !json_append(tape, key))
            return err_memory(e);
        int made = description_value(d, json_value_of(key), v, tape, e);
        if (made == -1)
            return -1;
        if (made == 0) {
            tape->n = at;
        } else if (spread) {
            struct json_node *value = &tape->node[at];
            if (!json_is(value, JSON_OBJECT))
                return err_set(e, "record", "\"...\" is due an object");
            memmove(value, value + 1, (value->span - 1) * sizeof *value);
            tape->n--;
        }
    }
    if (start == SIZE_MAX)
        return err_memory(e);
    json_close(tape, start);
    return 1;
}

static int list_value(const struct description *d, const struct json_node *list, const struct view *v,
                      struct json_tape *tape, struct err *e)
{
    size_t start = json_open(tape, JSON_ARRAY);
    if (start == SIZE_MAX)
        return err_memory(e);
    const struct json_node *end = json_next(list);
    for (const struct json_node *item = list + 1; item < end; item = json_next(item))
        if (description_value(d, item, v, tape, e) == -1)
            return -1;
    json_close(tape, start);
    return 1;
}

int description_value(const struct description *d, const struct json_node *node, const struct view *v,
                      struct json_tape *tape, struct err *e)
{
    const struct text *text = description_text(d, node);
    if (json_is(node, JSON_OBJECT))
        return object_value(d, node, v, tape, e);
    if (json_is(node, JSON_ARRAY))
        return list_value(d, node, v, tape, e);
    struct err why = {0};
    const struct json_node *value = text != NULL ? text_value(text, v, &why) : node;
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    if (value == NULL)
        return 0;
    return json_append(tape, value) ? 1 : err_memory(e);
}
