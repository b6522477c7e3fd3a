#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "base/search.h"
#include "base/size.h"

int run_find_flow(struct run *t, const char *operand, struct err *e)
{
    struct str name = str_of(operand);
    bool is_path = str_find(name, '/') < name.n || str_ends(name, STR(".mk"));
    if (is_path) {
        t->file = name;
        if (access(operand, R_OK) == -1) {
            err_place(e, "%s", operand);
            return err_errno(e, "cannot read the flow");
        }
    } else {
        struct str relative = arena_printf(&t->arena, "flows/%s.mk", operand);
        if (relative.p == NULL || search_find(&t->file, relative, &t->arena, e) == -1)
            return relative.p == NULL ? err_memory(e) : -1;
    }
    const char *slash = strrchr(operand, '/');
    name = str_of(slash != NULL ? slash + 1 : operand);
    t->flow = arena_str(&t->arena, str_slice(name, 0, name.n - (str_ends(name, STR(".mk")) ? 3 : 0)));
    return t->flow.p != NULL ? 0 : err_memory(e);
}

static const char process[] = "process ";

/* Whether the process that SAID who it is ("process 17, since …") has ended. */
static bool is_gone(struct str said)
{
    uint64_t pid;
    struct str number = str_slice(said, strlen(process), said.n);
    number.n = str_find(number, ',');
    return str_starts(said, str_of(process)) && count_parse(number, &pid) && pid > 0 && pid <= INT32_MAX &&
           kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

/* Who has it says so in the file itself. */
static int held_by_another(struct run *t, const char *path, struct err *e)
{
    struct str said = {0};
    struct err ignored = {0};
    e->temporary = true;
    err_place(e, "%.*s", (int)t->flow.n, t->flow.p);
    if (file_read(&said, path, 256, &t->arena, &ignored) == -1 || str_trim(said).n == 0)
        return err_set(e, "busy", "another run of it goes on");
    said = str_trim(said);
    return err_set(e, "busy", "another run of it goes on: %.*s%s", (int)said.n, said.p,
                   is_gone(said) ? " (it was killed; what it has started still works)" : "");
}

/* The file is handed on to make and to what that starts: where we are killed, it is held as long as any of
 * them works on. */
int run_lock(struct run *t, const char *database, struct err *e)
{
    struct str path = arena_printf(&t->arena, "%s-run-%s", database, t->flow.p);
    int fd = path.p != NULL ? file_lock(path.p, false, e) : err_memory(e);
    if (fd == -1)
        return path.p != NULL && e->temporary ? held_by_another(t, path.p, e) : -1;
    struct buf text;
    buf_init(&text, RUN_TEXT_MOST);
    buf_printf(&text, "%s%ld, since ", process, (long)getpid());
    instant_rfc3339(&(struct instant){.seconds = t->began}, &text);
    buf_byte(&text, '\n');
    bool wrote = buf_ok(&text) && fcntl(fd, F_SETFD, 0) != -1 && ftruncate(fd, 0) == 0 &&
                 write(fd, text.p, text.n) == (ssize_t)text.n;
    buf_release(&text);
    return wrote ? 0 : err_errno(e, path.p);
}
