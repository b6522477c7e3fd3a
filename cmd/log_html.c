#include "log_html.h"

#include <inttypes.h>

#include "base/clean.h"
#include "base/instant.h"
#include "canon/escape.h"

enum { PAGE_MOST = 256 << 20, VALUE_MOST = 256 << 20 };

#define NARROW_BLANK "\u202F"

void html_init(struct html *h, int64_t now)
{
    buf_init(&h->out, PAGE_MOST);
    buf_init(&h->clean, VALUE_MOST);
    h->now = now;
}

void html_release(struct html *h)
{
    buf_release(&h->out);
    buf_release(&h->clean);
}

void html_put(struct html *h, const char *markup)
{
    buf_put(&h->out, str_of(markup));
}

void html_value(struct html *h, struct str text)
{
    static const struct escape_place in_text = {0};
    buf_reset(&h->clean);
    buf_put_clean(&h->clean, text);
    escape_html.put(&h->out, buf_str(&h->clean), &in_text);
    h->out.failed |= h->clean.failed;
}

void html_text(struct html *h, struct str text)
{
    html_put(h, "<bdi>");
    html_value(h, text);
    html_put(h, "</bdi>");
}

void html_number(struct html *h, int64_t n)
{
    enum { ALL_TOGETHER = 10000, GROUP = 1000 };
    if (n < ALL_TOGETHER) {
        buf_printf(&h->out, "%" PRId64, n);
        return;
    }
    int64_t unit = GROUP;
    while (n / unit >= GROUP)
        unit *= GROUP;
    for (buf_printf(&h->out, "%" PRId64, n / unit); unit > 1; unit /= GROUP)
        buf_printf(&h->out, NARROW_BLANK "%03" PRId64, n % unit / (unit / GROUP));
}

void html_count(struct html *h, int64_t n, const char *word)
{
    html_number(h, n);
    buf_printf(&h->out, " %s%s", word, n == 1 ? "" : "s");
}

void html_span(struct html *h, int64_t seconds)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } steps[] = {{120, 1, "s"}, {7200, 60, "min"}, {172800, 3600, "h"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (seconds >= steps[i].below)
            continue;
        buf_printf(&h->out, "%" PRId64 " %s", seconds > 0 ? seconds / steps[i].unit : 0, steps[i].name);
        return;
    }
    html_number(h, seconds / 86400);
    html_put(h, " days");
}

void html_when(struct html *h, int64_t seconds)
{
    const struct instant at = {.seconds = seconds};
    html_put(h, "<span class=\"ago\">");
    html_span(h, h->now - seconds);
    html_put(h, " ago</span> <time datetime=\"");
    instant_rfc3339(&at, &h->out);
    html_put(h, "\">");
    instant_rfc3339(&at, &h->out);
    html_put(h, "</time>");
}

void html_state(struct html *h, const char *class, const char *word)
{
    buf_printf(&h->out, "<span class=\"state %s\">%s</span>", class, word);
}

/* ---- tables ---- */

static void begin(struct html *h, const struct html_table *t)
{
    html_put(h, "<table>\n<caption>");
    html_put(h, t->caption);
    html_put(h, "</caption>\n<thead><tr>");
    for (const struct html_head *head = t->heads; head->label != NULL; head++)
        buf_printf(&h->out, "<th scope=\"col\"%s>%s</th>", head->number ? " class=\"number\"" : "",
                   head->label);
    html_put(h, "</tr></thead>\n<tbody>\n");
}

static void end_cell(struct html *h, const struct html_table *t)
{
    if (t->cells > 0)
        html_put(h, t->cells == 1 ? "</th>" : "</td>");
}

static void end_row(struct html *h, const struct html_table *t)
{
    end_cell(h, t);
    if (t->rows > 0)
        html_put(h, "</tr>\n");
}

void html_row(struct html *h, struct html_table *t)
{
    if (t->rows == 0)
        begin(h, t);
    end_row(h, t);
    html_put(h, "<tr>");
    t->rows++;
    t->cells = 0;
}

static void open_cell(struct html *h, struct html_table *t, const char *class)
{
    end_cell(h, t);
    const char *label = t->heads[t->cells].label;
    if (t->cells++ == 0)
        html_put(h, "<th scope=\"row\"");
    else
        buf_printf(&h->out, "<td data-label=\"%s\"", label);
    if (class != NULL)
        buf_printf(&h->out, " class=\"%s\"", class);
    html_put(h, ">");
}

void html_cell(struct html *h, struct html_table *t)
{
    open_cell(h, t, NULL);
}

void html_cell_number(struct html *h, struct html_table *t, int64_t n)
{
    open_cell(h, t, n == 0 ? "number none" : "number");
    html_number(h, n);
}

void html_cell_when(struct html *h, struct html_table *t, int64_t seconds)
{
    open_cell(h, t, "when");
    html_when(h, seconds);
}

void html_table_end(struct html *h, struct html_table *t, const char *empty)
{
    if (t->rows > 0) {
        end_row(h, t);
        html_put(h, "</tbody>\n</table>\n");
    } else {
        buf_printf(&h->out, "<p class=\"empty\">%s</p>\n", empty);
    }
}
