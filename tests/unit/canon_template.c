#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canon/template.h"
#include "io/csv.h"

/* Templates: whatever a value holds, the text says that value and nothing more. */

enum { ROUNDS = 4000, VALUE_MOST = 12 };

static struct record_in in;

static int start(void **unused)
{
    (void)unused;
    struct err e = {0};
    return record_in_init(&in, RECORD_MARKS_IGNORED, &e);
}

static int stop(void **unused)
{
    (void)unused;
    record_in_release(&in);
    return 0;
}

/* What NAME with TEXT makes of {"a": VALUE, "l": ["x", "y"], "n": 2}; the reason with a "!" before it where
 * it is refused, or where the template is wrong. */
static void make(struct buf *out, const char *name, const char *text, struct str value)
{
    const struct map_env env = {0};
    struct map_set *maps = map_set_new(&env);
    struct record r = {.input = "t", .number = 1};
    struct err e = {0};
    struct buf line;
    buf_init(&line, 1 << 20);
    buf_reset(out);
    buf_put(&line, STR("{\"data\":{\"a\":"));
    struct json_node node = json_string_node(value);
    json_write(&line, &node);
    buf_put(&line, STR(",\"l\":[\"x\",\"y\"],\"n\":2},\"id\":\"i\",\"source\":\"s\",\"stream\":\"s:t\"}"));
    assert_int_equal(record_of_line(&in, buf_str(&line), &r, &e), RECORD_OK);
    struct template *t = template_load_text(maps, name, str_of(text), &e);
    if (t == NULL || template_write(t, &r, out, &e) == -1)
        buf_printf(out, "!%s", e.message);
    template_free(t);
    map_set_free(maps);
    buf_release(&line);
}

/* Values of a few characters that formats obey, the same ones on every run. */
static struct str nasty(uint32_t *seed)
{
    static const char *const parts[] = {"a", " ", "  ", ";", "\"", ",",  "\n", "\r", "^", "~", "_", "\\",
                                        "&", "<", ">",  "'", "(",  "5E", "#",  "[",  "=", ":", "ü", "0"};
    static char value[VALUE_MOST * 2 + 1];
    size_t n = 0;
    *seed = *seed * 1664525 + 1013904223;
    for (uint32_t left = *seed >> 8 & 7; left > 0; left--) {
        *seed = *seed * 1664525 + 1013904223;
        const char *part = parts[(*seed >> 16) % (sizeof parts / sizeof *parts)];
        memcpy(value + n, part, strlen(part));
        n += strlen(part);
    }
    return (struct str){value, n};
}

static ssize_t read_rest(void *arg, char *p, size_t n, struct err *e)
{
    struct str *rest = arg;
    (void)e;
    n = n < rest->n ? n : rest->n;
    memcpy(p, rest->p, n);
    *rest = str_slice(*rest, n, rest->n);
    return (ssize_t)n;
}

static void cells_read_back(void **unused)
{
    (void)unused;
    uint32_t seed = 1;
    struct buf out;
    buf_init(&out, 1 << 20);
    for (int i = 0; i < ROUNDS; i++) {
        struct err e = {0};
        struct csv_row row;
        struct str value = nasty(&seed);
        make(&out, "t.csv", "{{.a}},\"[{{.a}}]\",end\n", value);
        struct str rest = buf_str(&out);
        struct csv_reader *csv = csv_reader_new((struct reader){read_rest, &rest}, "t", ',', CSV_ROW_MOST);
        assert_non_null(csv);
        assert_int_equal(csv_reader_next(csv, &row, &e), CSV_OK);
        assert_int_equal(row.n, 3);
        assert_true(str_eq(row.cell[0], value));
        assert_true(str_eq(str_slice(row.cell[1], 1, row.cell[1].n - 1), value));
        assert_true(str_eq(row.cell[2], STR("end")));
        assert_int_equal(csv_reader_next(csv, &row, &e), CSV_END);
        csv_reader_free(csv);
    }
    buf_release(&out);
}

/* What a printer makes of the data of a field with ^FH. */
static void printed(struct buf *out, struct str data)
{
    buf_reset(out);
    for (size_t i = 0; i < data.n; i++) {
        char c = data.p[i];
        assert_true(c != '^' && c != '~' && (unsigned char)c >= ' ');
        if (c == '_') {
            char digits[3] = {data.p[i + 1], data.p[i + 2], '\0'};
            c = (char)strtol(digits, NULL, 16);
            i += 2;
        }
        buf_byte(out, c);
    }
}

static void fields_print_what_they_were_given(void **unused)
{
    (void)unused;
    uint32_t seed = 2;
    struct buf out, paper;
    struct str before = STR("^XA^FH^FD"), behind = STR("^FS^XZ");
    buf_init(&out, 1 << 20);
    buf_init(&paper, 1 << 20);
    for (int i = 0; i < ROUNDS; i++) {
        struct str value = nasty(&seed);
        make(&out, "t.zpl", "^XA^FH^FD{{.a}}^FS^XZ", value);
        assert_true(str_starts(buf_str(&out), before) && str_ends(buf_str(&out), behind));
        printed(&paper, str_slice(buf_str(&out), before.n, out.n - behind.n));
        assert_true(paper.n == value.n && memcmp(paper.p != NULL ? paper.p : "", value.p, value.n) == 0);
    }
    buf_release(&out);
    buf_release(&paper);
}

static void markup_has_no_tag_of_a_value(void **unused)
{
    (void)unused;
    uint32_t seed = 3;
    struct buf out;
    buf_init(&out, 1 << 20);
    for (int i = 0; i < ROUNDS; i++) {
        make(&out, "t.html", "{{.a}}{{.id}}", nasty(&seed));
        for (const char *p = out.p; p < out.p + out.n; p++)
            assert_true(strchr("<>\"'", *p) == NULL || *p == '\0');
    }
    make(&out, "t.html", "{{.a}}", STR("a<b>&amp;\"'"));
    assert_true(str_eq(buf_str(&out), STR("a&lt;b&gt;&amp;amp;&quot;&#39;")));
    buf_release(&out);
}

/* A journal has no escapes: a value stands as it is, or is refused. */
static void a_journal_changes_nothing(void **unused)
{
    (void)unused;
    static const char *const places[] = {"{{.a}} x",      "2026-01-01 {{.a}}", "2026-01-01 (c{{.a}})",
                                         "; {{.a}}",      "  {{.a}}",          "  x:{{.a}}",
                                         "  x  1 {{.a}}", "; t:{{.a}}"};
    uint32_t seed = 4;
    struct buf out;
    unsigned taken = 0;
    buf_init(&out, 1 << 20);
    for (int i = 0; i < ROUNDS; i++) {
        struct str text = str_of(places[i % 8]), value = nasty(&seed);
        size_t hole = str_search(text, STR("{{.a}}"), 0);
        make(&out, "t.journal", text.p, value);
        if (out.p[0] == '!')
            continue;
        taken++;
        assert_int_equal(out.n, text.n - 6 + value.n);
        assert_memory_equal(out.p + hole, value.p, value.n);
        assert_int_equal(str_find(buf_str(&out), '\n'), out.n);
    }
    assert_true(taken > ROUNDS / 10);
    buf_release(&out);
}

static const struct {
    const char *name, *text, *value, *made;
} examples[] = {
    {"t.txt", "{{.a}}", "<&;", "<&;"},
    {"t.txt", "{{each .l[]}}{{nth}}{{.}}{{^.n}} {{end}}", "", "1x2 2y2 "},
    {"t.txt", "a\n{{if .n == 2}}\nb\n{{else}}\nc\n{{end}}\nd", "", "a\nb\nd"},
    {"t.txt", "a\n{{if .n == 3}}\nb\n{{else if .n == 2}}\nc\n{{else}}\nd\n{{end}}\ne", "", "a\nc\ne"},
    {"t.txt", "  {{# all of it }}\n", "", ""},
    {"t.txt", " {{.n}}\n", "", " 2\n"},
    {"t.txt", "{{if(.n == 2, \"}}\", '}')}}", "", "}}"},
    {"t.txt", "{{\n  .n\n}}", "", "2"},
    {"t.html", "{{raw .a}}{{.a}}", "&", "&&amp;"},
    {"t.html", "<p title=\"{{.a}}\" id='{{.a}}'>{{.a}}<br/>{{.n}} < {{.n}}</p>", "'",
     "<p title=\"&#39;\" id='&#39;'>&#39;<br/>2 < 2</p>"},
    {"t.html", "<option{{if .n == 2}} selected{{end}}>{{.n}}<!-- > -- -->{{.n}}", "",
     "<option selected>2<!-- > -- -->2"},
    {"t.html", "<STYLE type='a>b'>p { } </p></styl></style >{{.n}}<scripts>{{.n}}", "",
     "<STYLE type='a>b'>p { } </p></styl></style >2<scripts>2"},
    {"t.html", "<p title={{.a}}>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<{{.a}}", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<script>x = \"{{.a}}\"</script>", "",
     "!no escape is enough for a value in a script or a style"},
    {"t.html", "<script>{{raw .a}}</script>{{.a}}", "<", "<script><</script>&lt;"},
    {"t.html", "<!-- {{.a}} -->", "", "!a value cannot stand in a comment"},
    {"t.html", "<a id=x OnClick = 'f({{.a}})'>", "",
     "!no escape is enough for a value in an event attribute"},
    {"t.html", "<p title=\"on\"onload=\"{{.a}}\">", "",
     "!no escape is enough for a value in an event attribute"},
    {"t.html", "<p STYLE=\"color: {{.a}}\">", "", "!no escape is enough for a value in a style"},
    {"t.html", "<iframe/srcdoc='{{.a}}'>", "", "!no escape is enough for a value in srcdoc"},
    {"t.html", "<p o=\"{{.n}}\" styles=\"{{.n}}\" data-on='{{.n}}' style=\"{{raw .a}}\" id=\"{{.n}}\">", "x",
     "<p o=\"2\" styles=\"2\" data-on='2' style=\"x\" id=\"2\">"},
    {"t.html", "<script src=\"{{.n}}\" onerror=\"{{.a}}\">", "",
     "!no escape is enough for a value in the address of a script"},
    {"t.html", "<SCRIPT async src='https://a.example/{{.a}}'>", "",
     "!no escape is enough for a value in the address of a script"},
    {"t.html", "<script{{if .n == 2}} async{{end}} id='{{.n}}' src='/a'></script><img src='{{.a}}'>", "b",
     "<script async id='2' src='/a'></script><img src='b'>"},
    {"t.html", "<img src=\"{{.n}}\" onerror=\"{{.a}}\">", "", "!no escape is enough for a value in an event"},
    {"t.html", "<button onclick=f('{{.a}}')>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<a href=javascript:f('{{.a}}')>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p title=a'{{.a}}'>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p title =\n{{.a}}>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p title'{{.a}}'>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p title '{{.a}}'>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p title/='{{.a}}'>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p ='{{.a}}'>", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<p=\"{{.a}}\">", "", "!a value in a tag needs quotes around it"},
    {"t.html", "<a href=/b/ id=c\"d title = \"{{.a}}\">{{.n}}<p id=>{{.n}}</p =\">{{.n}}", "'",
     "<a href=/b/ id=c\"d title = \"&#39;\">2<p id=>2</p =\">2"},
    {"t.html", "<input type=checkbox{{if .n == 2}} checked{{end}} title='{{.a}}'>", "b",
     "<input type=checkbox checked title='b'>"},
    {"t.html", "<a href=/b{{if .n == 2}} hidden{{end}}/id='{{.a}}'>", "",
     "!which attribute this value stands"},
    {"t.html", "<p{{if .n == 2}} id='b'{{end}}title='{{.a}}'>", "", "!which attribute this value stands"},
    {"t.html", "<p {{if .n == 2}}id {{end}}=' title='{{.a}}'>", "", "!which attribute this value stands"},
    {"t.html", "<p {{if .n == 2}}href={{else}}title={{end}}'{{.a}}'>", "",
     "!which attribute this value stands"},
    {"t.html", "<p title={{if .n == 2}}b{{end}} id='{{.a}}'>", "", "!a tag is open here or not"},
    {"t.html", "<p id{{if .n == 2}}={{end}}'{{.a}}'>", "", "!a tag is open here or not"},
    {"t.html", "<{{raw .a}} {{raw .a}}=\"{{.n}}\" id={{raw .a}} {{raw .a}}>{{.n}}</{{raw .a}}>", "b",
     "<b b=\"2\" id=b b>2</b>"},
    {"t.html", "<{{raw .a}} onclick=\"{{.n}}\">", "b", "!no escape is enough for a value in an event"},
    {"t.html", "<?b \"><!c '>{{.a}}</ \">{{.a}}", "d", "<?b \"><!c '>d</ \">d"},
    {"t.html", "<!DOCTYPE html SYSTEM \"{{.a}}\">", "",
     "!a value cannot stand in a comment or a declaration"},
    {"t.html", "<p {{if .n == 2}}on{{end}}click=\"{{.a}}\">", "",
     "!which attribute this value stands in depends on conditions"},
    {"t.html", "<p {{if .n == 2}}style=\"{{else}}title=\"{{end}}{{.a}}\">", "",
     "!which attribute this value stands in depends on conditions"},
    {"t.html", "<p{{each .l[]}} data-{{end}}x=\"{{.a}}\">", "",
     "!which attribute this value stands in depends on conditions"},
    {"t.html", "<p{{if .n == 2}} hidden{{else}} style='x'{{end}} title=\"{{.a}}\">", "b",
     "<p hidden title=\"b\">"},
    {"t.html", "<a href=\"{{.a}}\">", "https://a.example/?b&c", "<a href=\"https://a.example/?b&amp;c\">"},
    {"t.html", "<a href='{{.a}}'>", "/a:b", "<a href='/a:b'>"},
    {"t.html", "<a href='{{.a}}'>", "MailTo:a@b.example", "<a href='MailTo:a@b.example'>"},
    {"t.html", "<a HREF = '{{.a}}'>", "JavaScript:alert(1)", "!an address here begins with http, https,"},
    {"t.html", "<a href='{{.a}}'>", " javascript:alert(1)", "!an address here begins with http, https,"},
    {"t.html", "<a href='{{.a}}'>", "java\nscript:alert(1)", "!an address here begins with http, https,"},
    {"t.html", "<iframe src='{{.a}}'>", "data:text/html,x", "!an address here begins with http, https,"},
    {"t.html", "<form action='{{.a}}'>", "javascript:a", "!an address here begins with http, https,"},
    {"t.html", "<p title='{{.a}}' data-href='{{.a}}' hrefs='{{.a}}'>", "javascript:a",
     "<p title='javascript:a' data-href='javascript:a' hrefs='javascript:a'>"},
    {"t.html", "<a href='https://a.example/{{.a}}?b={{.a}}'>", "c:d",
     "<a href='https://a.example/c:d?b=c:d'>"},
    {"t.html", "<a href='page{{.n}}{{.a}}'>", ".html", "<a href='page2.html'>"},
    {"t.html", "<a href='java{{.a}}'>", "script:alert(1)", "!a colon here would make a scheme of"},
    {"t.html", "<a href='{{.n}}{{.a}}'>", ":alert(1)", "!a colon here would make a scheme of"},
    {"t.html", "<a href='{{.a}}{{.n}}/{{.a}}'>", "http://a", "<a href='http://a2/http://a'>"},
    {"t.html", "<a href='{{.a}}://a.example'>", "", "!the scheme of an address cannot be made of a value"},
    {"t.html", "<a href='javascript:f({{.n}})'>", "", "!no escape is enough for a value in an address that"},
    {"t.html", "<a href='\n JavaScript:f({{.n}})'>", "",
     "!no escape is enough for a value in an address that"},
    {"t.html", "<a href='Data:text/html,{{.a}}'>", "", "!no escape is enough for a value in an address that"},
    {"t.html", "<a href='date:{{.a}}{{.a}}'><a href='java:{{.a}}'>", ":",
     "<a href='date:::'><a href='java::'>"},
    {"t.html", "<a href='&#32;javascript:{{.a}}'>", "", "!write the start of this address without &"},
    {"t.html", "<a href='javascript&colon;{{.a}}'>", "", "!write the start of this address without &"},
    {"t.html", "<a href='java\tscript:{{.a}}'>", "", "!write the start of this address without &"},
    {"t.html", "<a href='b&amp;c/{{.a}}'>", "", "!write the start of this address without &"},
    {"t.html", "<a href='\n b?c=1&amp;d={{.a}}'>", "e:f", "<a href='\n b?c=1&amp;d=e:f'>"},
    {"t.html", "<a href='{{.a}}&amp;b={{.n}}'>", "http://c?d", "<a href='http://c?d&amp;b=2'>"},
    {"t.html", "<a href='{{.n}}&amp;b={{.a}}'>", "c:d", "!a colon here would make a scheme of"},
    {"t.html", "<a href='{{.a}}&#58;b'>", "", "!the scheme of an address cannot be made of a value"},
    {"t.html", "<a href='{{.a}}&{{if .n == 2}}colon;{{end}}b'>", "",
     "!the scheme of an address cannot be made of a value"},
    {"t.html", "<a href='{{.n}}&{{.a}}'>", "", "!the scheme of an address cannot be made of a value"},
    {"t.html", "<a href='{{if .n == 2}}/{{else}}data:{{end}}{{.a}}'>", "",
     "!which attribute this value stands"},
    {"t.html", "<a href='{{if .n == 2}}https:{{else}}d:{{end}}{{.a}}'>", "b:c", "<a href='https:b:c'>"},
    {"t.html", "<a href='{{if .n == 2}}https://a.example{{end}}{{.a}}'>", "b:c",
     "!a colon here would make a scheme of"},
    {"t.html", "<a href='{{if .n == 2}}/{{else}}?{{end}}{{.a}}'>", "b:c", "<a href='/b:c'>"},
    {"t.html", "<a {{if .n == 2}}href{{else}}title{{end}}='{{.a}}'>", "",
     "!which attribute this value stands in depends on conditions"},
    {"t.html", "{{if .n == 2}}<p {{end}}>", "", "!a tag is open here or not, as conditions go"},
    {"t.html", "<!DOCTYPE html>\n<a href=\"x?{{.a}}", "", "!a tag is open here or not, as conditions go"},
    {"t.csv", "{{if .n == 2}}{{.a}}{{else}}x{{end}},\"{{raw .a}}\"", ",", "\",\",\",\""},
    {"t.csv", "{{if .n == 2}}{{.a}}{{end}}{{.n}}", "",
     "!a cell of values and other text needs quotes around it: \"{{a}} {{b}}\""},
    {"t.csv", "{{if .n == 2}}\"{{end}}{{.n}}", "",
     "!a quote is open here or not, as conditions go: open and close it in the same branch"},
    {"t.csv", "\"{{.n}}\"x", "", "!only a comma or the end of the line can follow the quotes around a cell"},
    {"t.csv", "a\"", "", "!a quote can stand only around a cell, or doubled inside of one that has quotes"},
    {"t.zpl", "^FH\\^FD{{.a}}^FS", "\\_", "^FH\\^FD\\5C_^FS"},
    {"t.zpl", "^FB1^FD{{.a}}^FS", "a\r\nb\\c", "^FB1^FDa\\&b\\\\c^FS"},
    {"t.zpl", "^BC^FD{{.a}}^FS^FD{{.a}}^FS", ">8", "^BC^FD>08^FS^FD>8^FS"},
    {"t.zpl", "{{each .l[]}}^FH^FD{{.}}^FS{{end}}", "", "^FH^FDx^FS^FH^FDy^FS"},
    {"t.zpl", "^CC+", "",
     "!a template cannot change the prefixes and the delimiter: values are escaped for ^ ~ and ,"},
    {"t.zpl", "{{if .n == 2}}^F{{end}}D{{.a}}", "",
     "!a command is not whole here, as conditions go: write it whole in each branch"},
    {"t.journal", "{{if .n == 2}}2026-01-01{{else}}  {{end}}{{.a}}", "",
     "!what this line is here depends on a condition: write the line whole in each branch"},
    {"t.journal", "  {{.a}}  1", "b   ", "  b     1"},
    {"t.journal", "  {{.a}} {{.n}}  1", "b ", "!two blanks end the name of an account"},
    {"t.journal", "  {{.a}}:{{.n}}", "b", "  b:2"},
    {"t.journal", "  {{.a}}  1", "", "!an account without a name"},
    {"t.journal", "{{if .n == 2}}2026-01-01 a{{end}}\n  {{.a}}  1", "b", "2026-01-01 a\n  b  1"},
};

static void by_example(void **unused)
{
    (void)unused;
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct str wanted = str_of(examples[i].made);
        make(&out, examples[i].name, examples[i].text, str_of(examples[i].value));
        /* a refusal goes on with its place */
        bool as_wanted = wanted.n > 0 && wanted.p[0] == '!' ? str_starts(buf_str(&out), wanted)
                                                            : str_eq(buf_str(&out), wanted);
        if (!as_wanted)
            fail_msg("%s: %s\nmakes:  %.*s\nwanted: %s", examples[i].name, examples[i].text, (int)out.n,
                     out.p, wanted.p);
    }
    buf_release(&out);
}

static void nesting_is_limited(void **unused)
{
    (void)unused;
    struct buf out, text;
    buf_init(&out, 1 << 20);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_put(&text, i % 2 == 0 ? STR("{{if .n}}") : STR("{{else if .n}}"));
    buf_byte(&text, '\0');
    make(&out, "t.txt", text.p, STR(""));
    assert_true(str_starts(buf_str(&out), STR("!nested too deep")));
    for (int lists = 8; lists <= 9; lists++) {
        buf_reset(&text);
        for (int i = 0; i < lists; i++)
            buf_put(&text, STR("\n{{each .l[]}}\n"));
        buf_put(&text, STR("{{.n}}"));
        for (int i = 0; i < lists; i++)
            buf_put(&text, STR("{{end}}"));
        buf_byte(&text, '\0');
        make(&out, "t.csv", text.p, STR(""));
        assert_int_equal(str_starts(buf_str(&out), STR("!an each in more than seven others")), lists > 8);
    }
    buf_release(&out);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_read_back),
        cmocka_unit_test(fields_print_what_they_were_given),
        cmocka_unit_test(markup_has_no_tag_of_a_value),
        cmocka_unit_test(a_journal_changes_nothing),
        cmocka_unit_test(by_example),
        cmocka_unit_test(nesting_is_limited),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
