/*
 * The keys of an envelope; for the reader only.
 */
#ifndef HUB_RECORD_ENVELOPE_H
#define HUB_RECORD_ENVELOPE_H

#include "json/keys.h"

/* What record_in.keys is. NULL: memory. */
struct json_keys *envelope_keys(void);

#endif
