/*
 * A connection at work: the calls of a described system, made, paced, repeated, logged in for, and
 * understood.
 *
 *     struct session s;
 *     if (session_open(&s, &system, &options, &e) == -1) ...
 *     struct exchange x;
 *     exchange_init(&x);
 *     if (session_start(&s, &x, call, &view, NULL, &e) == -1) ...          on its way
 *     switch (session_finish(&s, &x, &e)) ...                              x.value is the answer
 *     exchange_release(&s, &x);
 *     session_close(&s);
 *
 * Several exchanges may be on their way. What an answer means is said by the `answers` of the call, then by
 * those of the system, then by HTTP (verdict.h). Secrets stand in no message.
 */
#ifndef HUB_SYSTEM_SESSION_H
#define HUB_SYSTEM_SESSION_H

#include "io/http.h"
#include "system/bindings.h"
#include "system/pace.h"
#include "system/recording.h"
#include "system/request.h"
#include "system/secrets.h"
#include "system/system.h"

struct session_options {
    const char *record, *replay;           /* folders; NULL: neither */
    int (*idle)(void *arg, struct err *e); /* called before a wait; NULL: nothing is */
    void *idle_arg;
};

struct session {
    struct system *system;
    struct bindings names;
    struct secrets secrets;
    struct arena arena;       /* for as long as the session */
    struct arena scratch;     /* of views; reset when an answer is judged */
    struct http_client *http; /* NULL while answers are played back */
    struct pace pace;
    struct str base;
    int64_t timeout, answer_max, retries, daily;
    int64_t deadline;      /* of the clock of clock_now; 0: none */
    int64_t expires;       /* of the login, seconds of the calendar; 0: not known */
    struct str calls_path; /* the file with the calls of the day; absent: not asked for yet */
    struct recording recording;
    struct session_options options;
};

/* What an answer means: see session_finish. */
enum verdict {
    VERDICT_OK,
    VERDICT_NONE,
    VERDICT_RETRY,
    VERDICT_LOGIN,
    VERDICT_REFUSE,
    VERDICT_EXISTS,
    VERDICT_CONFLICT,
    VERDICT_STOP,
    VERDICT_ERROR /* an expression failed: E */
};

struct exchange {
    struct request request;
    const struct json_node *call; /* what it was made from */
    bool raw;                     /* the body is a file, not JSON: to be set before session_start */
    bool effect;                  /* it changes something, so that any answer is one: likewise */
    bool list;                    /* records are due, so that an empty answer is none: likewise */
    bool once;                    /* it is not sent again where it was perhaps heard: likewise */
    bool lost;                    /* of what failed: whether it had an effect is not known */
    bool down;                    /* the same: nothing else can be called now, either */
    enum verdict verdict;         /* of the last answer; */
    bool said;                    /* and the description has said so */
    struct http_call *http;
    const struct http_answer *answer;
    struct http_answer played; /* the answer, where it is played back */
    struct buf played_body;
    struct json_tape tape;
    const struct json_node *value; /* the answer's JSON; NULL: it has none */
    struct err unread;             /* why its body is no JSON; none where it is, or has nothing */
    struct expr_answer_of answer_of;
    unsigned tries, logins;
    size_t own_url, own_headers; /* of the request, before what auth and the system add */
};

enum session_got {
    SESSION_FAILED = -1,
    SESSION_NONE = 0 /* what was asked for is not there */,
    SESSION_OK = 1
};

/* -1: E. To be closed in any case. */
int session_open(struct session *s, struct system *system, const struct session_options *o, struct err *e);
void session_close(struct session *s);

void exchange_init(struct exchange *x);
void exchange_release(struct session *s, struct exchange *x);

/* V: the value at hand and those around it, which must stay until session_finish; its names are the
 * session's. CHANGES as of request_make. */
int session_start(struct session *s, struct exchange *x, const struct json_node *call, const struct view *v,
                  const struct json_node *changes, struct err *e);

/* Waits, and repeats what is worth it. x->value and x->answer are good until x is started again. Temporary
 * errors are what was tried as often as is allowed. */
enum session_got session_finish(struct session *s, struct exchange *x, struct err *e);

/* Gives an error its place: the connection, and what was called. */
void session_place(const struct session *s, const struct exchange *x, struct err *e);

/* What expressions see. */
void session_view(struct session *s, struct view *v, const struct json_node *value, const struct exchange *x);

/* The text of NODE of the description by VALUE and X (either may be NULL), kept in A; absent where it has no
 * value. -1: E. */
int session_text(struct session *s, const struct json_node *node, const struct json_node *value,
                 const struct exchange *x, struct arena *a, struct str *out, struct err *e);

/* Sleeps; -1: the time of the whole run would be over. */
int session_sleep(struct session *s, int64_t milliseconds, struct err *e);

/* "look at ${ACME_TOKEN}": where the secrets of the connection come from. */
const char *session_secrets_from(struct session *s);

#endif
