/* itimer.h: interval timers and POSIX timers of a process, all on process.itimers. */
#pragma once
#include "signal/internal.h"
#include "time/utimer.h"

struct process;

/* One timer. which: ITIMER_*, or TIMER_POSIX with the rest in use. */
#define TIMER_POSIX 3
struct process_timer {
	struct list node; /* process.itimers */
	struct process *process;
	struct utimer timer;
	int which;
	int id;
	int notify;       /* SIGEV_* */
	kpid_t tid;       /* SIGEV_THREAD_ID */
	int clock;        /* as the program named it */
	bool realtime;    /* absolute times are CLOCK_REALTIME's */
	bool signalled;   /* the entry is pending; the next period starts when it is taken */
	int64_t overrun;  /* expirations missed since the last signal */
	int32_t last_overrun;
	struct sigqueue entry;
};

/* The process ends: all timers go. / It executes a program: POSIX timers go, interval timers stay. */
void itimers_exit(struct process *p);
void itimers_exec(struct process *p);
/* posix_timer.c: frees a timer of kind TIMER_POSIX, its pending signal too. */
void posix_timer_free(struct process_timer *pt);
