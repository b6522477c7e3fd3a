#include "io/transfer_parts.h"

#ifdef SONAME_LIBCURL

static size_t give(char *p, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct str bytes = str_slice(t->from, 0, size * n);
    if (bytes.n > 0)
        memcpy(p, bytes.p, bytes.n);
    t->from = str_slice(t->from, bytes.n, t->from.n);
    return bytes.n;
}

int transfer_put(struct transfer *t, struct str url, struct str bytes, struct err *e)
{
    if (transfer_set_up(t, url, e) == -1)
        return -1;
    t->from = bytes;
    p_curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
    p_curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes.n);
    p_curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, give);
    p_curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
    CURLcode code = p_curl_easy_perform(t->easy);
    return code == CURLE_OK ? 0 : transfer_fail(t, code, e);
}

/* The path of NAME in the folder at hand, quoted as the commands of SFTP are; those of FTP stand in the
 * folder already. */
static void put_name(struct transfer *t, struct str name)
{
    if (!str_eq(t->parts.scheme, STR("sftp"))) {
        buf_put(&t->command, name);
        return;
    }
    buf_reset(&t->text);
    url_decode(&t->text, t->parts.path);
    struct str folder = buf_str(&t->text);
    if (str_starts(folder, STR("/~/"))) /* below where a login begins */
        folder = str_slice(folder, 3, folder.n);
    buf_byte(&t->command, '"');
    for (int part = 0; part < 2; part++) {
        struct str s = part == 0 ? folder : name;
        for (size_t i = 0; i < s.n; i++) {
            if (s.p[i] == '"' || s.p[i] == '\\')
                buf_byte(&t->command, '\\');
            buf_byte(&t->command, s.p[i]);
        }
    }
    buf_byte(&t->command, '"');
}

static void add_command(struct transfer *t, const char *word, struct str a, struct str b)
{
    buf_reset(&t->command);
    buf_printf(&t->command, "%s ", word);
    put_name(t, a);
    if (b.p != NULL) {
        buf_byte(&t->command, ' ');
        put_name(t, b);
    }
    buf_byte(&t->command, '\0');
    struct curl_slist *more = buf_ok(&t->command) ? p_curl_slist_append(t->commands, t->command.p) : NULL;
    if (more != NULL)
        t->commands = more;
    else
        t->command.failed = true;
}

/* The commands are done in the folder at hand. */
static int run_commands(struct transfer *t, struct err *e)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;
    p_curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    p_curl_easy_setopt(t->easy, CURLOPT_POSTQUOTE, t->commands);
    if (buf_ok(&t->command))
        code = p_curl_easy_perform(t->easy);
    p_curl_slist_free_all(t->commands);
    t->commands = NULL;
    p_curl_easy_reset(t->easy);
    return code == CURLE_OK ? 0 : transfer_fail(t, code, e);
}

/* No name may bring another command with it. */
static int check_name(struct str name, struct err *e)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ')
            return err_set(e, "io", "a name with a control character: %s", err_quote(name));
    return 0;
}

static int rename_to(struct transfer *t, struct str url, struct str from, struct str to, bool replace,
                     struct err *e)
{
    if (check_name(from, e) == -1 || check_name(to, e) == -1 || transfer_set_up(t, url, e) == -1)
        return -1;
    if (replace) /* with *, it may fail: nothing need be there */
        add_command(t, str_eq(t->parts.scheme, STR("sftp")) ? "*rm" : "*DELE", to, (struct str){0});
    if (str_eq(t->parts.scheme, STR("sftp"))) {
        add_command(t, "rename", from, to);
    } else {
        add_command(t, "RNFR", from, (struct str){0});
        add_command(t, "RNTO", to, (struct str){0});
    }
    return run_commands(t, e);
}

int transfer_rename(struct transfer *t, struct str url, struct str from, struct str to, struct err *e)
{
    return rename_to(t, url, from, to, false, e);
}

int transfer_replace(struct transfer *t, struct str url, struct str from, struct str to, struct err *e)
{
    return rename_to(t, url, from, to, true, e);
}

int transfer_make_folder(struct transfer *t, struct str url, struct str name, struct err *e)
{
    if (check_name(name, e) == -1 || transfer_set_up(t, url, e) == -1)
        return -1;
    add_command(t, str_eq(t->parts.scheme, STR("sftp")) ? "*mkdir" : "*MKD", name, (struct str){0});
    return run_commands(t, e);
}

#endif
