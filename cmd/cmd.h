/*
 * What every tool does alike: options from one table (usage, --help, --version, shell completions), inputs
 * one after the other, messages, rejects, marks, counts, progress, the lines for $HUB_RUN_LOG, and how to
 * end.
 *
 *     static const struct cmd_option options[] = {
 *         {'m', "map", "MAP|FOLDER", CMD_FILE, "maps to run (may be repeated)"},
 *         {0}
 *     };
 *     int main(int argc, char **argv)
 *     {
 *         struct cmd cmd;
 *         struct tool tool = {0};
 *         cmd_start(&cmd, argc, argv, &spec, take_option, &tool);
 *         while (cmd_read(&cmd, &record))
 *             if (work(&tool, &record, &cmd.out.buf, &e) == -1 ? cmd_refuse(&cmd, &record, &e)
 *                                                              : cmd_took(&cmd, 1))
 *                 break;
 *         return cmd_finish(&cmd);
 *     }
 *
 * cmd_start ends by itself on --help, --version and wrong usage. cmd_read gives every record of every input,
 * and refuses bad ones.
 *
 * The common options: -r FILE, --marks and --no-marks as `common` says; -v, -h, --help and --version always;
 * --completions bash|zsh prints the shell's completion script, and is not shown in the help. Marks are
 * required with --marks or where $HUB_DB is set.
 *
 * Exit status (of all tools): 0 all well; 1 complete, and the answer is no; 2 ended before the output was
 * complete; 75 temporary.
 */
#ifndef HUB_CMD_CMD_H
#define HUB_CMD_CMD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/out.h"
#include "canon/diag.h"
#include "record/record.h"
#include "record/reject.h"
#include "record/runlog.h"
#include "record/write.h"

enum { CMD_OK = 0, CMD_NO = 1, CMD_FAILED = 2, CMD_TEMPORARY = 75 };

enum cmd_argument { CMD_NONE, CMD_TEXT, CMD_FILE, CMD_FOLDER, CMD_WORD /* one of `words` */ };

struct cmd_option {
    int letter;           /* 0 with a name: long only. 0 without: the end of the table */
    const char *name;     /* long name */
    const char *argument; /* as shown: "FILE"; NULL for CMD_NONE */
    enum cmd_argument kind;
    const char *help;  /* one line, no full stop */
    const char *words; /* of CMD_WORD: "csv tsv ndjson json" */
};

struct cmd_spec {
    const char *name;    /* "hub-canon" */
    const char *purpose; /* one line */
    /* As shown in the usage. "[FILE...]": where none is named, "-" is read; "TARGET [FILE...]": one must be
     * named; "[ENTITY NAME]": none need be; "": there are none. */
    const char *operands;
    const struct cmd_option *options; /* the tool's own; the common ones (-r -v -h --marks --no-marks
                                         --version) are added as COMMON says */
    unsigned common;                  /* CMD_HAS_… */
};

enum { CMD_HAS_REJECTS = 1, CMD_HAS_MARKS = 2 };

struct cmd {
    const struct cmd_spec *spec;
    char **operands; /* files to read, by cmd_read or otherwise; a tool takes what is none away before its
                        first cmd_read, which reads "-" where none is left. After its end, cmd_read goes on
                        where noperands was raised */
    int noperands;
    struct record_in in;
    struct out out; /* standard output */
    struct rejects rejects;
    enum record_marks marks;
    bool write_marks; /* our output carries marks */
    bool verbose;
    bool dry; /* set by a tool while it takes its options: nothing may be touched */
    const char
        *would_set_aside; /* then: the file for rejects, which is not opened; what is refused is said */
    /* The books: read = taken + refused + left_out, always: cmd_finish checks it. cmd_read counts what it
     * gives as read; a tool that reads otherwise counts `read` and `raw_bytes` (for the progress) itself. */
    uint64_t read, taken, refused, left_out, written;
    uint64_t raw_bytes;
    uint64_t out_since_mark;
    /* Called for each mark of the input, which is not passed on then; NULL: cmd_mark is. Of several inputs
     * only the last one's end is one. To be set before the first cmd_read. */
    int (*on_mark)(void *arg, const struct record_mark *mark, struct err *e);
    void *mark_arg;
    /* Called with mark_arg before an input lets us wait; NULL: nothing is to be done then. */
    void (*on_idle)(void *arg);
    bool failed; /* the work has ended before its time */
    int status;  /* the worst so far */
    /* private */
    int next_operand;
    bool input_open, broken_pipe, finished;
    const char *unmarked; /* an input that had no mark; NULL: none */
    size_t kept;          /* of out.buf: all before the record in hand */
    struct buf end_mark;  /* the end mark that waits, but for its count */
    struct runlog log;
    char rejects_path[PATH_MAX]; /* for the run log */
    bool shows_progress, progress_shown;
    int64_t started, last_progress; /* monotonic milliseconds */
    uint64_t input_size;            /* bytes, where known; else 0 */
    struct err err;
};

/* Called for each option of the tool's own; returns -1 with E filled (code `usage`) to refuse its argument.
 */
typedef int cmd_take(void *tool, int letter, const char *name, const char *argument, struct err *e);

void cmd_start(struct cmd *c, int argc, char **argv, const struct cmd_spec *spec, cmd_take *take, void *tool);

/* Before the first record: MAKER makes what it can ahead, on as many threads as are worth it. */
void cmd_make_ahead(struct cmd *c, const struct record_maker *maker);

/* The next record of the inputs; false at their end or after a failure (cmd_finish knows which). Bad lines
 * are refused here. Marks are passed on here (cmd_mark); of several inputs, only the last one's end is an
 * end. */
bool cmd_read(struct cmd *c, struct record *r);

/* -1 where FD is the file for rejects: reading what we write would never end. cmd_read asks it of its inputs.
 */
int cmd_check_input(const struct cmd *c, int fd, const char *name, struct err *e);

/* -1 where a tool's target PATH is also its file for rejects. */
int cmd_check_target(const struct cmd *c, const char *path, struct err *e);

/* Writes a mark, with the count of what was written since the last one, after the rejects were synced;
 * nothing where our output carries no marks. An end mark waits until cmd_finish finds that all went well. -1
 * with E filled. */
int cmd_mark(struct cmd *c, const struct record_mark *mark, struct err *e);

/* Books of one input record, after its output (if any) was appended to c->out.buf: OUT lines. All return true
 * to stop the work. */
bool cmd_took(struct cmd *c, uint64_t out);
bool cmd_left_out(struct cmd *c);

/* Of one that was booked as taken. */
void cmd_left_out_taken(struct cmd *c);

/* OUT lines were appended that belong to no one record of the input. */
bool cmd_wrote(struct cmd *c, uint64_t out);

/* Takes back what was appended since cmd_read: a record is taken whole or refused whole. */
bool cmd_refuse(struct cmd *c, const struct record *r, const struct err *why);

/* The same of a record that was booked as taken, by the line that it was (JSON_PAD readable bytes behind it),
 * when its output has not been written. The record that cmd_read gave last is good no more. */
bool cmd_refuse_taken(struct cmd *c, struct str line, const struct err *why);

/* The same for input that is no record: the bytes as they came (a row of a CSV file). */
bool cmd_refuse_raw(struct cmd *c, struct str line, const struct err *why);

/* One line on standard error, in one write: "TOOL: PLACE: /FIELD: MESSAGE", control characters escaped. */
void cmd_say(const struct cmd *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cmd_say_err(const struct cmd *c, const struct err *e);

/* Each on three lines: place and message, the line of the text, and a caret below what is meant; and a last
 * line where there are more than are kept. */
void cmd_say_diags(const struct cmd *c, const struct diag_list *list);

/* R passed although CHECK (of level warn) does not hold: a line in the run log, and on standard error where
 * SHOWN. */
void cmd_warn(struct cmd *c, const struct record *r, const char *check, const char *message, bool shown);

/* Says it, and sets the status to 2 (75 where e->temporary). Returns the status, for `return cmd_fail(…)` in
 * main: the books are closed. */
int cmd_fail(struct cmd *c, const struct err *e);

/* The same of what the user wrote (maps, templates, descriptions): says all that is in LIST; E where it is
 * empty. */
int cmd_fail_diags(struct cmd *c, const struct diag_list *list, const struct err *e);

/* The path of the hub database: what -d said (NULL: nothing), else $HUB_DB; NULL: neither. */
const char *cmd_database(const char *said);

/* Records a worse status than the present one. */
void cmd_worse(struct cmd *c, int status);

/* Writes the end mark, flushes, syncs rejects, writes the end line of the run log, says the counts with -v,
 * releases all. The exit status. Does not return where the reader of our output is gone: dies of SIGPIPE, as
 * filters do. */
int cmd_finish(struct cmd *c);

#endif
