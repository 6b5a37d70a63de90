/* vdso.c: the functions of the vDSO. Runs in programs, at any address: no relocations, no writable data.
 *
 * The arithmetic is that of time/clock.c, so values from here and from system calls form one monotone sequence.
 * What cannot be answered here becomes a system call through the gate, in the very form that the loader
 * patches into programs (7-byte lea, 6-byte jmp: syscall/dispatch.h, SYSCALL_STUB_TAIL). */
#include "entry/vcpu.h"
#include "linux/time.h"
#include "time/vdso/data.h"

#define SYS_GETTIMEOFDAY 96
#define SYS_TIME 201
#define SYS_CLOCK_GETTIME 228
#define SYS_CLOCK_GETRES 229
#define EXPORT __attribute__((visibility("default")))

extern const struct vdso_data vdso_data __attribute__((visibility("hidden")));

int __vdso_clock_gettime(int clock, struct timespec *ts);
int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
int64_t __vdso_time(int64_t *t);
int __vdso_clock_getres(int clock, struct timespec *ts);
int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

static long call_libos(long nr, long a, const void *b)
{
	long ret;

	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\t"
			 "jmpq *vdso_data+%c[gate](%%rip)\n"
			 "1:"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), [gate] "i"(offsetof(struct vdso_data, gate))
			 : "rcx", "r11", "memory", "cc");
	return ret;
}

static inline uint64_t tsc_ordered(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline nsec_t mono(void)
{
	const struct clock_params *c = &vdso_data.clock;

	return c->mono_base +
	       (nsec_t)(((unsigned __int128)(tsc_ordered() - c->tsc_base) * c->mult) >> 32);
}

static inline void store(struct timespec *ts, nsec_t ns)
{
	*ts = ns_to_timespec(ns);
}

EXPORT int __vdso_clock_gettime(int clock, struct timespec *ts)
{
	if (vdso_data.clock.mult) {
		switch (clock) {
		case CLOCK_REALTIME:
		case CLOCK_REALTIME_COARSE:
		case CLOCK_REALTIME_ALARM:
		case CLOCK_TAI:
			store(ts, mono() + vdso_data.clock.real_offset);
			return 0;
		case CLOCK_MONOTONIC:
		case CLOCK_MONOTONIC_RAW:
		case CLOCK_MONOTONIC_COARSE:
		case CLOCK_BOOTTIME:
		case CLOCK_BOOTTIME_ALARM:
			store(ts, mono());
			return 0;
		}
	}
	return (int)call_libos(SYS_CLOCK_GETTIME, clock, ts);
}

EXPORT int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	if (!vdso_data.clock.mult)
		return (int)call_libos(SYS_GETTIMEOFDAY, (long)tv, tz);
	if (tv)
		*tv = ns_to_timeval(mono() + vdso_data.clock.real_offset);
	if (tz)
		*tz = (struct timezone){ 0, 0 };
	return 0;
}

EXPORT int64_t __vdso_time(int64_t *t)
{
	int64_t now;

	if (!vdso_data.clock.mult)
		return call_libos(SYS_TIME, (long)t, NULL);
	now = (int64_t)((mono() + vdso_data.clock.real_offset) / NSEC_PER_SEC);
	if (t)
		*t = now;
	return now;
}

EXPORT int __vdso_clock_getres(int clock, struct timespec *ts)
{
	return (int)call_libos(SYS_CLOCK_GETRES, clock, ts);
}

EXPORT int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	(void)unused;
	if (cpu)
		__asm__ volatile("movl %%gs:%c1, %0" : "=r"(*cpu) : "i"(offsetof(struct vcpu, index)));
	if (node)
		*node = 0;
	return 0;
}

/* The names without prefix exist as on Linux; callers look for either. */
EXPORT int clock_gettime(int clock, struct timespec *ts) __attribute__((weak, alias("__vdso_clock_gettime")));
EXPORT int gettimeofday(struct timeval *tv, struct timezone *tz)
	__attribute__((weak, alias("__vdso_gettimeofday")));
EXPORT int64_t time(int64_t *t) __attribute__((weak, alias("__vdso_time")));
EXPORT int clock_getres(int clock, struct timespec *ts) __attribute__((weak, alias("__vdso_clock_getres")));
EXPORT int getcpu(unsigned *cpu, unsigned *node, void *unused) __attribute__((weak, alias("__vdso_getcpu")));
