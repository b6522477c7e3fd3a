/*
 * hub-log --html: the hub as a whole as one page that needs nothing else.
 */
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "log_chart.h"
#include "log_tables.h"

/* What is read holds text of others: nothing is fetched and nothing runs, whatever they write. */
static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n";

static const char style[] =
#include "log_page_css.inc"
    ;

struct page {
    struct tables tables; /* with the sections, as far as they are written */
    struct html top;      /* what stands before them, and tells of them */
    const char *database;
};

/* ---- sections ---- */

static void open_section(struct html *h, const char *id, const char *title)
{
    buf_printf(&h->out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", id,
               id, id, title);
}

static void add_day(void *arg, const struct runs_day *d)
{
    chart_add(arg, d);
}

static int put_days(struct tables *t, struct err *e)
{
    struct html *h = &t->html;
    struct chart c;
    chart_init(&c, h, log_days_from(h->now));
    html_put(h, "<ul class=\"legend\"><li class=\"in\">came in</li><li class=\"out\">went out</li>"
                "<li class=\"refused\">refused</li><li class=\"ran\">ran</li><li class=\"failed\">a run "
                "failed</li></ul>\n");
    int done = runs_days(t->o->hub, c.first, c.first + (int64_t)LOG_DAYS * LOG_DAY, add_day, &c, e);
    if (c.flows == 0)
        html_put(h, "<p class=\"empty\">No flow ran in these days.</p>\n");
    chart_end(&c);
    return done;
}

static int put_sections(struct tables *t, struct err *e)
{
    static const struct {
        const char *id, *title;
        int (*put)(struct tables *t, struct err *e);
    } sections[] = {{"flows", "Flows", tables_flows},
                    {"behind", "Targets", tables_targets},
                    {"refused", "Refused and set aside", tables_causes},
                    {"warnings", "Warnings", tables_warnings},
                    {"days", "The last 30 days", put_days},
                    {"held", "What the hub holds", tables_entities},
                    {"read", "How far it has read", tables_bookmarks}};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        open_section(&t->html, sections[i].id, sections[i].title);
        if (sections[i].put(t, e) == -1)
            return -1;
        html_put(&t->html, "</section>\n");
    }
    return 0;
}

/* ---- the top ---- */

static void note_flows(struct html *h, const struct tables *t)
{
    if (t->failed > 0) {
        html_number(h, t->failed);
        html_put(h, " failed");
    } else if (t->refusing > 0) {
        html_number(h, t->refusing);
        html_put(h, " refused some");
    } else if (t->running > 0) {
        html_number(h, t->running);
        html_put(h, " still running");
    } else {
        html_put(h, t->flows > 0 ? "all is well" : "none has run");
    }
}

static void note_targets(struct html *h, const struct tables *t)
{
    if (t->lacks > 0) {
        html_number(h, t->behind);
        html_put(h, " of ");
        html_number(h, t->targets);
        html_put(h, " not in sync");
    } else {
        html_put(h, t->targets > 0 ? "all in sync" : "no target yet");
    }
}

static void note_causes(struct html *h, const struct tables *t)
{
    if (t->causes == 0) {
        html_put(h, "nothing");
        return;
    }
    html_put(h, "by ");
    html_count(h, t->causes, "cause");
}

static void note_warnings(struct html *h, const struct tables *t)
{
    if (t->checks == 0) {
        html_put(h, "none");
        return;
    }
    html_put(h, "of ");
    html_count(h, t->checks, "check");
}

static void put_tiles(struct html *h, const struct tables *t)
{
    const struct {
        const char *to, *label, *class;
        int64_t n;
        void (*note)(struct html *h, const struct tables *t);
    } tiles[] = {{"flows", "Flows",
                  t->failed > 0     ? "bad"
                  : t->refusing > 0 ? "warn"
                                    : "good",
                  t->flows, note_flows},
                 {"behind", "Behind", t->lacks > 0 ? "bad" : "good", t->lacks, note_targets},
                 {"refused", "Refused", t->errors > 0 ? "warn" : "good", t->errors, note_causes},
                 {"warnings", "Warnings", t->warnings > 0 ? "warn" : "good", t->warnings, note_warnings}};
    html_put(h, "<nav aria-label=\"In short\">\n<ul class=\"tiles\">\n");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        buf_printf(&h->out, "<li class=\"%s\"><a href=\"#%s\"><span class=\"label\">%s</span> <strong>",
                   tiles[i].class, tiles[i].to, tiles[i].label);
        html_number(h, tiles[i].n);
        html_put(h, "</strong> <span class=\"note\">");
        tiles[i].note(h, t);
        html_put(h, "</span></a></li>\n");
    }
    html_put(h, "</ul>\n</nav>\n");
}

static void put_top(struct page *p)
{
    struct html *h = &p->top;
    const char *verdict = p->tables.o->bad > 0 ? "Something needs attention" : "All is well";
    html_put(h, head);
    buf_printf(&h->out, "<title>hub: %s</title>\n<style>\n", verdict);
    html_put(h, style);
    buf_printf(&h->out, "</style>\n</head>\n<body>\n<header>\n<h1>%s</h1>\n<p class=\"of\">The hub <code>",
               verdict);
    html_text(h, str_of(p->database));
    html_put(h, "</code> as it was on <time>");
    log_time(&h->out, h->now);
    html_put(h, "</time></p>\n");
    put_tiles(h, &p->tables);
    html_put(h, "</header>\n<main>\n");
}

static const char foot[] =
    "</main>\n<footer>\n<p>Times are UTC, and what is “ago” is counted from when this page was written by "
    "<code>hub-log --html</code>. The same in lines of JSON: <code>hub-log --json</code>; what a target "
    "lacks,"
    " record by record: <code>hub-log --missing TARGET</code>; the life of one record:"
    " <code>hub-log order 1001</code>.</p>\n</footer>\n</body>\n</html>\n";

/* ---- the file ---- */

static int write_page(struct page *p, struct out *out, struct err *e)
{
    const struct html *sections = &p->tables.html;
    if (!buf_ok(&p->top.out) || !buf_ok(&sections->out))
        return err_memory(e);
    buf_put(&out->buf, buf_str(&p->top.out));
    buf_put(&out->buf, buf_str(&sections->out));
    buf_put(&out->buf, str_of(foot));
    return out_commit(out, e);
}

/* It shows what customers wrote: others need not read it. */
static int write_file(struct page *p, const char *path, struct err *e)
{
    struct file_write w;
    if (strcmp(path, "-") == 0)
        return write_page(p, &p->tables.o->cmd->out, e);
    if (file_write_open(&w, path, 0600, e) == -1)
        return -1;
    if (write_page(p, &w.out, e) == 0)
        return file_write_commit(&w, e);
    file_write_abort(&w);
    return -1;
}

int log_page(struct log_out *o, const char *database, const char *path, struct err *e)
{
    struct page page = {.tables = {.o = o}, .database = database};
    int64_t now = (int64_t)time(NULL);
    html_init(&page.top, now);
    html_init(&page.tables.html, now);
    int done = put_sections(&page.tables, e);
    if (done == 0) {
        put_top(&page);
        done = write_file(&page, path, e);
    }
    html_release(&page.top);
    html_release(&page.tables.html);
    return done;
}
