#include "base/clean.h"

#include "base/ascii.h"
#include "base/utf8.h"

static void put_escaped(struct buf *out, unsigned char byte)
{
    buf_printf(out, "\\x%02X", byte);
}

/* How many bytes at P, which begins a character of valid UTF-8, are obeyed instead of shown; 0: none. */
static size_t obeyed(const char *p)
{
    unsigned char c = (unsigned char)p[0];
    if (c < ' ' || c == 0x7F)
        return 1;
    if (c == 0xC2)
        return (unsigned char)p[1] < 0xA0 ? 2 : 0;
    if (c != 0xE2)
        return 0;
    unsigned tail = (unsigned)(unsigned char)p[1] << 8 | (unsigned char)p[2];
    bool turns = (tail >= 0x80AA && tail <= 0x80AE) || (tail >= 0x81A6 && tail <= 0x81A9);
    return turns ? 3 : 0;
}

void buf_put_clean(struct buf *out, struct str text)
{
    while (text.n > 0) {
        size_t good = utf8_check(text);
        for (size_t i = 0; i < good;) {
            size_t n = obeyed(text.p + i);
            if (n == 0)
                buf_byte(out, text.p[i++]);
            for (; n > 0; n--)
                put_escaped(out, (unsigned char)text.p[i++]);
        }
        if (good < text.n)
            put_escaped(out, (unsigned char)text.p[good++]);
        text = str_slice(text, good, text.n);
    }
}

/* Whether a shell takes it as it is wherever it stands in a word. */
static bool is_plain(char c)
{
    struct str others = STR("_./:,@%+-");
    return ascii_is_letter(c) || ascii_is_digit(c) || str_find(others, c) < others.n;
}

void buf_put_word(struct buf *out, struct str text)
{
    size_t plain = 0;
    while (plain < text.n && is_plain(text.p[plain]))
        plain++;
    if (plain == text.n && text.n > 0) {
        buf_put(out, text);
        return;
    }
    buf_byte(out, '\'');
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\'')
            buf_put(out, STR("'\\''"));
        else
            buf_byte(out, text.p[i]);
    buf_byte(out, '\'');
}
