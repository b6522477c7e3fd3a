/*
 * Speed of lib/json on lines as hub-extract writes them: 20 columns of an export in their envelope. Prints
 * MB/s of input, and nanoseconds a key (a string, where it writes) beyond those of the parser, for each set
 * of vector instructions that the processor has; asserts nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/simd.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/keys.h"

enum { LINES = 2000, FIELDS = 20, ROUNDS = 7 };

static const char *const columns[FIELDS] = {
    "order_id",   "email",        "financial", "paid_at",    "fulfilled_at",  "accepts",    "currency",
    "subtotal",   "shipping_at",  "taxes_sum", "total_sum",  "discount_code", "discount",   "shipping_me",
    "created_at", "lineitem_qty", "item_name", "item_price", "item_sku",      "vendor_name"};

struct bench {
    struct buf text;
    struct str line[LINES];
    struct json_tape tape;
    struct buf out;
    struct json_keys *keys;
    struct json_unique *unique;
    const struct json_node *found[FIELDS];
    struct err err;
    size_t sum;
};

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void add_line(struct buf *b, uint64_t *seed, unsigned number, bool plain)
{
    buf_put(b, STR("{\"data\":{"));
    for (size_t i = 0; i < FIELDS; i++) {
        buf_printf(b, "%s\"%s\":\"", i > 0 ? "," : "", columns[i]);
        /* Most columns (times, sums, codes) have values of one length; names and addresses do not. */
        uint64_t length = i % 4 == 1 ? 6 + next_random(seed) % 18 : 4 + i * 7 % 15;
        for (uint64_t n = length; n > 0; n--)
            buf_byte(b, (char)('a' + next_random(seed) % 26));
        if (!plain && i == 16)
            buf_put(b, STR("\xC3\xA9\xE2\x82\xAC"));
        buf_byte(b, '"');
    }
    buf_printf(b, "},\"from\":\"orders.csv:%u\",\"source\":\"file\",\"stream\":\"file:orders\"}", number);
}

static void make_lines(struct bench *b, bool plain)
{
    uint64_t seed = 1;
    size_t start[LINES + 1];
    buf_reset(&b->text);
    for (unsigned i = 0; i < LINES; i++) {
        start[i] = b->text.n;
        add_line(&b->text, &seed, i + 1, plain);
    }
    start[LINES] = b->text.n;
    for (size_t i = 0; i < LINES; i++)
        b->line[i] = (struct str){b->text.p + start[i], start[i + 1] - start[i]};
}

static void parse(struct bench *b, size_t i)
{
    static const struct json_limits limits = {.depth = JSON_DEPTH, .bytes = JSON_BYTES, .nodes = 0};
    if (json_parse(&b->tape, b->line[i], &limits, NULL, &b->err) == -1)
        abort();
}

static void validate(struct bench *b, size_t i)
{
    b->sum += utf8_check(b->line[i]);
}

static void find(struct bench *b, size_t i)
{
    parse(b, i);
    b->sum += json_keys_find(b->keys, b->tape.node + 2, b->found);
}

static void unique(struct bench *b, size_t i)
{
    parse(b, i);
    if (json_check_record(b->tape.node, b->unique, &b->err) == -1)
        abort();
}

static void copy(struct bench *b, size_t i)
{
    parse(b, i);
    buf_reset(&b->out);
    json_write(&b->out, b->tape.node);
}

static void write_made(struct bench *b, size_t i)
{
    parse(b, i);
    buf_reset(&b->out);
    b->tape.node[0].p = b->tape.node[2].p = NULL;
    json_write(&b->out, b->tape.node);
}

static void write_strings(struct bench *b, size_t i)
{
    parse(b, i);
    buf_reset(&b->out);
    for (size_t n = 1; n <= FIELDS; n++)
        json_write_string(&b->out, json_text(b->tape.node + 2 + 2 * n));
}

static uint64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* The best of some rounds over all lines. */
static uint64_t measure(struct bench *b, void (*work)(struct bench *, size_t))
{
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = nanoseconds();
        for (size_t i = 0; i < LINES; i++)
            work(b, i);
        uint64_t spent = nanoseconds() - start;
        best = spent < best ? spent : best;
    }
    return best;
}

/* What WORK takes beyond BASE. */
static void report(struct bench *b, const char *what, void (*work)(struct bench *, size_t), uint64_t base,
                   unsigned keys)
{
    uint64_t all = measure(b, work);
    uint64_t spent = all > base ? all - base : 1;
    printf("  %-28s %6llu MB/s  %5llu ns a line", what, (unsigned long long)(b->text.n * 1000 / spent),
           (unsigned long long)(spent / LINES));
    if (keys > 0)
        printf("  %llu.%02llu ns a key", (unsigned long long)(spent / LINES / keys),
               (unsigned long long)(spent * 100 / LINES / keys % 100));
    printf("\n");
}

static void run(struct bench *b)
{
    report(b, "utf8_check", validate, 0, 0);
    report(b, "json_parse", parse, 0, 0);
    uint64_t base = measure(b, parse);
    report(b, "json_check_record", unique, base, FIELDS + 4);
    report(b, "json_keys_find", find, base, FIELDS);
    report(b, "json_write, as it was read", copy, base, 0);
    report(b, "json_write, made", write_made, base, 2 * (FIELDS + 4));
    report(b, "json_write_string", write_strings, base, FIELDS);
}

int main(void)
{
    static const char *const names[] = {"portable", "sse2", "avx2", "neon"};
    static struct bench b;
    struct str wanted[FIELDS];
    for (size_t i = 0; i < FIELDS; i++)
        wanted[i] = str_of(columns[i]);
    buf_init(&b.text, 64 << 20);
    buf_init(&b.out, 64 << 20);
    b.keys = json_keys_new(wanted, FIELDS);
    b.unique = json_unique_new();
    if (b.keys == NULL || b.unique == NULL)
        return 1;
    for (int plain = 1; plain >= 0; plain--) {
        make_lines(&b, plain);
        printf("%zu bytes a line, %s\n", b.text.n / LINES, plain ? "ASCII" : "UTF-8");
        for (int level = SIMD_PORTABLE; level <= SIMD_NEON; level++)
            if (simd_use((enum simd_level)level)) {
                printf(" %s\n", names[level]);
                run(&b);
            }
    }
    json_keys_free(b.keys);
    json_unique_free(b.unique);
    json_tape_release(&b.tape);
    buf_release(&b.text);
    buf_release(&b.out);
    return b.sum == 0;
}
