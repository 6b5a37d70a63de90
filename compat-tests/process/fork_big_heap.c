/* A dirty heap of 64 MiB: both sides see every word of it, then change half each. */
#include "fork.h"

enum { WORDS = 8 << 20 };

TEST(sixty_four_mib)
{
	uint64_t *words = EXPECT_OK(mmap(NULL, WORDS * 8L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	fill_pattern(words, WORDS, 5);
	pid = start_child();
	if (!pid) {
		CHECK(check_pattern(words, WORDS, 5));
		fill_pattern(words, WORDS / 2, 6);
		CHECK(check_pattern(words, WORDS / 2, 6));
		CHECK(words[WORDS / 2] == (WORDS / 2 + 5) * 0x9e3779b97f4a7c15ULL);
		_exit(0);
	}
	fill_pattern(words + WORDS / 2, WORDS / 2, 7);
	EXPECT_EXIT(pid, 0);
	EXPECT(check_pattern(words, WORDS / 2, 5));
	EXPECT(check_pattern(words + WORDS / 2, WORDS / 2, 7));
	EXPECT_OK(munmap(words, WORDS * 8L));
}

TEST(ten_short_children_of_a_big_parent)
{
	uint64_t *words = EXPECT_OK(mmap(NULL, WORDS * 4L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	fill_pattern(words, WORDS / 2, 8);
	for (int i = 0; i < 10; i++) {
		pid_t pid = start_child();

		if (!pid) {
			words[i * 4096] = 1;
			_exit(words[i * 4096 + 1] == (i * 4096 + 9) * 0x9e3779b97f4a7c15ULL ? 0 : 1);
		}
		EXPECT_EXIT(pid, 0);
	}
	EXPECT(check_pattern(words, WORDS / 2, 8));
	EXPECT_OK(munmap(words, WORDS * 4L));
}
