/* rseq.c: restartable sequences (rseq(2)): a thread's area tells it which CPU (vCPU) it is on, and a sequence
 * that was interrupted by a switch or a signal goes on at its abort address.
 *
 * Threads are switched rarely compared with how often they return to user code: rseq_seen remembers the
 * switch count and vCPU the area was last written for, so the usual check is one comparison. */
#include "thread/rseq.h"
#include "entry/vcpu.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/dispatch.h"
#include "syscall/usercopy.h"

#define RSEQ_FLAG_UNREGISTER 1
#define RSEQ_SIZE 32
#define RSEQ_CPU_UNINITIALIZED 0xffffffffU
#define USER_MAX 0x7fffffffffffUL

struct rseq_ids {
	uint32_t cpu_id_start, cpu_id;
};

struct rseq_area {
	struct rseq_ids ids;
	uint64_t rseq_cs;
	uint32_t flags, node_id, mm_cid, end;
};
_Static_assert(offsetof(struct rseq_area, mm_cid) == 24, "struct rseq layout");

struct rseq_cs {
	uint32_t version, flags;
	uint64_t start_ip, post_commit_offset, abort_ip;
};

static uint64_t switch_state(const struct thread *t)
{
	return (t->nvcsw + t->nivcsw + 1) << 8 | this_vcpu()->index;
}

static int write_ids(struct thread *t)
{
	uint32_t cpu = this_vcpu()->index;
	struct rseq_ids ids = { cpu, cpu };
	uint32_t node_cid[2] = { 0, cpu };

	if (copy_to_user(t->rseq, &ids, sizeof(ids)))
		return -EFAULT;
	return copy_to_user(t->rseq + offsetof(struct rseq_area, node_id), node_cid, sizeof(node_cid));
}

/* If regs are inside the registered sequence: go to its abort address. */
static int abort_sequence(struct thread *t, struct regs *regs)
{
	uaddr_t slot = t->rseq + offsetof(struct rseq_area, rseq_cs), ucs;
	struct rseq_cs cs;
	uint32_t sig;

	if (get_user(ucs, slot))
		return -EFAULT;
	if (!ucs)
		return 0;
	if (get_user(cs, ucs))
		return -EFAULT;
	if (cs.version || cs.abort_ip > USER_MAX || cs.start_ip + cs.post_commit_offset < cs.start_ip ||
	    cs.abort_ip - cs.start_ip < cs.post_commit_offset)
		return -EINVAL;
	if (get_user(sig, cs.abort_ip - 4) || sig != t->rseq_sig)
		return -EINVAL;
	if (put_user((uint64_t)0, slot))
		return -EFAULT;
	if (regs->rip - cs.start_ip < cs.post_commit_offset) {
		regs->rip = cs.abort_ip;
		regs->full |= REGS_FULL;
	}
	return 0;
}

/* A sequence contains no system calls: whoever returns from one was in none. */
static int after_switch(struct thread *t, uint64_t state)
{
	int err = (long)t->regs->orig_rax >= 0 ? 0 : abort_sequence(t, t->regs);

	if (!err && (uint8_t)state != (uint8_t)t->rseq_seen)
		err = write_ids(t);
	return err;
}

void rseq_update(struct thread *t)
{
	uint64_t state = switch_state(t);

	while (t->rseq && t->rseq_seen != state) {
		if (after_switch(t, state)) {
			t->rseq = 0;
			signal_force(SIGSEGV);
			return;
		}
		t->rseq_seen = state;
		state = switch_state(t);
	}
}

void rseq_abort(struct thread *t, struct regs *regs)
{
	if (abort_sequence(t, regs)) {
		t->rseq = 0;
		signal_force(SIGSEGV);
	}
}

static int unregister(struct thread *t, uaddr_t area, uint32_t len, uint32_t sig)
{
	struct rseq_ids ids = { 0, RSEQ_CPU_UNINITIALIZED };

	if (!t->rseq || t->rseq != area || t->rseq_len != len)
		return -EINVAL;
	if (t->rseq_sig != sig)
		return -EPERM;
	if (copy_to_user(area, &ids, sizeof(ids)) ||
	    clear_user(area + offsetof(struct rseq_area, node_id), 8))
		return -EFAULT;
	t->rseq = 0;
	return 0;
}

SYSCALL_DEFINE(rseq, uaddr_t, area, uint32_t, len, int, flags, uint32_t, sig)
{
	struct thread *t = current;

	if (flags & RSEQ_FLAG_UNREGISTER)
		return flags == RSEQ_FLAG_UNREGISTER ? unregister(t, area, len, sig) : -EINVAL;
	if (flags)
		return -EINVAL;
	if (t->rseq) {
		if (t->rseq != area || t->rseq_len != len)
			return -EINVAL;
		return t->rseq_sig != sig ? -EPERM : -EBUSY;
	}
	if (!area || len < RSEQ_SIZE || area % RSEQ_SIZE)
		return -EINVAL;
	t->rseq = area;
	if (write_ids(t)) {
		t->rseq = 0;
		return -EFAULT;
	}
	t->rseq_len = len;
	t->rseq_sig = sig;
	t->rseq_seen = ~0UL; /* the way back writes again, whatever has happened since */
	return 0;
}
