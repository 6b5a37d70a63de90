/*
 * The raw futex call with its operations, and a thread that sleeps on a word until woken.
 */
#pragma once

#include "threads.h"
#include <linux/futex.h>

static inline long futex(void *word, int op, uint32_t val, const void *timeout, void *word2,
			 uint32_t val3)
{
	return syscall(SYS_futex, word, op, val, timeout, word2, val3);
}

/* What a sleeper needs and what it got. */
struct sleeper {
	uint32_t *word;
	uint32_t bitset;	/* 0: a plain wait */
	atomic_int tid;
	long result;
	int error;
	pthread_t thread;
};

static inline void *sleeper_main(void *arg)
{
	struct sleeper *s = arg;
	uint32_t old = *s->word;

	atomic_store(&s->tid, (int)syscall(SYS_gettid));
	s->result = s->bitset
			    ? futex(s->word, FUTEX_WAIT_BITSET_PRIVATE, old, NULL, NULL, s->bitset)
			    : futex(s->word, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
	s->error = errno;
	return NULL;
}

/* True when the thread sleeps; the word of /proc is the only way to know from outside. */
static inline bool thread_sleeps(int tid)
{
	char path[64], buf[512], *p;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (read_file(path, buf, sizeof(buf)) <= 0) {
		sleep_ms(50);
		return true;
	}
	p = strrchr(buf, ')');
	return p && p[2] == 'S';
}

static inline void sleeper_start(struct sleeper *s, uint32_t *word, uint32_t bitset)
{
	*s = (struct sleeper){ .word = word, .bitset = bitset };
	s->thread = thread_start(sleeper_main, s);
	WAIT_UNTIL(atomic_load(&s->tid));
	WAIT_UNTIL(thread_sleeps(atomic_load(&s->tid)));
}
