#include "source/input.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/url.h"
#include "base/utf8.h"
#include "io/transfer.h"

enum { NAME_MOST = 64 << 10, NAME_SHORT = 4096 };

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

/* Whether a member by its name may hold others. */
static bool may_hold_members(struct str name)
{
    static const struct str suffixes[] = {{".zip", 4}, {".7z", 3},  {".tar", 4}, {".tgz", 4},
                                          {".txz", 4}, {".tbz", 4}, {".tzst", 5}};
    name = without_packing(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends_like(name, suffixes[i]))
            return true;
    return false;
}

/* "PATH", or "PATH/MEMBER". PATH is not what `names` holds. */
static int name_member(struct input *in, struct str path, struct str member, struct err *e)
{
    buf_reset(&in->names);
    put_name(&in->names, path);
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

static int push(struct input *in, struct reader from, int fd, enum archive_kind kind, struct err *e)
{
    if (in->depth == INPUT_LAYERS) {
        err_set(e, "archive", "archives and compressed files one in the other, more than %d deep",
                INPUT_LAYERS);
        err_place(e, "%s", in->name);
        return -1;
    }
    if (layer_open(&in->layer[in->depth], from, fd, kind, str_of(in->name), &in->unpack, e) == -1)
        return -1;
    in->depth++;
    return 0;
}

static int open_archive(struct input *in, enum archive_kind kind, struct err *e)
{
    struct reader from = {head_read, &in->whole};
    if (push(in, from, in->fd.polls ? -1 : in->fd.fd, kind, e) == -1)
        return -1;
    in->is_packed = in->layer[0].is_wanted = true;
    return 0;
}

/* The bytes of the file itself. */
static ssize_t read_file(void *arg, char *p, size_t n, struct err *e)
{
    struct input *in = arg;
    ssize_t got = fd_reader_read(&in->fd, p, n, e);
    if (in->fd.bytes > in->unpack.packed)
        in->unpack.packed = in->fd.bytes;
    return got;
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
    struct stat st;
    in->fd.polls = fd_blocks(in->fd.fd);
    if (!in->fd.polls && fstat(in->fd.fd, &st) == 0 && st.st_size > 0)
        in->unpack.packed = (uint64_t)st.st_size;
    buf_byte(&in->path, '\0');
    return buf_ok(&in->path) ? 0 : err_memory(e);
}

static int open_path(struct input *in, const char *path, struct err *e)
{
    if (open_fd(in, path, e) == -1 || name_member(in, str_of(in->path.p), STR(""), e) == -1 ||
        head_fill(&in->whole, (struct reader){read_file, in}, e) == -1)
        return -1;
    enum archive_kind kind = archive_sniff(head_str(&in->whole));
    return kind != ARCHIVE_NONE ? open_archive(in, kind, e) : 0;
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
    while (in->depth > 0)
        layer_close(&in->layer[--in->depth]);
    if (in->fd.fd != -1)
        close(in->fd.fd);
    decoder_free(in->decoder);
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

static bool is_like(const struct input *in, struct str name)
{
    char text[NAME_SHORT];
    if (name.n >= sizeof text)
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    return fnmatch(in->options.members, text, 0) == 0;
}

/* By its path or name, also without .gz and the like. */
static bool is_wanted(const struct input *in, const struct layer *l, const struct archive_member *member)
{
    struct str name = member->name, last = last_component(name);
    if (member->single)
        return l->is_wanted;
    if (in->options.members == NULL || l->all)
        return !is_hidden(name);
    return is_like(in, name) || is_like(in, last) || is_like(in, without_packing(name)) ||
           is_like(in, without_packing(last));
}

static int none_wanted(struct input *in, struct err *e)
{
    if (name_member(in, str_of(in->path.p), STR(""), e) == -1)
        return -1;
    if (in->options.members != NULL)
        err_set(e, "usage", "no member is like %s", err_quote(str_of(in->options.members)));
    else
        err_set(e, "archive", "holds no files");
    err_place(e, "%s", in->name);
    return -1;
}

/* What is behind HEAD is given as UTF-8 from now on. */
static int open_text(struct input *in, struct input_head *head, struct err *e)
{
    size_t mark;
    struct str marked = encoding_of_mark(head_str(head), &mark);
    struct str encoding = in->options.encoding.p != NULL ? in->options.encoding : marked;
    decoder_free(in->decoder);
    in->decoder = NULL;
    in->bytes = (struct reader){head_read, head};
    if (encoding.p == NULL || encoding_is_utf8(encoding)) {
        head_drop_bom(head);
        return 0;
    }
    in->decoder = decoder_new(in->bytes, in->name, encoding, e);
    in->bytes = (struct reader){decoder_read, in->decoder};
    return in->decoder != NULL ? 0 : -1;
}

/* 1: it is open; 2: go on with what the top layer has next; -1. */
static int open_member(struct input *in, struct layer *l, const struct archive_member *member, struct err *e)
{
    bool wanted = is_wanted(in, l, member);
    if (!wanted && !member->single && !may_hold_members(member->name))
        return 2;
    if (name_member(in, str_of(l->name.p), member->single ? STR("") : member->name, e) == -1 ||
        head_fill(&l->head, layer_bytes(l), e) == -1)
        return -1;
    enum archive_kind kind = archive_sniff(head_str(&l->head));
    if (kind != ARCHIVE_NONE) {
        if (push(in, (struct reader){head_read, &l->head}, -1, kind, e) == -1)
            return -1;
        l[1].is_wanted = wanted;
        l[1].all = member->single ? l->all : in->options.members != NULL && wanted;
        return 2;
    }
    if (!wanted)
        return 2;
    if (open_text(in, &l->head, e) == -1)
        return -1;
    in->given++;
    return 1;
}

int input_next(struct input *in, struct err *e)
{
    if (!in->is_packed) {
        if (in->given++ > 0)
            return 0;
        return open_text(in, &in->whole, e) == 0 ? 1 : -1;
    }
    while (in->depth > 0) {
        struct layer *top = &in->layer[in->depth - 1];
        struct archive_member member;
        int got = layer_next(top, &member, e);
        if (got == 1)
            got = open_member(in, top, &member, e);
        if (got == 0)
            layer_close(&in->layer[--in->depth]);
        if (got == 1 || got == -1)
            return got;
    }
    return in->given == 0 ? none_wanted(in, e) : 0;
}
