#include "log_tables.h"

#include "hub/failed.h"
#include "hub/log.h"

/* Bytes from which on it has to be scrolled, perhaps by keys. */
enum { LONG_MESSAGE = 200 };

static void begin(struct tables *t, const char *caption, const struct html_head *heads)
{
    t->table = (struct html_table){.caption = caption, .heads = heads};
}

static int end(struct tables *t, int done, const char *empty)
{
    html_table_end(&t->html, &t->table, empty);
    return done;
}

static void put_text_cell(struct tables *t, struct str text)
{
    html_cell(&t->html, &t->table);
    html_text(&t->html, text);
}

static void put_when_cell(struct tables *t, int64_t at, const char *never)
{
    if (at > 0) {
        html_cell_when(&t->html, &t->table, at);
        return;
    }
    html_cell(&t->html, &t->table);
    html_put(&t->html, never);
}

/* ---- flows ---- */

static const char *class_of(int status)
{
    switch (status) {
    case -1: return "idle";
    case 0: return "good";
    case 1: return "warn";
    default: return "bad";
    }
}

static int put_flow(void *arg, const struct runs_run *r, struct err *e)
{
    struct tables *t = arg;
    struct html *h = &t->html;
    (void)e;
    t->flows++;
    t->failed += r->status > 1;
    t->refusing += r->status == 1;
    t->running += r->status == -1;
    t->o->bad += r->status > 1;
    html_row(h, &t->table);
    put_text_cell(t, r->flow);
    html_cell(h, &t->table);
    html_state(h, class_of(r->status), log_ended(r));
    if (r->why.p != NULL) {
        html_put(h, "<p class=\"why\">");
        html_text(h, r->why);
        html_put(h, "</p>");
    }
    html_cell_when(h, &t->table, r->at);
    html_cell(h, &t->table);
    html_span(h, (r->status == -1 ? h->now : r->ended) - r->at);
    html_put(h, r->status == -1 ? " by now" : "");
    html_cell_number(h, &t->table, r->in);
    html_cell_number(h, &t->table, r->out);
    html_cell_number(h, &t->table, r->refused);
    return 0;
}

int tables_flows(struct tables *t, struct err *e)
{
    static const struct html_head heads[] = {
        {"Flow", false}, {"How it ended", false}, {"Began", false},  {"Took", false},
        {"In", true},    {"Out", true},           {"Refused", true}, {0}};
    begin(t,
          "The last run of each flow, with the records that came in from outside, went outside, and were"
          " refused",
          heads);
    return end(t, runs_last(t->o->hub, put_flow, t, e), "No flow has run yet.");
}

/* ---- targets ---- */

static void put_target(void *arg, const struct hub_log_target *r)
{
    struct tables *t = arg;
    struct html *h = &t->html;
    t->targets++;
    t->behind += r->lacks > 0;
    t->lacks += r->lacks;
    t->o->bad += (uint64_t)r->lacks;
    html_row(h, &t->table);
    put_text_cell(t, r->target);
    put_text_cell(t, r->entity);
    html_cell(h, &t->table);
    if (r->lacks == 0)
        html_state(h, "good", "in sync");
    else if (r->parked > 0)
        html_state(h, "bad", "some set aside");
    else if (r->refused > 0)
        html_state(h, "bad", "some refused");
    else
        html_state(h, "warn", "behind");
    html_cell_number(h, &t->table, r->lacks);
    html_cell_number(h, &t->table, r->refused);
    html_cell_number(h, &t->table, r->parked);
    html_cell_number(h, &t->table, r->held);
    html_cell_number(h, &t->table, r->pending);
    put_when_cell(t, r->at, "never");
}

int tables_targets(struct tables *t, struct err *e)
{
    static const struct html_head heads[] = {{"Target", false},       {"Of", false},
                                             {"State", false},        {"Lacks", true},
                                             {"Refused", true},       {"Set aside", true},
                                             {"Waiting", true},       {"On its way", true},
                                             {"Last settled", false}, {0}};
    begin(t,
          "What each target lacks of what the hub holds, and how much of that was refused on the way, is set "
          "aside,"
          " waits for another record, or is on its way",
          heads);
    return end(t, hub_log_targets(t->o->hub, put_target, t, e), "No target has settled anything yet.");
}

/* ---- errors and warnings ---- */

static void put_example_cell(struct tables *t, const struct hub_cause *c)
{
    struct html *h = &t->html;
    html_cell(h, &t->table);
    html_text(h, c->entity.p != NULL ? c->entity : STR("a record"));
    if (c->name.p != NULL) {
        html_put(h, " <strong>");
        html_text(h, c->name);
        html_put(h, "</strong>");
    }
    if (c->source.p != NULL) {
        html_put(h, " of ");
        html_text(h, c->source);
    }
    if (c->place.p != NULL) {
        html_put(h, "<p class=\"place\">");
        html_text(h, c->place);
        html_put(h, "</p>");
    }
    html_put(h, "<p class=\"since\">");
    html_when(h, c->first);
    html_put(h, "</p>");
}

static void put_code(struct html *h, struct str text)
{
    html_put(h, "<code>");
    html_text(h, text);
    html_put(h, "</code>");
}

static void put_cause(void *arg, const struct hub_cause *c)
{
    struct tables *t = arg;
    struct html *h = &t->html;
    t->causes++;
    t->errors += c->count;
    t->o->bad += (uint64_t)c->count;
    html_row(h, &t->table);
    html_cell(h, &t->table);
    put_code(h, c->field.p != NULL ? c->field : c->code);
    html_put(h, c->message.n > LONG_MESSAGE ? " <span class=\"message\" tabindex=\"0\">"
                                            : " <span class=\"message\">");
    html_text(h, c->message);
    html_put(h, "</span>");
    html_cell_number(h, &t->table, c->count);
    html_cell(h, &t->table);
    html_state(h, c->parked ? "bad" : "warn", c->parked ? "set aside" : "refused");
    html_put(h, "<p class=\"why\">by ");
    html_text(h, c->by);
    html_put(h, "</p>");
    put_example_cell(t, c);
    html_cell_when(h, &t->table, c->last);
}

int tables_causes(struct tables *t, struct err *e)
{
    static const struct html_head heads[] = {{"Why", false},           {"Records", true}, {"By", false},
                                             {"First of them", false}, {"Latest", false}, {0}};
    begin(t, "What is refused or set aside and still open, by its causes, the most frequent first", heads);
    return end(t, hub_failed(t->o->hub, put_cause, t, e), "Nothing is refused or set aside.");
}

static void put_warning(void *arg, const struct hub_cause *c)
{
    struct tables *t = arg;
    t->checks++;
    t->warnings += c->count;
    html_row(&t->html, &t->table);
    html_cell(&t->html, &t->table);
    put_code(&t->html, c->message);
    html_cell_number(&t->html, &t->table, c->count);
    put_text_cell(t, c->by);
    put_example_cell(t, c);
    html_cell_when(&t->html, &t->table, c->last);
}

int tables_warnings(struct tables *t, struct err *e)
{
    static const struct html_head heads[] = {{"Does not hold", false}, {"Records", true}, {"Seen by", false},
                                             {"First of them", false}, {"Latest", false}, {0}};
    begin(t, "Records that passed although a check does not hold of them, by checks", heads);
    return end(t, hub_warned(t->o->hub, put_warning, t, e), "No record passed with a warning.");
}

/* ---- what is held, and how far is read ---- */

static void put_entity(void *arg, const struct hub_log_entity *r)
{
    struct tables *t = arg;
    html_row(&t->html, &t->table);
    put_text_cell(t, r->entity);
    html_cell_number(&t->html, &t->table, r->records - r->deleted);
    html_cell_number(&t->html, &t->table, r->deleted);
    html_cell_when(&t->html, &t->table, r->at);
}

int tables_entities(struct tables *t, struct err *e)
{
    static const struct html_head heads[] = {
        {"Entity", false}, {"Records", true}, {"Deleted", true}, {"Last changed", false}, {0}};
    begin(t, "The records that the hub holds", heads);
    return end(t, hub_log_entities(t->o->hub, put_entity, t, e), "The hub holds no record yet.");
}

static void put_bookmark(void *arg, const struct hub_log_bookmark *r)
{
    struct tables *t = arg;
    html_row(&t->html, &t->table);
    put_text_cell(t, r->source);
    put_text_cell(t, r->stream);
    html_cell(&t->html, &t->table);
    put_code(&t->html, r->checkpoint);
    html_cell_when(&t->html, &t->table, r->at);
}

int tables_bookmarks(struct tables *t, struct err *e)
{
    static const struct html_head heads[] = {
        {"Source", false}, {"Stream", false}, {"Read up to", false}, {"On", false}, {0}};
    begin(t, "Where the reading of each stream goes on", heads);
    return end(t, hub_log_bookmarks(t->o->hub, put_bookmark, t, e),
               "No stream is read from where it was left.");
}
