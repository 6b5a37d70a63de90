/* valgrind.c: under valgrind, with the options that --valgrind-friendly needs.
 *
 * Page faults of programs are ordinary there, so the registers that a signal handler gets have to be exact; by default valgrind
 * cares for some only, and takes RIP to be at a jump when the instruction behind it faults. Whether it does is tried out, and if not, this process becomes valgrind once more, with its own command
 * line and the options added. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "cli.h"
#include "sgxsim/plain.h"

#define NO_CHASE "--vex-guest-chase=no" /* when that is missing does not always show */
#define ADDED	 "--px-default=allregs-at-mem-access", "--px-file-backed=allregs-at-mem-access", NO_CHASE
#define ADDED_N	 3
#define AGAIN	 "OCCLUM_VALGRIND_AGAIN"
#define ARGS_MAX 4096
#define CMDLINE_MAX (1u << 20)

static void on_fault(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	(void)sig, (void)si;
	plain_probe_answer(uc->uc_mcontext.gregs);
}

static bool registers_exact(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, old;
	void *page = mmap(NULL, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool exact;

	if (page == MAP_FAILED || sigaction(SIGSEGV, &sa, &old))
		return true; /* it will be tried again */
	valgrind_expect_faults((uint64_t)page, PAGE_SIZE);
	exact = plain_registers_exact((uint64_t)page);
	sigaction(SIGSEGV, &old, NULL);
	munmap(page, PAGE_SIZE);
	return exact;
}

/* valgrind's own command line: it hides /proc/self/cmdline behind ours, but not this. */
static ssize_t line_read(char *line, size_t size)
{
	char path[64];
	ssize_t n = 0, got = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/cmdline", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (got > 0 && (size_t)n < size - 1) {
		got = read(fd, line + n, size - 1 - (size_t)n);
		n += got > 0 ? got : 0;
	}
	close(fd);
	line[n] = 0;
	return n;
}

static bool told(const char *line, ssize_t n, const char *option)
{
	for (const char *p = line; p < line + n; p += strlen(p) + 1)
		if (!strcmp(p, option))
			return true;
	return false;
}

void cli_valgrind(void)
{
	static char line[CMDLINE_MAX];
	const char *again = getenv(AGAIN);
	char *args[ARGS_MAX + 1], *added[] = { ADDED };
	ssize_t n;
	int k = 0;

	unsetenv(AGAIN);
	if (!under_valgrind() || again)
		return;
	n = line_read(line, sizeof(line));
	if (n <= 0 || n == CMDLINE_MAX - 1 || !strstr(line, "valgrind"))
		return;
	if (told(line, n, NO_CHASE) && registers_exact())
		return;
	args[k++] = line;
	for (int i = 0; i < ADDED_N; i++)
		args[k++] = added[i];
	for (char *p = line + strlen(line) + 1; p < line + n && k < ARGS_MAX; p += strlen(p) + 1)
		args[k++] = p;
	args[k] = NULL;
	setenv(AGAIN, "1", 1);
	execvp(args[0], args); /* if that does not succeed, what is missing is said later */
	unsetenv(AGAIN);
}
