/* ocall.c: one call to the host, and the calls that have no data: vCPU, clock, log. */
#include "base/log.h"
#include "base/string.h"
#include "entry/enclu.h"
#include "entry/vcpu.h"
#include "hostcall/hostcall.h"
#include "hostcall/internal.h"
#include "linux/errno.h"
#include "thread/fpu.h"
#include "thread/thread.h"

struct host_control *host_control;
uint64_t host_news;

long ocall_check(int64_t ret, int64_t max)
{
	if (ret < 0)
		return ret >= -4095 ? (long)ret : -EIO;
	return ret <= max ? (long)ret : -EIO;
}

haddr_t ocall_data(size_t *size)
{
	*size = SHARED_VCPU_SLICE - PAGE_SIZE;
	return this_vcpu()->shared + PAGE_SIZE;
}

long ocall_run(enum ocall_nr nr, void *args, size_t size, int64_t max)
{
	struct vcpu *v = this_vcpu();
	struct thread *t = v->running;
	bool live = t && t->regs && !v->fpu_busy; /* a program's state is in the registers */
	uint64_t fs_base = fs_base_read();
	int64_t ret;

	copy_to_host(v->shared, args, size);
	if (live)
		fpu_switch_out(t);
	fpu_hide();
	enclave_ocall((uint64_t)nr, v->shared);
	if (live)
		fpu_switch_in(t);
	fs_base_write(fs_base);
	if (nr != OCALL_NET_WRITE && nr != OCALL_NET_LATER)
		__atomic_add_fetch(&host_news, 1, __ATOMIC_RELAXED);
	copy_from_host(args, v->shared, size);
	memcpy(&ret, (char *)args + size - sizeof(ret), sizeof(ret));
	return ocall_check(ret, max);
}

void host_park(nsec_t timeout)
{
	struct ocall_park a = { .timeout_ns = timeout, .vcpu = this_vcpu()->index };

	(void)ocall_run(OCALL_PARK, &a, sizeof(a), 0);
}

void host_unpark(unsigned vcpu)
{
	struct ocall_unpark a = { .vcpu = vcpu };

	(void)ocall_run(OCALL_UNPARK, &a, sizeof(a), 0);
}

void host_kick(unsigned vcpu)
{
	struct ocall_kick a = { .vcpu = vcpu };

	(void)ocall_run(OCALL_KICK, &a, sizeof(a), 0);
}

void host_want_tick(unsigned vcpu, bool wanted)
{
	struct ocall_tick a = { 0 };

	host_control->tick_wanted[vcpu] = wanted;
	if (wanted && host_control->tick_asleep)
		(void)ocall_run(OCALL_TICK, &a, sizeof(a), 0);
}

void host_log(int level, const char *msg, size_t len)
{
	struct ocall_log a = { .level = (uint32_t)level };
	size_t max;

	if (!this_vcpu()->shared)
		return;
	a.buf = ocall_data(&max);
	a.len = (uint32_t)MIN(len, max);
	copy_to_host(a.buf, msg, a.len);
	(void)ocall_run(OCALL_LOG, &a, sizeof(a), 0);
}

nsec_t host_clock(int clock)
{
	struct ocall_clock a = { .clock = (uint32_t)clock };

	return ocall_run(OCALL_CLOCK, &a, sizeof(a), 0) ? 0 : a.ns;
}
