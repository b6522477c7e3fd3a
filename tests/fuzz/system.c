/*
 * Any text as a system.json: it is loaded, or told what is wrong with it, each fault with a place in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "system/description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void law(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/fuzz-system.XXXXXX";
    struct arena arena;
    struct description d;
    struct err e = {0};
    int fd = mkstemp(path);
    law(fd != -1 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    arena_init(&arena, (size_t)256 << 20);
    struct diag_list *diags = arena_alloc(&arena, sizeof *diags);
    law(diags != NULL);
    diags->arena = &arena;
    int done = description_read(&d, path, DESCRIPTION_SYSTEM, &arena, diags, &e);
    unlink(path);
    law(done == 0 ? diags->n == 0 : e.code != NULL && e.message[0] != '\0');
    for (size_t i = 0; i < diags->n; i++)
        law(diags->diag[i].line > 0 && diags->diag[i].column > 0 && diags->diag[i].message.n > 0);
    description_release(&d);
    arena_release(&arena);
    return 0;
}
