/* misses.h: how much slower memory in the EPC would be.
 *
 * Memory encryption costs where an access misses the last cache. The model cannot spin for that: a slowdown is
 * worked out instead, of a stretch of work that was measured on this machine's ordinary memory. Two ways:
 *
 *   counted  misses of the last cache, by the processor's counters, times what a profile says one costs more
 *            (LLC_MISS)
 *   curve    without counters, and for random reads only: the published ratio of reads inside to outside an enclave,
 *            by the working set (profile icx)
 *
 * Either is a model: print it as one, with its way. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../sgxsim/cost.h"

/* A counter of last-level cache misses of the calling process and all that it starts from now on.
 * A descriptor, or -errno: there is no such counter here (-ENOENT, -ENODEV, -EACCES, -ENOSYS). */
int misses_open(void);
/* Its value; -errno. */
int misses_read(int fd, uint64_t *misses);

/* Work that took so many seconds with so many misses takes this many times as long. */
double misses_slowdown(const struct cost_profile *p, uint64_t misses, double seconds);
/* The same for random reads in a region of so many bytes; 0: nothing is published for the profile. Between
 * the published sizes by interpolation, beyond them the nearest. */
double misses_slowdown_curve(const char *profile, uint64_t bytes);
