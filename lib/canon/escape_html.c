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
    ATTRIBUTE, /* in the name of one; `first` bytes of it fit `special` in `flags`; ELSEWHERE: began so or
                  so */
    DOUBLE,    /* in "…", `flags` as in TAG; of an address, `link`, and `first` bytes of it fit `script` */
    SINGLE,    /* in '…', likewise */
    BANG,      /* behind <!, and `first` dashes */
    COMMENT,   /* behind `first` dashes, two at most */
    RAW        /* in the element `indicator`; `first` bytes of its end fit */
};

enum { NAME_MOST = 16, ELSEWHERE };

/* Elements whose text knows no references. `indicator`: which one is open, or 0. */
static const struct str raw_ends[] = {STR("</script"), STR("</style")};
enum { RAW_ENDS = sizeof raw_ends / sizeof *raw_ends, NAME_AT = 2 };

/* Attributes whose values are code, once references are read, and addresses, which may be. */
enum attribute { IS_TEXT, IS_EVENT, IS_STYLE, IS_PAGE, IS_LINK, IS_SCRIPT, IS_UNKNOWN };
static const struct str special[] = {STR("on") /* all that begin so */,
                                     STR("style"),
                                     STR("srcdoc"),
                                     STR("href"),
                                     STR("src"),
                                     STR("action"),
                                     STR("formaction"),
                                     STR("data"),
                                     STR("xlink:href")};
enum { SPECIAL = sizeof special / sizeof *special, EVENT_AT = 2 };

/* What stands in front of a place in an address. */
enum link {
    LINK_NONE,
    LINK_TEXT,  /* what may be the start of a scheme */
    LINK_VALUE, /* such, and a value is in it */
    LINK_SET    /* a scheme, or the start of an address that has none */
};

/* The scheme of an address that is a script, and those that run nothing. */
static const struct str script = STR("javascript");
static const struct str schemes[] = {STR("http"), STR("https"), STR("mailto"),
                                     STR("tel"),  STR("sms"),   STR("cid")};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

static void enter(struct escape_place *place, uint8_t state)
{
    place->state = state;
    place->flags = 0;
    place->link = LINK_NONE;
    place->first = 0;
    if (state == TEXT)
        place->indicator = 0;
}

/* One more byte of a name: which of N words, from FROM on, it still fits. */
static void fit(struct escape_place *place, const struct str *words, size_t n, size_t from, char c)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = from + (size_t)place->first;
        if (at >= words[i].n || words[i].p[at] != ascii_lower(c))
            place->flags &= (uint16_t) ~(1u << i);
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
    uint16_t attribute = place->flags;
    if (c == '>') {
        enter(place, place->indicator != 0 ? RAW : TEXT);
    } else if (c == '"' || c == '\'') {
        enter(place, c == '"' ? DOUBLE : SINGLE);
        place->flags = attribute;
    } else if (c != '=' && c != '/' && !is_blank(c)) {
        enter(place, ATTRIBUTE);
        place->flags = (1u << SPECIAL) - 1;
        pass_attribute(place, c);
    }
}

static enum attribute attribute_of(size_t name)
{
    return name + 1 < IS_LINK ? (enum attribute)(name + 1) : IS_LINK;
}

/* The name has ended: what the attribute is. */
static void end_attribute(struct escape_place *place)
{
    enum attribute attribute = place->first == ELSEWHERE ? IS_UNKNOWN : IS_TEXT;
    for (size_t i = 0; i < SPECIAL; i++) {
        if (place->flags >> i & 1 &&
            (attribute_of(i) == IS_EVENT ? place->first >= EVENT_AT : (size_t)place->first == special[i].n))
            attribute = attribute_of(i);
    }
    enter(place, TAG);
    place->flags = (uint16_t)attribute;
}

static void pass_attribute(struct escape_place *place, char c)
{
    if (c == '>' || c == '/' || c == '=' || c == '"' || c == '\'' || is_blank(c)) {
        end_attribute(place);
        pass_tag(place, c);
    } else if (place->first != ELSEWHERE) {
        uint16_t event = place->first >= EVENT_AT ? place->flags & 1 : 0;
        fit(place, special, SPECIAL, 0, c);
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
    place->first = (char)(end.p[(size_t)place->first] == ascii_lower(c) ? place->first + 1 : c == '<');
    if ((size_t)place->first == end.n) {
        enter(place, TAG);
        place->indicator = 0;
    }
}

/* Behind one of these, what comes is no scheme any more; a colon ends one. */
static bool ends_scheme(char c)
{
    return c == ':' || c == '/' || c == '?' || c == '#';
}

static bool is_quoted(const struct escape_place *place)
{
    return place->state == DOUBLE || place->state == SINGLE;
}

/* In one whose scheme may still be to come. */
static bool is_in_address(const struct escape_place *place)
{
    return is_quoted(place) && place->flags == IS_LINK && place->link != LINK_SET;
}

static const char *pass_address(struct escape_place *place, char c)
{
    if (c == ':' && place->link == LINK_VALUE)
        return "the scheme of an address cannot be made of a value";
    if (ends_scheme(c)) {
        place->link = LINK_SET;
        if (c == ':' && (size_t)place->first == script.n)
            place->flags = IS_SCRIPT;
    } else if (place->link == LINK_TEXT || (place->link == LINK_NONE && !is_blank(c))) {
        place->link = LINK_TEXT;
        bool fits = (size_t)place->first < script.n && script.p[(size_t)place->first] == ascii_lower(c);
        place->first = (char)(fits ? place->first + 1 : ELSEWHERE);
    }
    return NULL;
}

static const char *pass_quoted(struct escape_place *place, char c)
{
    if (c == (place->state == DOUBLE ? '"' : '\'')) {
        enter(place, TAG);
    } else if (is_in_address(place)) {
        return pass_address(place, c);
    }
    return NULL;
}

static const char *html_pass(struct escape_place *place, struct str text, size_t *at)
{
    const char *wrong = NULL;
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
            if ((wrong = pass_quoted(place, c)) != NULL)
                return wrong;
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
        [IS_LINK] = NULL,
        [IS_EVENT] = "no escape is enough for a value in an event attribute, which is a script",
        [IS_STYLE] = "no escape is enough for a value in a style",
        [IS_PAGE] = "no escape is enough for a value in srcdoc, which is a page of its own",
        [IS_SCRIPT] = "no escape is enough for a value in an address that is a script",
        [IS_UNKNOWN] =
            "which attribute this value stands in depends on conditions: name it in the same branch"};
    (void)next;
    *here = *place;
    if (is_in_address(place))
        place->link = LINK_VALUE;
    switch (place->state) {
    case TEXT: return NULL;
    case DOUBLE:
    case SINGLE: return wrong[here->flags];
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
    bool quoted = place->state == other->state && is_quoted(place);
    if (place->indicator != other->indicator || !(quoted || (is_in_tag(place) && is_in_tag(other))))
        return false;
    if (quoted && place->flags == IS_LINK && other->flags == IS_LINK) {
        place->link = LINK_VALUE;
    } else if (place->state == ATTRIBUTE || other->state == ATTRIBUTE) {
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

/* Whether VALUE, behind what stands in front of it, would be the scheme of a script; what has none leads to
 * where the page is from. */
static const char *refuse_scheme(struct str value, const struct escape_place *here)
{
    size_t n = 0;
    while (n < value.n && !ends_scheme(value.p[n]))
        n++;
    if (n == value.n || value.p[n] != ':')
        return NULL;
    for (size_t i = 0; i < SCHEMES && here->link == LINK_NONE; i++) {
        if (str_eq_nocase(str_slice(value, 0, n), schemes[i]))
            return NULL;
    }
    return here->link == LINK_NONE
               ? "an address here begins with http, https, mailto, tel, sms, cid, or none of these"
               : "a colon here would make a scheme of what stands before it";
}

static const char *html_put(struct buf *out, struct str value, const struct escape_place *here)
{
    const char *wrong = is_in_address(here) ? refuse_scheme(value, here) : NULL;
    size_t from = 0;
    if (wrong != NULL)
        return wrong;
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
