#include "io/postgres.h"

bool postgres_is_url(const char *text)
{
    struct str s = str_of(text);
    return str_starts(s, STR("postgresql://")) || str_starts(s, STR("postgres://"));
}

#ifdef SONAME_LIBPQ

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>

#include "base/lazy.h"
#include "base/size.h"

/* Filled once by lazy_load, and then the same for the whole process. */
#define FUNCTIONS(X)                                                                                         \
    X(PQclear)                                                                                               \
    X(PQcmdTuples)                                                                                           \
    X(PQconnectdbParams)                                                                                     \
    X(PQconninfoFree)                                                                                        \
    X(PQconninfoParse)                                                                                       \
    X(PQconsumeInput)                                                                                        \
    X(PQdb)                                                                                                  \
    X(PQdescribePrepared)                                                                                    \
    X(PQerrorMessage)                                                                                        \
    X(PQexec)                                                                                                \
    X(PQexecParams)                                                                                          \
    X(PQexecPrepared)                                                                                        \
    X(PQfinish)                                                                                              \
    X(PQfname)                                                                                               \
    X(PQfreemem)                                                                                             \
    X(PQftype)                                                                                               \
    X(PQgetCopyData)                                                                                         \
    X(PQgetResult)                                                                                           \
    X(PQgetisnull)                                                                                           \
    X(PQgetlength)                                                                                           \
    X(PQgetvalue)                                                                                            \
    X(PQhost)                                                                                                \
    X(PQnfields)                                                                                             \
    X(PQntuples)                                                                                             \
    X(PQport)                                                                                                \
    X(PQprepare)                                                                                             \
    X(PQputCopyData)                                                                                         \
    X(PQputCopyEnd)                                                                                          \
    X(PQresultErrorField)                                                                                    \
    X(PQresultStatus)                                                                                        \
    X(PQsetNoticeProcessor)                                                                                  \
    X(PQsocket)                                                                                              \
    X(PQstatus)

#define DECLARE(name) static __typeof__(name) *p_##name;
#define SYMBOL(name)  {#name, &p_##name},
FUNCTIONS(DECLARE)

static const struct lazy_symbol symbols[] = {FUNCTIONS(SYMBOL){NULL, NULL}};
static struct lazy library = {.soname = SONAME_LIBPQ, .symbols = symbols};

enum { PARAMETERS_MOST = 65535 /* of the protocol */, TEXTS_MOST = 1 << 30, KEYWORDS_MOST = 64 };

struct postgres {
    PGconn *handle;
    PGresult *result;
    struct postgres_options options;
    struct buf name;   /* NUL behind it */
    struct buf texts;  /* parameters, a NUL behind each */
    const char **text; /* of each, or NULL */
    size_t room;
    char *line; /* of a COPY, from libpq */
};

/* What every session is set to: values have one spelling. */
static const char settings[] =
    "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; "
    "SET intervalstyle = 'iso_8601'; SET bytea_output = 'hex'; SET extra_float_digits = 1; "
    "SET standard_conforming_strings = on";

/* ---- errors ---- */

static bool starts(const char *text, const char *with)
{
    return text != NULL && str_starts(str_of(text), str_of(with));
}

/* By the class of SQLSTATE (PostgreSQL's manual, appendix A). */
static const char *code_of(const char *state)
{
    static const struct {
        const char *state, *code;
    } codes[] = {{"22", "constraint"}, {"23", "constraint"}, {"44", "constraint"}, {"21000", "constraint"},
                 {"40", "busy"},       {"53", "busy"},       {"55P03", "busy"},    {"55006", "busy"},
                 {"57P", "io"},        {"08", "io"}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (starts(state, codes[i].state))
            return codes[i].code;
    return "database";
}

/* In one line. */
static int say_text(const struct postgres *pg, const char *code, const char *what, const char *detail,
                    struct err *e)
{
    struct str message = str_trim(str_of(what != NULL ? what : "the server said no more"));
    struct str more = str_trim(str_of(detail != NULL ? detail : ""));
    err_set(e, code, "%.*s%s%.*s", (int)message.n, message.p, more.n > 0 ? ": " : "", (int)more.n, more.p);
    for (char *p = e->message; *p != '\0'; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    e->temporary = strcmp(code, "busy") == 0 || strcmp(code, "io") == 0;
    err_place(e, "%s", pg->name.p);
    return -1;
}

/* Of the result in hand, or of the connection. */
static int say(const struct postgres *pg, struct err *e)
{
    const char *state = pg->result != NULL ? p_PQresultErrorField(pg->result, PG_DIAG_SQLSTATE) : NULL;
    if (state == NULL || p_PQstatus(pg->handle) == CONNECTION_BAD)
        return say_text(pg, "io", p_PQerrorMessage(pg->handle), NULL, e);
    return say_text(pg, code_of(state), p_PQresultErrorField(pg->result, PG_DIAG_MESSAGE_PRIMARY),
                    p_PQresultErrorField(pg->result, PG_DIAG_MESSAGE_DETAIL), e);
}

/* What the server said when it did not let us in has no SQLSTATE: it is final where the server answered, but
 * for these. */
static int say_no_connection(const struct postgres *pg, struct err *e)
{
    static const char *const passing[] = {"starting up", "shutting down", "in recovery", "too many clients",
                                          "connection slots"};
    const char *message = p_PQerrorMessage(pg->handle);
    bool again = str_search(str_of(message), STR("FATAL:"), 0) > strlen(message) &&
                 str_search(str_of(message), STR("no password supplied"), 0) > strlen(message);
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        again |= str_search(str_of(message), str_of(passing[i]), 0) <= strlen(message);
    return say_text(pg, again ? "io" : "database", message, NULL, e);
}

/* ---- connections ---- */

static void no_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* "${NAME}" gives what the environment holds. */
static int from_environment(const char **value, const char *keyword, struct err *e)
{
    char name[256];
    struct str text = str_of(*value);
    if (!str_starts(text, STR("${")) || !str_ends(text, STR("}"))) {
        if (strcmp(keyword, "password") != 0 && strcmp(keyword, "sslpassword") != 0)
            return 0;
        return err_set(
            e, "config",
            "a password must not stand in the URL, where others can see it: set PGPASSWORD, keep it "
            "in ~/.pgpass, or name a variable as ${NAME}");
    }
    text = str_slice(text, 2, text.n - 1);
    if (text.n >= sizeof name)
        return err_set(e, "config", "the name of a variable is too long");
    memcpy(name, text.p, text.n);
    name[text.n] = '\0';
    *value = getenv(name);
    return *value != NULL && **value != '\0' ? 0 : err_set(e, "config", "the variable %s is not set", name);
}

static int connect_by(struct postgres *pg, const PQconninfoOption *option, struct err *e)
{
    const char *keyword[KEYWORDS_MOST], *value[KEYWORDS_MOST];
    size_t n = 0;
    bool timeout = true; /* is set */
    for (; option->keyword != NULL && n < KEYWORDS_MOST - 3; option++) {
        if (option->val == NULL) {
            if (strcmp(option->keyword, "connect_timeout") == 0)
                timeout = getenv(option->envvar) != NULL;
            continue;
        }
        keyword[n] = option->keyword;
        value[n] = option->val;
        if (from_environment(&value[n++], option->keyword, e) == -1)
            return -1;
    }
    keyword[n] = "fallback_application_name";
    value[n++] = "hub";
    if (!timeout) {
        keyword[n] = "connect_timeout";
        value[n++] = "30";
    }
    keyword[n] = value[n] = NULL;
    pg->handle = p_PQconnectdbParams(keyword, value, 0);
    if (pg->handle == NULL)
        return err_memory(e);
    p_PQsetNoticeProcessor(pg->handle, no_notice, NULL);
    buf_reset(&pg->name);
    const char *host = p_PQhost(pg->handle), *port = p_PQport(pg->handle), *db = p_PQdb(pg->handle);
    buf_printf(&pg->name, "postgresql://%s:%s/%s", host != NULL ? host : "", port != NULL ? port : "",
               db != NULL ? db : "");
    buf_byte(&pg->name, '\0');
    if (!buf_ok(&pg->name))
        return err_memory(e);
    if (p_PQstatus(pg->handle) != CONNECTION_OK)
        return say_no_connection(pg, e);
    return postgres_exec(pg, settings, e);
}

struct postgres *postgres_open(const char *url, const struct postgres_options *options, struct err *e)
{
    if (lazy_load(&library, e) == -1)
        return NULL;
    struct postgres *pg = calloc(1, sizeof *pg);
    if (pg == NULL) {
        err_memory(e);
        return NULL;
    }
    pg->options = *options;
    buf_init(&pg->name, 1 << 16);
    buf_init(&pg->texts, TEXTS_MOST);
    buf_put(&pg->name, STR("postgresql\0"));
    /* Its own message would show the URL, and with it a password that was written there. */
    PQconninfoOption *parsed = p_PQconninfoParse(url, NULL);
    int done = parsed != NULL && buf_ok(&pg->name)
                   ? connect_by(pg, parsed, e)
                   : err_set(e, "config", "not a URL of PostgreSQL: postgresql://USER@HOST:PORT/DATABASE is");
    if (parsed != NULL)
        p_PQconninfoFree(parsed);
    if (done == 0)
        return pg;
    if (e->place[0] == '\0')
        err_place(e, "%s", pg->name.p);
    postgres_close(pg);
    return NULL;
}

static void drop(struct postgres *pg)
{
    p_PQclear(pg->result);
    pg->result = NULL;
}

void postgres_close(struct postgres *pg)
{
    if (pg == NULL)
        return;
    drop(pg);
    if (pg->line != NULL)
        p_PQfreemem(pg->line);
    if (pg->handle != NULL)
        p_PQfinish(pg->handle);
    buf_release(&pg->name);
    buf_release(&pg->texts);
    free(pg->text);
    free(pg);
}

const char *postgres_name(const struct postgres *pg)
{
    return pg->name.p;
}

struct str postgres_database(const struct postgres *pg)
{
    return str_of(p_PQdb(pg->handle));
}

/* ---- statements ---- */

static int took(struct postgres *pg, PGresult *result, struct err *e)
{
    drop(pg);
    pg->result = result;
    ExecStatusType status = result != NULL ? p_PQresultStatus(result) : PGRES_FATAL_ERROR;
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
               ? 0
               : say(pg, e);
}

int postgres_exec(struct postgres *pg, const char *script, struct err *e)
{
    return took(pg, p_PQexec(pg->handle, script), e);
}

/* libpq wants a NUL behind each. */
static int set_texts(struct postgres *pg, const struct str *parameter, size_t n, struct err *e)
{
    if (n > PARAMETERS_MOST)
        return err_set(e, "limit", "more than %d parameters", PARAMETERS_MOST);
    if (n > pg->room) {
        const char **more = realloc(pg->text, n * sizeof *more);
        if (more == NULL)
            return err_memory(e);
        pg->text = more;
        pg->room = n;
    }
    buf_reset(&pg->texts);
    for (size_t i = 0; i < n; i++) {
        if (parameter[i].p == NULL)
            continue;
        if (memchr(parameter[i].p, '\0', parameter[i].n) != NULL)
            return err_set(e, "constraint", "PostgreSQL holds no text with a NUL character");
        buf_put(&pg->texts, parameter[i]);
        buf_byte(&pg->texts, '\0');
    }
    if (!buf_ok(&pg->texts))
        return err_set(e, "limit", "the values of a statement are too large");
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        pg->text[i] = parameter[i].p != NULL ? pg->texts.p + at : NULL;
        at += parameter[i].p != NULL ? parameter[i].n + 1 : 0;
    }
    return 0;
}

int postgres_query(struct postgres *pg, const char *sql, const struct str *parameter, size_t n, struct err *e)
{
    if (set_texts(pg, parameter, n, e) == -1)
        return -1;
    return took(pg, p_PQexecParams(pg->handle, sql, (int)n, NULL, pg->text, NULL, NULL, 0), e);
}

int postgres_prepare(struct postgres *pg, const char *name, const char *sql, struct err *e)
{
    return took(pg, p_PQprepare(pg->handle, name, sql, 0, NULL), e);
}

int postgres_run(struct postgres *pg, const char *name, const struct str *parameter, size_t n, struct err *e)
{
    if (set_texts(pg, parameter, n, e) == -1)
        return -1;
    return took(pg, p_PQexecPrepared(pg->handle, name, (int)n, pg->text, NULL, NULL, 0), e);
}

int postgres_describe(struct postgres *pg, const char *sql, struct err *e)
{
    if (postgres_prepare(pg, "", sql, e) == -1)
        return -1;
    return took(pg, p_PQdescribePrepared(pg->handle, ""), e);
}

size_t postgres_rows(const struct postgres *pg)
{
    return (size_t)p_PQntuples(pg->result);
}

uint64_t postgres_affected(const struct postgres *pg)
{
    uint64_t n;
    return count_parse(str_of(p_PQcmdTuples(pg->result)), &n) ? n : 0;
}

struct str postgres_value(const struct postgres *pg, size_t row, size_t column)
{
    if (p_PQgetisnull(pg->result, (int)row, (int)column))
        return (struct str){0};
    return (struct str){p_PQgetvalue(pg->result, (int)row, (int)column),
                        (size_t)p_PQgetlength(pg->result, (int)row, (int)column)};
}

size_t postgres_columns(const struct postgres *pg)
{
    return (size_t)p_PQnfields(pg->result);
}

struct str postgres_column_name(const struct postgres *pg, size_t column)
{
    return str_of(p_PQfname(pg->result, (int)column));
}

uint32_t postgres_column_type(const struct postgres *pg, size_t column)
{
    return p_PQftype(pg->result, (int)column);
}

/* ---- COPY ---- */

static int copy(struct postgres *pg, const char *sql, ExecStatusType wanted, struct err *e)
{
    drop(pg);
    pg->result = p_PQexec(pg->handle, sql);
    return pg->result != NULL && p_PQresultStatus(pg->result) == wanted ? 0 : say(pg, e);
}

/* What the server says at the end of it. */
static int copied(struct postgres *pg, struct err *e)
{
    int done = took(pg, p_PQgetResult(pg->handle), e);
    PGresult *more;
    while ((more = p_PQgetResult(pg->handle)) != NULL)
        p_PQclear(more);
    return done;
}

int postgres_copy_out(struct postgres *pg, const char *sql, struct err *e)
{
    return copy(pg, sql, PGRES_COPY_OUT, e);
}

/* Something to read is here, or the connection has ended. */
static int wait_for_data(struct postgres *pg, struct err *e)
{
    struct pollfd fd = {.fd = p_PQsocket(pg->handle), .events = POLLIN};
    int ready = poll(&fd, 1, 0);
    if (ready == 0 && pg->options.idle != NULL && pg->options.idle(pg->options.idle_arg, e) == -1)
        return -1;
    while (ready == 0 || (ready == -1 && errno == EINTR))
        ready = poll(&fd, 1, -1);
    return ready == -1 ? err_errno(e, "cannot wait for the server") : 0;
}

int postgres_copy_next(struct postgres *pg, char **line, size_t *n, struct err *e)
{
    if (pg->line != NULL)
        p_PQfreemem(pg->line);
    pg->line = NULL;
    int got;
    while ((got = p_PQgetCopyData(pg->handle, &pg->line, 1)) == 0) {
        if (wait_for_data(pg, e) == -1)
            return -1;
        if (p_PQconsumeInput(pg->handle) == 0)
            return say_text(pg, "io", p_PQerrorMessage(pg->handle), NULL, e);
    }
    if (got == -1)
        return copied(pg, e);
    if (got < 0)
        return say_text(pg, "io", p_PQerrorMessage(pg->handle), NULL, e);
    *line = pg->line;
    *n = (size_t)got - (pg->line[got - 1] == '\n');
    return 1;
}

int postgres_copy_in(struct postgres *pg, const char *sql, struct err *e)
{
    return copy(pg, sql, PGRES_COPY_IN, e);
}

int postgres_copy_put(struct postgres *pg, struct str bytes, struct err *e)
{
    enum { PIECE = 64 << 10 };
    for (size_t at = 0; at < bytes.n; at += PIECE) {
        struct str piece = str_slice(bytes, at, at + PIECE);
        if (p_PQputCopyData(pg->handle, piece.p, (int)piece.n) != 1)
            return say_text(pg, "io", p_PQerrorMessage(pg->handle), NULL, e);
    }
    return 0;
}

int postgres_copy_end(struct postgres *pg, struct err *e)
{
    if (p_PQputCopyEnd(pg->handle, NULL) != 1)
        return say_text(pg, "io", p_PQerrorMessage(pg->handle), NULL, e);
    return copied(pg, e);
}

#endif
