/*
 * Codes that stand in public lists.
 */
#include "base/ascii.h"
#include "canon/codec_family.h"
#include "canon/forms.h"
#include "canon/iso.h"

static struct str string_of(const char *code, const char *what, const struct json_node *in,
                            struct codec_run *run)
{
    if (in->type == JSON_STRING)
        return codec_text(run, code, what, in);
    codec_refuse(run, code, what, in);
    return (struct str){0};
}

/* Two letters, three letters, or the English name. */
const struct json_node *country_both(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    struct str text = string_of("country", "a country", in, run);
    if (text.p == NULL || iso_is_country(text))
        return text.p != NULL ? in : NULL;
    struct str code = iso_country_find(text);
    return code.p != NULL ? codec_clean(run, code)
                          : codec_refuse(run, "country", "a country of ISO 3166-1", in);
}

const struct json_node *currency_both(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run)
{
    (void)use;
    struct str text = string_of("currency", "a currency", in, run);
    if (text.p == NULL || iso_is_currency(text))
        return text.p != NULL ? in : NULL;
    char *upper = arena_raw(run->arena, 3);
    if (upper == NULL)
        return codec_memory(run);
    for (size_t i = 0; i < 3 && text.n == 3; i++)
        upper[i] = (char)(ascii_is_small(text.p[i]) ? text.p[i] & ~0x20 : text.p[i]);
    if (text.n != 3 || !iso_is_currency((struct str){upper, 3}))
        return codec_refuse(run, "currency", "a currency of ISO 4217", in);
    return codec_clean(run, (struct str){upper, 3});
}

const struct json_node *gtin_both(const struct codec_use *use, const struct json_node *in,
                                  struct codec_run *run)
{
    (void)use;
    struct str text = string_of("gtin", "a GTIN", in, run);
    if (text.p == NULL || form_is_gtin(text))
        return text.p != NULL ? in : NULL;
    return codec_refuse(run, "gtin", "a GTIN of 8, 12, 13 or 14 digits with its check digit", in);
}

/* An international number with what people write between its digits; "00" is not taken for "+", since it is
 * so in some countries only. */
static struct str without_separators(struct str text, struct arena *a)
{
    char *out = arena_raw(a, text.n);
    size_t n = 0;
    for (size_t i = 0; out != NULL && i < text.n; i++)
        if (memchr(" -.()/", text.p[i], 6) == NULL)
            out[n++] = text.p[i];
    return (struct str){out, n};
}

const struct json_node *phone_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    struct str text = string_of("phone", "a telephone number", in, run);
    if (text.p == NULL || form_is_phone(text))
        return text.p != NULL ? in : NULL;
    struct str digits = without_separators(text, run->arena);
    if (digits.p == NULL)
        return codec_memory(run);
    if (!form_is_phone(digits))
        return codec_refuse(run, "phone", "an international telephone number (like +1 416 555 0123)", in);
    return codec_clean(run, digits);
}
