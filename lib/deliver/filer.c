#include "deliver/filer.h"

#include <stdlib.h>

#include "deliver/described.h"
#include "system/files.h"

enum { URL_MOST = 1 << 20 };

struct filer {
    struct carrier described; /* what the description says */
    struct session session;
    const struct json_node *target;
    struct transfer_account account;
    struct carrier *carrier;
    struct buf url, name; /* of the record at hand */
};

bool filer_is_described(const struct system *system, struct str target)
{
    const struct json_node *found = system_find_target(system, target);
    return found != NULL && json_get(found, STR("format")) != NULL;
}

static int make_url(struct filer *f, const struct record *r, struct err *e)
{
    const struct text *text =
        description_text(&f->session.system->described, json_get(f->target, STR("put")));
    struct err why = {0};
    struct view v;
    arena_reset(&f->session.scratch);
    session_view(&f->session, &v, record_state(r), NULL);
    struct str url = text_url(text, &v, &why);
    if (why.code != NULL || url.n == 0) {
        *e = why;
        return why.code != NULL ? -1 : err_set(e, "record", "a value is missing in the URL of its file");
    }
    buf_reset(&f->url);
    if (!url_begins(url))
        buf_put(&f->url, f->session.base);
    buf_put(&f->url, url);
    return buf_ok(&f->url) ? 0 : err_memory(e);
}

/* The last part of the URL is the name, which values lead to no other folder. */
static int take_place(struct filer *f, struct outbox_place *out, struct err *e)
{
    struct str url = buf_str(&f->url);
    if (url.p == NULL || !files_scheme(url))
        return err_set(e, "config", "no URL of sftp, ftps or ftpes, where files go: %s", err_quote(url));
    size_t slash = url.n;
    while (slash > 0 && url.p[slash - 1] != '/')
        slash--;
    buf_reset(&f->name);
    url_decode(&f->name, str_slice(url, slash, url.n));
    struct str name = buf_str(&f->name);
    if (name.n == 0 || name.p[0] == '.' || str_find(name, '/') < name.n || str_find(name, '\0') < name.n)
        return err_set(e, "record", "not the name of a file: %s", err_quote(name));
    *out = (struct outbox_place){str_slice(url, 0, slash), name};
    return 0;
}

static int place(void *arg, const struct parcel *p, const struct record *r, struct outbox_place *out,
                 struct err *e)
{
    struct filer *f = arg;
    described_bind(&f->session.names, p, carrier_op_of(p->pending.op), r->before);
    if (make_url(f, r, e) == 0 && take_place(f, out, e) == 0)
        return 1;
    return e->code != NULL && str_eq(str_of(e->code), STR("config")) ? -1 : 0;
}

static int open_all(struct filer *f, struct system *system, struct str target, struct outbox_options *options,
                    struct err *e)
{
    const struct session_options o = {0};
    if (described_open(&f->described, &f->session, system, target, &o, &f->target, e) == -1 ||
        files_account(&f->account, &f->session, e) == -1)
        return -1;
    if (json_get(f->target, STR("put")) == NULL)
        return err_set(e, "config", "the target %.*s has a format, and no put, which says where its files go",
                       (int)target.n, target.p);
    options->account = &f->account;
    options->place = place;
    options->place_arg = f;
    f->carrier = outbox_open((struct str){0}, options, e);
    if (f->carrier == NULL)
        return -1;
    described_take(&f->described, f->target, CARRIER_SAFE, CARRIER_APPLY);
    f->carrier->name = f->described.name;
    f->carrier->system = f->described.system;
    f->carrier->changed = f->described.changed;
    f->carrier->only = f->described.only;
    if (f->described.repeat == CARRIER_NEVER)
        f->carrier->repeat = CARRIER_NEVER;
    return 0;
}

struct filer *filer_open(struct system *system, struct str target,
                         int (*encode)(void *arg, const struct record *r, struct buf *out, struct err *e),
                         void *arg, const char *suffix, struct err *e)
{
    struct filer *f = calloc(1, sizeof *f);
    struct outbox_options options = {.suffix = suffix, .encode = encode, .arg = arg};
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    buf_init(&f->url, URL_MOST);
    buf_init(&f->name, URL_MOST);
    if (open_all(f, system, target, &options, e) == 0)
        return f;
    filer_close(f);
    return NULL;
}

struct carrier *filer_carrier(struct filer *f)
{
    return f->carrier;
}

void filer_close(struct filer *f)
{
    if (f == NULL)
        return;
    if (f->carrier != NULL)
        f->carrier->kind->close(f->carrier);
    session_close(&f->session);
    buf_release(&f->url);
    buf_release(&f->name);
    free(f);
}
