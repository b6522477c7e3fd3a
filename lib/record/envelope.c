#include "record/envelope.h"

#include "base/base64.h"
#include "base/digest.h"
#include "base/size.h"
#include "record/of.h"

/* The texts come first, so that their bits and the places in struct record go together. */
enum key {
    SOURCE,
    STREAM,
    ENTITY,
    ID,
    LABEL,
    OP,
    VERSION,
    FROM,
    STATUS,
    TARGET,
    TARGET_ID,
    WAS,
    TEXTS,
    DATA = TEXTS,
    BEFORE,
    AFTER,
    CHANGED,
    OF,
    ERROR,
    DELETED,
    V,
    PART,
    N,
    RECORD,
    ENCODING,
    CUT,
    KEYS
};

static const struct str pointers[KEYS] = {[SOURCE] = STR("/source"),
                                          [STREAM] = STR("/stream"),
                                          [ENTITY] = STR("/entity"),
                                          [ID] = STR("/id"),
                                          [LABEL] = STR("/label"),
                                          [OP] = STR("/op"),
                                          [VERSION] = STR("/version"),
                                          [FROM] = STR("/from"),
                                          [STATUS] = STR("/status"),
                                          [TARGET] = STR("/target"),
                                          [TARGET_ID] = STR("/target_id"),
                                          [WAS] = STR("/was"),
                                          [DATA] = STR("/data"),
                                          [BEFORE] = STR("/before"),
                                          [AFTER] = STR("/after"),
                                          [CHANGED] = STR("/changed"),
                                          [OF] = STR("/of"),
                                          [ERROR] = STR("/error"),
                                          [DELETED] = STR("/deleted"),
                                          [V] = STR("/v"),
                                          [PART] = STR("/part"),
                                          [N] = STR("/n"),
                                          [RECORD] = STR("/record"),
                                          [ENCODING] = STR("/encoding"),
                                          [CUT] = STR("/cut")};

static const size_t text_places[TEXTS] = {
    [SOURCE] = offsetof(struct record, source),       [STREAM] = offsetof(struct record, stream),
    [ENTITY] = offsetof(struct record, entity),       [ID] = offsetof(struct record, id),
    [LABEL] = offsetof(struct record, label),         [OP] = offsetof(struct record, op),
    [VERSION] = offsetof(struct record, version),     [FROM] = offsetof(struct record, from),
    [STATUS] = offsetof(struct record, status),       [TARGET] = offsetof(struct record, target),
    [TARGET_ID] = offsetof(struct record, target_id), [WAS] = offsetof(struct record, was)};

#define BIT(key) (UINT32_C(1) << (key))
#define NAMED    (BIT(ENTITY) | BIT(ID) | BIT(SOURCE))

static const struct kind {
    uint32_t required, allowed;
    bool strict; /* refuses what is not allowed; else that is ignored */
} kinds[] = {
    [RECORD_RECEIPT] = {.required = NAMED | BIT(STATUS) | BIT(TARGET),
                        .allowed = NAMED | BIT(STATUS) | BIT(TARGET) | BIT(TARGET_ID) | BIT(OP) |
                                   BIT(VERSION) | BIT(ERROR)},
    [RECORD_NATIVE] = {.required = BIT(SOURCE) | BIT(STREAM),
                       .allowed = NAMED | BIT(STREAM) | BIT(LABEL) | BIT(FROM) | BIT(DATA) | BIT(DELETED) |
                                  BIT(VERSION) | BIT(PART) | BIT(OP) | BIT(BEFORE) | BIT(AFTER) | BIT(WAS)},
    [RECORD_CHANGE] = {.required = NAMED | BIT(OP) | BIT(V),
                       .allowed = NAMED | BIT(OP) | BIT(V) | BIT(BEFORE) | BIT(AFTER) | BIT(CHANGED) |
                                  BIT(OF) | BIT(TARGET),
                       .strict = true},
    [RECORD_CANONICAL] = {.required = NAMED | BIT(V),
                          .allowed = NAMED | BIT(V) | BIT(DATA) | BIT(DELETED) | BIT(OF),
                          .strict = true},
};

static struct str name_of(enum key k)
{
    return str_slice(pointers[k], 1, pointers[k].n);
}

struct json_keys *envelope_keys(void)
{
    struct str names[KEYS];
    for (int k = 0; k < KEYS; k++)
        names[k] = name_of(k);
    return json_keys_new(names, KEYS);
}

/* What was found in one object. */
struct found {
    const struct json_node *value[KEYS];
    uint32_t present;
    bool strange; /* there are other keys as well */
};

/* ROOT was parsed last. */
static void find(struct record_in *in, const struct json_node *root, struct found *f)
{
    uint64_t alike = json_alike(in->unique, root);
    f->strange = json_keys_find_alike(in->keys, root, alike, f->value) > 0;
    if (alike == 0 || alike != in->alike) {
        in->alike = alike;
        in->present = 0;
        for (int k = 0; k < KEYS; k++)
            in->present |= (uint32_t)(f->value[k] != NULL) << k;
    }
    f->present = in->present;
}

static bool has(const struct found *f, enum key k)
{
    return (f->present & BIT(k)) != 0;
}

/* ---- errors ---- */

static int wrong(struct err *e, enum key k, const char *what)
{
    err_field(e, pointers[k]);
    return err_set(e, "record", "%s", what);
}

static int wrong_type(struct err *e, enum key k, const struct json_node *v, const char *wanted)
{
    static const char *const types[] = {"null",     "false",    "true",     "a number",
                                        "a string", "an array", "an object"};
    err_field(e, pointers[k]);
    return err_set(e, "record", "must be %s, not %s", wanted, types[v->type]);
}

static enum key first_of(uint32_t bits)
{
    return (enum key)__builtin_ctz(bits);
}

/* Names the first key of the object that this kind does not know. */
static int strange_key(const struct record *r, uint32_t allowed, struct err *e)
{
    const struct json_node *end = r->root + r->root->span;
    for (const struct json_node *key = r->root + 1; key < end; key = json_next_key(key)) {
        int k = 0;
        while (k < KEYS && !((allowed & BIT(k)) != 0 && json_string_is(key, name_of(k))))
            k++;
        if (k == KEYS)
            return err_set(e, "record", "no such key in a %s: %s",
                           r->kind == RECORD_CHANGE ? "change" : "canonical record",
                           err_quote(json_text(key)));
    }
    return 0;
}

/* ---- values ---- */

static int take_texts(struct record_in *in, struct record *r, const struct found *f, uint32_t allowed,
                      struct err *e)
{
    for (uint32_t left = f->present & allowed & (BIT(TEXTS) - 1); left != 0; left &= left - 1) {
        enum key k = first_of(left);
        const struct json_node *v = f->value[k];
        struct str *place = (struct str *)((char *)r + text_places[k]);
        if (v->type != JSON_STRING)
            return wrong_type(e, k, v, "a string");
        *place = v->form == JSON_CLEAN ? json_text(v) : json_string(v, &in->arena);
        if (place->p == NULL)
            return err_memory(e);
    }
    return 0;
}

static int take_container(const struct json_node **place, const struct found *f, enum key k,
                          enum json_type type, struct err *e)
{
    const struct json_node *v = f->value[k];
    if (v != NULL && v->type != type)
        return wrong_type(e, k, v, type == JSON_OBJECT ? "an object" : "an array");
    *place = v;
    return 0;
}

/* A whole number of at most nine digits, from LEAST. */
static int take_count(int64_t *place, const struct found *f, enum key k, int64_t least, struct err *e)
{
    const struct json_node *v = f->value[k];
    uint64_t n;
    if (v == NULL)
        return 0;
    if (v->type != JSON_NUMBER)
        return wrong_type(e, k, v, "a number");
    if (v->n > 9 || !count_parse(json_text(v), &n) || (int64_t)n < least)
        return wrong(e, k, least > 0 ? "must be a whole number from 1" : "must be a whole number");
    *place = (int64_t)n;
    return 0;
}

static int take_values(struct record *r, const struct found *f, struct err *e)
{
    const struct json_node *deleted = f->value[DELETED];
    if (deleted != NULL && deleted->type != JSON_TRUE)
        return wrong_type(e, DELETED, deleted, "true");
    r->deleted = deleted != NULL;
    r->error = f->value[ERROR];
    if (take_container(&r->data, f, DATA, JSON_OBJECT, e) == -1 ||
        take_container(&r->before, f, BEFORE, JSON_OBJECT, e) == -1 ||
        take_container(&r->after, f, AFTER, JSON_OBJECT, e) == -1 ||
        take_container(&r->changed, f, CHANGED, JSON_ARRAY, e) == -1 ||
        take_container(&r->of, f, OF, JSON_ARRAY, e) == -1)
        return -1;
    return take_count(&r->v, f, V, 1, e) == -1 || take_count(&r->part, f, PART, 0, e) == -1 ? -1 : 0;
}

/* ---- kinds ---- */

static int check_change(const struct record *r, const struct found *f, struct err *e)
{
    bool create = str_eq(r->op, STR("create")), update = str_eq(r->op, STR("update"));
    bool delete = str_eq(r->op, STR("delete"));
    if (!update && !create && !delete) {
        err_field(e, pointers[OP]);
        return err_set(e, "record", "must be create, update or delete, not %s", err_quote(r->op));
    }
    if (delete ? has(f, AFTER) : !has(f, AFTER))
        return wrong(e, AFTER, delete ? "stands in a delete" : "is missing");
    if (create && has(f, BEFORE))
        return wrong(e, BEFORE, "stands in a create");
    return update && !has(f, BEFORE) ? wrong(e, BEFORE, "is missing") : 0;
}

static int check_kind(struct record_in *in, struct record *r, const struct found *f, struct err *e)
{
    const struct kind *kind = &kinds[r->kind];
    if (take_texts(in, r, f, kind->allowed, e) == -1 || take_values(r, f, e) == -1)
        return -1;
    uint32_t missing = kind->required & ~f->present;
    if (missing != 0)
        return wrong(e, first_of(missing), "is missing");
    if (kind->strict && (f->strange || (f->present & ~kind->allowed) != 0) &&
        strange_key(r, kind->allowed, e) == -1)
        return -1;
    for (uint32_t left = kind->required & (BIT(TEXTS) - 1); left != 0; left &= left - 1)
        if (f->value[first_of(left)]->n == 0)
            return wrong(e, first_of(left), "is empty");
    if ((kind->allowed & BIT(OF)) != 0 && r->of != NULL && (r->of = of_respell(r->of, &in->arena, e)) == NULL)
        return -1;
    if (r->kind == RECORD_CHANGE)
        return check_change(r, f, e);
    if (has(f, DATA) && has(f, DELETED))
        return wrong(e, DELETED, "stands beside data");
    bool other = has(f, DELETED) || r->kind == RECORD_RECEIPT || (r->kind == RECORD_NATIVE && has(f, OP));
    return has(f, DATA) || other ? 0 : wrong(e, DATA, "is missing");
}

/* Told apart in this order; false where it is of no kind. */
static bool tell_kind(struct record *r, const struct found *f)
{
    static const struct {
        enum key key;
        enum record_kind kind;
    } signs[] = {{N, RECORD_MARK},
                 {STATUS, RECORD_RECEIPT},
                 {STREAM, RECORD_NATIVE},
                 {OP, RECORD_CHANGE},
                 {V, RECORD_CANONICAL}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (has(f, signs[i].key)) {
            r->kind = signs[i].kind;
            return true;
        }
    return false;
}

/* ---- rejects ---- */

static int keep(struct record_in *in, struct str *line, struct str bytes, struct err *e)
{
    *line = json_padded(bytes, &in->arena);
    return line->p != NULL ? 0 : err_memory(e);
}

static int unwrap_base64(struct record_in *in, struct str *line, struct str text, struct err *e)
{
    struct buf bytes;
    buf_init(&bytes, JSON_BYTES);
    int done = base64_decode(&bytes, text) ? keep(in, line, buf_str(&bytes), e)
                                           : wrong(e, RECORD, "is not base64, as /encoding says");
    buf_release(&bytes);
    return done;
}

/* LINE becomes what the reject holds. */
static int unwrap(struct record_in *in, struct str *line, const struct found *f, struct err *e)
{
    const struct json_node *held = f->value[RECORD], *encoding = f->value[ENCODING];
    if (json_is(f->value[CUT], JSON_TRUE))
        return err_set(e, "limit", "this reject holds only the beginning of a line that was over the limit");
    if (held->type == JSON_OBJECT) {
        *line = json_text(held);
        return 0;
    }
    if (held->type != JSON_STRING)
        return wrong_type(e, RECORD, held, "an object or a string");
    struct str text = json_string(held, &in->arena);
    if (text.p == NULL)
        return err_memory(e);
    if (encoding == NULL)
        return keep(in, line, text, e);
    if (!json_is(encoding, JSON_STRING) || !json_string_is(encoding, STR("base64")))
        return wrong(e, ENCODING, "must be base64");
    return unwrap_base64(in, line, text, e);
}

static int parse(struct record_in *in, struct record *r, struct found *f, bool *checked, struct err *e)
{
    if (json_parse_record(&in->tape, r->line, &in->limits, in->unique, checked, e) == -1)
        return -1;
    if (in->tape.node->type != JSON_OBJECT)
        return err_set(e, "record", "not a JSON object");
    r->root = in->tape.node;
    find(in, r->root, f);
    return 0;
}

/* R's data_version, where its data may be canonical as it stands. */
static int take_version(struct record_in *in, struct record *r, struct err *e)
{
    if (in->versions == NULL || r->kind != RECORD_CANONICAL || r->data == NULL ||
        r->data->form == JSON_PLAIN || !json_escapes_are_canonical(json_text(r->data)))
        return 0;
    char *version = arena_raw(&in->arena, DIGEST_SHA256);
    if (version == NULL)
        return err_memory(e);
    if (digest_take(in->versions, version, json_text(r->data), e) == -1)
        return -1;
    r->data_version = (struct str){version, DIGEST_SHA256 - 1};
    return 0;
}

static int take_apart(struct record_in *in, struct record *r, struct err *e)
{
    struct found f;
    struct str from = {0};
    bool replayed = false, checked;
    f.present = 0;
    if (parse(in, r, &f, &checked, e) == -1)
        return -1;
    /* What a reject holds may be just what a record may not: only that is checked, after it was unwrapped. */
    if (has(&f, ERROR) && has(&f, RECORD)) {
        if (json_is(f.value[FROM], JSON_STRING))
            from = json_string(f.value[FROM], &in->arena);
        r->root = NULL;
        r->from = from; /* also where what it holds cannot be read */
        replayed = true;
        if (unwrap(in, &r->line, &f, e) == -1 || parse(in, r, &f, &checked, e) == -1)
            return -1;
    }
    r->from = from;
    if (!checked && json_check_record(r->root, in->unique, e) == -1)
        return -1;
    if (!tell_kind(r, &f))
        return err_set(e, "record", "no record: none of the keys n, status, stream, op, v is there");
    /* What was refused vouches for nothing. */
    if (r->kind == RECORD_MARK && replayed)
        return err_set(e, "record", "no record: a mark, in a line that was refused");
    if (r->kind == RECORD_MARK)
        return 0;
    if (check_kind(in, r, &f, e) == -1)
        return -1;
    r->data_alike = r->data != NULL ? json_alike(in->unique, r->data) : 0;
    return take_version(in, r, e);
}

enum record_got envelope_take(struct record_in *in, struct str line, struct record *r, struct err *e)
{
    *r = (struct record){.line = line, .input = r->input, .number = r->number};
    e->field[0] = '\0';
    return take_apart(in, r, e) == 0 ? RECORD_OK : RECORD_BAD;
}

enum record_got record_of_line(struct record_in *in, struct str line, struct record *r, struct err *e)
{
    arena_reset(&in->arena);
    return envelope_take(in, line, r, e);
}
