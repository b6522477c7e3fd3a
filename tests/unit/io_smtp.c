/*
 * lib/io/smtp: what a server says, and what is known when it says nothing.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "io/smtp.h"
#include "shell.h"

struct fixture {
    pid_t server;
    char folder[100], url[200];
};

/* The server is started with ARGUMENTS behind its port file and its folder, for a shell. */
static void start(struct fixture *f, const char *arguments)
{
    char command[1000], port[20] = "";
    snprintf(f->folder, sizeof f->folder, "/tmp/hub-smtp-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(command, sizeof command, "cd %s && exec \"$OLDPWD/tests/servers/mail.py\" port box %s >out 2>&1",
             f->folder, arguments);
    f->server = fork();
    assert_int_not_equal(f->server, -1);
    if (f->server == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        abort();
    }
    snprintf(command, sizeof command, "%s/port", f->folder);
    for (int i = 0; i < 600 && access(command, F_OK) == -1; i++)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    FILE *file = fopen(command, "r");
    assert_non_null(file);
    assert_non_null(fgets(port, sizeof port, file));
    fclose(file);
    snprintf(f->url, sizeof f->url, "smtp://127.0.0.1:%s", port);
}

static void stop(struct fixture *f)
{
    char command[200];
    kill(f->server, SIGKILL);
    waitpid(f->server, NULL, 0);
    snprintf(command, sizeof command, "rm -r %s", f->folder);
    assert_int_equal(shell(command, NULL, 0), 0);
}

/* How many messages lie in the box. */
static int box(const struct fixture *f)
{
    char path[200];
    int n = 0;
    do
        snprintf(path, sizeof path, "%s/box/%d.eml", f->folder, ++n);
    while (access(path, F_OK) == 0);
    return n - 1;
}

static enum smtp_sent send_to(struct smtp *s, const char *address, struct err *e)
{
    struct message_envelope envelope = {.from = STR("shop@example.com"), .to = {str_of(address)}, .nto = 1};
    *e = (struct err){0};
    return smtp_send(s, &envelope, STR("Subject: x\r\n\r\n.dots\r\n..\r\n"), e);
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        const char *to;
        enum smtp_sent sent;
        const char *said;
        int more;
    } cases[] = {
        {"ann@example.com", SMTP_SENT, "", 1},
        {"refuse@example.com", SMTP_REFUSED, "no such mailbox", 0},
        {"later@example.com", SMTP_TEMPORARY, "try again later", 0},
        {"refuse-text@example.com", SMTP_REFUSED, "looks like spam", 0},
        {"later-text@example.com", SMTP_TEMPORARY, "disk full", 0},
        {"drop@example.com", SMTP_UNKNOWN, "no answer", 1},
        {"drop-before@example.com", SMTP_UNREACHED, "not reached", 0},
        {"bob@example.com", SMTP_SENT, "", 1},
    };
    struct fixture f;
    struct err e = {0};
    start(&f, "");
    struct smtp_options o = {.url = f.url};
    struct smtp *s = smtp_new(&o, &e);
    assert_non_null(s);
    int n = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(send_to(s, cases[i].to, &e), cases[i].sent);
        assert_non_null(strstr(e.message, cases[i].said));
        assert_int_equal(e.temporary, cases[i].sent == SMTP_TEMPORARY || cases[i].sent == SMTP_UNREACHED);
        n += cases[i].more;
        assert_int_equal(box(&f), n);
    }
    smtp_free(s);
    stop(&f);
}

static void test_dots_arrive(void **state)
{
    (void)state;
    char command[200], got[100];
    struct fixture f;
    struct err e = {0};
    start(&f, "");
    struct smtp_options o = {.url = f.url};
    struct smtp *s = smtp_new(&o, &e);
    assert_int_equal(send_to(s, "ann@example.com", &e), SMTP_SENT);
    snprintf(command, sizeof command, "%s/box/1.eml", f.folder);
    FILE *file = fopen(command, "r");
    assert_non_null(file);
    got[fread(got, 1, sizeof got - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(got, "Subject: x\r\n\r\n.dots\r\n..\r\n");
    smtp_free(s);
    stop(&f);
}

static void test_no_server(void **state)
{
    (void)state;
    struct err e = {0};
    struct smtp_options o = {.url = "smtp://127.0.0.1:9"};
    struct smtp *s = smtp_new(&o, &e);
    assert_int_equal(send_to(s, "ann@example.com", &e), SMTP_UNREACHED);
    assert_non_null(strstr(e.message, "not reached"));
    smtp_free(s);
}

static void test_urls(void **state)
{
    (void)state;
    static const char *const wrong[] = {"mail.example.com", "http://mail.example.com", "smtp://",
                                        "smtp://ann:pass-word@mail.example.com"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        struct smtp_options o = {.url = wrong[i]};
        assert_null(smtp_new(&o, &e));
        assert_string_equal(e.code, "config");
        assert_null(strstr(e.message, "pass-word"));
    }
}

/* A certificate of our own, known or not; a login, right or wrong. */
static void test_tls_and_login(void **state)
{
    (void)state;
    static const char make[] =
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1"
        " -addext subjectAltName=IP:127.0.0.1 2>/dev/null";
    char folder[] = "/tmp/hub-smtp-tls-XXXXXX", command[1000], cert[200];
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "cd %s && %s", folder, make);
    assert_int_equal(shell(command, NULL, 0), 0);
    struct fixture f;
    struct err e = {0};
    snprintf(command, sizeof command, "%s/cert.pem %s/key.pem ann pass-word", folder, folder);
    start(&f, command);
    struct smtp_options o = {.url = f.url, .user = "ann", .password = "pass-word"};

    struct smtp *s = smtp_new(&o, &e);
    assert_int_equal(send_to(s, "bob@example.com", &e), SMTP_STOPS);
    assert_non_null(strstr(e.message, "certificate"));
    smtp_free(s);

    snprintf(cert, sizeof cert, "%s/cert.pem", folder);
    setenv("CURL_CA_BUNDLE", cert, 1);
    s = smtp_new(&o, &e);
    assert_int_equal(send_to(s, "bob@example.com", &e), SMTP_SENT);
    assert_int_equal(send_to(s, "cy@example.com", &e), SMTP_SENT);
    smtp_free(s);
    assert_int_equal(box(&f), 2);
    snprintf(command, sizeof command, "test \"$(grep -c '\"tls\": true, \"user\": \"ann\"' %s/box/log)\" = 2",
             f.folder);
    assert_int_equal(shell(command, NULL, 0), 0);

    o.password = "wrong-word";
    s = smtp_new(&o, &e);
    assert_int_equal(send_to(s, "bob@example.com", &e), SMTP_STOPS);
    assert_non_null(strstr(e.message, "login"));
    assert_null(strstr(e.message, "wrong-word"));
    smtp_free(s);
    unsetenv("CURL_CA_BUNDLE");
    stop(&f);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(shell(command, NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),       cmocka_unit_test(test_dots_arrive),
        cmocka_unit_test(test_no_server),     cmocka_unit_test(test_urls),
        cmocka_unit_test(test_tls_and_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
