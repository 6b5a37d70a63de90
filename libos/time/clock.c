/* clock.c: time from the TSC. The host gives frequency and base once at boot; if it gives no usable
 * frequency, every reading is a host call, clamped so that it never goes back. The host can lie about
 * wall-clock time and about the rate; it cannot make time run backwards. */
#include "time/clock.h"
#include "hostcall/hostcall.h"
#include "time/calibrate.h"

struct clock_params clock_params;
static volatile nsec_t last_slow;

void clock_init(uint64_t tsc_hz, uint64_t tsc_base, nsec_t mono_base, nsec_t real_base)
{
	clock_params.tsc_base = tsc_base;
	clock_params.mono_base = mono_base;
	clock_params.real_offset = real_base - mono_base;
	if (tsc_hz >= 1000000 && tsc_hz < 100000000000UL && tsc_base <= __builtin_ia32_rdtsc())
		clock_params.mult = (uint64_t)(((unsigned __int128)NSEC_PER_SEC << 32) / tsc_hz);
	clock_params.start = clock_mono();
}

static nsec_t slow_mono(void)
{
	nsec_t now = host_clock(1), last = last_slow;

	while (now > last && !__atomic_compare_exchange_n(&last_slow, &last, now, false, __ATOMIC_RELAXED,
							  __ATOMIC_RELAXED))
		;
	return MAX(now, last);
}

nsec_t clock_mono(void)
{
	if (!clock_params.mult)
		return slow_mono();
	return clock_params.mono_base +
	       (nsec_t)(((unsigned __int128)(__builtin_ia32_rdtsc() - clock_params.tsc_base) * clock_params.mult) >>
			32);
}

nsec_t clock_real(void)
{
	return clock_mono() + clock_params.real_offset;
}

nsec_t clock_boot(void)
{
	return clock_mono();
}

nsec_t clock_running(void)
{
	return clock_mono() - clock_params.start;
}
