/*
 * Tables of maps, read from files: CSV with a header, or NDJSON, told by the suffix.
 *
 *     table_rows("pipelines/systems/square/rails_zones.csv", &arena, take_row, arg, &e)
 */
#ifndef HUB_SYSTEM_TABLE_H
#define HUB_SYSTEM_TABLE_H

#include "canon/lookup.h"

/* Gives each row, and the header of CSV, as an object that lives as long as A. -1: E, with file and line as
 * its place (also where ROW returned -1). An empty cell is left out. A line of NDJSON that is a canonical or
 * native record stands for its data. */
int table_rows(const char *path, struct arena *a, lookup_row *row, void *arg, struct err *e);

#endif
