/*
 * Files that must not outlive the process, also where a signal ends it:
 *
 *     temporaries_guard();                        once, in a tool: SIGINT, SIGTERM and SIGHUP remove them
 *     int slot = temporaries_add(".orders.csv.4711.part");
 *     ...
 *     temporaries_drop(slot);                     it was renamed or removed
 *
 * Any thread may add and drop. What SIGKILL or a loss of power leaves is passed by (file.h).
 */
#ifndef HUB_BASE_TEMPORARIES_H
#define HUB_BASE_TEMPORARIES_H

/* The name is copied. -1 where there is no room for it: then only the caller can remove it. */
int temporaries_add(const char *path);

/* -1 is taken, and does nothing. */
void temporaries_drop(int slot);

/* From now on these signals remove what was added, and then end the process as they would have. One that is
 * ignored stays ignored. */
void temporaries_guard(void);

#endif
