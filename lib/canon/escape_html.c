#include "canon/escape.h"

#include "base/ascii.h"

/*
 * HTML (the states are those of its standard's tokenizer, as far as values need them). In text and in quoted
 * values of attributes that are text, five references keep a value what it is. Everywhere else no escape
 * does: a value may not stand there.
 */
enum {
    TEXT,
    OPEN,      /* behind <, or, with `first`, behind </ */
    NAME,      /* in the name of an element; `first` bytes of it fit the elements in `flags` */
    BEFORE,    /* the name of an attribute, or the end of the tag */
    BEHIND,    /* the name of one; `flags`: what it is (enum attribute) */
    ATTRIBUTE, /* in the name of one; `first` bytes of it fit `special` in `flags`; ELSEWHERE: in one that
                  began so or so, or behind it, or in a value without quotes */
    UNQUOTED,  /* in a value without quotes */
    DUE,       /* behind =, before a value; `flags` as in BEHIND, to the end of the value */
    DOUBLE,    /* in "…"; of an address, `link`, and `first` bytes of it fit one of `codes` */
    SINGLE,    /* in '…', likewise */
    BANG,      /* behind <!, and `first` dashes */
    COMMENT,   /* behind `first` dashes, two at most */
    MARK,      /* in <!…> or <?…> */
    RAW        /* in the element `indicator`; `first` bytes of its end fit */
};

enum { NAME_MOST = 16, ELSEWHERE };

/* Elements whose text knows no references. `indicator`: which one is open, or 0. */
static const struct str raw_ends[] = {STR("</script"), STR("</style")};
enum { RAW_ENDS = sizeof raw_ends / sizeof *raw_ends, NAME_AT = 2, SCRIPT = 1 };

/* Attributes whose values are code, once references are read, and addresses, which may be. */
enum attribute {
    IS_TEXT,
    IS_EVENT,
    IS_STYLE,
    IS_PAGE,
    IS_LINK,
    IS_CODE,    /* an address that is a script or a page */
    IS_SOURCE,  /* the address of a script */
    IS_SPELLED, /* an address that begins with what browsers read as something else */
    IS_UNKNOWN
};
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

/* The schemes of addresses that are scripts or pages, with different first letters; and those that run
 * nothing. */
static const struct str codes[] = {STR("javascript"), STR("data")};
static const struct str schemes[] = {STR("http"), STR("https"), STR("mailto"),
                                     STR("tel"),  STR("sms"),   STR("cid")};
enum { CODES = sizeof codes / sizeof *codes, SCHEMES = sizeof schemes / sizeof *schemes };

/* What stands in front of a place in an address. */
enum link {
    LINK_NONE,
    LINK_TEXT,      /* what may be the start of a scheme */
    LINK_VALUE,     /* such, and a value is in it */
    LINK_REFERENCE, /* that, and an & */
    LINK_SET,       /* a scheme, or the start of an address that has none */
    LINK_CODE       /* the start of codes[link - LINK_CODE] */
};

static const char unknown[] =
    "which attribute this value stands in depends on conditions: name it in the same branch";
static const char made[] = "the scheme of an address cannot be made of a value";

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
    enter(place, BEFORE);
    place->indicator = element;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static void end_tag(struct escape_place *place)
{
    enter(place, place->indicator != 0 ? RAW : TEXT);
}

static void name_attribute(struct escape_place *place, char c)
{
    uint16_t event = place->first >= EVENT_AT ? place->flags & 1 : 0;
    fit(place, special, SPECIAL, 0, c);
    place->flags |= event;
}

/* A quote or = here begins a name. */
static void pass_before(struct escape_place *place, char c)
{
    if (c == '>') {
        end_tag(place);
    } else if (c != '/' && !is_blank(c)) {
        enter(place, ATTRIBUTE);
        place->flags = (1u << SPECIAL) - 1;
        name_attribute(place, c);
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
    if (attribute == IS_LINK && place->indicator == SCRIPT)
        attribute = IS_SOURCE;
    enter(place, BEHIND);
    place->flags = (uint16_t)attribute;
}

/* Of an attribute that is not known there may be none: what = and a quote are then is not known either. */
static const char *pass_behind(struct escape_place *place, char c)
{
    if (c == '=' && place->flags == IS_UNKNOWN)
        return unknown;
    if (c == '=') {
        place->state = DUE;
    } else if (c == '/') {
        enter(place, BEFORE);
    } else if (!is_blank(c)) {
        pass_before(place, c);
    }
    return NULL;
}

static const char *pass_attribute(struct escape_place *place, char c)
{
    if (c == '>' || c == '=' || is_blank(c) || (c == '/' && place->first != ELSEWHERE)) {
        end_attribute(place);
        return pass_behind(place, c);
    }
    if (place->first != ELSEWHERE)
        name_attribute(place, c);
    return NULL;
}

static void pass_unquoted(struct escape_place *place, char c)
{
    if (c == '>')
        end_tag(place);
    else if (is_blank(c))
        enter(place, BEFORE);
}

static void pass_due(struct escape_place *place, char c)
{
    if (c == '"' || c == '\'') {
        place->state = c == '"' ? DOUBLE : SINGLE;
    } else if (!is_blank(c)) {
        enter(place, UNQUOTED);
        pass_unquoted(place, c);
    }
}

static void pass_mark(struct escape_place *place, char c)
{
    if (c == '>')
        enter(place, TEXT);
}

static void pass_open(struct escape_place *place, char c)
{
    bool closes = place->first != 0;
    if (ascii_is_letter(c)) {
        enter(place, NAME);
        place->flags = closes ? 0 : (1u << RAW_ENDS) - 1;
        pass_name(place, c);
    } else if (closes) {
        enter(place, MARK);
        pass_mark(place, c);
    } else if (c == '/') {
        place->first = 1;
    } else if (c != '<') {
        enter(place, c == '!' ? BANG : c == '?' ? MARK : TEXT);
    }
}

static void pass_bang(struct escape_place *place, char c)
{
    if (c == '-' && ++place->first == 2) {
        enter(place, COMMENT);
    } else if (c != '-') {
        enter(place, MARK);
        pass_mark(place, c);
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
        enter(place, BEFORE);
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

/* The next byte of what may be a scheme. */
static void pass_scheme(struct escape_place *place, char c)
{
    if (place->link == LINK_NONE) {
        place->link = LINK_TEXT;
        for (size_t i = 0; i < CODES; i++) {
            if (codes[i].p[0] == ascii_lower(c))
                place->link = (uint8_t)(LINK_CODE + i);
        }
    }
    if (place->link == LINK_TEXT)
        return;
    struct str code = codes[place->link - LINK_CODE];
    if ((size_t)place->first < code.n && code.p[(size_t)place->first] == ascii_lower(c)) {
        place->first++;
    } else {
        place->link = LINK_TEXT;
        place->first = 0;
    }
}

static void set_scheme(struct escape_place *place, char c)
{
    if (c == ':' && place->link >= LINK_CODE && (size_t)place->first == codes[place->link - LINK_CODE].n)
        place->flags = IS_CODE;
    place->link = LINK_SET;
    place->first = 0;
}

/* Browsers skip blanks in front of an address, and lines' ends and tabs anywhere. */
static const char *pass_address(struct escape_place *place, char c)
{
    if (place->link == LINK_REFERENCE) {
        if (c == '#' || c == 'c') /* &#58; and &colon; are colons */
            return made;
        place->link = LINK_VALUE;
    }
    if (place->link == LINK_VALUE) {
        if (c == ':')
            return made;
        if (c == '&')
            place->link = LINK_REFERENCE;
        else if (ends_scheme(c))
            set_scheme(place, c);
    } else if (c == '&' || (place->link != LINK_NONE && escape_is_control(c))) {
        place->flags = IS_SPELLED;
        place->link = LINK_SET;
        place->first = 0;
    } else if (ends_scheme(c)) {
        set_scheme(place, c);
    } else if (c != ' ' && !escape_is_control(c)) {
        pass_scheme(place, c);
    }
    return NULL;
}

static const char *pass_quoted(struct escape_place *place, char c)
{
    if (c == (place->state == DOUBLE ? '"' : '\'')) {
        enter(place, BEFORE);
    } else if (is_in_address(place)) {
        return pass_address(place, c);
    }
    return NULL;
}

static const char *pass_one(struct escape_place *place, char c)
{
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
            pass_before(place, c);
        }
        break;
    case BEFORE: pass_before(place, c); break;
    case BEHIND: return pass_behind(place, c);
    case ATTRIBUTE: return pass_attribute(place, c);
    case UNQUOTED: pass_unquoted(place, c); break;
    case DUE: pass_due(place, c); break;
    case DOUBLE:
    case SINGLE: return pass_quoted(place, c);
    case BANG: pass_bang(place, c); break;
    case COMMENT: pass_comment(place, c); break;
    case MARK: pass_mark(place, c); break;
    default: pass_raw(place, c); break;
    }
    return NULL;
}

static const char *html_pass(struct escape_place *place, struct str text, size_t *at)
{
    for (*at = 0; *at < text.n; ++*at) {
        const char *wrong = pass_one(place, text.p[*at]);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

/* Behind a value: in a tag, where only a raw one stands, it is a name, of an element or an attribute, or
 * begins the value of one. */
static void pass_value(struct escape_place *place)
{
    if (place->state == OPEN)
        enter(place, NAME);
    else if (place->state == BEFORE || place->state == BEHIND)
        enter(place, ATTRIBUTE);
    else if (place->state == DUE)
        enter(place, UNQUOTED);
    else if (is_in_address(place))
        place->link = LINK_VALUE;
}

static const char *html_value(struct escape_place *place, struct escape_place *here, struct str next)
{
    static const char *const wrong[] = {
        [IS_TEXT] = NULL,
        [IS_LINK] = NULL,
        [IS_EVENT] = "no escape is enough for a value in an event attribute, which is a script",
        [IS_STYLE] = "no escape is enough for a value in a style",
        [IS_PAGE] = "no escape is enough for a value in srcdoc, which is a page of its own",
        [IS_CODE] = "no escape is enough for a value in an address that is a script or a page",
        [IS_SOURCE] = "no escape is enough for a value in the address of a script",
        [IS_SPELLED] = "write the start of this address without & and in one line: a value follows",
        [IS_UNKNOWN] = unknown};
    (void)next;
    *here = *place;
    pass_value(place);
    switch (here->state) {
    case TEXT: return NULL;
    case DOUBLE:
    case SINGLE: return here->link == LINK_REFERENCE ? made : wrong[here->flags];
    case RAW: return "no escape is enough for a value in a script or a style";
    case COMMENT:
    case MARK: return "a value cannot stand in a comment or a declaration";
    default: return "a value in a tag needs quotes around it: <p title=\"{{a}}\">";
    }
}

static bool is_between(const struct escape_place *place)
{
    return place->state == BEFORE || place->state == BEHIND;
}

/* Where quotes begin no value, and a blank ends what there is. */
static bool is_bare(const struct escape_place *place)
{
    return is_between(place) || place->state == ATTRIBUTE || place->state == UNQUOTED;
}

static void go_elsewhere(struct escape_place *place)
{
    enter(place, ATTRIBUTE);
    place->first = ELSEWHERE;
}

static void join_links(struct escape_place *place, const struct escape_place *other)
{
    bool reference = place->link == LINK_REFERENCE || other->link == LINK_REFERENCE;
    place->link = reference ? LINK_REFERENCE : LINK_VALUE;
    place->first = 0;
}

/* Of two places that differ in their attribute alone PLACE becomes one of an attribute that is not known. */
static bool join_attributes(struct escape_place *place, const struct escape_place *other)
{
    bool between = is_between(place) && is_between(other), quoted = is_quoted(place);
    if (place->indicator != other->indicator)
        return false;
    if (is_bare(place) && is_bare(other) && !between) {
        go_elsewhere(place);
        return true;
    }
    if (!between && (place->state != other->state || !(quoted || place->state == DUE)))
        return false;
    if (quoted && place->flags == IS_LINK && other->flags == IS_LINK) {
        join_links(place, other);
    } else {
        enter(place, between ? BEHIND : place->state);
        place->flags = IS_UNKNOWN;
    }
    return true;
}

/* More of its name, behind the join, would be that of an attribute in the other branch. */
static void leave_name(struct escape_place *place)
{
    if (place->state == NAME) {
        end_name(place);
        go_elsewhere(place);
    }
}

/* Whether there is one more attribute is no difference. */
static const char *html_join(struct escape_place *place, const struct escape_place *other)
{
    struct escape_place another = *other;
    if (memcmp(place, other, sizeof *place) == 0)
        return NULL;
    leave_name(place);
    leave_name(&another);
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
