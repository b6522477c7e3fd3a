/*
 * Runs a fuzz target without a fuzzer, as a plain test that prints TAP: each file of its kept corpus, then
 * beginnings of it and copies with a few bytes changed, the same ones on every run.
 *
 *     build/fuzz/NAME [FOLDER]        FOLDER: tests/fuzz/corpus/NAME
 *
 * An input on which the target dies is left in crash-NAME in the folder $TMPDIR (/tmp).
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PREFIXES = 48, CHANGES = 48, MOST_BYTES = 1 << 20, PATH_MOST = 4096 };

/* What a dying target leaves behind is written by a signal handler, which is given nothing. */
static char crash_path[PATH_MOST];
static const uint8_t *volatile present;
static volatile size_t present_size;

static void keep_input(int signal_number)
{
    int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0 && write(fd, present, present_size) == (ssize_t)present_size) {
        static const char said[] = "# the input on which it died: ";
        ssize_t ignored = write(STDERR_FILENO, said, sizeof said - 1);
        ignored = write(STDERR_FILENO, crash_path, strlen(crash_path));
        ignored = write(STDERR_FILENO, "\n", 1);
        (void)ignored;
    }
    raise(signal_number);
}

static void watch_signals(const char *name)
{
    static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    const char *folder = getenv("TMPDIR");
    struct sigaction action = {.sa_handler = keep_input, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    int n = snprintf(crash_path, sizeof crash_path, "%s/crash-%s", folder != NULL ? folder : "/tmp", name);
    if (n < 0 || (size_t)n >= sizeof crash_path)
        return;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        sigaction(deadly[i], &action, NULL);
}

static void die(const char *what)
{
    printf("Bail out! %s\n", what);
    exit(1);
}

/* In memory of just that size, so that a sanitizer sees a read beyond it. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        die("no memory");
    memcpy(copy, data, size);
    present = data;
    present_size = size;
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

static void run_prefixes(const uint8_t *data, size_t size)
{
    size_t step = size / PREFIXES + 1;
    for (size_t n = 0; n < size; n += step)
        run(data, n);
}

static void run_changed(uint8_t *data, size_t size, uint64_t seed)
{
    static const uint8_t telling[] = {0, 0xff, 0x80, '"', '\\', '{', '[', '\n', '-', '0', '9', ','};
    for (int i = 0; i < CHANGES && size > 0; i++) {
        size_t at = next_random(&seed) % size;
        uint8_t was = data[at];
        uint32_t r = next_random(&seed);
        data[at] = (uint8_t)(r & 1 ? telling[(r >> 1) % sizeof telling] : was ^ (1u << (r >> 1) % 8));
        run(data, size);
        if (r & 0x100)
            data[at] = was; /* else the changes add up */
    }
}

static bool run_file(const char *path)
{
    uint8_t *data = malloc(MOST_BYTES);
    FILE *f = fopen(path, "rb");
    if (data == NULL || f == NULL)
        die(path);
    size_t size = fread(data, 1, MOST_BYTES, f);
    bool whole = !ferror(f) && size < MOST_BYTES;
    fclose(f);
    if (whole) {
        run(data, size);
        run_prefixes(data, size);
        run_changed(data, size, size);
    }
    free(data);
    return whole;
}

static int is_file(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    char folder[PATH_MOST], path[PATH_MOST];
    const char *slash = strrchr(argv[0], '/'), *name = slash != NULL ? slash + 1 : argv[0];
    int n = argc > 1 ? snprintf(folder, sizeof folder, "%s", argv[1])
                     : snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", name);
    if (n < 0 || (size_t)n >= sizeof folder)
        die("the folder's name is too long");
    struct dirent **files;
    int count = scandir(folder, &files, is_file, alphasort);
    if (count <= 0)
        die("no corpus: a fuzz target has a folder of files in tests/fuzz/corpus");
    watch_signals(name);
    printf("1..%d\n", count);
    fflush(stdout); /* the target may die */
    bool all = true;
    for (int i = 0; i < count; i++) {
        n = snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        bool ok = n > 0 && (size_t)n < sizeof path && run_file(path);
        all = all && ok;
        printf("%sok %d - %s\n", ok ? "" : "not ", i + 1, files[i]->d_name);
        fflush(stdout);
        free(files[i]);
    }
    free(files);
    return all ? 0 : 1;
}
