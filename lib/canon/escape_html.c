#include "canon/escape.h"

#include "base/ascii.h"

/*
 * HTML (the states are those of its standard's tokenizer, as far as values need them). In text and in quoted
 * values of attributes that are text, five references keep a value what it is. Everywhere else no escape
 * does: a value may not stand there.
 */
enum {
    TEXT,
    OPEN,      /* behind < */
    NAME,      /* in the name of an element; `first` bytes of it fit the elements in `flags` */
    TAG,       /* behind the name; `flags`: what the attribute that was named last is (enum attribute) */
    ATTRIBUTE, /* in the name of one; `first` bytes of it fit `codes` in `flags`; ELSEWHERE: began so or so */
    DOUBLE,    /* in "…", `flags` as in TAG */
    SINGLE,    /* in '…', likewise */
    BANG,      /* behind <!, and `first` dashes */
    COMMENT,   /* behind `first` dashes, two at most */
    RAW        /* in the element `indicator`; `first` bytes of its end fit */
};

enum { NAME_MOST = 16, ELSEWHERE };

/* Elements whose text knows no references. `indicator`: which one is open, or 0. */
static const struct str raw_ends[] = {STR("</script"), STR("</style")};
enum { RAW_ENDS = sizeof raw_ends / sizeof *raw_ends, NAME_AT = 2 };

/* Attributes whose values are code, once references are read. */
enum attribute { IS_TEXT, IS_EVENT, IS_STYLE, IS_PAGE, IS_UNKNOWN };
static const struct str codes[] = {STR("on"), STR("style"), STR("srcdoc")}; /* all that begin with `on` */
enum { CODES = sizeof codes / sizeof *codes, EVENT_AT = 2 };

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

/* One more byte of a name: which of N words, from FROM on, it still fits. */
static void fit(struct escape_place *place, const struct str *words, size_t n, size_t from, char c)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = from + (size_t)place->first;
        if (at >= words[i].n || words[i].p[at] != lower(c))
            place->flags &= (uint8_t) ~(1u << i);
    }
    if (place->first < NAME_MOST)
        place->first++;
}

static void pass_name(struct escape_place *place, char c)
{
    fit(place, raw_ends, RAW_ENDS, NAME_AT, c);
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

static bool is_blank(char c)
{
    return c == ' ' || escape_is_control(c);
}

static void pass_attribute(struct escape_place *place, char c);

static void pass_tag(struct escape_place *place, char c)
{
    uint8_t attribute = place->flags;
    if (c == '>') {
        enter(place, place->indicator != 0 ? RAW : TEXT);
    } else if (c == '"' || c == '\'') {
        enter(place, c == '"' ? DOUBLE : SINGLE);
        place->flags = attribute;
    } else if (c != '=' && c != '/' && !is_blank(c)) {
        enter(place, ATTRIBUTE);
        place->flags = (1u << CODES) - 1;
        pass_attribute(place, c);
    }
}

/* The name has ended: what the attribute is. */
static void end_attribute(struct escape_place *place)
{
    uint8_t attribute = place->first == ELSEWHERE ? IS_UNKNOWN : IS_TEXT;
    for (size_t i = 0; i < CODES; i++) {
        if (place->flags >> i & 1 &&
            (i + 1 == IS_EVENT ? place->first >= EVENT_AT : (size_t)place->first == codes[i].n))
            attribute = (uint8_t)(i + 1);
    }
    enter(place, TAG);
    place->flags = attribute;
}

static void pass_attribute(struct escape_place *place, char c)
{
    if (c == '>' || c == '/' || c == '=' || c == '"' || c == '\'' || is_blank(c)) {
        end_attribute(place);
        pass_tag(place, c);
    } else if (place->first != ELSEWHERE) {
        uint8_t event = place->first >= EVENT_AT ? place->flags & 1 : 0;
        fit(place, codes, CODES, 0, c);
        place->flags |= event;
    }
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
            if (c != '>' && c != '/' && !is_blank(c)) {
                pass_name(place, c);
            } else {
                end_name(place);
                pass_tag(place, c);
            }
            break;
        case TAG: pass_tag(place, c); break;
        case ATTRIBUTE: pass_attribute(place, c); break;
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
    static const char *const wrong[] = {
        [IS_TEXT] = NULL,
        [IS_EVENT] = "no escape is enough for a value in an event attribute, which is a script",
        [IS_STYLE] = "no escape is enough for a value in a style",
        [IS_PAGE] = "no escape is enough for a value in srcdoc, which is a page of its own",
        [IS_UNKNOWN] =
            "which attribute this value stands in depends on conditions: name it in the same branch"};
    (void)next;
    *here = *place;
    switch (place->state) {
    case TEXT: return NULL;
    case DOUBLE:
    case SINGLE: return wrong[place->flags];
    case RAW: return "no escape is enough for a value in a script or a style";
    case COMMENT: return "a value cannot stand in a comment";
    default: return "a value in a tag needs quotes around it: <p title=\"{{a}}\">";
    }
}

static bool is_in_tag(const struct escape_place *place)
{
    return place->state == TAG || place->state == ATTRIBUTE;
}

/* Of two places that differ in their attribute alone PLACE becomes one of an attribute that is not known. */
static bool join_attributes(struct escape_place *place, const struct escape_place *other)
{
    bool quoted = place->state == other->state && (place->state == DOUBLE || place->state == SINGLE);
    if (place->indicator != other->indicator || !(quoted || (is_in_tag(place) && is_in_tag(other))))
        return false;
    if (place->state == ATTRIBUTE || other->state == ATTRIBUTE) {
        enter(place, ATTRIBUTE);
        place->first = ELSEWHERE;
    } else {
        place->flags = IS_UNKNOWN;
    }
    return true;
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
    if (memcmp(place, &another, sizeof *place) == 0 || join_attributes(place, &another))
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
