#include "system/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/size.h"

struct str kept_path(struct session *s, const char *what, struct err *e)
{
    const char *own = getenv("HUB_STATE"), *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct str folder = own != NULL ? arena_str(&s->arena, str_of(own))
                        : state != NULL
                            ? arena_printf(&s->arena, "%s/hub", state)
                            : arena_printf(&s->arena, "%s/.local/state/hub", home != NULL ? home : ".");
    struct str source = s->system->source, path = {0};
    if (folder.p != NULL)
        path = arena_printf(&s->arena, "%s/%.*s.%s", folder.p, (int)source.n, source.p, what);
    if (path.p == NULL)
        err_memory(e);
    return path;
}

void kept_make_folders(struct session *s, struct str path)
{
    for (size_t at = 1; at < path.n; at++) {
        struct str folder =
            path.p[at] == '/' ? arena_str(&s->arena, str_slice(path, 0, at)) : (struct str){0};
        if (folder.p != NULL)
            mkdir(folder.p, 0700);
    }
}

/* "2026-05-01 00000000000000004990\n": always as long, so that one write replaces it whole. */
enum { DAY = sizeof "2026-05-01" - 1, LINE = DAY + 1 + 20 + 1 };

/* How many calls of this day TEXT tells. */
static uint64_t calls_of(struct str text, const char *day)
{
    uint64_t calls;
    if (text.n != LINE || memcmp(text.p, day, DAY) != 0)
        return 0;
    return count_parse(str_slice(text, DAY + 1, LINE - 1), &calls) ? calls : 0;
}

static int count(int fd, int64_t most, struct err *e)
{
    char text[LINE + 1], day[DAY + 1];
    time_t now = time(NULL);
    struct tm utc;
    ssize_t got = pread(fd, text, sizeof text, 0);
    if (got == -1 || gmtime_r(&now, &utc) == NULL || strftime(day, sizeof day, "%Y-%m-%d", &utc) != DAY)
        return err_errno(e, "cannot be read");
    uint64_t calls = calls_of((struct str){text, (size_t)got}, day);
    if (calls >= (uint64_t)most)
        return 0;
    snprintf(text, sizeof text, "%s %020" PRIu64 "\n", day, calls + 1);
    if (pwrite(fd, text, LINE, 0) != LINE || (got != LINE && ftruncate(fd, LINE) == -1))
        return err_errno(e, "cannot be written");
    return 1;
}

int kept_count_call(struct session *s, int64_t most, struct err *e)
{
    if (s->calls_path.p == NULL) {
        s->calls_path = kept_path(s, "calls", e);
        if (s->calls_path.p == NULL)
            return -1;
        kept_make_folders(s, s->calls_path);
    }
    int fd = file_lock(s->calls_path.p, true, e);
    if (fd == -1)
        return -1;
    int done = count(fd, most, e);
    close(fd);
    if (done == -1)
        err_place(e, "%s", s->calls_path.p);
    return done;
}
