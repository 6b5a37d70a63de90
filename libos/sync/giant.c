/* giant.c: a test-and-set lock with back-off; see giant.h for what it protects. */
#include "sync/giant.h"
#include "base/log.h"
#include "tunables.h"
#include "entry/vcpu.h"
#include "hostcall/hostcall.h"
#include "thread/thread.h"

static struct vcpu *volatile owner;

bool giant_held(void)
{
	return owner == this_vcpu();
}

static bool giant_try(struct vcpu *self)
{
	struct vcpu *free = NULL;

	return !owner &&
	       __atomic_compare_exchange_n(&owner, &free, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void giant_wait(struct vcpu *self)
{
	uint64_t began = __builtin_ia32_rdtsc();

	for (unsigned spins = 0; !giant_try(self); spins++) {
		__builtin_ia32_pause();
		if (spins == GIANT_SPINS) {
			host_park(50000);
			spins = 0;
		}
	}
	uint64_t waited = __builtin_ia32_rdtsc() - began;
	self->lock_waited += waited;
	if (!self->running)
		self->busy += waited; /* it was in the idle loop, where the clock does not run */
}

void giant_lock(void)
{
	struct vcpu *self = this_vcpu();

	assert(owner != self);
	if (!giant_try(self))
		giant_wait(self);
}

void giant_unlock(void)
{
	assert(giant_held());
	__atomic_store_n(&owner, NULL, __ATOMIC_RELEASE);
}

void giant_yield(void)
{
	giant_unlock();
	__builtin_ia32_pause();
	giant_lock();
	thread_yield();
}
