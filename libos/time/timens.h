/* timens.h: time namespaces: offsets that a process' monotonic and boot clocks have. NULL stands for the initial one,
 * without offsets. The vDSO, which is the same for all, is switched off with the first offset (vdso_disable). */
#pragma once
#include "base/types.h"
#include "linux/time.h"
#include "process/process.h"

struct time_ns {
	unsigned ref;
	uint64_t ino;
	int64_t mono, boot; /* ns to be added to what the clock says */
	bool frozen;        /* a process is in it: offsets stay */
};

struct text;
struct time_ns *time_ns_get(struct time_ns *ns); /* NULL is fine, here and below */
void time_ns_put(struct time_ns *ns);
/* unshare(CLONE_NEWTIME): p's children will be in a new one, with the offsets of the one they would be in now. */
int time_ns_unshare(struct process *p) must_check;
/* p goes to where its children would be: a new process, or one that executes a program. */
void time_ns_enter_pending(struct process *p);
void time_ns_enter(struct process *p, struct time_ns *ns); /* setns */
uint64_t time_ns_number(const struct time_ns *ns);

static inline int64_t time_ns_offset(int clock)
{
	const struct time_ns *ns = current_process() ? current_process()->time_ns : NULL;

	if (!ns)
		return 0;
	switch (clock) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		return ns->mono;
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		return ns->boot;
	default:
		return 0;
	}
}

/* What the process calls `t` of the system's clock, and back. */
static inline nsec_t time_ns_shown(int clock, nsec_t t)
{
	return t + (nsec_t)time_ns_offset(clock);
}

static inline nsec_t time_ns_real(int clock, nsec_t shown)
{
	int64_t off = time_ns_offset(clock);

	if (off > 0)
		return shown > (nsec_t)off ? shown - (nsec_t)off : 0;
	return shown > NSEC_NEVER - (nsec_t)-off ? NSEC_NEVER : shown + (nsec_t)-off;
}
