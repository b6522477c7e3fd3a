/*
 * The first thing with a new system.
 */
#include "base/clean.h"
#include "extract.h"
#include "system/files.h"

static void say(struct extract *x, struct str stream, bool well, uint64_t n, const char *of,
                const struct err *e)
{
    struct buf *out = &x->cmd.out.buf;
    if (well)
        buf_printf(out, "%-20.*s ok      %llu %s\n", (int)stream.n, stream.p, (unsigned long long)n, of);
    else
        buf_printf(out, "%-20.*s failed  %s%s%s\n", (int)stream.n, stream.p, e->place,
                   e->place[0] != '\0' ? ": " : "", e->message);
    cmd_worse(&x->cmd, well ? CMD_OK : CMD_NO);
}

/* Where a page has no records, a person sees by the keys of the answer whether `records` looks in the wrong
 * place. */
static void put_keys(struct buf *out, const struct json_node *answer)
{
    enum { SHOWN = 8 };
    const struct json_node *end = json_is(answer, JSON_OBJECT) ? json_next(answer) : NULL;
    size_t n = 0;
    buf_put(out, STR("records on one page"));
    for (const struct json_node *key = end != NULL ? answer + 1 : NULL; key < end && n < SHOWN;
         key = json_next_key(key)) {
        buf_put(out, n++ == 0 ? STR("; the answer has ") : STR(", "));
        buf_put_clean(out, json_text(key));
    }
    buf_byte(out, '\0');
}

/* Files on another machine are listed, and none is moved. */
static void check_files(struct extract *x, const struct files *f, struct str stream)
{
    struct err e = {0};
    struct spool_options options = {.transfer = transfer_new(&f->account, &e)};
    struct spool *s = options.transfer != NULL ? spool_open(f->url, &options, &e) : NULL;
    say(x, stream, s != NULL, s != NULL ? spool_count(s) : 0, "files", &e);
    spool_close(s);
    transfer_free(options.transfer);
}

static void check_pages(struct extract *x, struct session *s, struct str stream)
{
    struct err e = {0};
    struct api_record r;
    struct api_options asked = x->api;
    uint64_t records = 0;
    asked.first_page = true;
    asked.checkpoint = NULL;
    struct api *api = api_open(s, stream, &asked, &e);
    enum api_got got = api != NULL ? API_RECORD : API_FATAL;
    while (api != NULL && (got = api_next(api, &r, &e)) > API_END) {
        records += got == API_RECORD;
        if (got == API_PAGE && api_is_absent(api, &e)) {
            got = API_FATAL;
            break;
        }
    }
    if (got == API_END && api_is_timeless(api, &e))
        got = API_FATAL;
    struct buf found;
    buf_init(&found, JSON_BYTES);
    put_keys(&found, got == API_END && records == 0 ? api_answer(api) : NULL);
    say(x, stream, got == API_END, records, buf_ok(&found) ? found.p : "", &e);
    buf_release(&found);
    api_close(api);
}

static void check_stream(struct extract *x, struct session *s, struct str stream)
{
    struct err e = {0};
    struct files f;
    switch (files_find(&f, s, system_find_stream(s->system, stream), &e)) {
    case 1: check_files(x, &f, stream); break;
    case 0: check_pages(x, s, stream); break;
    default: say(x, stream, false, 0, "", &e);
    }
}

void extract_check(struct extract *x)
{
    struct err e = {0};
    struct system system = {0};
    struct session session = {0};
    bool opened = false;
    if (system_open(&system, str_of(x->check), &x->arena, &x->diags, &e) == -1) {
        extract_fail_description(x, &e);
    } else if (opened = true, session_open(&session, &system, &x->session, &e) == -1) {
        extract_fail_description(x, &e);
    } else {
        const struct json_node *streams = json_get(description_root(&system.described), STR("streams"));
        const struct json_node *end = streams != NULL ? json_next(streams) : NULL;
        for (const struct json_node *key = streams != NULL ? streams + 1 : NULL; key < end;
             key = json_next_key(key))
            if (request_is_call(json_value_of(key)) || json_get(json_value_of(key), STR("steps")) != NULL)
                check_stream(x, &session, description_string(&system.described, key));
    }
    if (opened)
        session_close(&session);
    system_release(&system);
}
