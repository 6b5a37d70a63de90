/*
 * Start and join with the checks every case wants. A thread function returns NULL when all was
 * well; EXPECT in it marks the case as failed.
 */
#pragma once

#include "../test.h"
#include <sched.h>
#include <stdatomic.h>

static inline pthread_t thread_start(void *(*fn)(void *), void *arg)
{
	pthread_t t = 0;

	EXPECT_EQ(pthread_create(&t, NULL, fn, arg), 0);
	return t;
}

static inline void *thread_join(pthread_t t)
{
	void *r = NULL;

	EXPECT_EQ(pthread_join(t, &r), 0);
	return r;
}

/* Runs fn in n threads with arguments 0..n-1; all must return NULL. */
static inline void threads_run(int n, void *(*fn)(void *))
{
	pthread_t t[64];

	for (long i = 0; i < n; i++)
		t[i] = thread_start(fn, (void *)i);
	for (int i = 0; i < n; i++)
		EXPECT(thread_join(t[i]) == NULL);
}

/* CLOCK_REALTIME (or another clock) so many ms from now. */
static inline struct timespec deadline(clockid_t clock, int ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms % 1000 * 1000000L;
	t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Gives the others a chance until the condition holds; the case's alarm ends a hopeless wait. */
#define WAIT_UNTIL(cond)		\
	while (!(cond))			\
		sched_yield()
