#include "record/stages.h"

#include <signal.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/list.h"
#include "base/size.h"
#include "json/lines.h"

enum { TEXT_MOST = 256 << 20, LINE_LONGEST = 1 << 20 };

void stages_init(struct stages *s)
{
    *s = (struct stages){0};
    arena_init(&s->arena, TEXT_MOST);
}

void stages_release(struct stages *s)
{
    arena_release(&s->arena);
    free(s->stage);
    free(s->rule);
}

/* ---- adding ---- */

static int keep(struct stages *s, struct str *text, struct err *e)
{
    if (text->p == NULL)
        return 0;
    *text = arena_str(&s->arena, *text);
    return text->p != NULL ? 0 : err_memory(e);
}

int stages_add(struct stages *s, const struct stage *stage, struct err *e)
{
    struct stage kept = *stage;
    struct stage *list = list_room(s->stage, s->n, &s->room, sizeof *list);
    if (list == NULL)
        return err_memory(e);
    s->stage = list;
    if (keep(s, &kept.rule, e) == -1 || keep(s, &kept.tool, e) == -1 || keep(s, &kept.rejects, e) == -1)
        return -1;
    s->stage[s->n++] = kept;
    return 0;
}

static int add_rule(struct stages *s, struct stages_rule rule, struct err *e)
{
    struct stages_rule *list = list_room(s->rule, s->nrules, &s->rules_room, sizeof *list);
    if (list == NULL)
        return err_memory(e);
    s->rule = list;
    if (keep(s, &rule.rule, e) == -1)
        return -1;
    s->rule[s->nrules++] = rule;
    return 0;
}

/* ---- reading ---- */

struct reading {
    struct stages *to;
    int64_t attempt;
    size_t from; /* the first stage of this file */
    int (*row)(void *arg, const struct stages_warning *w, struct err *e);
    void *arg;
    struct arena arena;
};

static uint64_t number_of(const struct json_node *line, struct str key)
{
    const struct json_node *value = json_get(line, key);
    uint64_t number = 0;
    return json_is(value, JSON_NUMBER) && count_parse(json_text(value), &number) ? number : 0;
}

static int64_t time_of(struct reading *g, const struct json_node *line)
{
    struct instant at = {0};
    return instant_parse_rfc3339(&at, json_get_string(line, STR("time"), &g->arena), NULL) ? at.seconds : 0;
}

static int begin(struct reading *g, const struct json_node *line, struct err *e)
{
    const struct stage stage = {.rule = json_get_string(line, STR("rule"), &g->arena),
                                .tool = json_get_string(line, STR("tool"), &g->arena),
                                .rejects = json_get_string(line, STR("rejects"), &g->arena),
                                .pid = number_of(line, STR("pid")),
                                .input = number_of(line, STR("input")),
                                .output = number_of(line, STR("output")),
                                .rejects_at = number_of(line, STR("rejects_at")),
                                .hub = json_get(line, STR("hub")) != NULL,
                                .attempt = g->attempt,
                                .at = time_of(g, line),
                                .status = STAGE_KILLED};
    return stage.tool.p != NULL ? stages_add(g->to, &stage, e) : 0;
}

/* The last one with its number of a process: numbers are used again. */
static int end(struct reading *g, const struct json_node *line)
{
    uint64_t pid = number_of(line, STR("pid"));
    size_t i = g->to->n;
    while (i > g->from && (g->to->stage[i - 1].pid != pid || g->to->stage[i - 1].status != STAGE_KILLED))
        i--;
    if (i == g->from)
        return 0;
    struct stage *stage = &g->to->stage[i - 1];
    stage->ended = time_of(g, line);
    stage->status = (int)number_of(line, STR("status"));
    stage->counts = (struct runlog_counts){number_of(line, STR("read")), number_of(line, STR("taken")),
                                           number_of(line, STR("refused")), number_of(line, STR("left_out")),
                                           number_of(line, STR("written"))};
    return 0;
}

static int warn(struct reading *g, const struct json_node *line, struct err *e)
{
    const struct stages_warning w = {json_get_string(line, STR("tool"), &g->arena),
                                     json_get_string(line, STR("check"), &g->arena),
                                     json_get_string(line, STR("from"), &g->arena),
                                     json_get_string(line, STR("entity"), &g->arena),
                                     json_get_string(line, STR("id"), &g->arena),
                                     json_get_string(line, STR("source"), &g->arena),
                                     time_of(g, line)};
    return g->row != NULL && w.check.p != NULL && w.tool.p != NULL ? g->row(g->arg, &w, e) : 0;
}

static int take(void *arg, const struct json_node *line, struct str text, struct err *e)
{
    struct reading *g = arg;
    (void)text;
    arena_reset(&g->arena);
    struct str event = json_get_string(line, STR("event"), &g->arena);
    if (str_eq(event, STR("begin")))
        return begin(g, line, e);
    if (str_eq(event, STR("end")))
        return end(g, line);
    if (str_eq(event, STR("warn")))
        return warn(g, line, e);
    if (str_eq(event, STR("rule")) && json_is(json_get(line, STR("rule")), JSON_STRING))
        return add_rule(g->to,
                        (struct stages_rule){json_get_string(line, STR("rule"), &g->arena), g->attempt,
                                             (int)number_of(line, STR("status"))},
                        e);
    return 0;
}

int stages_read(struct stages *s, const char *path, int64_t attempt,
                int (*row)(void *arg, const struct stages_warning *w, struct err *e), void *arg,
                struct err *e)
{
    struct reading g = {.to = s, .attempt = attempt, .from = s->n, .row = row, .arg = arg};
    arena_init(&g.arena, 8 * (size_t)LINE_LONGEST);
    int done = json_lines_read(&(struct json_lines){.path = path, .longest = LINE_LONGEST}, take, &g, e);
    arena_release(&g.arena);
    return done;
}

/* ---- judging ---- */

bool stages_is_past(const struct stages *s, const struct stage *stage)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->stage[i].attempt > stage->attempt && str_eq(s->stage[i].rule, stage->rule))
            return true;
    return false;
}

static bool is_past_rule(const struct stages *s, const struct stages_rule *rule)
{
    for (size_t i = 0; i < s->nrules; i++)
        if (s->rule[i].attempt > rule->attempt && str_eq(s->rule[i].rule, rule->rule))
            return true;
    return false;
}

static int worse(int a, int b)
{
    static const int order[] = {2, 75, 1, 0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return 2;
}

static int status_of(int status)
{
    if (status == 128 + SIGPIPE)
        return 0;
    return status == 0 || status == 1 || status == 75 ? status : 2;
}

/* That two states differ is what hub-diff is asked for, and nothing that was refused. */
static int status_of_stage(const struct stage *s)
{
    bool differ = s->status == 1 && s->counts.refused == 0 && str_eq(s->tool, STR("hub-diff"));
    return differ ? 0 : status_of(s->status);
}

/* A 1 is told by the tool that ended with it; of any other program it says nothing (hub.mk). */
static int status_of_rule(const struct stages_rule *r)
{
    return r->status == 1 ? 0 : status_of(r->status);
}

int stages_status(const struct stages *s)
{
    int status = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!stages_is_past(s, &s->stage[i]))
            status = worse(status, status_of_stage(&s->stage[i]));
    for (size_t i = 0; i < s->nrules; i++)
        if (!is_past_rule(s, &s->rule[i]))
            status = worse(status, status_of_rule(&s->rule[i]));
    return status;
}
