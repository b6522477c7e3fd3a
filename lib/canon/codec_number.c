/*
 * Numbers and texts. Canonical decimals are strings; a plain one keeps its text, so that what is read can be
 * written back byte for byte ("19.90" is not "19.9").
 */
#include "base/ascii.h"
#include "base/decimal.h"

#include "canon/codec_family.h"

bool codec_read_decimal(struct decimal *d, const char *code, const struct json_node *in,
                        struct codec_run *run)
{
    struct str text = codec_text(run, code, "a decimal", in);
    if (text.p == NULL)
        return false;
    /* Only JSON numbers have exponents: in a text "1E5" is more likely a code that a spreadsheet has spoilt.
     */
    bool exponent = in->type == JSON_STRING && (str_find(text, 'e') < text.n || str_find(text, 'E') < text.n);
    if (exponent || !decimal_parse(d, text, run->arena)) {
        codec_refuse(run, code, "a decimal", in);
        return false;
    }
    return true;
}

const struct json_node *codec_write_decimal(const struct decimal *d, int places, struct codec_run *run)
{
    return codec_clean(run, decimal_text(d, places, run->arena));
}

const struct json_node *text_both(const struct codec_use *use, const struct json_node *in,
                                  struct codec_run *run)
{
    (void)use;
    return in->type == JSON_STRING ? in : codec_refuse(run, "text", "a text", in);
}

static bool has_plain_text(const struct json_node *in)
{
    unsigned places;
    return !(in->type == JSON_STRING && in->form != JSON_CLEAN) && decimal_is_plain(json_text(in), &places);
}

static const struct json_node *respelled(const char *code, const struct json_node *in, struct codec_run *run)
{
    struct decimal d;
    if (!codec_read_decimal(&d, code, in, run))
        return NULL;
    return codec_write_decimal(&d, DECIMAL_KEEP, run);
}

const struct json_node *decimal_both(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    if (in->type == JSON_STRING && has_plain_text(in))
        return in;
    if (in->type == JSON_NUMBER && has_plain_text(in))
        return codec_clean(run, json_text(in));
    return respelled("decimal", in, run);
}

const struct json_node *number_decode(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run)
{
    (void)use;
    if (codec_is_reference(in))
        return in;
    if (in->type != JSON_NUMBER)
        return codec_refuse(run, "number", "a JSON number", in);
    if (has_plain_text(in))
        return codec_clean(run, json_text(in));
    return respelled("number", in, run);
}

/* A text that a number cannot keep (an id "007") is refused, since it would come back as another one. */
const struct json_node *number_encode(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run)
{
    (void)use;
    if (codec_is_reference(in))
        return codec_reference_number(in, run);
    unsigned places;
    struct str text = codec_text(run, "number", "a number", in);
    if (text.p == NULL)
        return NULL;
    if (!decimal_is_plain(text, &places))
        return codec_refuse(run, "number", "a number", in);
    return in->type == JSON_NUMBER ? in : codec_number(run, text);
}

/* RFC 8785 §3.2.2.3 and I-JSON (RFC 7493 §2.2): whole numbers of at most 2^53-1. */
const struct json_node *integer_both(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    struct str most = STR("9007199254740991");
    struct str digits = json_text(in);
    if (in->type != JSON_NUMBER || !has_plain_text(in) || str_find(digits, '.') < digits.n)
        return codec_refuse(run, "integer", "an integer", in);
    if (digits.p[0] == '-')
        digits = str_slice(digits, 1, digits.n);
    if (digits.n > most.n || (digits.n == most.n && memcmp(digits.p, most.p, most.n) > 0))
        return codec_refuse(run, "integer", "an integer of at most 2^53-1", in);
    return in;
}

static const struct json_node *shifted(const char *code, int by, const struct json_node *in,
                                       struct codec_run *run)
{
    struct decimal d;
    if (!codec_read_decimal(&d, code, in, run))
        return NULL;
    if (!decimal_shift(&d, &d, by, run->arena))
        return codec_memory(run);
    return codec_write_decimal(&d, DECIMAL_KEEP, run);
}

const struct json_node *percent_decode(const struct codec_use *use, const struct json_node *in,
                                       struct codec_run *run)
{
    (void)use;
    return shifted("percent", 2, in, run);
}

const struct json_node *percent_encode(const struct codec_use *use, const struct json_node *in,
                                       struct codec_run *run)
{
    (void)use;
    return shifted("percent", -2, in, run);
}

const struct json_node *negate_both(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    (void)use;
    struct decimal d;
    if (!codec_read_decimal(&d, "negate", in, run))
        return NULL;
    d.negative = !d.negative && !decimal_is_zero(&d);
    return codec_write_decimal(&d, DECIMAL_KEEP, run);
}
