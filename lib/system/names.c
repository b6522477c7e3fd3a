#include "system/names.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/search.h"

bool name_is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '_' && c != '-')
            return false;
    }
    return s.n > 0;
}

void name_list_add(struct name_list *l, struct str name)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->name[i], name))
            return;
    if (l->n == NAME_LIST_MOST)
        l->more = true;
    else
        l->name[l->n++] = name;
}

/* ENTRY of the folder PATH: its name is added where it has, or holds, the tail. */
static int add_entry(struct name_list *l, struct str path, struct str entry, struct str tail)
{
    bool is_folder = tail.p[0] == '/';
    if (entry.p[0] == '.' || (!is_folder && (!str_ends(entry, tail) || entry.n == tail.n)))
        return 0;
    struct str name = is_folder ? entry : str_slice(entry, 0, entry.n - tail.n);
    struct str file = arena_printf(l->arena, "%s/%.*s%s", path.p, (int)name.n, name.p, tail.p);
    name = arena_str(l->arena, name);
    if (file.p == NULL || name.p == NULL)
        return -1;
    if (access(file.p, F_OK) == 0)
        name_list_add(l, name);
    return 0;
}

int name_list_add_files(struct name_list *l, const char *folder, const char *tail)
{
    size_t count;
    const struct str *folders = search_folders(&count, l->arena);
    if (folders == NULL)
        return -1;
    int done = 0;
    for (size_t i = 0; i < count && done == 0; i++) {
        struct str path = arena_printf(l->arena, "%.*s/%s", (int)folders[i].n, folders[i].p, folder);
        DIR *dir = path.p != NULL ? opendir(path.p) : NULL;
        if (path.p == NULL)
            done = -1;
        for (struct dirent *entry; dir != NULL && done == 0 && (entry = readdir(dir)) != NULL;)
            done = add_entry(l, path, str_of(entry->d_name), str_of(tail));
        if (dir != NULL)
            closedir(dir);
    }
    return done;
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

const char *name_list_text(struct name_list *l)
{
    struct buf text;
    buf_init(&text, 64 << 10);
    qsort(l->name, l->n, sizeof *l->name, by_bytes);
    for (size_t i = 0; i < l->n; i++) {
        buf_put(&text, i > 0 ? STR(", ") : STR(""));
        buf_put(&text, l->name[i]);
    }
    if (l->more)
        buf_put(&text, STR(", …"));
    struct str copy = arena_str(l->arena, l->n > 0 && buf_ok(&text) ? buf_str(&text) : STR("none"));
    buf_release(&text);
    return copy.p != NULL ? copy.p : "";
}
