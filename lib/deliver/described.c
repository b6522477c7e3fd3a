#include "deliver/described.h"

#include "base/hex.h"

int described_open(struct carrier *c, struct session *s, struct system *system, struct str target,
                   const struct session_options *o, const struct json_node **found, struct err *e)
{
    *found = system_find_target(system, target);
    if (*found == NULL)
        return system_no_target(system, target, e);
    if (session_open(s, system, o, e) == -1)
        return -1;
    c->system = system->source;
    c->name = arena_printf(&s->arena, "%.*s:%.*s", (int)system->source.n, system->source.p, (int)target.n,
                           target.p);
    return c->name.p != NULL ? 0 : err_memory(e);
}

/* Which of the words the member KEY of OBJECT is; OTHERWISE where it has none. */
static unsigned word_of(const struct json_node *object, struct str key, const struct str *word, unsigned n,
                        unsigned otherwise)
{
    const struct json_node *said = json_get(object, key);
    for (unsigned i = 0; said != NULL && i < n; i++)
        if (json_string_is(said, word[i]))
            return i;
    return otherwise;
}

enum carrier_repeat described_repeat(const struct json_node *object, enum carrier_repeat otherwise)
{
    static const struct str words[] = {[CARRIER_SAFE] = STR("safe"),
                                       [CARRIER_KEY] = STR("key"),
                                       [CARRIER_LOOK] = STR("look"),
                                       [CARRIER_NEVER] = STR("never")};
    return (enum carrier_repeat)word_of(object, STR("repeat"), words, sizeof words / sizeof *words,
                                        otherwise);
}

void described_take(struct carrier *c, const struct json_node *target, enum carrier_repeat repeat,
                    enum carrier_changed changed)
{
    static const struct str words[] = {
        [CARRIER_APPLY] = STR("apply"), [CARRIER_IGNORE] = STR("ignore"), [CARRIER_REFUSE] = STR("refuse")};
    const struct json_node *only = json_get(target, STR("only"));
    c->repeat = described_repeat(target, repeat);
    c->changed =
        (enum carrier_changed)word_of(target, STR("changed"), words, sizeof words / sizeof *words, changed);
    for (unsigned op = CARRIER_CREATE; op <= CARRIER_DELETE; op <<= 1)
        c->only |= only != NULL && json_string_is(only, carrier_op_word(op)) ? op : 0;
}

bool described_path(struct str written, struct str path)
{
    bool absolute = str_starts(path, STR("/")) && !str_starts(written, STR("/"));
    return path.n > 0 && !absolute && str_search(path, STR(".."), 0) >= path.n;
}

void described_bind(struct bindings *b, const struct parcel *p, unsigned op, const struct json_node *before)
{
    char hash[2 * LEDGER_VERSION];
    hex_write(hash, (struct str){p->pending.version, sizeof p->pending.version});
    /* `source` is the connection's everywhere else; of what is sent it is that of the record. */
    const struct {
        struct str name, text;
    } texts[] = {{STR("id"), p->pending.key.id},         {STR("entity"), p->pending.key.entity},
                 {STR("source"), p->pending.key.source}, {STR("op"), carrier_op_word(op)},
                 {STR("hash"), {hash, sizeof hash}},     {STR("key"), str_of(p->key)},
                 {STR("target_id"), p->target_id}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].text.p != NULL)
            bindings_set_text(b, texts[i].name, texts[i].text);
        else
            bindings_set(b, texts[i].name, NULL);
    }
    bindings_set(b, STR("before"), before);
}
