/*
 * Words, lists in one text, and the spelling of texts. Cases are those of A to Z: other alphabets have rules
 * that depend on the language.
 */
#include "base/ascii.h"
#include "base/decimal.h"
#include "base/utf8.h"

#include "canon/codec_family.h"
#include "canon/forms.h"

/* A made text; clean where what it was made from was clean and nothing was added. */
static const struct json_node *string_like(const struct json_node *in, struct str text, struct codec_run *run)
{
    return in->form == JSON_CLEAN ? codec_clean(run, text) : codec_string(run, text);
}

/* ---- bool ---- */

static const struct json_node word_yes = {"true", 4, 1, JSON_STRING, JSON_CLEAN};
static const struct json_node word_no = {"false", 5, 1, JSON_STRING, JSON_CLEAN};

int bool_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    (void)a;
    if (use->nargs == 1)
        return err_set(e, "config", "bool: takes a word for true and one for false");
    if (use->nargs == 2 && (use->literal & 3) == 3 && json_equal(use->arg[0], use->arg[1]))
        return err_set(e, "config", "bool: the two words are the same");
    return 0;
}

static const struct json_node *bool_word(const struct codec_use *use, bool truth)
{
    if (use->nargs == 0)
        return truth ? &word_yes : &word_no;
    return use->arg[truth ? 0 : 1];
}

const struct json_node *bool_decode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    const struct json_node *yes = bool_word(use, true), *no = bool_word(use, false);
    if (json_is_bool(in))
        return in;
    if (yes != NULL && json_equal(in, yes))
        return codec_literal(run, JSON_TRUE);
    if (no != NULL && json_equal(in, no))
        return codec_literal(run, JSON_FALSE);
    struct str yes_text = yes != NULL ? codec_text(run, "bool", "a word", yes) : STR("?");
    struct str no_text = no != NULL ? codec_text(run, "bool", "a word", no) : STR("?");
    if (yes_text.p == NULL || no_text.p == NULL)
        return NULL;
    struct str what = arena_printf(run->arena, "%s or %s", err_quote(yes_text), err_quote(no_text));
    return what.p != NULL ? codec_refuse(run, "bool", what.p, in) : codec_memory(run);
}

const struct json_node *bool_encode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    if (!json_is_bool(in))
        return codec_refuse(run, "bool", "true or false", in);
    const struct json_node *word = bool_word(use, in->type == JSON_TRUE);
    return word != NULL ? word : codec_refuse_as(run, "bool", "the word is not known of the value", in);
}

/* ---- split ---- */

int split_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    if (codec_bind_text(use, 0, "no separator", e) == -1)
        return -1;
    if ((use->literal & 1) && json_string(use->arg[0], a).n == 0)
        return err_set(e, "config", "split: the separator is empty");
    return 0;
}

static struct str separator_of(const struct codec_use *use, const struct json_node *in, struct codec_run *run)
{
    struct str separator = codec_argument(use, 0, run);
    if (separator.n > 0)
        return separator;
    codec_refuse_as(run, "split", "the separator is not known of the text", in);
    return (struct str){0};
}

/* The item that starts at *AT, which moves behind its separator (past the end of TEXT after the last). */
static struct str next_item(struct str text, struct str separator, size_t *at)
{
    size_t end = str_search(text, separator, *at);
    if (end > text.n)
        end = text.n;
    struct str item = str_slice(text, *at, end);
    *at = end < text.n ? end + separator.n : text.n + 1;
    return item;
}

static struct json_node *new_list(size_t count, struct codec_run *run)
{
    struct json_node *list = arena_raw(run->arena, (count + 1) * sizeof *list);
    if (list == NULL)
        codec_memory(run);
    else
        *list = (struct json_node){.span = (uint32_t)(count + 1) & 0x7ffffff, .type = JSON_ARRAY};
    return list;
}

const struct json_node *split_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    struct str text = codec_text_only(run, "split", "a text", in);
    struct str separator = text.p != NULL ? separator_of(use, in, run) : text;
    if (separator.p == NULL)
        return NULL;
    size_t count = 0;
    for (size_t at = 0; text.n > 0 && at <= text.n; count++)
        next_item(text, separator, &at);
    struct json_node *list = new_list(count, run);
    size_t at = 0;
    for (size_t i = 1; list != NULL && i <= count; i++) {
        struct str item = next_item(text, separator, &at);
        list[i] = in->form == JSON_CLEAN ? json_clean_node(item) : json_string_node(item);
    }
    return list;
}

/* Whether TEXT, split again, gives the items of LIST: none holds the separator or makes one with its
 * neighbour. */
static bool splits_into(struct str text, struct str separator, const struct json_node *list,
                        struct codec_run *run)
{
    size_t at = 0, count = json_count(list);
    if (text.p == NULL || (count == 1 && text.n == 0))
        return false;
    for (const struct json_node *item = list + 1; item < list + list->span; item++, count--) {
        if (at > text.n)
            return false;
        struct str part = next_item(text, separator, &at), given = json_string(item, run->arena);
        if (given.p == NULL || !str_eq(part, given))
            return false;
    }
    return at > text.n || list->span == 1;
}

const struct json_node *split_encode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    if (in->type != JSON_ARRAY)
        return codec_refuse(run, "split", "a list of texts", in);
    struct str separator = separator_of(use, in, run);
    if (separator.p == NULL)
        return NULL;
    size_t most = 1;
    for (const struct json_node *item = in + 1; item < in + in->span; item++) {
        if (item->type != JSON_STRING)
            return codec_refuse(run, "split", "a list of texts", in);
        most += item->n + separator.n;
    }
    struct buf out = {.p = arena_raw(run->arena, most), .cap = most, .max = most};
    if (out.p == NULL)
        return codec_memory(run);
    for (const struct json_node *item = in + 1; item < in + in->span; item++) {
        struct str text = json_string(item, run->arena);
        if (text.p == NULL)
            return codec_memory(run);
        if (item > in + 1)
            buf_put(&out, separator);
        buf_put(&out, text);
    }
    if (!splits_into(buf_str(&out), separator, in, run)) {
        err_set(run->err, "split", "an item is empty or holds the separator %s: %s", err_quote(separator),
                err_quote(buf_str(&out)));
        return NULL;
    }
    return codec_string(run, buf_str(&out));
}

/* ---- spelling ---- */

/* Written as it is, if it is read back as it is. */
const struct json_node *same_encode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    const struct json_node *back = use->codec->decode(use, in, run);
    if (back == NULL || json_equal(back, in))
        return back != NULL ? in : NULL;
    return codec_refuse_as(run, use->codec->name, "would be read back as something else", in);
}

const struct json_node *trim_decode(const struct codec_use *use, const struct json_node *in,
                                    struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "trim", "a text", in);
    if (text.p == NULL)
        return NULL;
    struct str trimmed = str_trim(text);
    return trimmed.n == text.n ? in : string_like(in, trimmed, run);
}

/* IN with the letters that WRONG finds in the other case. */
static const struct json_node *in_case(const char *code, bool (*wrong)(char), const struct json_node *in,
                                       struct codec_run *run)
{
    struct str text = codec_text_only(run, code, "a text", in);
    size_t at = 0;
    if (text.p == NULL)
        return NULL;
    while (at < text.n && !wrong(text.p[at]))
        at++;
    if (at == text.n)
        return in;
    char *out = arena_raw(run->arena, text.n);
    if (out == NULL)
        return codec_memory(run);
    for (size_t i = 0; i < text.n; i++)
        out[i] = (char)(wrong(text.p[i]) ? text.p[i] ^ 0x20 : text.p[i]);
    return string_like(in, (struct str){out, text.n}, run);
}

const struct json_node *lower_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    return in_case("lower", ascii_is_capital, in, run);
}

const struct json_node *upper_decode(const struct codec_use *use, const struct json_node *in,
                                     struct codec_run *run)
{
    (void)use;
    return in_case("upper", ascii_is_small, in, run);
}

const struct json_node *email_both(const struct codec_use *use, const struct json_node *in,
                                   struct codec_run *run)
{
    (void)use;
    bool capitals;
    struct str text =
        in->type == JSON_STRING ? codec_text(run, "email", "an e-mail address", in) : (struct str){0};
    if (text.p == NULL || !form_is_email(text, &capitals))
        return codec_refuse(run, "email", "an e-mail address", in);
    return capitals ? string_like(in, form_lower_domain(text, run->arena), run) : in;
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == '\t';
}

/* For text that goes into one line: each run of white space that holds a line break or a tab becomes one
 * blank, none at the ends. */
const struct json_node *one_line_both(const struct codec_use *use, const struct json_node *in,
                                      struct codec_run *run)
{
    (void)use;
    struct str text = codec_text_only(run, "one_line", "a text", in);
    size_t first = 0, n = 0;
    while (first < text.n && !is_break(text.p[first]))
        first++;
    if (text.p == NULL || first == text.n)
        return text.p != NULL ? in : NULL;
    text = str_trim(text);
    char *out = arena_raw(run->arena, text.n);
    if (out == NULL)
        return codec_memory(run);
    for (size_t at = 0; at < text.n;) {
        size_t end = at;
        bool breaks = false;
        for (; end < text.n && (text.p[end] == ' ' || is_break(text.p[end])); end++)
            breaks = breaks || is_break(text.p[end]);
        if (breaks) {
            out[n++] = ' ';
            at = end;
        } else {
            end += end == at;
            memcpy(out + n, text.p + at, end - at);
            n += end - at;
            at = end;
        }
    }
    return codec_string(run, (struct str){out, n});
}

/* ---- between ---- */

int between_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    (void)a;
    return codec_bind_text(use, 0, "no prefix", e) == -1 ? -1 : codec_bind_text(use, 1, "no suffix", e);
}

static bool prefix_and_suffix(struct str out[2], const struct codec_use *use, const struct json_node *in,
                              struct codec_run *run)
{
    out[0] = codec_argument(use, 0, run);
    out[1] = codec_argument(use, 1, run);
    if (out[0].p != NULL && out[1].p != NULL)
        return true;
    codec_refuse_as(run, "between", "the prefix or the suffix is not known of the text", in);
    return false;
}

const struct json_node *between_decode(const struct codec_use *use, const struct json_node *in,
                                       struct codec_run *run)
{
    struct str around[2];
    struct str text = codec_text_only(run, "between", "a text", in);
    if (text.p == NULL || !prefix_and_suffix(around, use, in, run))
        return NULL;
    if (text.n >= around[0].n + around[1].n && str_starts(text, around[0]) && str_ends(text, around[1]))
        return string_like(in, str_slice(text, around[0].n, text.n - around[1].n), run);
    struct str what =
        arena_printf(run->arena, "a text between %s and %s", err_quote(around[0]), err_quote(around[1]));
    return what.p != NULL ? codec_refuse(run, "between", what.p, in) : codec_memory(run);
}

const struct json_node *between_encode(const struct codec_use *use, const struct json_node *in,
                                       struct codec_run *run)
{
    struct str around[2];
    struct str text = codec_text(run, "between", "a text", in);
    if (text.p == NULL || !prefix_and_suffix(around, use, in, run))
        return NULL;
    size_t n = around[0].n + text.n + around[1].n;
    struct buf out = {.p = arena_raw(run->arena, n), .cap = n, .max = n};
    if (out.p == NULL)
        return codec_memory(run);
    buf_put(&out, around[0]);
    buf_put(&out, text);
    buf_put(&out, around[1]);
    return codec_string(run, buf_str(&out));
}

/* ---- pad ---- */

/* pad(32): blanks behind, to 32 characters; pad(-8, "0"): zeros before, to 8. Longer texts stay as they are.
 */
struct pad {
    size_t width;
    bool before;
    char fill;
};

enum { PAD_MOST = 1024 };

int pad_bind(struct codec_use *use, struct arena *a, struct err *e)
{
    struct pad *pad = arena_alloc(a, sizeof *pad);
    struct decimal d;
    int64_t width;
    if (pad == NULL)
        return err_memory(e);
    use->bound = pad;
    if ((use->literal & 1) == 0 || !json_is(use->arg[0], JSON_NUMBER) ||
        !decimal_parse(&d, json_text(use->arg[0]), a) || !decimal_to_i64(&d, &width) || width == 0 ||
        width > PAD_MOST || width < -PAD_MOST)
        return err_set(e, "config", "pad: argument 1 must be a width from 1 to %d, or -1 to -%d", PAD_MOST,
                       PAD_MOST);
    pad->before = width < 0;
    pad->width = (size_t)(width < 0 ? -width : width);
    pad->fill = ' ';
    if (use->nargs < 2)
        return 0;
    struct str fill =
        use->literal & 2 && json_is(use->arg[1], JSON_STRING) ? json_string(use->arg[1], a) : STR("");
    if (fill.n != 1)
        return err_set(e, "config", "pad: argument 2 must be one character of ASCII in quotes");
    pad->fill = fill.p[0];
    return 0;
}

static struct str without_fill(const struct pad *pad, struct str text)
{
    /* One digit is left of "0000". */
    size_t least = pad->fill == ' ' ? 0 : 1;
    while (text.n > least && text.p[pad->before ? 0 : text.n - 1] == pad->fill)
        text = pad->before ? str_slice(text, 1, text.n) : str_slice(text, 0, text.n - 1);
    return text;
}

const struct json_node *pad_decode(const struct codec_use *use, const struct json_node *in,
                                   struct codec_run *run)
{
    struct str text = codec_text_only(run, "pad", "a text", in);
    if (text.p == NULL)
        return NULL;
    struct str bare = without_fill(use->bound, text);
    return bare.n == text.n ? in : string_like(in, bare, run);
}

const struct json_node *pad_encode(const struct codec_use *use, const struct json_node *in,
                                   struct codec_run *run)
{
    const struct pad *pad = use->bound;
    struct str text = codec_text(run, "pad", "a text", in);
    if (text.p == NULL)
        return NULL;
    size_t characters = utf8_count(text);
    size_t missing = characters < pad->width ? pad->width - characters : 0;
    char *out = arena_raw(run->arena, text.n + missing);
    if (out == NULL)
        return codec_memory(run);
    memcpy(out + (pad->before ? missing : 0), text.p, text.n);
    memset(out + (pad->before ? 0 : text.n), pad->fill, missing);
    struct str padded = {out, text.n + missing};
    if (without_fill(pad, padded).n != text.n)
        return codec_refuse_as(run, "pad", "the text ends in the filling, or is empty", in);
    return codec_string(run, padded);
}
