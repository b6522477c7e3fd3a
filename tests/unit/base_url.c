/*
 * URLs are taken apart, and paths come back as they were.
 */
#include "base/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void same(struct str got, const char *wanted)
{
    assert_int_equal(got.n, strlen(wanted));
    assert_memory_equal(got.n > 0 ? got.p : "", wanted, got.n);
}

static void parts(void **state)
{
    struct url u;
    (void)state;
    assert_true(url_parse(&u, STR("sftp://ann:secret@files.example.com:2222/out/a.csv?x=1#y")));
    same(u.scheme, "sftp");
    same(u.user, "ann");
    same(u.password, "secret");
    same(u.host, "files.example.com:2222");
    same(u.path, "/out/a.csv");
    same(u.query, "?x=1#y");
    assert_true(url_parse(&u, STR("https://host?q")));
    assert_null(u.user.p);
    assert_null(u.password.p);
    same(u.host, "host");
    same(u.path, "");
    same(u.query, "?q");
    assert_true(url_parse(&u, STR("https://a@b@host/")));
    same(u.user, "a@b");
    same(u.host, "host");
}

static void refused(void **state)
{
    static const char *const texts[] = {"",     "://host/",      "https:///path", "https://ann@/",
                                        "file", "https://h/a b", "https://h/\n",  "1https://h/"};
    struct url u;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(url_parse(&u, str_of(texts[i])));
    assert_false(url_begins(STR("shop:orders")));
    assert_false(url_begins(STR("./https://x")));
    assert_true(url_begins(STR("https://")));
}

static void loopback(void **state)
{
    struct url u;
    (void)state;
    assert_true(url_parse(&u, STR("http://localhost:80/")) && url_is_loopback(&u));
    assert_true(url_parse(&u, STR("http://[::1]:80/")) && url_is_loopback(&u));
    assert_false(url_parse(&u, STR("http://localhost.example.com/")) && url_is_loopback(&u));
    assert_false(url_parse(&u, STR("http://127.0.0.1.example.com/")) && url_is_loopback(&u));
    assert_false(url_parse(&u, STR("http://127.0.0.1@example.com/")) && url_is_loopback(&u));
}

/* What is encoded decodes to itself, whatever byte it is; a % that is none stays. */
static void encoding(void **state)
{
    struct buf encoded, decoded;
    char all[255];
    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(i + 1);
    buf_init(&encoded, 1 << 12);
    buf_init(&decoded, 1 << 12);
    url_encode_path(&encoded, (struct str){all, sizeof all});
    url_decode(&decoded, buf_str(&encoded));
    assert_true(str_eq(buf_str(&decoded), ((struct str){all, sizeof all})));
    buf_reset(&decoded);
    url_decode(&decoded, STR("100%_%4%41%2"));
    same(buf_str(&decoded), "100%_%4A%2");
    buf_release(&encoded);
    buf_release(&decoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts), cmocka_unit_test(refused),
                                       cmocka_unit_test(loopback), cmocka_unit_test(encoding)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
