/*
 * Names of files for records: by what the record is, or as a template says.
 *
 *     struct filename names;
 *     filename_init(&names, &options, "zpl");
 *     if (filename_make(&names, "outbox", &record, &e) == FORMAT_OK)
 *         open(names.path.p, …);
 *     filename_release(&names);
 *
 * SOURCE.STREAM.ENTITY.ID, and SOURCE.STREAM.VERSION where a record has no id: the same record has always the
 * same name, and no two have one. Bytes that are more than a name are written as %XX, so that none leads out
 * of the folder.
 */
#ifndef HUB_SINK_FILENAME_H
#define HUB_SINK_FILENAME_H

#include "base/seen.h"
#include "sink/format.h"

struct filename {
    struct letters *letters;
    struct template *template; /* NULL: by what the record is */
    const char *suffix;
    struct buf path; /* NUL behind it */
    struct buf text;
    struct record_work work;
    struct seen names, owners; /* that the template gave, and with the record to which it gave them */
};

/* SUFFIX stays the caller's. */
void filename_init(struct filename *f, struct letters *letters, struct template *template,
                   const char *suffix);
void filename_release(struct filename *f);

/* f->path, good until the next one. FORMAT_REFUSED: the template refuses it, gives no name, or one that
 * another record of this run has. */
enum format_put filename_make(struct filename *f, const char *folder, const struct record *r, struct err *e);

/* Appends PART: letters, digits, "_" and "-" as they are, and "." unless PART is one of several with dots
 * between them; other bytes as %XX: no two texts give one name. */
void filename_put_part(struct buf *out, struct str part, bool separated);

#endif
