/* cli.h: the occlum command: its subcommands and what they share. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct command {
	const char *name, *synopsis, *summary, *help;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; the exit status */
};

extern const struct command cmd_new, cmd_init, cmd_build, cmd_run, cmd_start, cmd_exec, cmd_stop, cmd_kill, cmd_status,
	cmd_print, cmd_copy, cmd_try, cmd_stats;

/* Exit statuses as env(1) and docker use them. */
#define EXIT_OCCLUM 125      /* occlum itself failed */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* The internal command CHILD_COMMAND of instance/child.h; not in the list. */
int cli_child(int argc, char **argv);
/* One line "occlum: ..." on standard error; returns EXIT_OCCLUM. */
int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Wrong usage of cmd: says why and how; returns EXIT_OCCLUM. */
int cli_usage(const struct command *cmd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Where build/libos.elf is: $OCCLUM_HOME, beside the executable, or ../lib/occlum. NULL with a message. */
const char *cli_libos_path(void);
/* Under valgrind, for --valgrind-friendly: sees to it that it has the options it needs; may start it again. First of all. */
void cli_valgrind(void);
/* The image of --valgrind-friendly. NULL: it was said why not. */
const char *cli_plain_path(void);
/* OCCLUM_LOG_LEVEL; exits with a message if it is nonsense. */
unsigned cli_log_level(void);
