/* test_state.h: a state directory for one run of a test program, so that its processes share the
 * fuse key and the RSA key, which takes a second to make. Gone when the run ends. */
#pragma once
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0:use_sigaltstack=0"; /* threads have alternate stacks of their own */
}

static char state_dir[64];

/* Each test is a child of the runner. */
static void state_use(void)
{
	snprintf(state_dir, sizeof(state_dir), "/tmp/occlum-test-%d", getppid());
	mkdir(state_dir, 0700);
	setenv("XDG_STATE_HOME", state_dir, 1);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	char command[128];

	(void)stats;
	snprintf(command, sizeof(command), "rm -rf /tmp/occlum-test-%d", getpid());
	if (system(command))
		perror(command);
}
