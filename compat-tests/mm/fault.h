/*
 * Touches memory that may fault and tells how: the signal, its si_code and si_addr, or signal 0.
 * The probes work in one thread at a time; handlers are put back after each probe.
 */
#pragma once

#include "../test.h"
#include <sys/mman.h>

#define PAGE	4096UL

struct fault {
	int sig, code;
	void *addr;
};

static sigjmp_buf fault_out;
static struct fault fault_last;

static inline void fault_note(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	fault_last = (struct fault){ sig, si->si_code, si->si_addr };
	siglongjmp(fault_out, 1);
}

/* Runs touch(p) with SIGSEGV and SIGBUS caught. */
__attribute__((noinline, unused))
static struct fault fault_run(void (*touch)(void *), void *p)
{
	struct sigaction sa = { .sa_sigaction = fault_note, .sa_flags = SA_SIGINFO }, segv, bus;

	fault_last = (struct fault){ 0, 0, NULL };
	sigaction(SIGSEGV, &sa, &segv);
	sigaction(SIGBUS, &sa, &bus);
	if (!sigsetjmp(fault_out, 1))
		touch(p);
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return fault_last;
}

static inline void touch_read(void *p)
{
	(void)*(volatile char *)p;
}

/* Writes back what is there, so a page that may be written keeps its content. */
static inline void touch_write(void *p)
{
	__asm__ volatile("lock; orb $0, %0" : "+m"(*(volatile char *)p));
}

static inline void touch_call(void *p)
{
	((void (*)(void))p)();
}

#define fault_read(p)	fault_run(touch_read, (void *)(p))
#define fault_write(p)	fault_run(touch_write, (void *)(p))
#define fault_call(p)	fault_run(touch_call, (void *)(p))

/* The access must fault with this signal and code, at exactly the address touched. */
#define EXPECT_FAULT(how, p, signo, sicode)				\
	do {								\
		void *fault_p = (void *)(p);				\
		struct fault fault_f = fault_##how(fault_p);		\
		EXPECT_EQ(fault_f.sig, signo);				\
		EXPECT_EQ(fault_f.code, sicode);			\
		EXPECT_EQ((uintptr_t)fault_f.addr, (uintptr_t)fault_p);	\
	} while (0)

#define EXPECT_NO_FAULT(how, p)						\
	EXPECT_EQ(fault_##how(p).sig, 0)

/* An address the compiler knows nothing about. */
static inline void *wild(uintptr_t addr)
{
	__asm__("" : "+r"(addr));
	return (void *)addr;
}

/* Private anonymous memory or a failed case. */
static inline char *map_anon(size_t len, int prot)
{
	return EXPECT_OK((char *)mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static inline bool all_bytes(const char *p, char value, size_t len)
{
	return !len || (p[0] == value && !memcmp(p, p + 1, len - 1));
}
