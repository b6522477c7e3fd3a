#include "canon/codec.h"

#include "canon/codec_family.h"

/* A bit of `keeps`. */
#define KEEPS(format) (1u << FORMAT_##format)

const struct codec codec_table[] = {
    /* name, least and most arguments, what it is, what it gives, what it keeps, bind, decode, encode */
    {"text", 0, 0, CODEC_EXACT, FORMAT_NONE, 0, NULL, text_both, text_both},
    {"number", 0, 0, 0, FORMAT_NONE, 0, NULL, number_decode, number_encode},
    {"integer", 0, 0, CODEC_EXACT, FORMAT_NONE, 0, NULL, integer_both, integer_both},
    {"decimal", 0, 0, 0, FORMAT_NONE, KEEPS(DECIMAL) | KEEPS(MONEY), NULL, decimal_both, decimal_both},
    {"percent", 0, 0, 0, FORMAT_NONE, 0, NULL, percent_decode, percent_encode},
    {"negate", 0, 0, 0, FORMAT_NONE, 0, NULL, negate_both, negate_both},
    {"amount", 1, 2, 0, FORMAT_NONE, 0, amount_bind, amount_decode, amount_encode},
    {"minor", 1, 2, 0, FORMAT_NONE, 0, minor_bind, minor_decode, minor_encode},
    {"bool", 0, 2, 0, FORMAT_NONE, 0, bool_bind, bool_decode, bool_encode},
    {"time", 0, 2, 0, FORMAT_DATE_TIME, KEEPS(DATE_TIME), time_bind, time_decode, time_encode},
    {"date", 0, 1, 0, FORMAT_DATE, KEEPS(DATE), date_bind, date_decode, date_encode},
    {"epoch", 0, 0, 0, FORMAT_DATE_TIME, 0, NULL, epoch_decode, epoch_encode},
    {"epoch_ms", 0, 0, 0, FORMAT_DATE_TIME, 0, NULL, epoch_ms_decode, epoch_ms_encode},
    {"split", 1, 1, CODEC_EXACT | CODEC_LISTS, FORMAT_NONE, 0, split_bind, split_decode, split_encode},
    {"trim", 0, 0, 0, FORMAT_NONE, 0, NULL, trim_decode, same_encode},
    {"lower", 0, 0, 0, FORMAT_NONE, 0, NULL, lower_decode, same_encode},
    {"upper", 0, 0, 0, FORMAT_NONE, 0, NULL, upper_decode, same_encode},
    {"email", 0, 0, 0, FORMAT_EMAIL, KEEPS(EMAIL), NULL, email_both, email_both},
    {"between", 2, 2, CODEC_EXACT, FORMAT_NONE, 0, between_bind, between_decode, between_encode},
    {"pad", 1, 2, 0, FORMAT_NONE, 0, pad_bind, pad_decode, pad_encode},
    {"one_line", 0, 0, 0, FORMAT_NONE, 0, NULL, one_line_both, one_line_both},
    {"country", 0, 0, 0, FORMAT_COUNTRY, KEEPS(COUNTRY), NULL, country_both, country_both},
    {"currency", 0, 0, 0, FORMAT_CURRENCY, KEEPS(CURRENCY), NULL, currency_both, currency_both},
    {"gtin", 0, 0, CODEC_EXACT, FORMAT_GTIN, KEEPS(GTIN), NULL, gtin_both, gtin_both},
    {"phone", 0, 1, 0, FORMAT_PHONE, KEEPS(PHONE), phone_bind, phone_decode, same_encode},
    {"unit", 1, 1, 0, FORMAT_NONE, 0, unit_bind, unit_both, unit_both},
    {"json", 0, 0, CODEC_LISTS, FORMAT_NONE, 0, NULL, json_decode_text, json_encode_text},
    {"base64", 0, 0, CODEC_EXACT, FORMAT_NONE, 0, NULL, base64_decode_text, base64_encode_text},
    {"html_entities", 0, 0, 0, FORMAT_NONE, 0, NULL, html_decode_text, html_encode_text},
    {"md5", 0, 0, 0, FORMAT_NONE, 0, NULL, md5_both, md5_both},
    {"ref", 1, 2, 0, FORMAT_NONE, 0, NULL, reference_decode, reference_encode},
    {0},
};

const struct codec *codec_find(struct str name)
{
    for (const struct codec *c = codec_table; c->name != NULL; c++)
        if (str_eq(str_of(c->name), name))
            return c;
    return NULL;
}

const struct json_node *codec_memory(struct codec_run *run)
{
    arena_why(run->arena, run->err);
    return NULL;
}

static const struct json_node *keep(struct codec_run *run, struct json_node node)
{
    struct json_node *kept = arena_raw(run->arena, sizeof *kept);
    if (kept == NULL)
        return codec_memory(run);
    *kept = node;
    return kept;
}

const struct json_node *codec_string(struct codec_run *run, struct str text)
{
    return text.p != NULL ? keep(run, json_string_node(text)) : codec_memory(run);
}

const struct json_node *codec_clean(struct codec_run *run, struct str text)
{
    return text.p != NULL ? keep(run, json_clean_node(text)) : codec_memory(run);
}

const struct json_node *codec_number(struct codec_run *run, struct str text)
{
    return text.p != NULL ? keep(run, json_number_node(text)) : codec_memory(run);
}

const struct json_node *codec_literal(struct codec_run *run, enum json_type type)
{
    return keep(run, json_literal_node(type));
}

/* A value as a message shows it. */
static const char *shown(struct codec_run *run, const struct json_node *in)
{
    if (in->type == JSON_ARRAY)
        return "a list";
    if (in->type == JSON_OBJECT)
        return "an object";
    if (in->type == JSON_STRING) {
        struct str text = json_string(in, run->arena);
        return err_quote(text.p != NULL ? text : STR(""));
    }
    struct str text = arena_str(run->arena, str_slice(json_text(in), 0, 60));
    return text.p != NULL ? text.p : "";
}

const struct json_node *codec_refuse_as(struct codec_run *run, const char *code, const char *message,
                                        const struct json_node *in)
{
    err_set(run->err, code, "%s: %s", message, shown(run, in));
    return NULL;
}

const struct json_node *codec_refuse(struct codec_run *run, const char *code, const char *what,
                                     const struct json_node *in)
{
    err_set(run->err, code, "not %s: %s", what, shown(run, in));
    return NULL;
}

struct str codec_text(struct codec_run *run, const char *code, const char *what, const struct json_node *in)
{
    if (in->type == JSON_NUMBER)
        return json_text(in);
    if (in->type != JSON_STRING) {
        codec_refuse(run, code, what, in);
        return (struct str){0};
    }
    struct str text = in->form == JSON_ESCAPED ? json_string(in, run->arena) : json_text(in);
    if (text.p == NULL)
        err_memory(run->err);
    return text;
}

struct str codec_text_only(struct codec_run *run, const char *code, const char *what,
                           const struct json_node *in)
{
    if (in->type == JSON_STRING)
        return codec_text(run, code, what, in);
    codec_refuse(run, code, what, in);
    return (struct str){0};
}

struct str codec_argument(const struct codec_use *use, size_t i, struct codec_run *run)
{
    const struct json_node *arg = i < use->nargs ? use->arg[i] : NULL;
    if (arg == NULL || (arg->type != JSON_STRING && arg->type != JSON_NUMBER))
        return (struct str){0};
    return codec_text(run, use->codec->name, "a text", arg);
}

int codec_bind_text(const struct codec_use *use, size_t i, const char *what, struct err *e)
{
    if (i >= use->nargs || !(use->literal >> i & 1) || json_is(use->arg[i], JSON_STRING))
        return 0;
    return err_set(e, "config", "%s: argument %zu is %s, and must be a text", use->codec->name, i + 1, what);
}
