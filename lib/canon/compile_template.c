#include "canon/compile_rules.h"
#include "canon/template_tree.h"

/* ---- what runs ---- */

static void compile_pieces(struct compiler *c, struct scope *s, struct piece *piece)
{
    for (; piece != NULL; piece = piece->next) {
        switch (piece->kind) {
        case PIECE_TEXT:
        case PIECE_INCLUDE: break;
        case PIECE_VALUE: piece->code = compile_scalar(c, s, piece->expr); break;
        case PIECE_IF:
            piece->code = compile_scalar(c, s, piece->expr);
            compile_pieces(c, s, piece->body);
            compile_pieces(c, s, piece->otherwise);
            break;
        case PIECE_EACH: {
            struct scope *inner = rules_scope(c, s);
            piece->code = compile_code(c, s, piece->expr);
            piece->frame = inner->frame = compile_frame(c, s->frame, true);
            inner->in = inner->frame->item;
            if (piece->code->op == OP_PATH)
                inner->frame->of = piece->code->path;
            compile_pieces(c, inner, piece->body);
            break;
        }
        }
    }
}

/* ---- where values stand ---- */

struct follower {
    struct compiler *c;
    const struct scope *scope;
    const struct escape *escape;
    bool lost; /* something was wrong: what follows would be, too */
};

static void lose(struct follower *f, size_t at, const char *wrong)
{
    if (wrong != NULL && !f->lost) {
        compile_error(f->c, f->scope, at, "%s", wrong);
        f->lost = true;
    }
}

static void follow(struct follower *f, struct piece *piece, struct escape_place *place);

/* An item begins where the text before the list ends, or where the item before it ends. */
static void follow_each(struct follower *f, struct piece *each, struct escape_place *place)
{
    struct escape_place before, behind;
    do {
        before = behind = *place;
        follow(f, each->body, &behind);
        lose(f, each->at, f->escape->join(place, &behind));
    } while (!f->lost && memcmp(&before, place, sizeof before) != 0);
}

static struct str next_text(const struct piece *piece)
{
    const struct piece *next = piece->next;
    return next != NULL && next->kind == PIECE_TEXT ? next->text : STR("");
}

static void follow(struct follower *f, struct piece *piece, struct escape_place *place)
{
    for (; piece != NULL && !f->lost; piece = piece->next) {
        size_t at = 0;
        struct escape_place other = *place;
        const char *wrong;
        switch (piece->kind) {
        case PIECE_INCLUDE: break;
        case PIECE_TEXT:
            wrong = f->escape->pass(place, piece->text, &at);
            lose(f, piece->at + at, wrong);
            break;
        case PIECE_VALUE:
            wrong = f->escape->value(place, &piece->here, next_text(piece));
            if (!piece->raw)
                lose(f, piece->at, wrong);
            break;
        case PIECE_IF:
            follow(f, piece->body, place);
            follow(f, piece->otherwise, &other);
            if (!f->lost)
                lose(f, piece->at, f->escape->join(place, &other));
            break;
        case PIECE_EACH: follow_each(f, piece, place); break;
        }
    }
}

static struct program *template_program(struct compiler *c, const struct source_text *source,
                                        struct piece *pieces, const struct escape *escape)
{
    struct program *program = program_new(c, SIDE_CANONICAL);
    struct scope *s = compile_make(c, sizeof *s);
    program->template = true;
    *s = (struct scope){.frame = compile_frame(c, NULL, false), .in_side = SIDE_CANONICAL, .source = source};
    s->in = s->frame->item;
    program->root = program->record = s->frame;
    compile_pieces(c, s, pieces);
    program_finish(c);
    if (escape->pass != NULL) {
        struct follower f = {.c = c, .scope = s, .escape = escape};
        struct escape_place begin = {0}, end = {0};
        follow(&f, pieces, &end);
        if (!f.lost)
            lose(&f, source->text.n, escape->join(&begin, &end));
    }
    return program;
}

struct program *compile_template(struct compiler *c, const struct source_text *source, struct piece *pieces,
                                 const struct escape *escape)
{
    jmp_buf full;
    c->out_of_memory = &full;
    return setjmp(full) == 0 ? template_program(c, source, pieces, escape) : NULL;
}
