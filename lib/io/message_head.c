#include "io/message_head.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"

enum { ENCODED_WORD = 75, WORD_FRAME = 12 /* "=?UTF-8?B?" and "?=" */ };

static bool is_alnum(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c);
}

bool head_holds(struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return false;
    return true;
}

/* ---- mailboxes ---- */

static bool is_atom_byte(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Words with dots between them. */
static bool is_dotted(struct str text, bool (*is_byte)(char))
{
    bool dot = true;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.' ? dot : !is_byte(text.p[i]))
            return false;
        dot = text.p[i] == '.';
    }
    return text.n > 0 && !dot;
}

static bool is_host_byte(char c)
{
    return is_alnum(c) || c == '-';
}

static const char *check_address(struct str address)
{
    size_t at = str_find(address, '@');
    struct str local = str_slice(address, 0, at), domain = str_slice(address, at + 1, address.n);
    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] >= 0x80)
            return "an address that is not ASCII: write its domain as xn--…";
    if (at >= address.n || local.n > 64 || domain.n > 253 || !is_dotted(local, is_atom_byte) ||
        !is_dotted(domain, is_host_byte))
        return "not an address of mail";
    return NULL;
}

static struct str trim(struct str s)
{
    while (s.n > 0 && s.p[0] == ' ')
        s = str_slice(s, 1, s.n);
    while (s.n > 0 && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

const char *mailbox_parse(struct mailbox *m, struct str text)
{
    if (!head_holds(text))
        return "a line end or another control character";
    if (utf8_check(text) < text.n)
        return "not UTF-8";
    text = trim(text);
    *m = (struct mailbox){STR(""), text};
    if (text.n > 0 && text.p[text.n - 1] == '>') {
        size_t open = text.n - 1;
        while (open > 0 && text.p[open] != '<')
            open--;
        m->name = trim(str_slice(text, 0, open));
        /* Of a text with holes, a value with brackets would take the place of the address behind it, or add
         * one. */
        if (str_find(m->name, '<') < m->name.n || str_find(m->name, '>') < m->name.n)
            return "angle brackets in a name, or more than one address";
        m->address = str_slice(text, open + (text.p[open] == '<'), text.n - 1);
    }
    return check_address(m->address);
}

/* ---- lines ---- */

/* Of the line that OUT ends with. */
static size_t column(const struct buf *out)
{
    size_t n = 0;
    while (n < out->n && out->p[out->n - 1 - n] != '\n')
        n++;
    return n;
}

static void fold(struct buf *out)
{
    buf_put(out, STR("\r\n "));
}

/* As many bytes of TEXT from FROM on as whole characters fill MOST. */
static size_t whole_characters(struct str text, size_t from, size_t most)
{
    size_t n = text.n - from < most ? text.n - from : most;
    while (n > 0 && from + n < text.n && ((unsigned char)text.p[from + n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* RFC 2047 §2: a word has 75 characters at most, a line with one 76, and a character is in one word. */
static void put_encoded(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.n;) {
        size_t used = column(out),
               room = used + ENCODED_WORD > MESSAGE_LINE ? MESSAGE_LINE - used : ENCODED_WORD;
        size_t n = room > WORD_FRAME + 8 && used < MESSAGE_LINE
                       ? whole_characters(text, at, (room - WORD_FRAME) / 4 * 3)
                       : 0;
        if (n > 0) {
            buf_put(out, STR("=?UTF-8?B?"));
            base64_encode(out, str_slice(text, at, at + n));
            buf_put(out, STR("?="));
            at += n;
        }
        if (at < text.n)
            fold(out);
    }
}

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* The length of the word at AT. */
static size_t word_at(struct str text, size_t at)
{
    return str_find(str_slice(text, at, text.n), ' ');
}

/* Blanks at an end, and several at once, would not survive folding. */
static bool is_plain(struct str text)
{
    if (!is_ascii(text) || (text.n > 0 && (text.p[0] == ' ' || text.p[text.n - 1] == ' ')))
        return false;
    for (size_t i = 0; i + 1 < text.n; i++)
        if ((text.p[i] == '=' && text.p[i + 1] == '?') || (text.p[i] == ' ' && text.p[i + 1] == ' '))
            return false;
    for (size_t at = 0; at < text.n; at += word_at(text, at) + 1)
        if (word_at(text, at) > MESSAGE_LINE)
            return false;
    return true;
}

static void put_plain(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.n;) {
        size_t n = word_at(text, at);
        if (at > 0 && column(out) + 1 + n > MESSAGE_LINE)
            fold(out);
        else if (at > 0)
            buf_byte(out, ' ');
        buf_put(out, str_slice(text, at, at + n));
        at += n + 1;
    }
}

void head_put_text(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, "%s: ", name);
    if (is_plain(value))
        put_plain(out, value);
    else
        put_encoded(out, value);
    buf_put(out, STR("\r\n"));
}

static void put_quoted(struct buf *out, struct str text)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, text.p[i]);
    }
    buf_byte(out, '"');
}

static void put_phrase(struct buf *out, struct str name)
{
    bool atoms = true;
    for (size_t i = 0; i < name.n; i++)
        atoms = atoms && (name.p[i] == ' ' || is_atom_byte(name.p[i]));
    if (!is_plain(name) || name.n > MESSAGE_LINE / 2)
        put_encoded(out, name);
    else if (atoms)
        buf_put(out, name);
    else
        put_quoted(out, name);
}

void head_put_mailboxes(struct buf *out, const char *name, const struct mailbox *m, size_t n)
{
    buf_printf(out, "%s: ", name);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_byte(out, ',');
            fold(out);
        }
        if (m[i].name.n == 0) {
            buf_put(out, m[i].address);
            continue;
        }
        put_phrase(out, m[i].name);
        if (column(out) + m[i].address.n + 3 > MESSAGE_LINE)
            fold(out);
        else
            buf_byte(out, ' ');
        buf_printf(out, "<%.*s>", (int)m[i].address.n, m[i].address.p);
    }
    buf_put(out, STR("\r\n"));
}

/* ---- parameters ---- */

static bool is_token(struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (!is_alnum(value.p[i]) && memchr("-._+", value.p[i], 4) == NULL)
            return false;
    return value.n > 0 && value.n < MESSAGE_LINE / 2;
}

/* RFC 2231 §3 and §4: in sections, each on a line of its own. */
void head_put_parameter(struct buf *out, const char *name, struct str value)
{
    buf_put(out, STR(";\r\n "));
    if (is_token(value)) {
        buf_printf(out, "%s=%.*s", name, (int)value.n, value.p);
        return;
    }
    if (is_plain(value) && value.n < MESSAGE_LINE / 2) {
        buf_printf(out, "%s=", name);
        put_quoted(out, value);
        return;
    }
    unsigned section = 0;
    buf_printf(out, "%s*0*=UTF-8''", name);
    for (size_t i = 0; i < value.n; i++) {
        if (column(out) > MESSAGE_LINE - 4)
            buf_printf(out, ";\r\n %s*%u*=", name, ++section);
        if (is_token(str_slice(value, i, i + 1)) && value.p[i] != '+')
            buf_byte(out, value.p[i]);
        else
            buf_printf(out, "%%%02X", (unsigned char)value.p[i]);
    }
}
