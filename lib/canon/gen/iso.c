/*
 * Run by the makefile: iso iso_3166-1.json iso_4217.json > iso_tables.inc
 * Turns the lists of the distribution's iso-codes into the tables that lib/canon/iso.c includes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/config.h"

enum { LETTERS = 26, MOST_NAMES = 2048, MEMORY = 64 << 20 };

struct name {
    char *lower;
    const char *alpha_2;
};

static struct name names[MOST_NAMES];
static size_t nnames;

static void fail(const char *place, const char *message)
{
    fprintf(stderr, "iso: %s: %s\n", place, message);
    exit(1);
}

static const struct config *list_of(const char *path, const char *key, struct arena *a)
{
    struct err e = {0};
    const struct config *file = config_read(path, a, &e);
    if (file == NULL)
        fail(e.place, e.message);
    const struct config *list = config_get(file, key);
    if (list == NULL || list->type != CONFIG_LIST)
        fail(path, "not a list of iso-codes");
    return list;
}

static struct str code_of(const struct config *entry, const char *key, size_t n, const char *path)
{
    struct str code = config_string(config_get(entry, key));
    if (code.n != n)
        fail(path, "an entry lacks its code");
    for (size_t i = 0; i < n; i++)
        if (code.p[i] < 'A' || code.p[i] > 'Z')
            fail(path, "a code is not made of capital letters");
    return code;
}

static void add_name(struct str name, struct str alpha_2, struct arena *a)
{
    if (name.p == NULL)
        return;
    char *lower = arena_alloc(a, name.n + 1);
    if (nnames == MOST_NAMES || lower == NULL)
        fail("iso_3166-1.json", "too many names");
    for (size_t i = 0; i < name.n; i++)
        lower[i] = ascii_lower(name.p[i]);
    names[nnames++] = (struct name){lower, arena_str(a, alpha_2).p};
}

static int by_name(const void *x, const void *y)
{
    const struct name *a = x, *b = y;
    int order = strcmp(a->lower, b->lower);
    return order != 0 ? order : strcmp(a->alpha_2, b->alpha_2);
}

static void print_bits(const char *name, const unsigned *bits, size_t n)
{
    printf("static const uint32_t %s[] = {", name);
    for (size_t i = 0; i < n; i++)
        printf("%s0x%x,", i % 8 == 0 ? "\n    " : " ", bits[i]);
    printf("\n};\n");
}

static void print_text(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static void countries(const char *path, struct arena *a)
{
    static unsigned bits[LETTERS];
    const struct config *list = list_of(path, "3166-1", a);
    for (size_t i = 0; i < list->count; i++) {
        const struct config *entry = list->member[i].value;
        struct str code = code_of(entry, "alpha_2", 2, path);
        bits[code.p[0] - 'A'] |= 1u << (code.p[1] - 'A');
        add_name(code, code, a);
        add_name(code_of(entry, "alpha_3", 3, path), code, a);
        add_name(config_string(config_get(entry, "name")), code, a);
        add_name(config_string(config_get(entry, "official_name")), code, a);
        add_name(config_string(config_get(entry, "common_name")), code, a);
    }
    print_bits("country_bits", bits, LETTERS);
    qsort(names, nnames, sizeof names[0], by_name);
    printf("static const struct country_name country_names[] = {\n");
    for (size_t i = 0; i < nnames; i++) {
        if (i > 0 && strcmp(names[i].lower, names[i - 1].lower) == 0)
            continue;
        printf("    {");
        print_text(names[i].lower);
        printf(", \"%s\"},\n", names[i].alpha_2);
    }
    printf("};\n");
}

static void currencies(const char *path, struct arena *a)
{
    static unsigned bits[LETTERS * LETTERS];
    const struct config *list = list_of(path, "4217", a);
    for (size_t i = 0; i < list->count; i++) {
        struct str code = code_of(list->member[i].value, "alpha_3", 3, path);
        bits[(code.p[0] - 'A') * LETTERS + (code.p[1] - 'A')] |= 1u << (code.p[2] - 'A');
    }
    print_bits("currency_bits", bits, LETTERS * LETTERS);
}

int main(int argc, char **argv)
{
    struct arena a;
    if (argc != 3)
        fail("usage", "iso iso_3166-1.json iso_4217.json");
    arena_init(&a, MEMORY);
    countries(argv[1], &a);
    currencies(argv[2], &a);
    arena_release(&a);
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("stdout", "cannot write");
    return 0;
}
