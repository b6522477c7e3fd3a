#include "base/temporaries.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A tool writes few files at once. */
enum { SLOTS = 64 };

/* Who takes a name out of its slot has it alone: the handler, which frees nothing, or the one that drops it.
 */
static _Atomic(char *) slots[SLOTS];

int temporaries_add(const char *path)
{
    char *copy = strdup(path);
    for (int i = 0; i < SLOTS && copy != NULL; i++) {
        char *none = NULL;
        if (atomic_compare_exchange_strong(&slots[i], &none, copy))
            return i;
    }
    free(copy);
    return -1;
}

void temporaries_drop(int slot)
{
    if (slot >= 0)
        free(atomic_exchange(&slots[slot], NULL));
}

static void on_signal(int number)
{
    for (int i = 0; i < SLOTS; i++) {
        char *path = atomic_exchange(&slots[i], NULL);
        if (path != NULL)
            unlink(path);
    }
    raise(number); /* by now it does what it does by default */
}

void temporaries_guard(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction ours = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, before;
    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(numbers[i], &ours, NULL);
}
