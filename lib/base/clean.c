#include "base/clean.h"

#include "base/utf8.h"

static void put_escaped(struct buf *out, unsigned char byte)
{
    buf_printf(out, "\\x%02X", byte);
}

void buf_put_clean(struct buf *out, struct str text)
{
    while (text.n > 0) {
        size_t good = utf8_check(text);
        for (size_t i = 0; i < good; i++) {
            unsigned char c = (unsigned char)text.p[i];
            bool c1 = c == 0xC2 && (unsigned char)text.p[i + 1] < 0xA0;
            if (c >= ' ' && c != 0x7F && !c1) {
                buf_byte(out, text.p[i]);
                continue;
            }
            put_escaped(out, c);
            if (c1)
                put_escaped(out, (unsigned char)text.p[++i]);
        }
        if (good < text.n)
            put_escaped(out, (unsigned char)text.p[good++]);
        text = str_slice(text, good, text.n);
    }
}
