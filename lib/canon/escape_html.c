#include "canon/escape.h"

#include "base/ascii.h"

/*
 * HTML (the states are those of its standard's tokenizer, as far as values need them). In text and in quoted
 * values of attributes, five references keep a value what it is. Everywhere else no escape does: a value may
 * not stand there.
 */
enum {
    TEXT,
    OPEN,    /* behind < */
    NAME,    /* in the name of an element; `first` bytes of it fit the elements in `flags` */
    TAG,     /* behind the name */
    DOUBLE,  /* in "…" */
    SINGLE,  /* in '…' */
    BANG,    /* behind <!, and `first` dashes */
    COMMENT, /* behind `first` dashes, two at most */
    RAW      /* in the element `indicator`; `first` bytes of its end fit */
};

/* Elements whose text knows no references. `indicator`: which one is open, or 0. */
static const struct str raw_ends[] = {STR("</script"), STR("</style")};
enum { RAW_ENDS = sizeof raw_ends / sizeof *raw_ends, NAME_AT = 2 };

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static void enter(struct escape_place *place, uint8_t state)
{
    place->state = state;
    place->flags = 0;
    place->first = 0;
    if (state == TEXT)
        place->indicator = 0;
}

static void pass_name(struct escape_place *place, char c)
{
    for (size_t i = 0; i < RAW_ENDS; i++) {
        size_t at = NAME_AT + (size_t)place->first;
        if (at >= raw_ends[i].n || raw_ends[i].p[at] != lower(c))
            place->flags &= (uint8_t) ~(1u << i);
    }
    if (place->first < 16)
        place->first++;
}

/* The name has ended: which element it is. */
static void end_name(struct escape_place *place)
{
    char element = 0;
    for (size_t i = 0; i < RAW_ENDS; i++) {
        if (place->flags >> i & 1 && NAME_AT + (size_t)place->first == raw_ends[i].n)
            element = (char)(i + 1);
    }
    enter(place, TAG);
    place->indicator = element;
}

static void pass_tag(struct escape_place *place, char c)
{
    if (c == '>')
        enter(place, place->indicator != 0 ? RAW : TEXT);
    else if (c == '"' || c == '\'')
        enter(place, c == '"' ? DOUBLE : SINGLE);
}

static void pass_open(struct escape_place *place, char c)
{
    if (ascii_is_letter(c)) {
        enter(place, NAME);
        place->flags = (1u << RAW_ENDS) - 1;
        pass_name(place, c);
    } else if (c != '<') {
        enter(place, c == '!' ? BANG : c == '/' || c == '?' ? TAG : TEXT);
    }
}

static void pass_bang(struct escape_place *place, char c)
{
    if (c == '-' && ++place->first == 2) {
        enter(place, COMMENT);
    } else if (c != '-') {
        enter(place, TAG);
        pass_tag(place, c);
    }
}

static void pass_comment(struct escape_place *place, char c)
{
    if (c == '>' && place->first == 2)
        enter(place, TEXT);
    else if (c != '-')
        place->first = 0;
    else if (place->first < 2)
        place->first++;
}

static void pass_raw(struct escape_place *place, char c)
{
    struct str end = raw_ends[place->indicator - 1];
    place->first = (char)(end.p[(size_t)place->first] == lower(c) ? place->first + 1 : c == '<');
    if ((size_t)place->first == end.n) {
        enter(place, TAG);
        place->indicator = 0;
    }
}

static const char *html_pass(struct escape_place *place, struct str text, size_t *at)
{
    for (*at = 0; *at < text.n; ++*at) {
        char c = text.p[*at];
        switch (place->state) {
        case TEXT:
            if (c == '<')
                enter(place, OPEN);
            break;
        case OPEN: pass_open(place, c); break;
        case NAME:
            if (c != '>' && c != '/' && c != ' ' && !escape_is_control(c)) {
                pass_name(place, c);
            } else {
                end_name(place);
                pass_tag(place, c);
            }
            break;
        case TAG: pass_tag(place, c); break;
        case DOUBLE:
        case SINGLE:
            if (c == (place->state == DOUBLE ? '"' : '\''))
                enter(place, TAG);
            break;
        case BANG: pass_bang(place, c); break;
        case COMMENT: pass_comment(place, c); break;
        default: pass_raw(place, c); break;
        }
    }
    return NULL;
}

static const char *html_value(struct escape_place *place, struct escape_place *here, struct str next)
{
    (void)next;
    *here = *place;
    switch (place->state) {
    case TEXT:
    case DOUBLE:
    case SINGLE: return NULL;
    case RAW: return "no escape is enough for a value in a script or a style";
    case COMMENT: return "a value cannot stand in a comment";
    default: return "a value in a tag needs quotes around it: <p title=\"{{a}}\">";
    }
}

/* Whether there is one more attribute is no difference. */
static const char *html_join(struct escape_place *place, const struct escape_place *other)
{
    struct escape_place another = *other;
    if (memcmp(place, other, sizeof *place) == 0)
        return NULL;
    if (place->state == NAME)
        end_name(place);
    if (another.state == NAME)
        end_name(&another);
    if (memcmp(place, &another, sizeof *place) == 0)
        return NULL;
    return "a tag is open here or not, as conditions go: open and close it in the same branch";
}

static const char *html_put(struct buf *out, struct str value, const struct escape_place *here)
{
    (void)here;
    size_t from = 0;
    for (size_t i = 0; i < value.n; i++) {
        struct str reference;
        switch (value.p[i]) {
        case '&': reference = STR("&amp;"); break;
        case '<': reference = STR("&lt;"); break;
        case '>': reference = STR("&gt;"); break;
        case '"': reference = STR("&quot;"); break;
        case '\'': reference = STR("&#39;"); break;
        default: continue;
        }
        buf_put(out, str_slice(value, from, i));
        buf_put(out, reference);
        from = i + 1;
    }
    buf_put(out, str_slice(value, from, value.n));
    return NULL;
}

const struct escape escape_html = {".html", html_pass, html_value, html_join, html_put};
