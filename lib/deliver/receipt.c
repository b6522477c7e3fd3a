#include "base/hex.h"
#include "deliver/window.h"

static struct str status_of(const struct deliver *d, const struct item *item)
{
    switch (item->decision.what) {
    case DECIDED_UNCHANGED: return STR("unchanged");
    case DECIDED_LEFT_OUT: return STR("left_out");
    case DECIDED_PARK: return STR("parked");
    case DECIDED_SEND: break;
    }
    if (d->options.settle)
        return STR("unchanged");
    switch (item->parcel.outcome) {
    case PARCEL_APPLIED: return STR("applied");
    case PARCEL_REFUSED:
    case PARCEL_UNCERTAIN: return STR("parked");
    default: return STR("failed");
    }
}

static void count(struct deliver *d, const struct item *item, struct str status)
{
    uint64_t *of = str_eq(status, STR("parked"))         ? &d->counts.parked
                   : str_eq(status, STR("left_out"))     ? &d->counts.left_out
                   : str_eq(status, STR("unchanged"))    ? &d->counts.unchanged
                   : !str_eq(status, STR("applied"))     ? NULL
                   : item->decision.op == CARRIER_CREATE ? &d->counts.created
                   : item->decision.op == CARRIER_UPDATE ? &d->counts.updated
                                                         : &d->counts.deleted;
    if (of != NULL)
        *of += 1;
}

static bool put_member(struct json_tape *t, struct str key, struct str value)
{
    if (value.n == 0)
        return true;
    struct json_node name = json_string_node(key), text = json_string_node(value);
    return json_append(t, &name) && json_append(t, &text);
}

/* {"code":…,"field":…,"message":…}; NULL: none, or memory. */
static const struct json_node *error_of(struct deliver *d, const struct item *item)
{
    const struct parcel *p = &item->parcel;
    bool sent = item->decision.what == DECIDED_SEND;
    const char *code = sent ? p->why.code : item->decision.code;
    struct str message = sent ? p->why.message : str_of(item->decision.why);
    if (sent && p->outcome == PARCEL_UNCERTAIN)
        code = LEDGER_UNCERTAIN;
    d->error.n = 0;
    if (message.n == 0 || (sent && p->outcome == PARCEL_APPLIED))
        return NULL;
    size_t object = json_open(&d->error, JSON_OBJECT);
    if (object == SIZE_MAX || !put_member(&d->error, STR("code"), str_of(code)) ||
        !put_member(&d->error, STR("field"), sent ? p->why.field : (struct str){0}) ||
        !put_member(&d->error, STR("message"), message))
        return NULL;
    json_close(&d->error, object);
    return d->error.node;
}

int window_receipt(struct deliver *d, const struct item *item, struct err *e)
{
    const struct ledger_pending *p = &item->parcel.pending;
    char version[2 * LEDGER_VERSION + 1] = "";
    hex_write(version, (struct str){p->version, sizeof p->version});
    struct record receipt = {.kind = RECORD_RECEIPT,
                             .entity = p->key.entity,
                             .id = p->key.id,
                             .source = p->key.source,
                             .target = d->carrier->name,
                             .op = p->op,
                             .version = str_of(version),
                             .status = status_of(d, item),
                             .target_id =
                                 item->parcel.target_id.n > 0 ? item->parcel.target_id : (struct str){0},
                             .error = error_of(d, item)};
    count(d, item, receipt.status);
    return d->options.receipt(d->options.arg, &receipt, e);
}
