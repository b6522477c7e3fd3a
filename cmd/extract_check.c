/*
 * The first thing with a new system.
 */
#include "extract.h"

static void check_stream(struct extract *x, struct session *s, struct str stream)
{
    struct err e = {0};
    struct api_record r;
    struct api_options asked = x->api;
    uint64_t records = 0;
    asked.first_page = true;
    asked.checkpoint = NULL;
    struct api *api = api_open(s, stream, &asked, &e);
    enum api_got got = api != NULL ? API_RECORD : API_FATAL;
    while (api != NULL && (got = api_next(api, &r, &e)) > API_END)
        records += got == API_RECORD;
    struct buf *out = &x->cmd.out.buf;
    if (got == API_END)
        buf_printf(out, "%-20.*s ok      %llu records on one page\n", (int)stream.n, stream.p,
                   (unsigned long long)records);
    else
        buf_printf(out, "%-20.*s failed  %s%s%s\n", (int)stream.n, stream.p, e.place,
                   e.place[0] != '\0' ? ": " : "", e.message);
    cmd_worse(&x->cmd, got == API_END ? CMD_OK : CMD_NO);
    api_close(api);
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
        extract_fail(x, &e);
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
