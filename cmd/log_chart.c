#include "log_chart.h"

#include <inttypes.h>

/* Units of the drawings, which are stretched to what room there is: above, the bars grow up to BARS; below
 * them is the strip of the runs. */
enum { SLOT = 10, BARS = 80, AXIS = 2, STRIP = 18, HEIGHT = BARS + AXIS + STRIP, RAN = 6 };

enum { NAME_MOST = 1 << 20, LEAST = 2 };

void chart_init(struct chart *c, struct html *h, int64_t first)
{
    *c = (struct chart){.html = h, .first = first};
    buf_init(&c->flow, NAME_MOST);
}

static void put_date(struct html *h, int64_t at)
{
    html_put(h, "<time>");
    log_date(&h->out, at);
    html_put(h, "</time>");
}

/* ---- drawings ---- */

static int64_t most(const struct chart *c, bool failures)
{
    int64_t n = 0;
    for (int i = 0; i < LOG_DAYS; i++) {
        const struct runs_day *d = &c->day[i];
        int64_t here = failures ? d->refused : d->in > d->out ? d->in : d->out;
        n = here > n ? here : n;
    }
    return n;
}

static void put_bar(struct html *h, const char *class, int x, int width, int64_t n, int64_t of)
{
    if (n == 0)
        return;
    int64_t high = n * BARS / of;
    high = high < LEAST ? LEAST : high;
    buf_printf(&h->out, "<rect class=\"%s\" x=\"%d\" y=\"%" PRId64 "\" width=\"%d\" height=\"%" PRId64 "\"/>",
               class, x, BARS - high, width, high);
}

static void put_day_title(struct html *h, const struct runs_day *d, bool failures)
{
    html_put(h, "<title>");
    log_date(&h->out, d->at);
    html_put(h, ": ");
    if (d->runs == 0) {
        html_put(h, "no run");
    } else {
        html_count(h, d->runs, "run");
        html_put(h, ", ");
        html_number(h, failures ? d->failed : d->in);
        html_put(h, failures ? " failed, " : " in, ");
        html_number(h, failures ? d->refused : d->out);
        html_put(h, failures ? " refused" : " out");
    }
    html_put(h, "</title>");
}

static void put_day(struct html *h, const struct runs_day *d, int x, bool failures, int64_t of)
{
    html_put(h, "<g>");
    put_day_title(h, d, failures);
    buf_printf(&h->out, "<rect class=\"slot\" x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\"/>", x, SLOT,
               HEIGHT);
    if (failures) {
        put_bar(h, "refused", x + 1, SLOT - 2, d->refused, of);
    } else {
        put_bar(h, "in", x + 1, SLOT / 2 - 1, d->in, of);
        put_bar(h, "out", x + SLOT / 2, SLOT / 2 - 1, d->out, of);
    }
    if (failures && d->runs > 0)
        buf_printf(&h->out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                   d->failed > 0 ? "failed" : "ran", x + 1, BARS + AXIS + 2, SLOT - 2,
                   d->failed > 0 ? STRIP - 2 : RAN);
    html_put(h, "</g>\n");
}

/* What the drawing tells, for those who do not see it. */
static void put_label(const struct chart *c, const struct runs_day *sum, bool failures, int64_t of)
{
    struct html *h = c->html;
    html_value(h, buf_str(&c->flow));
    html_put(h, failures ? ", failures by day: " : ", volume by day: ");
    html_count(h, failures ? sum->refused : sum->in, "record");
    if (failures) {
        html_put(h, " refused, ");
        html_number(h, sum->failed);
        html_put(h, " of ");
        html_count(h, sum->runs, "run");
        html_put(h, " failed");
    } else {
        html_put(h, " in, ");
        html_number(h, sum->out);
        html_put(h, " out, up to ");
        html_number(h, of);
        html_put(h, " a day");
    }
}

static void put_caption(const struct chart *c, bool failures, int64_t of)
{
    struct html *h = c->html;
    html_put(h, "<figcaption>");
    put_date(h, c->first);
    html_put(h, " <span>");
    if (of > 0) {
        html_put(h, failures ? "refused, up to " : "records, up to ");
        html_number(h, of);
        html_put(h, " a day");
    } else {
        html_put(h, failures ? "nothing refused" : "no records");
    }
    html_put(h, "</span> ");
    put_date(h, c->first + (int64_t)(LOG_DAYS - 1) * LOG_DAY);
    html_put(h, "</figcaption>\n");
}

static void put_plot(const struct chart *c, const struct runs_day *sum, bool failures)
{
    struct html *h = c->html;
    int64_t of = most(c, failures);
    buf_printf(&h->out,
               "<figure>\n<svg role=\"img\" preserveAspectRatio=\"none\" viewBox=\"0 0 %d %d\" aria-label=\"",
               LOG_DAYS * SLOT, HEIGHT);
    put_label(c, sum, failures, of);
    html_put(h, "\">\n");
    for (int i = 0; i < LOG_DAYS; i++)
        put_day(h, &c->day[i], i * SLOT, failures, of);
    buf_printf(&h->out, "<rect class=\"axis\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n</svg>\n", BARS,
               LOG_DAYS * SLOT, AXIS);
    put_caption(c, failures, of);
    html_put(h, "</figure>\n");
}

/* ---- numbers ---- */

static void put_numbers(const struct chart *c)
{
    static const struct html_head heads[] = {{"Day", false},
                                             {"Runs", true},
                                             {"Failed", true},
                                             {"In", true},
                                             {"Out", true},
                                             {"Refused", true},
                                             {0}};
    struct html_table t = {.caption = "The days on which it ran, the newest first", .heads = heads};
    html_put(c->html, "<details>\n<summary>The same in numbers</summary>\n");
    for (int i = LOG_DAYS - 1; i >= 0; i--) {
        const struct runs_day *d = &c->day[i];
        const int64_t numbers[] = {d->runs, d->failed, d->in, d->out, d->refused};
        if (d->runs == 0)
            continue;
        html_row(c->html, &t);
        html_cell(c->html, &t);
        put_date(c->html, d->at);
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++)
            html_cell_number(c->html, &t, numbers[n]);
    }
    html_table_end(c->html, &t, "");
    html_put(c->html, "</details>\n");
}

static void put_sum(struct html *h, const struct runs_day *sum)
{
    html_put(h, "<p class=\"sum\">");
    html_count(h, sum->runs, "run");
    if (sum->failed > 0) {
        html_put(h, ", ");
        html_number(h, sum->failed);
        html_put(h, " failed");
    }
    html_put(h, "; ");
    html_number(h, sum->in);
    html_put(h, " in, ");
    html_number(h, sum->out);
    html_put(h, " out, ");
    html_number(h, sum->refused);
    html_put(h, " refused</p>\n");
}

static void draw(const struct chart *c)
{
    struct runs_day sum = {0};
    for (int i = 0; i < LOG_DAYS; i++) {
        sum.runs += c->day[i].runs;
        sum.failed += c->day[i].failed;
        sum.in += c->day[i].in;
        sum.out += c->day[i].out;
        sum.refused += c->day[i].refused;
    }
    html_put(c->html, "<article>\n<h3>");
    html_text(c->html, buf_str(&c->flow));
    html_put(c->html, "</h3>\n");
    put_sum(c->html, &sum);
    html_put(c->html, "<div class=\"plots\">\n");
    put_plot(c, &sum, false);
    put_plot(c, &sum, true);
    html_put(c->html, "</div>\n");
    put_numbers(c);
    html_put(c->html, "</article>\n");
}

/* ---- days ---- */

void chart_add(struct chart *c, const struct runs_day *d)
{
    if (c->flows == 0 || !str_eq(buf_str(&c->flow), d->flow)) {
        if (c->flows++ > 0)
            draw(c);
        buf_reset(&c->flow);
        buf_put(&c->flow, d->flow);
        for (int i = 0; i < LOG_DAYS; i++)
            c->day[i] = (struct runs_day){.at = c->first + (int64_t)i * LOG_DAY};
    }
    c->day[(d->at - c->first) / LOG_DAY] = *d;
}

void chart_end(struct chart *c)
{
    if (c->flows > 0)
        draw(c);
    buf_release(&c->flow);
}
