#include "sink/filename.h"

#include "base/ascii.h"
#include "base/digest.h"

enum {
    NAME_BYTES = 200, /* without the suffix; names of files have up to 255 */
    TEXT_MOST = 64 << 20,
    SEEN_MOST = 1 << 30
};

void filename_init(struct filename *f, struct letters *letters, struct template *template, const char *suffix)
{
    *f = (struct filename){.letters = letters, .template = template, .suffix = suffix};
    buf_init(&f->path, TEXT_MOST);
    buf_init(&f->text, TEXT_MOST);
    record_work_init(&f->work);
    seen_init(&f->names, SEEN_MOST);
    seen_init(&f->owners, SEEN_MOST);
}

void filename_release(struct filename *f)
{
    buf_release(&f->path);
    buf_release(&f->text);
    record_work_release(&f->work);
    seen_release(&f->names);
    seen_release(&f->owners);
}

void filename_put_part(struct buf *out, struct str part, bool separated)
{
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool plain =
            ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == '-' || (c == '.' && !separated);
        if (plain)
            buf_byte(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

static int put_identity(struct filename *f, struct buf *out, const struct record *r, struct err *e)
{
    char version[65];
    filename_put_part(out, r->source, true);
    buf_byte(out, '.');
    if (r->stream.p != NULL) {
        filename_put_part(out, r->stream, true);
        buf_byte(out, '.');
    }
    if (r->entity.p != NULL) {
        filename_put_part(out, r->entity, true);
        buf_byte(out, '.');
    }
    if (r->id.p != NULL) {
        filename_put_part(out, r->id, false);
        return 0;
    }
    if (record_version(version, record_state(r), &f->work, e) == -1)
        return -1;
    buf_put(out, str_of(version));
    return 0;
}

/* The name behind START, where it is too long for a file, becomes its hash. */
static int shorten(struct buf *path, size_t start, struct err *e)
{
    char hash[65];
    if (!buf_ok(path) || path->n - start <= NAME_BYTES)
        return 0;
    if (digest_sha256(hash, str_slice(buf_str(path), start, path->n), e) == -1)
        return -1;
    path->n = start;
    buf_put(path, str_of(hash));
    return 0;
}

/* f->text holds a name that the template gave: its file would replace that of another record. */
static enum format_put check_owner(struct filename *f, const struct record *r, struct err *e)
{
    struct buf *text = &f->text;
    size_t n = text->n;
    int fresh = seen_add(&f->names, buf_str(text));
    buf_byte(text, '\0');
    if (put_identity(f, text, r, e) == -1)
        return FORMAT_FATAL;
    int own = buf_ok(text) ? seen_add(&f->owners, buf_str(text)) : -1;
    text->n = n;
    if (fresh == -1 || own == -1) {
        err_memory(e);
        return FORMAT_FATAL;
    }
    if (fresh == 1 || own == 0)
        return FORMAT_OK;
    err_set(e, "record", "another record of this run has the name %s already", err_quote(buf_str(text)));
    return FORMAT_REFUSED;
}

static enum format_put put_given(struct filename *f, const struct record *r, struct err *e)
{
    buf_reset(&f->text);
    switch (letters_write(f->letters, f->template, r, &f->text, e)) {
    case LETTER_WRONG: return FORMAT_FATAL;
    case LETTER_REFUSED: return FORMAT_REFUSED;
    case LETTER_NOTHING: err_set(e, "record", "its file would have no name"); return FORMAT_REFUSED;
    case LETTER_OK: break;
    }
    enum format_put done = check_owner(f, r, e);
    if (done != FORMAT_OK)
        return done;
    struct str name = buf_str(&f->text);
    filename_put_part(&f->path, str_slice(name, 0, 1), true); /* no file is hidden */
    filename_put_part(&f->path, str_slice(name, 1, name.n), false);
    return FORMAT_OK;
}

enum format_put filename_make(struct filename *f, const char *folder, const struct record *r, struct err *e)
{
    struct buf *path = &f->path;
    buf_reset(path);
    struct str above = str_of(folder);
    buf_put(path, above);
    if (!str_ends(above, STR("/")))
        buf_byte(path, '/');
    size_t start = path->n;
    enum format_put done = FORMAT_OK;
    if (f->template != NULL)
        done = put_given(f, r, e);
    else if (put_identity(f, path, r, e) == -1)
        done = FORMAT_FATAL;
    if (done != FORMAT_OK)
        return done;
    if (shorten(path, start, e) == -1)
        return FORMAT_FATAL;
    buf_printf(path, ".%s", f->suffix);
    buf_byte(path, '\0');
    if (buf_ok(path))
        return FORMAT_OK;
    err_memory(e);
    return FORMAT_FATAL;
}
