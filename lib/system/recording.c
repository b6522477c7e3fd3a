#include "system/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/utf8.h"

enum { FILE_MOST = 64 << 20, PATH_MOST = 4096 };

int recording_start(struct recording *r, const char *write, const char *read, struct err *e)
{
    *r = (struct recording){.write = write, .read = read};
    if (write == NULL || mkdir(write, 0700) == 0 || errno == EEXIST)
        return 0;
    err_errno(e, "cannot be made");
    err_place(e, "%s", write);
    return -1;
}

static int path_of(char *path, const char *folder, unsigned number, struct err *e)
{
    int n = snprintf(path, PATH_MOST, "%s/%04u.json", folder, number);
    return n > 0 && n < PATH_MOST ? 0 : err_set(e, "io", "the name of the folder is too long");
}

/* Where a URL leads on its host: what answers are compared by. */
static struct str local(struct str url)
{
    size_t scheme = str_search(url, STR("://"), 0);
    if (scheme >= url.n)
        return url;
    struct str rest = str_slice(url, scheme + 3, url.n);
    return str_slice(rest, str_find(rest, '/'), rest.n);
}

static void put_headers(struct buf *out, struct str headers)
{
    bool first = true;
    while (headers.n > 0) {
        struct str line = str_slice(headers, 0, str_find(headers, '\n'));
        headers = str_slice(headers, line.n + 1, headers.n);
        if (line.n >= 10 && strncasecmp(line.p, "set-cookie", 10) == 0)
            continue;
        buf_put(out, first ? STR("") : STR(","));
        json_write_string(out, line);
        first = false;
    }
}

/* What is no text, as a packed file, is none in which secrets could be found once it is written. */
static void put_bytes(struct buf *out, const struct secrets *secrets, struct str bytes)
{
    struct buf hidden;
    buf_init(&hidden, FILE_MOST);
    secrets_hide(secrets, &hidden, bytes);
    buf_put(out, STR(",\"base64\":\""));
    base64_encode(out, buf_str(&hidden));
    buf_byte(out, '"');
    if (!buf_ok(&hidden))
        out->failed = true;
    buf_release(&hidden);
}

static void put_body(struct buf *out, const struct secrets *secrets, struct str bytes,
                     const struct json_node *body)
{
    if (body == NULL && utf8_check(bytes) < bytes.n) {
        put_bytes(out, secrets, bytes);
        return;
    }
    buf_put(out, STR(",\"body\":"));
    if (body != NULL)
        json_write(out, body);
    else
        json_write_string(out, bytes);
}

static void write_answer(struct buf *out, const struct secrets *secrets, struct str method, struct str url,
                         const struct http_answer *a, const struct json_node *body)
{
    buf_put(out, STR("{\"method\":"));
    json_write_string(out, method);
    buf_put(out, STR(",\"url\":"));
    json_write_string(out, local(url));
    buf_printf(out, ",\"status\":%d,\"headers\":[", a->status);
    put_headers(out, buf_str(&a->headers));
    buf_byte(out, ']');
    put_body(out, secrets, a->body, body);
    buf_put(out, STR("}\n"));
}

int recording_put(struct recording *r, const struct secrets *secrets, struct str method, struct str url,
                  const struct http_answer *a, const struct json_node *body, struct err *e)
{
    char path[PATH_MOST];
    struct file_write w;
    struct buf text;
    if (r->write == NULL)
        return 0;
    if (path_of(path, r->write, ++r->written, e) == -1 || file_write_open(&w, path, 0600, e) == -1)
        return -1;
    buf_init(&text, FILE_MOST * 2);
    write_answer(&text, secrets, method, url, a, body);
    secrets_hide(secrets, &w.out.buf, buf_str(&text));
    bool ok = buf_ok(&text) && buf_ok(&w.out.buf);
    buf_release(&text);
    if (ok)
        return file_write_commit(&w, e);
    file_write_abort(&w);
    return err_memory(e);
}

/* False: there is none. */
static bool take_body(const struct json_node *root, struct buf *body, struct arena *arena)
{
    const struct json_node *given = json_get(root, STR("body")), *packed = json_get(root, STR("base64"));
    if (json_is(packed, JSON_STRING))
        return base64_decode(body, json_string(packed, arena));
    if (json_is(given, JSON_STRING))
        buf_put(body, json_string(given, arena));
    else if (given != NULL)
        json_write(body, given);
    return given != NULL;
}

static int take_answer(const struct json_node *root, struct http_answer *a, struct buf *body,
                       struct arena *arena)
{
    const struct json_node *headers = json_get(root, STR("headers"));
    const struct json_node *end = headers != NULL ? json_next(headers) : NULL;
    buf_reset(&a->headers);
    buf_reset(body);
    for (const struct json_node *one = headers != NULL ? headers + 1 : NULL; one < end;
         one = json_next(one)) {
        buf_put(&a->headers, json_string(one, arena));
        buf_byte(&a->headers, '\n');
    }
    bool given = take_body(root, body, arena);
    buf_grow(body, 1);
    a->body = body->p != NULL ? buf_str(body) : STR("");
    const struct json_node *status = json_get(root, STR("status"));
    a->failure = HTTP_ANSWERED;
    a->status = status != NULL ? (int)strtol(status->p, NULL, 10) : 0;
    return buf_ok(body) && buf_ok(&a->headers) && given && a->status > 0 ? 0 : -1;
}

int recording_get(struct recording *r, struct str method, struct str url, struct http_answer *a,
                  struct buf *body, struct err *e)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = FILE_MOST};
    char path[PATH_MOST];
    struct arena arena;
    struct json_tape tape;
    struct str text;
    if (path_of(path, r->read, ++r->played, e) == -1)
        return -1;
    arena_init(&arena, 4 * (size_t)FILE_MOST);
    json_tape_init(&tape);
    int done = file_read(&text, path, FILE_MOST, &arena, e);
    if (done == 0 && json_parse(&tape, text, &limits, NULL, e) == -1)
        done = -1;
    if (done == 0) {
        const struct json_node *m = json_get(tape.node, STR("method")), *u = json_get(tape.node, STR("url"));
        struct str said = json_is(u, JSON_STRING) ? json_string(u, &arena) : STR("");
        struct str asked = local(url);
        bool same =
            json_is(m, JSON_STRING) && json_string_is(m, method) &&
            str_eq(str_slice(said, 0, str_find(said, '?')), str_slice(asked, 0, str_find(asked, '?')));
        done = same ? take_answer(tape.node, a, body, &arena) : -1;
        if (!same)
            err_set(e, "config", "holds the answer to another call: %s, not %s", err_quote(said),
                    err_quote(asked));
        else if (done == -1)
            err_set(e, "config", "no recorded answer");
    }
    if (done == -1)
        err_place(e, "%s", path);
    json_tape_release(&tape);
    arena_release(&arena);
    return done;
}
