#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/temporaries.h"

/* Says what went wrong with PATH, by errno. Returns -1. */
static int fail(struct err *e, const char *path, const char *what)
{
    err_errno(e, what);
    err_place(e, "%s", path);
    return -1;
}

/* ---- reading ---- */

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static const char *shown(const char *path)
{
    return is_stdin(path) ? "stdin" : path;
}

int file_open(const char *path, struct err *e)
{
    int fd = is_stdin(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return fail(e, shown(path), "cannot open");
    struct stat st;
    bool known = fstat(fd, &st) == 0;
    if (known && !S_ISDIR(st.st_mode))
        return fd;
    if (known)
        errno = EISDIR;
    fail(e, shown(path), "cannot read");
    close(fd);
    return -1;
}

int file_lock(const char *path, bool waits, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), got = fd;
    while (got != -1 && (got = flock(fd, waits ? LOCK_EX : LOCK_EX | LOCK_NB)) == -1 && errno == EINTR)
        got = 0;
    if (got != -1)
        return fd;
    bool busy = fd != -1 && errno == EWOULDBLOCK;
    fail(e, path, "cannot lock");
    if (fd != -1)
        close(fd);
    if (!busy)
        return -1;
    e->temporary = true;
    return err_set(e, "busy", "another process has it");
}

int file_lock_part(const char *path, const char *what, struct str name, struct err *e)
{
    struct buf text;
    buf_init(&text, PATH_MAX);
    buf_printf(&text, "%s-%s-", path, what);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        buf_byte(&text, ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' ? c : '_');
    }
    buf_byte(&text, '\0');
    int fd = buf_ok(&text) ? file_lock(text.p, false, e) : err_memory(e);
    buf_release(&text);
    return fd;
}

static int read_all(struct buf *b, int fd, size_t max, struct err *e)
{
    enum { STEP = 64 << 10 };
    for (;;) {
        char *room = buf_room(b, STEP);
        if (room == NULL)
            return err_memory(e);
        ssize_t got = read(fd, room, STEP);
        if (got == 0)
            return 0;
        if (got == -1 && errno != EINTR)
            return err_errno(e, "cannot read");
        if (got > 0)
            b->n += (size_t)got;
        if (b->n > max)
            return err_set(e, "limit", "longer than %zu bytes", max);
    }
}

int file_read(struct str *out, const char *path, size_t max, struct arena *a, struct err *e)
{
    int fd = file_open(path, e);
    if (fd == -1)
        return -1;
    struct buf b;
    buf_init(&b, SIZE_MAX / 4);
    int done = read_all(&b, fd, max, e);
    close(fd);
    char *copy = done == 0 ? arena_raw(a, b.n + BUF_PAD) : NULL;
    if (copy != NULL) {
        memcpy(copy, b.p, b.n);
        memset(copy + b.n, 0, BUF_PAD);
        *out = (struct str){copy, b.n};
    } else if (done == 0) {
        done = err_memory(e);
    }
    buf_release(&b);
    if (done == -1)
        err_place(e, "%s", shown(path));
    return done;
}

/* ---- temporary ---- */

int file_unlinked(struct err *e)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/hub-XXXXXX", folder != NULL && *folder != '\0' ? folder : "/tmp");
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(e, "config", "TMPDIR is too long");
    int fd = mkstemp(path);
    if (fd == -1)
        return fail(e, path, "cannot make a temporary file");
    unlink(path);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        return fd;
    close(fd);
    return fail(e, path, "cannot make a temporary file");
}

/* ---- writing ---- */

/* Where a new file may not take the place of what is there. MODE becomes that of a file that is replaced. */
static int check_target(const char *path, mode_t *mode, bool *replaces, struct err *e)
{
    size_t n = strlen(path);
    *replaces = false;
    if (n == 0 || path[n - 1] == '/') {
        errno = n == 0 ? ENOENT : EISDIR;
        return fail(e, path, "cannot write");
    }
    struct stat st;
    *replaces = stat(path, &st) == 0;
    if (!*replaces)
        return errno == ENOENT ? 0 : fail(e, path, "cannot write");
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return fail(e, path, "cannot write");
    }
    if (!S_ISREG(st.st_mode)) {
        err_set(e, "io", "cannot write: not a regular file, and would be replaced by one");
        err_place(e, "%s", path);
        return -1;
    }
    *mode = st.st_mode & 07777;
    return access(path, W_OK) == 0 ? 0 : fail(e, path, "cannot write");
}

/* Length of the folder part of PATH, its "/" included. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* ".NAME.PID.part" beside PATH; TURN tells several of one process apart. Malloced; NULL: memory. */
static char *temporary_name(const char *path, unsigned turn)
{
    enum { NAME_MOST = 200, TAIL_MOST = 40 }; /* names of files have up to 255 bytes */
    size_t folder = folder_length(path);
    const char *name = path + folder;
    size_t n = strnlen(name, NAME_MOST);
    size_t size = folder + 1 + n + TAIL_MOST;
    char *made = malloc(size);
    if (made == NULL)
        return NULL;
    int wrote = turn == 0 ? snprintf(made, size, "%.*s.%.*s.%ld.part", (int)folder, path, (int)n, name,
                                     (long)getpid())
                          : snprintf(made, size, "%.*s.%.*s.%ld.%u.part", (int)folder, path, (int)n, name,
                                     (long)getpid(), turn);
    if (wrote < 0 || (size_t)wrote >= size) {
        free(made);
        return NULL;
    }
    return made;
}

/* Creates the temporary file; one that a killed process of the same number left behind is passed by. */
static int create_temporary(struct file_write *w, mode_t mode, struct err *e)
{
    enum { TURNS = 100 };
    for (unsigned turn = 0; turn < TURNS; turn++) {
        free(w->temporary);
        w->temporary = temporary_name(w->path, turn);
        if (w->temporary == NULL)
            return err_memory(e);
        int fd = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd != -1) {
            w->slot = temporaries_add(w->temporary);
            out_init(&w->out, fd);
            return 0;
        }
        if (errno != EEXIST)
            break;
    }
    return fail(e, w->path, "cannot write");
}

static void forget(struct file_write *w)
{
    temporaries_drop(w->slot);
    free(w->path);
    free(w->temporary);
    *w = (struct file_write){.out.fd = -1, .slot = -1};
}

/* Where a symbolic link leads, also where nothing is there yet: PATH itself where it is none. Malloced; NULL:
 * errno. */
static char *follow_links(const char *path)
{
    enum { LINKS_MOST = 40 }; /* as the kernel follows */
    char *at = strdup(path), text[PATH_MAX];
    for (int i = 0; at != NULL; i++) {
        ssize_t n = readlink(at, text, sizeof text - 1);
        if (n == -1 && (errno == EINVAL || errno == ENOENT))
            return at; /* no link, or nothing yet */
        if (n == -1 || i == LINKS_MOST) {
            errno = n == -1 ? errno : ELOOP;
            break;
        }
        size_t folder = text[0] == '/' ? 0 : folder_length(at);
        char *next = malloc(folder + (size_t)n + 1);
        if (next == NULL)
            break;
        memcpy(next, at, folder);
        memcpy(next + folder, text, (size_t)n);
        next[folder + (size_t)n] = '\0';
        free(at);
        at = next;
    }
    free(at);
    return NULL;
}

int file_write_open(struct file_write *w, const char *path, mode_t mode, struct err *e)
{
    *w = (struct file_write){.out.fd = -1, .slot = -1};
    bool replaces = false;
    if (check_target(path, &mode, &replaces, e) == -1)
        return -1;
    w->path = follow_links(path);
    if (w->path == NULL)
        return fail(e, path, "cannot write");
    if (create_temporary(w, mode, e) == -1) {
        forget(w);
        return -1;
    }
    /* The umask is meant for new files. */
    if (replaces && fchmod(w->out.fd, mode) == -1) {
        fail(e, path, "cannot keep its mode");
        file_write_abort(w);
        return -1;
    }
    return 0;
}

/* So that the rename outlives a loss of power. File systems that cannot sync a folder say EINVAL. */
static int sync_folder(const char *path, struct err *e)
{
    size_t n = folder_length(path);
    char *folder = n > 0 ? strndup(path, n) : strdup(".");
    if (folder == NULL)
        return err_memory(e);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int done = fd != -1 && (fsync(fd) == 0 || errno == EINVAL) ? 0 : fail(e, path, "cannot sync its folder");
    if (fd != -1)
        close(fd);
    free(folder);
    return done;
}

static int finish_temporary(struct file_write *w, struct err *e)
{
    if (out_flush(&w->out, e) == -1)
        return -1;
    if (fsync(w->out.fd) == -1)
        return err_errno(e, "cannot sync");
    int fd = w->out.fd;
    w->out.fd = -1;
    if (close(fd) == -1)
        return err_errno(e, "cannot write");
    if (rename(w->temporary, w->path) == -1)
        return err_errno(e, "cannot rename");
    return 0;
}

int file_write_commit(struct file_write *w, struct err *e)
{
    if (finish_temporary(w, e) == -1) {
        err_place(e, "%s", w->path);
        file_write_abort(w);
        return -1;
    }
    int done = sync_folder(w->path, e);
    out_release(&w->out);
    forget(w);
    return done;
}

void file_write_abort(struct file_write *w)
{
    if (w->path == NULL)
        return;
    if (w->out.fd != -1)
        close(w->out.fd);
    unlink(w->temporary);
    out_release(&w->out);
    forget(w);
}
