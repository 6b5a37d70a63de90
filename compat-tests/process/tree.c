/*
 * Many processes: nested spawns, a wide fan of children at once, two hundred one after the other,
 * spawns from several threads; every pid is different and every status arrives.
 */
#include "child.h"

ROLE(code)
{
	return atoi(argv[0]);
}

/* Adds up the leaves below it. */
ROLE(node)
{
	char depth[16];
	pid_t pid[2];
	int sum = 0, d = atoi(argv[0]);

	if (d == 0)
		return 1;
	snprintf(depth, sizeof(depth), "%d", d - 1);
	for (int i = 0; i < 2; i++)
		pid[i] = spawn_self("node", depth);
	for (int i = 0; i < 2; i++) {
		int status = wait_status(pid[i]);

		EXPECT(WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	return sum;
}

TEST(binary_tree)
{
	EXPECT_EXIT(spawn_self("node", "5"), 32);
}

ROLE(deep)
{
	char depth[16];

	if (!strcmp(argv[0], "0"))
		return 100;
	snprintf(depth, sizeof(depth), "%d", atoi(argv[0]) - 1);
	int status = wait_status(spawn_self("deep", depth));

	return WIFEXITED(status) ? WEXITSTATUS(status) + 1 : 0;
}

TEST(thirty_deep)
{
	EXPECT_EXIT(spawn_self("deep", "30"), 130);
}

ROLE(wait_for_start)
{
	char c;

	return read(0, &c, 1) == 0 ? atoi(argv[0]) : 255;
}

TEST(sixty_at_once)
{
	enum { N = 60 };
	posix_spawn_file_actions_t fa;
	pid_t pid[N];
	char num[16];
	int fd[2];

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[0], 0);
	for (int i = 0; i < N; i++) {
		snprintf(num, sizeof(num), "%d", i);
		pid[i] = spawn_self_with(&fa, NULL, "wait_for_start", num);
		for (int j = 0; j < i; j++)
			EXPECT_NE(pid[i], pid[j]);
	}
	posix_spawn_file_actions_destroy(&fa);
	close(fd[1]);
	close(fd[0]);
	for (int i = N - 1; i >= 0; i--)
		EXPECT_EXIT(pid[i], i);
}

TEST(two_hundred_in_a_row)
{
	char num[16];

	for (int i = 0; i < 200; i++) {
		snprintf(num, sizeof(num), "%d", i);
		EXPECT_EXIT(spawn_self("code", num), i);
	}
}

static void *spawner(void *arg)
{
	char num[16];

	for (int i = 0; i < 15; i++) {
		int code = (int)(long)arg * 20 + i;

		snprintf(num, sizeof(num), "%d", code);
		int status = wait_status(spawn_self("code", num));

		if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
			return (void *)1;
	}
	return NULL;
}

TEST(from_four_threads)
{
	pthread_t t[4];
	void *r;

	for (long i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, spawner, (void *)i), 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(pthread_join(t[i], &r), 0);
		EXPECT(!r);
	}
	EXPECT_ERRNO(waitpid(-1, NULL, WNOHANG), ECHILD);
}

ROLE(spawn_and_leave)
{
	spawn_self("code", "0");
	return 0;
}

/* Children left behind must neither block nor disturb. */
TEST(abandoned)
{
	for (int i = 0; i < 20; i++)
		EXPECT_EXIT(spawn_self("spawn_and_leave"), 0);
	EXPECT_ERRNO(waitpid(-1, NULL, 0), ECHILD);
}
