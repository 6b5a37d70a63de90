/* account.h: how often each system call was made since boot, and what it answered. The counts follow
 * from the programs alone; they go to /proc/occlum/syscalls, and to the log when a program ends that the
 * operator started, by which the compat tests know what they exercise. */
#pragma once
#include "base/types.h"

struct text;

#define SYSCALL_MAX 512

struct syscall_count {
	uint64_t calls;   /* entered */
	uint64_t failed;  /* came back with an error */
	uint64_t errors[3]; /* bit n: -n was an answer; bit 134: interrupted, restarted or EINTR */
};
extern struct syscall_count syscall_counts[SYSCALL_MAX];

/* One line per number that was called, sorted. */
void account_show(struct text *out);
/* The same lines as messages of level info. */
void account_log(void);
/* Giant lock held. */
void account_error(uint64_t nr, long ret);

/* Also without the giant lock: two vCPUs at once may lose a count, a lock here would cost more than it is worth. */
static inline void account_call(uint64_t nr)
{
	uint64_t *n = &syscall_counts[nr].calls;

	__atomic_store_n(n, __atomic_load_n(n, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}
