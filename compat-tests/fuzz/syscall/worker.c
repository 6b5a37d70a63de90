/*
 * A worker: a process that makes random calls in one to four threads until it has made enough, dies
 * by what it did, or can do nothing more because it has blocked every signal and sleeps.
 *
 * Its first thread makes no random calls. It watches the others: one that does not get on is
 * interrupted by a signal, so that any call may sleep for ever and the worker goes on.
 */
#include "fuzz.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 4, CHILD_CALLS = 12, NOBODY = 65534, EXIT_STUCK = 3, STUCK_TICKS = 30 };

int supervisor_pid;

static struct fuzz_thread {
	struct rng rng;
	unsigned calls;
	volatile unsigned done; /* calls made */
	volatile int tid;
	volatile bool over;
} threads[THREADS_MAX];
static int thread_count;
static volatile uint64_t child_seed;

__attribute__((noreturn)) static void leave(int status)
{
	uint64_t a[6] = { (uint64_t)status };

	for (;;)
		raw_call(SYS_exit_group, a);
}

static bool makes_children(unsigned nr)
{
	return nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone || nr == SYS_clone3;
}

static void choose(struct rng *r, const struct call *c, uint64_t a[6])
{
	for (unsigned i = 0; i < 6; i++)
		a[i] = i < strlen(c->args) ? value_of(r, c, i) : rnd(r);
}

/* A child made by one of the calls: any stack, any part of the memory shared. A few calls, then the end. */
__attribute__((noreturn, used)) static void child_run(void)
{
	struct rng r = rng_from(child_seed++);
	uint64_t a[6];

	for (int i = 0; i < CHILD_CALLS; i++) {
		const struct call *c = call_pick(&r);

		if (!c || makes_children(c->nr))
			continue;
		choose(&r, c, a);
		raw_call(c->nr, a);
	}
	memset(a, 0, sizeof(a));
	for (;;)
		raw_call(SYS_exit, a);
}

/* As raw_call(), but a child goes to child_run() on whatever stack it has. */
static long raw_clone(long nr, const uint64_t a[6])
{
	register uint64_t r10 __asm__("r10") = a[3];
	register uint64_t r8 __asm__("r8") = a[4];
	register uint64_t r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "lea -256(%%rsp), %%rsp\n\t"
			 "and $-16, %%rsp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call child_run\n\t"
			 "1:"
			 : "=a"(ret)
			 : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Handlers and masks as a watcher needs them, whatever was done to them. */
static void unblock(void)
{
	uint64_t none = 0;
	uint64_t a[6] = { SIG_SETMASK, (uint64_t)&none, 0, 8 };

	raw_call(SYS_rt_sigprocmask, a);
}

static void one_call(struct fuzz_thread *t)
{
	const struct call *c = call_pick(&t->rng);
	uint64_t a[6], unknown[6] = { 0 };
	long ret;

	if (!c)
		leave(2);
	if (percent(&t->rng, 1)) {
		raw_call(460 + below(&t->rng, 200), unknown);
		return;
	}
	choose(&t->rng, c, a);
	if (c->nr == SYS_clone && percent(&t->rng, 90))
		a[0] = (a[0] & ~255UL) | SIGCHLD;
	ret = makes_children(c->nr) ? raw_clone(c->nr, a) : raw_call(c->nr, a);
	value_returned(&t->rng, c, ret);
}

static void *thread_body(void *arg)
{
	struct fuzz_thread *t = arg;
	uint64_t none[6] = { 0 };

	t->tid = (int)raw_call(SYS_gettid, none);
	while (t->done < t->calls) {
		one_call(t);
		t->done++;
		if (t->done % 16 == 0)
			unblock();
	}
	t->over = true;
	if (thread_count == 1)
		leave(0);
	for (;;) { /* not through libc, which may be broken by now */
		raw_call(SYS_exit, none);
	}
	return NULL;
}

static void on_signal(int sig)
{
	(void)sig;
}

static void set_handlers(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGTTOU, &sa, NULL);
	sigaction(SIGTTIN, &sa, NULL);
}

/* Interrupts threads that do not get on; ends the process when that does not help. */
__attribute__((noreturn)) static void watch(void)
{
	struct timespec tick = { 0, 5000000 };
	unsigned last[THREADS_MAX] = { 0 }, stuck[THREADS_MAX] = { 0 };
	sigset_t all;
	int over;

	sigfillset(&all);
	do {
		over = 0;
		sigprocmask(SIG_BLOCK, &all, NULL);
		syscall(SYS_nanosleep, &tick, NULL);
		for (int i = 0; i < thread_count; i++) {
			struct fuzz_thread *t = &threads[i];

			if (t->over || stuck[i] > STUCK_TICKS) {
				over++;
				continue;
			}
			stuck[i] = t->done == last[i] ? stuck[i] + 1 : 0;
			last[i] = t->done;
			if (!stuck[i])
				continue;
			set_handlers();
			syscall(SYS_tgkill, getpid(), t->tid, SIGUSR1);
		}
	} while (over < thread_count);
	for (int i = 0; i < thread_count; i++)
		if (!threads[i].over)
			leave(EXIT_STUCK);
	leave(0);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		_exit(5);
}

static void limit(int what, rlim_t n)
{
	struct rlimit l = { n, n };

	setrlimit(what, &l);
}

int worker_run(const struct worker_options *o)
{
	struct rng r = rng_from(o->seed);
	pthread_attr_t attr;

	supervisor_pid = o->supervisor;
	thread_count = o->threads ? o->threads : (int)(1 + below(&r, THREADS_MAX));
	child_seed = rnd(&r);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_FSIZE, 8 << 20);
	limit(RLIMIT_AS, 256 << 20);
	setsid();
	if (percent(&r, 40))
		become_nobody();
	values_init(o->seed);
	set_handlers();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	for (int i = 0; i < thread_count; i++) {
		pthread_t id;

		threads[i].rng = rng_from(rnd(&r));
		threads[i].calls = o->calls;
		if (pthread_create(&id, &attr, thread_body, &threads[i]))
			_exit(6);
	}
	watch();
}
