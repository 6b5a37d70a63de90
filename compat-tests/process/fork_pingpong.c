/* Parent and child run by turns over pipes, each with private memory it changes and checks every time. */
#include "fork.h"

enum { PAGES = 64, WORDS = PAGES * 512, ROUNDS = 60 };

static uint64_t *memory(void)
{
	return EXPECT_OK(mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

/* Changes a different part every round and looks at all of it. */
static bool round_of(uint64_t *words, uint64_t seed, int i)
{
	if (!check_pattern(words, WORDS, seed))
		return false;
	words[i * 512 % WORDS] ^= 1;
	words[i * 512 % WORDS] ^= 1;
	return check_pattern(words, WORDS, seed);
}

TEST(two_processes)
{
	uint64_t *words = memory();
	int go[2], back[2];
	pid_t pid;

	EXPECT_OK(pipe(go));
	EXPECT_OK(pipe(back));
	fill_pattern(words, WORDS, 1);
	pid = start_child();
	if (!pid) {
		CHECK(check_pattern(words, WORDS, 1));
		fill_pattern(words, WORDS, 2);
		for (int i = 0; i < ROUNDS; i++) {
			CHECK(get_byte(go[0]) == 'g');
			CHECK(round_of(words, 2, i));
			put_byte(back[1], 'b');
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		put_byte(go[1], 'g');
		EXPECT(round_of(words, 1, i));
		EXPECT_EQ(get_byte(back[0]), 'b');
	}
	EXPECT_EXIT(pid, 0);
	munmap(words, WORDS * 8);
}

TEST(a_ring_of_relatives)
{
	enum { N = 5 };
	uint64_t *words = memory();
	int pipes[N][2];
	pid_t pid[N];

	fill_pattern(words, WORDS, 77);
	for (int i = 0; i < N; i++)
		EXPECT_OK(pipe(pipes[i]));
	for (int i = 1; i < N; i++) {
		pid[i] = start_child();
		if (!pid[i]) {
			CHECK(check_pattern(words, WORDS, 77));
			fill_pattern(words, WORDS, 1000 * i);
			for (int r = 0; r < 10; r++) {
				CHECK(get_byte(pipes[i - 1][0]) == 'r');
				CHECK(round_of(words, 1000 * i, r));
				put_byte(pipes[i][1], 'r');
			}
			_exit(0);
		}
	}
	for (int r = 0; r < 10; r++) {
		put_byte(pipes[0][1], 'r');
		EXPECT_EQ(get_byte(pipes[N - 1][0]), 'r');
		EXPECT(round_of(words, 77, r));
	}
	for (int i = 1; i < N; i++)
		EXPECT_EXIT(pid[i], 0);
}

TEST(both_run_at_once_without_pipes)
{
	uint64_t *words = memory();
	pid_t pid;

	fill_pattern(words, WORDS, 3);
	pid = start_child();
	for (int i = 0; i < 40; i++) {
		uint64_t seed = (pid ? 100 : 200) + i;

		fill_pattern(words, WORDS, seed);
		if (!pid)
			CHECK(check_pattern(words, WORDS, seed));
		else
			EXPECT(check_pattern(words, WORDS, seed));
	}
	if (!pid)
		_exit(0);
	EXPECT_EXIT(pid, 0);
}
