/*
 * Laws: every set of vector instructions gives the answer of the plain check, wherever the text lies; what is
 * before that place is good; a good text is what its characters encode to again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/simd.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool law)
{
    if (!law)
        abort();
}

static void encodes_to_itself(struct str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.n; count++) {
        uint32_t value;
        char bytes[4];
        size_t n = utf8_decode(s, at, &value);
        must(utf8_encode(bytes, value) == n && memcmp(bytes, s.p + at, n) == 0);
        at += n;
    }
    must(count == utf8_count(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    must(simd_use(SIMD_PORTABLE));
    size_t good = utf8_check(s);
    struct str prefix = str_slice(s, 0, good);
    for (int level = SIMD_SSE2; level <= SIMD_NEON; level++)
        if (simd_use((enum simd_level)level)) {
            must(utf8_check(s) == good);
            must(utf8_check(prefix) == good);
        }
    encodes_to_itself(prefix);
    must(utf8_cmp_utf16(prefix, prefix) == 0);
    return 0;
}
