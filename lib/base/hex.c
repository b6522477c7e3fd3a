#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

char *hex_write(char *to, struct str bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        *to++ = digits[(unsigned char)bytes.p[i] >> 4];
        *to++ = digits[(unsigned char)bytes.p[i] & 15];
    }
    return to;
}

void hex_put(struct buf *out, struct str bytes)
{
    char *room = buf_room(out, 2 * bytes.n);
    if (room != NULL)
        out->n += (size_t)(hex_write(room, bytes) - room);
}

/* The value of a digit, or 16. */
static unsigned value(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

bool hex_read(char *to, struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i += 2) {
        unsigned high = value(text.p[i]), low = value(text.p[i + 1]);
        if (high == 16 || low == 16)
            return false;
        *to++ = (char)(high << 4 | low);
    }
    return text.n % 2 == 0;
}
