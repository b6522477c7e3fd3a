#include "system/shape.h"

#include "system/keys.h"

static const struct str call_keys[] = {STR("get"), STR("post"), STR("put"), STR("patch"), STR("delete")};
static const struct str stream_keys[] = {STR("get"),   STR("post"),   STR("put"),
                                         STR("patch"), STR("delete"), STR("steps")};
static const struct str body_keys[] = {STR("json"), STR("form"), STR("graphql")};
static const struct str since_keys[] = {STR("field")};
static const struct str next_keys[] = {STR("set")};
static const struct str each_keys[] = {STR("stream")};
static const struct str answer_keys[] = {STR("do")};

enum { CALL_KEYS = sizeof call_keys / sizeof *call_keys };

static const struct shape {
    unsigned in; /* kinds */
    const struct str *key;
    size_t n;
    bool due; /* one of them must be there; else one at most */
} shapes[] = {
    {KIND_LOGIN | KIND_STEP | KIND_ATTACH | KIND_LOOK | KIND_TARGET_STEP, call_keys, CALL_KEYS, true},
    {KIND_STREAM, stream_keys, CALL_KEYS + 1, false},
    {KIND_LOGIN | KIND_STEP | KIND_ATTACH | KIND_LOOK | KIND_TARGET_STEP | KIND_OPERATION, call_keys,
     CALL_KEYS, false},
    {KIND_CALL, body_keys, sizeof body_keys / sizeof *body_keys, false},
    {KIND_SINCE, since_keys, 1, true},
    {KIND_NEXT, next_keys, 1, true},
    {KIND_EACH, each_keys, 1, true},
    {KIND_ANSWER, answer_keys, 1, true},
};

static const struct json_node *name_of(const struct json_node *object, struct str key)
{
    const struct json_node *end = json_next(object);
    for (const struct json_node *name = object + 1; name < end; name = json_next_key(name))
        if (json_string_is(name, key))
            return name;
    return NULL;
}

static void check_one(struct doc *d, const struct json_node *object, const struct shape *shape)
{
    const struct json_node *first = NULL;
    for (size_t i = 0; i < shape->n; i++) {
        const struct json_node *name = name_of(object, shape->key[i]);
        if (name != NULL && first != NULL && !shape->due)
            doc_fault(d, name, "stands beside %s: only one of the two can be meant",
                      err_quote(json_text(first)));
        first = first != NULL ? first : name;
    }
    if (first == NULL && shape->due && shape->n == 1)
        doc_fault(d, object, "the key %s is due here", err_quote(shape->key[0]));
    else if (first == NULL && shape->due)
        doc_fault(d, object, "a call says where it goes: \"get\" or \"post\" and a URL");
}

void shape_check(struct doc *d, const struct json_node *object, unsigned kind)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if ((shapes[i].in & kind) != 0)
            check_one(d, object, &shapes[i]);
}

static const struct json_node *each_of(const struct json_node *streams, const struct json_node *name)
{
    const struct json_node *stream = json_is(name, JSON_STRING) ? json_get(streams, json_text(name)) : NULL;
    return json_get(json_get(stream, STR("each")), STR("stream"));
}

void shape_check_each(struct doc *d, const struct json_node *root)
{
    const struct json_node *streams = json_get(root, STR("streams"));
    const struct json_node *end = json_is(streams, JSON_OBJECT) ? json_next(streams) : NULL;
    for (const struct json_node *name = end != NULL ? streams + 1 : NULL; name < end;
         name = json_next_key(name)) {
        size_t most = json_count(streams);
        const struct json_node *first = each_of(streams, name), *each = first;
        if (json_is(first, JSON_STRING) && json_get(streams, json_text(first)) == NULL)
            doc_fault(d, first, "there is no stream of this name");
        while (each != NULL && most > 0 && !json_equal(each, name)) {
            each = each_of(streams, each);
            most--;
        }
        if (each != NULL && most > 0)
            doc_fault(d, first,
                      "leads in a circle: what is read for each record of it must not be read for it");
    }
}
