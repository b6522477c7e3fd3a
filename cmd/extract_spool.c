/*
 * Folders into which others put files, here and on other machines.
 */
#include "base/duration.h"
#include "extract.h"
#include "source/spool.h"

/* Each file that is new. TRACKED: with a mark behind each, that names those that were read. */
static bool take_files(struct extract *x, struct spool *s, bool tracked)
{
    struct err e = {0};
    struct str path;
    int got;
    while ((got = spool_next(s, &path, &e)) == 1) {
        if (extract_take_file(x, path.p) || (tracked && extract_end_group(x)))
            return true;
        buf_reset(&x->checkpoint);
        int due = spool_done(s, &x->checkpoint, &e);
        if (due == -1)
            return extract_fail(x, &e);
        if (tracked && due == 1 && extract_mark(x, true, false))
            return true;
    }
    if (got == -1)
        return extract_fail(x, &e);
    if (!tracked)
        return extract_end_stream(x, true);
    buf_reset(&x->checkpoint);
    return spool_checkpoint(s, &x->checkpoint, &e) == 0 ? extract_mark(x, true, true) : extract_fail(x, &e);
}

/* What is said of the folder by no stream has no place to come back to. */
static int check_tracked(const struct extract *x, struct err *e)
{
    if (x->described.stream.p != NULL)
        return x->spool.take.p == NULL || x->state_path != NULL || x->cmd.write_marks
                   ? 0
                   : err_set(e, "usage", "--take moves what is settled: name --state or a hub database");
    if (x->state_path != NULL || x->spool.take.p != NULL)
        return err_set(e, "usage", "--state and --take are for the files of one stream: name it by -s");
    return 0;
}

bool extract_take_folder(struct extract *x, struct str place, const struct transfer_account *account)
{
    struct err e = {0};
    struct spool_options options = x->spool;
    bool tracked = x->described.stream.p != NULL && (x->state_path != NULL || x->cmd.write_marks);
    struct spool *s = NULL;
    if (tracked)
        buf_put(&x->stream, x->described.stream);
    int done = check_tracked(x, &e);
    if (done == 0 && url_begins(place))
        done =
            transfer_check(place, &e) == 0 && (options.transfer = transfer_new(account, &e)) != NULL ? 0 : -1;
    if (done == 0 && tracked)
        done = extract_open_state(x, &options.checkpoint, &e);
    x->input.transfer = options.transfer;
    if (done == 0)
        s = spool_open(place, &options, &e);
    if (s != NULL && tracked && native_set_stream(&x->native, x->source, buf_str(&x->stream), &e) == -1)
        done = -1;
    x->in_folder = true;
    bool stop = s != NULL && done == 0 ? take_files(x, s, tracked) : extract_fail(x, &e);
    spool_close(s);
    extract_close_state(x);
    x->input.transfer = NULL;
    transfer_free(options.transfer);
    return stop;
}

static bool take_operand(struct extract *x, const char *operand)
{
    struct transfer_account account;
    transfer_account_of_environment(&account);
    return extract_take_folder(x, str_of(operand), &account);
}

static bool is_folder(const char *operand)
{
    return spool_is(str_of(operand));
}

const struct extract_kind extract_spool = {
    .what = "a folder of files (FOLDER/)",
    .takes =
        "format group members records parent delimiter encoding skip footer unpivot state full settle take",
    .alone = true,
    .is = is_folder,
    .take = take_operand,
};
