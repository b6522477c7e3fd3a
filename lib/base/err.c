#include "base/err.h"

#include <errno.h>
#include <stdio.h>

int err_vset(struct err *e, const char *code, const char *fmt, va_list args)
{
    e->code = code;
    if (vsnprintf(e->message, sizeof e->message, fmt, args) < 0)
        e->message[0] = '\0';
    return -1;
}

void err_fill(struct err *e, const char *code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    err_vset(e, code, fmt, args);
    va_end(args);
}

int err_errno(struct err *e, const char *what)
{
    int number = errno;
    const char *code = number == EPIPE ? "pipe" : number == ENOMEM ? "memory" : "io";
    return err_set(e, code, "%s: %s", what, strerror(number));
}

int err_memory(struct err *e)
{
    return err_set(e, "memory", "out of memory");
}

void err_place(struct err *e, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (vsnprintf(e->place, sizeof e->place, fmt, args) < 0)
        e->place[0] = '\0';
    va_end(args);
}

void err_field(struct err *e, struct str pointer)
{
    size_t n = pointer.n < sizeof e->field ? pointer.n : sizeof e->field - 1;
    memcpy(e->field, pointer.p, n);
    e->field[n] = '\0';
}

const char *err_quote(struct str value)
{
    enum { MOST = 60, SLOTS = 8 };
    static _Thread_local char slots[SLOTS][MOST + 8];
    static _Thread_local unsigned turn;
    char *out = slots[turn++ % SLOTS];
    size_t n = value.n;
    const char *tail = "\"";
    if (n > MOST) {
        n = MOST;
        while (n > 0 && ((unsigned char)value.p[n] & 0xC0) == 0x80)
            n--;
        tail = "…\"";
    }
    out[0] = '"';
    for (size_t i = 0; i < n; i++)
        out[1 + i] = value.p[i] != '\0' ? value.p[i] : ' ';
    memcpy(out + 1 + n, tail, strlen(tail) + 1);
    return out;
}
