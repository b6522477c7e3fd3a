#include "canon/format.h"

#include "base/decimal.h"
#include "base/instant.h"
#include "canon/forms.h"
#include "canon/iso.h"

static const char *const names[] = {
    [FORMAT_NONE] = "none",           [FORMAT_DECIMAL] = "decimal", [FORMAT_MONEY] = "money",
    [FORMAT_CURRENCY] = "currency",   [FORMAT_COUNTRY] = "country", [FORMAT_PHONE] = "phone",
    [FORMAT_GTIN] = "gtin",           [FORMAT_EMAIL] = "email",     [FORMAT_DATE] = "date",
    [FORMAT_DATE_TIME] = "date-time", [FORMAT_URI] = "uri",
};

enum { RFC3339_MOST = 40 };

enum format format_find(struct str name)
{
    for (unsigned f = FORMAT_NONE + 1; f < sizeof names / sizeof names[0]; f++)
        if (str_eq(str_of(names[f]), name))
            return (enum format)f;
    return FORMAT_NONE;
}

const char *format_name(enum format f)
{
    return names[f];
}

static struct str refused(const char **why, const char *what)
{
    *why = what;
    return (struct str){0};
}

bool format_is_canonical(enum format f, struct str text, const struct format_money *money)
{
    bool capitals = false;
    switch (f) {
    case FORMAT_DECIMAL: return decimal_is_canonical(text);
    case FORMAT_MONEY: return money->exponent >= 0 && decimal_is_money(text, (unsigned)money->exponent);
    case FORMAT_CURRENCY: return iso_is_currency(text);
    case FORMAT_COUNTRY: return iso_is_country(text);
    case FORMAT_PHONE: return form_is_phone(text);
    case FORMAT_GTIN: return form_is_gtin(text);
    case FORMAT_EMAIL: return form_is_email(text, &capitals) && !capitals;
    case FORMAT_DATE: return date_is_canonical(text);
    case FORMAT_DATE_TIME: return instant_is_canonical(text);
    case FORMAT_URI: return form_is_uri(text);
    case FORMAT_NONE: break;
    }
    return true;
}

/* Only JSON numbers have exponents. */
static bool read_decimal(struct decimal *d, struct str text, struct arena *a)
{
    return str_find(text, 'e') == text.n && str_find(text, 'E') == text.n && decimal_parse(d, text, a);
}

static struct str decimal(struct str text, struct arena *a, const char **why)
{
    struct decimal d;
    if (!read_decimal(&d, text, a))
        return refused(why, "not a decimal");
    *why = NULL;
    return decimal_text(&d, DECIMAL_SHORTEST, a);
}

static struct str money(struct str text, const struct format_money *money, struct arena *a, const char **why)
{
    struct decimal d;
    if (money->exponent < 0)
        return refused(why, money->currency.p != NULL ? "an amount in a currency that ISO 4217 does not know"
                                                      : "an amount in a currency that is not said");
    if (!read_decimal(&d, text, a))
        return refused(why, "not a decimal");
    if (decimal_places(&d) <= (uint32_t)money->exponent) {
        *why = NULL;
        return decimal_text(&d, money->exponent, a);
    }
    struct str said = arena_printf(a, "more than the %d decimal places that %.*s has", money->exponent,
                                   (int)money->currency.n, money->currency.p);
    return refused(why, said.p);
}

static struct str email(struct str text, struct arena *a, const char **why)
{
    bool capitals;
    if (!form_is_email(text, &capitals))
        return refused(why, "not an e-mail address");
    *why = NULL;
    return form_lower_domain(text, a);
}

static struct str date_time(struct str text, struct arena *a, const char **why)
{
    struct instant t;
    struct str reason = STR("a blank stands in the place of T");
    bool blank = text.n > 10 && text.p[10] == ' ';
    if (blank || !instant_parse_rfc3339(&t, text, &reason))
        return refused(why, arena_printf(a, "not a time (RFC 3339: %s)", reason.p).p);
    struct buf out = {.p = arena_raw(a, RFC3339_MOST + BUF_PAD), .cap = RFC3339_MOST, .max = RFC3339_MOST};
    *why = NULL;
    if (out.p != NULL)
        instant_rfc3339(&t, &out);
    return out.p != NULL && buf_ok(&out) ? buf_str(&out) : (struct str){0};
}

struct str format_apply(enum format f, struct str text, const struct format_money *money_in, struct arena *a,
                        const char **why)
{
    if (format_is_canonical(f, text, money_in))
        return text;
    switch (f) {
    case FORMAT_DECIMAL: return decimal(text, a, why);
    case FORMAT_MONEY: return money(text, money_in, a, why);
    case FORMAT_CURRENCY: return refused(why, "not a currency of ISO 4217");
    case FORMAT_COUNTRY: return refused(why, "not a country of ISO 3166-1 in two letters");
    case FORMAT_PHONE: return refused(why, "not a telephone number of E.164 (like +14165550123)");
    case FORMAT_GTIN: return refused(why, "not a GTIN of 8, 12, 13 or 14 digits with its check digit");
    case FORMAT_EMAIL: return email(text, a, why);
    case FORMAT_DATE: return refused(why, "not a date (YYYY-MM-DD)");
    case FORMAT_DATE_TIME: return date_time(text, a, why);
    case FORMAT_URI: return refused(why, "not a URI");
    case FORMAT_NONE: break;
    }
    return text;
}
