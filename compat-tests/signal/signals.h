/*
 * Handlers, masks and a little log of delivered signals that the cases look at afterwards.
 */
#pragma once

#include "../test.h"
#include <stdatomic.h>
#include <ucontext.h>

/* The signals in order of delivery; written by log_signal(). */
static struct {
	volatile int count;
	volatile int sig[256];
	siginfo_t info[256];
} logged;

static inline void log_signal(int sig, siginfo_t *si, void *uc)
{
	int i = logged.count;

	(void)uc;
	if (i < (int)ARRAY_SIZE(logged.sig)) {
		logged.sig[i] = sig;
		logged.info[i] = *si;
	}
	logged.count = i + 1;
}

static inline void set_handler(int sig, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	EXPECT_OK(sigaction(sig, &sa, NULL));
}

/* Starts a fresh log for this signal. */
static inline void log_start(int sig, int flags)
{
	logged.count = 0;
	set_handler(sig, log_signal, flags);
}

/* Sends a signal to one thread every 10 ms until stopped: one of them hits the call in question. */
struct poker {
	pthread_t victim, thread;
	int sig;
	atomic_int stop;
};

static inline void *poker_main(void *arg)
{
	struct poker *p = arg;

	do {
		sleep_ms(10);
		pthread_kill(p->victim, p->sig);
	} while (!atomic_load(&p->stop));
	return NULL;
}

static inline void poker_start(struct poker *p, int sig)
{
	p->victim = pthread_self();
	p->sig = sig;
	atomic_store(&p->stop, 0);
	EXPECT_EQ(pthread_create(&p->thread, NULL, poker_main, p), 0);
}

static inline void poker_stop(struct poker *p)
{
	atomic_store(&p->stop, 1);
	EXPECT_EQ(pthread_join(p->thread, NULL), 0);
}

static inline sigset_t one_signal(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

static inline void block(int sig)
{
	sigset_t set = one_signal(sig);

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static inline void unblock(int sig)
{
	sigset_t set = one_signal(sig);

	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static inline bool is_pending(int sig)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, sig) == 1;
}

static inline bool is_blocked(int sig)
{
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, sig) == 1;
}
