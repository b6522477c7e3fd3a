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
