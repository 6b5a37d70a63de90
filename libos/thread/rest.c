/* rest.c: a vCPU that mostly waits for the giant lock rests.
 *
 * When threads do little but system calls, a second vCPU does not make them faster, but slower: they wait for the lock,
 * the LibOS's data moves from cache to cache with each call, and every change of rights interrupts the other processor.
 * So each vCPU compares, while it is in use, what it waited with what it ran (and an idle one that cannot get the lock to
 * look for work waits all the time). One that waited too long leaves its threads to another one that is busy and takes
 * none for a while, twice as long each time in a row, and the other has the LibOS to itself. After that it takes a
 * thread only if that has waited for long, so not while all of them run briefly; if it need not wait then, all is as
 * before. A program that computes never waits, and keeps its vCPU. Lock: giant. */
#include "thread/rest.h"
#include "time/clock.h"
#include "tunables.h"

static uint64_t busy_cycles(const struct vcpu *v, uint64_t now)
{
	return v->busy + (v->running ? now - v->busy_since : 0);
}

static void look_anew(struct vcpu *v, uint64_t now)
{
	v->busy = 0;
	v->busy_since = now;
	v->lock_waited = 0;
}

void rest_busy(struct vcpu *v)
{
	v->busy_since = __builtin_ia32_rdtsc();
}

void rest_idle(struct vcpu *v)
{
	v->busy = busy_cycles(v, __builtin_ia32_rdtsc());
}

void rest_over(struct vcpu *v)
{
	v->rest = 0;
	v->rest_until = 0;
}

bool rest_now(const struct vcpu *v)
{
	return v->rest_until && clock_mono() < v->rest_until;
}

struct vcpu *rest_heir(const struct vcpu *v)
{
	for (unsigned i = 0; i < vcpus_online; i++)
		if (vcpus[i] != v && vcpus[i]->running && !rest_now(vcpus[i]))
			return vcpus[i];
	return NULL;
}

bool rest_due(struct vcpu *v)
{
	uint64_t now = __builtin_ia32_rdtsc(), busy = busy_cycles(v, now);
	bool waits = v->lock_waited * REST_SHARE > busy;

	if (busy < REST_LOOK_CYCLES || !rest_heir(v))
		return false;
	look_anew(v, now);
	v->rest = waits ? MIN(MAX(2 * v->rest, REST_MIN), REST_MAX) : 0;
	v->rest_until = waits ? clock_mono() + v->rest : 0;
	return waits;
}
