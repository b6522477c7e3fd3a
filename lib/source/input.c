#include "source/input.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/url.h"
#include "base/utf8.h"
#include "io/transfer.h"

enum { NAME_MOST = 64 << 10 };

/* ---- the start of the bytes ---- */

static ssize_t head_read(void *arg, char *p, size_t n, struct err *e)
{
    struct input_head *head = arg;
    size_t left = head->n - head->at;
    if (left == 0)
        return head->from.read(head->from.arg, p, n, e);
    if (n > left)
        n = left;
    memcpy(p, head->p + head->at, n);
    head->at += n;
    return (ssize_t)n;
}

static struct str head_str(const struct input_head *head)
{
    return (struct str){head->p + head->at, head->n - head->at};
}

/* Reads as much as is needed to tell what it is. A line that is whole is no start of an archive: what waits
 * for more of a pipe that gives line by line would keep its reader waiting. */
static int head_fill(struct input_head *head, struct reader from, struct err *e)
{
    head->from = from;
    head->at = head->n = 0;
    while (head->n < sizeof head->p) {
        ssize_t got = from.read(from.arg, head->p + head->n, sizeof head->p - head->n, e);
        if (got == -1)
            return -1;
        head->n += (size_t)got;
        if (got == 0 ||
            (memchr(head->p, '\n', head->n) != NULL && archive_sniff(head_str(head)) == ARCHIVE_NONE))
            break;
    }
    return 0;
}

static void drop_bom(struct input_head *head)
{
    if (str_starts(head_str(head), STR("\xef\xbb\xbf")))
        head->at += 3;
}

/* ---- names ---- */

static struct str last_component(struct str path)
{
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/')
            return str_slice(path, i, path.n);
    return path;
}

/* File names are bytes; in a record there is room for UTF-8 only. */
static void put_name(struct buf *out, struct str name)
{
    while (name.n > 0) {
        size_t sound = utf8_check(name);
        buf_put(out, str_slice(name, 0, sound));
        if (sound < name.n)
            buf_put(out, STR("\xef\xbf\xbd"));
        name = str_slice(name, sound + 1, name.n);
    }
}

static bool ends_like(struct str name, struct str suffix)
{
    if (name.n < suffix.n)
        return false;
    for (size_t i = 0; i < suffix.n; i++)
        if ((name.p[name.n - suffix.n + i] | 0x20) != (suffix.p[i] | 0x20))
            return false;
    return true;
}

static struct str without_packing(struct str name)
{
    static const struct str suffixes[] = {{".gz", 3}, {".zst", 4}, {".xz", 3}, {".bz2", 4}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends_like(name, suffixes[i]) && name.n > suffixes[i].n)
            return str_slice(name, 0, name.n - suffixes[i].n);
    return name;
}

/* "PATH", or "PATH/MEMBER". */
static int set_name(struct input *in, struct str member, struct err *e)
{
    buf_reset(&in->names);
    put_name(&in->names, str_of(in->path.p));
    if (member.n > 0) {
        buf_byte(&in->names, '/');
        put_name(&in->names, member);
    }
    size_t n = in->names.n;
    buf_byte(&in->names, '\0');
    if (!buf_ok(&in->names))
        return err_memory(e);
    in->name = in->names.p;
    in->file = without_packing(last_component((struct str){in->names.p, n}));
    return 0;
}

/* ---- opening ---- */

static int open_archive(struct input *in, enum archive_kind kind, struct err *e)
{
    int seekable = in->fd.polls ? -1 : in->fd.fd;
    struct reader from = {head_read, &in->whole};
    in->archive = archive_reader_new(from, seekable, kind, in->path.p, e);
    return in->archive != NULL ? 0 : -1;
}

/* What is at the URL, whole, in a file without a name: nothing is read of what is cut off. */
static int fetch(struct input *in, struct str url, struct err *e)
{
    struct transfer_account account;
    transfer_account_of_environment(&account);
    if (transfer_check(url, e) == -1 ||
        (in->options.idle != NULL && in->options.idle(in->options.idle_arg, e) == -1))
        return -1;
    struct transfer *own = in->options.transfer == NULL ? transfer_new(&account, e) : NULL;
    struct transfer *t = in->options.transfer != NULL ? in->options.transfer : own;
    in->fd.fd = t != NULL ? file_unlinked(e) : -1;
    int done = in->fd.fd != -1 ? transfer_fetch(t, url, in->fd.fd, e) : -1;
    if (done == 0 && lseek(in->fd.fd, 0, SEEK_SET) == -1)
        done = err_errno(e, "cannot be spooled");
    transfer_free(own);
    return done;
}

static int open_fd(struct input *in, const char *path, struct err *e)
{
    struct url url;
    if (url_begins(str_of(path))) {
        if (fetch(in, str_of(path), e) == -1 || !url_parse(&url, str_of(path)))
            return -1;
        url_decode(&in->path, last_component(url.path));
    } else {
        in->fd.fd = file_open(path, e);
        if (in->fd.fd == -1)
            return -1;
        buf_put(&in->path, strcmp(path, "-") == 0 ? STR("stdin") : last_component(str_of(path)));
    }
    in->fd.polls = fd_blocks(in->fd.fd);
    buf_byte(&in->path, '\0');
    return buf_ok(&in->path) ? 0 : err_memory(e);
}

static int open_path(struct input *in, const char *path, struct err *e)
{
    if (open_fd(in, path, e) == -1 || set_name(in, STR(""), e) == -1 ||
        head_fill(&in->whole, (struct reader){fd_reader_read, &in->fd}, e) == -1)
        return -1;
    enum archive_kind kind = archive_sniff(head_str(&in->whole));
    if (kind != ARCHIVE_NONE)
        return open_archive(in, kind, e);
    drop_bom(&in->whole);
    return 0;
}

int input_open(struct input *in, const char *path, const struct input_options *options, struct err *e)
{
    *in = (struct input){.options = *options,
                         .fd = {.fd = -1, .idle = options->idle, .idle_arg = options->idle_arg}};
    buf_init(&in->path, NAME_MOST);
    buf_init(&in->names, NAME_MOST);
    if (open_path(in, path, e) == 0)
        return 0;
    if (e->place[0] == '\0' && !url_begins(str_of(path))) /* a URL may hold what nobody may see */
        err_place(e, "%s", path);
    input_close(in);
    return -1;
}

void input_close(struct input *in)
{
    archive_reader_free(in->archive);
    if (in->fd.fd != -1)
        close(in->fd.fd);
    buf_release(&in->path);
    buf_release(&in->names);
    *in = (struct input){.fd = {.fd = -1}};
}

/* ---- members ---- */

/* What file managers leave in archives: "__MACOSX/._orders.csv", ".DS_Store". */
static bool is_hidden(struct str name)
{
    return str_starts(last_component(name), STR(".")) || str_starts(name, STR("__MACOSX/"));
}

static bool is_wanted(const struct input *in, const struct archive_member *member)
{
    if (member->single)
        return true;
    if (in->options.members == NULL)
        return !is_hidden(member->name);
    /* Names that libarchive gives end with a NUL. */
    return fnmatch(in->options.members, member->name.p, 0) == 0 ||
           fnmatch(in->options.members, last_component(member->name).p, 0) == 0;
}

static int none_wanted(struct input *in, struct err *e)
{
    if (set_name(in, STR(""), e) == -1)
        return -1;
    if (in->options.members != NULL)
        err_set(e, "usage", "no member is like %s", err_quote(str_of(in->options.members)));
    else
        err_set(e, "archive", "holds no files");
    err_place(e, "%s", in->name);
    return -1;
}

static int open_member(struct input *in, const struct archive_member *member, struct err *e)
{
    if (set_name(in, member->single ? STR("") : member->name, e) == -1 ||
        head_fill(&in->member, (struct reader){archive_reader_read, in->archive}, e) == -1)
        return -1;
    if (archive_sniff(head_str(&in->member)) != ARCHIVE_NONE) {
        err_set(e, "archive", "an archive or compressed file inside another one: unpack the outer one first");
        err_place(e, "%s", in->name);
        return -1;
    }
    drop_bom(&in->member);
    in->bytes = (struct reader){head_read, &in->member};
    in->given++;
    return 1;
}

int input_next(struct input *in, struct err *e)
{
    if (in->archive == NULL) {
        in->bytes = (struct reader){head_read, &in->whole};
        return in->given++ == 0 ? 1 : 0;
    }
    struct archive_member member;
    int got;
    while ((got = archive_reader_next(in->archive, &member, e)) > 0)
        if (is_wanted(in, &member))
            return open_member(in, &member, e);
    if (got == 0 && in->given == 0)
        return none_wanted(in, e);
    return got;
}
