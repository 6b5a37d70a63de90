/*
 * Forked relatives that map, fill, grow, discard and unmap memory of their own and send each other large blocks: each
 * sees exactly what it wrote, whatever the others do at the same addresses meanwhile.
 */
#include "../test.h"
#include <sys/mman.h>
#include <sys/socket.h>

#define KIDS	4
#define AREAS	12
#define ROUNDS	120
#define PAGE	4096ul
#define BLOCK	(600 * 1024)

struct area {
	unsigned char *at;
	size_t pages;
	unsigned seed;
	bool empty;	/* discarded: reads as zeros */
};

static unsigned next(unsigned *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static unsigned char value_of(const struct area *a, size_t page)
{
	return a->empty ? 0 : (unsigned char)(a->seed + page * 7 + 1);
}

static void fill(struct area *a, size_t from)
{
	for (size_t p = from; p < a->pages; p++)
		memset(a->at + p * PAGE, value_of(a, p), PAGE);
}

static bool holds(const struct area *a)
{
	for (size_t p = 0; p < a->pages; p++) {
		const unsigned char *c = a->at + p * PAGE, want = value_of(a, p);

		if (c[0] != want || memcmp(c, c + 1, PAGE - 1))
			return false;
	}
	return true;
}

static bool change(struct area *a, unsigned *state)
{
	unsigned what = next(state) % 8;

	if (!a->at) {
		*a = (struct area){ .pages = 1 + next(state) % 60, .seed = next(state) };
		a->at = mmap(NULL, a->pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (a->at == MAP_FAILED)
			return false;
		fill(a, 0);
	} else if (what == 0) {
		munmap(a->at, a->pages * PAGE);
		*a = (struct area){ 0 };
	} else if (what == 1) {
		if (madvise(a->at, a->pages * PAGE, MADV_DONTNEED))
			return false;
		a->empty = true;
	} else if (what == 2 && !a->empty) {
		size_t old = a->pages;

		a->pages += 1 + next(state) % 40;
		a->at = mremap(a->at, old * PAGE, a->pages * PAGE, MREMAP_MAYMOVE);
		if (a->at == MAP_FAILED)
			return false;
		fill(a, old);
	} else {
		a->empty = false;
		a->seed = next(state);
		fill(a, 0);
	}
	return true;
}

static bool send_block(int fd, unsigned char *block, unsigned char v)
{
	memset(block, v, BLOCK);
	for (size_t n = 0; n < BLOCK;) {
		ssize_t w = write(fd, block + n, BLOCK - n);

		if (w <= 0)
			return false;
		n += (size_t)w;
	}
	return true;
}

/* Into fresh memory, as a program that reads a message does. */
static bool receive_block(int fd, unsigned char v)
{
	unsigned char *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = block != MAP_FAILED;

	for (size_t n = 0; good && n < BLOCK;) {
		ssize_t r = read(fd, block + n, BLOCK - n);

		if (r <= 0)
			good = false;
		n += (size_t)r;
	}
	good = good && block[0] == v && !memcmp(block, block + 1, BLOCK - 1);
	munmap(block, BLOCK);
	return good;
}

static int churn(struct area *areas, unsigned seed, int in, int out)
{
	static unsigned char block[BLOCK];
	unsigned state = seed;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (!change(&areas[next(&state) % AREAS], &state))
			return 2;
		if (!holds(&areas[next(&state) % AREAS]))
			return 3;
		if (i % 10 == 0 && out >= 0 && !send_block(out, block, (unsigned char)i))
			return 4;
		if (i % 10 == 0 && in >= 0 && !receive_block(in, (unsigned char)i))
			return 5;
	}
	for (int k = 0; k < AREAS; k++)
		if (!holds(&areas[k]))
			return 6;
	return 0;
}

static void run_family(bool pipes)
{
	struct area areas[AREAS] = { 0 };
	int fds[KIDS][2], status, bad = 0;
	unsigned state = 1;
	pid_t pids[KIDS];

	for (int i = 0; i < 40; i++)
		EXPECT(change(&areas[next(&state) % AREAS], &state));
	for (int i = 0; i < KIDS; i += 2)
		EXPECT_OK(pipes ? pipe(fds[i]) : socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]));
	for (int i = 0; i < KIDS; i++) {
		pids[i] = fork();
		EXPECT(pids[i] >= 0);
		if (!pids[i])
			_exit(i % 2 ? churn(areas, 100 + (unsigned)i, fds[i - 1][0], -1) :
				      churn(areas, 100 + (unsigned)i, -1, fds[i][1]));
	}
	EXPECT_EQ(churn(areas, 99, -1, -1), 0);
	for (int i = 0; i < KIDS; i++) {
		EXPECT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		if (status)
			bad = status;
	}
	EXPECT_EQ(bad, 0);
}

TEST(over_pipes)
{
	run_family(true);
}

TEST(over_sockets)
{
	run_family(false);
}
