#include "json/parse.h"

#if defined __aarch64__
#include <arm_neon.h>

#define JSON_SCAN json_scan_neon
#define TARGET
#define INLINE static inline __attribute__((always_inline))

enum { STEP = 16 };

typedef struct {
    uint8x16_t all;
} scan_seen;

/* Four bits of the answer a byte: NEON has no movemask. */
INLINE uint64_t bits(uint8x16_t marks)
{
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(marks), 4)), 0);
}

INLINE struct json_marks scan_step(const char *p, scan_seen *seen)
{
    uint8x16_t bytes = vld1q_u8((const uint8_t *)p);
    uint8x16_t quote = vceqq_u8(bytes, vdupq_n_u8('"'));
    uint8x16_t backslash = vceqq_u8(bytes, vdupq_n_u8('\\'));
    uint8x16_t control = vcltq_u8(bytes, vdupq_n_u8(' '));
    seen->all = vorrq_u8(seen->all, bytes);
    return (struct json_marks){.quote = bits(quote), .stop = bits(vorrq_u8(backslash, control))};
}

INLINE uint64_t scan_differ(const char *p, const char *q)
{
    return ~bits(vceqq_u8(vld1q_u8((const uint8_t *)p), vld1q_u8((const uint8_t *)q)));
}

INLINE size_t first_mark(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) >> 2;
}

INLINE bool scan_high(scan_seen seen)
{
    return vmaxvq_u8(seen.all) >= 0x80;
}

#include "json/parse_loop.inc"
#endif
