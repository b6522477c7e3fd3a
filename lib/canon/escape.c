#include "canon/escape.h"

/* The five characters that end a text or an attribute's value in HTML: &, <, >, and both quotes. An
 * attribute's value needs quotes around it; in scripts and styles no escape is enough. */
static const char *html_put(struct buf *out, struct str value, const struct escape_place *here)
{
    (void)here;
    size_t from = 0;
    for (size_t i = 0; i < value.n; i++) {
        struct str entity;
        switch (value.p[i]) {
        case '&': entity = STR("&amp;"); break;
        case '<': entity = STR("&lt;"); break;
        case '>': entity = STR("&gt;"); break;
        case '"': entity = STR("&quot;"); break;
        case '\'': entity = STR("&#39;"); break;
        default: continue;
        }
        buf_put(out, str_slice(value, from, i));
        buf_put(out, entity);
        from = i + 1;
    }
    buf_put(out, str_slice(value, from, value.n));
    return NULL;
}

static const char *plain_put(struct buf *out, struct str value, const struct escape_place *here)
{
    (void)here;
    buf_put(out, value);
    return NULL;
}

static const struct escape html = {.suffix = ".html", .put = html_put};
static const struct escape plain = {.suffix = ".txt", .put = plain_put};

static const struct escape *const escapes[] = {&escape_csv, &html, &escape_journal, &plain, &escape_zpl};
const char escape_suffixes[] = ".csv, .html, .journal, .txt and .zpl";

const struct escape *escape_find(struct str name)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (str_ends(name, str_of(escapes[i]->suffix)))
            return escapes[i];
    }
    return NULL;
}
