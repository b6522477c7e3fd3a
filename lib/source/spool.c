#include "source/spool.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"

enum { NAMES_MOST = 256 << 20, STATE_TEXT = 48 };

struct entry {
    struct str name;
    struct shelf_file file;
    char state[STATE_TEXT]; /* "SIZE@SECONDS.NANOSECONDS" */
    bool done, gone;
};

struct spool {
    struct spool_options options;
    struct shelf shelf;
    const char *pattern; /* of names; NULL: all */
    struct entry *entry;
    size_t n, at;           /* at: behind the one that was given last */
    uint64_t read, written; /* bytes of the files since the last checkpoint; of that one */
    struct arena arena;
};

/* ---- what is there ---- */

static bool has_pattern(struct str text)
{
    return str_find(text, '*') < text.n || str_find(text, '[') < text.n;
}

/* Bytes of PLACE up to its last slash. */
static size_t folder_of(struct str place)
{
    size_t n = place.n;
    while (n > 0 && place.p[n - 1] != '/')
        n--;
    return n;
}

bool spool_is(struct str place)
{
    if (url_begins(place))
        return !str_starts(place, STR("http")) &&
               (str_ends(place, STR("/")) || has_pattern(str_slice(place, folder_of(place), place.n)));
    return str_ends(place, STR("/"));
}

static bool is_wanted(const struct spool *s, struct str name)
{
    return name.n > 0 && name.p[0] != '.' && !str_ends(name, STR(".part")) && !str_ends(name, STR(".tmp")) &&
           (s->pattern == NULL || fnmatch(s->pattern, name.p, 0) == 0);
}

static int by_name(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    return str_cmp(one->name, other->name);
}

/* Whether it has been left alone for long enough. */
static bool is_settled(const struct spool *s, const struct shelf_file *f)
{
    struct timespec now;
    if (s->options.settle == 0 || f->changed < 0)
        return true;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t at = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    return (at - f->changed) / 1000000 >= s->options.settle;
}

static int add(struct spool *s, struct str name, struct err *e)
{
    struct entry *entry = &s->entry[s->n];
    *entry = (struct entry){.name = name};
    if (!is_wanted(s, name))
        return 0;
    int found = s->shelf.kind->look(&s->shelf, name, &entry->file, e);
    if (found != 1 || !is_settled(s, &entry->file))
        return found == -1 ? -1 : 0;
    if (utf8_check(name) < name.n) {
        err_place(e, "%.*s", (int)s->shelf.place.n, s->shelf.place.p);
        return err_set(e, "io", "a file whose name is not UTF-8: %s", err_quote(name));
    }
    const struct shelf_file *f = &entry->file;
    struct buf text;
    buf_init(&text, STATE_TEXT - 1);
    buf_printf(&text, "%lld@%lld", (long long)f->size,
               (long long)(f->changed < 0 ? -1 : f->changed / 1000000000));
    if (f->changed > 0 && f->changed % 1000000000 != 0)
        buf_printf(&text, ".%09lld", (long long)(f->changed % 1000000000));
    memcpy(entry->state, text.p, text.n);
    buf_release(&text);
    s->n++;
    return 0;
}

static int list(struct spool *s, struct err *e)
{
    struct buf names;
    buf_init(&names, NAMES_MOST);
    int done = s->shelf.kind->list(&s->shelf, &names, e);
    struct str all = done == 0 && names.n > 0 ? arena_str(&s->arena, buf_str(&names)) : STR("");
    buf_release(&names);
    size_t most = 0;
    for (size_t i = 0; i < all.n; i++)
        most += all.p[i] == '\0';
    s->entry = arena_array(&s->arena, most + 1, sizeof *s->entry);
    if (done == 0 && (all.p == NULL || s->entry == NULL))
        return err_memory(e);
    for (struct str rest = all; done == 0 && rest.n > 0;) {
        struct str name = str_slice(rest, 0, str_find(rest, '\0'));
        done = add(s, name, e);
        rest = str_slice(rest, name.n + 1, rest.n);
    }
    if (done == 0 && s->n > 0)
        qsort(s->entry, s->n, sizeof *s->entry, by_name);
    return done;
}

/* ---- what was read before ---- */

/* Both are in the order of their names. */
static void note_done(struct spool *s)
{
    const struct json_node *files = json_get(s->options.checkpoint, STR("files"));
    const struct json_node *end = files != NULL ? json_next(files) : NULL;
    size_t i = 0;
    for (const struct json_node *key = files != NULL ? files + 1 : NULL; key < end;
         key = json_next_key(key)) {
        struct str name = json_string(key, &s->arena);
        while (i < s->n && str_cmp(s->entry[i].name, name) < 0)
            i++;
        if (i < s->n && str_eq(s->entry[i].name, name))
            s->entry[i].done = json_string_is(json_value_of(key), str_of(s->entry[i].state));
    }
    s->options.checkpoint = NULL;
}

/* Where a file of that name was taken before, the time of change is added. */
static int take(struct spool *s, struct entry *entry, struct err *e)
{
    struct shelf there;
    struct shelf_file file;
    struct str folder = s->options.take, as = entry->name;
    while (folder.n > 1 && str_ends(folder, STR("/")))
        folder.n--;
    bool absolute = str_starts(folder, STR("/")) && s->options.transfer == NULL;
    struct str place = absolute ? folder
                                : arena_printf(&s->arena, "%.*s%.*s/", (int)s->shelf.place.n,
                                               s->shelf.place.p, (int)folder.n, folder.p);
    if (place.p == NULL || shelf_init(&there, place, s->options.transfer, &s->arena, e) == -1)
        return err_memory(e);
    int found = there.kind->look(&there, as, &file, e);
    if (found == 1) {
        as = arena_printf(&s->arena, "%.*s.%s", (int)as.n, as.p, strchr(entry->state, '@') + 1);
        found = as.p != NULL ? there.kind->look(&there, as, &file, e) : err_memory(e);
    }
    if (found == 1) {
        err_place(e, "%.*s", (int)place.n, place.p);
        return err_set(e, "io", "holds a file %s already", err_quote(as));
    }
    if (found == -1 || s->shelf.kind->move(&s->shelf, entry->name, folder, as, e) == -1)
        return -1;
    entry->gone = true;
    return 0;
}

static int take_all(struct spool *s, struct err *e)
{
    for (size_t i = 0; i < s->n && s->options.take.p != NULL; i++)
        if (s->entry[i].done && take(s, &s->entry[i], e) == -1)
            return -1;
    return 0;
}

/* ---- life ---- */

static int open_place(struct spool *s, struct str place, struct err *e)
{
    size_t n = url_begins(place) ? folder_of(place) : place.n;
    struct str pattern = str_slice(place, n, place.n);
    if (pattern.n > 0) {
        struct buf plain;
        buf_init(&plain, 1 << 20);
        url_decode(&plain, pattern);
        s->pattern = arena_str(&s->arena, buf_str(&plain)).p;
        buf_release(&plain);
        if (s->pattern == NULL)
            return err_memory(e);
    }
    if (has_pattern(str_slice(place, 0, n)) && url_begins(place))
        return err_set(e, "usage", "a pattern has its place behind the last slash");
    return shelf_init(&s->shelf, str_slice(place, 0, n), s->options.transfer, &s->arena, e);
}

/* A file that is named, and is not moved away by us, is due there. */
static int check_there(const struct spool *s, struct str place, struct err *e)
{
    struct url u;
    if (s->n > 0 || s->pattern == NULL || has_pattern(str_of(s->pattern)) || s->options.take.p != NULL ||
        s->options.settle > 0 || !url_parse(&u, place))
        return 0;
    err_place(e, "%.*s://%.*s%.*s", (int)u.scheme.n, u.scheme.p, (int)u.host.n, u.host.p, (int)u.path.n,
              u.path.p);
    return err_set(e, "io", "is not there, or may not be read");
}

struct spool *spool_open(struct str place, const struct spool_options *o, struct err *e)
{
    struct spool *s = calloc(1, sizeof *s);
    if (s == NULL) {
        err_memory(e);
        return NULL;
    }
    s->options = *o;
    arena_init(&s->arena, (size_t)1 << 30);
    if (open_place(s, place, e) == 0 && list(s, e) == 0 && check_there(s, place, e) == 0) {
        note_done(s);
        if (take_all(s, e) == 0)
            return s;
    }
    spool_close(s);
    return NULL;
}

void spool_close(struct spool *s)
{
    if (s == NULL)
        return;
    arena_release(&s->arena);
    free(s);
}

/* ---- reading ---- */

size_t spool_count(const struct spool *s)
{
    return s->n;
}

int spool_next(struct spool *s, struct str *path, struct err *e)
{
    while (s->at < s->n && s->entry[s->at].done)
        s->at++;
    if (s->at == s->n)
        return 0;
    *path = s->shelf.kind->path(&s->shelf, s->entry[s->at++].name);
    return path->p != NULL ? 1 : err_memory(e);
}

int spool_checkpoint(struct spool *s, struct buf *out, struct err *e)
{
    size_t before = out->n;
    const char *between = "";
    buf_put(out, STR("{\"files\":{"));
    for (size_t i = 0; i < s->n; i++) {
        if (!s->entry[i].done || s->entry[i].gone)
            continue;
        buf_put(out, str_of(between));
        json_write_string(out, s->entry[i].name);
        buf_byte(out, ':');
        json_write_string(out, str_of(s->entry[i].state));
        between = ",";
    }
    buf_put(out, STR("}}"));
    s->written = out->n - before;
    s->read = 0;
    return buf_ok(out) ? 0 : err_memory(e);
}

int spool_done(struct spool *s, struct buf *checkpoint, struct err *e)
{
    struct entry *entry = &s->entry[s->at - 1];
    entry->done = true;
    s->read += entry->file.size > 0 ? (uint64_t)entry->file.size : 0;
    if (s->read < s->written)
        return 0;
    return spool_checkpoint(s, checkpoint, e) == 0 ? 1 : -1;
}
