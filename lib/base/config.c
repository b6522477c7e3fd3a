#include "base/config.h"

#include <jansson.h>

#include "base/file.h"
#include "base/pointer.h"

enum { CONFIG_BYTES = 64 << 20 };

/* How a value was reached: jansson tells no places of values in a text that is well-formed, so that an error
 * about one names the field. */
struct step {
    const struct step *up; /* NULL: the whole, which has no name */
    struct str key;        /* absent in a list */
    size_t index;
};

struct conversion {
    struct arena *arena;
    struct err *e;
};

static void put_steps(struct buf *pointer, const struct step *step)
{
    if (step->up == NULL)
        return;
    put_steps(pointer, step->up);
    if (step->key.p != NULL)
        pointer_put(pointer, step->key);
    else
        pointer_put_index(pointer, step->index);
}

static void say_field(struct err *e, const struct step *step)
{
    struct buf pointer;
    buf_init(&pointer, POINTER_MOST);
    put_steps(&pointer, step);
    if (buf_ok(&pointer) && pointer.n > 0)
        err_field(e, buf_str(&pointer));
    buf_release(&pointer);
}

static int convert(struct config *to, json_t *from, const struct step *at, struct conversion *c);

static int convert_object(struct config_member *member, struct config *values, json_t *from,
                          const struct step *at, struct conversion *c)
{
    const char *name;
    json_t *value;
    json_object_foreach(from, name, value)
    {
        struct step step = {.up = at, .key = arena_str(c->arena, str_of(name))};
        if (step.key.p == NULL)
            return err_memory(c->e);
        *member++ = (struct config_member){step.key, values};
        if (convert(values++, value, &step, c) == -1)
            return -1;
    }
    return 0;
}

static int convert_list(struct config_member *member, struct config *values, json_t *from,
                        const struct step *at, struct conversion *c)
{
    for (size_t i = 0; i < json_array_size(from); i++) {
        struct step step = {.up = at, .index = i};
        member[i].value = &values[i];
        if (convert(&values[i], json_array_get(from, i), &step, c) == -1)
            return -1;
    }
    return 0;
}

static int convert_members(struct config *to, json_t *from, const struct step *at, struct conversion *c)
{
    bool list = json_is_array(from);
    to->type = list ? CONFIG_LIST : CONFIG_OBJECT;
    to->count = list ? json_array_size(from) : json_object_size(from);
    struct config_member *member = arena_array(c->arena, to->count, sizeof *member);
    struct config *values = arena_array(c->arena, to->count, sizeof *values);
    if (member == NULL || values == NULL)
        return err_memory(c->e);
    to->member = member;
    return list ? convert_list(member, values, from, at, c) : convert_object(member, values, from, at, c);
}

static int convert(struct config *to, json_t *from, const struct step *at, struct conversion *c)
{
    switch (json_typeof(from)) {
    case JSON_OBJECT:
    case JSON_ARRAY: return convert_members(to, from, at, c);
    case JSON_STRING:
        to->type = CONFIG_STRING;
        to->string = arena_str(c->arena, (struct str){json_string_value(from), json_string_length(from)});
        return to->string.p != NULL ? 0 : err_memory(c->e);
    case JSON_INTEGER:
        to->type = CONFIG_INTEGER;
        to->integer = json_integer_value(from);
        return 0;
    case JSON_TRUE:
    case JSON_FALSE:
        to->type = CONFIG_BOOL;
        to->truth = json_is_true(from);
        return 0;
    case JSON_NULL: to->type = CONFIG_NULL; return 0;
    case JSON_REAL: break;
    }
    say_field(c->e, at);
    return err_set(c->e, "config", "a number with a fraction or an exponent; write it as a string");
}

/* A copy without its comments: blanks in their place, so that the lines of messages stay those of the file.
 * No string of JSON reaches over the end of a line, so that what starts a line is never inside of one. */
static char *without_comments(struct str text, struct arena *a)
{
    struct str copy = arena_str(a, text);
    if (copy.p == NULL)
        return NULL;
    char *p = (char *)(uintptr_t)copy.p;
    for (size_t at = 0; at < text.n;) {
        size_t end = at + str_find(str_slice(text, at, text.n), '\n');
        while (at < end && (p[at] == ' ' || p[at] == '\t'))
            at++;
        if (end - at >= 2 && p[at] == '/' && p[at + 1] == '/')
            memset(p + at, ' ', end - at);
        at = end + 1;
    }
    return p;
}

static json_t *load(struct str text, const char *name, struct err *e)
{
    json_error_t error;
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (root != NULL)
        return root;
    if (error.line > 0)
        err_place(e, "%s:%d:%d", name, error.line, error.column);
    else
        err_place(e, "%s", name);
    if (json_error_code(&error) == json_error_out_of_memory)
        err_memory(e);
    else
        err_set(e, "config", "%s", error.text);
    return NULL;
}

const struct config *config_parse(struct str text, const char *name, struct arena *a, struct err *e)
{
    char *bare = without_comments(text, a);
    struct config *config = arena_alloc(a, sizeof *config);
    if (bare == NULL || config == NULL) {
        err_memory(e);
        err_place(e, "%s", name);
        return NULL;
    }
    json_t *root = load((struct str){bare, text.n}, name, e);
    if (root == NULL)
        return NULL;
    struct conversion c = {.arena = a, .e = e};
    struct step whole = {0};
    int done = convert(config, root, &whole, &c);
    json_decref(root);
    if (done == -1)
        err_place(e, "%s", name);
    return done == 0 ? config : NULL;
}

const struct config *config_read(const char *path, struct arena *a, struct err *e)
{
    struct str text;
    return file_read(&text, path, CONFIG_BYTES, a, e) == 0 ? config_parse(text, path, a, e) : NULL;
}

const struct config *config_get(const struct config *c, const char *key)
{
    if (c == NULL || c->type != CONFIG_OBJECT)
        return NULL;
    for (size_t i = 0; i < c->count; i++)
        if (str_eq(c->member[i].key, str_of(key)))
            return c->member[i].value;
    return NULL;
}

struct str config_string(const struct config *c)
{
    return c != NULL && c->type == CONFIG_STRING ? c->string : (struct str){0};
}
