/*
 * What the families of codecs give to the table in codec.c: a line of names for each file. A codec that
 * translates alike in both directions has one function.
 */
#ifndef HUB_CANON_CODEC_FAMILY_H
#define HUB_CANON_CODEC_FAMILY_H

#include "canon/codec.h"

typedef const struct json_node *codec_step(const struct codec_use *use, const struct json_node *in,
                                           struct codec_run *run);
typedef int codec_bind(struct codec_use *use, struct arena *a, struct err *e);

/* codec_number.c */
codec_step text_both, number_decode, number_encode, integer_both, decimal_both, percent_decode,
    percent_encode, negate_both;
/* codec_money.c */
codec_step amount_decode, amount_encode, minor_decode, minor_encode;
codec_bind amount_bind, minor_bind;
/* codec_time.c */
codec_step time_decode, time_encode, date_decode, date_encode, epoch_decode, epoch_encode, epoch_ms_decode,
    epoch_ms_encode;
codec_bind time_bind, date_bind;
/* codec_text.c */
codec_step bool_decode, bool_encode, split_decode, split_encode, trim_decode, lower_decode, upper_decode,
    same_encode, email_both, between_decode, between_encode, pad_decode, pad_encode, one_line_both;
codec_bind bool_bind, split_bind, between_bind, pad_bind;
/* codec_lookup.c */
codec_step country_both, currency_both, gtin_both, phone_decode, unit_both;
codec_bind phone_bind, unit_bind;
/* codec_encoding.c */
codec_step json_decode_text, json_encode_text, base64_decode_text, base64_encode_text, html_decode_text,
    html_encode_text, md5_both;

/* codec_reference.c */
codec_step reference_decode, reference_encode;
bool codec_is_reference(const struct json_node *in);
/* A reference for which a JSON number is put. */
const struct json_node *codec_reference_number(const struct json_node *in, struct codec_run *run);

/* Argument I as text; .p NULL where it is absent, null, or neither a string nor a number. */
struct str codec_argument(const struct codec_use *use, size_t i, struct codec_run *run);

/* Refuses a literal argument I that is no text (bind of codecs whose arguments are texts). */
int codec_bind_text(const struct codec_use *use, size_t i, const char *what, struct err *e);

/* Returns NULL, with the error `CODE: MESSAGE: "value"`. */
const struct json_node *codec_refuse_as(struct codec_run *run, const char *code, const char *message,
                                        const struct json_node *in);
const struct json_node *codec_memory(struct codec_run *run);

/* The decimal that a string (without an exponent) or a number holds; false: refused. */
struct decimal;
bool codec_read_decimal(struct decimal *d, const char *code, const struct json_node *in,
                        struct codec_run *run);

/* A string of D with PLACES as decimal_text has them. */
const struct json_node *codec_write_decimal(const struct decimal *d, int places, struct codec_run *run);

#endif
