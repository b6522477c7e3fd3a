#include "base/ascii.h"
#include "base/decimal.h"
#include "base/limbs.h"
#include "base/words.h"

enum { SMALL_DIGITS = 18, SMALL_TEXT = SMALL_DIGITS + 3 /* the sign, a zero and the point of "-0.…" */ };

/* The parts of a number as it is written. */
struct parts {
    struct str whole, fraction; /* digits */
    int64_t exponent;
    uint64_t value; /* of all digits in a row, right where they are SMALL_DIGITS or less */
    bool negative;
};

static const char *scan_digits(const char *p, const char *end, struct str *digits, uint64_t *value)
{
    const char *start = p;
    uint64_t v = *value;
    for (; p < end && ascii_is_digit(*p); p++)
        v = v * 10 + (uint64_t)(*p - '0');
    *digits = (struct str){start, (size_t)(p - start)};
    *value = v;
    return p;
}

/* Behind the "e". An exponent beyond all that can be kept stands still at a value that is refused as well. */
static const char *scan_exponent(const char *p, const char *end, int64_t *exponent)
{
    const int64_t most = INT64_C(1) << 40;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return NULL;
    int64_t v = 0;
    for (; p < end && ascii_is_digit(*p); p++)
        v = v < most ? v * 10 + (*p - '0') : most;
    *exponent = negative ? -v : v;
    return p;
}

static bool scan(struct parts *n, struct str text)
{
    const char *p = text.p, *end = p + text.n;
    *n = (struct parts){.fraction = STR(""), .negative = text.n > 0 && *p == '-'};
    p = scan_digits(p + n->negative, end, &n->whole, &n->value);
    if (n->whole.n == 0)
        return false;
    if (p < end && *p == '.') {
        p = scan_digits(p + 1, end, &n->fraction, &n->value);
        if (n->fraction.n == 0)
            return false;
    }
    if (p < end && (*p == 'e' || *p == 'E'))
        p = scan_exponent(p + 1, end, &n->exponent);
    return p == end;
}

static struct str without_leading_zeros(struct str digits)
{
    size_t zeros = 0;
    while (zeros < digits.n && digits.p[zeros] == '0')
        zeros++;
    return str_slice(digits, zeros, digits.n);
}

/* Puts digits into limbs from the top down; LEFT is how many digits are still to come, these included. */
static size_t fill(uint32_t *limbs, size_t left, struct str digits)
{
    for (size_t i = 0; i < digits.n; i++) {
        size_t limb = --left / LIMB_DIGITS;
        limbs[limb] = limbs[limb] * 10 + (uint32_t)(digits.p[i] - '0');
    }
    return left;
}

static bool parse_long(struct decimal *d, const struct parts *n, struct arena *a)
{
    struct str whole = without_leading_zeros(n->whole);
    struct str fraction = whole.n > 0 ? n->fraction : without_leading_zeros(n->fraction);
    size_t count = whole.n + fraction.n;
    int64_t places = (int64_t)n->fraction.n - n->exponent;
    int64_t lift = places < 0 ? -places : 0;
    if (places > DECIMAL_MOST || count > DECIMAL_MOST)
        return false;
    *d = (struct decimal){.scale = places > 0 ? (uint32_t)places : 0, .negative = n->negative && count > 0};
    if (count == 0)
        return true;
    if ((int64_t)count + lift > DECIMAL_MOST)
        return false;
    size_t total = count + (size_t)lift, limbs = (total + LIMB_DIGITS - 1) / LIMB_DIGITS;
    uint32_t few[2] = {0};
    uint32_t *p = limbs <= 2 ? few : arena_array(a, limbs, sizeof *p);
    if (p == NULL)
        return false;
    size_t left = fill(p, fill(p, total, whole), fraction);
    /* What the exponent appends: the limb that is begun is shifted, those below are zero. */
    p[left / LIMB_DIGITS] *= limb_power[left % LIMB_DIGITS];
    if (limbs <= 2) {
        d->small = (uint64_t)few[1] * LIMB_BASE + few[0];
    } else {
        d->limbs = p;
        d->nlimbs = (uint32_t)limbs;
    }
    return true;
}

/* Most numbers that there are: at most eight bytes, digits and among them a point or none. */
struct few {
    uint64_t digits; /* the value of each, the first in the lowest byte; the point is left out */
    unsigned count, places;
};

/* False: TEXT is something else. */
static inline bool scan_few(struct few *f, struct str text)
{
    if (text.n - 1 >= sizeof(uint64_t))
        return false;
    const uint64_t all = UINT64_MAX >> (8 - text.n) * 8;
    uint64_t digits = word_front(text.p, text.n) ^ WORD_ONES * '0';
    /* The marks of bytes above 9. */
    uint64_t others = (((digits & ~WORD_HIGHS) + WORD_ONES * (0x7F - 9)) | digits) & WORD_HIGHS & all;
    *f = (struct few){digits & all, (unsigned)text.n, 0};
    if (others == 0)
        return true;
    size_t point = word_first(others);
    if ((others & (others - 1)) != 0 || text.p[point] != '.' || point == 0 || point + 1 == text.n)
        return false;
    uint64_t whole = (UINT64_C(1) << point * 8) - 1;
    f->digits = (f->digits & whole) | (f->digits >> 8 & ~whole);
    f->count--;
    f->places = (unsigned)(text.n - point - 1);
    return true;
}

/* Neighbours are joined: digits to pairs, pairs to fours, those to the whole. */
static inline uint64_t value_of_few(const struct few *f)
{
    uint64_t v = f->digits << (8 - f->count) * 8;
    v = (v * 10 + (v >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    v = (v * 100 + (v >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (v * 10000 + (v >> 32)) & UINT64_C(0xFFFFFFFF);
}

bool decimal_amount(int64_t *amount, unsigned *places, struct str text)
{
    struct parts n;
    struct few few;
    if (LIKELY(scan_few(&few, text))) {
        *amount = (int64_t)value_of_few(&few);
        *places = few.places;
        return true;
    }
    if (!scan(&n, text) || n.whole.n + n.fraction.n > SMALL_DIGITS || n.exponent != 0)
        return false;
    *amount = n.negative ? -(int64_t)n.value : (int64_t)n.value;
    *places = (unsigned)n.fraction.n;
    return true;
}

bool decimal_parse(struct decimal *d, struct str text, struct arena *a)
{
    struct parts n;
    int64_t amount;
    unsigned places;
    if (LIKELY(decimal_amount(&amount, &places, text))) {
        *d = (struct decimal){
            .small = (uint64_t)(amount < 0 ? -amount : amount), .scale = places, .negative = amount < 0};
        return true;
    }
    return scan(&n, text) && parse_long(d, &n, a);
}

static struct str text_small(uint64_t value, uint32_t scale, uint32_t pad, bool negative, struct arena *a)
{
    char *room = arena_raw(a, SMALL_TEXT);
    if (room == NULL)
        return (struct str){0};
    char *end = room + SMALL_TEXT, *p = end;
    for (; pad > 0; pad--)
        *--p = '0';
    for (uint32_t i = 0; i < scale; i++, value /= 10)
        *--p = (char)('0' + value % 10);
    if (p < end)
        *--p = '.';
    do
        *--p = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    if (negative)
        *--p = '-';
    return (struct str){p, (size_t)(end - p)};
}

/* All digits first, at least one of them before the point; then the point is put in. */
static struct str text_long(const struct decimal *d, uint32_t places, struct arena *a)
{
    uint32_t few[2];
    struct limbs c = d->nlimbs != 0 ? (struct limbs){d->limbs, d->nlimbs} : limbs_of(d->small, few);
    size_t width = limbs_digits(c), pad = places > d->scale ? places - d->scale : 0;
    if (width <= d->scale)
        width = (size_t)d->scale + 1;
    char *room = arena_raw(a, width + pad + 2);
    if (room == NULL)
        return (struct str){0};
    char *p = room;
    if (d->negative)
        *p++ = '-';
    size_t whole = width - d->scale;
    limbs_text(p + 1, width, c);
    memmove(p, p + 1, whole);
    if (places == 0)
        return (struct str){room, (size_t)(p - room) + whole};
    p[whole] = '.';
    memset(p + 1 + width, '0', pad);
    return (struct str){room, (size_t)(p - room) + whole + 1 + places};
}

struct str decimal_text(const struct decimal *d, int places, struct arena *a)
{
    uint32_t want = d->scale;
    if (places != DECIMAL_KEEP && (places < 0 || (uint32_t)places != want)) {
        want = decimal_places(d);
        if (places >= 0 && (uint32_t)places > want)
            want = (uint32_t)places;
    }
    uint32_t widest = want > d->scale ? want : d->scale;
    if (d->nlimbs != 0 || widest > SMALL_DIGITS)
        return text_long(d, want, a);
    uint64_t value = d->small;
    uint32_t scale = d->scale;
    for (; scale > want; scale--)
        value /= 10;
    return text_small(value, scale, want - scale, d->negative, a);
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && ascii_is_digit(*p))
        p++;
    return p;
}

static bool is_zero(const char *p, const char *end)
{
    while (p < end && (*p == '0' || *p == '.'))
        p++;
    return p == end;
}

bool decimal_is_plain(struct str text, unsigned *places)
{
    struct few few;
    if (LIKELY(scan_few(&few, text))) {
        *places = few.places;
        return text.p[0] != '0' || few.count == few.places + 1;
    }
    const char *end = text.p + text.n;
    bool negative = text.n > 0 && text.p[0] == '-';
    const char *whole = text.p + negative, *point = skip_digits(whole, end);
    if (point == whole || (*whole == '0' && point - whole > 1))
        return false;
    *places = point < end ? (unsigned)(end - point) - 1 : 0;
    if (point < end && (*point != '.' || *places == 0 || skip_digits(point + 1, end) != end))
        return false;
    return !(negative && is_zero(whole, end));
}

bool decimal_is_canonical(struct str text)
{
    unsigned places;
    return decimal_is_plain(text, &places) && (places == 0 || text.p[text.n - 1] != '0');
}

bool decimal_is_money(struct str text, unsigned exponent)
{
    unsigned places;
    return decimal_is_plain(text, &places) && places == exponent;
}
