#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "canon/codec.h"
#include "canon/forms.h"
#include "canon/iso.h"
#include "random.h"

enum { ROUNDS = 3000, TEXT_MOST = 4096 };

static struct arena arena;
static struct err error;
static struct codec_run run = {&arena, &error};
static int start(void **unused)
{
    (void)unused;
    random_seed(UINT64_C(0x9E3779B97F4A7C15));
    arena_init(&arena, 64 << 20);
    return 0;
}

static int stop(void **unused)
{
    (void)unused;
    arena_release(&arena);
    return 0;
}

/* A JSON text as nodes that live as long as the arena. */
static const struct json_node *value(const char *text)
{
    struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};
    struct json_tape tape;
    struct err e = {0};
    size_t n = strlen(text);
    char *padded = arena_alloc(&arena, n + JSON_PAD);
    memcpy(padded, text, n);
    json_tape_init(&tape);
    assert_int_equal(json_parse(&tape, (struct str){padded, n}, &limits, NULL, &e), 0);
    struct json_node *kept = arena_array(&arena, tape.n, sizeof *kept);
    memcpy(kept, tape.node, tape.n * sizeof *kept);
    json_tape_release(&tape);
    return kept;
}

static const char *text_of(const struct json_node *v)
{
    struct buf out;
    buf_init(&out, TEXT_MOST);
    json_write(&out, v);
    buf_byte(&out, '\0');
    assert_true(buf_ok(&out));
    const char *kept = arena_str(&arena, buf_str(&out)).p;
    buf_release(&out);
    return kept;
}

/* ARGS: a JSON list of literals, or NULL. */
static int bind_args(struct codec_use *use, const char *name, const char *args)
{
    const struct json_node *list = args != NULL ? value(args) : NULL;
    *use = (struct codec_use){.codec = codec_find(str_of(name))};
    assert_non_null(use->codec);
    if (list != NULL)
        for (const struct json_node *arg = list + 1; arg < list + list->span; arg++) {
            use->literal |= 1u << use->nargs;
            use->arg[use->nargs++] = arg;
        }
    error = (struct err){0};
    return use->codec->bind != NULL ? use->codec->bind(use, &arena, &error) : 0;
}

static struct codec_use codec(const char *name, const char *args)
{
    struct codec_use use;
    if (bind_args(&use, name, args) == -1)
        fail_msg("%s: %s", name, error.message);
    return use;
}

static const struct json_node *decode(const struct codec_use *use, const struct json_node *in)
{
    error = (struct err){0};
    const struct json_node *out = use->codec->decode(use, in, &run);
    if (out != NULL && out->type == JSON_STRING && use->codec->gives != FORMAT_NONE)
        assert_true(format_is_canonical(use->codec->gives, json_string(out, &arena), NULL));
    return out;
}

static const struct json_node *encode(const struct codec_use *use, const struct json_node *in)
{
    error = (struct err){0};
    return use->codec->encode(use, in, &run);
}

static void gives(const struct json_node *out, const char *in, const char *want)
{
    if (out == NULL)
        fail_msg("%s: refused: %s", in, error.message);
    assert_string_equal(text_of(out), want);
}

static void refused(const struct json_node *out, const char *in, const char *message)
{
    if (out != NULL)
        fail_msg("%s: taken as %s", in, text_of(out));
    assert_non_null(error.code);
    if (message != NULL)
        assert_string_equal(error.message, message);
}

#define DECODES(use, in, want)   gives(decode(&(use), value(in)), in, want)
#define ENCODES(use, in, want)   gives(encode(&(use), value(in)), in, want)
#define REFUSES(use, in, why)    refused(decode(&(use), value(in)), in, why)
#define WONT_WRITE(use, in, why) refused(encode(&(use), value(in)), in, why)

/* ---- laws ---- */

/* decode(encode(c)) is c again, for a canonical c. */
static void comes_back(const struct codec_use *use, const char *canonical)
{
    const struct json_node *native = encode(use, value(canonical));
    if (native == NULL)
        fail_msg("%s: %s: not written: %s", use->codec->name, canonical, error.message);
    const struct json_node *back = decode(use, native);
    if (back == NULL)
        fail_msg("%s: %s: written as %s, not read: %s", use->codec->name, canonical, text_of(native),
                 error.message);
    assert_string_equal(text_of(back), canonical);
}

/* encode(decode(x)) is x again, where the codec is exact, and decodes alike in any case. */
static void goes_and_returns(const struct codec_use *use, const char *native)
{
    const struct json_node *canonical = decode(use, value(native));
    if (canonical == NULL)
        fail_msg("%s: %s: %s", use->codec->name, native, error.message);
    const struct json_node *written = encode(use, canonical);
    if (written == NULL)
        fail_msg("%s: %s: not written: %s", use->codec->name, native, error.message);
    if (use->codec->is & CODEC_EXACT)
        assert_string_equal(text_of(written), native);
    const struct json_node *again = decode(use, written);
    assert_non_null(again);
    assert_string_equal(text_of(again), text_of(canonical));
}

/* "-1234.50": a sign, up to 24 digits, PLACES or fewer behind the point; no negative zero. */
static struct str some_decimal(char *out, size_t size, unsigned places)
{
    uint64_t whole = random_below(3) == 0 ? random_next() : random_below(100000);
    unsigned digits = random_below(places + 1);
    bool negative = whole > 0 && random_below(2) == 0;
    int n = snprintf(out, size, "%s%llu%s", negative ? "-" : "", (unsigned long long)whole,
                     digits > 0 ? "." : "");
    size_t at = (size_t)n;
    for (unsigned i = 0; i < digits; i++)
        out[at++] = (char)('0' + random_below(10));
    out[at] = '\0';
    return (struct str){out, at};
}

static const char *quoted(struct str text)
{
    return arena_printf(&arena, "\"%.*s\"", (int)text.n, text.p).p;
}

static void decimals_come_back(void **unused)
{
    (void)unused;
    struct codec_use number = codec("number", NULL), decimal = codec("decimal", NULL),
                     negate = codec("negate", NULL);
    for (int i = 0; i < ROUNDS; i++) {
        char text[64];
        struct str d = some_decimal(text, sizeof text, 6);
        comes_back(&number, quoted(d));
        comes_back(&decimal, quoted(d));
        comes_back(&negate, quoted(d));
        goes_and_returns(&number, d.p);
        goes_and_returns(&decimal, d.p);
    }
}

/* An amount is written with at least the places of its picture. */
static void amounts_come_back(void **unused)
{
    (void)unused;
    struct codec_use uses[] = {codec("amount", "[\"$1,234.5\",\"($1,234.5)\"]"),
                               codec("amount", "[\"1.234,5 €\"]"), codec("amount", "[\"1'234.5\"]"),
                               codec("amount", "[\"EUR 1234,5\"]")};
    for (int i = 0; i < ROUNDS; i++) {
        char text[64];
        struct str d = some_decimal(text, sizeof text, 6);
        size_t point = str_find(d, '.');
        if (point == d.n)
            d = arena_printf(&arena, "%s.0", d.p);
        while (d.n > point + 2 && d.p[d.n - 1] == '0')
            d.n--;
        for (size_t k = 0; k < sizeof uses / sizeof uses[0]; k++)
            comes_back(&uses[k], quoted(d));
    }
}

static void percents_come_back(void **unused)
{
    (void)unused;
    struct codec_use percent = codec("percent", NULL);
    DECODES(percent, "\"8.25\"", "\"0.0825\"");
    DECODES(percent, "19", "\"0.19\"");
    ENCODES(percent, "\"0.0825\"", "\"8.25\"");
    ENCODES(percent, "\"1\"", "\"100\"");
    REFUSES(percent, "\"8%\"", "not a decimal: \"8%\"");
    for (int i = 0; i < ROUNDS; i++) {
        char text[64];
        goes_and_returns(&percent, quoted(some_decimal(text, sizeof text, 4)));
    }
}

static void minor_units_come_back(void **unused)
{
    (void)unused;
    static const char *const currencies[] = {"[\"USD\"]", "[\"JPY\"]", "[\"KWD\"]", "[\"CLF\"]",
                                             "[\"ISK\",\"ISK=2 UGX=2\"]"};
    for (int i = 0; i < ROUNDS; i++) {
        struct codec_use minor = codec("minor", currencies[random_below(5)]);
        char text[64];
        goes_and_returns(&minor, some_decimal(text, sizeof text, 0).p);
        arena_reset(&arena);
    }
}

static void times_come_back(void **unused)
{
    (void)unused;
    struct codec_use uses[] = {codec("time", "[\"%Y-%m-%d %H:%M:%S %z\",\"America/New_York\"]"),
                               codec("time", "[\"%d %b %Y %I:%M:%S %p\"]"), codec("epoch", NULL),
                               codec("epoch_ms", NULL), codec("time", NULL)};
    for (int i = 0; i < ROUNDS; i++) {
        struct instant t = {(int64_t)(random_next() % UINT64_C(4102444800)), 0};
        struct buf out;
        buf_init(&out, 64);
        buf_byte(&out, '"');
        instant_rfc3339(&t, &out);
        buf_put(&out, STR("\""));
        buf_byte(&out, '\0');
        for (size_t k = 0; k < sizeof uses / sizeof uses[0]; k++)
            comes_back(&uses[k], out.p);
        buf_release(&out);
    }
}

static void dates_come_back(void **unused)
{
    (void)unused;
    struct codec_use uses[] = {codec("date", NULL), codec("date", "[\"%m/%d/%Y\"]"),
                               codec("date", "[\"%Y%m%d\"]"), codec("date", "[\"%e %B %Y\"]")};
    for (int i = 0; i < ROUNDS; i++) {
        struct civil day = {0};
        civil_of_days((int64_t)(random_next() % 3000000) - 600000, &day);
        char text[32];
        snprintf(text, sizeof text, "\"%04d-%02d-%02d\"", day.year, day.month, day.day);
        for (size_t k = 0; k < sizeof uses / sizeof uses[0]; k++)
            comes_back(&uses[k], text);
    }
}

/* Whatever list is written is read alike; a list that would not be is refused. */
static void lists_come_back(void **unused)
{
    (void)unused;
    static const char *const pieces[] = {"a", "b", ",", " ", ", ", "ü", "\\n", "\\\""};
    struct codec_use uses[] = {codec("split", "[\", \"]"), codec("split", "[\"aa\"]"),
                               codec("split", "[\",\"]")};
    unsigned written = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct buf list;
        buf_init(&list, TEXT_MOST);
        buf_byte(&list, '[');
        for (unsigned n = random_below(4), k = 0; k < n; k++) {
            buf_printf(&list, "%s\"", k > 0 ? "," : "");
            for (unsigned m = random_below(4); m > 0; m--)
                buf_put(&list, str_of(pieces[random_below(8)]));
            buf_byte(&list, '"');
        }
        buf_put(&list, STR("]"));
        buf_byte(&list, '\0');
        for (size_t k = 0; k < 3; k++) {
            const struct json_node *in = value(list.p), *native = encode(&uses[k], in);
            if (native == NULL)
                continue;
            written++;
            const struct json_node *back = decode(&uses[k], native);
            assert_non_null(back);
            assert_true(json_equal(back, in));
            goes_and_returns(&uses[k], text_of(native));
        }
        buf_release(&list);
    }
    assert_true(written > ROUNDS);
}

/* What decode gives is not changed by another decode. */
static void spellings_are_idempotent(void **unused)
{
    (void)unused;
    static const char *const pieces[] = {"a", "B", "@", ".", " ", "\\n", "-", "É", "x.de", "DE", "+", "0"};
    static const char *const names[] = {"trim",     "lower",   "upper",    "email",
                                        "one_line", "country", "currency", "phone"};
    for (int i = 0; i < ROUNDS; i++) {
        struct buf text;
        buf_init(&text, TEXT_MOST);
        buf_byte(&text, '"');
        for (unsigned n = random_below(7); n > 0; n--)
            buf_put(&text, str_of(pieces[random_below(12)]));
        buf_put(&text, STR("\""));
        buf_byte(&text, '\0');
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            struct codec_use use = codec(names[k], NULL);
            const struct json_node *once = decode(&use, value(text.p));
            if (once != NULL)
                gives(decode(&use, once), text.p, text_of(once));
        }
        buf_release(&text);
        arena_reset(&arena);
    }
}

/* Any text comes back from these. */
static void encodings_keep_all_texts(void **unused)
{
    (void)unused;
    static const char *const pieces[] = {"a", "&", ";",   "&amp;", "#", "39",     "<",
                                         "é", "😀", "\\n", "'",     "=", "\\u0001"};
    struct codec_use uses[] = {codec("base64", NULL), codec("html_entities", NULL), codec("json", NULL)};
    for (int i = 0; i < ROUNDS; i++) {
        struct buf text;
        buf_init(&text, TEXT_MOST);
        buf_byte(&text, '"');
        for (unsigned n = random_below(9); n > 0; n--)
            buf_put(&text, str_of(pieces[random_below(13)]));
        buf_put(&text, STR("\""));
        buf_byte(&text, '\0');
        for (size_t k = 0; k < sizeof uses / sizeof uses[0]; k++) {
            const struct json_node *in = value(text.p), *native = encode(&uses[k], in);
            assert_non_null(native);
            assert_true(json_equal(decode(&uses[k], native), in));
        }
        buf_release(&text);
        arena_reset(&arena);
    }
}

/* ---- examples ---- */

static void encodings(void **unused)
{
    (void)unused;
    struct codec_use json = codec("json", NULL), base64 = codec("base64", NULL),
                     html = codec("html_entities", NULL), md5 = codec("md5", NULL);
    DECODES(json, "\"{\\\"a\\\":[1.50,null]}\"", "{\"a\":[1.50,null]}");
    ENCODES(json, "{\"a\":[\"x\"]}", "\"{\\\"a\\\":[\\\"x\\\"]}\"");
    REFUSES(json, "\"{\"", NULL);
    REFUSES(json, "\"{\\\"a\\\":1,\\\"a\\\":2}\"", NULL);
    REFUSES(json, "5", "not a JSON text: 5");
    DECODES(base64, "\"w6k=\"", "\"é\"");
    REFUSES(base64, "\"w6k\"", "not base64 (RFC 4648 §4): \"w6k\"");
    REFUSES(base64, "\"6Q==\"", "not the base64 of a text in UTF-8: \"6Q==\"");
    DECODES(html, "\"&lt;b&gt; &#233;&#xE9;&eacute; AT&T &nosuch; &#0; &;\"",
            "\"<b> ééé AT&T &nosuch; &#0; &;\"");
    ENCODES(html, "\"<a> & 'b'\"", "\"&lt;a&gt; &amp; &#39;b&#39;\"");
    DECODES(md5, "\"\"", "\"d41d8cd98f00b204e9800998ecf8427e\"");
    REFUSES(md5, "[]", NULL);
}

static void units_and_phones(void **unused)
{
    (void)unused;
    struct codec_use weight = codec("unit", "[\"weight\"]"), german = codec("phone", "[\"DE\"]"),
                     american = codec("phone", "[\"US\"]"), unused_use;
    DECODES(weight, "\"GRAMS\"", "\"g\"");
    DECODES(weight, "\" Kilogram \"", "\"kg\"");
    REFUSES(weight, "\"stone\"", "not a unit of weight: \"stone\"");
    REFUSES(weight, "\"\"", NULL);
    assert_int_equal(bind_args(&unused_use, "unit", "[\"colour\"]"), -1);
    DECODES(german, "\"030 / 123 45 67\"", "\"+49301234567\"");
    DECODES(german, "\"+49 (0)30 1234567\"", "\"+49301234567\"");
    DECODES(german, "\"0043 1 58858\"", "\"+43158858\"");
    DECODES(german, "\"+1 416 555 0123\"", "\"+14165550123\"");
    REFUSES(german, "\"1234567\"", NULL);
    REFUSES(german, "\"+1 41\"", NULL);
    REFUSES(german, "\"00 1 41\"", NULL);
    REFUSES(german, "\"030 12345 ext. 7\"", NULL);
    DECODES(american, "\"(416) 555-0123\"", "\"+14165550123\"");
    DECODES(american, "\"1-416-555-0123\"", "\"+14165550123\"");
    REFUSES(american, "\"555-0123\"", NULL);
    assert_int_equal(bind_args(&unused_use, "phone", "[\"Germany\"]"), -1);
}

static void numbers(void **unused)
{
    (void)unused;
    struct codec_use text = codec("text", NULL), number = codec("number", NULL),
                     integer = codec("integer", NULL), decimal = codec("decimal", NULL),
                     negate = codec("negate", NULL);
    DECODES(text, "\"00123\"", "\"00123\"");
    REFUSES(text, "5", "not a text: 5");
    DECODES(number, "5001", "\"5001\"");
    DECODES(number, "19.90", "\"19.90\"");
    DECODES(number, "1.5e3", "\"1500\"");
    DECODES(number, "-0", "\"0\"");
    REFUSES(number, "\"5\"", "not a JSON number: \"5\"");
    ENCODES(number, "\"5001\"", "5001");
    WONT_WRITE(number, "\"007\"", "not a number: \"007\"");
    WONT_WRITE(number, "\"1e5\"", NULL);
    DECODES(integer, "9007199254740991", "9007199254740991");
    REFUSES(integer, "9007199254740992", NULL);
    REFUSES(integer, "1.0", "not an integer: 1.0");
    REFUSES(integer, "\"1\"", NULL);
    DECODES(decimal, "\"19.90\"", "\"19.90\"");
    DECODES(decimal, "\"007.50\"", "\"7.50\"");
    DECODES(decimal, "\"-0.00\"", "\"0.00\"");
    DECODES(decimal, "12.50", "\"12.50\"");
    DECODES(decimal, "1E2", "\"100\"");
    ENCODES(decimal, "\"19.90\"", "\"19.90\"");
    static const char *const wrong[] = {"\"+5\"", "\" 5 \"", "\"12,50\"", "\"1E2\"", "\"\"", "\".5\"",
                                        "\"5.\"", "\"-\"",   "true",      "[]",      "{}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        REFUSES(decimal, wrong[i], NULL);
    REFUSES(decimal, "\"12,50\"", "not a decimal: \"12,50\"");
    DECODES(negate, "\"5.00\"", "\"-5.00\"");
    DECODES(negate, "0", "\"0\"");
}

static void money(void **unused)
{
    (void)unused;
    struct codec_use usd = codec("amount", "[\"$1,234.50\",\"($1,234.50)\"]");
    struct codec_use eur = codec("amount", "[\"1.234,50 €\"]");
    DECODES(usd, "\"$1,234.50\"", "\"1234.50\"");
    DECODES(usd, "\"($3.00)\"", "\"-3.00\"");
    DECODES(usd, "\"-$3.00\"", "\"-3.00\"");
    DECODES(usd, "\"$1234567.5\"", "\"1234567.5\"");
    DECODES(usd, "\"-$0.00\"", "\"0.00\"");
    ENCODES(usd, "\"1234567.5\"", "\"$1,234,567.50\"");
    ENCODES(usd, "\"-1\"", "\"($1.00)\"");
    ENCODES(usd, "\"0.125\"", "\"$0.125\"");
    REFUSES(usd, "\"$12,50\"", "not an amount like \"$1,234.50\": \"$12,50\"");
    REFUSES(usd, "\"$1,2345.00\"", NULL);
    REFUSES(usd, "\"12.50\"", NULL);
    REFUSES(usd, "\"$\"", NULL);
    REFUSES(usd, "\"$1.\"", NULL);
    DECODES(eur, "\"-1.234,50 €\"", "\"-1234.50\"");
    ENCODES(eur, "\"-1234.5\"", "\"-1.234,50 €\"");
    struct codec_use unused_use;
    assert_int_equal(bind_args(&unused_use, "amount", "[\"12.50\"]"), -1);
    assert_string_equal(error.message, "amount: no picture of the number 1234.5: \"12.50\"");

    struct codec_use cents = codec("minor", "[\"USD\"]"), dinar = codec("minor", "[\"KWD\"]"),
                     yen = codec("minor", "[\"JPY\"]"), krona = codec("minor", "[\"ISK\",\"ISK=2 UGX=2\"]");
    DECODES(cents, "1990", "\"19.90\"");
    DECODES(cents, "-5", "\"-0.05\"");
    DECODES(cents, "0", "\"0.00\"");
    DECODES(dinar, "1990", "\"1.990\"");
    DECODES(yen, "1990", "\"1990\"");
    DECODES(krona, "1990", "\"19.90\"");
    ENCODES(cents, "\"19.9\"", "1990");
    WONT_WRITE(cents, "\"19.999\"", "not a whole number of minor units: \"19.999\"");
    REFUSES(cents, "19.90", "not a whole number of minor units: 19.90");
    assert_int_equal(bind_args(&unused_use, "minor", "[\"ZZZ\"]"), -1);
    assert_int_equal(bind_args(&unused_use, "minor", "[\"USD\",\"ISK:2\"]"), -1);
    struct codec_use dynamic = {.codec = codec_find(STR("minor")), .nargs = 1};
    assert_int_equal(dynamic.codec->bind(&dynamic, &arena, &error), 0);
    REFUSES(dynamic, "5", "the currency is not known of the amount: 5");
    dynamic.arg[0] = value("\"XYZ\"");
    REFUSES(dynamic, "5", "not a currency of ISO 4217: \"XYZ\"");
}

static void times(void **unused)
{
    (void)unused;
    struct codec_use time = codec("time", NULL);
    DECODES(time, "\"2026-05-01T09:58:12-04:00\"", "\"2026-05-01T13:58:12Z\"");
    DECODES(time, "\"2026-05-01T13:58:12.500Z\"", "\"2026-05-01T13:58:12.5Z\"");
    REFUSES(time, "\"2026-13-01T00:00:00Z\"", NULL);
    REFUSES(time, "1777640292", NULL);
    struct codec_use local = codec("time", "[\"%Y-%m-%d %H:%M:%S\",\"America/New_York\"]");
    DECODES(local, "\"2026-05-01 09:58:12\"", "\"2026-05-01T13:58:12Z\"");
    ENCODES(local, "\"2026-05-01T13:58:12Z\"", "\"2026-05-01 09:58:12\"");
    /* 1 November 2026, 01:30 comes twice in New York: the second is not written, since it would be read as
     * the first. */
    ENCODES(local, "\"2026-11-01T05:30:00Z\"", "\"2026-11-01 01:30:00\"");
    WONT_WRITE(local, "\"2026-11-01T06:30:00Z\"", NULL);
    struct codec_use day = codec("time", "[\"%Y-%m-%d\",\"America/New_York\"]");
    ENCODES(day, "\"2026-05-02T02:00:00Z\"", "\"2026-05-01\"");
    ENCODES(day, "\"2026-11-02T04:30:00Z\"", "\"2026-11-01\"");
    struct codec_use short_year = codec("time", "[\"%d.%m.%y %H:%M\"]");
    ENCODES(short_year, "\"2026-05-02T02:00:59Z\"", "\"02.05.26 02:00\"");
    WONT_WRITE(short_year, "\"1950-05-02T02:00:00Z\"", NULL);
    struct codec_use clock = codec("time", "[\"%H:%M\"]");
    ENCODES(clock, "\"2026-05-02T02:00:59Z\"", "\"02:00\"");
    REFUSES(clock, "\"02:00\"", NULL);

    struct codec_use per_record = {.codec = codec_find(STR("time")), .nargs = 2, .literal = 1};
    per_record.arg[0] = value("\"%Y-%m-%d %H:%M\"");
    assert_int_equal(per_record.codec->bind(&per_record, &arena, &error), 0);
    static const char *const zones[][2] = {{"\"Europe/Berlin\"", "\"2026-01-01T11:00:00Z\""},
                                           {"\"Asia/Kolkata\"", "\"2026-01-01T06:30:00Z\""},
                                           {"\"Asia/Kolkata\"", "\"2026-01-01T06:30:00Z\""},
                                           {"\"Europe/Berlin\"", "\"2026-01-01T11:00:00Z\""}};
    for (size_t i = 0; i < 4; i++) {
        per_record.arg[1] = value(zones[i][0]);
        DECODES(per_record, "\"2026-01-01 12:00\"", zones[i][1]);
    }
    per_record.arg[1] = value("\"Mars/Base\"");
    REFUSES(per_record, "\"2026-01-01 12:00\"", NULL);
    per_record.arg[1] = NULL;
    REFUSES(per_record, "\"2026-01-01 12:00\"", NULL);

    struct codec_use unused_use;
    assert_int_equal(bind_args(&unused_use, "time", "[\"%Q\"]"), -1);
    assert_int_equal(bind_args(&unused_use, "time", "[\"%Y\",\"Nowhere\"]"), -1);
    assert_int_equal(bind_args(&unused_use, "time", "[5]"), -1);

    /* The code of the error names the codec already. */
    struct codec_use by_path = {.codec = codec_find(STR("time")), .nargs = 1};
    assert_int_equal(by_path.codec->bind(&by_path, &arena, &error), 0);
    by_path.arg[0] = value("\"%Q\"");
    REFUSES(by_path, "\"2026\"", NULL);
    assert_string_equal(error.code, "time");
    assert_memory_equal(error.message, "format \"%Q\": ", 13);

    struct codec_use date = codec("date", "[\"%m/%d/%Y\"]"), plain = codec("date", NULL);
    DECODES(date, "\"05/01/2026\"", "\"2026-05-01\"");
    ENCODES(date, "\"2026-05-01\"", "\"05/01/2026\"");
    REFUSES(date, "\"02/30/2026\"", NULL);
    REFUSES(plain, "\"2026-5-1\"", "not a date (YYYY-MM-DD): \"2026-5-1\"");
    WONT_WRITE(date, "\"2026-05-01T00:00:00Z\"", NULL);

    struct codec_use epoch = codec("epoch", NULL), ms = codec("epoch_ms", NULL);
    DECODES(epoch, "1539993600", "\"2018-10-20T00:00:00Z\"");
    DECODES(epoch, "-0.5", "\"1969-12-31T23:59:59.5Z\"");
    DECODES(ms, "\"1539993600123\"", "\"2018-10-20T00:00:00.123Z\"");
    ENCODES(ms, "\"2018-10-20T00:00:00.123Z\"", "1539993600123");
    ENCODES(epoch, "\"1969-12-31T23:59:59.5Z\"", "-0.5");
    REFUSES(epoch, "999999999999999", NULL);
    REFUSES(epoch, "\"now\"", NULL);
}

static void texts(void **unused)
{
    (void)unused;
    struct codec_use yes = codec("bool", "[\"yes\",\"no\"]"), words = codec("bool", NULL);
    DECODES(yes, "\"yes\"", "true");
    DECODES(yes, "false", "false");
    ENCODES(yes, "false", "\"no\"");
    REFUSES(yes, "\"true\"", "not \"yes\" or \"no\": \"true\"");
    DECODES(words, "\"false\"", "false");
    WONT_WRITE(words, "\"true\"", NULL);
    struct codec_use unused_use;
    assert_int_equal(bind_args(&unused_use, "bool", "[\"yes\"]"), -1);
    assert_int_equal(bind_args(&unused_use, "bool", "[\"yes\",\"yes\"]"), -1);

    struct codec_use split = codec("split", "[\", \"]");
    DECODES(split, "\"a, b,c\"", "[\"a\",\"b,c\"]");
    DECODES(split, "\"\"", "[]");
    ENCODES(split, "[]", "\"\"");
    ENCODES(split, "[\"a\",\"b\"]", "\"a, b\"");
    WONT_WRITE(split, "[\"a, b\",\"c\"]", NULL);
    WONT_WRITE(split, "[\"\"]", NULL);
    WONT_WRITE(split, "[1]", NULL);
    assert_int_equal(bind_args(&unused_use, "split", "[\"\"]"), -1);

    struct codec_use trim = codec("trim", NULL), lower = codec("lower", NULL), upper = codec("upper", NULL);
    DECODES(trim, "\"  a b \\n\"", "\"a b\"");
    DECODES(lower, "\"ÄbC\"", "\"Äbc\"");
    DECODES(upper, "\"äbC\"", "\"äBC\"");
    ENCODES(lower, "\"abc\"", "\"abc\"");
    WONT_WRITE(lower, "\"ABC\"", "would be read back as something else: \"ABC\"");
    REFUSES(trim, "5", "not a text: 5");

    struct codec_use one_line = codec("one_line", NULL);
    DECODES(one_line, "\"a \\r\\n b  c\\n\"", "\"a b  c\"");

    struct codec_use between = codec("between", "[\"/Date(\",\"+0000)/\"]");
    DECODES(between, "\"/Date(15+0000)/\"", "\"15\"");
    ENCODES(between, "15", "\"/Date(15+0000)/\"");
    REFUSES(between, "\"/Date(+0000\"", "not a text between \"/Date(\" and \"+0000)/\": \"/Date(+0000\"");

    struct codec_use column = codec("pad", "[6]"), zeros = codec("pad", "[-6,\"0\"]");
    ENCODES(column, "\"ab\"", "\"ab    \"");
    DECODES(column, "\"ab    \"", "\"ab\"");
    ENCODES(column, "\"äöüäöüä\"", "\"äöüäöüä\"");
    ENCODES(zeros, "\"42\"", "\"000042\"");
    DECODES(zeros, "\"000042\"", "\"42\"");
    DECODES(zeros, "\"000000\"", "\"0\"");
    WONT_WRITE(zeros, "\"042\"", NULL);
    WONT_WRITE(zeros, "\"\"", NULL);
    ENCODES(column, "\"\"", "\"      \"");
    assert_int_equal(bind_args(&unused_use, "pad", "[0]"), -1);
    assert_int_equal(bind_args(&unused_use, "pad", "[\"5\"]"), -1);
}

static void codes(void **unused)
{
    (void)unused;
    struct codec_use email = codec("email", NULL), country = codec("country", NULL),
                     currency = codec("currency", NULL), gtin = codec("gtin", NULL);
    DECODES(email, "\"Ann@Example.COM\"", "\"Ann@example.com\"");
    DECODES(email, "\"a.b+c@x-y.de\"", "\"a.b+c@x-y.de\"");
    DECODES(email, "\"ü@bücher.de\"", "\"ü@bücher.de\"");
    static const char *const wrong[] = {"\"\"",          "\"a\"",       "\"@x\"",     "\"a@\"",   "\"a@b@c\"",
                                        "\"a b@c\"",     "\"a@b..c\"",  "\"a@-b\"",   "\"a@b-\"", "\"a@.b\"",
                                        "\"a@b.\"",      "\" a@b.c\"",  "\"a@b c\"",  "5",        "\"<a@b>\"",
                                        "\"a@b\\nX:y\"", "\"a,b@c.d\"", "\"a@b_c.d\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        REFUSES(email, wrong[i], NULL);
    REFUSES(email, "\"a@\"", "not an e-mail address: \"a@\"");

    DECODES(country, "\"de\"", "\"DE\"");
    DECODES(country, "\"USA\"", "\"US\"");
    DECODES(country, "\"germany\"", "\"DE\"");
    DECODES(country, "\"United Kingdom\"", "\"GB\"");
    DECODES(country, "\"Vietnam\"", "\"VN\"");
    ENCODES(country, "\"DE\"", "\"DE\"");
    REFUSES(country, "\"XX\"", "not a country of ISO 3166-1: \"XX\"");
    DECODES(currency, "\"usd\"", "\"USD\"");
    REFUSES(currency, "\"US\"", NULL);
    REFUSES(currency, "\"dollar\"", "not a currency of ISO 4217: \"dollar\"");
    DECODES(gtin, "\"4006381333931\"", "\"4006381333931\"");
    DECODES(gtin, "\"96385074\"", "\"96385074\"");
    DECODES(gtin, "\"036000291452\"", "\"036000291452\"");
    REFUSES(gtin, "\"4006381333932\"", NULL);
    REFUSES(gtin, "4006381333931", NULL);

    struct codec_use phone = codec("phone", NULL);
    DECODES(phone, "\"+1 (416) 555-0123\"", "\"+14165550123\"");
    ENCODES(phone, "\"+14165550123\"", "\"+14165550123\"");
    REFUSES(phone, "\"416 555 0123\"",
            "not an international telephone number (like +1 416 555 0123): \"416 555 0123\"");
    REFUSES(phone, "\"+\"", NULL);

    assert_int_equal(currency_exponent(STR("EUR")), 2);
    assert_int_equal(currency_exponent(STR("JPY")), 0);
    assert_int_equal(currency_exponent(STR("KWD")), 3);
    assert_int_equal(currency_exponent(STR("CLF")), 4);
    assert_int_equal(currency_exponent(STR("eur")), -1);
    assert_true(form_is_phone(STR("+14165550123")));
    assert_true(form_is_phone(STR("+2901234")));
    assert_true(form_is_phone(STR("+123456789012345")));
    assert_false(form_is_phone(STR("+290123")));
    assert_false(form_is_phone(STR("+1234567890123456")));
    assert_false(form_is_phone(STR("+01234567890")));
    assert_false(form_is_phone(STR("4165550123")));
    static const char *const uris[] = {"https://example.com/a?b=c%20d#e",
                                       "https://ann:pw@example.com:8080/a/b@c:d?e/f?g#h/i?j",
                                       "http://[2001:db8::1]:80/",
                                       "http://example.com:",
                                       "file:///etc/hosts",
                                       "mailto:ann@example.com",
                                       "urn:isbn:0451450523",
                                       "a+b-c.1:"};
    static const char *const others[] = {"example.com",
                                         ":a",
                                         "1a:b",
                                         "https://a b",
                                         "https://a\tb",
                                         "https://a%2",
                                         "https://a/%zz",
                                         "https://a\x7f",
                                         "https://é",
                                         "https://[::1",
                                         "https://[x]/",
                                         "https://a[b]/",
                                         "https://a/[b]",
                                         "https://a:80a/",
                                         "https://a@b@c/",
                                         "a:b#c#d",
                                         "https://[::1]a/",
                                         "https://a:1:2/",
                                         "a:<b>",
                                         "https://a\\b"};
    for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
        if (!form_is_uri(str_of(uris[i])))
            fail_msg("refused: %s", uris[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (form_is_uri(str_of(others[i])))
            fail_msg("taken: %s", others[i]);
    assert_false(form_is_uri(STR("http://[::1\0]/")));
}

/* Refusals of any value by any codec report, and never crash. */
/* A canonical text of a format, most of the time. */
static struct str like_canonical(enum format f)
{
    static const char *const examples[] = {[FORMAT_DECIMAL] = "-120.75",
                                           [FORMAT_MONEY] = "1990.50",
                                           [FORMAT_CURRENCY] = "EUR",
                                           [FORMAT_COUNTRY] = "DE",
                                           [FORMAT_PHONE] = "+14165550123",
                                           [FORMAT_GTIN] = "4006381333931",
                                           [FORMAT_EMAIL] = "a.b@c3.co.uk",
                                           [FORMAT_DATE] = "2024-02-29",
                                           [FORMAT_URI] = "",
                                           [FORMAT_NONE] = "",
                                           [FORMAT_DATE_TIME] = "2026-01-25T04:28:02.5Z"};
    struct str text = arena_str(&arena, str_of(examples[f]));
    for (uint32_t changes = random_below(3); changes > 0; changes--) {
        char *at = (char *)(uintptr_t)text.p + random_below((uint32_t)text.n);
        if (*at >= '0' && *at <= '9')
            *at = (char)('0' + random_below(10));
        else if (*at >= 'A' && *at <= 'Z' && *at != 'T')
            *at = (char)('A' + random_below(26));
        else if (*at >= 'a' && *at <= 'z')
            *at = (char)('a' + random_below(26));
    }
    return text;
}

/* vouch.h stands on it, and conform.h. */
static void what_a_codec_keeps_comes_back_as_it_is(void **unused)
{
    (void)unused;
    const struct format_money euro = {.exponent = 2};
    for (const struct codec *c = codec_table; c->name != NULL; c++)
        for (unsigned f = FORMAT_NONE + 1; c->keeps >> f != 0; f++) {
            struct codec_use use = codec(c->name, NULL);
            int seen = 0;
            for (int i = 0; i < ROUNDS && c->keeps >> f & 1; i++) {
                struct str text = like_canonical((enum format)f);
                if (!format_is_canonical((enum format)f, text, &euro))
                    continue;
                seen++;
                gives(encode(&use, value(quoted(text))), c->name, quoted(text));
                gives(decode(&use, value(quoted(text))), c->name, quoted(text));
            }
            assert_true(seen > ROUNDS / 4 || (c->keeps >> f & 1) == 0);
        }
}

static void any_value_is_taken_or_refused(void **unused)
{
    (void)unused;
    static const char *const values[] = {"true",
                                         "5",
                                         "1e400",
                                         "\"x\"",
                                         "\"\"",
                                         "\"\\u0000\"",
                                         "[]",
                                         "{}",
                                         "[[1]]",
                                         "-1",
                                         "\"\\ud834\\udd1e\"",
                                         "{\"a\":[1,\"b\"]}"};
    static const char *const args[][2] = {
        {"amount", "[\"$1,234.50\"]"}, {"minor", "[\"USD\"]"},   {"time", "[\"%Y-%m-%d\"]"},
        {"date", "[\"%d\"]"},          {"split", "[\"x\"]"},     {"between", "[\"\",\"x\"]"},
        {"pad", "[-3,\"x\"]"},         {"bool", "[\"x\",\"\"]"}, {"unit", "[\"weight\"]"}};
    for (const struct codec *c = codec_table; c->name != NULL; c++) {
        const char *with = NULL;
        for (size_t i = 0; i < sizeof args / sizeof args[0]; i++)
            if (strcmp(args[i][0], c->name) == 0)
                with = args[i][1];
        struct codec_use use = codec(c->name, with);
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            const struct json_node *out = decode(&use, value(values[i]));
            assert_true((out == NULL) == (error.code != NULL));
            out = encode(&use, value(values[i]));
            assert_true((out == NULL) == (error.code != NULL));
        }
    }
    assert_null(codec_find(STR("nothing")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decimals_come_back, start, stop),
        cmocka_unit_test_setup_teardown(amounts_come_back, start, stop),
        cmocka_unit_test_setup_teardown(percents_come_back, start, stop),
        cmocka_unit_test_setup_teardown(minor_units_come_back, start, stop),
        cmocka_unit_test_setup_teardown(times_come_back, start, stop),
        cmocka_unit_test_setup_teardown(dates_come_back, start, stop),
        cmocka_unit_test_setup_teardown(lists_come_back, start, stop),
        cmocka_unit_test_setup_teardown(spellings_are_idempotent, start, stop),
        cmocka_unit_test_setup_teardown(encodings_keep_all_texts, start, stop),
        cmocka_unit_test_setup_teardown(encodings, start, stop),
        cmocka_unit_test_setup_teardown(units_and_phones, start, stop),
        cmocka_unit_test_setup_teardown(numbers, start, stop),
        cmocka_unit_test_setup_teardown(money, start, stop),
        cmocka_unit_test_setup_teardown(times, start, stop),
        cmocka_unit_test_setup_teardown(texts, start, stop),
        cmocka_unit_test_setup_teardown(codes, start, stop),
        cmocka_unit_test_setup_teardown(what_a_codec_keeps_comes_back_as_it_is, start, stop),
        cmocka_unit_test_setup_teardown(any_value_is_taken_or_refused, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
