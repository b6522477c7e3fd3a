#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "canon/schema.h"
#include "random.h"

enum { ROUNDS = 2000, TEXT_MOST = 1 << 16 };

static struct arena arena;
static struct err error;
static struct contract *contract;
static char folder[] = "/tmp/hub-schema-XXXXXX";
static unsigned warnings;
/* ---- fixtures ---- */

static int start(void **unused)
{
    (void)unused;
    arena_init(&arena, 64 << 20);
    contract = contract_new();
    warnings = 0;
    return contract != NULL ? 0 : -1;
}

static int stop(void **unused)
{
    (void)unused;
    contract_free(contract);
    arena_release(&arena);
    return 0;
}

/* Schemas of the tests' own stand before the shipped ones. */
static int make_folder(void **unused)
{
    (void)unused;
    char path[64];
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/schema", folder);
    if (mkdir(path, 0700) == -1)
        return -1;
    snprintf(path, sizeof path, "%s:pipelines", folder);
    return setenv("HUB_PATH", path, 1);
}

static int remove_folder(void **unused)
{
    (void)unused;
    char path[64];
    snprintf(path, sizeof path, "%s/schema/own.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/schema", folder);
    rmdir(path);
    return rmdir(folder);
}

static const struct schema *shipped(const char *entity)
{
    error = (struct err){0};
    const struct schema *s = contract_entity(contract, str_of(entity), &error);
    if (s == NULL)
        fail_msg("%s: %s: %s", entity, error.place, error.message);
    return s;
}

/* A schema of this text, or NULL. */
static const struct schema *try_schema(const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/schema/own.json", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    contract_free(contract);
    contract = contract_new();
    assert_non_null(contract);
    error = (struct err){0};
    return contract_entity(contract, STR("own"), &error);
}

static const struct schema *schema(const char *text)
{
    const struct schema *s = try_schema(text);
    if (s == NULL)
        fail_msg("%s: %s: %s", text, error.place, error.message);
    return s;
}

static const struct json_node *value(const char *text)
{
    struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};
    struct json_tape tape;
    struct err e = {0};
    size_t n = strlen(text);
    char *padded = arena_alloc(&arena, n + JSON_PAD);
    memcpy(padded, text, n);
    json_tape_init(&tape);
    if (json_parse(&tape, (struct str){padded, n}, &limits, NULL, &e) == -1)
        fail_msg("%s: %s", text, e.message);
    struct json_node *kept = arena_array(&arena, tape.n, sizeof *kept);
    memcpy(kept, tape.node, tape.n * sizeof *kept);
    json_tape_release(&tape);
    return kept;
}

static void count_warning(void *arg, const char *check, const char *message)
{
    (void)arg;
    assert_non_null(check);
    assert_non_null(message);
    warnings++;
}

/* The canonical bytes, or NULL with `error` filled. */
static const char *apply(const struct schema *s, const struct json_node *data)
{
    struct schema_run run = {.arena = &arena, .warn = count_warning};
    struct json_tape tape;
    struct buf out;
    const char *kept = NULL;
    json_tape_init(&tape);
    buf_init(&out, TEXT_MOST);
    error = (struct err){0};
    if (schema_apply(s, data, &tape, &run, &error) == 0) {
        assert_int_equal(tape.node[0].span, tape.n);
        json_write_canonical(&out, tape.node);
        assert_true(buf_ok(&out));
        kept = arena_str(&arena, buf_str(&out)).p;
    } else {
        assert_int_equal(tape.n, 0);
        assert_non_null(error.code);
    }
    buf_release(&out);
    json_tape_release(&tape);
    return kept;
}

static void takes(const struct schema *s, const char *in, const char *want)
{
    const char *out = apply(s, value(in));
    if (out == NULL)
        fail_msg("%s: %s: %s", in, error.field, error.message);
    assert_string_equal(out, want);
    const char *again = apply(s, value(out));
    assert_non_null(again);
    assert_string_equal(again, out);
}

static void refuses(const struct schema *s, const char *in, const char *field, const char *message)
{
    const char *out = apply(s, value(in));
    if (out != NULL)
        fail_msg("%s: taken as %s", in, out);
    assert_string_equal(error.field, field);
    assert_string_equal(error.message, message);
}

static void cannot_load(const char *text, const char *message)
{
    const struct schema *s = try_schema(text);
    if (s != NULL)
        fail_msg("loaded: %s", text);
    assert_string_equal(error.code, "config");
    assert_string_equal(error.message, message);
    assert_non_null(strstr(error.place, "own.json"));
}

/* ---- laws ---- */

/* Members in any order, amounts in any spelling: the same bytes come out, and come out again. */
static void order_and_spelling_do_not_matter(void **unused)
{
    (void)unused;
    static const char *const members[][3] = {
        {"\"currency\":\"EUR\"", "\"\\u0063urrency\":\"EUR\"", "\"currency\":\"\\u0045UR\""},
        {"\"total\":\"19.90\"", "\"total\":\"19.9\"", "\"total\":\"0019.900\""},
        {"\"lines\":[{\"quantity\":\"1\",\"sku\":\"a\"}]", "\"lines\":[{\"sku\":\"a\",\"quantity\":\"1.0\"}]",
         "\"lines\":[{\"sku\":\"\\u0061\",\"quantity\":\"01\"}]"},
        {"\"tags\":[\"a\",\"b\",\"\xc3\xbc\"]", "\"tags\":[\"b\",\"a\",\"b\",\"\\u00fc\"]",
         "\"tags\":[\"\xc3\xbc\",\"b\",\"\\u0061\",\"a\"]"},
        {"\"placed_at\":\"2026-05-01T13:58:12Z\"", "\"placed_at\":\"2026-05-01T09:58:12-04:00\"",
         "\"placed_at\":\"2026-05-01t13:58:12.000z\""},
        {"\"email\":\"Ann@example.com\"", "\"email\":\"Ann@EXAMPLE.com\"",
         "\"email\":\"Ann@Example.\\u0063om\""},
        {"\"billing_address\":{\"city\":\"Bern\",\"country\":\"CH\"}",
         "\"billing_address\":{\"country\":\"CH\",\"city\":\"Bern\"}",
         "\"billing_address\":{\"country\":\"CH\",\"city\":\"\\u0042ern\"}"},
        {"\"note\":null", "\"note\":null", "\"note\":null"},
    };
    enum { MEMBERS = sizeof members / sizeof members[0] };
    const struct schema *order = shipped("order");
    char *first = NULL;
    for (int round = 0; round < ROUNDS; round++) {
        size_t at[MEMBERS];
        for (size_t i = 0; i < MEMBERS; i++) {
            size_t other = random_below((unsigned)i + 1);
            at[i] = at[other];
            at[other] = i;
        }
        struct buf text;
        buf_init(&text, TEXT_MOST);
        for (size_t i = 0; i < MEMBERS; i++)
            buf_printf(&text, "%s%s", i == 0 ? "{" : ",", members[at[i]][random_below(3)]);
        buf_put(&text, STR("}"));
        buf_byte(&text, '\0');
        const char *out = apply(order, value(text.p));
        if (out == NULL)
            fail_msg("%s: %s: %s", text.p, error.field, error.message);
        if (first == NULL)
            first = strdup(out);
        assert_string_equal(out, first);
        assert_string_equal(apply(order, value(out)), out);
        buf_release(&text);
        arena_reset(&arena);
    }
    free(first);
}

/* Every shipped schema loads, takes its least record, and gives it back. */
static void shipped_schemas_load(void **unused)
{
    (void)unused;
    static const char *const least[][2] = {
        {"order", "{\"currency\":\"EUR\",\"lines\":[],\"total\":\"0.00\"}"},
        {"customer", "{}"},
        {"product", "{\"title\":\"Cup\",\"variants\":[{\"price\":\"9.999\",\"weight_unit\":\"g\"}]}"},
        {"inventory_level", "{\"location\":\"main\",\"sku\":\"a\"}"},
        {"inventory_adjustment", "{\"delta\":\"-1\",\"sku\":\"a\"}"},
        {"payment", "{\"amount\":\"1.00\",\"currency\":\"EUR\"}"},
        {"refund", "{\"currency\":\"EUR\",\"total\":\"1.00\"}"},
        {"shipment", "{}"},
        {"payout", "{\"amount\":\"1.00\",\"currency\":\"EUR\",\"date\":\"2026-05-01\"}"},
        {"journal_entry",
         "{\"currency\":\"EUR\",\"date\":\"2026-05-01\",\"lines\":[{\"account\":\"a\",\"amount\":"
         "\"0.00\"}]}"},
        {"address", "{\"country\":\"DE\"}"},
        {"line", "{}"},
    };
    for (size_t i = 0; i < sizeof least / sizeof least[0]; i++) {
        const struct schema *s = shipped(least[i][0]);
        takes(s, least[i][1], least[i][1]);
        assert_int_equal(schema_version(s), 1);
        assert_ptr_equal(shipped(least[i][0]), s);
    }
    assert_null(contract_entity(contract, STR("no_such_thing"), &error));
    assert_null(contract_entity(contract, STR("../order"), &error));
    assert_null(contract_entity(contract, STR(""), &error));
}

/* ---- examples ---- */

static void money_has_the_places_of_its_currency(void **unused)
{
    (void)unused;
    const struct schema *order = shipped("order");
    takes(order, "{\"currency\":\"USD\",\"lines\":[],\"total\":\"19.9\"}",
          "{\"currency\":\"USD\",\"lines\":[],\"total\":\"19.90\"}");
    takes(order, "{\"currency\":\"JPY\",\"lines\":[],\"total\":\"1990.00\"}",
          "{\"currency\":\"JPY\",\"lines\":[],\"total\":\"1990\"}");
    takes(order,
          "{\"currency\":\"KWD\",\"lines\":[{\"discount\":\"1\",\"unit_price\":\"2.50\"}],\"total\":\"-0\"}",
          "{\"currency\":\"KWD\",\"lines\":[{\"discount\":\"1.000\",\"unit_price\":\"2.5\"}],\"total\":\"0."
          "000\"}");
    refuses(order, "{\"currency\":\"USD\",\"lines\":[],\"total\":\"19.999\"}", "/total",
            "more than the 2 decimal places that USD has: \"19.999\"");
    assert_string_equal(error.code, "money");
    refuses(order, "{\"currency\":\"JPY\",\"lines\":[{\"discount\":\"0.5\"}],\"total\":\"1\"}",
            "/lines/0/discount", "more than the 0 decimal places that JPY has: \"0.5\"");
    refuses(shipped("shipment"), "{\"cost\":\"1.00\"}", "/cost",
            "an amount in a currency that is not said: \"1.00\"");
    refuses(order, "{\"currency\":\"EUR\",\"lines\":[],\"total\":\"12,50\"}", "/total",
            "not a decimal: \"12,50\"");

    /* The nearest enclosing currency wins; "/name" is the whole record's. */
    const struct schema *s = schema("{\"type\":\"object\",\"x-currency\":\"c\",\"properties\":{\"c\":{"
                                    "\"format\":\"currency\"},\"m\":{\"format\":"
                                    "\"money\"},\"in\":{\"type\":\"object\",\"x-currency\":\"k\","
                                    "\"properties\":{\"k\":{},\"m\":{\"format\":"
                                    "\"money\"},\"root\":{\"type\":\"object\",\"x-currency\":\"/"
                                    "c\",\"properties\":{\"m\":{\"format\":\"money\"}}"
                                    "}}}}}");
    takes(s, "{\"c\":\"USD\",\"in\":{\"k\":\"JPY\",\"m\":\"1\",\"root\":{\"m\":\"1\"}},\"m\":\"1\"}",
          "{\"c\":\"USD\",\"in\":{\"k\":\"JPY\",\"m\":\"1\",\"root\":{\"m\":\"1.00\"}},\"m\":\"1.00\"}");
}

static void refusals_name_the_field(void **unused)
{
    (void)unused;
    const struct schema *order = shipped("order");
    refuses(
        order, "{\"lines\":[],\"total\":\"1.00\",\"currency\":\"EUR\",\"payment_status\":\"payed\"}",
        "/payment_status",
        "not one of pending, authorized, partially_paid, paid, partially_refunded, refunded, voided, failed, "
        "unknown, null: \"payed\"");
    refuses(order, "{\"lines\":[],\"currency\":\"EUR\"}", "/total", "is missing");
    refuses(order, "{\"currency\":\"EUR\",\"lines\":[],\"total\":\"1.00\",\"totl\":\"1\"}", "/totl",
            "is not known to the contract of order (did you mean \"total\"?)");
    refuses(order, "{\"currency\":\"EUR\",\"lines\":[{},{\"x/~y\":1}],\"total\":\"1.00\"}", "/lines/1/x~1~0y",
            "is not known to the contract of order");
    refuses(order, "{\"currency\":\"EUR\",\"lines\":null,\"total\":\"1.00\"}", "/lines", "not a list: null");
    refuses(order, "{\"currency\":\"EUR\",\"lines\":[],\"note\":5,\"total\":\"1.00\"}", "/note",
            "not a text or null: 5");
    refuses(order, "{\"currency\":\"eur\",\"lines\":[],\"total\":\"1.00\"}", "/currency",
            "not a currency of ISO 4217: \"eur\"");
    refuses(
        order,
        "{\"billing_address\":{\"country\":\"Germany\"},\"currency\":\"EUR\",\"lines\":[],\"total\":\"1\"}",
        "/billing_address/country", "not a country of ISO 3166-1 in two letters: \"Germany\"");
    refuses(shipped("customer"), "{\"addresses\":[null]}", "/addresses/0", "not an object: null");
    refuses(shipped("customer"), "{\"phones\":[\"555\"]}", "/phones/0",
            "not a telephone number of E.164 (like +14165550123): \"555\"");
    refuses(shipped("inventory_level"), "{\"location\":\"\",\"sku\":\"a\"}", "/location", "too short: \"\"");
    refuses(shipped("journal_entry"), "{\"currency\":\"EUR\",\"date\":\"2026-02-30\",\"lines\":[]}", "/date",
            "not a date (YYYY-MM-DD): \"2026-02-30\"");
    refuses(shipped("journal_entry"), "{\"currency\":\"EUR\",\"date\":\"2026-02-28\",\"lines\":[]}", "/lines",
            "too few items: 0");
    takes(order,
          "{\"currency\":\"EUR\",\"ext\":{\"b\":\"1.50\",\"a\":\"[1]\"},\"lines\":[],\"total\":\"1.00\"}",
          "{\"currency\":\"EUR\",\"ext\":{\"a\":\"[1]\",\"b\":\"1.50\"},\"lines\":[],\"total\":\"1.00\"}");
    refuses(order, "{\"currency\":\"EUR\",\"ext\":{\"a\":1.5},\"lines\":[],\"total\":\"1.00\"}", "/ext/a",
            "not a text: 1.5");
}

static void keywords(void **unused)
{
    (void)unused;
    const struct schema *s = schema("{\"type\":\"object\",\"properties\":{"
                                    "\"n\":{\"type\":\"integer\",\"minimum\":-2,\"maximum\":10},"
                                    "\"s\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":3},"
                                    "\"l\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":2,\"items\":{}},"
                                    "\"k\":{\"const\":\"x\"},\"e\":{\"enum\":[1,true,null,\"a\"]},"
                                    "\"u\":{\"format\":\"uri\"},\"t\":{\"format\":\"date-time\"},\"b\":{"
                                    "\"type\":[\"boolean\",\"null\"]}}}");
    takes(s, "{\"n\":1.0}", "{\"n\":1}");
    takes(s, "{\"n\":1e1,\"any\":{\"z\":[1,{\"b\":2e0,\"a\":null}],\"y\":true}}",
          "{\"any\":{\"y\":true,\"z\":[1,{\"a\":null,\"b\":2}]},\"n\":10}");
    refuses(s, "{\"n\":1.5}", "/n", "not an integer: 1.5");
    refuses(s, "{\"n\":11}", "/n", "too large: 11");
    refuses(s, "{\"n\":-3}", "/n", "too small: -3");
    refuses(s, "{\"any\":9007199254740992}", "/any", "beyond 2^53-1: 9007199254740992");
    refuses(s, "{\"any\":[0.5]}", "/any/0", "not an integer: 0.5");
    takes(s, "{\"s\":\"äöü\"}", "{\"s\":\"äöü\"}");
    takes(s, "{\"s\":\"\\ud834\\udd1ea\"}",
          "{\"s\":\"\xf0\x9d\x84\x9e"
          "a\"}");
    refuses(s, "{\"s\":\"\\ud834\\udd1e\"}", "/s", "too short: \"\xf0\x9d\x84\x9e\"");
    refuses(s, "{\"s\":\"abcd\"}", "/s", "too long: \"abcd\"");
    refuses(s, "{\"l\":[]}", "/l", "too few items: 0");
    refuses(s, "{\"l\":[1,2,3]}", "/l", "too many items: 3");
    refuses(s, "{\"k\":\"y\"}", "/k", "not x: \"y\"");
    takes(s, "{\"e\":1.0}", "{\"e\":1}");
    takes(s, "{\"e\":null}", "{\"e\":null}");
    refuses(s, "{\"e\":false}", "/e", "not one of 1, true, null, a: false");
    refuses(s, "{\"e\":{}}", "/e", "not a text or an integer or true or false or null: an object");
    refuses(s, "{\"u\":\"x\"}", "/u", "not a URI: \"x\"");
    takes(s, "{\"t\":\"2026-05-01t10:00:00.50z\"}", "{\"t\":\"2026-05-01T10:00:00.5Z\"}");
    refuses(s, "{\"t\":\"2026-05-01 10:00:00Z\"}", "/t",
            "not a time (RFC 3339: a blank stands in the place of T): \"2026-05-01 10:00:00Z\"");
    refuses(s, "{\"t\":\"2016-12-31T23:59:60Z\"}", "/t",
            "not a time (RFC 3339: second 60: leap seconds are not counted): \"2016-12-31T23:59:60Z\"");
    refuses(s, "{\"t\":\"2026-05-01T10:00:00.1234567890Z\"}", "/t",
            "not a time (RFC 3339: more than nine digits of a second): \"2026-05-01T10:00:00.1234567890Z\"");
    refuses(s, "{\"b\":\"true\"}", "/b", "not true or false or null: \"true\"");
    refuses(s, "{\"b\":[]}", "/b", "not true or false or null: a list");
}

/* RFC 8785 §3.2.3: by UTF-16 code units, where U+1F600 stands before U+FB33. */
static void keys_are_sorted_as_utf16(void **unused)
{
    (void)unused;
    const struct schema *s =
        schema("{\"type\":\"object\",\"properties\":{\"\xef\xac\xb3\":{},\"\xf0\x9f\x98\x80\":{},\"a\":{}}}");
    const char *want = "{\"a\":1,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":3}";
    takes(s, want, want);
    takes(s, "{\"\xef\xac\xb3\":3,\"\\ud83d\\ude00\":2,\"a\":1}", want);
}

static void references(void **unused)
{
    (void)unused;
    const struct schema *s = schema(
        "{\"$ref\":\"#/$defs/node\",\"$defs\":{\"node\":{\"type\":\"object\",\"additionalProperties\":false,"
        "\"properties\":{\"v\":{\"$ref\":\"#/$defs/word\"},\"next\":{\"$ref\":\"#/$defs/node\"},\"home\":{"
        "\"$ref\":\"address.json\",\"type\":\"object\",\"title\":\"Home\"},\"all\":{\"$ref\":\"#\"}}},"
        "\"word\":{"
        "\"type\":\"string\",\"minLength\":1}}}");
    takes(s, "{\"next\":{\"next\":{\"v\":\"x\"},\"v\":\"y\"}}",
          "{\"next\":{\"next\":{\"v\":\"x\"},\"v\":\"y\"}}");
    refuses(s, "{\"all\":{\"next\":{\"v\":\"\"}}}", "/all/next/v", "too short: \"\"");
    refuses(s, "{\"home\":null}", "/home", "not an object: null");
    refuses(s, "{\"home\":{\"country\":\"XX\"}}", "/home/country",
            "not a country of ISO 3166-1 in two letters: \"XX\"");
    cannot_load(
        "{\"properties\":{\"a\":{\"$ref\":\"#/$defs/b\"}},\"$defs\":{\"b\":{\"$ref\":\"#/$defs/c\"},\"c\":{"
        "\"$ref\":\"#/$defs/b\"}}}",
        "/: a $ref leads back to itself");
    cannot_load("{\"properties\":{\"a\":{\"$ref\":\"#/$defs/b\"}}}",
                "/properties/a: $ref to what is not there: \"#/$defs/b\"");
    cannot_load("{\"$ref\":\"http://example.com/x.json\"}",
                "/: $ref must be \"NAME.json\" (a file beside this one) or \"#/$defs/NAME\": "
                "\"http://example.com/x.json\"");
    assert_null(try_schema("{\"$ref\":\"missing.json\"}"));
}

static void other_keywords_are_refused(void **unused)
{
    (void)unused;
    cannot_load("{\"properties\":{\"a\":{\"items\":{\"oneOf\":[]}}}}",
                "/properties/a/items: unknown keyword \"oneOf\"");
    cannot_load("{\"$defs\":{\"a\":{\"minlength\":1}}}",
                "/$defs/a: unknown keyword \"minlength\" (did you mean \"minLength\"?)");
    cannot_load("{\"properties\":{\"a\":{\"format\":\"time\"}}}", "/properties/a: unknown format \"time\"");
    cannot_load("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}",
                "/: $schema must be \"https://json-schema.org/draft/2020-12/schema\"");
    cannot_load("{\"type\":\"number\"}",
                "/: type \"number\": canonical numbers are integers; write a string with format decimal");
    cannot_load("{\"type\":\"text\"}", "/: unknown type \"text\"");
    cannot_load("{\"minItems\":-1}", "/: minItems must be an integer, not negative");
    cannot_load("{\"minimum\":\"1\"}", "/: minimum must be an integer");
    cannot_load("{\"required\":[\"a\"],\"properties\":{}}", "/: required names what is no property: \"a\"");
    cannot_load("{\"enum\":[]}", "/: enum must be a list that is not empty");
    cannot_load("{\"enum\":[{}]}", "/: enum and const may hold texts, integers, true, false and null");
    cannot_load("{\"x-currency\":\"c\",\"properties\":{}}", "/: x-currency names what is no property: \"c\"");
    cannot_load("{\"x-checks\":[{\"check\":\"a\"}]}",
                "/x-checks/0: each of x-checks has the texts check, message and level");
    cannot_load("{\"x-checks\":[{\"check\":\"a\",\"message\":\"m\",\"level\":\"no\"}]}",
                "/x-checks/0: the level of a check is refuse or warn: \"no\"");
    cannot_load(
        "{\"x-names\":[\"a.serail\"],\"properties\":{\"a\":{\"items\":{\"additionalProperties\":false,"
        "\"properties\":{\"serial\":{}}},\"type\":\"array\"}}}",
        "/: x-names names what is no property: \"a.serail\" (did you mean \"serial\"?)");
    cannot_load("{\"x-names\":[\".\"],\"additionalProperties\":false}",
                "/: x-names names what is no property: \".\"");
    cannot_load("{\"x-names\":[1]}", "/: x-names is a list of names, with a dot before what is in one");
    cannot_load("{\"x-names\":\"a\"}", "/: x-names must be a list");
    cannot_load("{\"items\":{\"type\":\"integer\"},\"x-set\":true}",
                "/: the items of an x-set must be described here, with type \"string\"");
    cannot_load("{\"properties\":{\"a\":true}}", "/properties/a: a schema must be an object");
    cannot_load("{\"$ref\":\"address.json\",\"properties\":{}}",
                "/: properties beside a $ref: only type, title and description may stand there");
    /* A contract that is half read gives nothing more. */
    assert_null(contract_entity(contract, STR("order"), &error));
}

static void checks(void **unused)
{
    (void)unused;
    const struct schema *order = shipped("order"), *journal = shipped("journal_entry");
    const char *foots =
        "{\"currency\":\"EUR\",\"discount_total\":\"1.00\",\"lines\":[],\"shipping_total\":null,"
        "\"subtotal\":\"10.00\",\"tax_total\":\"0.90\",\"total\":\"9.90\"}";
    takes(order, foots, foots);
    assert_int_equal(warnings, 0);
    const char *crooked = "{\"currency\":\"EUR\",\"lines\":[],\"subtotal\":\"10.00\",\"tax_inclusive\":true,"
                          "\"tax_total\":\"1.00\",\"total\":\"11.00\"}";
    assert_non_null(apply(order, value(crooked)));
    assert_int_equal(warnings, 1);
    const char *balanced =
        "{\"currency\":\"EUR\",\"date\":\"2026-05-01\",\"lines\":[{\"account\":\"a\",\"amount\":"
        "\"1.10\"},{\"account\":\"b\",\"amount\":\"-1.10\"}]}";
    takes(journal, balanced, balanced);
    refuses(
        journal,
        "{\"currency\":\"EUR\",\"date\":\"2026-05-01\",\"lines\":[{\"account\":\"a\",\"amount\":\"1.1\"}]}",
        "", "the entry does not sum to zero");

    const struct schema *level = shipped("inventory_level");
    warnings = 0;
    assert_non_null(
        apply(level, value("{\"available\":\"3\",\"location\":\"a\",\"on_hand\":\"5\",\"sku\":\"a\"}")));
    assert_non_null(
        apply(level, value("{\"available\":\"3\",\"committed\":\"2\",\"location\":\"a\",\"sku\":\"a\"}")));
    assert_non_null(
        apply(level, value("{\"available\":\"3\",\"committed\":\"2\",\"location\":\"a\",\"on_hand\":"
                           "\"5\",\"sku\":\"a\"}")));
    assert_int_equal(warnings, 0);
    assert_non_null(
        apply(level, value("{\"available\":\"3\",\"committed\":\"1\",\"location\":\"a\",\"on_hand\":"
                           "\"5\",\"sku\":\"a\"}")));
    assert_int_equal(warnings, 1);

    const struct schema *line = shipped("line");
    warnings = 0;
    assert_non_null(apply(line, value("{\"quantity\":\"2\",\"unit_price\":\"1.5\"}")));
    assert_int_equal(warnings, 0);

    const struct schema *reckoned =
        schema("{\"x-checks\":[{\"check\":\"div(a, b, 2) == 1\",\"level\":\"warn\",\"message\":\"m\"},"
               "{\"check\":\"c * 2 == 2\",\"level\":\"refuse\",\"message\":\"m\"}]}");
    takes(reckoned, "{\"a\":\"1\",\"b\":\"0\"}", "{\"a\":\"1\",\"b\":\"0\"}");
    assert_int_equal(warnings, 2); /* twice taken */
    refuses(reckoned, "{\"c\":\"x\"}", "",
            "the check \"c * 2 == 2\" cannot be reckoned: not a number: \"x\"");
    assert_string_equal(error.code, "contract");

    warnings = 0;
    const struct schema *payout = shipped("payout");
    assert_non_null(
        apply(payout, value("{\"amount\":\"1.00\",\"currency\":\"EUR\",\"date\":\"2026-05-01\"}")));
    assert_int_equal(warnings, 0);
    assert_non_null(
        apply(payout, value("{\"amount\":\"1.00\",\"currency\":\"EUR\",\"date\":\"2026-05-01\",\"lines\":[{"
                            "\"fee\":\"0.10\",\"gross\":\"1.00\",\"net\":\"0.95\"}]}")));
    assert_int_equal(warnings, 2);
}

static void paths(void **unused)
{
    (void)unused;
    const struct schema *order = shipped("order");
    struct str nearest;
    const struct str price[] = {STR("lines"), STR("unit_price")}, prize[] = {STR("lines"), STR("unit_prise")},
                     free_form[] = {STR("ext"), STR("anything")}, deep[] = {STR("total"), STR("x")};
    assert_int_equal(schema_has_path(order, price, 2, &nearest), 1);
    assert_int_equal(schema_has_path(order, prize, 2, &nearest), 0);
    assert_true(str_eq(nearest, STR("unit_price")));
    assert_int_equal(schema_has_path(order, free_form, 2, &nearest), 1);
    assert_int_equal(schema_has_path(order, deep, 2, &nearest), 0);
    assert_null(nearest.p);
}

static void entities_that_are_not_there_take_no_memory(void **unused)
{
    (void)unused;
    enum { WARM = 10000, MORE = 100000, KIB = 4096 };
    struct rusage before, after;
    struct contract *c = contract_new();
    assert_non_null(c);
    for (int i = 0; i < WARM + MORE; i++) {
        char name[32];
        struct err e;
        err_clear(&e);
        if (i == WARM)
            assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
        assert_true(snprintf(name, sizeof name, "none%d", i) > 0);
        assert_null(contract_entity(c, str_of(name), &e));
        assert_string_equal(e.code, "contract");
    }
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    assert_true(after.ru_maxrss - before.ru_maxrss < KIB);
    contract_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_that_are_not_there_take_no_memory),
        cmocka_unit_test_setup_teardown(order_and_spelling_do_not_matter, start, stop),
        cmocka_unit_test_setup_teardown(shipped_schemas_load, start, stop),
        cmocka_unit_test_setup_teardown(money_has_the_places_of_its_currency, start, stop),
        cmocka_unit_test_setup_teardown(refusals_name_the_field, start, stop),
        cmocka_unit_test_setup_teardown(keywords, start, stop),
        cmocka_unit_test_setup_teardown(keys_are_sorted_as_utf16, start, stop),
        cmocka_unit_test_setup_teardown(references, start, stop),
        cmocka_unit_test_setup_teardown(other_keywords_are_refused, start, stop),
        cmocka_unit_test_setup_teardown(checks, start, stop),
        cmocka_unit_test_setup_teardown(paths, start, stop),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
