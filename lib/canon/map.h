/*
 * Maps, loaded and run: native records to canonical ones, and back.
 *
 *     struct map_set *maps = map_set_new(&env);
 *     if (map_set_load(maps, "pipelines/systems/shopify", &e) == -1 || map_set_compile(maps, MAP_READ, &e) ==
 * -1) for each of map_set_diags(maps) …                        all that is wrong, each with its place int n =
 * map_read(maps, &native, &e);                         how many canonical records; -1: refused whole for (int
 * i = 0; i < n; i++) record_write(out, map_result(maps, i));
 *
 * All the records that one native record gives are made before the first is handed out: all or none. They are
 * good until the next map_read or map_write. Nothing is allocated per record once warm.
 */
#ifndef HUB_CANON_MAP_H
#define HUB_CANON_MAP_H

#include "canon/diag.h"
#include "canon/lookup.h"
#include "canon/schema.h"
#include "record/record.h"
#include "json/json.h"

struct ast_decl;
struct map_set;
struct unread;

enum map_direction { MAP_READ = 1, MAP_WRITE = 2 };

/* What maps need from outside. */
struct map_env {
    struct contract *contract;
    /* The value given for a parameter, or NULL. */
    const struct json_node *(*param)(void *arg, struct str name);
    /* The rows of a table: FILE as the map at MAP_PATH names it; see compile.h. NULL: tables are empty. */
    int (*rows)(void *arg, struct str table, struct str file, struct str map_path, struct arena *a,
                lookup_row *row, void *row_arg, struct err *e);
    /* Whether the records of a stream come from cells (csv, tsv), where an empty text is absent. */
    bool (*cells)(void *arg, struct str stream);
    /* A check of level `warn` does not hold for a record (its data is not there yet). May be NULL. */
    void (*warn)(void *warn_arg, const struct record *canonical, const char *check, const char *message);
    void *warn_arg;
    void *arg; /* of the others */
};

struct map_set *map_set_new(const struct map_env *env); /* NULL: memory */
void map_set_free(struct map_set *s);

/* The same maps, compiled for the same directions, to be run by another thread while S is: by a CONTRACT and
 * warnings of their own. What no rule reads is looked at only when it is asked for (map_look_for_unread).
 * What was read from files is that of S, which must be there as long. NULL: memory. */
struct map_set *map_set_twin(const struct map_set *s, struct contract *contract,
                             void (*warn)(void *warn_arg, const struct record *canonical, const char *check,
                                          const char *message),
                             void *warn_arg);

/* A file, or all *.map of a folder in the order of their names, with what they include. -1: E says what
 * cannot be read (a folder without maps, too). What is wrong in a text is told by map_set_compile, with all
 * that is wrong in the others. */
int map_set_load(struct map_set *s, const char *path, struct err *e);

/* The same of a map that is in memory; TEXT is copied, NAME stands for the file in messages. */
int map_set_load_text(struct map_set *s, const char *name, struct str text, struct err *e);

/* Compiles all loaded maps for the directions asked for, and looks for what is wrong in the other one; checks
 * what they make against the contract. -1: E has the first of what is wrong. */
int map_set_compile(struct map_set *s, unsigned directions, struct err *e);

const struct diag_list *map_set_diags(const struct map_set *s);

/* SHA-256 (hex) over the texts of the loaded maps, for rejects; absent where it could not be made. */
struct str map_set_hash(struct map_set *s);

/* Appends the entities of the records that the maps make of a native one of STREAM, as a JSON list; nothing
 * where no map reads it. */
void map_set_makes(const struct map_set *s, struct str stream, struct buf *out);

/* What the loaded maps do, one line a rule: the canonical field, the direction, the native side (explain.h);
 * JSON: an object a line. */
int map_set_explain(struct map_set *s, bool json, struct buf *out, struct err *e);

/* Only these entities are made: a list that stays with the caller. None: all. */
void map_set_entities(struct map_set *s, const struct str *entity, size_t n);

/* What becomes of native values that no rule reads or skips (unread.h): nothing; they are counted; a record
 * that has some is refused (code `unread`); or the first canonical record that a native one gives keeps them
 * in `ext`, each under its JSON Pointer as JSON text. To be said before map_set_compile. */
enum map_unread { MAP_UNREAD_IGNORE, MAP_UNREAD_COUNT, MAP_UNREAD_REFUSE, MAP_UNREAD_KEEP };
void map_set_unread(struct map_set *s, enum map_unread what);

/* A native stream with such values, and the next. */
struct map_unread_stream {
    struct str stream;
    struct unread *unread;
    uint64_t records; /* of the stream that were looked at */
    struct map_unread_stream *next;
};
struct map_unread_stream *map_set_unread_streams(const struct map_set *s);

/* The one stream that the maps write, once loaded; absent: they write none, or several. */
struct str map_set_written(const struct map_set *s);

/* Whether the maps, once compiled, have a parameter, a table, or make an entity of this name. -1: E says that
 * they do not, and what is near. */
enum map_name { MAP_PARAM, MAP_TABLE, MAP_ENTITY };
int map_set_knows(const struct map_set *s, enum map_name kind, struct str name, struct err *e);

/* Whether checks of level `warn` go unsaid: of a state that is past. */
void map_set_quiet(struct map_set *s, bool quiet);

/* A native record, or a canonical one where a map reads the stream hub:ENTITY. Returns the number of records
 * made (0: no map wanted it), or -1 with E: code, canonical field, message. */
int map_read(struct map_set *s, const struct record *native, struct err *e);

/* What map_read does first, but for twins: what no rule reads of a native record is counted, or refuses it
 * (-1). A twin refuses those of which it has not met a field before, too, so that S counts them. */
int map_look_for_unread(struct map_set *s, const struct record *native, struct err *e);

/* What a twin counted of such is counted by S, too. */
void map_set_join_unread(struct map_set *s, const struct map_set *twin);

/* Maps with `group` hold records back, until one with another key comes: whether the last one that was read
 * is held so, even where map_read refuses it. Good until map_group is asked. */
bool map_held(const struct map_set *s);

/* R, the last one that was read and is held, is refused: the groups that it is in will be, with all of their
 * records. */
void map_refuse_held(struct map_set *s, const struct record *r, const struct err *why);

/* To be asked after each map_read until it gives 0, and at the end after map_end: the records that a group
 * has given (map_result), 0: no group has ended; -1: it is refused, as E says, with as many as *RECORDS says.
 */
int map_group(struct map_set *s, uint64_t *records, struct err *e);

/* The I-th of them, its line, input and number; *WHY is what E is to it. */
struct record map_group_record(const struct map_set *s, uint64_t i, const struct err *e, struct err *why);

/* From now on maps with `group` read nothing. */
void map_hold_nothing(struct map_set *s);

/* All were read: the groups that are open have ended. */
void map_end(struct map_set *s);

/* Whether some map has groups. */
bool map_set_groups(const struct map_set *s);

/* A canonical record to native records of STREAM. They carry entity, id, source and version of what they were
 * made from. */
int map_write(struct map_set *s, const struct record *canonical, struct str stream, struct err *e);

/* Whether a map writes such records to STREAM. */
bool map_set_writes(const struct map_set *s, struct str entity, struct str stream);

const struct record *map_result(const struct map_set *s, int i);

/* A canonical record as the contract spells it. 1, or -1. */
int map_respell(struct map_set *s, const struct record *canonical, struct err *e);

#endif
