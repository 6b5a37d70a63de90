/* host_env.c: the LibOS' surroundings for unit tests: heap over malloc (so that ASan sees every object), a
 * fake current thread and process, a clock that only sleeping moves. Everything is weak: a test that needs the
 * real thing links it. */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "crypto/sha256.h"
#include "eip/counter.h"
#include "eip/eip.h"
#include "eip/pipe.h"
#include "entry/vcpu.h"
#include "linux/errno.h"
#include "process/process.h"
#include "signal/signal.h"
#include "sync/giant.h"
#include "sync/waitq.h"
#include "syscall/usercopy.h"
#include "test/unit.h"
#include "thread/thread.h"
#include "time/clock.h"

#define weak __attribute__((weak))

void *malloc(size_t n);
void *realloc(void *p, size_t n);
void free(void *p);
void *aligned_alloc(size_t align, size_t n);
int vdprintf(int fd, const char *fmt, va_list ap);
unsigned char *SHA256(const unsigned char *d, size_t n, unsigned char *md);
void abort(void) noreturn_fn;
long syscall(long nr, ...);

weak int log_level = LOG_OFF;
nsec_t unit_now = 1000 * NSEC_PER_SEC;
struct thread unit_thread;
static struct vcpu unit_vcpu;
struct process unit_process;
long unit_alloc_fail_after = -1;

static bool alloc_fails(void)
{
	if (unit_alloc_fail_after < 0)
		return false;
	if (unit_alloc_fail_after == 0)
		return true;
	unit_alloc_fail_after--;
	return false;
}

weak void *kmalloc(size_t n) { return alloc_fails() ? NULL : malloc(n ? n : 1); }
weak void kfree(void *p) { free(p); }
weak void *krealloc(void *p, size_t n) { return alloc_fails() ? NULL : realloc(p, n); }
weak void *kzalloc(size_t n)
{
	void *p = kmalloc(n);

	return p ? memset(p, 0, n) : NULL;
}
weak char *kstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = kmalloc(n);

	return p ? memcpy(p, s, n) : NULL;
}
weak void *page_alloc(size_t count) { return alloc_fails() ? NULL : aligned_alloc(4096, count * 4096); }
weak void *page_alloc_zero(size_t count)
{
	void *p = page_alloc(count);

	return p ? memset(p, 0, count * 4096) : NULL;
}
weak void page_free(void *p, size_t count)
{
	(void)count;
	free(p);
}
weak void heap_stats(struct heap_stats *out) { *out = (struct heap_stats){ 0 }; }

weak void log_print(int level, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	vdprintf(2, fmt, ap);
	va_end(ap);
}
weak void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vdprintf(2, fmt, ap);
	va_end(ap);
	abort();
}

struct inode;
weak unsigned notify_watches;
weak void notify_gone_(struct inode *i) { (void)i; }
weak unsigned vcpu_count(void) { return 2; }
weak unsigned vcpu_current_index(void) { return 0; }
weak struct list process_all = LIST_INIT(process_all);
weak bool capable(int cap)
{
	(void)cap;
	return unit_process.cred.euid == 0;
}
weak bool giant_held(void) { return true; }
weak void giant_lock(void) {}
weak void giant_unlock(void) {}
weak void giant_yield(void) {}
weak void thread_yield(void) {}
weak bool signal_pending(struct thread *t) { return t->sig_pending & ~t->sig_blocked; }
weak int signal_send_process(struct process *p, int sig, const struct siginfo *info)
{
	(void)info;
	p->sig_pending |= 1UL << (sig - 1);
	return 0;
}
weak int signal_send_thread(struct thread *t, int sig, const struct siginfo *info)
{
	(void)info;
	t->sig_pending |= 1UL << (sig - 1);
	return 0;
}

weak void waitq_init(struct waitq *q) { list_init(&q->waiters); }
weak void waiter_init(struct waiter *w)
{
	*w = (struct waiter){ .thread = thread_current() };
	list_init(&w->node);
}
weak void waitq_add(struct waitq *q, struct waiter *w) { list_push_back(&q->waiters, &w->node); }
weak void waitq_remove(struct waiter *w) { list_remove(&w->node); }
weak void waitq_wake(struct waitq *q, int n, unsigned events)
{
	struct waiter *w, *tmp;

	list_for_each_safe(w, tmp, &q->waiters, node) {
		if (events && w->events && !(w->events & events))
			continue;
		if (w->exclusive && n-- <= 0)
			continue;
		w->woken = true;
		if (w->notify)
			w->notify(w, events);
	}
}
weak void waitq_wake_all(struct waitq *q, unsigned events) { waitq_wake(q, INT32_MAX, events); }
/* Nobody else runs in a unit test: a sleep ends by a pending signal or by its deadline. */
weak int thread_block(enum wait_mode mode, nsec_t deadline)
{
	if (mode != WAIT_UNINTERRUPTIBLE && signal_pending(thread_current()))
		return -EINTR;
	if (deadline == NSEC_NEVER)
		panic("the test would sleep for ever");
	unit_now = MAX(unit_now, deadline);
	return -ETIMEDOUT;
}
weak int waitq_wait(struct waitq *q, enum wait_mode mode, nsec_t deadline)
{
	(void)q;
	return thread_block(mode, deadline);
}

weak nsec_t clock_mono(void) { return unit_now; }
weak nsec_t clock_real(void) { return unit_now + 1700000000 * NSEC_PER_SEC; }
weak nsec_t clock_boot(void) { return unit_now; }

static uint64_t seed = 42;
weak uint64_t rng_u64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}
weak void rng_bytes(void *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = (uint8_t)rng_u64();
}
weak void sha256(const void *data, size_t n, uint8_t out[32]) { SHA256(data, n, out); }
weak void fpu_begin(void) {}
weak void fpu_end(void) {}

/* User memory is the test's own memory. */
weak int copy_from_user(void *dst, uaddr_t src, size_t n)
{
	if (n && src < 4096)
		return -EFAULT;
	memcpy(dst, (const void *)src, n);
	return 0;
}
weak int copy_to_user(uaddr_t dst, const void *src, size_t n)
{
	if (n && dst < 4096)
		return -EFAULT;
	memcpy((void *)dst, src, n);
	return 0;
}
weak void *user_map(uaddr_t addr, size_t n, bool write)
{
	(void)write;
	return n && addr < 4096 ? NULL : (void *)addr;
}
weak int clear_user(uaddr_t dst, size_t n)
{
	if (n && dst < 4096)
		return -EFAULT;
	memset((void *)dst, 0, n);
	return 0;
}
weak ssize_t strncpy_from_user(char *dst, uaddr_t src, size_t size)
{
	size_t n;

	if (src < 4096)
		return -EFAULT;
	n = strnlen((const char *)src, size);
	if (n == size)
		return -ENAMETOOLONG;
	memcpy(dst, (const void *)src, n + 1);
	return (ssize_t)n;
}
weak int path_from_user(uaddr_t src, bool allow_empty, char **out)
{
	char *p = kmalloc(4096);
	ssize_t n = p ? strncpy_from_user(p, src, 4096) : -ENOMEM;

	if (!n && !allow_empty)
		n = -ENOENT;
	if (n < 0) {
		kfree(p);
		return (int)n;
	}
	*out = p;
	return 0;
}
weak int user_load32(uaddr_t addr, uint32_t *val) { return copy_from_user(val, addr, 4); }
weak int user_cmpxchg32(uaddr_t addr, uint32_t old, uint32_t new_val, uint32_t *seen)
{
	if (addr < 4096)
		return -EFAULT;
	*seen = *(uint32_t *)addr;
	if (*seen == old)
		*(uint32_t *)addr = new_val;
	return 0;
}

/* Nothing runs in enclaves of its own here. */
weak struct process *eip_main;
weak bool eip_enabled(void) { return false; }
weak void eip_report(struct process *p, int code, int status) { (void)p, (void)code, (void)status; }
weak void eip_orphaned(struct process *p, struct process *reaper) { (void)p, (void)reaper; }
weak void eip_identity_changed(struct process *p) { (void)p; }
weak void eip_stop_if_done(void) {}
weak void eip_signal_process(struct process *p, int sig, const struct siginfo *info) { (void)p, (void)sig, (void)info; }
weak void eip_signal_thread(struct thread *t, int sig, const struct siginfo *info) { (void)t, (void)sig, (void)info; }
weak void eip_signal_group(kpid_t pgid, int sig, const struct siginfo *info) { (void)pgid, (void)sig, (void)info; }
weak int eip_kill(const struct eip_kill *k) { (void)k; return -ESRCH; }
weak int eip_getpgid(kpid_t pid) { (void)pid; return -ESRCH; }
weak int eip_getsid(kpid_t pid) { (void)pid; return -ESRCH; }
weak bool eip_group_in_session(kpid_t pgid, kpid_t sid) { (void)pgid, (void)sid; return false; }
weak void eip_tty_changed(const struct tty *t) { (void)t; }
weak char eip_process_state(kpid_t pid) { (void)pid; return 'X'; }
weak void eip_pids_low(void) {}
weak void eip_file_released(const struct file *f) { (void)f; }
weak bool eip_file_is_pipe(const struct file *f) { (void)f; return false; }
weak long eip_pipe_fcntl(struct file *f, int cmd, size_t size) { (void)f, (void)cmd, (void)size; return -EBADF; }
weak int eip_pipe_create(unsigned flags, struct file *ends[2]) { (void)flags, (void)ends; return -ENOSYS; }
weak int eip_pipe_open(struct inode *inode, struct file *f) { (void)inode, (void)f; return -ENXIO; }
weak struct eip_counter *eip_counter_create(uint64_t count, struct waitq *readers) { (void)count, (void)readers; return NULL; }
weak void eip_counter_free(struct eip_counter *c) { (void)c; }
weak int eip_counter_add(struct eip_counter *c, uint64_t value, uint64_t max) { (void)c, (void)value, (void)max; return -EIO; }
weak int eip_counter_take(struct eip_counter *c, bool one, uint64_t *value) { (void)c, (void)one, (void)value; return -EIO; }
weak bool eip_counter_ready(const struct eip_counter *c) { (void)c; return false; }
weak void eip_counter_pack(const struct eip_counter *c, struct pack *p, int fds[2]) { (void)c, (void)p, (void)fds; }
weak struct eip_counter *eip_counter_unpack(struct unpack *u, const int fds[2], struct waitq *readers)
{
	(void)u, (void)fds, (void)readers;
	return NULL;
}
weak void pack_bytes(struct pack *p, const void *data, size_t n) { (void)p, (void)data, (void)n; }
weak void pack_u32(struct pack *p, uint32_t v) { (void)p, (void)v; }
weak uint32_t unpack_u32(struct unpack *u) { (void)u; return 0; }
weak bool eip_exec_leaves(void) { return false; }
weak int eip_exec(const struct program *pg, struct eip_peer **to) { (void)pg, (void)to; return -ENOSYS; }
weak int eip_fork(struct process *p, struct thread *t) { (void)p, (void)t; return -ENOSYS; }

/* By the system call: valgrind does not know wrgsbase. */
void unit_gs_set(struct vcpu *v)
{
	syscall(158 /* arch_prctl */, 0x1001 /* ARCH_SET_GS */, v);
}

void unit_env_reset(void)
{
	unit_vcpu.self = &unit_vcpu;
	unit_vcpu.running = &unit_thread;
	unit_gs_set(&unit_vcpu);
	memset(&unit_thread, 0, sizeof(unit_thread));
	memset(&unit_process, 0, sizeof(unit_process));
	unit_thread.tid = unit_process.pid = 100;
	unit_thread.process = &unit_process;
	unit_process.leader = &unit_thread;
	unit_process.ref = 1;
	unit_process.nthreads = 1;
	unit_process.pgid = unit_process.sid = 100;
	unit_process.cred.cap_effective = unit_process.cred.cap_permitted = ~0UL;
	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		unit_process.rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	unit_process.rlim[7] = (struct rlimit){ 1024, 4096 }; /* RLIMIT_NOFILE */
	list_init(&unit_process.threads);
	list_init(&unit_process.children);
	list_init(&unit_process.sibling);
	list_init(&unit_process.all_node);
	list_init(&unit_process.sig_queue);
	list_init(&unit_process.itimers);
	list_init(&unit_thread.in_process);
	list_init(&unit_thread.run_node);
	list_init(&unit_thread.sig_queue);
	list_push_back(&unit_process.threads, &unit_thread.in_process);
	unit_alloc_fail_after = -1;
}
