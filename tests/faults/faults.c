/*
 * What goes wrong at a system call, for a program that knows nothing of it: preloaded (LD_PRELOAD), it counts
 * the calls by which a process changes files or talks to others, and at the Nth of them
 *
 *     HUB_FAULT=kill:N      the process is killed, before the call; what a killed process cannot tell from
 * the call before it (a sync, the next of a row of writes or of pieces that are received) does not count
 * HUB_FAULT=cut:N       power fails: it is killed, and what was not synced is gone: bytes of files, their
 * lengths, and names that were made, moved or removed in folders HUB_FAULT=names:N     the same, of a file
 * system that keeps names and loses bytes HUB_FAULT=full:N      from then on, what needs room on the disk
 * fails (ENOSPC)
 *
 * HUB_FAULT_FILES (a pattern, as fnmatch has it) says which files count, and what is no file does not;
 * without it, all. What went to a descriptor below 3 has been said, and stays.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { NONE, KILL, CUT, NAMES, FULL };
enum { DESCRIPTORS = 1024 };

/* What a sync makes lasting; until then, how to take it back. */
struct undo {
    struct undo *before; /* in time */
    enum { BYTES, MADE, MOVED, REMOVED } what;
    dev_t device;
    ino_t inode; /* of the file; of names, of their folder */
    int fd;      /* of the file, for writing; of names, of the folder */
    off_t at, size;
    ssize_t n;
    char *bytes;
    char from[NAME_MAX + 1], name[NAME_MAX + 1], kept[PATH_MAX]; /* kept: another name of what was replaced */
};

static enum mode mode;
static long due, calls;
static const char *files;
static struct undo *last;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(type, name, ...)                                                                                \
    static type (*real)(__VA_ARGS__);                                                                        \
    if (real == NULL)                                                                                        \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void start(void)
{
    static const char *const words[] = {
        [KILL] = "kill:", [CUT] = "cut:", [NAMES] = "names:", [FULL] = "full:"};
    const char *said = getenv("HUB_FAULT");
    files = getenv("HUB_FAULT_FILES");
    for (enum mode m = KILL; said != NULL && m <= FULL; m++)
        if (strncmp(said, words[m], strlen(words[m])) == 0) {
            mode = m;
            due = strtol(said + strlen(words[m]), NULL, 10);
        }
}

static int open_really(const char *path, int flags)
{
    REAL(int, open, const char *, int, ...);
    return real(path, flags);
}

/* ---- taking back ---- */

static void take_back(const struct undo *u)
{
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    if (u->what == BYTES) {
        if (syscall(SYS_ftruncate, u->fd, u->size) == -1 ||
            real(u->fd, u->bytes, (size_t)u->n, u->at) != u->n)
            _exit(99);
    } else if (mode == CUT) {
        if (u->what == MADE)
            unlinkat(u->fd, u->name, 0);
        else if (u->what == MOVED)
            renameat(u->fd, u->name, u->fd, u->from);
        if (u->kept[0] != '\0')
            renameat(AT_FDCWD, u->kept, u->fd, u->name);
    }
}

static void die(void)
{
    enum mode was = mode;
    if (was == CUT || was == NAMES)
        for (struct undo *u = last; u != NULL; u = u->before)
            take_back(u);
    kill(getpid(), SIGKILL);
}

static void settle(int fd, bool folder)
{
    struct stat st;
    if (fstat(fd, &st) == -1)
        return;
    for (struct undo **u = &last; *u != NULL;) {
        bool names = (*u)->what != BYTES;
        if (names == folder && (*u)->device == st.st_dev && (*u)->inode == st.st_ino)
            *u = (*u)->before;
        else
            u = &(*u)->before;
    }
}

static struct undo *remember(int what, int fd)
{
    struct stat st;
    struct undo *u = calloc(1, sizeof *u);
    if (u == NULL || fstat(fd, &st) == -1)
        _exit(99);
    *u = (struct undo){
        .before = last, .what = what, .device = st.st_dev, .inode = st.st_ino, .fd = fd, .size = st.st_size};
    return last = u;
}

/* Before N bytes at AT (-1: where the descriptor stands) of a file are written, or it is cut at SIZE. */
static void keep_bytes(int fd, off_t at, size_t n)
{
    struct stat st;
    char path[64];
    if ((mode != CUT && mode != NAMES) || fd < 3 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own =
        open_really(path, O_RDWR | O_CLOEXEC); /* never closed: that would give up locks of the process */
    if (own == -1)
        _exit(99);
    if (at == -1)
        at = fcntl(fd, F_GETFL) & O_APPEND ? st.st_size : lseek(fd, 0, SEEK_CUR);
    struct undo *u = remember(BYTES, own);
    u->at = at;
    u->bytes = malloc(n + 1);
    u->n = pread(own, u->bytes, n, at);
    if (u->n == -1)
        _exit(99);
}

/* The folder of PATH; NAME is what stands behind it. */
static int folder_of(const char *path, char name[NAME_MAX + 1])
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(name, NAME_MAX + 1, "%s", slash != NULL ? slash + 1 : path);
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
             slash != NULL ? path : ".");
    int fd = open_really(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1)
        _exit(99);
    return fd;
}

/* Before NAME is made, moved or removed: what has it is kept under another name, elsewhere. */
static void keep_name(int what, const char *from, const char *path)
{
    static unsigned serial;
    const char *trash = getenv("HUB_FAULT_TRASH");
    char name[NAME_MAX + 1];
    if (mode != CUT || trash == NULL || fnmatch("/dev/*", path, 0) == 0)
        return;
    struct undo *u = remember(what, folder_of(path, name));
    memcpy(u->name, name, sizeof name);
    if (from != NULL)
        close(folder_of(from, u->from));
    snprintf(u->kept, sizeof u->kept, "%s/%ld.%u", trash, (long)getpid(), serial++);
    if (linkat(AT_FDCWD, path, AT_FDCWD, u->kept, 0) == -1)
        u->kept[0] = '\0';
}

/* ---- counting ---- */

static bool is_counted(const char *path)
{
    return files == NULL || (path != NULL && fnmatch(files, path, 0) == 0);
}

static const char *path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = files != NULL ? readlink(link, path, PATH_MAX - 1) : -1;
    if (n == -1)
        return NULL;
    path[n] = '\0';
    return path;
}

/* True: the call fails with ENOSPC. */
static bool fails(const char *path, bool needs_room)
{
    if (mode == NONE || !is_counted(path))
        return false;
    if (mode == FULL && !needs_room)
        return false;
    if (++calls < due)
        return false;
    if (mode != FULL)
        die();
    errno = ENOSPC;
    return true;
}

static bool fails_at(int fd, bool needs_room)
{
    char path[PATH_MAX];
    return fails(path_of(fd, path), needs_room);
}

#define GUARDED(fails, keeps, call)                                                                          \
    do {                                                                                                     \
        pthread_mutex_lock(&lock);                                                                           \
        bool failed = fails;                                                                                 \
        if (!failed)                                                                                         \
            keeps;                                                                                           \
        pthread_mutex_unlock(&lock);                                                                         \
        return failed ? -1 : (call);                                                                         \
    } while (0)

static bool is_file(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- the calls ---- */

ssize_t write(int fd, const void *p, size_t n)
{
    REAL(ssize_t, write, int, const void *, size_t);
    GUARDED(fails_at(fd, is_file(fd)), keep_bytes(fd, -1, n), real(fd, p, n));
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    REAL(ssize_t, writev, int, const struct iovec *, int);
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += v[i].iov_len;
    GUARDED(fails_at(fd, is_file(fd)), keep_bytes(fd, -1, all), real(fd, v, n));
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    static int before = -1;
    static long then;
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    bool goes_on = mode == KILL && fd == before && calls == then;
    before = fd;
    then = calls + !goes_on;
    GUARDED(!goes_on && fails_at(fd, true), keep_bytes(fd, at, n), real(fd, p, n, at));
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
    return pwrite(fd, p, n, at);
}

static int cut_file(int fd, off_t size, int (*real)(int, off_t))
{
    struct stat st = {0};
    fstat(fd, &st);
    size_t n = st.st_size > size ? (size_t)(st.st_size - size) : 0;
    GUARDED(mode != KILL && fails_at(fd, size > st.st_size), keep_bytes(fd, size, n), real(fd, size));
}

int ftruncate(int fd, off_t size)
{
    REAL(int, ftruncate, int, off_t);
    return mode == NONE || fd < 0 ? real(fd, size) : cut_file(fd, size, real);
}

int ftruncate64(int fd, off_t size)
{
    return ftruncate(fd, size);
}

static bool is_folder(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int synced(int fd, int done)
{
    pthread_mutex_lock(&lock);
    if (done == 0)
        settle(fd, is_folder(fd));
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd)
{
    REAL(int, fsync, int);
    GUARDED(mode != KILL && fails_at(fd, false), (void)0, synced(fd, real(fd)));
}

int fdatasync(int fd)
{
    REAL(int, fdatasync, int);
    GUARDED(mode != KILL && fails_at(fd, false), (void)0, synced(fd, real(fd)));
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, const char *, const char *);
    GUARDED(fails(to, false), keep_name(MOVED, from, to), real(from, to));
}

int unlink(const char *path)
{
    REAL(int, unlink, const char *);
    GUARDED(mode != KILL && fails(path, false), keep_name(REMOVED, NULL, path), real(path));
}

static int open_file(const char *path, int flags, mode_t m)
{
    REAL(int, open, const char *, int, ...);
    bool makes = (flags & O_CREAT) && access(path, F_OK) == -1;
    if (mode == NONE || !makes)
        return real(path, flags, m);
    GUARDED(mode != KILL && fails(path, true), keep_name(MADE, NULL, path), real(path, flags, m));
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t m = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_file(path, flags, m);
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t m = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_file(path, flags, m);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    REAL(ssize_t, send, int, const void *, size_t, int);
    GUARDED(fails_at(fd, false), (void)0, real(fd, p, n, flags));
}

/* What is not there yet is asked for again, which is no event. */
ssize_t recv(int fd, void *p, size_t n, int flags)
{
    static long then;
    REAL(ssize_t, recv, int, void *, size_t, int);
    char one;
    if (mode == NONE || (mode == KILL && calls == then) || real(fd, &one, 1, MSG_PEEK | MSG_DONTWAIT) == -1)
        return real(fd, p, n, flags);
    then = calls + 1;
    GUARDED(fails_at(fd, false), (void)0, real(fd, p, n, flags));
}
