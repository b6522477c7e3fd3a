#include "base/lazy.h"

#include <dlfcn.h>

/* dlerror() is not asked: its text differs from system to system, and "not installed" is what a person can
 * act on. */
int lazy_load(struct lazy *library, struct err *e)
{
    if (library->handle != NULL)
        return 0;
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return err_set(e, "config",
                       "the library %s is needed for this, and cannot be loaded: is it installed?",
                       library->soname);
    for (const struct lazy_symbol *s = library->symbols; s->name != NULL; s++) {
        void *found = dlsym(handle, s->name);
        if (found == NULL) {
            dlclose(handle);
            return err_set(e, "config", "the library %s lacks the function %s: it is too old",
                           library->soname, s->name);
        }
        /* POSIX lets a void * from dlsym hold a function; ISO C has no conversion between the two. */
        memcpy(s->pointer, &found, sizeof found);
    }
    library->handle = handle;
    return 0;
}

int lazy_absent(const char *what, const char *library, struct err *e)
{
    return err_set(e, "config", "this build has no %s: %s was absent when it was made", what, library);
}
