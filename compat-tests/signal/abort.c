/*
 * abort: the handler runs, then the process dies by SIGABRT all the same; a handler that jumps out
 * survives; assert and
 * __builtin_trap end with their own signals.
 */
#include "signals.h"
#include <assert.h>
#include <sys/resource.h>

static void say_a(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	if (write(1, "A", 1) != 1)
		_exit(1);
}

static sigjmp_buf out;

static void jump(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	siglongjmp(out, 1);
}

ROLE(end)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (!strcmp(argv[0], "handler"))
		set_handler(SIGABRT, say_a, 0);
	if (!strcmp(argv[0], "ignored"))
		signal(SIGABRT, SIG_IGN);
	if (!strcmp(argv[0], "blocked"))
		block(SIGABRT);
	if (!strcmp(argv[0], "trap"))
		__builtin_trap();
	if (!strcmp(argv[0], "assert")) {
		close(2);
		assert(argc == 99);
	}
	if (!strcmp(argv[0], "jump")) {
		set_handler(SIGABRT, jump, 0);
		if (sigsetjmp(out, 1))
			return 8;
	}
	abort();
}

static int end_by(const char *how, char *output)
{
	posix_spawn_file_actions_t fa;
	int fd[2], n, status;
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	pid = spawn_self_with(&fa, NULL, "end", how);
	posix_spawn_file_actions_destroy(&fa);
	close(fd[1]);
	n = read(fd[0], output, 15);
	output[n > 0 ? n : 0] = 0;
	close(fd[0]);
	status = wait_status(pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 1000 + WEXITSTATUS(status);
}

TEST(always_sigabrt)
{
	static const char *const how[] = { "plain", "ignored", "blocked", "assert" };
	char output[16];

	for (size_t i = 0; i < ARRAY_SIZE(how); i++)
		EXPECT_EQ(end_by(how[i], output), SIGABRT);
}

TEST(handler_runs_first)
{
	char output[16];

	EXPECT_EQ(end_by("handler", output), SIGABRT);
	EXPECT_STR(output, "A");
}

TEST(handler_may_jump_out)
{
	char output[16];

	EXPECT_EQ(end_by("jump", output), 1008);
}

TEST(trap)
{
	char output[16];

	EXPECT_EQ(end_by("trap", output), SIGILL);
}
