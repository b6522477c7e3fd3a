#include "sink/receipts.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"
#include "sink/format.h"

/* A receipt is kept as the lengths of its texts, then the texts. */
enum { TEXTS = 5, HEAD = TEXTS * sizeof(uint32_t) };
enum { MEMORY = 8 << 20, READ_STEP = 256 << 10, MOST = 512 << 20 };

void receipts_init(struct receipts *r, const char *target)
{
    *r = (struct receipts){.target = str_of(target), .fd = -1};
    buf_init(&r->buf, MOST);
    record_work_init(&r->work);
}

void receipts_release(struct receipts *r)
{
    if (r->fd != -1)
        close(r->fd);
    r->fd = -1;
    buf_release(&r->buf);
    record_work_release(&r->work);
}

int receipts_make(struct receipts *r, const struct record *of, struct record *receipt, struct err *e)
{
    const struct json_node *content = record_state(of);
    if (of->entity.p == NULL || of->id.p == NULL)
        return 0;
    *receipt = (struct record){.kind = RECORD_RECEIPT,
                               .entity = of->entity,
                               .id = of->id,
                               .source = of->source,
                               .target = r->target,
                               .op = of->op,
                               .version = of->version};
    if (of->op.p == NULL)
        receipt->op = content != NULL ? STR("upsert") : STR("delete");
    if (of->version.p != NULL)
        return 1;
    if (record_version(r->version, content, &r->work, e) == -1)
        return -1;
    receipt->version = str_of(r->version);
    return 1;
}

static void texts_of(struct str *texts[TEXTS], struct record *receipt)
{
    texts[0] = &receipt->entity;
    texts[1] = &receipt->id;
    texts[2] = &receipt->op;
    texts[3] = &receipt->source;
    texts[4] = &receipt->version;
}

static int spill(struct receipts *r, struct err *e)
{
    if (r->fd == -1 && (r->fd = file_unlinked(e)) == -1)
        return -1;
    if (write_all(r->fd, buf_str(&r->buf), e) == -1)
        return -1;
    buf_reset(&r->buf);
    return 0;
}

int receipts_add(struct receipts *r, const struct record *of, struct err *e)
{
    struct record receipt;
    struct str *texts[TEXTS];
    int made = receipts_make(r, of, &receipt, e);
    if (made < 1)
        return made;
    texts_of(texts, &receipt);
    for (size_t i = 0; i < TEXTS; i++) {
        uint32_t n = (uint32_t)texts[i]->n;
        char bytes[sizeof n];
        memcpy(bytes, &n, sizeof n);
        buf_put(&r->buf, (struct str){bytes, sizeof bytes});
    }
    for (size_t i = 0; i < TEXTS; i++)
        buf_put(&r->buf, *texts[i]);
    if (!buf_ok(&r->buf))
        return err_memory(e);
    return r->buf.n < MEMORY ? 0 : spill(r, e);
}

int receipts_rewind(struct receipts *r, struct err *e)
{
    r->at = 0;
    if (r->fd == -1)
        return 0;
    if (spill(r, e) == -1)
        return -1;
    return lseek(r->fd, 0, SEEK_SET) == 0 ? 0 : err_errno(e, "cannot read the receipts again");
}

/* N bytes at r->at: 1; 0: there are no more; -1. */
static int have(struct receipts *r, size_t n, struct err *e)
{
    while (r->buf.n - r->at < n && r->fd != -1) {
        if (r->at > 0) {
            memmove(r->buf.p, r->buf.p + r->at, r->buf.n - r->at);
            r->buf.n -= r->at;
            r->at = 0;
        }
        char *room = buf_room(&r->buf, READ_STEP);
        if (room == NULL)
            return err_memory(e);
        ssize_t got = read(r->fd, room, READ_STEP);
        if (got == -1 && errno != EINTR)
            return err_errno(e, "cannot read the receipts again");
        if (got == 0)
            break;
        r->buf.n += got > 0 ? (size_t)got : 0;
    }
    return r->buf.n - r->at >= n;
}

int receipts_next(struct receipts *r, struct str status, struct record *receipt, struct err *e)
{
    struct str *texts[TEXTS];
    uint32_t n[TEXTS];
    size_t all = 0;
    *receipt = (struct record){.kind = RECORD_RECEIPT, .target = r->target, .status = status};
    int got = have(r, HEAD, e);
    if (got < 1)
        return got;
    memcpy(n, r->buf.p + r->at, HEAD);
    for (size_t i = 0; i < TEXTS; i++)
        all += n[i];
    got = have(r, HEAD + all, e);
    if (got < 1)
        return got == -1 ? -1 : err_set(e, "io", "the file of the receipts ended early");
    const char *at = r->buf.p + r->at + HEAD;
    texts_of(texts, receipt);
    for (size_t i = 0; i < TEXTS; i++) {
        *texts[i] = (struct str){at, n[i]};
        at += n[i];
    }
    r->at += HEAD + all;
    return 1;
}
