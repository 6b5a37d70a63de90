/*
 * Runs a command and counts what its processes do, with PAPI, from outside.
 * Usage: counters FILE COMMAND [ARGS]    the counts to FILE, the command's exit status
 *        counters                        are there counters? A line, and status 0 or 1
 *
 * FILE gets a line "EVENT,VALUE" for each event of events[], VALUE being "n/a" where this machine does not count it. The
 * counts are of user mode, of the whole command with all processes it starts: its start and warm-up are among
 * them. A command of a system is counted with the system, so the LibOS and the model of SGX count as well.
 * Without counters the command runs all the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <papi.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct event {
	const char *name, *papi;
	int set;	/* each in a set of its own: what is missing leaves the others alone */
	long long value;
	bool counted;
};

static struct event events[] = {
	{ .name = "cycles", .papi = "PAPI_TOT_CYC" },
	{ .name = "instructions", .papi = "PAPI_TOT_INS" },
	{ .name = "llc-misses", .papi = "PAPI_L3_TCM" },
	{ .name = "dtlb-misses", .papi = "PAPI_TLB_DM" },
	{ .name = "branch-misses", .papi = "PAPI_BR_MSP" },
};
#define EVENTS (sizeof(events) / sizeof(*events))

static char why[256] = "no event of ours";	/* there are none */

static void why_set(int papi_error)
{
	const PAPI_component_info_t *c = PAPI_get_component_info(0);
	const char *reason = c && c->disabled ? c->disabled_reason : PAPI_strerror(papi_error);

	snprintf(why, sizeof(why), "%.250s", reason && *reason ? reason : "unknown reason");
}

/* A set with the event that counts pid and what it starts. */
static int event_open(struct event *e, pid_t pid)
{
	PAPI_option_t inherit = { .inherit = { .inherit = PAPI_INHERIT_ALL } };
	int ret = PAPI_create_eventset(&e->set);

	if (ret == PAPI_OK)
		ret = PAPI_assign_eventset_component(e->set, 0);
	inherit.inherit.eventset = e->set;
	if (ret == PAPI_OK)
		ret = PAPI_set_opt(PAPI_INHERIT, &inherit);
	if (ret == PAPI_OK && pid)
		ret = PAPI_attach(e->set, (unsigned long)pid);
	return ret == PAPI_OK ? PAPI_add_named_event(e->set, e->papi) : ret;
}

static bool events_open(pid_t pid, bool start)
{
	bool any = false;

	for (struct event *e = events; e < events + EVENTS; e++) {
		int ret;

		e->set = PAPI_NULL;
		ret = event_open(e, pid);
		if (ret == PAPI_OK && start)
			ret = PAPI_start(e->set);
		e->counted = ret == PAPI_OK;
		any |= e->counted;
		if (ret != PAPI_OK && !any)
			why_set(ret);
	}
	return any;
}

static bool papi_begin(void)
{
	int ret = PAPI_library_init(PAPI_VER_CURRENT);

	if (ret == PAPI_VER_CURRENT)
		return true;
	snprintf(why, sizeof(why), "PAPI does not start: %s", PAPI_strerror(ret));
	return false;
}

static int probe(void)
{
	if (!papi_begin() || !events_open(0, false)) {
		printf("n/a: %s\n", why);
		return 1;
	}
	for (const struct event *e = events; e < events + EVENTS; e++)
		if (e->counted)
			printf("%s ", e->name);
	printf("by PAPI\n");
	return 0;
}

static int counts_write(const char *file)
{
	FILE *f = fopen(file, "we");

	if (!f) {
		fprintf(stderr, "counters: %s: %s\n", file, strerror(errno));
		return 1;
	}
	for (struct event *e = events; e < events + EVENTS; e++) {
		if (e->counted && PAPI_stop(e->set, &e->value) == PAPI_OK)
			fprintf(f, "%s,%lld\n", e->name, e->value);
		else
			fprintf(f, "%s,n/a\n", e->name);
	}
	return fclose(f) ? 1 : 0;
}

/* The command waits for the other end of the pipe until it is watched. */
static pid_t command_start(char **argv, int *go)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe(fds) || (pid = fork()) < 0) {
		fprintf(stderr, "counters: %s\n", strerror(errno));
		exit(1);
	}
	if (pid) {
		close(fds[0]);
		*go = fds[1];
		return pid;
	}
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		_exit(1);
	close(fds[0]);
	execvp(argv[0], argv);
	fprintf(stderr, "counters: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int main(int argc, char **argv)
{
	int go, status, ret;
	pid_t pid;

	if (argc == 1)
		return probe();
	if (argc < 3) {
		fprintf(stderr, "usage: %s FILE COMMAND [ARGS]\n", argv[0]);
		return 2;
	}
	pid = command_start(argv + 2, &go);
	if (papi_begin())
		events_open(pid, true);
	if (write(go, "", 1) != 1)
		kill(pid, SIGKILL);
	close(go);
	while (waitpid(pid, &status, 0) != pid)
		;
	ret = counts_write(argv[1]);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return ret ? ret : WEXITSTATUS(status);
}
