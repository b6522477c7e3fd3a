#include "json/json.h"

#include "base/words.h"
#include "json/pieces.h"

struct str json_string(const struct json_node *string, struct arena *a)
{
    if (string->form != JSON_ESCAPED)
        return json_text(string);
    /* No escape is shorter than what it stands for. */
    char *bytes = arena_raw(a, string->n);
    if (bytes == NULL)
        return (struct str){0};
    size_t n = 0;
    struct json_pieces pieces = json_pieces_of(string);
    for (struct str piece; json_pieces_next(&pieces, &piece); n += piece.n)
        memcpy(bytes + n, piece.p, piece.n);
    return (struct str){bytes, n};
}

bool json_string_is(const struct json_node *string, struct str value)
{
    if (string->form != JSON_ESCAPED)
        return string->n == value.n && same_bytes(string->p, value.p, value.n);
    struct json_pieces pieces = json_pieces_of(string);
    for (struct str piece; json_pieces_next(&pieces, &piece); value = str_slice(value, piece.n, value.n))
        if (!str_starts(value, piece))
            return false;
    return value.n == 0;
}

const struct json_node *json_get(const struct json_node *object, struct str key)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    const struct json_node *end = json_next(object);
    for (const struct json_node *k = object + 1; k < end; k = json_next_key(k))
        if (json_string_is(k, key))
            return json_value_of(k);
    return NULL;
}

struct str json_get_string(const struct json_node *object, struct str key, struct arena *a)
{
    const struct json_node *value = json_get(object, key);
    return json_is(value, JSON_STRING) ? json_string(value, a) : (struct str){0};
}

const struct json_node *json_at(const struct json_node *array, size_t i)
{
    if (!json_is(array, JSON_ARRAY))
        return NULL;
    const struct json_node *end = json_next(array);
    for (const struct json_node *v = array + 1; v < end; v = json_next(v))
        if (i-- == 0)
            return v;
    return NULL;
}

size_t json_count(const struct json_node *container)
{
    bool object = json_is(container, JSON_OBJECT);
    if (!object && !json_is(container, JSON_ARRAY))
        return 0;
    size_t count = 0;
    const struct json_node *end = json_next(container);
    for (const struct json_node *v = container + 1; v < end; v = object ? json_next_key(v) : json_next(v))
        count++;
    return count;
}

/* Whether a key is what TOKEN (RFC 6901 §3: "~0" is "~", "~1" is "/") stands for. */
static bool key_is_token(const struct json_node *key, struct str token)
{
    struct json_pieces pieces = json_pieces_of(key);
    size_t at = 0;
    for (struct str piece; json_pieces_next(&pieces, &piece);)
        for (size_t i = 0; i < piece.n; i++, at++) {
            if (at == token.n)
                return false;
            char c = token.p[at];
            if (c == '~')
                c = token.p[++at] == '0' ? '~' : '/';
            if (c != piece.p[i])
                return false;
        }
    return at == token.n;
}

static const struct json_node *member_at(const struct json_node *object, struct str token)
{
    if (str_find(token, '~') == token.n)
        return json_get(object, token);
    const struct json_node *end = json_next(object);
    for (const struct json_node *key = object + 1; key < end; key = json_next_key(key))
        if (key_is_token(key, token))
            return json_value_of(key);
    return NULL;
}

/* "0", or digits without a leading zero (RFC 6901 §4). */
static const struct json_node *element_at(const struct json_node *array, struct str token)
{
    if (token.n == 0 || token.n > 9 || (token.n > 1 && token.p[0] == '0'))
        return NULL;
    size_t index = 0;
    for (size_t i = 0; i < token.n; i++) {
        if (token.p[i] < '0' || token.p[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(token.p[i] - '0');
    }
    return json_at(array, index);
}

static bool is_token(struct str token)
{
    for (size_t i = 0; i < token.n; i++)
        if (token.p[i] == '~' && (i + 1 == token.n || (token.p[i + 1] != '0' && token.p[i + 1] != '1')))
            return false;
    return true;
}

const struct json_node *json_pointer(const struct json_node *root, struct str pointer)
{
    while (root != NULL && pointer.n > 0) {
        if (pointer.p[0] != '/')
            return NULL;
        struct str rest = str_slice(pointer, 1, pointer.n);
        struct str token = str_slice(rest, 0, str_find(rest, '/'));
        if (!is_token(token))
            return NULL;
        if (root->type == JSON_OBJECT)
            root = member_at(root, token);
        else
            root = json_is(root, JSON_ARRAY) ? element_at(root, token) : NULL;
        pointer = str_slice(rest, token.n, rest.n);
    }
    return root;
}
