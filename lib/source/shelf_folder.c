/*
 * A folder of this machine.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "source/shelf.h"

static int fail(const struct shelf *s, const char *what, struct err *e)
{
    err_errno(e, what);
    err_place(e, "%.*s", (int)s->place.n, s->place.p);
    return -1;
}

static struct str path(struct shelf *s, struct str name)
{
    return arena_printf(s->arena, "%.*s%.*s", (int)s->place.n, s->place.p, (int)name.n, name.p);
}

static int list(struct shelf *s, struct buf *names, struct err *e)
{
    DIR *folder = opendir(s->place.p);
    const struct dirent *entry;
    if (folder == NULL)
        return fail(s, "cannot be read", e);
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        buf_put(names, str_of(entry->d_name));
        buf_byte(names, '\0');
    }
    int done = errno != 0 ? fail(s, "cannot be read", e) : buf_ok(names) ? 0 : err_memory(e);
    closedir(folder);
    return done;
}

static int look(struct shelf *s, struct str name, struct shelf_file *f, struct err *e)
{
    struct str where = path(s, name);
    struct stat st;
    if (where.p == NULL)
        return err_memory(e);
    if (stat(where.p, &st) == -1 || !S_ISREG(st.st_mode))
        return 0;
    f->size = st.st_size;
    f->changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return 1;
}

static int move(struct shelf *s, struct str name, struct str folder, struct str as, struct err *e)
{
    bool absolute = str_starts(folder, STR("/"));
    struct str into = arena_printf(s->arena, "%.*s%.*s", absolute ? 0 : (int)s->place.n, s->place.p,
                                   (int)folder.n, folder.p);
    struct str from = path(s, name);
    struct str to = into.p != NULL ? arena_printf(s->arena, "%s/%.*s", into.p, (int)as.n, as.p) : into;
    if (from.p == NULL || to.p == NULL)
        return err_memory(e);
    if ((mkdir(into.p, 0777) == 0 || errno == EEXIST) && rename(from.p, to.p) == 0)
        return 0;
    err_errno(e, errno == EXDEV ? "cannot be moved to another file system: name a folder of its own"
                                : "cannot be moved");
    err_place(e, "%s", to.p);
    return -1;
}

const struct shelf_kind shelf_folder = {.list = list, .look = look, .move = move, .path = path};
