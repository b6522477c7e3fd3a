#include "deliver/mailer.h"

#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "deliver/described.h"
#include "io/smtp.h"
#include "system/letters.h"

enum { FILES_MOST = 20, FILE_BYTES = 64 << 20, TEXTS_MOST = 256 << 20 };

/* Of `files`: a template, or a file that is there already. */
struct attachment {
    const struct json_node *name, *file;
    struct template *template;
};

struct mailer {
    struct carrier carrier;
    struct session session;
    const struct json_node *target;
    struct arguments arguments;
    struct letters *letters;
    struct template *text, *html; /* NULL: none */
    struct attachment attachment[FILES_MOST];
    size_t nattachments;
    struct smtp *smtp; /* NULL: nothing was sent yet */
    unsigned unknown;  /* in a row, whose answers were lost */
    /* The message at hand. */
    struct parcel *parcel;
    struct record_in in;
    struct record record;
    struct buf body[2 + FILES_MOST], out;
    struct message_file file[FILES_MOST];
    struct str to[MESSAGE_RECIPIENTS];
    struct message message;
    struct arena arena;
};

/* ---- texts of the description ---- */

static const struct json_node *value_of(struct mailer *m, const struct json_node *node, struct err *e)
{
    const struct text *text = description_text(&m->session.system->described, node);
    struct view v;
    if (text == NULL)
        return NULL;
    session_view(&m->session, &v, m->parcel != NULL ? record_state(&m->record) : NULL, NULL);
    return text_value(text, &v, e);
}

/* A text of the message at hand; else of the session. */
static int string_of(struct mailer *m, const struct json_node *node, struct str *out, struct err *e)
{
    bool message = m->parcel != NULL;
    return session_text(&m->session, node, message ? record_state(&m->record) : NULL, NULL,
                        message ? &m->arena : &m->session.arena, out, e);
}

static int said(struct mailer *m, const char *key, struct str *out, struct err *e)
{
    return string_of(m, json_get(m->target, str_of(key)), out, e);
}

/* ---- the description ---- */

bool mailer_is_described(const struct system *system, struct str target)
{
    const struct json_node *found = system_find_target(system, target);
    return found != NULL && json_get(found, STR("smtp")) != NULL;
}

static int load_template(struct mailer *m, const struct json_node *file, struct template **out, struct err *e)
{
    const struct description *d = &m->session.system->described;
    struct str name = description_string(d, file);
    if (name.p == NULL)
        return 0;
    struct str path =
        arena_printf(&m->session.arena, "%.*s/%.*s", (int)d->folder.n, d->folder.p, (int)name.n, name.p);
    *out = path.p != NULL ? letters_load(m->letters, path.p, e) : NULL;
    return *out != NULL ? 0 : path.p != NULL ? -1 : err_memory(e);
}

static int load_files(struct mailer *m, struct err *e)
{
    const struct json_node *files = json_get(m->target, STR("files"));
    const struct json_node *end = files != NULL ? json_next(files) : NULL;
    for (const struct json_node *one = files != NULL ? files + 1 : NULL; one < end; one = json_next(one)) {
        if (m->nattachments == FILES_MOST)
            return err_set(e, "config", "more than %d files", FILES_MOST);
        struct attachment *a = &m->attachment[m->nattachments++];
        a->name = json_get(one, STR("name"));
        a->file = json_get(one, STR("file"));
        if (load_template(m, json_get(one, STR("text")), &a->template, e) == -1)
            return -1;
        if (a->name == NULL || (a->file == NULL) == (a->template == NULL))
            return err_set(e, "config", "each of files has a name, and either a file or a text");
    }
    return 0;
}

static int load_templates(struct mailer *m, struct err *e)
{
    arguments_init(&m->arguments);
    arguments_connection(&m->arguments, m->session.system->source);
    m->letters = letters_new(&m->arguments, e);
    if (m->letters == NULL || load_template(m, json_get(m->target, STR("text")), &m->text, e) == -1 ||
        load_template(m, json_get(m->target, STR("html")), &m->html, e) == -1)
        return -1;
    return load_files(m, e);
}

static int describe(struct mailer *m, struct err *e)
{
    static const char *const due[] = {"from", "to", "subject"};
    struct carrier *c = &m->carrier;
    for (size_t i = 0; i < sizeof due / sizeof *due; i++)
        if (json_get(m->target, str_of(due[i])) == NULL)
            return err_set(e, "config", "a target of mail says %s", due[i]);
    described_take(c, m->target, CARRIER_NEVER, CARRIER_IGNORE);
    c->ops = CARRIER_CREATE | CARRIER_UPDATE;
    c->slots = 1;
    c->batch = 1;
    return c->repeat != CARRIER_LOOK
               ? load_templates(m, e)
               : err_set(e, "config", "mail cannot be looked for: repeat is never, key or safe");
}

/* ---- a message ---- */

static int make_to(struct mailer *m, struct err *e)
{
    struct err why = {0};
    const struct json_node *to = value_of(m, json_get(m->target, STR("to")), &why);
    bool list = json_is(to, JSON_ARRAY);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    m->message.to = m->to;
    m->message.nto = 0;
    const struct json_node *end = to != NULL ? json_next(to) : NULL;
    for (const struct json_node *one = list ? to + 1 : to; one != NULL && one < end; one = json_next(one)) {
        struct str text = one->type == JSON_STRING ? json_string(one, &m->arena) : (struct str){0};
        if (text.p == NULL || m->message.nto == MESSAGE_RECIPIENTS)
            return err_set(e, "mail", text.p == NULL ? "a recipient that is no text" : "too many recipients");
        m->to[m->message.nto] = arena_str(&m->arena, text);
        if (m->to[m->message.nto++].p == NULL)
            return err_memory(e);
    }
    return 0;
}

static int make_text(struct mailer *m, struct template *t, struct buf *body, struct str *out, struct err *e)
{
    *out = (struct str){0};
    buf_reset(body);
    if (t == NULL)
        return 0;
    enum letter done = letters_write(m->letters, t, &m->record, body, e);
    if (done == LETTER_WRONG || done == LETTER_REFUSED)
        return -1;
    *out = buf_ok(body) && body->n > 0 ? buf_str(body) : STR("");
    return 0;
}

static int read_file(struct mailer *m, const struct json_node *node, struct str *out, struct err *e)
{
    struct str path, written = description_string(&m->session.system->described, node);
    if (string_of(m, node, &path, e) == -1)
        return -1;
    if (!described_path(written, path))
        return err_set(e, "mail", "not the name of a file to send: %s", err_quote(path));
    return file_read(out, path.p, FILE_BYTES, &m->arena, e);
}

static int make_files(struct mailer *m, struct err *e)
{
    for (size_t i = 0; i < m->nattachments; i++) {
        const struct attachment *a = &m->attachment[i];
        struct message_file *file = &m->file[i];
        if (string_of(m, a->name, &file->name, e) == -1)
            return -1;
        int got = a->template != NULL ? make_text(m, a->template, &m->body[2 + i], &file->content, e)
                                      : read_file(m, a->file, &file->content, e);
        if (got == -1)
            return -1;
    }
    m->message.file = m->file;
    m->message.nfiles = m->nattachments;
    return 0;
}

/* As much of the key as a line of a head has room for. */
static struct str id_of(const struct parcel *p)
{
    enum { ID_BYTES = 40 };
    return str_slice(str_of(p->key), 0, ID_BYTES);
}

static int make(struct mailer *m, const struct parcel *p, struct message_envelope *envelope, struct err *e)
{
    struct message *message = &m->message;
    *message = (struct message){.id = id_of(p), .date = time(NULL)};
    buf_reset(&m->out);
    if (said(m, "from", &message->from, e) == -1 || said(m, "reply_to", &message->reply_to, e) == -1 ||
        said(m, "subject", &message->subject, e) == -1 || make_to(m, e) == -1 ||
        make_text(m, m->text, &m->body[0], &message->text, e) == -1 ||
        make_text(m, m->html, &m->body[1], &message->html, e) == -1 || make_files(m, e) == -1)
        return -1;
    if (message->subject.p == NULL)
        message->subject = STR("");
    return message_write(message, &m->out, envelope, &m->arena, e);
}

/* ---- the server ---- */

static const struct json_node *login_of(const struct mailer *m)
{
    const struct json_node *basic = json_get(m->target, STR("basic"));
    const struct json_node *root = description_root(&m->session.system->described);
    return basic != NULL ? basic : json_get(json_get(root, STR("auth")), STR("basic"));
}

/* With the record at hand not looked at: all messages go to one server. */
static int connect_server(struct mailer *m, struct err *e)
{
    struct parcel *parcel = m->parcel;
    const struct json_node *login = login_of(m);
    struct str url = {0}, user = {0}, password = {0};
    m->parcel = NULL;
    int got = said(m, "smtp", &url, e);
    if (got != -1 && login != NULL)
        got = string_of(m, json_at(login, 0), &user, e) == -1 ? -1
                                                              : string_of(m, json_at(login, 1), &password, e);
    m->parcel = parcel;
    if (got == -1)
        return -1;
    if (url.n == 0)
        return err_set(e, "config", "smtp names no server");
    if (str_search(url, STR("://"), 0) >= url.n)
        url = arena_printf(&m->session.arena, "smtp://%.*s:587", (int)url.n, url.p);
    if (url.p == NULL)
        return err_memory(e);
    struct smtp_options o = {.url = url.p,
                             .user = user.p,
                             .password = password.p,
                             .connect_seconds = (long)((m->session.timeout + 999) / 1000)};
    m->smtp = smtp_new(&o, e);
    return m->smtp != NULL ? 0 : -1;
}

static bool is_fatal(const struct mailer *m, const struct err *e)
{
    return letters_diags(m->letters)->n > 0 || str_eq(str_of(e->code), STR("memory")) ||
           str_eq(str_of(e->code), STR("config"));
}

/* 1: the outcome is known, and others may follow; -1: the run ends. */
static int judge(struct mailer *m, struct parcel *p, enum smtp_sent sent, struct err *e)
{
    struct arena *arena = m->carrier.host.arena;
    m->unknown = sent == SMTP_UNKNOWN ? m->unknown + 1 : 0;
    e->temporary |= m->unknown >= CARRIER_PATIENCE;
    /* For all others, too. What is not taken now, message after message, is grey-listed (RFC 6647). */
    bool stop = sent == SMTP_STOPS || sent == SMTP_UNREACHED || m->unknown >= CARRIER_PATIENCE;
    if (sent == SMTP_SENT) {
        size_t at = str_find(m->message.from, '@'), end = m->message.from.n;
        end -= str_ends(m->message.from, STR(">"));
        struct str domain = str_slice(m->message.from, at, end);
        struct str id = id_of(p);
        p->target_id = arena_printf(arena, "<%.*s%.*s>", (int)id.n, id.p, (int)domain.n, domain.p);
    }
    enum parcel_outcome outcome = sent == SMTP_SENT                    ? PARCEL_APPLIED
                                  : sent == SMTP_REFUSED               ? PARCEL_REFUSED
                                  : sent != SMTP_UNKNOWN               ? PARCEL_UNHEARD
                                  : m->carrier.repeat == CARRIER_NEVER ? PARCEL_UNCERTAIN
                                                                       : PARCEL_LOST;
    parcel_end(p, outcome, sent == SMTP_SENT ? NULL : e, arena);
    if (!stop)
        err_clear(e);
    return stop ? -1 : 1;
}

static int refuse(struct mailer *m, struct parcel *p, struct err *e)
{
    bool fatal = is_fatal(m, e);
    parcel_end(p, fatal ? PARCEL_UNHEARD : PARCEL_REFUSED, e, m->carrier.host.arena);
    if (fatal)
        return -1;
    err_clear(e);
    return 0;
}

/* ---- the carrier ---- */

static int start(struct carrier *c, unsigned slot, struct parcel **parcels, size_t n, struct err *e)
{
    struct mailer *m = (struct mailer *)c;
    struct parcel *p = parcels[0];
    (void)slot, (void)n;
    struct message_envelope envelope;
    arena_reset(&m->arena);
    m->parcel = p;
    m->record = (struct record){0};
    if (record_of_line(&m->in, p->pending.line, &m->record, e) != RECORD_OK)
        return refuse(m, p, e);
    described_bind(&m->session.names, p, carrier_op_of(p->pending.op), m->record.before);
    if (make(m, p, &envelope, e) == -1)
        return refuse(m, p, e);
    if (m->smtp == NULL && connect_server(m, e) == -1) {
        parcel_end(p, PARCEL_UNHEARD, e, c->host.arena);
        return -1;
    }
    return judge(m, p, smtp_send(m->smtp, &envelope, buf_str(&m->out), e), e) == -1 ? -1 : 0;
}

/* It was sent, and answered, when start returned. */
static int finish(struct carrier *c, unsigned slot, struct err *e)
{
    (void)c, (void)slot, (void)e;
    return 1;
}

static const struct carrier_kind mail = {.start = start, .finish = finish, .close = mailer_close};

struct carrier *mailer_open(struct system *system, struct str target, struct err *e)
{
    struct session_options none = {0};
    struct mailer *m = calloc(1, sizeof *m);
    if (m == NULL) {
        err_memory(e);
        return NULL;
    }
    m->carrier.kind = &mail;
    arena_init(&m->arena, (size_t)TEXTS_MOST * 2);
    buf_init(&m->out, (size_t)TEXTS_MOST * 4);
    for (size_t i = 0; i < 2 + FILES_MOST; i++)
        buf_init(&m->body[i], TEXTS_MOST);
    if (record_in_init(&m->in, RECORD_MARKS_IGNORED, e) == 0 &&
        described_open(&m->carrier, &m->session, system, target, &none, &m->target, e) == 0 &&
        describe(m, e) == 0)
        return &m->carrier;
    mailer_close(&m->carrier);
    return NULL;
}

void mailer_close(struct carrier *c)
{
    struct mailer *m = (struct mailer *)c;
    if (m == NULL)
        return;
    smtp_free(m->smtp);
    letters_free(m->letters);
    arguments_release(&m->arguments);
    session_close(&m->session);
    record_in_release(&m->in);
    arena_release(&m->arena);
    buf_release(&m->out);
    for (size_t i = 0; i < 2 + FILES_MOST; i++)
        buf_release(&m->body[i]);
    free(m);
}
