#include "compare/changed.h"

#include "base/pointer.h"
#include "base/utf8.h"

enum { ARENA_MOST = 512 << 20 };

void changed_init(struct changed *c, const struct str *ignored, size_t nignored)
{
    *c = (struct changed){.ignored = ignored, .nignored = nignored};
    json_tape_init(&c->list);
    buf_init(&c->pointer, POINTER_MOST);
    arena_init(&c->arena, ARENA_MOST);
}

void changed_release(struct changed *c)
{
    json_tape_release(&c->list);
    buf_release(&c->pointer);
    arena_release(&c->arena);
}

static bool enter(struct changed *c, const struct json_node *key)
{
    struct str name = json_string(key, &c->arena);
    if (name.p != NULL)
        pointer_put(&c->pointer, name);
    return name.p != NULL && buf_ok(&c->pointer);
}

static bool is_ignored(const struct changed *c)
{
    for (size_t i = 0; i < c->nignored; i++)
        if (str_eq(c->ignored[i], buf_str(&c->pointer)))
            return true;
    return false;
}

/* Whether the value at hand, which one side lacks, consists of nothing but what is ignored. */
static bool is_all_ignored(struct changed *c, const struct json_node *value)
{
    if (is_ignored(c))
        return true;
    const struct json_node *end = json_next(value);
    bool all = value->type == JSON_OBJECT && value->span > 1;
    for (const struct json_node *key = value + 1; all && key < end; key = json_next_key(key)) {
        size_t outer = c->pointer.n;
        all = enter(c, key) && is_all_ignored(c, json_value_of(key));
        c->pointer.n = outer;
    }
    return all;
}

/* The place at hand differs. */
static bool add(struct changed *c)
{
    struct str pointer = arena_str(&c->arena, buf_str(&c->pointer));
    if (pointer.p == NULL)
        return false;
    struct json_node node = json_string_node(pointer);
    return json_append(&c->list, &node);
}

static bool walk(struct changed *c, const struct json_node *before, const struct json_node *after);

/* A member: BEFORE or AFTER may be NULL. */
static bool visit(struct changed *c, const struct json_node *key, const struct json_node *before,
                  const struct json_node *after)
{
    bool both = before != NULL && after != NULL;
    if (both && before->type == after->type && str_eq(json_text(before), json_text(after)))
        return true;
    size_t outer = c->pointer.n;
    bool done = enter(c, key);
    if (done && c->nignored > 0 &&
        (both ? is_ignored(c) : is_all_ignored(c, before != NULL ? before : after)))
        ;
    else if (done && json_is(before, JSON_OBJECT) && json_is(after, JSON_OBJECT))
        done = walk(c, before, after);
    else
        done = done && add(c);
    c->pointer.n = outer;
    return done;
}

/* <0, 0, >0, as RFC 8785 orders keys. Equal ones are equal bytes. */
static int key_order(struct changed *c, const struct json_node *a, const struct json_node *b)
{
    if (str_eq(json_text(a), json_text(b)))
        return 0;
    struct str left = json_string(a, &c->arena), right = json_string(b, &c->arena);
    return left.p != NULL && right.p != NULL ? utf8_cmp_utf16(left, right) : 0;
}

static bool walk(struct changed *c, const struct json_node *before, const struct json_node *after)
{
    const struct json_node *b = before + 1, *b_end = json_next(before);
    const struct json_node *a = after + 1, *a_end = json_next(after);
    while (b < b_end || a < a_end) {
        int order = b == b_end ? 1 : a == a_end ? -1 : key_order(c, b, a);
        const struct json_node *key = order <= 0 ? b : a;
        if (!visit(c, key, order <= 0 ? json_value_of(b) : NULL, order >= 0 ? json_value_of(a) : NULL))
            return false;
        if (order <= 0)
            b = json_next_key(b);
        if (order >= 0)
            a = json_next_key(a);
    }
    return true;
}

int changed_find(struct changed *c, const struct json_node *before, const struct json_node *after,
                 struct err *e)
{
    arena_reset(&c->arena);
    buf_reset(&c->pointer);
    c->list.n = 0;
    size_t list = json_open(&c->list, JSON_ARRAY);
    if (list == SIZE_MAX || !walk(c, before, after))
        return err_memory(e);
    json_close(&c->list, list);
    return (int)c->list.n - 1;
}
