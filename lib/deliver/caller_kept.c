#include <sys/stat.h>

#include "base/file.h"
#include "deliver/caller_slot.h"

static struct caller_kept *kept_of(struct caller *a, struct caller_slot *s, const struct json_node *step)
{
    struct str name = description_string(caller_described(a), json_get(step, STR("name")));
    for (size_t i = 0; name.p != NULL && i < a->nsteps; i++)
        if (str_eq(a->step_name[i], name))
            return &s->kept[i];
    return NULL;
}

/* {"create":{…},"buy":{…}}: what lasts. */
int caller_write_kept(struct caller *a, struct caller_slot *s, struct parcel *p, struct err *e)
{
    struct buf *all = &s->items;
    buf_reset(all);
    buf_byte(all, '{');
    for (size_t i = 0; i < a->nsteps; i++) {
        if (!s->kept[i].lasting || s->kept[i].text.n == 0)
            continue;
        if (all->n > 1)
            buf_byte(all, ',');
        json_write_string(all, a->step_name[i]);
        buf_byte(all, ':');
        buf_put(all, buf_str(&s->kept[i].text));
    }
    buf_byte(all, '}');
    p->pending.kept = buf_ok(all) ? arena_str(a->carrier.host.arena, buf_str(all)) : (struct str){0};
    return p->pending.kept.p != NULL ? 0 : err_memory(e);
}

int caller_read_kept(struct caller *a, struct caller_slot *s, const struct parcel *p, struct err *e)
{
    for (size_t i = 0; i < a->nsteps; i++) {
        buf_reset(&s->kept[i].text);
        s->kept[i].lasting = false;
    }
    if (p->pending.kept.p == NULL)
        return 0;
    buf_reset(&s->items);
    buf_put(&s->items, p->pending.kept);
    if (json_parse_made(&s->tape, &s->items, e) == -1)
        return -1;
    for (size_t i = 0; i < a->nsteps; i++) {
        const struct json_node *value =
            a->step_name[i].p != NULL ? json_get(s->tape.node, a->step_name[i]) : NULL;
        if (value != NULL)
            json_write(&s->kept[i].text, value);
        s->kept[i].lasting = value != NULL;
    }
    return 0;
}

/* Keeps of an answer what the step says, or all of it for the steps behind. */
int caller_keep(struct caller *a, struct caller_slot *s, const struct json_node *step, struct err *e)
{
    struct caller_kept *kept = kept_of(a, s, step);
    const struct json_node *what = json_get(step, STR("keep"));
    if (kept == NULL)
        return 0;
    buf_reset(&kept->text);
    kept->lasting = what != NULL;
    if (what == NULL) {
        if (s->x.value != NULL)
            json_write(&kept->text, s->x.value);
        return buf_ok(&kept->text) ? 0 : err_memory(e);
    }
    struct view v;
    session_view(&a->session, &v, s->x.value, &s->x);
    s->tape.n = 0;
    if (description_value(caller_described(a), what, &v, &s->tape, e) == -1)
        return -1;
    json_write(&kept->text, s->tape.node);
    return buf_ok(&kept->text) ? 0 : err_memory(e);
}

/* The file that a step saves. */
int caller_save(struct caller *a, struct caller_slot *s, const struct json_node *step, struct err *e)
{
    struct file_write w;
    struct str path;
    const struct json_node *said = json_get(step, STR("save"));
    if (said == NULL)
        return 0;
    if (caller_text(a, s, said, caller_value(s), &path, e) == -1)
        return -1;
    if (!described_path(description_string(caller_described(a), said), path))
        return err_set(e, "record", "not the name of a file to save: %s", err_quote(path));
    for (size_t i = 1; i < path.n; i++) {
        if (path.p[i] != '/')
            continue;
        struct str folder = arena_str(&s->arena, str_slice(path, 0, i));
        if (folder.p == NULL)
            return err_memory(e);
        mkdir(folder.p, 0777); /* where that fails, opening the file says why */
    }
    if (file_write_open(&w, path.p, 0644, e) == -1)
        return -1;
    buf_put(&w.out.buf, s->x.answer->body);
    if (out_commit(&w.out, e) == -1) {
        file_write_abort(&w);
        return -1;
    }
    return file_write_commit(&w, e);
}
