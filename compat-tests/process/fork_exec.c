/* exec and spawn in families: a child execs while its parent runs, pipelines, vfork and posix_spawn from a child. */
#include "fork.h"

ROLE(answer)
{
	puts(argc ? argv[0] : "none");
	return 7;
}

ROLE(fork_again)
{
	int value = 3;
	pid_t pid = fork();

	if (!pid) {
		value = 4;
		_exit(value);
	}
	return wait_status(pid) == 4 << 8 && value == 3 ? 0 : 1;
}

static void exec_role(const char *role, const char *arg)
{
	execl("/proc/self/exe", "self", "--role", role, arg, NULL);
	_exit(127);
}

TEST(the_child_execs)
{
	int p[2], mine = 5;
	struct outcome o;
	pid_t pid;

	EXPECT_OK(pipe(p));
	pid = start_child();
	if (!pid) {
		mine = 6;
		CHECK(dup2(p[1], 1) == 1);
		exec_role("answer", "hello");
	}
	close(p[1]);
	read_all(p[0], &o);
	EXPECT_STR(o.out, "hello\n");
	EXPECT_EXIT(pid, 7);
	EXPECT_EQ(mine, 5);
	close(p[0]);
}

TEST(the_program_forks_after_exec)
{
	pid_t pid = start_child();

	if (!pid)
		exec_role("fork_again", NULL);
	EXPECT_EXIT(pid, 0);
}

TEST(the_parent_execs_while_the_child_runs)
{
	volatile int *shared = shared_memory(4096);
	pid_t pid = start_child();

	if (!pid) {
		if (!fork()) {
			uint64_t words[512];

			fill_pattern(words, 512, 9);
			sleep_ms(30);
			shared[0] = check_pattern(words, 512, 9) ? 1 : 2;
			_exit(0);
		}
		exec_role("answer", "exec");
	}
	EXPECT_EXIT(pid, 7);
	for (int i = 0; i < 500 && !shared[0]; i++)
		sleep_ms(5);
	EXPECT_EQ(shared[0], 1);
}

TEST(a_pipeline_of_programs)
{
	int a[2], b[2];
	struct outcome o;
	pid_t pid[3];

	EXPECT_OK(pipe2(a, O_CLOEXEC));
	EXPECT_OK(pipe2(b, O_CLOEXEC));
	pid[0] = start_child();
	if (!pid[0]) {
		dup2(a[1], 1);
		execlp("printf", "printf", "b\\na\\nc\\n", NULL);
		_exit(127);
	}
	pid[1] = start_child();
	if (!pid[1]) {
		dup2(a[0], 0);
		dup2(b[1], 1);
		execlp("sort", "sort", NULL);
		_exit(127);
	}
	close(a[0]);
	close(a[1]);
	close(b[1]);
	read_all(b[0], &o);
	EXPECT_STR(o.out, "a\nb\nc\n");
	EXPECT_EXIT(pid[0], 0);
	EXPECT_EXIT(pid[1], 0);
	close(b[0]);
}

TEST(vfork_and_spawn_in_a_child)
{
	volatile int value = 1;
	pid_t pid = start_child();

	if (!pid) {
		pid_t inner = vfork();

		if (!inner) {
			value = 2;
			_exit(5);
		}
		CHECK(value == 2 && wait_status(inner) == 5 << 8);
		CHECK(!posix_spawn(&inner, "/bin/true", NULL, NULL, (char *[]){ "true", NULL }, environ));
		CHECK(wait_status(inner) == 0);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value, 1);
}

TEST(shell_with_subshells)
{
	struct outcome o;

	EXPECT_EQ(run_argv(&o, "/bin/sh", "sh", "-c", "x=1; (x=2; echo $x; (x=3; echo $x)); echo $x; echo $(echo a | tr a b)"), 0);
	EXPECT(exited(&o, 0));
	EXPECT_STR(o.out, "2\n3\n1\nb\n");
}
