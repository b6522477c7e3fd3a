/*
 * References in what is to be sent, {"hub:ref":{"as":…,"entity":…,"id":…,"source":…}} (hub-record.5), become
 * what the system calls those records.
 */
#ifndef HUB_DELIVER_REFERENCE_H
#define HUB_DELIVER_REFERENCE_H

#include "deliver/carrier.h"

/* VALUE with its references resolved is appended to OUT; a text that was made stays as long as A. 1: done; 0:
 * a record is not known there (E says which, with code `reference`); -1: E. */
int reference_resolve(const struct carrier *c, const struct json_node *value, struct json_tape *out,
                      struct arena *a, struct err *e);

#endif
