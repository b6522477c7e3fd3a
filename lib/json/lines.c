#include "json/lines.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"

static int each(struct lines *in, size_t longest, json_take_line *take, void *arg, struct err *e)
{
    const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = longest};
    struct json_tape tape;
    struct str line;
    enum lines_got got;
    int done = 0;
    json_tape_init(&tape);
    while (done == 0 && (got = lines_next(in, &line, e)) != LINES_END) {
        struct err ignored = {0};
        if (got == LINES_FATAL)
            done = -1;
        else if (got == LINES_OK && json_parse(&tape, line, &limits, NULL, &ignored) == 0)
            done = take(arg, tape.node, line, e);
    }
    json_tape_release(&tape);
    return done;
}

int json_lines_read(const struct json_lines *file, json_take_line *take, void *arg, struct err *e)
{
    if (access(file->path, F_OK) == -1 && errno == ENOENT)
        return 0;
    int fd = file_open(file->path, e);
    if (fd == -1)
        return -1;
    struct lines in;
    lines_init(&in, fd, file->longest);
    int done = lseek(fd, (off_t)file->from, SEEK_SET) != -1 ? each(&in, file->longest, take, arg, e)
                                                            : err_errno(e, "cannot go to where it was left");
    if (done == -1)
        err_place(e, "%s", file->path);
    lines_release(&in);
    return done;
}
