#include "system/files.h"

bool files_scheme(struct str url)
{
    return str_starts(url, STR("sftp://")) || str_starts(url, STR("ftps://")) ||
           str_starts(url, STR("ftpes://"));
}

/* The text of NODE into TO; absent where it has no value. */
static int fill(struct str *to, struct session *s, const struct json_node *node, bool url, struct err *e)
{
    const struct text *text = description_text(&s->system->described, node);
    struct view v;
    struct err why = {0};
    *to = (struct str){0};
    if (text == NULL)
        return 0;
    session_view(s, &v, NULL, NULL);
    struct str filled = url ? text_url(text, &v, &why) : text_string(text, &v, &why);
    if (why.code != NULL) {
        *e = why;
        return -1;
    }
    if (filled.p == NULL || filled.n == 0)
        return 0;
    *to = arena_str(&s->arena, filled);
    return to->p != NULL ? 0 : err_memory(e);
}

int files_account(struct transfer_account *out, struct session *s, struct err *e)
{
    const struct json_node *auth = json_get(description_root(&s->system->described), STR("auth"));
    const struct json_node *pair = json_get(auth, STR("basic"));
    transfer_account_of_environment(out);
    if (auth == NULL)
        return 0;
    *out = (struct transfer_account){.known_hosts = out->known_hosts, .said_by = session_secrets_from(s)};
    return fill(&out->user, s, json_at(pair, 0), false, e) == -1 ||
                   fill(&out->password, s, json_at(pair, 1), false, e) == -1 ||
                   fill(&out->identity, s, json_get(auth, STR("identity")), false, e) == -1 ||
                   fill(&out->passphrase, s, json_get(auth, STR("passphrase")), false, e) == -1
               ? -1
               : 0;
}

int files_find(struct files *f, struct session *s, const struct json_node *stream, struct err *e)
{
    struct str url;
    *f = (struct files){0};
    if (fill(&url, s, json_get(stream, STR("get")), true, e) == -1)
        return -1;
    if (url.p == NULL)
        return 0;
    f->url = url_begins(url)
                 ? url
                 : arena_printf(&s->arena, "%.*s%.*s", (int)s->base.n, s->base.p, (int)url.n, url.p);
    if (f->url.p == NULL)
        return err_memory(e);
    if (!files_scheme(f->url))
        return 0;
    return files_account(&f->account, s, e) == 0 &&
                   fill(&f->take, s, json_get(stream, STR("take")), false, e) == 0
               ? 1
               : -1;
}
