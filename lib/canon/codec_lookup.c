/*
 * Codes that stand in public lists.
 */
#include <stdint.h>

#include "base/ascii.h"
#include "canon/codec_family.h"
#include "canon/forms.h"
#include "canon/iso.h"
#include "canon/phone.h"

/* Two letters, three letters, or the English name. */
const struct json_node *country_both(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "country", "a country", in);
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
    struct str text = codec_text_only(run, "currency", "a currency", in);
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
    struct str text = codec_text_only(run, "gtin", "a GTIN", in);
    if (text.p == NULL || form_is_gtin(text))
        return text.p != NULL ? in : NULL;
    return codec_refuse(run, "gtin", "a GTIN of 8, 12, 13 or 14 digits with its check digit", in);
}

/* What people write between the digits of a number. */
static struct str without_separators(struct str text, struct arena *a)
{
    char *out = arena_raw(a, text.n);
    size_t n = 0;
    for (size_t i = 0; out != NULL && i < text.n; i++)
        if (memchr(" -.()/", text.p[i], 6) == NULL)
            out[n++] = text.p[i];
    return (struct str){out, n};
}

/* "+49 (0)30 …": the trunk prefix in brackets is not dialled from abroad. */
static struct str without_trunk(struct str text, struct arena *a)
{
    size_t at = str_search(text, STR("(0)"), 0);
    if (at >= text.n || text.p[0] != '+')
        return text;
    return arena_printf(a, "%.*s%.*s", (int)at, text.p, (int)(text.n - at - 3), text.p + at + 3);
}

int phone_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    if (codec_bind_text(use, 0, "no country", e) == -1)
        return -1;
    if (use->nargs == 0 || !(use->literal & 1))
        return 0;
    struct str country = json_string(use->arg[0], a);
    if (phone_plan_find(country) == NULL)
        return err_set(e, "config", "phone: not a country of ISO 3166-1 in two letters: %s",
                       err_quote(country));
    return 0;
}

/* The number as it is dialled in the country of the argument; .n 0: it is none there. */
static struct str dialled(const struct codec_use *use, struct str digits, struct codec_run *run)
{
    struct str country = codec_argument(use, 0, run);
    const struct phone_plan *plan = country.p != NULL ? phone_plan_find(country) : NULL;
    char *out = plan != NULL ? arena_raw(run->arena, PHONE_MOST) : NULL;
    for (size_t i = 0; out != NULL && i < digits.n; i++) {
        if (!ascii_is_digit(digits.p[i]))
            return (struct str){out, 0};
    }
    return (struct str){out, out != NULL ? phone_international(plan, digits, out) : 0};
}

const struct json_node *phone_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    struct str text = codec_text_only(run, "phone", "a telephone number", in);
    if (text.p == NULL || form_is_phone(text))
        return text.p != NULL ? in : NULL;
    struct str number = without_separators(without_trunk(text, run->arena), run->arena);
    if (number.p == NULL)
        return codec_memory(run);
    if (!form_is_phone(number))
        number = dialled(use, number, run);
    if (number.n == 0)
        return codec_refuse(run, "phone",
                            use->nargs > 0 ? "a telephone number of its country, nor an international one"
                                           : "an international telephone number (like +1 416 555 0123)",
                            in);
    return codec_clean(run, number);
}

/* ---- unit ---- */

/* The symbol comes first: SI Brochure §2 and §4, and what the avoirdupois pound and the foot are called. */
static const char *const weights[] = {"g gr gm gram grams gramme grammes",
                                      "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes",
                                      "oz ozs ounce ounces", "lb lbs pound pounds", NULL};
static const char *const lengths[] = {"mm millimeter millimeters millimetre millimetres",
                                      "cm centimeter centimeters centimetre centimetres",
                                      "m meter meters metre metres",
                                      "in inch inches",
                                      "ft foot feet",
                                      NULL};

int unit_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    if (!(use->literal & 1) || !json_is(use->arg[0], JSON_STRING))
        return err_set(e, "config", "unit: the kind is \"weight\" or \"length\"");
    struct str kind = json_string(use->arg[0], a);
    use->bound = (void *)(uintptr_t)(str_eq(kind, STR("weight"))   ? weights
                                     : str_eq(kind, STR("length")) ? lengths
                                                                   : NULL);
    return use->bound != NULL ? 0 : err_set(e, "config", "unit: the kind is \"weight\" or \"length\"");
}

/* Whether WORD, in any case, is one of the words of LINE. */
static bool is_called(struct str word, struct str line)
{
    while (line.n > 0) {
        size_t n = str_find(line, ' ');
        size_t same = 0;
        while (same < n && n == word.n && (word.p[same] | 0x20) == line.p[same])
            same++;
        if (n == word.n && same == n)
            return true;
        line = str_slice(line, n < line.n ? n + 1 : n, line.n);
    }
    return false;
}

const struct json_node *unit_both(const struct codec_use *use, const struct json_node *in,
                                  struct codec_run *run)
{
    struct str word = codec_text_only(run, "unit", "a unit", in);
    const char *const *lines = use->bound;
    for (; word.p != NULL && *lines != NULL; lines++) {
        struct str line = str_of(*lines);
        if (is_called(str_trim(word), line))
            return codec_clean(run, str_slice(line, 0, str_find(line, ' ')));
    }
    return word.p != NULL ? codec_refuse(run, "unit",
                                         use->bound == weights ? "a unit of weight" : "a unit of length", in)
                          : NULL;
}
