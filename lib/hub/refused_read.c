#include "base/ascii.h"
#include "hub/log.h"
#include "hub/open.h"
#include "hub/refused.h"

#define COLUMNS                                                                                              \
    "SELECT tool, code, field, message, place, source.name, stream, reject.name, label, at, reject.id"
#define REJECTS                                                                                              \
    COLUMNS                                                                                                  \
    " FROM reject LEFT JOIN source ON source.id = source WHERE closed IS NULL"                               \
    " AND reject.target IS NULL AND " REFUSED_MAY_BE("(SELECT id FROM entity WHERE name = ?1)", "?1")
#define OPEN   "SELECT id FROM reject WHERE closed IS NULL AND "
#define NUMBER "(SELECT data ->> 'number' FROM revision WHERE number = ?4)"

/* Native ones are known by their label, too. */
#define OF_RECORD OPEN "name = ?3 UNION " OPEN "label IN " HUB_SPELLINGS(NUMBER)
static const char of_record[] =
    REJECTS " AND source.name = ?2 AND reject.id IN (" OF_RECORD ") ORDER BY reject.id";

/* A name that has a colon may be a place. */
#define NAMED    OPEN "name IN " HUB_SPELLINGS("?2")
#define LABELLED OPEN "label IN " HUB_SPELLINGS("?2")
#define PLACED                                                                                               \
    "SELECT id FROM reject INDEXED BY reject_label WHERE closed IS NULL AND instr(?2, ':') > 0"              \
    " AND (place = ?2 OR substr(place, -length(?2) - 1) = '/' || ?2)"
static const char called[] =
    REJECTS " AND reject.id IN (" NAMED " UNION " LABELLED " UNION " PLACED ") ORDER BY reject.id";

/* Of rows that could not be read, only their text is known. */
static const char nameless[] =
    COLUMNS ", line ->> '$.record' FROM reject INDEXED BY reject_place LEFT JOIN source ON source.id = source"
            " WHERE closed IS NULL AND reject.name IS NULL AND label IS NULL AND instr(line, ?1) > 0"
            " ORDER BY reject.id";

static struct hub_log_reject reject_of(struct sqlite_statement *s)
{
    return (struct hub_log_reject){.tool = sqlite_column_text(s, 0),
                                   .code = sqlite_column_text(s, 1),
                                   .field = sqlite_column_text(s, 2),
                                   .message = sqlite_column_text(s, 3),
                                   .place = sqlite_column_text(s, 4),
                                   .source = sqlite_column_text(s, 5),
                                   .stream = sqlite_column_text(s, 6),
                                   .id = sqlite_column_text(s, 7),
                                   .label = sqlite_column_text(s, 8),
                                   .at = sqlite_column_int(s, 9),
                                   .number = sqlite_column_int(s, 10)};
}

static int rejects(struct sqlite_statement *s, void (*row)(void *arg, const struct hub_log_reject *r),
                   void *arg, struct err *e)
{
    int got = 1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_reject r = reject_of(s);
        row(arg, &r);
    }
    return got;
}

int hub_log_rejects_of(struct hub *h, const struct hub_log_record *r,
                       void (*row)(void *arg, const struct hub_log_reject *r), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, of_record, e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, r->entity);
    sqlite_bind_text(s, 2, r->source);
    sqlite_bind_text(s, 3, r->id);
    sqlite_bind_int(s, 4, r->revision);
    return rejects(s, row, arg, e);
}

int hub_log_rejects(struct hub *h, struct str entity, struct str name,
                    void (*row)(void *arg, const struct hub_log_reject *r), void *arg, struct err *e)
{
    struct sqlite_statement *s = sqlite_cached(h->db, called, e);
    if (s == NULL)
        return -1;
    sqlite_bind_text(s, 1, entity);
    sqlite_bind_text(s, 2, name);
    return rejects(s, row, arg, e);
}

static bool is_of_word(struct str text, size_t at)
{
    return at < text.n &&
           (ascii_is_digit(text.p[at]) || ascii_is_letter(text.p[at]) || (unsigned char)text.p[at] >= 0x80);
}

static bool has_word(struct str text, struct str word)
{
    for (size_t at = 0; (at = str_search(text, word, at)) < text.n; at++)
        if (!(at > 0 && is_of_word(text, at - 1)) && !is_of_word(text, at + word.n))
            return true;
    return false;
}

int hub_log_rejects_holding(struct hub *h, struct str name,
                            void (*row)(void *arg, const struct hub_log_reject *r), void *arg, struct err *e)
{
    while (str_starts(name, STR("#")))
        name = str_slice(name, 1, name.n);
    struct sqlite_statement *s = name.n > 0 ? sqlite_cached(h->db, nameless, e) : NULL;
    if (s == NULL)
        return name.n > 0 ? -1 : 0;
    sqlite_bind_text(s, 1, name);
    int got = 1;
    while (got == 1 && (got = sqlite_step(s, e)) == 1) {
        const struct hub_log_reject r = reject_of(s);
        if (has_word(sqlite_column_text(s, 11), name))
            row(arg, &r);
    }
    return got;
}
