#include "base/siphash.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void rounds(struct state *s, unsigned count)
{
    while (count-- > 0) {
        s->v0 += s->v1;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v2 = rotate(s->v2, 32);
    }
}

static void absorb(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

/* Little-endian, whatever the machine is. */
static uint64_t load(const char *p, size_t n)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return word;
}

static uint64_t squeeze(struct state *s)
{
    rounds(s, 4);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

struct siphash siphash_128(struct siphash_key key, struct str text)
{
    struct state s = {key.k0 ^ UINT64_C(0x736f6d6570736575), key.k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
                      key.k0 ^ UINT64_C(0x6c7967656e657261), key.k1 ^ UINT64_C(0x7465646279746573)};
    size_t whole = text.n & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8)
        absorb(&s, load(text.p + i, 8));
    absorb(&s, load(text.p + whole, text.n - whole) | (uint64_t)text.n << 56);
    s.v2 ^= 0xee;
    struct siphash hash = {.low = squeeze(&s)};
    s.v1 ^= 0xdd;
    hash.high = squeeze(&s);
    return hash;
}

struct siphash_key siphash_random_key(void)
{
    struct siphash_key key;
    if (getrandom(&key, sizeof key, 0) == (ssize_t)sizeof key)
        return key;
    /* A kernel without it: a key that is merely hard to guess. */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (struct siphash_key){(uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32, (uint64_t)now.tv_sec};
}
