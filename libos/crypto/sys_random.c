/* sys_random.c: getrandom(2). The generator is seeded at boot, so it never blocks. */
#include "crypto/rng.h"
#include "linux/errno.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "thread/thread.h"

#define GRND_NONBLOCK 1u
#define GRND_RANDOM 2u
#define GRND_INSECURE 4u
#define RANDOM_STEP 256

SYSCALL_DEFINE(getrandom, uaddr_t, ubuf, size_t, n, unsigned, flags)
{
	uint8_t chunk[RANDOM_STEP];
	size_t done = 0;

	if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	n = MIN(n, (size_t)INT32_MAX);
	while (done < n) {
		size_t k = MIN(n - done, sizeof(chunk));

		rng_bytes(chunk, k);
		if (copy_to_user(ubuf + done, chunk, k))
			return done ? (long)done : -EFAULT;
		done += k;
		if (done < n && signal_pending(current))
			return (long)done;
	}
	return (long)done;
}
