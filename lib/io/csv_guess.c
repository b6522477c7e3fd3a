#include "io/csv.h"

/* In the order in which they are preferred. */
static const char candidates[] = {',', ';', '\t', '|'};
enum { CANDIDATES = sizeof candidates };

/* The delimiters outside of quotes in the first two lines with anything in them, the header and a row. */
struct guess {
    size_t seen; /* bytes that were looked at */
    bool quoted, begun;
    size_t rows; /* that have ended */
    size_t count[2][CANDIDATES];
};

static void end_row(struct guess *g)
{
    g->rows += g->begun ? 1 : 0;
    g->begun = false;
}

static void look(struct guess *g, struct str text)
{
    for (; g->rows < 2 && g->seen < text.n; g->seen++) {
        char c = text.p[g->seen];
        if (!g->quoted && (c == '\n' || c == '\r')) {
            end_row(g);
            continue;
        }
        g->begun = true;
        if (c == '"')
            g->quoted = !g->quoted;
        for (size_t i = 0; i < CANDIDATES && !g->quoted; i++)
            g->count[g->rows][i] += c == candidates[i];
    }
}

static char decide(const struct guess *g, bool *sure)
{
    size_t best = 0, best_count = 0, found = 0;
    bool best_agrees = false;
    for (size_t i = 0; i < CANDIDATES; i++) {
        size_t count = g->count[0][i];
        bool agrees = g->rows < 2 || g->count[1][i] == count;
        if (count == 0)
            continue;
        found++;
        if (agrees == best_agrees ? count > best_count : agrees) {
            best = i;
            best_count = count;
            best_agrees = agrees;
        }
    }
    *sure = found < 2;
    return candidates[best];
}

/* What is looked at does not depend on how the bytes come. */
char csv_guess_delimiter(struct csv_reader *r, bool *sure, struct err *e)
{
    struct guess g = {0};
    struct str ahead = {0};
    size_t before;
    do {
        before = g.seen;
        if (csv_reader_peek(r, before, &ahead, e) == -1)
            return '\0';
        look(&g, str_slice(ahead, 0, CSV_GUESS_MOST));
    } while (g.rows < 2 && g.seen > before && g.seen < CSV_GUESS_MOST);
    end_row(&g);
    char delimiter = decide(&g, sure);
    csv_reader_set_delimiter(r, delimiter);
    return delimiter;
}
