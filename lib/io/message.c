#include "io/message.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "io/message_head.h"

/* ---- bodies ---- */

enum { BASE64_LINE = 57 /* bytes that 76 characters hold */ };

static void put_base64(struct buf *out, struct str content)
{
    for (size_t at = 0; at < content.n; at += BASE64_LINE) {
        base64_encode(out, str_slice(content, at, at + BASE64_LINE));
        buf_put(out, STR("\r\n"));
    }
}

/* RFC 2045 §6.7. */
static bool is_quoted(struct str text, size_t i, size_t used)
{
    char c = text.p[i];
    bool ends = i + 1 == text.n || text.p[i + 1] == '\n' || text.p[i + 1] == '\r';
    if (c == ' ' || c == '\t')
        return ends;
    if (used == 0 && (c == '.' || c == 'F')) /* what old relays take for an end, or for a new message */
        return true;
    return c == '=' || (unsigned char)c < 0x20 || (unsigned char)c >= 0x7f;
}

/* The length of a line end at I: 0, 1, 2. */
static size_t line_end(struct str text, size_t i)
{
    if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
        return 2;
    return text.p[i] == '\n';
}

static void put_printable(struct buf *out, struct str text)
{
    size_t used = 0;
    for (size_t i = 0; i < text.n;) {
        size_t end = line_end(text, i);
        if (end > 0) {
            buf_put(out, STR("\r\n"));
            used = 0;
            i += end;
            continue;
        }
        size_t width = is_quoted(text, i, used) ? 3 : 1;
        if (used + width > MESSAGE_LINE - 1) {
            buf_put(out, STR("=\r\n"));
            used = 0;
            width = is_quoted(text, i, used) ? 3 : 1;
        }
        if (width == 3)
            buf_printf(out, "=%02X", (unsigned char)text.p[i]);
        else
            buf_byte(out, text.p[i]);
        used += width;
        i++;
    }
}

/* Where more than a sixth would be quoted, base64 is shorter. */
static void put_text_part(struct buf *out, const char *type, struct str text)
{
    size_t quoted = 0;
    for (size_t i = 0; i < text.n; i++)
        quoted += (unsigned char)text.p[i] >= 0x7f;
    bool base64 = quoted > text.n / 6;
    buf_printf(out, "Content-Type: text/%s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
               base64 ? "base64" : "quoted-printable");
    if (base64)
        put_base64(out, text);
    else
        put_printable(out, text);
}

static const char *type_of(struct str name)
{
    static const struct {
        const char *suffix, *type;
    } known[] = {
        {".pdf", "application/pdf"}, {".csv", "text/csv"},          {".html", "text/html"},
        {".txt", "text/plain"},      {".json", "application/json"}, {".xml", "application/xml"},
        {".zip", "application/zip"}, {".png", "image/png"},         {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ends(name, str_of(known[i].suffix)))
            return known[i].type;
    return "application/octet-stream";
}

static void put_file(struct buf *out, const struct message_file *file)
{
    buf_printf(out, "Content-Type: %s", type_of(file->name));
    head_put_parameter(out, "name", file->name);
    buf_put(out, STR("\r\nContent-Disposition: attachment"));
    head_put_parameter(out, "filename", file->name);
    buf_put(out, STR("\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
    put_base64(out, file->content);
}

/* ---- parts ---- */

/* The line end before it is its own. "=_" is in no line of base64 or quoted-printable (RFC 2045 §6.7). */
static void put_boundary(struct buf *out, char level, const char *end)
{
    buf_printf(out, "\r\n--=_%c%s\r\n", level, end);
}

static void put_multipart(struct buf *out, const char *type, char level)
{
    buf_printf(out, "Content-Type: multipart/%s; boundary=\"=_%c\"\r\n\r\n", type, level);
}

static void put_bodies(struct buf *out, const struct message *m)
{
    if (m->html.p == NULL) {
        put_text_part(out, "plain", m->text.p != NULL ? m->text : STR(""));
        return;
    }
    if (m->text.p == NULL) {
        put_text_part(out, "html", m->html);
        return;
    }
    put_multipart(out, "alternative", 'a');
    put_boundary(out, 'a', "");
    put_text_part(out, "plain", m->text);
    put_boundary(out, 'a', "");
    put_text_part(out, "html", m->html);
    put_boundary(out, 'a', "--");
}

static void put_parts(struct buf *out, const struct message *m)
{
    if (m->nfiles == 0) {
        put_bodies(out, m);
        return;
    }
    put_multipart(out, "mixed", 'm');
    if (m->text.p != NULL || m->html.p != NULL) {
        put_boundary(out, 'm', "");
        put_bodies(out, m);
    }
    for (size_t i = 0; i < m->nfiles; i++) {
        put_boundary(out, 'm', "");
        put_file(out, &m->file[i]);
    }
    put_boundary(out, 'm', "--");
}

/* ---- the head ---- */

static void put_date(struct buf *out, int64_t seconds)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    enum { DAY = 86400 };
    int64_t day = seconds / DAY, left = seconds % DAY;
    struct civil c = {0};
    civil_of_days(day, &c);
    buf_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", days[civil_weekday(day)], c.day,
               months[c.month - 1], c.year, (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
}

static int refuse(struct err *e, const char *field, const char *why, struct str value)
{
    err_set(e, "mail", "%s: %s", why, err_quote(value));
    err_field(e, str_of(field));
    return -1;
}

static int parse(struct mailbox *box, const char *field, struct str text, struct err *e)
{
    const char *why = mailbox_parse(box, text);
    return why == NULL ? 0 : refuse(e, field, why, text);
}

static int check_texts(const struct message *m, struct err *e)
{
    if (!head_holds(m->subject))
        return refuse(e, "/subject", "a line end or another control character", m->subject);
    if (utf8_check(m->subject) < m->subject.n)
        return refuse(e, "/subject", "not UTF-8", m->subject);
    for (size_t i = 0; i < m->id.n; i++)
        if (!ascii_is_letter(m->id.p[i]) && !ascii_is_digit(m->id.p[i]))
            return refuse(e, "/id", "not letters and digits", m->id);
    for (size_t i = 0; i < m->nfiles; i++) {
        struct str name = m->file[i].name;
        if (name.n == 0 || !head_holds(name) || utf8_check(name) < name.n || str_find(name, '/') < name.n)
            return refuse(e, "/files", "not a name of a file", name);
    }
    if (m->text.p == NULL && m->html.p == NULL && m->nfiles == 0)
        return refuse(e, "/text", "a mail without a text", STR(""));
    return 0;
}

static void put_id(struct buf *out, struct str id, struct str from)
{
    size_t at = str_find(from, '@');
    buf_printf(out, "Message-ID:%s<%.*s%.*s>\r\n", id.n + from.n - at > MESSAGE_LINE - 14 ? "\r\n " : " ",
               (int)id.n, id.p, (int)(from.n - at), from.p + at);
}

int message_write(const struct message *m, struct buf *out, struct message_envelope *envelope,
                  struct arena *a, struct err *e)
{
    struct mailbox from, reply, to[MESSAGE_RECIPIENTS];
    if (m->nto == 0 || m->nto > MESSAGE_RECIPIENTS)
        return refuse(e, "/to", m->nto == 0 ? "no recipient" : "too many recipients", STR(""));
    if (parse(&from, "/from", m->from, e) == -1 || check_texts(m, e) == -1 ||
        (m->reply_to.p != NULL && parse(&reply, "/reply_to", m->reply_to, e) == -1))
        return -1;
    *envelope = (struct message_envelope){.from = arena_str(a, from.address), .nto = m->nto};
    for (size_t i = 0; i < m->nto; i++) {
        if (parse(&to[i], "/to", m->to[i], e) == -1)
            return -1;
        envelope->to[i] = arena_str(a, to[i].address);
        if (envelope->to[i].p == NULL || envelope->from.p == NULL)
            return err_memory(e);
    }
    put_date(out, m->date);
    head_put_mailboxes(out, "From", &from, 1);
    if (m->reply_to.p != NULL)
        head_put_mailboxes(out, "Reply-To", &reply, 1);
    head_put_mailboxes(out, "To", to, m->nto);
    head_put_text(out, "Subject", m->subject);
    put_id(out, m->id, from.address);
    buf_put(out, STR("MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"));
    put_parts(out, m);
    if (buf_ok(out) && out->p[out->n - 1] != '\n')
        buf_put(out, STR("\r\n"));
    return buf_ok(out) ? 0 : err_memory(e);
}
