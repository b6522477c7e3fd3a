#include "base/pointer.h"

void pointer_put(struct buf *out, struct str key)
{
    buf_byte(out, '/');
    size_t from = 0;
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] != '~' && key.p[i] != '/')
            continue;
        buf_put(out, str_slice(key, from, i));
        buf_put(out, key.p[i] == '~' ? STR("~0") : STR("~1"));
        from = i + 1;
    }
    buf_put(out, str_slice(key, from, key.n));
}

void pointer_put_index(struct buf *out, size_t index)
{
    buf_byte(out, '/');
    buf_u64(out, index);
}

struct str pointer_step(struct str *pointer, struct arena *a)
{
    struct str token = str_slice(*pointer, 1, 1 + str_find(str_slice(*pointer, 1, pointer->n), '/'));
    *pointer = str_slice(*pointer, 1 + token.n, pointer->n);
    char *name = arena_raw(a, token.n + 1);
    size_t n = 0;
    for (size_t i = 0; name != NULL && i < token.n; i++) {
        bool escaped =
            token.p[i] == '~' && i + 1 < token.n && (token.p[i + 1] == '0' || token.p[i + 1] == '1');
        name[n++] = escaped ? (token.p[++i] == '0' ? '~' : '/') : token.p[i];
    }
    return (struct str){name, n};
}
