/* main.c: finds the subcommand. */
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "instance/child.h"
#include "instance/instance.h"

#ifndef OCCLUM_VERSION
#define OCCLUM_VERSION "unknown"
#endif

static const struct command *const commands[] = {
	&cmd_try, &cmd_new, &cmd_init, &cmd_copy, &cmd_build, &cmd_run, &cmd_start, &cmd_exec, &cmd_status, &cmd_kill,
	&cmd_stop, &cmd_stats, &cmd_print,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int cli_error(const char *fmt, ...)
{
	va_list ap;

	fputs("occlum: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_OCCLUM;
}

int cli_usage(const struct command *cmd, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "occlum %s: ", cmd->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: occlum %s\nTry 'occlum %s --help'.\n", cmd->synopsis, cmd->name);
	return EXIT_OCCLUM;
}

unsigned cli_log_level(void)
{
	const char *s = getenv("OCCLUM_LOG_LEVEL");
	int level = log_level_parse(s);

	if (level < 0)
		exit(cli_error("OCCLUM_LOG_LEVEL is '%s'; it can be off, error, warn, info, debug or trace", s));
	return (unsigned)level;
}

static void help(FILE *to)
{
	fputs("occlum runs unmodified Linux programs in one SGX enclave.\n\nusage: occlum COMMAND [ARGS]\n\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n'occlum COMMAND --help' says more. Environment: OCCLUM_LOG_LEVEL (off error warn info debug\n"
	      "trace), OCCLUM_HOME (directory of libos.elf), OCCLUM_SGX_BACKEND (sim hw trap auto).\n"
	      "The modelled processor: OCCLUM_SGX_CPU (sim sgx1 skl cfl glk icx), OCCLUM_SGX_EPC (a size), OCCLUM_SGX_TLB\n"
	      "(flushed, stale), OCCLUM_SGX_DRIVER (batch, linux), OCCLUM_SGX_COST (off, account:PROFILE, spin:PROFILE;\n"
	      "profiles skl cfl glk icx or a file), OCCLUM_SGX_STATS (file for the counts at the end); 'occlum stats\n"
	      "--help' says more.\n"
	      "OCCLUM_EIP_STATS: file that gets a line for each enclave that 'try --eip' and its kin start.\n"
	      "Exit status: that of the program; 125 if occlum itself failed, 126 if the program cannot be\n"
	      "executed, 127 if it is not found, 128+N if signal N ended it.\n", to);
}

/* How many letters to insert, drop or change; row[j] is that of a's beginning and b's first j. */
static size_t distance(const char *a, const char *b)
{
	size_t row[16], n = strlen(b), before, here;

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		before = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			here = before + (a[i] != b[j]);
			before = row[j + 1];
			if (here > before + 1)
				here = before + 1;
			row[j + 1] = here < row[j] + 1 ? here : row[j] + 1;
		}
	}
	return row[n];
}

static int unknown(const char *name)
{
	const struct command *best = commands[0];

	for (size_t i = 1; i < COMMANDS; i++)
		if (distance(name, commands[i]->name) < distance(name, best->name))
			best = commands[i];
	return cli_error("unknown command '%s'; did you mean '%s'? 'occlum --help' lists them", name, best->name);
}

int main(int argc, char **argv)
{
	instance_clock_start();
	/* Half of OpenSSL's start is reading a file that says nothing about what we do with it. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (argc < 2) {
		help(stderr);
		return EXIT_OCCLUM;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "version")) {
		printf("occlum %s\n", OCCLUM_VERSION);
		return 0;
	}
	if (!strcmp(argv[1], CHILD_COMMAND))
		return cli_child(argc - 1, argv + 1);
	for (size_t i = 0; i < COMMANDS; i++) {
		const struct command *c = commands[i];

		if (strcmp(argv[1], c->name))
			continue;
		if (argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))) {
			printf("usage: occlum %s\n\n%s\n", c->synopsis, c->help);
			return 0;
		}
		return c->run(argc - 1, argv + 1);
	}
	return unknown(argv[1]);
}
