/*
 * Money as systems write it: a picture ("$1,234.50"), or whole minor units (1990 for 19.90).
 */
#include "base/ascii.h"
#include "base/decimal.h"

#include "canon/codec_family.h"
#include "canon/iso.h"

/* ---- amount ---- */

/* What stands around the number, and the marks in it. */
struct picture {
    struct str before, behind;
    struct str grouping; /* between groups of three digits; may be empty */
    struct str mark;     /* the decimal mark */
    uint32_t places;     /* digits behind it, at least */
};

struct amount {
    struct picture positive, negative;
};

/* A picture shows the number 1234.5: "1", a grouping mark or none, "234", the decimal mark, "5" and zeros. */
static bool picture_read(struct picture *out, struct str text)
{
    size_t first = 0, end = text.n;
    while (first < text.n && !ascii_is_digit(text.p[first]))
        first++;
    while (end > first && !ascii_is_digit(text.p[end - 1]))
        end--;
    struct str number = str_slice(text, first, end);
    size_t rest = str_search(number, STR("234"), 0);
    if (rest > number.n || rest == 0 || number.p[0] != '1')
        return false;
    size_t five = rest + 3;
    while (five < number.n && !ascii_is_digit(number.p[five]))
        five++;
    if (five == number.n || five == rest + 3 || number.p[five] != '5')
        return false;
    for (size_t i = five + 1; i < number.n; i++)
        if (number.p[i] != '0')
            return false;
    *out = (struct picture){
        .before = str_slice(text, 0, first),
        .behind = str_slice(text, end, text.n),
        .grouping = str_slice(number, 1, rest),
        .mark = str_slice(number, rest + 3, five),
        .places = (uint32_t)(number.n - five),
    };
    for (size_t i = 0; i < out->grouping.n; i++)
        if (ascii_is_digit(out->grouping.p[i]))
            return false;
    return !str_eq(out->grouping, out->mark);
}

static int bind_picture(struct picture *out, const struct codec_use *use, size_t i, struct arena *a,
                        struct err *e)
{
    if (!(use->literal >> i & 1) || !json_is(use->arg[i], JSON_STRING))
        return err_set(e, "config", "amount: argument %zu must be a text in quotes", i + 1);
    struct str text = json_string(use->arg[i], a);
    text = text.p != NULL ? arena_str(a, text) : text;
    if (text.p == NULL)
        return err_memory(e);
    if (!picture_read(out, text))
        return err_set(e, "config", "amount: no picture of the number 1234.5: %s", err_quote(text));
    return 0;
}

int amount_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    struct amount *amount = arena_alloc(a, sizeof *amount);
    if (amount == NULL)
        return err_memory(e);
    use->bound = amount;
    if (bind_picture(&amount->positive, use, 0, a, e) == -1)
        return -1;
    if (use->nargs > 1)
        return bind_picture(&amount->negative, use, 1, a, e);
    amount->negative = amount->positive;
    amount->negative.before =
        arena_printf(a, "-%.*s", (int)amount->positive.before.n, amount->positive.before.p);
    return amount->negative.before.p != NULL ? 0 : err_memory(e);
}

static size_t digits_at(struct str text, size_t from)
{
    size_t at = from;
    while (at < text.n && ascii_is_digit(text.p[at]))
        at++;
    return at - from;
}

/* Reads the number in TEXT by PICTURE into OUT (room for a sign and all of TEXT): digits, grouped by threes
 * or not at all, and a fraction or none. Bytes written; 0: it does not fit the picture. */
static size_t picture_match(const struct picture *picture, struct str text, char *out)
{
    if (!str_starts(text, picture->before) || !str_ends(text, picture->behind) ||
        text.n < picture->before.n + picture->behind.n)
        return 0;
    text = str_slice(text, picture->before.n, text.n - picture->behind.n);
    size_t n = digits_at(text, 0), at = n;
    if (n == 0)
        return 0;
    memcpy(out, text.p, n);
    bool grouped = picture->grouping.n > 0 && n <= 3;
    while (grouped && str_starts(str_slice(text, at, text.n), picture->grouping)) {
        at += picture->grouping.n;
        if (digits_at(text, at) != 3)
            return 0;
        memcpy(out + n, text.p + at, 3);
        n += 3;
        at += 3;
    }
    if (at == text.n)
        return n;
    if (!str_starts(str_slice(text, at, text.n), picture->mark))
        return 0;
    at += picture->mark.n;
    size_t fraction = digits_at(text, at);
    if (fraction == 0 || at + fraction != text.n)
        return 0;
    out[n++] = '.';
    memcpy(out + n, text.p + at, fraction);
    return n + fraction;
}

/* The decimal that TEXT shows, with a "-" at p[-1] where it is negative. */
static struct str amount_match(const struct amount *amount, struct str text, char *room)
{
    room[0] = '-';
    size_t n = picture_match(&amount->positive, text, room + 1);
    if (n > 0)
        return (struct str){room + 1, n};
    n = picture_match(&amount->negative, text, room + 1);
    if (n == 0 && text.n > 0 && text.p[0] == '-')
        n = picture_match(&amount->positive, str_slice(text, 1, text.n), room + 1);
    return n > 0 ? (struct str){room, n + 1} : (struct str){0};
}

const struct json_node *amount_decode(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run)
{
    struct str text = codec_text(run, "amount", "an amount", in);
    if (text.p == NULL)
        return NULL;
    char *room = arena_raw(run->arena, text.n + 2);
    if (room == NULL)
        return codec_memory(run);
    struct str found = amount_match(use->bound, text, room);
    if (found.p == NULL) {
        struct str like = codec_argument(use, 0, run);
        struct str what = arena_printf(run->arena, "an amount like %s", err_quote(like));
        return what.p != NULL ? codec_refuse(run, "amount", what.p, in) : codec_memory(run);
    }
    unsigned places;
    if (decimal_is_plain(found, &places))
        return codec_clean(run, found);
    struct decimal d;
    if (!decimal_parse(&d, found, run->arena))
        return codec_refuse(run, "amount", "an amount", in);
    return codec_write_decimal(&d, DECIMAL_KEEP, run);
}

static void put_grouped(struct buf *out, struct str digits, struct str grouping)
{
    size_t first = digits.n % 3 != 0 ? digits.n % 3 : 3;
    buf_put(out, str_slice(digits, 0, first));
    for (size_t i = first; i < digits.n; i += 3) {
        buf_put(out, grouping);
        buf_put(out, str_slice(digits, i, i + 3));
    }
}

/* All digits are written, also where the picture has fewer places: nothing is rounded. */
const struct json_node *amount_encode(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run)
{
    const struct amount *amount = use->bound;
    struct decimal d;
    if (!codec_read_decimal(&d, "amount", in, run))
        return NULL;
    const struct picture *picture = d.negative ? &amount->negative : &amount->positive;
    d.negative = false;
    uint32_t places = decimal_places(&d);
    struct str text =
        decimal_text(&d, (int)(places > picture->places ? places : picture->places), run->arena);
    if (text.p == NULL)
        return codec_memory(run);
    size_t point = str_find(text, '.');
    size_t most =
        picture->before.n + picture->behind.n + picture->mark.n + text.n + point / 3 * picture->grouping.n;
    struct buf out = {.p = arena_raw(run->arena, most), .cap = most, .max = most};
    if (out.p == NULL)
        return codec_memory(run);
    buf_put(&out, picture->before);
    put_grouped(&out, str_slice(text, 0, point), picture->grouping);
    buf_put(&out, picture->mark);
    buf_put(&out, str_slice(text, point + 1, text.n));
    buf_put(&out, picture->behind);
    return codec_string(run, buf_str(&out));
}

/* ---- minor ---- */

/* "ISK=2 UGX=2": systems that count a currency in other units than ISO 4217. The exponent that OVERRIDES say
 * of CODE; -1: nothing. */
static int overridden(struct str overrides, struct str code)
{
    for (size_t at = str_search(overrides, code, 0); at + 5 <= overrides.n;
         at = str_search(overrides, code, at + 1))
        if (overrides.p[at + 3] == '=')
            return overrides.p[at + 4] - '0';
    return -1;
}

static bool overrides_are_right(struct str text)
{
    for (size_t at = 0; at < text.n; at += 6) {
        struct str one = str_slice(text, at, at + 6);
        if (one.n < 5 || !iso_is_currency(str_slice(one, 0, 3)) || one.p[3] != '=' ||
            !ascii_is_digit(one.p[4]) || (one.n == 6 && one.p[5] != ' '))
            return false;
    }
    return true;
}

static int exponent_by(struct str overrides, struct str code)
{
    int exponent = iso_is_currency(code) ? overridden(overrides, code) : -1;
    return exponent != -1 ? exponent : currency_exponent(code);
}

/* What the literals say. */
struct minor {
    struct str overrides;
    int exponent; /* of a literal currency; -1: it is another one with each record */
};

static int bind_overrides(struct minor *minor, const struct codec_use *use, struct arena *a, struct err *e)
{
    if (use->nargs < 2)
        return 0;
    if (!(use->literal >> 1 & 1) || !json_is(use->arg[1], JSON_STRING))
        return err_set(e, "config", "minor: argument 2 must be a text like \"ISK=2 UGX=2\"");
    struct str text = json_string(use->arg[1], a);
    if (text.p == NULL || (minor->overrides = arena_str(a, text)).p == NULL)
        return err_memory(e);
    if (!overrides_are_right(text))
        return err_set(e, "config", "minor: not a list like \"ISK=2 UGX=2\": %s", err_quote(text));
    return 0;
}

int minor_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    struct minor *minor = arena_alloc(a, sizeof *minor);
    if (minor == NULL)
        return err_memory(e);
    minor->overrides = STR("");
    minor->exponent = -1;
    use->bound = minor;
    if (bind_overrides(minor, use, a, e) == -1 || codec_bind_text(use, 0, "no currency", e) == -1)
        return -1;
    if (!(use->literal & 1))
        return 0;
    struct str code = json_string(use->arg[0], a);
    minor->exponent = exponent_by(minor->overrides, code);
    if (minor->exponent == -1)
        return err_set(e, "config", "minor: not a currency of ISO 4217: %s", err_quote(code));
    return 0;
}

static int minor_exponent(const struct codec_use *use, const struct json_node *in, struct codec_run *run)
{
    const struct minor *minor = use->bound;
    if (minor->exponent != -1)
        return minor->exponent;
    struct str code = codec_argument(use, 0, run);
    if (code.p == NULL) {
        codec_refuse_as(run, "minor", "the currency is not known of the amount", in);
        return -1;
    }
    int exponent = exponent_by(minor->overrides, code);
    if (exponent == -1)
        err_set(run->err, "minor", "not a currency of ISO 4217: %s", err_quote(code));
    return exponent;
}

/* A whole number, "-"? and digits, with a point set before the last PLACES digits. */
static struct str with_point(struct str whole, size_t places, struct arena *a)
{
    size_t sign = whole.p[0] == '-';
    struct str digits = str_slice(whole, sign, whole.n);
    if (places == 0)
        return whole;
    size_t padding = digits.n <= places ? places + 1 - digits.n : 0;
    size_t integer = digits.n + padding - places;
    char *out = arena_raw(a, whole.n + padding + 1);
    if (out == NULL)
        return (struct str){0};
    out[0] = '-';
    char *all = out + sign;
    memset(all, '0', padding);
    memcpy(all + padding, digits.p, digits.n);
    memmove(all + integer + 1, all + integer, places);
    all[integer] = '.';
    return (struct str){out, whole.n + padding + 1};
}

const struct json_node *minor_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    struct str whole = codec_text(run, "minor", "a whole number of minor units", in);
    if (whole.p == NULL)
        return NULL;
    unsigned places;
    if (!decimal_is_plain(whole, &places) || places > 0)
        return codec_refuse(run, "minor", "a whole number of minor units", in);
    int exponent = minor_exponent(use, in, run);
    return exponent != -1 ? codec_clean(run, with_point(whole, (size_t)exponent, run->arena)) : NULL;
}

const struct json_node *minor_encode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    struct decimal d;
    if (!codec_read_decimal(&d, "minor", in, run))
        return NULL;
    int exponent = minor_exponent(use, in, run);
    if (exponent == -1)
        return NULL;
    if (decimal_places(&d) > (uint32_t)exponent)
        return codec_refuse(run, "minor", "a whole number of minor units", in);
    if (!decimal_shift(&d, &d, -exponent, run->arena))
        return codec_memory(run);
    return codec_number(run, decimal_text(&d, DECIMAL_SHORTEST, run->arena));
}
