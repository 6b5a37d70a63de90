/* runner_forks.c: main over the tests of unit.h without Criterion: each test is a fork of this process. For
 * tools that follow a fork but start anew at exec, such as valgrind, which would take seconds for each.
 *
 *	NAME [PREFIX]    runs the tests whose "suite.name" begins so; the last line is "N passed, N failed" */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/runner.h"

void unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	_exit(1);
}

/* The status of a process that ran it: 0 for a test that passed and that the tool found nothing in. */
static int run_one(const struct unit_test *t)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		unit_env_reset();
		t->fn();
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

int main(int argc, char **argv)
{
	const char *prefix = argc > 1 ? argv[1] : "";
	int passed = 0, failed = 0, status;
	char name[256];

	for (const struct unit_test *const *t = __start_unit_tests; t < __stop_unit_tests; t++) {
		snprintf(name, sizeof(name), "%s.%s", (*t)->suite, (*t)->name);
		if (strncmp(name, prefix, strlen(prefix)))
			continue;
		status = run_one(*t);
		if (status)
			printf("FAIL  %s: %s %d\n", name, WIFSIGNALED(status) ? "signal" : "exit status",
			       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		passed += !status;
		failed += !!status;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed || !passed;
}
