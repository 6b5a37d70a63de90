/* timex.h: struct timex of adjtimex(2). */
#pragma once
#include "linux/time.h"

struct timex {
	uint32_t modes, pad0;
	int64_t offset, freq, maxerror, esterror;
	int32_t status, pad1;
	int64_t constant, precision, tolerance;
	struct timeval time;
	int64_t tick, ppsfreq, jitter;
	int32_t shift, pad2;
	int64_t stabil, jitcnt, calcnt, errcnt, stbcnt;
	int32_t tai, reserved[11];
};
_Static_assert(sizeof(struct timex) == 208, "struct timex layout");

#define ADJ_TICK 0x4000u
#define TICK_MIN 9000 /* ten per cent from 10000, in microseconds */
#define TICK_MAX 11000
#define ADJ_OFFSET_SS_READ 0xa001u
#define STA_UNSYNC 0x40
#define TIME_ERROR 5
#define NTP_PHASE_LIMIT 16000000
#define MAXFREQ_SCALED 32768000
