/*
 * Libraries that are loaded when first used, so that a tool does not pay for what a run does not need
 * (libarchive alone brings libxml2, ICU and five compressors). The types come from the library's own header;
 * build time finds the name (SONAME_…).
 *
 *     static __typeof__(archive_read_new) *read_new;
 *     static const struct lazy_symbol symbols[] = {{"archive_read_new", &read_new}, {0}};
 *     static struct lazy library = {SONAME_LIBARCHIVE, symbols};
 *     if (lazy_load(&library, &e) == -1) ...
 */
#ifndef HUB_BASE_LAZY_H
#define HUB_BASE_LAZY_H

#include "base/err.h"

struct lazy_symbol {
    const char *name;
    void *pointer; /* address of a function pointer */
};

struct lazy {
    const char *soname;
    const struct lazy_symbol *symbols;
    void *handle; /* NULL until it is loaded */
};

/* Once; later calls return at once. -1 (code `config`): not installed, or lacks a symbol; the message names
 * both. */
int lazy_load(struct lazy *library, struct err *e);

/* For a build that was made without LIBRARY ("libpq"), and so has no WHAT ("PostgreSQL"). -1, code `config`.
 */
int lazy_absent(const char *what, const char *library, struct err *e);

#endif
