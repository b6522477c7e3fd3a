/*
 * Options from one table: getopt, usage, help and shell completions all read it. The common options (cmd.h)
 * are added to the tool's own.
 *
 *     if (options_parse(&spec, argc, argv, take, &tool, &e) == -1) ...
 *     for (int i = optind; i < argc; i++) ...          the operands
 */
#ifndef HUB_CMD_OPTIONS_H
#define HUB_CMD_OPTIONS_H

#include "base/buf.h"
#include "cmd.h"

/* The letters of the common options that have none (CMD_TEXT arguments and long names as in the table). */
enum { OPTION_MARKS = 1, OPTION_NO_MARKS, OPTION_VERSION, OPTION_COMPLETIONS };

/* Calls TAKE for each option: LETTER is that of the table, or one of OPTION_…. -1 with code `usage` where the
 * command line is wrong, or where TAKE returned -1. */
int options_parse(const struct cmd_spec *spec, int argc, char **argv, cmd_take *take, void *arg,
                  struct err *e);

/* Whether WORD is one of LIST's, which are separated by blanks. */
bool options_has_word(const char *list, const char *word);

/* "hub-canon [-tv] [-m MAP] [FILE...]", without a newline. */
void options_usage(struct buf *out, const struct cmd_spec *spec);

/* The usage, the purpose, and a line for each option. */
void options_help(struct buf *out, const struct cmd_spec *spec);

/* A completion script; -1 with code `usage` where SHELL is neither bash nor zsh. */
int options_completions(struct buf *out, const struct cmd_spec *spec, const char *shell, struct err *e);

#endif
