/*
 * For the fork tests. Expectations of test.h belong to the process that runs the case; a forked child states its own by
 * CHECK, which names the line on stderr and ends the child with status 1. A child never returns from its block.
 */
#pragma once

#include "child.h"
#include <sys/mman.h>

#define CHECK(cond)										\
	do {											\
		if (!(cond)) {									\
			dprintf(2, "%s:%d: in a child: %s (errno %d)\n", __FILE__, __LINE__, #cond, errno); \
			_exit(1);								\
		}										\
	} while (0)

/* fork() whose child has a time limit of its own. */
static inline pid_t start_child(void)
{
	pid_t pid = EXPECT_OK(fork());

	if (!pid) {
		signal(SIGALRM, SIG_DFL);
		alarm(TEST_SECONDS);
	}
	return pid;
}

/* Memory that all relatives share. */
static inline void *shared_memory(size_t size)
{
	return EXPECT_OK(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static inline void put_byte(int fd, char c)
{
	if (write(fd, &c, 1) != 1)
		_exit(1);
}

/* The byte, or -1 at the end. */
static inline int get_byte(int fd)
{
	unsigned char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? c : -1;
}

/* Words that only their owner (seed) could have written. */
static inline void fill_pattern(uint64_t *words, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++)
		words[i] = (i + seed) * 0x9e3779b97f4a7c15ULL;
}

static inline bool check_pattern(const uint64_t *words, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++)
		if (words[i] != (i + seed) * 0x9e3779b97f4a7c15ULL)
			return false;
	return true;
}
