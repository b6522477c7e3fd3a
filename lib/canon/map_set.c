#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/utf8.h"
#include "canon/map_parts.h"
#include "canon/parse.h"
#include "canon/vouch.h"

enum { MAP_BYTES = 16 << 20, INCLUDE_DEPTH = 16 };

struct map_set *map_set_new(const struct map_env *env)
{
    struct map_set *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->env = *env;
    arena_init(&s->kept, SIZE_MAX / 2);
    arena_init(&s->running, (size_t)1 << 30);
    s->diags.arena = &s->kept;
    s->files_tail = &s->files;
    s->reads_tail = &s->reads;
    s->writes_tail = &s->writes;
    json_tape_init(&s->raw);
    json_tape_init(&s->tape);
    json_tape_init(&s->canonical);
    buf_init(&s->text, (size_t)1 << 30);
    buf_init(&s->source_text, JSON_BYTES_MOST);
    record_work_init(&s->work);
    return s;
}

static void release_unit(struct unit *u)
{
    machine_free(u->machine);
    program_release(u->program);
    if (u->grouping == NULL)
        return;
    machine_free(u->grouping->machine);
    program_release(u->grouping->program);
    group_release(&u->grouping->group);
}

static void free_units(struct unit *u)
{
    for (; u != NULL; u = u->next)
        release_unit(u);
}

void map_set_free(struct map_set *s)
{
    if (s == NULL)
        return;
    free_units(s->reads);
    free_units(s->writes);
    for (struct map_unread_stream *u = s->streams; u != NULL; u = u->next)
        unread_free(u->unread);
    json_tape_release(&s->raw);
    json_tape_release(&s->tape);
    json_tape_release(&s->canonical);
    buf_release(&s->text);
    buf_release(&s->source_text);
    record_work_release(&s->work);
    arena_release(&s->kept);
    arena_release(&s->running);
    free(s->result);
    free(s);
}

const struct diag_list *map_set_diags(const struct map_set *s)
{
    return &s->diags;
}

void map_set_entities(struct map_set *s, const struct str *entity, size_t n)
{
    s->entity = entity;
    s->nentities = n;
}

struct str map_set_hash(struct map_set *s)
{
    struct err e = {0};
    if (s->text.n == 0 || !buf_ok(&s->text))
        return (struct str){0};
    if (s->hash[0] == '\0' && digest_sha256(s->hash, buf_str(&s->text), &e) == -1)
        return (struct str){0};
    return str_of(s->hash);
}

/* ---- loading ---- */

struct str map_set_beside(struct map_set *s, struct str map_path, struct str file)
{
    size_t n = map_path.n;
    while (n > 0 && map_path.p[n - 1] != '/')
        n--;
    if (file.n > 0 && file.p[0] == '/')
        n = 0;
    return arena_printf(&s->kept, "%.*s%.*s", (int)n, map_path.p, (int)file.n, file.p);
}

static int read_decls(struct map_set *s, struct map_file *f, const char *path, unsigned depth, struct err *e);

static int add_decls(struct map_set *s, struct map_file *f, struct str name, struct str text, unsigned depth,
                     struct err *e)
{
    struct source_text *source = arena_alloc(&s->kept, sizeof *source);
    if (source == NULL)
        return err_memory(e);
    *source = (struct source_text){name, text};
    buf_put(&s->text, text);
    struct ast_decl *next;
    size_t good = utf8_check(text);
    if (good < text.n) {
        diag_add(&s->diags, source, good, "not UTF-8");
        return 0;
    }
    for (struct ast_decl *d = parse_map(source, &s->kept, &s->diags); d != NULL; d = next) {
        next = d->next;
        d->next = NULL;
        *f->tail = d;
        f->tail = &d->next;
        if (d->kind == DECL_INCLUDE) {
            struct str file = map_set_beside(s, name, d->file);
            if (file.p == NULL)
                return err_memory(e);
            if (read_decls(s, f, file.p, depth + 1, e) == -1)
                diag_add(&s->diags, d->source, d->at, "%s%s%s", e->place, e->place[0] != '\0' ? ": " : "",
                         e->message);
        }
    }
    return 0;
}

static int read_decls(struct map_set *s, struct map_file *f, const char *path, unsigned depth, struct err *e)
{
    struct str name = arena_str(&s->kept, str_of(path)), text;
    if (name.p == NULL)
        return err_memory(e);
    if (depth > INCLUDE_DEPTH)
        return err_set(e, "config", "%s: files that include each other", path);
    if (file_read(&text, path, MAP_BYTES, &s->kept, e) == -1)
        return -1;
    return add_decls(s, f, name, text, depth, e);
}

/* What is to be said of a file when all of it was read. */
static void finish_file(struct map_set *s, struct map_file *f)
{
    f->next_known = s->known;
    s->known = f;
    for (const struct ast_decl *a = f->decls; a != NULL; a = a->next) {
        for (const struct ast_decl *b = f->decls; b != a && a->kind != DECL_MAP && a->kind != DECL_INCLUDE;
             b = b->next) {
            if (b->kind == a->kind && str_eq(a->name, b->name))
                diag_add(&s->diags, a->source, a->at, "%.*s is declared twice", (int)a->name.n, a->name.p);
        }
    }
}

static struct map_file *new_file(struct map_set *s, struct err *e)
{
    struct map_file *f = arena_alloc(&s->kept, sizeof *f);
    if (f == NULL) {
        err_memory(e);
        return NULL;
    }
    f->tail = &f->decls;
    *s->files_tail = f;
    s->files_tail = &f->next;
    return f;
}

int map_set_read(struct map_set *s, struct map_file *f, const char *path, struct err *e)
{
    if (read_decls(s, f, path, 0, e) == -1)
        return -1;
    finish_file(s, f);
    return 0;
}

static int load_file(struct map_set *s, const char *path, struct err *e)
{
    struct map_file *f = new_file(s, e);
    return f != NULL ? map_set_read(s, f, path, e) : -1;
}

int map_set_load_text(struct map_set *s, const char *name, struct str text, struct err *e)
{
    struct map_file *f = new_file(s, e);
    struct str kept_name = arena_str(&s->kept, str_of(name)), kept = arena_str(&s->kept, text);
    if (f == NULL || kept_name.p == NULL || kept.p == NULL)
        return err_memory(e);
    if (add_decls(s, f, kept_name, kept, 0, e) == -1)
        return -1;
    finish_file(s, f);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static int load_folder(struct map_set *s, const char *path, struct err *e)
{
    const char *file[1024];
    size_t n = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return err_errno(e, path);
    for (const struct dirent *d; n < sizeof file / sizeof *file && (d = readdir(folder)) != NULL;) {
        if (d->d_name[0] == '.' || !str_ends(str_of(d->d_name), STR(".map")))
            continue;
        file[n] = arena_printf(&s->kept, "%s/%s", path, d->d_name).p;
        n += file[n] != NULL;
    }
    closedir(folder);
    if (n == 0)
        return err_set(e, "config", "%s: no map in this folder", path);
    qsort(file, n, sizeof *file, by_name);
    for (size_t i = 0; i < n; i++) {
        if (load_file(s, file[i], e) == -1)
            return -1;
    }
    return 0;
}

int map_set_load(struct map_set *s, const char *path, struct err *e)
{
    struct stat st;
    struct str clean = str_of(path);
    while (clean.n > 1 && clean.p[clean.n - 1] == '/')
        clean.n--;
    clean = arena_str(&s->kept, clean);
    if (clean.p == NULL)
        return err_memory(e);
    if (stat(clean.p, &st) == -1)
        return err_errno(e, path);
    return S_ISDIR(st.st_mode) ? load_folder(s, clean.p, e) : load_file(s, clean.p, e);
}

/* ---- compiling ---- */

static const struct json_node *param(void *arg, struct str name)
{
    struct map_set *s = arg;
    const struct json_node *given = s->env.param != NULL ? s->env.param(s->env.arg, name) : NULL;
    struct given_param *kept = given != NULL ? arena_alloc(&s->kept, sizeof *kept) : NULL;
    if (kept != NULL) {
        *kept = (struct given_param){name, s->given};
        s->given = kept;
    }
    return given;
}

static int rows(void *arg, const struct ast_decl *decl, struct arena *a, lookup_row *row, void *row_arg,
                struct err *e)
{
    struct map_set *s = arg;
    if (s->env.rows == NULL)
        return 0;
    return s->env.rows(s->env.arg, decl->name, decl->file, decl->source->name, a, row, row_arg, e);
}

const char *map_set_unknown_entity(struct map_set *s, struct str name)
{
    struct err e;
    err_clear(&e);
    if (contract_entity(s->env.contract, name, &e) != NULL)
        return NULL;
    struct str near = contract_near(name, &s->kept);
    struct str text = near.p != NULL
                          ? arena_printf(&s->kept, "%s; did you mean %.*s?", e.message, (int)near.n, near.p)
                          : arena_str(&s->kept, str_of(e.message));
    return text.p != NULL ? text.p : "not enough memory";
}

static const char *unknown_entity(void *arg, struct str name)
{
    return map_set_unknown_entity(arg, name);
}

struct compiler map_set_compiler(struct map_set *s, const struct map_file *f)
{
    return (struct compiler){.arena = &s->kept,
                             .diags = &s->diags,
                             .decls = f->decls,
                             .param = param,
                             .rows = rows,
                             .unknown_entity = unknown_entity,
                             .arg = s,
                             .tables = f->tables};
}

/* A unit that can be run, in the list of its direction. */
static bool add_unit(struct map_set *s, struct unit *u, enum ast_flow flow)
{
    if (flow == FLOW_READ) {
        if (!conform_bind(u->program->out, u->schema, &s->kept))
            return false;
        *s->reads_tail = u;
        s->reads_tail = &u->next;
    } else {
        vouch(u->program->out, u->schema);
        *s->writes_tail = u;
        s->writes_tail = &u->next;
    }
    return true;
}

/* A map that is not to be RUN in this direction is compiled for the errors in it. */
static int compile_one(struct map_set *s, struct map_file *f, const struct ast_decl *map, enum ast_flow flow,
                       bool run, struct err *e)
{
    struct compiler c = map_set_compiler(s, f);
    struct unit *u = arena_alloc(&s->kept, sizeof *u);
    if (u == NULL)
        return err_memory(e);
    c.empty_absent = s->env.cells != NULL && s->env.cells(s->env.arg, map->stream);
    c.looks = !run;
    u->program = compile_map(&c, map, flow);
    bool ok = u->program != NULL &&
              (flow != FLOW_READ || map->group == NULL || map_compile_group(s, &c, u, e) == 0);
    if (run)
        f->tables = c.tables;
    if (!ok) {
        release_unit(u);
        return err_memory(e);
    }
    u->schema = map->name.p != NULL ? contract_entity(s->env.contract, map->name, e) : NULL;
    if (u->schema == NULL) {
        if (map->name.p != NULL)
            diag_add(&s->diags, map->source, map->at, "%s", map_set_unknown_entity(s, map->name));
        release_unit(u);
        return 0;
    }
    if (flow == FLOW_READ)
        map_check_fields(s, u->program, u->schema);
    if (map_check_input(s, u, e) == -1) {
        release_unit(u);
        return -1;
    }
    bool added = run && add_unit(s, u, flow);
    if (!added)
        release_unit(u);
    return added || !run ? 0 : err_memory(e);
}

void map_set_unread(struct map_set *s, enum map_unread what)
{
    s->unread = what;
}

struct map_unread_stream *map_set_unread_streams(const struct map_set *s)
{
    return s->streams;
}

/* A rule of the business takes from a canonical record what it needs; only native ones are looked at. */
static int watch(struct map_set *s, const struct program *program, const struct program *key, struct err *e)
{
    struct map_unread_stream **at = &s->streams;
    if (program->hub)
        return 0;
    while (*at != NULL && !str_eq((*at)->stream, program->stream))
        at = &(*at)->next;
    if (*at == NULL) {
        struct map_unread_stream *made = arena_alloc(&s->kept, sizeof *made);
        if (made == NULL || (made->unread = unread_new(s->unread == MAP_UNREAD_KEEP)) == NULL)
            return err_memory(e);
        if (s->is_twin)
            unread_be_helper(made->unread);
        made->stream = program->stream;
        *at = made;
    }
    return unread_program((*at)->unread, program) && (key == NULL || unread_program((*at)->unread, key))
               ? 0
               : err_memory(e);
}

static int watch_streams(struct map_set *s, struct err *e)
{
    for (const struct unit *u = s->unread != MAP_UNREAD_IGNORE ? s->reads : NULL; u != NULL; u = u->next) {
        if (watch(s, u->program, u->grouping != NULL ? u->grouping->program : NULL, e) == -1)
            return -1;
    }
    return 0;
}

static int make_machines(struct unit *u, struct err *e)
{
    for (; u != NULL; u = u->next) {
        u->machine = machine_new(u->program);
        if (u->grouping != NULL)
            u->grouping->machine = machine_new(u->grouping->program);
        if (u->machine == NULL || (u->grouping != NULL && u->grouping->machine == NULL))
            return err_memory(e);
    }
    return 0;
}

/* The name that a declaration gives to things of this kind; .p NULL: none. */
static struct str declared(const struct ast_decl *d, enum map_name kind)
{
    static const enum ast_decl_kind kinds[] = {
        [MAP_PARAM] = DECL_PARAM, [MAP_TABLE] = DECL_TABLE, [MAP_ENTITY] = DECL_MAP};
    return d->kind == kinds[kind] ? d->name : (struct str){0};
}

int map_set_knows(const struct map_set *s, enum map_name kind, struct str name, struct err *e)
{
    static const char *const whats[] = {
        [MAP_PARAM] = "parameter is called", [MAP_TABLE] = "table is called", [MAP_ENTITY] = "map makes"};
    struct str names[256], near;
    size_t n = 0;
    for (const struct given_param *g = kind == MAP_PARAM ? s->given : NULL; g != NULL; g = g->next) {
        if (str_eq(g->name, name))
            return 0;
    }
    for (const struct map_file *f = s->known; f != NULL; f = f->next_known) {
        for (const struct ast_decl *d = f->decls; d != NULL; d = d->next) {
            struct str found = declared(d, kind);
            if (found.p != NULL && str_eq(found, name))
                return 0;
            if (found.p != NULL && n < sizeof names / sizeof *names)
                names[n++] = found;
        }
    }
    near = nearest_name(name, names, n);
    return near.p != NULL ? err_set(e, "usage", "no %s %s; did you mean %.*s?", whats[kind], err_quote(name),
                                    (int)near.n, near.p)
                          : err_set(e, "usage", "no %s %s", whats[kind], err_quote(name));
}

struct str map_set_written(const struct map_set *s)
{
    struct str stream = {0};
    for (const struct map_file *f = s->files; f != NULL; f = f->next)
        for (const struct ast_decl *d = f->decls; d != NULL; d = d->next) {
            if (d->kind != DECL_MAP || d->flow == FLOW_READ ||
                (stream.p != NULL && str_eq(stream, d->stream)))
                continue;
            if (stream.p != NULL)
                return (struct str){0};
            stream = d->stream;
        }
    return stream;
}

struct map_set *map_set_twin(const struct map_set *s, struct contract *contract,
                             void (*warn)(void *warn_arg, const struct record *canonical, const char *check,
                                          const char *message),
                             void *warn_arg)
{
    struct err e;
    struct map_env env = s->env;
    env.contract = contract;
    env.warn = warn;
    env.warn_arg = warn_arg;
    struct map_set *twin = map_set_new(&env);
    bool ok = twin != NULL;
    for (const struct map_file *f = s->files; ok && f != NULL; f = f->next) {
        struct map_file *file = new_file(twin, &e);
        ok = file != NULL;
        if (ok) {
            file->decls = f->decls;
            file->tables = f->tables;
        }
    }
    if (ok) {
        map_set_entities(twin, s->entity, s->nentities);
        map_set_unread(twin, s->unread);
        twin->is_twin = true;
        ok = map_set_compile(twin, s->directions, &e) == 0;
    }
    if (ok)
        return twin;
    map_set_free(twin);
    return NULL;
}

/* A twin's maps were looked at already. */
static int compile_direction(struct map_set *s, struct map_file *f, const struct ast_decl *map,
                             enum ast_flow flow, struct err *e)
{
    bool run = s->directions & (flow == FLOW_READ ? MAP_READ : MAP_WRITE);
    if (map->flow != FLOW_BOTH && map->flow != flow)
        return 0;
    return run || !s->is_twin ? compile_one(s, f, map, flow, run, e) : 0;
}

int map_set_compile(struct map_set *s, unsigned directions, struct err *e)
{
    s->directions = directions;
    for (struct map_file *f = s->files; f != NULL; f = f->next) {
        for (const struct ast_decl *d = f->decls; d != NULL; d = d->next) {
            if (d->kind == DECL_MAP && (compile_direction(s, f, d, FLOW_READ, e) == -1 ||
                                        compile_direction(s, f, d, FLOW_WRITE, e) == -1))
                return -1;
        }
    }
    if (s->diags.n > 0)
        return diag_first(&s->diags, e);
    if (make_machines(s->reads, e) == -1 || make_machines(s->writes, e) == -1)
        return -1;
    return watch_streams(s, e);
}
