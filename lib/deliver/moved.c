#include "deliver/moved.h"

#include <stdlib.h>

#include "base/hex.h"
#include "base/list.h"
#include "record/write.h"

enum { MOVED_MOST = 1 << 30 };

int moved_init(struct moved *m, struct err *e)
{
    arena_init(&m->arena, MOVED_MOST);
    buf_init(&m->text, MOVED_MOST);
    return record_in_init(&m->in, RECORD_MARKS_IGNORED, e);
}

void moved_release(struct moved *m)
{
    arena_release(&m->arena);
    buf_release(&m->text);
    record_in_release(&m->in);
    free(m->record);
}

int moved_add(struct moved *m, struct str key, const struct ledger_entry *had,
              const struct ledger_pending *pending, struct err *e)
{
    struct moved_record *list = list_room(m->record, m->n, &m->cap, sizeof *list);
    if (list == NULL)
        return err_memory(e);
    m->record = list;
    struct moved_record *r = &m->record[m->n];
    *r = (struct moved_record){
        .key = arena_str(&m->arena, key), .line = json_padded(pending->line, &m->arena), .had = *had};
    if (r->key.p == NULL || r->line.p == NULL)
        return err_memory(e);
    r->had.target_id = (struct str){0}; /* not ours to keep */
    memcpy(r->version, pending->version, LEDGER_VERSION);
    m->n++;
    m->sorted = false;
    return 0;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct moved_record *)a)->key, ((const struct moved_record *)b)->key);
}

static const struct moved_record *find(struct moved *m, struct str key)
{
    const struct moved_record wanted = {.key = key};
    if (!m->sorted && m->n > 0)
        qsort(m->record, m->n, sizeof *m->record, by_key);
    m->sorted = true;
    return m->n > 0 ? bsearch(&wanted, m->record, m->n, sizeof *m->record, by_key) : NULL;
}

/* R, with BEFORE (NULL: nothing) as what it starts from. */
static int write_from(struct moved *m, const struct record *r, const struct json_node *before,
                      const char version[LEDGER_VERSION], struct err *e)
{
    char was[2 * LEDGER_VERSION + 1];
    struct record from = *r;
    const struct json_node *after = record_state(r);
    from.data = NULL;
    from.after = after;
    from.before = before;
    from.changed = NULL; /* nobody asks a line that is kept */
    from.op = before == NULL ? STR("create") : after == NULL ? STR("delete") : STR("update");
    from.was = before != NULL ? (struct str){was, sizeof was - 1} : (struct str){0};
    *hex_write(was, (struct str){version, LEDGER_VERSION}) = '\0';
    buf_reset(&m->text);
    record_write(&m->text, &from);
    return buf_ok(&m->text) ? 0 : err_memory(e);
}

int moved_rebase(struct moved *m, struct str key, struct moved_change *change, struct err *e)
{
    const struct moved_record *now = find(m, key);
    const struct ledger_entry *has = change->has;
    struct record delivered = {0};
    if (now == NULL || memcmp(now->version, has->version, LEDGER_VERSION) != 0 ||
        !decide_fits(&now->had, &change->given))
        return 0;
    if (record_of_line(&m->in, now->line, &delivered, e) != RECORD_OK)
        return -1;
    bool gone = has->state == LEDGER_DELETED;
    if (gone && change->given.op == GIVEN_DELETE)
        return 0; /* as it is to be */
    if (write_from(m, change->record, gone ? NULL : record_state(&delivered), now->version, e) == -1)
        return -1;
    change->line = str_slice(buf_str(&m->text), 0, m->text.n - 1);
    change->given.has_was = !gone;
    memcpy(change->given.was, now->version, LEDGER_VERSION);
    if (change->given.op != GIVEN_DELETE)
        change->given.op = gone ? GIVEN_CREATE : GIVEN_UPDATE;
    return 1;
}
