/*
 * Makes the data that the measurements read: the same bytes for the same seed, on every machine.
 *
 *     gen wide 100000 > wide.ndjson            native records of 120 keys (wide.map), about 2,700 bytes each
 *     gen orders 1000000 > orders.csv          a shop's order export: 20 columns, about 190 bytes a row, one
 * row an order
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 20260501 };

struct gen {
    uint64_t state;
};

/* SplitMix64: small, and good enough for test data. */
static uint64_t next(struct gen *g)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned below(struct gen *g, unsigned limit)
{
    return (unsigned)(next(g) % limit);
}

#define PICK(g, list) list[below(g, (unsigned)(sizeof(list) / sizeof *(list)))]

static const char *const given[] = {"Ada",    "Björn", "Chloé", "Dmitri", "Eva",
                                    "Łukasz", "Marek", "Noor",  "Olga",   "Zoë"};
static const char *const family[] = {"Novák", "Smith",    "Müller", "O'Brien", "García",
                                     "Lee",   "Sørensen", "Tanaka", "Dvořák",  "Jones"};
static const char *const street[] = {"Main St",     "Hauptstraße",  "Rue de l'Église",
                                     "High Street", "Náměstí Míru", "Elm Ave"};
static const char *const city[] = {"Praha,CZ,11000",   "Berlin,DE,10115",  "Lyon,FR,'69001",
                                   "Boston,US,'02108", "Kraków,PL,30-001", "Leeds,GB,LS1 4AP"};
static const char *const status[] = {"paid", "paid", "paid", "pending", "refunded"};
static const char *const item[] = {
    "Mug", "\"Poster 12\"\" x 18\"\"\"", "T-Shirt", "\"Kettle, steel\"", "Café press", "Notebook A5"};
static const char *const note[] = {
    "", "", "", "\"Leave at the \"\"back\"\" door, please\"", "Přání k narozeninám", "\"gift, wrapped\""};
static const char *const currency[] = {"EUR", "USD", "CZK"};

static void order(struct gen *g, uint64_t i)
{
    const char *first = PICK(g, given), *last = PICK(g, family);
    unsigned quantity = 1 + below(g, 5), price = 199 + below(g, 20000);
    unsigned subtotal = quantity * price, shipping = below(g, 4) * 250, tax = subtotal / 5;
    unsigned total = subtotal + shipping + tax;
    printf("%" PRIu64 ",#%" PRIu64 ",buyer%u@example.com,2026-%02u-%02uT%02u:%02u:%02uZ,",
           4500000000 + i * 37, 1001 + i, below(g, 100000), 1 + below(g, 12), 1 + below(g, 28), below(g, 24),
           below(g, 60), below(g, 60));
    printf("%s,%s,%u.%02u,%u.%02u,%u.%02u,%u.%02u,", PICK(g, status), PICK(g, currency), subtotal / 100,
           subtotal % 100, shipping / 100, shipping % 100, tax / 100, tax % 100, total / 100, total % 100);
    printf("SKU-%05u,%s,%u,%u.%02u,%s %s,%u %s,%s,%s\n", below(g, 100000), PICK(g, item), quantity,
           price / 100, price % 100, first, last, 1 + below(g, 300), PICK(g, street), PICK(g, city),
           PICK(g, note));
}

static void orders(uint64_t count, uint64_t seed)
{
    struct gen g = {seed};
    puts("Id,Name,Email,Created at,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,"
         "Lineitem sku,Lineitem name,Lineitem quantity,Lineitem price,Shipping Name,Shipping Street,Shipping "
         "City,"
         "Shipping Country,Shipping Zip,Notes");
    for (uint64_t i = 0; i < count; i++)
        order(&g, i);
}

enum { WIDE_KEYS = 120, WIDE_READ = 80 };

/* The value of a key of the wide record I, as wide.map reads it: its order foots. */
static void wide_value(struct gen *g, uint64_t i, unsigned key)
{
    unsigned in_line = key >= 30 && key < WIDE_READ ? key % 5 : 0;
    if (key == 6 || key == 7)
        printf("\"2026-%02u-%02uT%02u:%02u:00Z\"", 1 + below(g, 12), 1 + below(g, 28), below(g, 24),
               below(g, 60));
    else if (key == 8)
        printf("\"buyer%u@example.com\"", below(g, 100000));
    else if (key == 9)
        printf("\"%s\"", PICK(g, currency));
    else if (key == 10 || key == 13)
        printf("\"%" PRIu64 ".%02" PRIu64 "\"", i % 900, i % 100);
    else if (key == 11 || key == 12)
        fputs("\"0.00\"", stdout);
    else if (in_line == 3)
        printf("\"%u.%02u\"", below(g, 500), below(g, 100));
    else if (key == 21 || key == 29)
        fputs("\"DE\"", stdout);
    else if (in_line == 2 || (key >= WIDE_READ && key % 7 == 3))
        printf("%u", 1 + below(g, 9));
    else
        printf("\"%s %s\"", PICK(g, given), PICK(g, family));
}

static void wide(uint64_t count, uint64_t seed)
{
    struct gen g = {seed};
    for (uint64_t i = 0; i < count; i++) {
        printf("{\"data\":{\"k000\":\"%" PRIu64 "\"", i);
        for (unsigned key = 1; key < WIDE_KEYS; key++) {
            printf(",\"k%03u\":", key);
            wide_value(&g, i, key);
        }
        printf("},\"from\":\"wide:%" PRIu64 "\",\"source\":\"file\",\"stream\":\"file:wide\"}\n", i + 1);
    }
}

int main(int argc, char **argv)
{
    bool is_wide = argc > 1 && strcmp(argv[1], "wide") == 0;
    if (argc < 3 || argc > 4 || (!is_wide && strcmp(argv[1], "orders") != 0)) {
        fputs("usage: gen orders|wide COUNT [SEED]\n", stderr);
        return 2;
    }
    (is_wide ? wide : orders)(strtoull(argv[2], NULL, 10), argc == 4 ? strtoull(argv[3], NULL, 10) : SEED);
    return fflush(stdout) != 0 || ferror(stdout) ? 2 : 0;
}
