/* Many children and deep families: everyone gets its number, every exit status arrives, orphans are reaped. */
#include "fork.h"
#include <sys/prctl.h>
#include <sys/resource.h>

TEST(fifty_children_at_once)
{
	int go[2], seen = 0, status;
	pid_t pid[50], got;

	EXPECT_OK(pipe(go));
	for (int i = 0; i < 50; i++) {
		pid[i] = start_child();
		if (!pid[i]) {
			close(go[1]);
			CHECK(get_byte(go[0]) == -1);
			_exit(i);
		}
	}
	close(go[1]);
	while ((got = wait(&status)) > 0) {
		EXPECT(WIFEXITED(status));
		EXPECT_EQ(got, pid[WEXITSTATUS(status)]);
		seen++;
	}
	EXPECT_EQ(seen, 50);
	close(go[0]);
}

static int descend(int depth, volatile int *shared)
{
	int here = depth * 7;
	pid_t pid;

	shared[depth] = getpid();
	if (depth == 20)
		return 0;
	pid = fork();
	if (pid < 0)
		return 1;
	if (!pid)
		_exit(descend(depth + 1, shared));
	return wait_status(pid) || here != depth * 7 || shared[depth] != getpid();
}

TEST(a_fork_of_a_fork_of_a_fork)
{
	volatile int *shared = shared_memory(4096);

	EXPECT_EQ(descend(0, shared), 0);
	for (int i = 1; i <= 20; i++)
		EXPECT_NE(shared[i], shared[i - 1]);
}

TEST(middle_generation_dies_first)
{
	volatile int *shared = shared_memory(4096);
	int private = 1;
	pid_t pid;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = start_child();
	if (!pid) {
		private = 2;
		if (!fork()) {
			private = 3;
			while (getppid() != shared[0])
				sleep_ms(1);
			shared[1] = private;
			_exit(33);
		}
		_exit(0);
	}
	shared[0] = getpid();
	EXPECT_EXIT(pid, 0);
	pid = EXPECT_OK(wait(&private));
	EXPECT(WIFEXITED(private) && WEXITSTATUS(private) == 33);
	EXPECT_EQ(shared[1], 3);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

TEST(parent_is_killed_while_the_child_runs)
{
	volatile int *shared = shared_memory(4096);
	uint64_t words[512];
	pid_t pid;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = start_child();
	if (!pid) {
		fill_pattern(words, 512, 1);
		if (!fork()) {
			shared[0] = getpid();
			for (int i = 0; !shared[1]; i++) {
				fill_pattern(words, 512, i);
				CHECK(check_pattern(words, 512, i));
			}
			_exit(12);
		}
		for (;;)
			fill_pattern(words, 512, 2);
	}
	while (!shared[0])
		sleep_ms(1);
	sleep_ms(20);
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	shared[1] = 1;
	EXPECT_EXIT(shared[0], 12);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

TEST(fork_bomb_meets_its_limit)
{
	struct rlimit lim = { 20, 20 };
	pid_t pid;

	if (getuid())
		SKIP("needs root, to have a user of its own");
	pid = start_child();
	if (!pid) {
		int n = 0;
		pid_t child;

		CHECK(!setresuid(43210, 43210, 43210));
		CHECK(!setrlimit(RLIMIT_NPROC, &lim));
		while ((child = fork()) > 0 && n < 100)
			n++;
		if (!child)
			for (;;)
				pause();
		CHECK(child == -1 && errno == EAGAIN && n == 19);
		signal(SIGTERM, SIG_IGN);
		CHECK(!kill(-1, SIGKILL) || errno == ESRCH);
		_exit(0);
	}
	/* It may kill itself along with the others: kill(-1) spares the caller, so it exits. */
	EXPECT_EXIT(pid, 0);
}
