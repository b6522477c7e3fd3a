#include "canon/escape.h"

static const char *plain_put(struct buf *out, struct str value, const struct escape_place *here)
{
    (void)here;
    buf_put(out, value);
    return NULL;
}

static const struct escape plain = {.suffix = ".txt", .put = plain_put};

static const struct escape *const escapes[] = {&escape_csv, &escape_html, &escape_journal, &plain,
                                               &escape_zpl};
const char escape_suffixes[] = ".csv, .html, .journal, .txt and .zpl";

const struct escape *escape_find(struct str name)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (str_ends(name, str_of(escapes[i]->suffix)))
            return escapes[i];
    }
    return NULL;
}
