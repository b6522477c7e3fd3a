/*
 * What the parts of hub-extract share: what its options said, its output, and the kinds of sources, each a
 * cmd/extract_NAME.c and a row in the table of hub-extract.c.
 *
 * Functions that return bool return true to stop the work: cmd_finish knows why.
 */
#ifndef HUB_CMD_EXTRACT_H
#define HUB_CMD_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "cmd.h"
#include "source/api.h"
#include "source/database.h"
#include "source/fold.h"
#include "source/native.h"
#include "source/source.h"
#include "source/spool.h"
#include "source/state.h"
#include "system/system.h"

enum { EXTRACT_PATTERNS_MOST = 32 };

struct extract {
    struct cmd cmd;
    struct str described_by; /* -s; absent: none */
    struct source_options options;
    struct str footer[EXTRACT_PATTERNS_MOST], unpivot[EXTRACT_PATTERNS_MOST]; /* what they have of options */
    uint64_t memory; /* -M: bytes for the keys of groups */
    struct input_options input;
    struct api_options api; /* --since, --until, --id */
    struct session_options session;
    struct database_options rows;   /* --table, --query, --cursor */
    struct spool_options spool;     /* --settle, --take */
    const char *database, *target;  /* -d, --for */
    const char *state_path, *check; /* --state, --check; NULL: without */
    bool full;
    uint64_t given; /* bit I: the option of row I of the table was given */

    struct arena arena;
    struct diag_list diags;         /* what is wrong with a description */
    struct system_stream described; /* all absent without -s */

    struct native native;
    struct fold fold;
    size_t start;                   /* in the output, of the record that is being written; */
    bool begun;                     /* if there is one, and its source may have to wait */
    uint64_t bytes_before;          /* of the sources that are done */
    struct buf row;                 /* one row of a group */
    struct str source;              /* what all records carry */
    struct buf stream, next_stream; /* likewise, until another input has another */

    struct buf record_stream; /* of messages: that of the last record, as they call it */

    struct state state;
    bool state_open;
    int reading;                  /* the lock of the stream in the hub database, plus 1; 0: none */
    bool in_folder;               /* its files are being read */
    struct json_tape bookmark;    /* what the hub database says */
    struct buf checkpoint, after; /* a new one, and the one before */
};

/* A kind of source. The first whose `is` knows the operand reads it. */
struct extract_kind {
    const char *what;                /* for messages: "a stream of an API (CONNECTION:STREAM)" */
    const char *takes;               /* long options that have a meaning for it and not for every kind */
    bool alone;                      /* it is the only operand, and writes its own end mark */
    bool (*is)(const char *operand); /* NULL: any is */
    bool (*take)(struct extract *x, const char *operand);
};

extern const struct extract_kind extract_api, extract_database, extract_hub, extract_spool, extract_file;

/* --check: tries each stream of a connection. */
void extract_check(struct extract *x);

/* What is wrong with the whole. */
bool extract_fail(struct extract *x, const struct err *e);

/* The same of a description, which is shown with all that is wrong in it. */
bool extract_fail_description(struct extract *x, const struct err *e);

/* Sets aside the bytes of what cannot be taken, and clears WHY. */
bool extract_refuse(struct extract *x, struct str raw, struct err *why);

/* The `data` of a record was appended to the output behind native_begin's START. */
bool extract_give(struct extract *x, size_t start, const char *name, uint64_t line, struct str raw,
                  struct err *e);

/* A group that has ended. */
bool extract_give_group(struct extract *x, struct err *e);

/* The stream of the records from now on: with -s as described, else "file:NAME", up to the first dot of NAME.
 * A group, and the count of a mark, end with their stream. */
bool extract_set_stream(struct extract *x, struct str name);

/* The last group of what was read so far. */
bool extract_end_group(struct extract *x);

/* A file, an archive, standard input, or a URL. */
bool extract_take_file(struct extract *x, const char *path);

/* A folder, or a URL with a pattern, as spool_is knows them. */
bool extract_take_folder(struct extract *x, struct str place, const struct transfer_account *account);

/* The records of a stream are over: its last group, and with marks a mark. */
bool extract_end_stream(struct extract *x, bool end);

/* *CHECKPOINT is where the last run stood, by --state, else by the hub database, for x->source and x->stream;
 * NULL where there was none, and with --full. Closing is
 * harmless where nothing was opened. */
int extract_open_state(struct extract *x, const struct json_node **checkpoint, struct err *e);
void extract_close_state(struct extract *x);

/* A mark that covers what was written so far. SOME: there is a new checkpoint, in x->checkpoint, which is
 * kept
 * (--state) when what it covers was flushed; else the one before still holds, and only the end is marked. */
bool extract_mark(struct extract *x, bool some, bool end);

/* struct fd_reader's idle: what was written so far is seen before an input lets us wait, but for the record
 * that has only begun (x->begun, behind x->start). */
int extract_flush(void *arg, struct err *e);

#endif
