#include "source/layer.h"

enum { NAME_MOST = 1 << 20 };

/* ---- the start of the bytes ---- */

ssize_t head_read(void *arg, char *p, size_t n, struct err *e)
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

struct str head_str(const struct input_head *head)
{
    return (struct str){head->p + head->at, head->n - head->at};
}

/* A line that is whole is no start of an archive: what waits for more of a pipe that gives line by line would
 * keep its reader waiting. */
int head_fill(struct input_head *head, struct reader from, struct err *e)
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

void head_drop_bom(struct input_head *head)
{
    if (str_starts(head_str(head), STR("\xef\xbb\xbf")))
        head->at += 3;
}

/* ---- layers ---- */

int layer_open(struct layer *l, struct reader from, int fd, enum archive_kind kind, struct str name,
               struct unpack *unpack, struct err *e)
{
    *l = (struct layer){0};
    buf_init(&l->name, NAME_MOST);
    buf_put(&l->name, name);
    buf_byte(&l->name, '\0');
    if (!buf_ok(&l->name))
        err_memory(e);
    else if (kind == ARCHIVE_GZIP)
        l->gzip = gzip_reader_new(from, l->name.p, unpack, e);
    else
        l->archive = archive_reader_new(from, fd, kind, l->name.p, unpack, e);
    if (l->gzip != NULL || l->archive != NULL)
        return 0;
    layer_close(l);
    return -1;
}

void layer_close(struct layer *l)
{
    gzip_reader_free(l->gzip);
    archive_reader_free(l->archive);
    buf_release(&l->name);
    l->gzip = NULL;
    l->archive = NULL;
}

int layer_next(struct layer *l, struct archive_member *member, struct err *e)
{
    if (l->gzip == NULL)
        return archive_reader_next(l->archive, member, e);
    *member = (struct archive_member){.single = true};
    bool first = !l->given;
    l->given = true;
    return first;
}

struct reader layer_bytes(const struct layer *l)
{
    return l->gzip != NULL ? (struct reader){gzip_reader_read, l->gzip}
                           : (struct reader){archive_reader_read, l->archive};
}
