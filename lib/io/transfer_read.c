#include "io/transfer_parts.h"

#ifdef SONAME_LIBCURL

#include <unistd.h>

#include "io/http.h"

enum { REDIRECTS_MOST = 5 };

/* Where the answer leads elsewhere, into NEXT, which the URL at hand may stand in: 1; 0: it does not; -1. */
static int redirected(struct transfer *t, long status, struct buf *next, struct err *e)
{
    char *to = NULL;
    if (status < 300 || status > 399)
        return 0;
    p_curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
    if (to == NULL)
        return 0;
    if (!str_starts(str_of(to), STR("http")) || transfer_check(str_of(to), e) == -1) {
        transfer_place(t, e);
        return err_set(e, "io", "leads to %s, which is not read",
                       err_quote(str_slice(str_of(to), 0, str_find(str_of(to), '?'))));
    }
    buf_reset(next);
    buf_put(next, str_of(to));
    return buf_ok(next) ? 1 : err_memory(e);
}

static int restart(int fd, struct err *e)
{
    return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 ? 0 : err_errno(e, "cannot be spooled");
}

int transfer_fetch(struct transfer *t, struct str url, int fd, struct err *e)
{
    struct str at = url;
    struct buf next;
    int done = -1;
    buf_init(&next, TRANSFER_URL_MOST);
    for (unsigned redirects = 0;; redirects++) {
        long status = 0;
        bool at_home = redirects == 0 || http_same_origin(at, url);
        if (restart(fd, e) == -1 ||
            transfer_set_up_as(t, at, at_home ? transfer_user_of(t, url) : (struct str){0}, e) == -1)
            break;
        t->fd = fd;
        CURLcode code = p_curl_easy_perform(t->easy);
        if (code != CURLE_OK) {
            transfer_fail(t, code, e);
            break;
        }
        if (!transfer_is_http(t)) {
            done = 0;
            break;
        }
        p_curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
        int more = redirects < REDIRECTS_MOST ? redirected(t, status, &next, e) : 0;
        if (more == 0)
            done = transfer_check_status(t, status, e);
        if (more != 1)
            break;
        at = buf_str(&next);
    }
    buf_release(&next);
    return done;
}

static int list(struct transfer *t, struct str url, bool names_only, struct buf *out, struct err *e)
{
    if (transfer_set_up(t, url, e) == -1)
        return -1;
    t->into = out;
    p_curl_easy_setopt(t->easy, CURLOPT_DIRLISTONLY, names_only ? 1L : 0L);
    CURLcode code = p_curl_easy_perform(t->easy);
    return code == CURLE_OK ? 0 : transfer_fail(t, code, e);
}

/* Whether a line of LONG ("drwxr-xr-x … NAME") says that NAME is a folder. */
static bool is_folder(struct str lines, struct str name)
{
    while (lines.n > 0) {
        struct str line = str_slice(lines, 0, str_find(lines, '\n')), trimmed = str_trim(line);
        if (str_starts(trimmed, STR("d")) && trimmed.n > name.n && str_ends(trimmed, name) &&
            trimmed.p[trimmed.n - name.n - 1] == ' ')
            return true;
        lines = str_slice(lines, line.n + 1, lines.n);
    }
    return false;
}

int transfer_list(struct transfer *t, struct str url, struct buf *names, struct err *e)
{
    struct buf lines, all;
    buf_init(&lines, names->max);
    buf_init(&all, names->max);
    int done = list(t, url, false, &lines, e) == 0 ? list(t, url, true, &all, e) : -1;
    for (struct str rest = buf_str(&all); done == 0 && rest.n > 0;) {
        struct str line = str_slice(rest, 0, str_find(rest, '\n')), name = line;
        if (str_ends(name, STR("\r")))
            name.n--;
        for (size_t i = name.n; i > 0; i--) /* some FTP servers give paths */
            if (name.p[i - 1] == '/') {
                name = str_slice(name, i, name.n);
                break;
            }
        rest = str_slice(rest, line.n + 1, rest.n);
        if (name.n == 0 || is_folder(buf_str(&lines), name))
            continue;
        buf_put(names, name);
        buf_byte(names, '\n');
    }
    buf_release(&lines);
    buf_release(&all);
    return done == 0 && !buf_ok(names) ? err_memory(e) : done;
}

int transfer_look(struct transfer *t, struct str url, int64_t *size, int64_t *changed, struct err *e)
{
    curl_off_t n = -1, at = -1;
    long status = 200;
    if (transfer_set_up(t, url, e) == -1)
        return -1;
    p_curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    p_curl_easy_setopt(t->easy, CURLOPT_FILETIME, 1L);
    CURLcode code = p_curl_easy_perform(t->easy);
    p_curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    /* 550 of FTP: there is no such file or folder, or it may not be entered (RFC 959 §4.2). */
    bool no_folder = code == CURLE_REMOTE_ACCESS_DENIED && status == 550;
    if (code == CURLE_REMOTE_FILE_NOT_FOUND || code == CURLE_FTP_COULDNT_RETR_FILE || no_folder)
        return 0;
    if (code != CURLE_OK)
        return transfer_fail(t, code, e);
    if (!transfer_is_http(t))
        status = 200;
    if (status == 404 || status == 410)
        return 0;
    if (transfer_check_status(t, status, e) == -1)
        return -1;
    p_curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &n);
    p_curl_easy_getinfo(t->easy, CURLINFO_FILETIME_T, &at);
    *size = n;
    *changed = at;
    return 1;
}

#endif
