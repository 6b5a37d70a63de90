/* Relatives that alternate often, each with memory that differs from the others': what a turn brings is one's own. */
#include "fork.h"
#include <sys/mman.h>

#define MEMBERS 3
#define PAGES 24
#define PAGE 4096
#define ROUNDS 1500

static unsigned char memory[PAGES * PAGE] __attribute__((aligned(PAGE)));
static unsigned expected[PAGES];

/* What member `who` has in page p after it wrote it `n` times. */
static unsigned char mark(int who, int p, unsigned n)
{
	return (unsigned char)(who * 67 + p * 13 + n);
}

static int pages_right(int who)
{
	for (int p = 0; p < PAGES; p++)
		if (memory[p * PAGE + p] != mark(expected[p] ? who : 0, p, expected[p]))
			return 0;
	return 1;
}

/* Writes a page in most rounds, the same few; now and then a new one. */
static void page_change(int who, unsigned round)
{
	int p = round % 97 == 5 ? (int)(round / 97) % PAGES : (int)(round % 3);

	expected[p]++;
	memory[p * PAGE + p] = mark(who, p, expected[p]);
}

/* Now and then something that changes mappings and rights, and takes the page's content away or not. */
static int mappings_change(int who, unsigned round)
{
	unsigned char *p;
	int right;

	if (round % 131 != (unsigned)who * 7)
		return 1;
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || p[PAGE])
		return 0;
	p[PAGE] = 1;
	madvise(p, 4 * PAGE, MADV_DONTNEED);
	right = p[PAGE] == 0;
	munmap(p, 4 * PAGE);
	mprotect(memory + PAGE, 2 * PAGE, PROT_READ);
	return right && !mprotect(memory + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
}

/* The token goes round; who has it looks at its memory and changes some. */
static int member_main(int who, int in, int out)
{
	char token;

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned on_stack = round * 3 + (unsigned)who;
		volatile unsigned *seen = &on_stack;

		if (read(in, &token, 1) != 1)
			return 10;
		if (!pages_right(who))
			return 11;
		page_change(who, round);
		if (!mappings_change(who, round))
			return 12;
		if (write(out, &token, 1) != 1)
			return 13;
		if (*seen != round * 3 + (unsigned)who)
			return 14;
	}
	return 0;
}

TEST(token_ring)
{
	int ring[MEMBERS][2], status;
	pid_t pid[MEMBERS];
	char token = 't';

	for (int p = 0; p < PAGES; p++)
		memory[p * PAGE + p] = mark(0, p, 0);
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_OK(pipe(ring[i]));
	for (int i = 0; i < MEMBERS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(member_main(i + 1, ring[i][0], ring[(i + 1) % MEMBERS][1]));
	}
	EXPECT_EQ(write(ring[0][1], &token, 1), 1);
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(waitpid(pid[i], &status, 0), pid[i]);
		EXPECT_EQ(status, 0);
	}
	EXPECT(pages_right(0));
}

/* Two alone: the parent takes turns too. */
TEST(parent_and_child)
{
	int down[2], up[2], status;
	char token = 't';
	pid_t pid;

	for (int p = 0; p < PAGES; p++)
		memory[p * PAGE + p] = mark(0, p, 0);
	EXPECT_OK(pipe(down));
	EXPECT_OK(pipe(up));
	pid = fork();
	if (!pid)
		_exit(member_main(1, down[0], up[1]));
	EXPECT_EQ(write(down[1], &token, 1), 1);
	EXPECT_EQ(member_main(2, up[0], down[1]), 0);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}
