/*
 * lib/io/message: what is written is what Python's reader of mail understands; no value becomes a header or a
 * recipient.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/message.h"
#include "shell.h"

static struct str to_ann[] = {STR("Ann <ann@example.com>")};

static struct message plain(void)
{
    return (struct message){.from = STR("shop@example.com"),
                            .to = to_ann,
                            .nto = 1,
                            .subject = STR("Your order 1001"),
                            .text = STR("Hello\n"),
                            .id = STR("abc1"),
                            .date = 1777629492};
}

static void write_mail(const struct message *m, struct buf *out)
{
    struct message_envelope envelope;
    struct arena a;
    struct err e = {0};
    arena_init(&a, 1 << 20);
    buf_init(out, MESSAGE_BYTES);
    int done = message_write(m, out, &envelope, &a, &e);
    assert_string_equal(e.message, "");
    assert_int_equal(done, 0);
    arena_release(&a);
}

/* What Python says of M, by the jq program WHAT. */
static void assert_read(const struct message *m, const char *what, const char *wanted)
{
    struct buf out;
    char command[2000], got[4000];
    write_mail(m, &out);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(out.p, 1, out.n, file), out.n);
    assert_int_equal(fflush(file), 0);
    snprintf(command, sizeof command, "tests/read_mail.py < /dev/fd/%d | jq -c '(%s), .defects'",
             fileno(file), what);
    assert_int_equal(shell(command, got, sizeof got), 0);
    fclose(file);
    buf_release(&out);
    char all[4000];
    snprintf(all, sizeof all, "%s\n[]\n", wanted);
    assert_string_equal(got, all);
}

static void assert_refused(const struct message *m, const char *field, const char *why)
{
    struct message_envelope envelope;
    struct arena a;
    struct buf out;
    struct err e = {0};
    arena_init(&a, 1 << 20);
    buf_init(&out, MESSAGE_BYTES);
    assert_int_equal(message_write(m, &out, &envelope, &a, &e), -1);
    assert_int_equal(out.n, 0);
    assert_string_equal(e.code, "mail");
    assert_string_equal(e.field, field);
    assert_non_null(strstr(e.message, why));
    buf_release(&out);
    arena_release(&a);
}

static void test_a_plain_mail(void **state)
{
    (void)state;
    struct message m = plain();
    assert_read(
        &m, "[.from,.to,.reply,.subject,.id,.date,.parts]",
        "[[\"|shop@example.com\"],[\"Ann|ann@example.com\"],[],\"Your order 1001\",\"<abc1@example.com>\","
        "\"2026-05-01T09:58:12+00:00\",[[\"text/plain\",null,\"Hello\\n\"]]]");
    assert_read(&m, ".headers",
                "[\"Date\",\"From\",\"To\",\"Subject\",\"Message-ID\",\"MIME-Version\",\"Auto-Submitted\","
                "\"Content-Type\",\"Content-Transfer-Encoding\"]");
}

static void test_the_same_is_the_same_bytes(void **state)
{
    (void)state;
    struct message m = plain();
    struct buf one, other;
    write_mail(&m, &one);
    write_mail(&m, &other);
    assert_int_equal(one.n, other.n);
    assert_memory_equal(one.p, other.p, one.n);
    buf_release(&one);
    buf_release(&other);
}

static void test_parts(void **state)
{
    (void)state;
    struct message m = plain();
    struct message_file files[] = {{STR("labels/1.zpl"), STR("^XA")},
                                   {STR("Rechnung Nr. 7 \xC3\xA9.pdf"), {"a\0\xff", 3}}};
    files[0].name = STR("1001.zpl");
    m.html = STR("<p>Hello</p>\n");
    assert_read(
        &m, "[.shape,.parts]",
        "[[\"multipart/alternative\",\"text/plain\",\"text/html\"],[[\"text/plain\",null,\"Hello\\n\"],"
        "[\"text/html\",null,\"<p>Hello</p>\\n\"]]]");
    m.file = files;
    m.nfiles = 2;
    assert_read(&m, "[.shape,.parts[2:]]",
                "[[\"multipart/mixed\",\"multipart/alternative\",\"text/plain\",\"text/html\","
                "\"application/octet-stream\",\"application/pdf\"],[[\"application/"
                "octet-stream\",\"1001.zpl\",\"^XA\"],"
                "[\"application/pdf\",\"Rechnung Nr. 7 \xC3\xA9.pdf\",\"a\\u0000\xC3\xBF\"]]]");
    m.html = m.text = (struct str){0};
    assert_read(&m, ".shape", "[\"multipart/mixed\",\"application/octet-stream\",\"application/pdf\"]");
}

#define LONG_NAME                                                                                            \
    "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"       \
    "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"       \
    "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"

static void test_names_of_files(void **state)
{
    (void)state;
    static const char *const names[] = {
        "a b.pdf", "a\\\\b;c=d.pdf", LONG_NAME ".pdf", "100%'*.pdf",
        "an-invoice-with-quite-a-long-name-that-is-plain-but-does-not-fit.pdf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct message m = plain();
        char wanted[1000];
        struct message_file file = {str_of(names[i]), STR("x")};
        if (i == 1)
            file.name = STR("a\\b;c=d.pdf");
        m.file = &file;
        m.nfiles = 1;
        snprintf(wanted, sizeof wanted, "\"%s\"", names[i]);
        assert_read(&m, ".parts[1][1]", wanted);
    }
}

static void test_subjects(void **state)
{
    (void)state;
    static const char *const subjects[] = {
        "",
        "plain",
        "Ihre Bestellung \xC3\xBC"
        "ber 5 \xE2\x82\xAC",
        LONG_NAME,
        "a =?UTF-8?Q?b?= c",
        "two  blanks",
        " at the ends ",
        "a long subject that is plain, and has words enough to be folded once or twice or even more often "
        "than that",
        "oneverylongwordthatdoesnotfitintoanylineandsohastobewrittenasencodedwordssincethereisnoblankwhereitc"
        "ouldbefolded",
        NULL,
    };
    for (size_t i = 0; subjects[i] != NULL; i++) {
        struct message m = plain();
        char wanted[1000];
        m.subject = str_of(subjects[i]);
        snprintf(wanted, sizeof wanted, "\"%s\"", subjects[i]);
        assert_read(&m, ".subject", wanted);
    }
}

static void test_texts(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"a = b\n", "a = b\\n"},
        {"ends in a blank \nand a tab\t\n", "ends in a blank \\nand a tab\\t\\n"},
        {".\n..\nFrom me\n", ".\\n..\\nFrom me\\n"},
        {"no end", "no end"},
        {"crlf\r\nlf\n", "crlf\\nlf\\n"},
        {LONG_NAME LONG_NAME "\n", LONG_NAME LONG_NAME "\\n"},
        {"caf\xC3\xA9 = 1 euro and a line that is long enough to be broken softly in it\n",
         "caf\xC3\xA9 = 1 euro and a line that is long enough to be broken softly in it\\n"},
        {"--=_a--\n", "--=_a--\\n"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct message m = plain();
        char wanted[2000];
        m.text = m.html = str_of(texts[i][0]);
        snprintf(wanted, sizeof wanted, "[\"%s\",\"%s\"]", texts[i][1], texts[i][1]);
        assert_read(&m, "[.parts[][2] | sub(\"(?<a>[^\\n])$\"; \"\\(.a)\")]", wanted);
    }
}

/* A name is a name, whatever it holds. */
static void test_names_add_no_recipient(void **state)
{
    (void)state;
    static const struct {
        const char *mailbox, *read;
    } cases[] = {
        {"\"Q\" \\ <bob@example.com>", "[\"\\\"Q\\\" \\\\|bob@example.com\"]"},
        {"J. M\xC3\xBCller, Sohn <bob@example.com>", "[\"J. M\xC3\xBCller, Sohn|bob@example.com\"]"},
        {LONG_NAME " <bob@example.com>", "[\"" LONG_NAME "|bob@example.com\"]"},
        {"a@b <bob@example.com>", "[\"a@b|bob@example.com\"]"},
        {"<bob@example.com>", "[\"|bob@example.com\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct message m = plain();
        struct str to = str_of(cases[i].mailbox);
        m.to = &to;
        assert_read(&m, ".to", cases[i].read);
        m.reply_to = to;
        assert_read(&m, ".reply", cases[i].read);
    }
}

static void test_what_is_no_mailbox(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "ann",
        "@example.com",
        "ann@",
        "a@b@example.com",
        "ann@example.com, bob@example.com",
        "ann@example.com bob@example.com",
        "Ann ann@example.com>",
        "ann@example..com",
        ".ann@example.com",
        "ann.@example.com",
        "a b@example.com",
        "ann@exa_mple.com",
        "Ann <ann@example.com> <",
        "Eve <eve@example.net>, Bob <bob@example.com>",
        "Ann <ann@example.com>, <eve@example.net>",
        "ann@example.com> <eve@example.net>",
        "Ann > <ann@example.com>",
        "ann@example.com, eve@example.net",
        "ann@example.com eve@example.net",
        "\xC3\xA9@example.com",
        "ann@m\xC3\xBCller.example",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct message m = plain();
        struct str to = str_of(wrong[i]);
        m.to = &to;
        assert_refused(&m, "/to", "address");
    }
}

static void test_no_value_becomes_a_header(void **state)
{
    (void)state;
    static const char *const lines[] = {"a\r\nBcc: eve@example.net", "a\nBcc: eve@example.net", "a\rb",
                                        "a\tb", "a\x7f"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct message m = plain();
        m.subject = str_of(lines[i]);
        assert_refused(&m, "/subject", "control character");
        m = plain();
        char box[100];
        snprintf(box, sizeof box, "%s <ann@example.com>", lines[i]);
        struct str to = str_of(box);
        m.to = &to;
        assert_refused(&m, "/to", "control character");
        m = plain();
        m.from = to;
        assert_refused(&m, "/from", "control character");
        m = plain();
        struct message_file file = {str_of(lines[i]), STR("x")};
        m.file = &file;
        m.nfiles = 1;
        assert_refused(&m, "/files", "not a name of a file");
    }
}

static void test_what_is_no_mail(void **state)
{
    (void)state;
    struct message m = plain();
    m.text = (struct str){0};
    assert_refused(&m, "/text", "without a text");
    m = plain();
    m.nto = 0;
    assert_refused(&m, "/to", "no recipient");
    m = plain();
    m.id = STR("a>b");
    assert_refused(&m, "/id", "not letters and digits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plain_mail),
        cmocka_unit_test(test_the_same_is_the_same_bytes),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_names_of_files),
        cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_names_add_no_recipient),
        cmocka_unit_test(test_what_is_no_mailbox),
        cmocka_unit_test(test_no_value_becomes_a_header),
        cmocka_unit_test(test_what_is_no_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
