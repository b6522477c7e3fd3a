#define _GNU_SOURCE
#include "options.h"

#include <getopt.h>

enum {
    MOST = 64,
    LONG_ONLY = 256 /* getopt's value of the option at index i that has no letter: LONG_ONLY + i */
};

static const struct cmd_option rejects_options[] = {
    {'r', "rejects", "FILE", CMD_FILE, "append what is refused to FILE and go on", NULL}, {0}};

static const struct cmd_option marks_options[] = {
    {OPTION_MARKS, "marks", NULL, CMD_NONE, "demand the end mark of the input, and write one", NULL},
    {OPTION_NO_MARKS, "no-marks", NULL, CMD_NONE, "neither check nor write marks", NULL},
    {0}};

static const struct cmd_option common_options[] = {
    {'v', "verbose", NULL, CMD_NONE, "say the counts at the end", NULL},
    {'h', "help", NULL, CMD_NONE, "show this help", NULL},
    {OPTION_VERSION, "version", NULL, CMD_NONE, "show the version", NULL},
    {OPTION_COMPLETIONS, "completions", "SHELL", CMD_WORD, NULL /* hidden */, "bash zsh"},
    {0}};

struct table {
    struct cmd_option option[MOST];
    int n;
};

static void add(struct table *t, const struct cmd_option *options)
{
    for (; options != NULL && (options->letter != 0 || options->name != NULL) && t->n < MOST; options++)
        t->option[t->n++] = *options;
}

static void fill(struct table *t, const struct cmd_spec *spec)
{
    t->n = 0;
    add(t, spec->options);
    if ((spec->common & CMD_HAS_REJECTS) != 0)
        add(t, rejects_options);
    if ((spec->common & CMD_HAS_MARKS) != 0)
        add(t, marks_options);
    add(t, common_options);
}

static bool has_letter(const struct cmd_option *o)
{
    return o->letter > ' ';
}

/* ---- parsing ---- */

bool options_has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (length == n && memcmp(at, word, n) == 0)
            return true;
        at += length;
    }
    return false;
}

static int wrong_option(int got, char **argv, struct err *e)
{
    const char *why = got == ':' ? "needs an argument" : "no such option";
    /* For a long option getopt leaves no letter, or that of the table. */
    if (optopt > ' ' && optopt < LONG_ONLY && strncmp(argv[optind - 1], "--", 2) != 0)
        return err_set(e, "usage", "-%c: %s", optopt, why);
    return err_set(e, "usage", "%s: %s", argv[optind - 1], why);
}

static int take_one(const struct cmd_option *o, cmd_take *take, void *arg, struct err *e)
{
    if (o->kind == CMD_WORD && !options_has_word(o->words, optarg))
        return err_set(e, "usage", "--%s: %s is none of: %s", o->name, err_quote(str_of(optarg)), o->words);
    return take(arg, o->letter, o->name, o->argument != NULL ? optarg : NULL, e);
}

static void describe(const struct table *t, struct option *longs, char *letters)
{
    *letters++ = ':';
    for (int i = 0; i < t->n; i++) {
        const struct cmd_option *o = &t->option[i];
        *longs++ = (struct option){.name = o->name,
                                   .has_arg = o->argument != NULL ? required_argument : no_argument,
                                   .val = has_letter(o) ? o->letter : LONG_ONLY + i};
        if (!has_letter(o))
            continue;
        *letters++ = (char)o->letter;
        if (o->argument != NULL)
            *letters++ = ':';
    }
    *longs = (struct option){0};
    *letters = '\0';
}

int options_parse(const struct cmd_spec *spec, int argc, char **argv, cmd_take *take, void *arg,
                  struct err *e)
{
    struct table t;
    struct option longs[MOST + 1];
    char letters[2 * MOST + 2];
    fill(&t, spec);
    describe(&t, longs, letters);
    opterr = 0;
    int got;
    while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (got == '?' || got == ':')
            return wrong_option(got, argv, e);
        int i = got >= LONG_ONLY ? got - LONG_ONLY : 0;
        while (got < LONG_ONLY && t.option[i].letter != got)
            i++;
        if (take_one(&t.option[i], take, arg, e) == -1)
            return -1;
    }
    return 0;
}

/* ---- help ---- */

static void put(struct buf *out, const char *text)
{
    buf_put(out, str_of(text));
}

/* -h and --version are left out, as man pages do. */
static bool is_in_usage(const struct cmd_option *o)
{
    return o->help != NULL && o->letter != 'h' && o->letter != OPTION_VERSION;
}

void options_usage(struct buf *out, const struct cmd_spec *spec)
{
    struct table t;
    fill(&t, spec);
    put(out, spec->name);
    bool flags = false;
    for (int i = 0; i < t.n; i++)
        if (is_in_usage(&t.option[i]) && has_letter(&t.option[i]) && t.option[i].argument == NULL) {
            put(out, flags ? "" : " [-");
            buf_byte(out, (char)t.option[i].letter);
            flags = true;
        }
    put(out, flags ? "]" : "");
    for (int i = 0; i < t.n; i++) {
        const struct cmd_option *o = &t.option[i];
        if (!is_in_usage(o) || (has_letter(o) && o->argument == NULL))
            continue;
        if (has_letter(o))
            buf_printf(out, " [-%c %s]", o->letter, o->argument);
        else
            buf_printf(out, " [--%s%s%s]", o->name, o->argument != NULL ? " " : "",
                       o->argument != NULL ? o->argument : "");
    }
    if (spec->operands[0] != '\0')
        buf_printf(out, " %s", spec->operands);
}

/* "-m, --map MAP"; returns its width. */
static size_t put_option(struct buf *out, const struct cmd_option *o)
{
    size_t from = out->n;
    if (has_letter(o))
        buf_printf(out, "-%c, ", o->letter);
    else
        put(out, "    ");
    buf_printf(out, "--%s", o->name);
    if (o->argument != NULL)
        buf_printf(out, " %s", o->argument);
    return out->n - from;
}

static void pad(struct buf *out, size_t n)
{
    while (n-- > 0)
        buf_byte(out, ' ');
}

void options_help(struct buf *out, const struct cmd_spec *spec)
{
    struct table t;
    struct buf scratch;
    size_t width = 0;
    fill(&t, spec);
    buf_init(&scratch, 1 << 16);
    for (int i = 0; i < t.n; i++) {
        size_t n = t.option[i].help != NULL ? put_option(&scratch, &t.option[i]) : 0;
        width = n > width ? n : width;
    }
    buf_release(&scratch);
    put(out, "usage: ");
    options_usage(out, spec);
    buf_printf(out, "\n\n%s\n\n", spec->purpose);
    for (int i = 0; i < t.n; i++) {
        const struct cmd_option *o = &t.option[i];
        if (o->help == NULL)
            continue;
        pad(out, 2);
        pad(out, width - put_option(out, o) + 2);
        put(out, o->help);
        if (o->words != NULL)
            buf_printf(out, ": %s", o->words);
        buf_byte(out, '\n');
    }
}

/* ---- completions ---- */

/* A tool's name as that of a shell function: "-" becomes "_". */
static void put_function(struct buf *out, const char *name)
{
    buf_byte(out, '_');
    for (; *name != '\0'; name++)
        buf_byte(out, *name == '-' ? '_' : *name);
}

static void put_bash_argument(struct buf *out, const struct cmd_option *o)
{
    put(out, "    ");
    if (has_letter(o))
        buf_printf(out, "-%c | ", o->letter);
    buf_printf(out, "--%s)\n        ", o->name);
    switch (o->kind) {
    case CMD_FILE: put(out, "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n        "); break;
    case CMD_FOLDER: put(out, "mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n        "); break;
    case CMD_WORD:
        buf_printf(out, "mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\")\n        ", o->words);
        break;
    case CMD_NONE:
    case CMD_TEXT: break;
    }
    put(out, "return\n        ;;\n");
}

static void put_bash(struct buf *out, const struct cmd_spec *spec, const struct table *t)
{
    put_function(out, spec->name);
    put(out, "()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n    "
             "COMPREPLY=()\n"
             "    case $prev in\n");
    for (int i = 0; i < t->n; i++)
        if (t->option[i].help != NULL && t->option[i].argument != NULL)
            put_bash_argument(out, &t->option[i]);
    put(out, "    esac\n    if [[ $cur == -* ]]; then\n        mapfile -t COMPREPLY < <(compgen -W \"");
    for (int i = 0, said = 0; i < t->n; i++) {
        if (t->option[i].help == NULL)
            continue;
        if (has_letter(&t->option[i]))
            buf_printf(out, "%s-%c", said++ > 0 ? " " : "", t->option[i].letter);
        buf_printf(out, "%s--%s", said++ > 0 ? " " : "", t->option[i].name);
    }
    put(out,
        "\" -- \"$cur\")\n    else\n        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n    fi\n}\n"
        "complete -o filenames -F ");
    put_function(out, spec->name);
    buf_printf(out, " %s\n", spec->name);
}

/* Text between the quotes and brackets of an _arguments specification. */
static void put_zsh_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            put(out, "'\\'");
        else if (strchr("[]:\\", *text) != NULL)
            buf_byte(out, '\\');
        buf_byte(out, *text);
    }
}

static void put_zsh_option(struct buf *out, const struct cmd_option *o)
{
    const char *tail = o->argument != NULL ? "=" : "";
    put(out, " \\\n    ");
    if (has_letter(o) && o->argument != NULL) /* may be repeated */
        buf_printf(out, "'*'{-%c+,--%s=}'[", o->letter, o->name);
    else if (has_letter(o))
        buf_printf(out, "'(-%c --%s)'{-%c,--%s}'[", o->letter, o->name, o->letter, o->name);
    else
        buf_printf(out, "'--%s%s[", o->name, tail);
    put_zsh_text(out, o->help);
    put(out, "]");
    if (o->argument != NULL) {
        put(out, ":");
        put_zsh_text(out, o->argument);
        put(out, ":");
    }
    switch (o->kind) {
    case CMD_FILE: put(out, "_files"); break;
    case CMD_FOLDER: put(out, "_files -/"); break;
    case CMD_WORD: buf_printf(out, "(%s)", o->words); break;
    case CMD_NONE:
    case CMD_TEXT: break;
    }
    put(out, "'");
}

static void put_zsh(struct buf *out, const struct cmd_spec *spec, const struct table *t)
{
    buf_printf(out, "#compdef %s\n_arguments -s -S", spec->name);
    for (int i = 0; i < t->n; i++)
        if (t->option[i].help != NULL)
            put_zsh_option(out, &t->option[i]);
    put(out, " \\\n    '*:file:_files'\n");
}

int options_completions(struct buf *out, const struct cmd_spec *spec, const char *shell, struct err *e)
{
    struct table t;
    fill(&t, spec);
    if (strcmp(shell, "bash") == 0)
        put_bash(out, spec, &t);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(out, spec, &t);
    else
        return err_set(e, "usage", "no completions for %s", err_quote(str_of(shell)));
    return 0;
}
