#include "canon/escape.h"

/*
 * The journal of hledger. It has no escapes: what a place would read as something else is refused there. A
 * line is a transaction's first (date, status, code, description), a posting (account, two blanks, amount),
 * or something else; each may end with a comment.
 */
enum {
    LINE,    /* its beginning */
    DATE,    /* inside of the date */
    HEAD,    /* behind it: a status or a code may come */
    CODE,    /* inside of ( ) */
    TEXT,    /* the description; a directive */
    COMMENT, /* behind ; */
    TAG,     /* behind "name:" in a comment, up to a comma */
    POSTING, /* its beginning, behind the blanks */
    ACCOUNT, /* its name; `flags`: a blank stands last; of a value: the name ends behind it */
    AMOUNT,  /* all behind two blanks */
    DEPENDS  /* on conditions */
};

static uint8_t behind(struct escape_place *place, char c)
{
    bool blank = c == ' ' || c == '\t';
    switch (place->state) {
    case LINE:
        if (blank)
            return POSTING;
        return c >= '0' && c <= '9' ? DATE : c == ';' || c == '#' || c == '*' ? COMMENT : TEXT;
    case DATE: return blank ? HEAD : DATE;
    case HEAD: return blank || c == '*' || c == '!' ? HEAD : c == '(' ? CODE : c == ';' ? COMMENT : TEXT;
    case CODE: return c == ')' ? TEXT : CODE;
    case COMMENT: return c == ':' ? TAG : COMMENT;
    case TAG: return c == ',' ? COMMENT : TAG;
    case POSTING: return blank || c == '*' || c == '!' ? POSTING : c == ';' ? COMMENT : ACCOUNT;
    case ACCOUNT: {
        bool second = c == ' ' && place->flags != 0;
        place->flags = c == ' ';
        return c == '\t' || second ? AMOUNT : ACCOUNT;
    }
    case TEXT:
    case AMOUNT: return c == ';' ? COMMENT : place->state;
    default: return place->state;
    }
}

static const char *journal_pass(struct escape_place *place, struct str text, size_t *at)
{
    for (*at = 0; *at < text.n; ++*at) {
        uint8_t state = text.p[*at] == '\n' ? LINE : behind(place, text.p[*at]);
        if (state != ACCOUNT || place->state != ACCOUNT)
            place->flags = 0;
        place->state = state;
    }
    return NULL;
}

/* Whether the name of an account ends where NEXT begins. */
static bool ends_account(struct str next)
{
    return str_starts(next, STR("  ")) || str_starts(next, STR("\t")) || str_starts(next, STR("\n")) ||
           str_starts(next, STR("\r\n"));
}

static const char *journal_value(struct escape_place *place, struct escape_place *here, struct str next)
{
    *here = *place;
    here->flags = ends_account(next);
    if (place->state == DEPENDS)
        return "what this line is here depends on a condition: write the line whole in each branch";
    if (place->state == LINE)
        place->state = DATE;
    else if (place->state == HEAD)
        place->state = TEXT;
    else if (place->state == POSTING)
        place->state = ACCOUNT;
    place->flags = 0;
    return NULL;
}

static const char *journal_join(struct escape_place *place, const struct escape_place *other)
{
    if (place->state != other->state)
        place->state = DEPENDS;
    place->flags &= other->flags;
    return NULL;
}

static bool has_any(struct str value, const char *set)
{
    for (; *set != '\0'; set++) {
        if (str_find(value, *set) < value.n)
            return true;
    }
    return false;
}

static bool begins_with(struct str value, const char *set)
{
    return has_any(str_slice(value, 0, 1), set);
}

static bool has(struct str value, struct str part)
{
    return str_search(value, part, 0) <= value.n;
}

static const char *wrong_date(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (!(c >= '0' && c <= '9') && c != '-' && c != '/' && c != '.' && c != '=')
            return "a date is due where a line of a journal begins";
    }
    return NULL;
}

/* Blanks at the end of the name are of no account: pad makes them. */
static const char *wrong_account(struct str value, const struct escape_place *here)
{
    size_t n = value.n;
    while (here->flags != 0 && n > 0 && value.p[n - 1] == ' ')
        n--;
    value = str_slice(value, 0, n);
    if (n == 0)
        return "an account without a name";
    if (begins_with(value, " ") || str_ends(value, STR(" ")) || has(value, STR("  ")))
        return "two blanks end the name of an account, so that it cannot hold them, nor begin or go on "
               "behind one";
    if (here->state == POSTING && begins_with(value, "*!([=~"))
        return "the name of an account cannot begin with * ! ( [ = ~";
    return has_any(value, ";") ? "a semicolon cannot stand in the name of an account" : NULL;
}

/* Dates in a comment are dates of the posting: "date:2026-01-31", "[2026-01-31]". */
static const char *wrong_comment(struct str value, bool tag)
{
    if (tag && has_any(value, ","))
        return "a comma ends the value of a tag, so that it cannot hold one";
    if (has(value, STR("[")) || (!tag && (has(value, STR("date:")) || has(value, STR("date2:")))))
        return "[ and date: would be read as the date of the posting, and cannot stand in a comment";
    return NULL;
}

static const char *wrong(struct str value, const struct escape_place *here)
{
    static const char semicolon[] = "a semicolon begins a comment, and cannot stand here: replace it";
    for (size_t i = 0; i < value.n; i++) {
        if (escape_is_control(value.p[i]))
            return "a control character (an end of line, a tab) cannot stand in a line of a journal: as "
                   "one_line makes blanks of them";
    }
    switch (here->state) {
    case LINE:
    case DATE: return wrong_date(value);
    case HEAD:
        if (begins_with(str_trim(value), "*!("))
            return "a description that begins with * ! ( would be read as a status or a code";
        return has_any(value, ";") ? semicolon : NULL;
    case CODE: return has_any(value, ")") ? "a ) ends the code, and cannot stand in it" : NULL;
    case COMMENT:
    case TAG: return wrong_comment(value, here->state == TAG);
    case POSTING:
    case ACCOUNT: return wrong_account(value, here);
    case AMOUNT: return has_any(value, ";=@{}\"") ? "; = @ { } \" cannot stand in an amount" : NULL;
    default: return has_any(value, ";") ? semicolon : NULL;
    }
}

static const char *journal_put(struct buf *out, struct str value, const struct escape_place *here)
{
    const char *why = wrong(value, here);
    if (why == NULL)
        buf_put(out, value);
    return why;
}

const struct escape escape_journal = {".journal", journal_pass, journal_value, journal_join, journal_put};
