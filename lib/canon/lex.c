#include "canon/lex.h"

#include "base/ascii.h"

static bool is_name_start(char c)
{
    return ascii_is_letter(c) || c == '_';
}

static bool is_name_char(char c)
{
    return is_name_start(c) || ascii_is_digit(c);
}

size_t lex_string_end(struct str text, size_t at, size_t end)
{
    for (size_t i = at + 1; i < end; i++) {
        char c = text.p[i];
        if (c == '\n')
            return end;
        if (c == '"')
            return i + 1;
        if (c == '\\') {
            i++;
        } else if (c == '{') {
            /* A hole: strings in it may hold quotes and braces of their own. */
            int depth = 1;
            for (i++; i < end && depth > 0; i++) {
                if (text.p[i] == '"')
                    i = lex_string_end(text, i, end) - 1;
                else if (text.p[i] == '{')
                    depth++;
                else if (text.p[i] == '}')
                    depth--;
                else if (text.p[i] == '\n')
                    return end;
            }
            i--;
        }
    }
    return end;
}

size_t lex_hole_end(struct str text, size_t from, size_t end)
{
    int depth = 1;
    for (size_t i = from; i < end; i++) {
        if (text.p[i] == '"')
            i = lex_string_end(text, i, end) - 1;
        else if (text.p[i] == '\'')
            while (i + 1 < end && text.p[++i] != '\'')
                ;
        else if (text.p[i] == '{')
            depth++;
        else if (text.p[i] == '}' && --depth == 0)
            return i;
    }
    return end;
}

/* Words behind which a rule goes on in the next line. */
static bool is_operator_word(struct str word)
{
    return str_eq(word, STR("or")) || str_eq(word, STR("else")) || str_eq(word, STR("as")) ||
           str_eq(word, STR("when"));
}

static bool goes_on(const struct token *t)
{
    if (t->kind == T_NAME)
        return is_operator_word(t->text);
    if (t->kind != T_PUNCT)
        return t->kind == T_NEWLINE;
    return !(str_eq(t->text, STR(")")) || str_eq(t->text, STR("]")) || str_eq(t->text, STR("}")) ||
             str_eq(t->text, STR(".")) || str_eq(t->text, STR("$")));
}

/* White space, comments, and line ends that do not count. */
static void skip_blank(struct lexer *lex)
{
    struct str text = lex->source->text;
    while (lex->at < lex->end) {
        char c = text.p[lex->at];
        if (c == '#') {
            while (lex->at < lex->end && text.p[lex->at] != '\n')
                lex->at++;
        } else if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && (lex->depth > 0 || lex->after_open))) {
            lex->at++;
        } else {
            return;
        }
    }
}

static size_t punct_size(struct str rest)
{
    static const struct str longer[] = {STR("<->"), STR("<-"), STR("->"), STR("=="), STR("!="),
                                        STR("<="),  STR(">="), STR("&&"), STR("||"), STR("..")};
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        if (str_starts(rest, longer[i]))
            return longer[i].n;
    }
    return memchr("()[]{}.,|@$^=<>+-*!:", rest.p[0], 20) != NULL ? 1 : 0;
}

static void take(struct lexer *lex, enum token_kind kind, size_t from, size_t n)
{
    lex->token.kind = kind;
    lex->token.text = (struct str){lex->source->text.p + from, n};
}

/* Of [from, to). */
static void take_bad(struct lexer *lex, size_t from, size_t to, const char *why)
{
    take(lex, T_BAD, from, to - from);
    lex->token.why = why;
}

/* A name, and what somebody may have taken for one: letters beyond ASCII are for texts in quotes. */
static void lex_name(struct lexer *lex)
{
    struct str text = lex->source->text;
    size_t from = lex->at;
    bool plain = true;
    for (; lex->at < lex->end && (is_name_char(text.p[lex->at]) || (text.p[lex->at] & 0x80)); lex->at++)
        plain = plain && is_name_char(text.p[lex->at]);
    if (plain)
        take(lex, T_NAME, from, lex->at - from);
    else
        take_bad(lex, from, lex->at,
                 "a key of other characters than letters a to z, digits and _ stands in quotes");
}

static void lex_number(struct lexer *lex, bool only_digits)
{
    struct str text = lex->source->text;
    size_t from = lex->at;
    while (lex->at < lex->end && ascii_is_digit(text.p[lex->at]))
        lex->at++;
    if (!only_digits && lex->at + 1 < lex->end && text.p[lex->at] == '.' &&
        ascii_is_digit(text.p[lex->at + 1])) {
        lex->at++;
        while (lex->at < lex->end && ascii_is_digit(text.p[lex->at]))
            lex->at++;
    }
    take(lex, T_NUMBER, from, lex->at - from);
}

static void lex_quoted(struct lexer *lex, char quote)
{
    struct str text = lex->source->text;
    size_t from = lex->at, to;
    if (quote == '"') {
        to = lex_string_end(text, from, lex->end);
    } else {
        to = from + 1;
        while (to < lex->end && text.p[to] != quote && text.p[to] != '\n')
            to++;
        to += to < lex->end;
    }
    if (to > lex->end || to < from + 2 || text.p[to - 1] != quote) {
        while (lex->at < lex->end && text.p[lex->at] != '\n')
            lex->at++;
        take_bad(lex, from, from, "the text that starts here is not closed on its line");
        return;
    }
    lex->at = to;
    take(lex, quote == '"' ? T_STRING : T_RAW, from + 1, to - from - 2);
}

void lex_next(struct lexer *lex)
{
    struct str text = lex->source->text;
    size_t before = lex->at;
    lex->previous_end = before;
    skip_blank(lex);
    lex->token.at = lex->at;
    lex->token.glued = lex->at == before && before > 0;
    if (lex->at >= lex->end) {
        take(lex, T_END, lex->end, 0);
        return;
    }
    char c = text.p[lex->at];
    if (c == '\n' || c == ';') {
        take(lex, T_NEWLINE, lex->at++, 1);
    } else if (is_name_start(c) || (c & 0x80)) {
        lex_name(lex);
    } else if (ascii_is_digit(c)) {
        lex_number(lex, lex->after_dot && lex->token.glued);
    } else if (c == '"' || c == '\'') {
        lex_quoted(lex, c);
    } else {
        size_t n = punct_size(str_slice(text, lex->at, lex->end));
        if (n == 0)
            take_bad(lex, lex->at, lex->at + 1, "a character that no rule has here");
        else
            take(lex, T_PUNCT, lex->at, n);
        lex->at += lex->token.text.n;
        if (c == '(' || c == '[')
            lex->depth++;
        else if ((c == ')' || c == ']') && lex->depth > 0)
            lex->depth--;
    }
    /* Behind a dot the same words are keys. */
    lex->after_open = goes_on(&lex->token) && !lex->after_dot;
    lex->after_dot = lex_is(lex, ".");
}

void lex_start(struct lexer *lex, const struct source_text *source, size_t from, size_t to)
{
    *lex = (struct lexer){.source = source, .at = from, .end = to, .after_open = true};
    lex_next(lex);
}

struct str lex_stream(struct lexer *lex)
{
    struct str text = lex->source->text;
    size_t from = lex->token.at, at = from, colons = 0;
    while (at < lex->end && (is_name_char(text.p[at]) || text.p[at] == '-' || text.p[at] == ':'))
        colons += text.p[at++] == ':';
    struct str word = {text.p + from, at - from};
    if (colons != 1 || word.p[0] == ':' || word.p[word.n - 1] == ':')
        return (struct str){0};
    lex->at = at;
    lex->after_open = lex->after_dot = false;
    lex_next(lex);
    return word;
}
