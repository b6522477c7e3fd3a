/*
 * Inside of map.h: what map_set.c (loading, compiling) and map.c, map_read.c and map_group.c (running) share.
 */
#ifndef HUB_CANON_MAP_SET_H
#define HUB_CANON_MAP_SET_H

#include "canon/ast.h"
#include "canon/compile.h"
#include "canon/group.h"
#include "canon/machine.h"
#include "canon/map.h"
#include "canon/unread.h"

/* One file with what it includes: the names that its maps may use. */
struct map_file {
    struct ast_decl *decls, **tail;
    struct table_made *tables;
    struct map_file *next;
    struct map_file *next_known; /* of all files, those of templates too */
};

/* A parameter that was asked for and had a value from outside. */
struct given_param {
    struct str name;
    struct given_param *next;
};

/* A compiled map, one direction. */
struct unit {
    struct program *program;
    struct machine *machine;
    const struct schema *schema;
    struct grouping *grouping; /* of maps with `group` that read; else NULL */
    struct unit *next;
};

/* Of a map that reads canonical records: which. */
static inline struct str unit_reads_entity(const struct unit *u)
{
    return str_slice(u->program->stream, sizeof "hub:" - 1, u->program->stream.n);
}

/* The key of a record, and the group that is open. */
struct grouping {
    struct program *program;
    struct machine *machine;
    struct code *key;
    struct str key_now; /* of the record at hand; .p NULL: it is none of this map's */
    struct group group;
};

struct result {
    struct record record;
    size_t at; /* of data, in the tape */
    size_t of;
};

struct map_set {
    struct map_env env;
    struct arena kept, running;
    struct diag_list diags;
    struct map_file *files, **files_tail, *known;
    unsigned directions; /* that they were compiled for */
    bool is_twin;
    struct given_param *given;
    struct unit *reads, **reads_tail, *writes, **writes_tail;
    struct group *grouped; /* that map_group gave last */
    bool quiet;            /* no warnings */
    bool held;             /* the record that was read last waits in a group */
    bool holds_nothing;    /* none does */
    const struct str *entity;
    size_t nentities;
    enum map_unread unread;
    struct map_unread_stream *streams; /* that are looked at for unread values */
    const struct unread_value *keep;   /* values of the record at hand, for the first that it gives */
    size_t nkeep;
    struct json_tape raw, tape;
    struct json_tape canonical; /* the canonical record that is mapped */
    struct result *result;
    size_t nresults, capresults;
    struct buf text;        /* of the maps, to be hashed */
    struct buf source_text; /* of a value that is kept as it came */
    struct record_work work;
    char hash[65], version[65];
    bool in_order; /* the contract took the last data with its keys as they stood */
};

/* ---- between map_set.c, map_fields.c, map.c, map_read.c and template.c ---- */

/* PATH and what it includes, appended to F (whose tail is set); its text counts for the hash. -1: E, or
 * errors in the list of S. */
int map_set_read(struct map_set *s, struct map_file *f, const char *path, struct err *e);

/* FILE beside the file MAP_PATH that names it, unless it is absolute. .p NULL: memory. */
struct str map_set_beside(struct map_set *s, struct str map_path, struct str file);

/* Tells of what PROGRAM makes and the contract does not know; the field that keeps the raw word beside an
 * enumeration is made only where the contract has it. */
void map_check_fields(struct map_set *s, struct program *program, const struct schema *schema);

/* Tells of what U reads of a canonical record by paths of its own file, and the contract does not know. */
int map_check_input(struct map_set *s, const struct unit *u, struct err *e);

/* Why the contract has no NAME, and which is near. */
const char *map_set_unknown_entity(struct map_set *s, struct str name);

/* -1: CANONICAL has another version of the contract than this hub knows. */
int map_check_version(struct map_set *s, const struct record *canonical, struct err *e);

/* A compiler for what stands in F, or may use its names. */
struct compiler map_set_compiler(struct map_set *s, const struct map_file *f);

#endif
