/* instance.c: puts enclave, shared area, vCPU threads, tick thread and workers together. */
#include "instance.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "libos/abi/boot.h"
#include "libos/abi/ecall.h"
#include "libos/abi/layout.h"
#include "child.h"
#include "numa.h"
#include "ocall/net.h"
#include "ocall/ocall.h"
#include "perfmap.h"

#define HEAP_INIT_DEFAULT (16ul << 20)
#define CALIBRATION_MIN_NS 4000000ul

struct instance {
	struct ocall_host host;
	struct boot_host boot;
	struct numa_plan numa;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int dead, code;
	void (*on_death)(void *arg, int code);
	void *on_death_arg;
};

struct vcpu_start {
	struct instance *in;
	uint32_t index;
};

static uint64_t calib_tsc, calib_ns;

static uint64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void instance_clock_start(void)
{
	calib_ns = now_ns(CLOCK_MONOTONIC);
	calib_tsc = __builtin_ia32_rdtsc();
}

/* The frequency over the time that loading took; a few milliseconds at least. */
static void calibrate(struct boot_host *b)
{
	uint64_t ns, tsc;

	do {
		ns = now_ns(CLOCK_MONOTONIC);
		tsc = __builtin_ia32_rdtsc();
	} while (ns - calib_ns < CALIBRATION_MIN_NS);
	b->tsc_hz = (uint64_t)((unsigned __int128)(tsc - calib_tsc) * 1000000000 / (ns - calib_ns));
	b->tsc_base = tsc;
	b->mono_base_ns = ns;
	b->real_base_ns = now_ns(CLOCK_REALTIME);
	b->boot_base_ns = now_ns(CLOCK_BOOTTIME);
}

/* All enclaves of an instance go by the first one's clock. */
static void boot_times(struct instance *in, const struct instance_params *p)
{
	if (p->child)
		child_boot(p->child, &in->boot);
	else
		calibrate(&in->boot);
}

static void instance_died(struct instance *in, int code)
{
	void (*fn)(void *, int);

	pthread_mutex_lock(&in->lock);
	fn = in->dead ? NULL : in->on_death;
	if (!in->dead)
		in->code = code;
	in->dead = 1;
	pthread_cond_broadcast(&in->changed);
	pthread_mutex_unlock(&in->lock);
	if (fn)
		fn(in->on_death_arg, code);
}

/* An enclave_handler: arg is the instance's host half. */
static bool serve_ocall(void *arg, struct enclave_regs *io)
{
	if (!ocall_dispatch(arg, io->rsi, io->rdx))
		return false;
	*io = (struct enclave_regs){ .rdi = ECALL_RETURN };
	return true;
}

static int vcpu_loop(struct instance *in, struct enclave_thread *t, uint32_t index)
{
	struct enclave_regs io = { ECALL_VCPU, index, (uint64_t)&in->boot, 0, 0 };

	if (enclave_serve(t, &io, serve_ocall, &in->host)) {
		fprintf(stderr, "occlum: vCPU %u: %s\n", index, enclave_thread_error(t));
		return 255;
	}
	if (io.rdi != EXIT_OCALL)
		return (int)io.rsi;
	fprintf(stderr, "occlum: unknown ocall %llu\n", (unsigned long long)io.rsi);
	return 254;
}

static void *vcpu_main(void *arg)
{
	struct vcpu_start s = *(struct vcpu_start *)arg;
	struct enclave_thread *t;
	char err[ENCLAVE_ERR_SIZE];
	int code = 253;

	free(arg);
	if (s.in->numa.spread)
		pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), numa_vcpu(&s.in->numa, s.index));
	if (enclave_thread_init(s.in->host.enclave, s.index, &t, err)) {
		fprintf(stderr, "occlum: %s\n", err);
	} else {
		__atomic_store_n(&s.in->host.vcpus[s.index].thread, t, __ATOMIC_RELEASE);
		code = vcpu_loop(s.in, t, s.index);
	}
	instance_died(s.in, code);
	for (;;)
		pause(); /* the signal handlers may still name this thread */
	return NULL;
}

static uint32_t usable_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set) > VCPU_MAX ? VCPU_MAX : (uint32_t)CPU_COUNT(&set);
}

static int vcpus_start(struct instance *in)
{
	sigset_t all, old;
	int err = 0;

	/* Signals of the process go to the thread that called us, never to a vCPU. */
	sigfillset(&all);
	sigdelset(&all, enclave_interrupt_signal());
	for (int s = 1; s < 32; s++)
		if (s == SIGSEGV || s == SIGBUS || s == SIGILL || s == SIGFPE || s == SIGTRAP || s == SIGSYS)
			sigdelset(&all, s);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = tick_start(&in->host);
	/* The enclave may have more TCSs than this machine has processors: they stay unused. */
	for (uint32_t i = 0; !err && i < in->host.vcpu_count && i < usable_cpus(); i++) {
		struct vcpu_start *s = malloc(sizeof(*s));
		pthread_t t;

		if (!s)
			err = -ENOMEM;
		else {
			*s = (struct vcpu_start){ in, i };
			err = -pthread_create(&t, NULL, vcpu_main, s);
		}
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

static int shared_create(struct instance *in)
{
	struct ocall_host *h = &in->host;

	h->shared_size = SHARED_SIZE(h->vcpu_count);
	h->shared = mmap(NULL, h->shared_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);
	h->control = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return h->shared == MAP_FAILED || h->control == MAP_FAILED ? -ENOMEM : 0;
}

/* Before any thread or memory of the enclave is there. */
static int place(struct instance *in, const char *words, char err[ENCLAVE_ERR_SIZE])
{
	cpu_set_t usable;
	int ret;

	if (!words)
		return 0;
	if (sched_getaffinity(0, sizeof(usable), &usable)) {
		snprintf(err, ENCLAVE_ERR_SIZE, "--numa: this machine has more processors than we know to name");
		return -EINVAL;
	}
	ret = numa_plan(words, NUMA_SYSFS, &usable, &in->numa, err);
	return ret ? ret : numa_apply(&in->numa, err);
}

int instance_start(const struct instance_params *p, struct instance **out, char err[ENCLAVE_ERR_SIZE])
{
	struct instance *in = calloc(1, sizeof(*in));
	struct enclave_params ep = { .config = p->config, .config_size = p->config_size, .debug = p->debug,
				     .user_init_bytes = p->user_init, .user_memory_max = p->user_memory_max };
	int ret;

	snprintf(err, ENCLAVE_ERR_SIZE, "out of memory");
	if (!in)
		return -ENOMEM;
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->changed, NULL);
	ret = place(in, p->numa, err);
	if (ret)
		return ret;
	in->host.vcpu_count = ep.vcpus = p->vcpus ? p->vcpus : usable_cpus();
	ep.heap_init_bytes = p->heap_init ? p->heap_init : HEAP_INIT_DEFAULT;
	in->host.requests = request_queue_create();
	if (!in->host.requests || shared_create(in) || async_start(&in->host) || net_start())
		return -ENOMEM;
	ret = enclave_load(p->libos_path, &ep, p->sigstruct, &in->host.enclave, err);
	if (ret)
		return ret;
	in->boot = (struct boot_host){ .abi_version = BOOT_ABI_VERSION, .log_level = p->log_level,
				       .shared_base = (uint64_t)in->host.shared, .shared_size = in->host.shared_size,
				       .control = (uint64_t)in->host.control,
				       .memory_bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * PAGE_SIZE,
				       .want_text = p->perf_root != NULL, .eip_link = -1 };
	if (p->perf_root && perfmap_start("/tmp", p->perf_root, p->libos_path, err))
		return -EIO;
	boot_times(in, p);
	ret = child_start_prepare(in->host.enclave, p, &in->boot);
	if (ret) {
		snprintf(err, ENCLAVE_ERR_SIZE, "cannot prepare for enclaves of child processes: %s", strerror(-ret));
		return ret;
	}
	ret = vcpus_start(in);
	if (ret)
		snprintf(err, ENCLAVE_ERR_SIZE, "cannot start vCPU threads: %s", strerror(-ret));
	*out = in;
	return ret;
}

struct request_queue *instance_requests(struct instance *in)
{
	return in->host.requests;
}

int instance_wait_dead(struct instance *in)
{
	pthread_mutex_lock(&in->lock);
	while (!in->dead)
		pthread_cond_wait(&in->changed, &in->lock);
	pthread_mutex_unlock(&in->lock);
	return in->code;
}

void instance_on_death(struct instance *in, void (*fn)(void *arg, int code), void *arg)
{
	int dead;

	pthread_mutex_lock(&in->lock);
	in->on_death = fn;
	in->on_death_arg = arg;
	dead = in->dead;
	pthread_mutex_unlock(&in->lock);
	if (dead)
		fn(arg, in->code);
}

int log_level_parse(const char *s)
{
	static const char *const names[] = { "off", "error", "warn", "info", "debug", "trace" };

	if (!s || !*s)
		return 2;
	for (int i = 0; i < 6; i++)
		if (!strcmp(s, names[i]) || (s[0] == '0' + i && !s[1]))
			return i;
	return -1;
}
