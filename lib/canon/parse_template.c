#include "canon/parser.h"
#include "canon/template_tree.h"

/* What stands between braces, by its first word. */
enum word { WORD_NOTHING, WORD_VALUE, WORD_RAW, WORD_IF, WORD_EACH, WORD_INCLUDE, WORD_ELSE, WORD_END };

struct directive {
    enum word word; /* WORD_NOTHING: a comment, or wrong */
    size_t at;      /* of {{ */
    struct str text;
    struct ast_expr *expr; /* of else: the condition of `else if`, or NULL */
    bool over;             /* the text has ended */
};

struct reader {
    struct parser p;
    struct str all;
    size_t at;             /* all before it is in the tree */
    unsigned depth, lists; /* blocks that are open; those of them that are an each */
};

/* The places of values in a list of lists are followed several times for each level. */
enum { BLOCK_DEPTH = 64, LIST_DEPTH = 8 };

/* What comes behind would only be guessed at. */
static void give_up(struct reader *r, size_t at, const char *what)
{
    parser_fail(&r->p, at, what);
    r->at = r->all.n;
}

static struct piece *add(struct reader *r, struct piece ***tail, enum piece_kind kind, size_t at,
                         struct str text)
{
    struct piece *made = parser_make(&r->p, sizeof *made);
    if (made == NULL) {
        r->at = r->all.n;
        return NULL;
    }
    made->kind = kind;
    made->at = at;
    made->text = text;
    **tail = made;
    *tail = &made->next;
    return made;
}

/* ---- one directive ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A word of ours, unless it is a name at work: a function, a field with steps. */
static bool accept_word(struct parser *p, const char *word)
{
    struct lexer saved = p->lex;
    if (!parser_accept_name(p, word))
        return false;
    if (p->lex.token.glued && (lex_is(&p->lex, "(") || lex_is(&p->lex, ".") || lex_is(&p->lex, "["))) {
        p->lex = saved;
        return false;
    }
    return true;
}

static enum word first_word(struct parser *p)
{
    static const struct {
        const char *name;
        enum word word;
    } words[] = {{"raw", WORD_RAW},         {"if", WORD_IF},     {"each", WORD_EACH},
                 {"include", WORD_INCLUDE}, {"else", WORD_ELSE}, {"end", WORD_END}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (accept_word(p, words[i].name))
            return words[i].word;
    }
    return WORD_VALUE;
}

/* What stands in [from, to). */
static void parse_directive(struct reader *r, struct directive *d, size_t from, size_t to)
{
    struct parser *p = &r->p;
    p->panic = false;
    lex_start(&p->lex, p->source, from, to);
    d->text = str_trim(str_slice(r->all, from, to));
    d->word = first_word(p);
    switch (d->word) {
    case WORD_ELSE:
        if (parser_accept_name(p, "if"))
            d->expr = parser_expression(p);
        break;
    case WORD_INCLUDE: d->text = parser_plain_text(p, "the name of a map file, in quotes"); break;
    case WORD_END: break;
    default: d->expr = parser_expression(p); break;
    }
    if (!p->panic && p->lex.token.kind == T_NEWLINE)
        lex_next(&p->lex);
    if (!p->panic && p->lex.token.kind != T_END)
        parser_due(p, "\"}}\"");
}

/* Where a directive ends whose {{ is at OPEN, in front of its }}; the end of the text: told. */
static size_t directive_end(struct reader *r, size_t open, bool *comment)
{
    size_t from = open + 2;
    while (from < r->all.n && is_blank(r->all.p[from]))
        from++;
    *comment = from < r->all.n && r->all.p[from] == '#';
    size_t end = *comment ? str_search(r->all, STR("}}"), from) : lex_hole_end(r->all, from, r->all.n);
    if (end >= r->all.n) {
        give_up(r, open, "this {{ is not closed: }} is due");
        return r->all.n;
    }
    if (end + 1 >= r->all.n || r->all.p[end + 1] != '}') {
        give_up(r, end, "}} is due here, not a single }");
        return r->all.n;
    }
    return end;
}

/* A directive that writes nothing and is alone on its line takes the line with it: OPEN and CLOSE, its ends,
 * become those of the line. */
static void take_line(struct str all, size_t *open, size_t *close)
{
    size_t from = *open, to = *close;
    while (from > 0 && is_blank(all.p[from - 1]))
        from--;
    while (to < all.n && is_blank(all.p[to]))
        to++;
    if (from > 0 && all.p[from - 1] != '\n')
        return;
    if (to + 1 < all.n && all.p[to] == '\r' && all.p[to + 1] == '\n')
        to++;
    if (to < all.n && all.p[to] != '\n')
        return;
    *open = from;
    *close = to + (to < all.n);
}

/* The text up to the next directive into the tree, and that directive, which is passed. */
static void next_directive(struct reader *r, struct piece ***tail, struct directive *d)
{
    size_t start = r->at, open = str_search(r->all, STR("{{"), start);
    *d = (struct directive){.at = open};
    if (open > r->all.n)
        open = r->all.n;
    if (open == r->all.n) {
        d->over = true;
        r->at = open;
    } else {
        bool comment;
        size_t end = directive_end(r, open, &comment);
        if (end == r->all.n) {
            d->over = true;
            return;
        }
        r->at = end + 2;
        if (!comment)
            parse_directive(r, d, open + 2, end);
        if (d->word != WORD_VALUE && d->word != WORD_RAW)
            take_line(r->all, &open, &r->at);
    }
    if (open > start)
        add(r, tail, PIECE_TEXT, start, str_slice(r->all, start, open));
}

/* ---- blocks ---- */

static struct piece *block(struct reader *r, struct directive *last);

/* An if with all its `else if`, which share one {{end}}. */
static void parse_if(struct reader *r, struct piece *made)
{
    struct directive last;
    struct piece *first = made;
    unsigned depth = r->depth;
    for (;;) {
        made->body = block(r, &last);
        if (last.word != WORD_ELSE || last.expr == NULL)
            break;
        struct piece **tail = &made->otherwise;
        made = add(r, &tail, PIECE_IF, last.at, last.text);
        if (made == NULL)
            return;
        made->expr = last.expr;
        r->depth++;
    }
    if (last.word == WORD_ELSE) {
        made->otherwise = block(r, &last);
        if (last.word == WORD_ELSE)
            give_up(r, last.at, "this if has an else already");
    }
    if (last.over && !r->p.panic)
        give_up(r, first->at, "this if has no {{end}}");
    r->depth = depth;
}

static void parse_each(struct reader *r, struct piece *made)
{
    struct directive last;
    if (++r->lists > LIST_DEPTH)
        give_up(r, made->at, "an each in more than seven others");
    made->body = block(r, &last);
    r->lists--;
    if (last.word == WORD_ELSE)
        give_up(r, last.at, "else belongs to an if, and this is an each");
    else if (last.over && !r->p.panic)
        give_up(r, made->at, "this each has no {{end}}");
}

/* The pieces up to an else or an end, which is LAST, or up to the end of the text. */
static struct piece *block(struct reader *r, struct directive *last)
{
    static const enum piece_kind kinds[] = {[WORD_VALUE] = PIECE_VALUE,
                                            [WORD_RAW] = PIECE_VALUE,
                                            [WORD_IF] = PIECE_IF,
                                            [WORD_EACH] = PIECE_EACH,
                                            [WORD_INCLUDE] = PIECE_INCLUDE};
    struct piece *first = NULL, **tail = &first;
    if (++r->depth > BLOCK_DEPTH)
        give_up(r, r->at, "nested too deep");
    for (;;) {
        next_directive(r, &tail, last);
        if (last->over || last->word == WORD_ELSE || last->word == WORD_END)
            break;
        if (last->word == WORD_NOTHING)
            continue;
        struct piece *made = add(r, &tail, kinds[last->word], last->at, last->text);
        if (made == NULL)
            continue;
        made->expr = last->expr;
        made->raw = last->word == WORD_RAW;
        if (made->kind == PIECE_IF)
            parse_if(r, made);
        else if (made->kind == PIECE_EACH)
            parse_each(r, made);
    }
    r->depth--;
    return first;
}

struct piece *parse_template(const struct source_text *source, struct arena *a, struct diag_list *diags)
{
    struct reader r = {.p = {.arena = a, .diags = diags, .source = source}, .all = source->text};
    struct directive last;
    struct piece *pieces = block(&r, &last);
    if (last.word == WORD_END || last.word == WORD_ELSE)
        parser_fail(&r.p, last.at,
                    last.word == WORD_END ? "this end closes nothing" : "this else stands in no if");
    return pieces;
}
