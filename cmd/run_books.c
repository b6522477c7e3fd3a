#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"

struct str run_log_path(struct run *t, struct str folder, int64_t attempt)
{
    return arena_printf(&t->arena, "%.*s/log.%" PRId64, (int)folder.n, folder.p, attempt);
}

struct str run_said_path(struct run *t, struct str folder)
{
    return arena_printf(&t->arena, "%.*s/said", (int)folder.n, folder.p);
}

void run_remove_folder(struct run *t, struct str folder)
{
    struct str path;
    for (int64_t attempt = 1; (path = run_log_path(t, folder, attempt)).p != NULL && unlink(path.p) == 0;
         attempt++)
        ;
    path = run_said_path(t, folder);
    if (path.p != NULL)
        unlink(path.p);
    rmdir(folder.p);
}

/* The run that note_left found. */
struct left {
    struct run *t;
    int64_t run;
    struct str folder;
};

static int note_left(void *arg, const struct runs_run *r, struct err *e)
{
    struct left *left = arg;
    if (r->status != -1 || r->folder.p == NULL || left->run != 0)
        return 0;
    left->run = r->id;
    left->folder = arena_str(&left->t->arena, r->folder);
    return left->folder.p != NULL ? 0 : err_memory(e);
}

int run_book_left(struct run *t, struct err *e)
{
    for (;;) {
        struct left left = {.t = t};
        struct stages stages;
        if (runs_each(t->hub, t->flow, note_left, &left, e) == -1)
            return -1;
        if (left.run == 0)
            return 0;
        stages_init(&stages);
        struct str path;
        int done = 0;
        for (int64_t n = 1; done == 0 && access((path = run_log_path(t, left.folder, n)).p, F_OK) == 0; n++)
            done = runs_import(t->hub, left.run, path.p, n, &stages, e);
        struct str said = run_said_path(t, left.folder), text = {0};
        struct err ignored = {0};
        if (done == 0 && file_read(&text, said.p, REPORT_SAID_MOST, &t->arena, &ignored) == 0)
            text = report_clean(&t->report, text);
        if (done == 0)
            done = runs_end(t->hub, left.run, CMD_FAILED, STR("hub-run was killed"), text, e);
        stages_release(&stages);
        if (done == -1)
            return -1;
        run_remove_folder(t, left.folder);
    }
}

int run_begin(struct run *t, const char *database, struct err *e)
{
    struct buf when;
    buf_init(&when, RUN_TEXT_MOST);
    instant_rfc3339(&(struct instant){.seconds = t->began}, &when);
    t->name = arena_printf(&t->arena, "%s-%.*s-%ld", t->flow.p, (int)when.n, when.p, (long)getpid());
    buf_release(&when);
    struct str runs = arena_printf(&t->arena, "%s-runs", database);
    t->folder = arena_printf(&t->arena, "%s/%s", runs.p, t->name.p);
    if (t->name.p == NULL || runs.p == NULL || t->folder.p == NULL)
        return err_memory(e);
    const struct runs_start start = {t->flow, t->name, getpid(), t->began, t->folder};
    if ((t->run = runs_begin(t->hub, &start, e)) == -1)
        return -1;
    if ((mkdir(runs.p, 0700) == -1 && errno != EEXIST) || mkdir(t->folder.p, 0700) == -1)
        return err_errno(e, t->folder.p);
    return 0;
}
