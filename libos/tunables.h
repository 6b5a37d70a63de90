/* tunables.h: every tunable of the LibOS, with its reason. */
#pragma once

/* A queued thread may be taken by another vCPU after this long (about 20 us): a hand-off that its waker
 * will make by itself sooner must not be torn to another core. */
#define STEAL_AGE_CYCLES 50000UL
/* A thread that slept within so long of waking another, so often in a row, is expected to do so again, and trusted for so
 * many times. */
#define HANDOFF_NS       20000UL
#define HANDOFFS_SURE    3u
#define HANDOFFS_TRUSTED 8u
#define STEAL_DEPTH 8u /* threads looked at in another vCPU's queue */
/* A thread that waited while its vCPU went back to user code this often is offered to a parked vCPU, which costs a host
 * call here and a cold cache there: a system call or two of its waker are not worth it. */
#define OFFER_AFTER 16
/* An idle vCPU looks for work this long (about 15 us) before it pays two host switches to park. */
#define IDLE_SPIN_CYCLES 40000UL
/* Spins on the giant lock (about 50 us), or for another vCPU to leave user code, before telling the host to run others: the one
 * we wait for may be preempted there. */
#define GIANT_SPINS 2000
/* The LibOS heap grows to this by default. */
#define HEAP_MAX_DEFAULT (16UL << 30)
/* Threads of all processes when the configuration does not say. */
#define THREADS_MAX_DEFAULT 32768
/* Connections or datagrams taken from inside the enclave before the host is asked for others'. */
#define LOOP_TURN 8u
/* A thread that did something else with the network or slept within so long (about 20 us) of sending, so often in a row, is
 * expected to do so again: its sends may wait until then. */
#define PROMPT_CYCLES 50000UL
#define PROMPT_SURE   3u
/* They wait if requests of so many streams are at hand that were read ahead (with fewer, client and server would wait for each
 * other), and are no larger than this: larger ones are work enough each. */
#define LATER_WORTH   3u
#define LATER_MAX     16384u
/* Busy vCPUs look at the network this often (about 40 us): a look is a host call of about 0.3 us. */
#define NET_POLL_CYCLES 100000UL
/* On the way back from a system call timers and the network are thought of this often (about 8 us): reading the clock costs as
 * much as a tenth of a short call. */
#define LOOK_CYCLES 20000UL
/* An idle vCPU that waited for the network for less than this (60 us, much of which is going to sleep and waking up) so often in
 * a row looks for events for so long before it sleeps. */
#define NET_SHORT      60000UL
#define NET_SHORT_SURE 3u
#define NET_SPIN       40000UL
/* A turn of forked relatives that is younger than this is given away neither for want of work before the network was looked at,
 * nor to one that has only waited longer for the processor: a turn takes about 6 us, and servers' workers often have a request
 * each under way with many clients. */
#define TURN_LOOK_NS 400000UL
/* An idle vCPU that the network woke in vain does not look at it for so long while others run: they do. Twice as long
 * each time in a row. */
#define NET_REST_MIN 500000UL
#define NET_REST_MAX 4000000UL
/* Pages of anonymous memory that a fault brings in: at first, in stacks (what is committed once is zeroed at each use of
 * the place, and most programs need little), and when a program goes through memory in order. */
#define BATCH_FIRST 16u
#define BATCH_STACK 4u
#define BATCH_MAX 256u
/* Pages that are kept when programs give them back, at most (128 MiB) and without a look at whether they are needed again
 * (16 MiB); and how long none of the others may be needed (1 s). */
#define POOLED_MAX 32768u
#define POOLED_LOW 4096u
#define POOLED_AGE 1000000000L
/* Data that became read-only keeps the right to be written in the EPCM until so many pages have, or this long (50 ms). */
#define RESTRICT_MAX 1024u
#define RESTRICT_AGE 50000000L
/* A vCPU looks after so long a time of use (about 100 us) whether it waited for the giant lock more than this part of it;
 * then it rests so long. */
#define REST_LOOK_CYCLES 250000UL
#define REST_SHARE 6u
#define REST_MIN 1000000UL
#define REST_AGE_CYCLES 2000000UL /* about 0.8 ms: a thread that waited so long needs a second vCPU */
#define REST_MAX 16000000UL
