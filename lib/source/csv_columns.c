#include "source/csv_columns.h"

#include "json/json.h"

enum { HEADER_MOST = 16 << 20 };

static const struct str turn_name = {"*", 1};

/* Where a column goes. */
struct place {
    size_t pattern; /* SIZE_MAX: into each record */
    size_t turn;
};

struct maker {
    struct csv_columns *c;
    const struct source_options *o;
    struct place *place; /* by cell */
    struct buf work;
};

/* ---- names ---- */

static int check_duplicates(const struct csv_columns *c, struct err *e)
{
    size_t at[2];
    int found = str_twins(c->name, c->nnames, at);
    if (found == -1)
        return err_memory(e);
    return found == 0 ? 0
                      : err_set(e, "header", "the columns %zu and %zu have one name: %s", at[0] + 1,
                                at[1] + 1, err_quote(c->name[at[0]]));
}

static int take_names(struct csv_columns *c, const struct csv_row *header, struct err *e)
{
    c->nheader = c->nnames = header->n;
    while (c->nnames > 0 && header->cell[c->nnames - 1].n == 0)
        c->nnames--;
    if (c->nnames == 0)
        return err_set(e, "header", "the header names no column");
    c->name = arena_array(&c->arena, c->nnames, sizeof *c->name);
    if (c->name == NULL)
        return err_memory(e);
    for (size_t i = 0; i < c->nnames; i++) {
        if (header->cell[i].n == 0)
            return err_set(e, "header", "the column %zu has no name", i + 1);
        c->name[i] = arena_str(&c->arena, header->cell[i]);
        if (c->name[i].p == NULL)
            return err_memory(e);
    }
    return check_duplicates(c, e);
}

/* ---- turns ---- */

/* Whether NAME is like PATTERN; TEXT: what its "*" stands for there. */
static bool is_like(struct str pattern, struct str name, struct str *text)
{
    size_t star = str_find(pattern, '*'), behind = pattern.n - star - 1;
    *text = str_slice(name, star, name.n > behind ? name.n - behind : 0);
    return name.n >= pattern.n && str_starts(name, str_slice(pattern, 0, star)) &&
           str_ends(name, str_slice(pattern, star + 1, pattern.n));
}

static size_t turn_of(struct csv_columns *c, struct str text)
{
    size_t i = 0;
    while (i < c->nturns && !str_eq(c->turn[i].text, text))
        i++;
    if (i == c->nturns)
        c->turn[c->nturns++] = (struct csv_turn){.text = text};
    return i;
}

static int place_column(struct maker *m, size_t cell, struct err *e)
{
    struct csv_columns *c = m->c;
    struct place *place = &m->place[cell];
    place->pattern = SIZE_MAX;
    for (size_t i = 0; i < m->o->nunpivot; i++) {
        struct str text;
        if (!is_like(m->o->unpivot[i], c->name[cell], &text))
            continue;
        if (place->pattern != SIZE_MAX)
            return err_set(e, "header", "the column %s is like two of the patterns to unpivot",
                           err_quote(c->name[cell]));
        *place = (struct place){i, turn_of(c, text)};
        c->turn[place->turn].n++;
    }
    if (place->pattern != SIZE_MAX)
        return 0;
    c->nfixed++;
    if (m->o->nunpivot > 0 && str_eq(c->name[cell], turn_name))
        return err_set(e, "header", "the column %zu is called \"*\", as --unpivot calls what its names hold",
                       cell + 1);
    return 0;
}

static int place_columns(struct maker *m, struct err *e)
{
    struct csv_columns *c = m->c;
    m->place = arena_array(&c->arena, c->nnames, sizeof *m->place);
    if (m->o->nunpivot > 0)
        c->turn = arena_array(&c->arena, c->nnames, sizeof *c->turn);
    if (m->place == NULL || (m->o->nunpivot > 0 && c->turn == NULL))
        return err_memory(e);
    for (size_t i = 0; i < c->nnames; i++)
        if (place_column(m, i, e) == -1)
            return -1;
    for (size_t i = 0; i < m->o->nunpivot; i++) {
        size_t cell = 0;
        while (cell < c->nnames && m->place[cell].pattern != i)
            cell++;
        if (cell == c->nnames)
            return err_set(e, "header", "no column is like %s, to unpivot", err_quote(m->o->unpivot[i]));
    }
    return 0;
}

/* ---- prefixes ---- */

/* [{"|","]NAME":" and VALUE */
static struct str make_prefix(struct maker *m, bool first, struct str name, struct str value)
{
    buf_reset(&m->work);
    buf_put(&m->work, first ? STR("{") : STR("\","));
    json_write_string(&m->work, name);
    buf_byte(&m->work, ':');
    json_write_string(&m->work, value);
    if (!buf_ok(&m->work))
        return (struct str){0};
    size_t n = m->work.n - 1; /* the value goes on */
    for (int i = 0; i < CSV_COPY; i++)
        buf_byte(&m->work, '\0');
    struct str copy = buf_ok(&m->work) ? arena_str(&m->c->arena, buf_str(&m->work)) : (struct str){0};
    return (struct str){copy.p, n};
}

static int make_fixed(struct maker *m, struct err *e)
{
    struct csv_columns *c = m->c;
    c->fixed = arena_array(&c->arena, c->nfixed + 1, sizeof *c->fixed);
    if (c->fixed == NULL)
        return err_memory(e);
    size_t n = 0;
    for (size_t i = 0; i < c->nnames; i++) {
        if (m->place[i].pattern != SIZE_MAX)
            continue;
        struct csv_column *column = &c->fixed[n];
        *column = (struct csv_column){make_prefix(m, n == 0, c->name[i], STR("")), i};
        if (column->prefix.p == NULL)
            return err_memory(e);
        c->longest += column->prefix.n;
        n++;
    }
    return 0;
}

static int begin_turns(struct maker *m, struct err *e)
{
    struct csv_columns *c = m->c;
    for (size_t i = 0; i < c->nturns; i++) {
        struct csv_turn *t = &c->turn[i];
        t->prefix = make_prefix(m, c->nfixed == 0, turn_name, t->text);
        t->column = arena_array(&c->arena, t->n, sizeof *t->column);
        if (t->prefix.p == NULL || t->column == NULL)
            return err_memory(e);
        t->n = 0;
    }
    return 0;
}

static int make_turns(struct maker *m, struct err *e)
{
    struct csv_columns *c = m->c;
    struct str *prefix = arena_array(&c->arena, m->o->nunpivot, sizeof *prefix);
    if (prefix == NULL || begin_turns(m, e) == -1)
        return err_memory(e);
    size_t longest = 0, all = 0;
    for (size_t i = 0; i < m->o->nunpivot; i++) {
        prefix[i] = make_prefix(m, false, m->o->unpivot[i], STR(""));
        if (prefix[i].p == NULL)
            return err_memory(e);
        all += prefix[i].n;
    }
    for (size_t i = 0; i < c->nnames; i++) {
        if (m->place[i].pattern == SIZE_MAX)
            continue;
        struct csv_turn *t = &c->turn[m->place[i].turn];
        t->column[t->n++] = (struct csv_column){prefix[m->place[i].pattern], i};
        longest = t->prefix.n > longest ? t->prefix.n : longest;
    }
    c->longest += longest + all;
    return 0;
}

/* ---- the whole ---- */

static int find_group(struct csv_columns *c, const struct maker *m, struct str group, struct err *e)
{
    for (size_t i = 0; i < c->nnames && group.p != NULL; i++)
        if (str_eq(c->name[i], group) && m->place[i].pattern == SIZE_MAX)
            c->group = i;
    if (group.p == NULL || c->group != SIZE_MAX)
        return 0;
    return err_set(e, "header", "no column is called %s, to group by", err_quote(group));
}

static int make(struct maker *m, const struct csv_row *header, struct err *e)
{
    if (take_names(m->c, header, e) == -1 || place_columns(m, e) == -1 || make_fixed(m, e) == -1 ||
        (m->c->turn != NULL && make_turns(m, e) == -1))
        return -1;
    return find_group(m->c, m, m->o->group, e);
}

int csv_columns_init(struct csv_columns *c, const struct csv_row *header, const struct source_options *o,
                     struct err *e)
{
    *c = (struct csv_columns){.group = SIZE_MAX};
    arena_init(&c->arena, (size_t)4 * HEADER_MOST);
    struct maker m = {.c = c, .o = o};
    buf_init(&m.work, HEADER_MOST);
    int done = make(&m, header, e);
    buf_release(&m.work);
    return done;
}

void csv_columns_release(struct csv_columns *c)
{
    arena_release(&c->arena);
}
