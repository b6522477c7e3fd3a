#include "canon/native_path.h"

#include "base/ascii.h"
#include "json/json.h"

void native_path_key(struct buf *path, struct str key)
{
    bool name = key.n > 0 && !ascii_is_digit(key.p[0]);
    for (size_t i = 0; i < key.n && name; i++)
        name = ascii_is_letter(key.p[i]) || ascii_is_digit(key.p[i]) || key.p[i] == '_';
    buf_byte(path, '.');
    if (name)
        buf_put(path, key);
    else
        json_write_string(path, key);
}

void native_path_each(struct buf *path)
{
    buf_put(path, STR("[]"));
}
