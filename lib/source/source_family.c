/*
 * Lines whose children name their parent, as bulk jobs give them, folded: each child stands in its parent, in
 * a list called by its kind. The lines are read as their format has it. Since a child may stand anywhere, all
 * are read before the first record is given: their texts lie in a file without a name.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"
#include "source/family.h"
#include "source/source.h"
#include "source/value.h"

enum { WINDOW = 64 << 10, LEVELS = 64, KINDS = 1024, NAMES_MOST = 1 << 20, IDS_MEMORY = 8 << 20 };

struct family_source {
    const char *name;
    struct str key; /* the member that names the parent */
    struct family family;
    struct value_reader value;
    struct arena arena, names; /* of one line; of the kinds */
    struct str kind[KINDS];
    uint32_t nkinds;
    uint32_t seen_in[KINDS]; /* the parent whose children were last of this kind */
    int fd;                  /* the texts */
    struct out spool;
    struct buf window, text, raw; /* what was read back; one line of it; a record as it came */
    uint64_t window_at;
    uint32_t at; /* the next node */
};

static void source_family_close(void *source)
{
    struct family_source *s = source;
    if (s == NULL)
        return;
    family_release(&s->family);
    value_release(&s->value);
    arena_release(&s->arena);
    arena_release(&s->names);
    out_release(&s->spool);
    if (s->fd != -1)
        close(s->fd);
    buf_release(&s->window);
    buf_release(&s->text);
    buf_release(&s->raw);
    free(s);
}

/* ---- reading all lines ---- */

/* "gid://shopify/LineItem/17": "LineItem". Absent: it is not of that form. */
static struct str kind_of_id(struct str id)
{
    if (!str_starts(id, STR("gid://")))
        return (struct str){0};
    struct str rest = str_slice(id, 6, id.n);
    rest = str_slice(rest, str_find(rest, '/') + 1, rest.n);
    size_t n = str_find(rest, '/');
    return n > 0 && n < rest.n ? str_slice(rest, 0, n) : (struct str){0};
}

static int number_of_kind(struct family_source *s, struct str name, uint32_t *number, struct err *e)
{
    for (*number = 0; *number < s->nkinds; ++*number)
        if (str_eq(s->kind[*number], name))
            return 0;
    if (s->nkinds == KINDS)
        return err_set(e, "limit", "children of more than %d kinds", KINDS);
    s->kind[s->nkinds] = arena_str(&s->names, name);
    s->seen_in[s->nkinds] = FAMILY_NONE;
    return s->kind[s->nkinds++].p != NULL ? 0 : err_memory(e);
}

/* An id as text; absent where it is neither a text nor a number. */
static struct str id_text(struct family_source *s, const struct json_node *v)
{
    if (json_is(v, JSON_STRING))
        return json_string(v, &s->arena);
    return json_is(v, JSON_NUMBER) ? json_text(v) : (struct str){0};
}

static int take_line(struct family_source *s, const struct source_item *item, struct err *e)
{
    const struct json_node *line = s->value.tape.node, *up = json_get(line, s->key);
    struct str id = id_text(s, json_get(line, STR("id"))), parent = id_text(s, up), kind = {0};
    const struct json_node *type = json_get(line, STR("__typename"));
    struct family_node node = {
        .line = item->line, .offset = s->spool.bytes + s->spool.buf.n, .n = (uint32_t)item->raw.n};
    if (up != NULL && up->type != JSON_NULL && parent.p == NULL)
        return err_set(e, "record", "%s is neither a text nor a number", err_quote(s->key));
    if (json_is(type, JSON_STRING))
        kind = json_string(type, &s->arena);
    else if (id.p != NULL)
        kind = kind_of_id(id);
    if (number_of_kind(s, kind.n > 0 ? kind : STR("children"), &node.kind, e) == -1 ||
        family_add(&s->family, &node, id, parent, e) == -1)
        return -1;
    buf_put(&s->spool.buf, item->raw);
    return out_commit(&s->spool, e);
}

/* What cannot be read could be a part of any record: none would be known to be whole. */
static int read_all(struct family_source *s, const struct source_kind *kind, void *lines, struct err *e)
{
    struct source_item item;
    for (;;) {
        arena_reset(&s->arena);
        buf_reset(&s->text);
        enum source_got got = kind->next(lines, &item, &s->text, e);
        if (got == SOURCE_FATAL || got == SOURCE_END)
            return got == SOURCE_FATAL ? -1 : out_flush(&s->spool, e);
        struct err why = {0};
        buf_reset(&s->text);
        buf_put(&s->text, item.raw);
        if (value_parse(&s->value, buf_str(&s->text), &why) == -1 ||
            !json_is(s->value.tape.node, JSON_OBJECT))
            return got == SOURCE_BAD ? -1 : err_memory(e);
        err_clear(e);
        if (take_line(s, &item, e) == -1) {
            err_place(e, "%s:%" PRIu64, s->name, item.line);
            return -1;
        }
    }
}

static int open_all(struct family_source *s, const struct input *input, const struct source_options *o,
                    struct err *e)
{
    const struct source_kind *kind = source_kind_of_lines(input, o, e);
    if (kind == NULL)
        return -1;
    s->fd = file_unlinked(e);
    if (s->fd == -1 || value_init(&s->value) == -1)
        return s->fd == -1 ? -1 : err_memory(e);
    s->spool.fd = s->fd;
    void *lines = kind->open(input, o, e);
    int done = lines != NULL ? read_all(s, kind, lines, e) : -1;
    kind->close(lines);
    return done == 0 ? family_link(&s->family, e) : -1;
}

static void *source_family_open(const struct input *input, const struct source_options *o, struct err *e)
{
    struct family_source *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    s->fd = -1;
    s->name = input->name;
    s->key = o->parent;
    family_init(&s->family, o->memory > 0 && o->memory < IDS_MEMORY ? o->memory : IDS_MEMORY);
    arena_init(&s->arena, JSON_BYTES);
    arena_init(&s->names, NAMES_MOST);
    out_init(&s->spool, -1);
    buf_init(&s->window, WINDOW);
    buf_init(&s->text, JSON_BYTES);
    buf_init(&s->raw, JSON_BYTES);
    if (open_all(s, input, o, e) == 0)
        return s;
    if (e->place[0] == '\0')
        err_place(e, "%s", s->name);
    source_family_close(s);
    return NULL;
}

/* ---- giving records ---- */

static int read_at(struct family_source *s, char *p, size_t n, uint64_t offset, struct err *e)
{
    while (n > 0) {
        ssize_t got = pread(s->fd, p, n, (off_t)offset);
        if (got <= 0)
            return err_errno(e, "cannot be read back");
        p += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

/* Appends the text of a node. Texts that stand one behind the other are read many at a time. */
static int put_text(struct family_source *s, const struct family_node *node, struct buf *out, struct err *e)
{
    bool in_window = node->offset >= s->window_at && node->offset + node->n <= s->window_at + s->window.n;
    if (!in_window && node->n < WINDOW / 2) {
        uint64_t left = s->spool.bytes - node->offset;
        s->window_at = node->offset;
        s->window.n = 0;
        char *room = buf_room(&s->window, WINDOW - 1);
        size_t n = left < WINDOW - 1 ? (size_t)left : WINDOW - 1;
        if (room == NULL || read_at(s, room, n, node->offset, e) == -1)
            return room == NULL ? err_memory(e) : -1;
        s->window.n = n;
        in_window = true;
    }
    if (in_window) {
        buf_put(out, str_slice(buf_str(&s->window), (size_t)(node->offset - s->window_at), s->window.n));
        out->n -= s->window.n - (size_t)(node->offset - s->window_at) - node->n;
        return buf_ok(out) ? 0 : err_memory(e);
    }
    char *room = buf_room(out, node->n);
    if (room == NULL)
        return err_memory(e);
    out->n += node->n;
    return read_at(s, room, node->n, node->offset, e);
}

static int put_children(struct family_source *s, uint32_t at, unsigned level, struct buf *data,
                        struct err *e);

/* The object of a node with its children in it. */
static int put_node(struct family_source *s, uint32_t at, unsigned level, struct buf *data, struct err *e)
{
    const struct family_node *node = &s->family.node[at];
    family_rest(&s->family);
    if (level == LEVELS)
        return err_set(e, "limit", "children in children, more than %d deep", LEVELS);
    buf_reset(&s->text);
    if (put_text(s, node, &s->text, e) == -1 || value_parse(&s->value, buf_str(&s->text), e) == -1 ||
        value_write(&s->value, s->value.tape.node, data, e) == -1)
        return -1;
    data->n--;
    if (put_children(s, at, level, data, e) == -1)
        return -1;
    buf_byte(data, '}');
    return buf_ok(data) ? 0 : err_set(e, "limit", "a record of more than %d MiB", JSON_BYTES >> 20);
}

/* The kinds of the children of AT: a list in the arena. The object of AT has been parsed last. */
static int find_kinds(struct family_source *s, uint32_t at, uint32_t **kinds, size_t *n, struct err *e)
{
    const struct family_node *node = s->family.node;
    *n = 0;
    for (uint32_t c = node[at].child; c != FAMILY_NONE; c = node[c].next) {
        if (s->seen_in[node[c].kind] == at)
            continue;
        s->seen_in[node[c].kind] = at;
        ++*n;
    }
    *kinds = arena_array(&s->arena, *n, sizeof **kinds);
    if (*kinds == NULL)
        return *n == 0 ? 0 : err_memory(e);
    *n = 0;
    for (uint32_t c = node[at].child; c != FAMILY_NONE; c = node[c].next) {
        uint32_t kind = node[c].kind;
        if (s->seen_in[kind] != at)
            continue;
        s->seen_in[kind] = FAMILY_NONE;
        if (json_get(s->value.tape.node, s->kind[kind]) != NULL)
            return err_set(e, "record", "has a value %s already, where its children of that kind belong",
                           err_quote(s->kind[kind]));
        (*kinds)[(*n)++] = kind;
    }
    return 0;
}

static int put_children(struct family_source *s, uint32_t at, unsigned level, struct buf *data, struct err *e)
{
    const struct family_node *node = s->family.node;
    bool empty = data->p[data->n - 1] == '{';
    uint32_t *kinds;
    size_t n;
    if (find_kinds(s, at, &kinds, &n, e) == -1)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!empty || i > 0)
            buf_byte(data, ',');
        json_write_string(data, s->kind[kinds[i]]);
        char before = '[';
        buf_byte(data, ':');
        for (uint32_t c = node[at].child; c != FAMILY_NONE; c = node[c].next) {
            if (node[c].kind != kinds[i])
                continue;
            buf_byte(data, before);
            if (put_node(s, c, level + 1, data, e) == -1)
                return -1;
            before = ',';
        }
        buf_byte(data, ']');
    }
    return 0;
}

static int find_fault(struct family_source *s, uint32_t top, struct err *e)
{
    for (uint32_t at = top; at != FAMILY_NONE; at = family_walk(&s->family, top, at)) {
        switch (s->family.node[at].fault) {
        case FAMILY_WELL: continue;
        case FAMILY_NO_PARENT: err_set(e, "parent", "the parent that it names is not there"); break;
        case FAMILY_TWO_PARENTS: err_set(e, "parent", "the parent that it names is there twice"); break;
        case FAMILY_OWN_PARENT: err_set(e, "parent", "its parents lead back to itself"); break;
        case FAMILY_TWICE: err_set(e, "parent", "its id is there twice, and children name it"); break;
        }
        err_place(e, "%s:%" PRIu64, s->name, s->family.node[at].line);
        return -1;
    }
    return 0;
}

static enum source_got refuse(struct family_source *s, uint32_t top, struct source_item *item, struct err *e)
{
    struct err why = {0};
    buf_reset(&s->raw);
    for (uint32_t at = top; at != FAMILY_NONE; at = family_walk(&s->family, top, at)) {
        if (at != top)
            buf_byte(&s->raw, '\n');
        if (put_text(s, &s->family.node[at], &s->raw, &why) == -1) {
            *e = why;
            return SOURCE_FATAL;
        }
    }
    item->raw = buf_str(&s->raw);
    if (e->place[0] == '\0')
        err_place(e, "%s:%" PRIu64, s->name, item->line);
    return SOURCE_BAD;
}

static enum source_got source_family_next(void *source, struct source_item *item, struct buf *data,
                                          struct err *e)
{
    struct family_source *s = source;
    size_t start = data->n;
    while (s->at < s->family.n && !s->family.node[s->at].top) {
        s->at++;
        family_rest(&s->family);
    }
    if (s->at == s->family.n)
        return SOURCE_END;
    uint32_t top = s->at++;
    arena_reset(&s->arena);
    *item = (struct source_item){.line = s->family.node[top].line};
    if (find_fault(s, top, e) == 0 && put_node(s, top, 0, data, e) == 0)
        return SOURCE_OK;
    data->n = start;
    return strcmp(e->code, "io") == 0 || strcmp(e->code, "memory") == 0 ? SOURCE_FATAL
                                                                        : refuse(s, top, item, e);
}

const struct source_kind source_family = {.name = "lines with parents",
                                          .suffixes = "",
                                          .open = source_family_open,
                                          .next = source_family_next,
                                          .close = source_family_close};
