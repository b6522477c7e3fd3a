#include <inttypes.h>
#include <time.h>

#include "base/duration.h"
#include "hub/prune.h"
#include "log.h"

int log_span(struct str text, int64_t *seconds, struct err *e)
{
    static const int64_t day = INT64_C(24) * 3600 * 1000;
    int64_t milliseconds;
    if (!duration_parse(text, &milliseconds) || milliseconds < day)
        return err_set(e, "usage", "--prune: not a time of a day or more, such as 90d: %s", err_quote(text));
    *seconds = milliseconds / 1000;
    return 0;
}

static void show(struct log_out *o, const struct hub_pruned *gone, int64_t before, bool counts)
{
    struct buf *out = &o->cmd->out.buf;
    if (o->json) {
        buf_byte(out, '{');
        log_when(out, "before", before);
        log_number(out, "free", gone->free);
        log_number(out, "refusals", gone->rejects);
        log_true(out, "removed", !counts);
        log_number(out, "runs", gone->runs);
        log_number(out, "stages", gone->stages);
        log_number(out, "states", gone->revisions);
        log_number(out, "warnings", gone->warnings);
    } else {
        buf_printf(out,
                   "%s: %" PRId64 " states, %" PRId64 " refusals, %" PRId64 " runs with %" PRId64
                   " stages and %" PRId64 " warnings, over since ",
                   counts ? "would be removed" : "removed", gone->revisions, gone->rejects, gone->runs,
                   gone->stages, gone->warnings);
        log_time(out, before);
        buf_printf(out, "; %" PRId64 " bytes of the file are free for what comes next", gone->free);
    }
    log_end_line(o);
}

int log_prune(struct log_out *o, int64_t seconds, bool counts, struct err *e)
{
    struct hub_pruned gone;
    int64_t before = (int64_t)time(NULL) - seconds;
    int done = hub_prune(o->hub, before, counts, &gone, e);
    show(o, &gone, before, counts);
    return done;
}
