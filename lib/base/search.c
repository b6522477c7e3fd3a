#include "base/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static size_t count_parts(struct str path)
{
    size_t parts = 1;
    for (size_t i = 0; i < path.n; i++)
        parts += path.p[i] == ':';
    return parts;
}

/* The folder of the running executable + "/../share/hub/pipelines"; absent where the system does not tell. */
static struct str beside_executable(struct arena *a)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0)
        return (struct str){0};
    return arena_printf(a, "%.*s../share/hub/pipelines", (int)n, path);
}

const struct str *search_folders(size_t *count, struct arena *a)
{
    const char *set = getenv("HUB_PATH");
    struct str path = set != NULL && set[0] != '\0' ? str_of(set) : STR("pipelines");
    struct str *folders = arena_array(a, count_parts(path) + 2, sizeof *folders);
    if (folders == NULL)
        return NULL;
    size_t n = 0;
    for (size_t at = 0; at <= path.n;) {
        size_t end = at + str_find(str_slice(path, at, path.n), ':');
        if (end > at)
            folders[n++] = str_slice(path, at, end);
        at = end + 1;
    }
    folders[n] = beside_executable(a);
    n += folders[n].p != NULL;
    folders[n++] = STR(HUB_SHARE);
    *count = n;
    return folders;
}

int search_find(struct str *path, struct str relative, struct arena *a, struct err *e)
{
    size_t count;
    const struct str *folders = search_folders(&count, a);
    if (folders == NULL)
        return err_memory(e);
    char looked[600] = "";
    size_t said = 0;
    for (size_t i = 0; i < count; i++) {
        struct str made =
            arena_printf(a, "%.*s/%.*s", (int)folders[i].n, folders[i].p, (int)relative.n, relative.p);
        if (made.p == NULL)
            return err_memory(e);
        if (access(made.p, F_OK) == 0) {
            *path = made;
            return 0;
        }
        int wrote = snprintf(looked + said, sizeof looked - said, "%s%.*s", i > 0 ? ", " : "",
                             (int)folders[i].n, folders[i].p);
        if (wrote > 0 && (size_t)wrote < sizeof looked - said)
            said += (size_t)wrote;
    }
    return err_set(e, "config", "%.*s was not found in %.*s (HUB_PATH names other folders)", (int)relative.n,
                   relative.p, (int)said, looked);
}

const char *search_locate(const char *name, struct arena *a, struct err *e)
{
    struct str path = {0};
    /* Who opens it says why it cannot be read. */
    if (name[0] == '/' || access(name, F_OK) == 0)
        return name;
    return search_find(&path, str_of(name), a, e) == 0 ? path.p : NULL;
}
