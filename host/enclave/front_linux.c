/* front_linux.c: SGX hardware: /dev/sgx_enclave and the vDSO of Linux 5.11 or newer (6.0 for SGX2).
 *
 * Nothing is thought of here: arguments go to the kernel as device.c made them. Exceptions in the enclave
 * come back from the vDSO. An interrupt is a signal: when it hits a thread in the enclave, the kernel has
 * done the AEX and its handler runs while the thread stands at the vDSO's ENCLU with RAX = ERESUME; the
 * enclave is told by a nested call, and returning from the signal resumes it. One that comes while the
 * thread is in host code is dropped (see enclave_interrupt).
 *
 * Not run by us on a processor with SGX yet. */
#include "front_linux.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "enclave.h"

#define PROVISION  "/dev/sgx_provision"
#define NULL_GUARD 0x10000UL /* vm.mmap_min_addr */
#define ENCLU_SIZE 3

struct linux_thread {
	struct front_thread base;
	int tid;
};

/* front_linux_enter.S: calls it with the registers saved that C expects back. */
int linux_enter(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function, unsigned long r8,
		unsigned long r9, struct sgx_enclave_run *run);
vdso_sgx_enter_enclave_t linux_vdso;

static _Thread_local struct linux_thread *thread_here;

static int fd_of(const struct sgx_file *f)
{
	return ((const struct linux_file *)f)->fd;
}

static int vdso_find(char *err)
{
	void *vdso = dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD);

	if (vdso && !linux_vdso)
		linux_vdso = (vdso_sgx_enter_enclave_t)dlsym(vdso, "__vdso_sgx_enter_enclave");
	if (linux_vdso)
		return 0;
	snprintf(err, ENCLAVE_ERR_SIZE, "the kernel's vDSO has no __vdso_sgx_enter_enclave (Linux 5.11 or newer with "
					"CONFIG_X86_SGX is needed)");
	return -ENOSYS;
}

static int linux_open(struct sgx_file **out, char *err)
{
	struct linux_file *f;
	int ret = vdso_find(err), fd;

	if (ret)
		return ret;
	fd = open(FRONT_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		snprintf(err, ENCLAVE_ERR_SIZE,
			 FRONT_DEVICE ": %s (is SGX on in the firmware, and may this user open it? "
				"OCCLUM_SGX_BACKEND=sim runs on the model)",
			 strerror(errno));
		return ret;
	}
	f = calloc(1, sizeof(*f));
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	f->base.front = &front_linux;
	f->fd = fd;
	*out = &f->base;
	return 0;
}

static void linux_close(struct sgx_file *f)
{
	close(fd_of(f));
	free(f);
}

static int linux_provision(void)
{
	int fd = open(PROVISION, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int linux_ioctl(struct sgx_file *f, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd_of(f), cmd, arg);

	/* EINIT and the like may answer with an error code of the processor. */
	if (ret > 0) {
		snprintf(f->why, sizeof(f->why), "SGX error %d", ret);
		return -EIO;
	}
	return ret < 0 ? -errno : 0;
}

static int map(uint64_t addr, uint64_t len, int prot, int flags, int fd)
{
	void *p = mmap((void *)addr, len, prot, flags, fd, 0);

	return p == MAP_FAILED ? -errno : 0;
}

static int linux_reserve(struct sgx_file *f, uint64_t addr, uint64_t len)
{
	uint64_t start = addr < NULL_GUARD ? NULL_GUARD : addr;
	int ret = map(start, addr + len - start, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1);

	if (ret)
		snprintf(f->why, sizeof(f->why), "cannot reserve ELRANGE: %s (is the program a PIE?)", strerror(-ret));
	return ret;
}

static int linux_mmap(struct sgx_file *f, uint64_t addr, uint64_t len, unsigned int prot)
{
	return map(addr, len, (int)prot, MAP_SHARED | MAP_FIXED, fd_of(f));
}

static int linux_munmap(struct sgx_file *f, uint64_t addr, uint64_t len)
{
	(void)f;
	return map(addr, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1);
}

static int linux_mprotect(struct sgx_file *f, uint64_t addr, uint64_t len, unsigned int prot)
{
	(void)f;
	return mprotect((void *)addr, len, (int)prot) ? -errno : 0;
}

static bool at_aep(const greg_t *g)
{
	return (uint32_t)g[REG_RAX] == ENCLU_ERESUME && !memcmp((const void *)g[REG_RIP], "\x0f\x01\xd7", ENCLU_SIZE);
}

static void on_interrupt(int sig, siginfo_t *si, void *context)
{
	greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct linux_thread *t = thread_here;
	struct front_regs out;

	(void)sig;
	(void)si;
	if (!t || !at_aep(g) || !t->base.interrupted(t->base.arg, &out))
		return;
	g[REG_RIP] += ENCLU_SIZE; /* where EEXIT comes out */
	g[REG_RDI] = (greg_t)out.rdi;
	g[REG_RSI] = (greg_t)out.rsi;
	g[REG_RDX] = (greg_t)out.rdx;
	g[REG_R8] = (greg_t)out.r8;
	g[REG_R9] = (greg_t)out.r9;
}

static int linux_thread_init(struct sgx_file *f, front_interrupted_t fn, void *arg, struct front_thread **out)
{
	struct sigaction sa = {.sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO | SA_NODEFER};
	struct linux_thread *t = calloc(1, sizeof(*t));

	if (!t || sigaction(enclave_interrupt_signal(), &sa, NULL)) {
		free(t);
		return -ENOMEM;
	}
	t->base = (struct front_thread){f, fn, arg};
	t->tid = (int)syscall(SYS_gettid);
	thread_here = t;
	*out = &t->base;
	return 0;
}

static void linux_thread_exit(struct front_thread *t)
{
	thread_here = NULL;
	free(t);
}

static int linux_interrupt(struct front_thread *thread)
{
	const struct linux_thread *t = (const struct linux_thread *)thread;

	return syscall(SYS_tgkill, getpid(), t->tid, enclave_interrupt_signal()) ? -errno : 0;
}

const struct sgx_front front_linux = {
	.name = "Linux",
	.open = linux_open,
	.close = linux_close,
	.provision = linux_provision,
	.ioctl = linux_ioctl,
	.reserve = linux_reserve,
	.mmap = linux_mmap,
	.munmap = linux_munmap,
	.mprotect = linux_mprotect,
	.thread_init = linux_thread_init,
	.thread_exit = linux_thread_exit,
	.interrupt = linux_interrupt,
	.enter = linux_enter,
};
