/*
 * A codec on any value: the first byte chooses it, the rest is JSON. It takes the value or says why not; what
 * it has read and can write is read back as the same value, and what an exact one wrote is what it read.
 * No codec of the table is left out.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "canon/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *name;
    const char *arguments; /* a JSON list of literals */
} uses[] = {
    {"text", NULL},
    {"number", NULL},
    {"integer", NULL},
    {"decimal", NULL},
    {"percent", NULL},
    {"negate", NULL},
    {"bool", NULL},
    {"time", NULL},
    {"date", NULL},
    {"epoch", NULL},
    {"epoch_ms", NULL},
    {"trim", NULL},
    {"lower", NULL},
    {"upper", NULL},
    {"email", NULL},
    {"one_line", NULL},
    {"country", NULL},
    {"gtin", NULL},
    {"currency", NULL},
    {"phone", NULL},
    {"amount", "[\"$1,234.50\",\"($1,234.50)\"]"},
    {"amount", "[\"1.234,5 €\"]"},
    {"minor", "[\"KWD\"]"},
    {"minor", "[\"ISK\",\"ISK=2 UGX=2\"]"},
    {"bool", "[\"yes\",\"no\"]"},
    {"time", "[\"%Y-%m-%d %H:%M:%S\",\"America/New_York\"]"},
    {"time", "[\"%d.%m.%y %I:%M %p %z\"]"},
    {"date", "[\"%e %b %Y\"]"},
    {"split", "[\", \"]"},
    {"split", "[\"aa\"]"},
    {"between", "[\"/Date(\",\"+0000)/\"]"},
    {"pad", "[-6,\"0\"]"},
    {"pad", "[5]"},
    {"phone", "[\"DE\"]"},
    {"unit", "[\"weight\"]"},
    {"json", NULL},
    {"base64", NULL},
    {"html_entities", NULL},
    {"md5", NULL},
    {"ref", "[\"customer\",\"shop\"]"},
};

enum { USES = sizeof uses / sizeof uses[0] };

static void law(bool holds)
{
    if (!holds)
        abort();
}

static bool parse(struct json_tape *tape, struct str text, struct arena *a)
{
    struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};
    struct err e = {0};
    char *padded = arena_alloc(a, text.n + JSON_PAD);
    law(padded != NULL);
    if (text.n > 0)
        memcpy(padded, text.p, text.n);
    return json_parse(tape, (struct str){padded, text.n}, &limits, NULL, &e) == 0;
}

/* Amounts and percentages may come back with other trailing zeros. */
static bool are_equal(const struct json_node *x, const struct json_node *y, struct arena *a)
{
    struct decimal left, right;
    if (json_equal(x, y))
        return true;
    return json_is(x, JSON_STRING) && json_is(y, JSON_STRING) && decimal_parse(&left, json_string(x, a), a) &&
           decimal_parse(&right, json_string(y, a), a) && decimal_cmp(&left, &right) == 0;
}

static const struct json_node *stepped(const struct json_node *out, const struct err *e)
{
    law((out == NULL) == (e->code != NULL));
    law(out != NULL || e->message[0] != '\0');
    return out;
}

/* It is not exact, nor can it be undone: what it writes is a digest again. */
static bool is_digest(const struct codec_use *use)
{
    return strcmp(use->codec->name, "md5") == 0;
}

static void check_table(void)
{
    for (const struct codec *c = codec_table; c->name != NULL; c++) {
        size_t i = 0;
        while (i < USES && strcmp(uses[i].name, c->name) != 0)
            i++;
        law(i < USES);
    }
}

static void check(const struct codec_use *use, const struct json_node *in, struct arena *a)
{
    struct err e = {0};
    struct codec_run run = {a, &e};
    const struct json_node *canonical = stepped(use->codec->decode(use, in, &run), &e);
    if (canonical == NULL)
        return;
    const struct json_node *native = stepped(use->codec->encode(use, canonical, &run), &e);
    if (native == NULL)
        return;
    law(!(use->codec->is & CODEC_EXACT) || json_equal(native, in));
    const struct json_node *again = stepped(use->codec->decode(use, native, &run), &e);
    if (is_digest(use))
        return;
    law(again != NULL && are_equal(canonical, again, a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct json_tape literals, value;
    struct err e = {0};
    if (size == 0)
        return 0;
    check_table();
    size_t chosen = data[0] % USES;
    arena_init(&a, 64 << 20);
    json_tape_init(&literals);
    json_tape_init(&value);
    struct codec_use use = {.codec = codec_find(str_of(uses[chosen].name))};
    law(use.codec != NULL);
    if (uses[chosen].arguments != NULL) {
        law(parse(&literals, str_of(uses[chosen].arguments), &a));
        for (; use.nargs < json_count(literals.node); use.nargs++) {
            use.arg[use.nargs] = json_at(literals.node, use.nargs);
            use.literal |= 1u << use.nargs;
        }
    }
    law(use.codec->bind == NULL || use.codec->bind(&use, &a, &e) == 0);
    if (parse(&value, (struct str){(const char *)data + 1, size - 1}, &a) && value.node[0].type != JSON_NULL)
        check(&use, value.node, &a);
    json_tape_release(&value);
    json_tape_release(&literals);
    arena_release(&a);
    return 0;
}
