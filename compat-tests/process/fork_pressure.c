/* fork when memory is short: ENOMEM by RLIMIT_AS at most where Linux gives it, and everyone goes on; repeated forks leak nothing. */
#include "fork.h"

TEST(many_forks_in_a_row)
{
	uint64_t *words = EXPECT_OK(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	fill_pattern(words, (1 << 20) / 8, 4);
	for (int i = 0; i < 200; i++) {
		pid_t pid = start_child();

		if (!pid) {
			words[i] = 0;
			_exit(words[i + 1] ? 0 : 1);
		}
		EXPECT_EXIT(pid, 0);
	}
	EXPECT(check_pattern(words, (1 << 20) / 8, 4));
	munmap(words, 1 << 20);
}

TEST(families_that_grow_until_fork_fails_or_enough)
{
	enum { SIZE = 8 << 20, MOST = 12 };
	volatile int *shared = shared_memory(4096);
	uint64_t *words = EXPECT_OK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid[MOST];
	int n = 0;

	fill_pattern(words, SIZE / 8, 4);
	while (n < MOST && (pid[n] = fork()) >= 0) {
		if (!pid[n]) {
			alarm(TEST_SECONDS);
			fill_pattern(words, SIZE / 8, 50 + n);
			shared[1]++;
			while (!shared[0])
				sleep_ms(2);
			_exit(check_pattern(words, SIZE / 8, 50 + n) ? 0 : 1);
		}
		n++;
	}
	if (n < MOST)
		EXPECT_EQ(errno, ENOMEM);
	EXPECT_GT(n, 1);
	shared[0] = 1;
	for (int i = 0; i < n; i++)
		EXPECT_EXIT(pid[i], 0);
	EXPECT(check_pattern(words, SIZE / 8, 4));
	munmap(words, SIZE);
}
