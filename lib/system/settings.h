/*
 * The variables and secrets of a connection: what system.json says, and in its place what the connection
 * says; ${VAR} is the environment's, ${file:PATH} what the first line of a file holds.
 */
#ifndef HUB_SYSTEM_SETTINGS_H
#define HUB_SYSTEM_SETTINGS_H

#include "system/bindings.h"
#include "system/secrets.h"
#include "system/system.h"

/* Sets "@NAME" of each. INVENTED: what is not set has its own name as its value (for answers that are played
 * back). -1: one is not set, or its file cannot be read; the message says which, and never a value. */
int settings_load(struct system *s, struct bindings *b, struct secrets *secrets, bool invented,
                  struct err *e);

/* The variable NAME alone, in A; absent: there is none, or what it needs is not set. */
struct str settings_variable(struct system *s, struct str name, struct arena *a);

#endif
