/*
 * Inside of lib/system: what a name is; a list of names for a message, so that who misspelled one sees what
 * there is.
 *
 *     struct name_list names = {.arena = &arena};
 *     name_list_add_files(&names, "systems", "/system.json");
 *     err_set(e, "config", "no system …; there are: %s", name_list_text(&names));      "acme, shopify"
 */
#ifndef HUB_SYSTEM_NAMES_H
#define HUB_SYSTEM_NAMES_H

#include "base/arena.h"
#include "base/str.h"

/* Letters, digits, "_", "-": what STREAM of the map language is made of; no path leads out of a folder with
 * it. */
bool name_is_word(struct str s);

enum { NAME_LIST_MOST = 40 };

struct name_list {
    struct arena *arena;
    struct str name[NAME_LIST_MOST];
    size_t n;
    bool more; /* than are kept */
};

/* A name that is there already is not added again. */
void name_list_add(struct name_list *l, struct str name);

/* Each NAME that makes FOLDER/NAME+TAIL a file in one of the folders of $HUB_PATH. -1: memory. */
int name_list_add_files(struct name_list *l, const char *folder, const char *tail);

/* Sorted, with ", " between; "none" where there are none. Good as long as the arena. */
const char *name_list_text(struct name_list *l);

#endif
