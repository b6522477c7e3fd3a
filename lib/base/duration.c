#include "base/duration.h"

#include "base/size.h"

bool duration_parse(struct str text, int64_t *milliseconds)
{
    static const struct {
        struct str name;
        uint64_t milliseconds;
    } units[] = {{STR("ms"), 1},
                 {STR("s"), 1000},
                 {STR("m"), 60 * 1000},
                 {STR("h"), 3600 * 1000},
                 {STR("d"), 24 * 3600 * 1000}};
    const uint64_t most = UINT64_C(10000) * 24 * 3600 * 1000;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t count;
        if (!str_ends(text, units[i].name) ||
            !count_parse(str_slice(text, 0, text.n - units[i].name.n), &count))
            continue;
        if (count > most / units[i].milliseconds)
            return false;
        *milliseconds = (int64_t)(count * units[i].milliseconds);
        return true;
    }
    return false;
}
