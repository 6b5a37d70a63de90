/* child.c: starting another enclave in a process of its own; see child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "childstats.h"
#include "libos/abi/config.h"

#define PLAN_MAGIC 0x4e414c5050494545ul
#define PLAN_VERSION 1
#define ARG_SIZE 16 /* of a descriptor in decimal */

/* The memory file: this, then the configuration's bytes. Our own processes read it: a check of its kind is enough. */
struct plan {
	uint64_t magic;
	uint32_t version, vcpus, log_level;
	int32_t debug, levels_fd; /* levels_fd: of the shared memory of pipes, which all inherit under the same number; -1 */
	uint64_t heap_init, user_init, user_memory_max, config_size;
	struct boot_host clock; /* of the first enclave: only its times */
	char libos_path[4096];
	struct sgx_sigstruct sigstruct;
};

struct child_start {
	const struct plan *plan;
	int link;
	uint32_t fd_count;
	int fds[BOOT_EIP_FDS_MAX];
};

static int plan_fd = -1;
static int levels_fd = -1;

static bool starts_others(const struct instance_params *p)
{
	const struct config_head *h = p->config;

	return p->config_size >= sizeof(*h) && h->flags & CONFIG_EIP;
}

/* Without that memory pipes hold what sockets hold. */
static void levels_map(struct boot_host *b)
{
	void *at = levels_fd < 0 ? MAP_FAILED
				 : mmap(NULL, EIP_LEVELS * sizeof(struct eip_level), PROT_READ | PROT_WRITE, MAP_SHARED, levels_fd, 0);

	b->eip_levels = at == MAP_FAILED ? 0 : (uint64_t)at;
}

static void levels_create(struct boot_host *b)
{
	levels_fd = memfd_create("occlum-pipes", MFD_CLOEXEC);
	if (levels_fd >= 0 && ftruncate(levels_fd, EIP_LEVELS * sizeof(struct eip_level))) {
		close(levels_fd);
		levels_fd = -1;
	}
	levels_map(b);
}

static int plan_fill(int fd, const struct enclave *e, const struct instance_params *p, const struct boot_host *b)
{
	size_t size = sizeof(struct plan) + p->config_size;
	struct plan *plan;

	if (ftruncate(fd, (off_t)size))
		return -errno;
	plan = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (plan == MAP_FAILED)
		return -errno;
	*plan = (struct plan){ .magic = PLAN_MAGIC, .version = PLAN_VERSION, .log_level = p->log_level,
			       .debug = p->debug, .levels_fd = levels_fd, .heap_init = p->heap_init, .user_init = p->user_init,
			       .user_memory_max = p->user_memory_max,
			       .config_size = p->config_size, .clock = *b, .sigstruct = *enclave_sigstruct(e) };
	plan->vcpus = enclave_vcpus(e);
	memcpy(plan + 1, p->config, p->config_size);
	if (!realpath(p->libos_path, plan->libos_path)) {
		int err = -errno;

		munmap(plan, size);
		return err;
	}
	munmap(plan, size);
	return fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ? -errno : 0;
}

int child_start_prepare(const struct enclave *e, const struct instance_params *p, struct boot_host *b)
{
	int fd, err;

	if (!starts_others(p))
		return 0;
	childstats_built(enclave_times(e));
	if (p->child) /* the file that it was started with serves its children too */
		return 0;
	levels_create(b);
	fd = memfd_create("occlum-enclave", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	err = plan_fill(fd, e, p, b);
	if (err)
		close(fd);
	else
		plan_fd = fd;
	return err;
}

/* The arguments of the new process, made before there is one: it shares our memory until it executes. */
struct command_line {
	char link[ARG_SIZE], plan[ARG_SIZE], started[24], parent[ARG_SIZE];
	char fds[BOOT_EIP_FDS_MAX][ARG_SIZE];
	char *argv[6 + BOOT_EIP_FDS_MAX + 1];
};

static void command_line_make(struct command_line *c, int link, const int *fds, unsigned n, uint64_t started)
{
	static char self[] = "occlum", command[] = CHILD_COMMAND;
	char **v = c->argv;

	snprintf(c->link, ARG_SIZE, "%d", link);
	snprintf(c->plan, ARG_SIZE, "%d", plan_fd);
	snprintf(c->parent, ARG_SIZE, "%d", (int)getpid());
	snprintf(c->started, sizeof(c->started), "%lu", started);
	*v++ = self;
	*v++ = command;
	*v++ = c->link;
	*v++ = c->plan;
	*v++ = c->parent;
	*v++ = c->started;
	for (unsigned i = 0; i < n; i++) {
		snprintf(c->fds[i], ARG_SIZE, "%d", fds[i]);
		*v++ = c->fds[i];
	}
	*v = NULL;
}

/* Runs in the new process, in the memory of the old one: system calls only. Everything is close-on-exec but what is passed on. */
static void become_child(struct command_line *c, int link, const int *fds, unsigned n)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fcntl(link, F_SETFD, 0);
	fcntl(plan_fd, F_SETFD, 0);
	if (levels_fd >= 0)
		fcntl(levels_fd, F_SETFD, 0);
	for (unsigned i = 0; i < n; i++)
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFD, 0);
	execv("/proc/self/exe", c->argv);
}

/* -errno or the new process' id. */
static int process_start(struct command_line *c, int link, const int *fds, unsigned n)
{
	volatile int err = 0;
	pid_t pid = vfork(); /* NOLINT: fork would copy the tables of an enclave's pages */

	if (pid < 0)
		return -errno;
	if (!pid) {
		become_child(c, link, fds, n); /* NOLINT: system calls only */
		err = -errno; /* NOLINT: volatile, and read in the parent */
		_exit(127);
	}
	return err ? err : (int)pid;
}

/* Nobody waits for these processes: the end of one shows as the end of its connection. */
static void reap_nothing(void)
{
	struct sigaction sa = { .sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT };

	sigaction(SIGCHLD, &sa, NULL);
}

void ocall_eip_spawn(struct ocall_eip_spawn *a)
{
	uint64_t started = childstats_now();
	struct command_line *c = malloc(sizeof(*c));
	const int *fds = (const int *)a->fds;
	int ends[2], pid;

	a->ret = -EAGAIN;
	if (!c || plan_fd < 0 || a->count > BOOT_EIP_FDS_MAX || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
		free(c);
		return;
	}
	reap_nothing();
	command_line_make(c, ends[1], fds, a->count, started);
	pid = process_start(c, ends[1], fds, a->count);
	close(ends[1]);
	free(c);
	if (pid < 0)
		close(ends[0]);
	a->ret = pid < 0 ? pid : ends[0];
}

void ocall_eip_mark(struct ocall_eip_mark *a)
{
	childstats_mark((enum eip_mark)a->mark);
	a->ret = 0;
}

/* A descriptor or a process id; -1: neither. */
static int number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	return end != s && !*end && n >= 0 && n <= INT_MAX ? (int)n : -1;
}

/* A descriptor that is in the list twice becomes two: each is closed by itself. */
static int own_fd(struct child_start *c, int fd)
{
	for (uint32_t i = 0; i < c->fd_count; i++)
		if (fd >= 0 && c->fds[i] == fd)
			return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -1;
	return fd;
}

static int plan_open(struct child_start *c, int fd)
{
	struct stat st;
	const struct plan *p;

	if (fstat(fd, &st) || st.st_size < (off_t)sizeof(*p))
		return -EINVAL;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED || p->magic != PLAN_MAGIC || p->version != PLAN_VERSION ||
	    p->config_size != (uint64_t)st.st_size - sizeof(*p))
		return -EINVAL;
	c->plan = p;
	plan_fd = fd;
	levels_fd = p->levels_fd >= 0 && !fcntl(p->levels_fd, F_SETFD, FD_CLOEXEC) ? p->levels_fd : -1;
	return 0;
}

/* What a terminal sends to all processes of its foreground group is for the first one to pass on. */
static void signals_ignore(void)
{
	static const int all[] = { SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };
	sigset_t none;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		signal(all[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int child_start_take(int argc, char **argv, struct instance_params *p)
{
	static struct child_start once;
	struct child_start *c = &once;

	if (argc < 5 || argc > 5 + BOOT_EIP_FDS_MAX)
		return -EINVAL;
	signals_ignore();
	prctl(PR_SET_NAME, "occlum-enclave"); /* the kernel would call us "exe", by what was executed */
	if (getppid() != number(argv[3])) /* it died before we could ask to die with it */
		return -ESRCH;
	c->link = number(argv[1]);
	if (fcntl(c->link, F_SETFD, FD_CLOEXEC) || fcntl(number(argv[2]), F_SETFD, FD_CLOEXEC))
		return -EBADF;
	for (int i = 5; i < argc; i++) {
		c->fds[c->fd_count] = own_fd(c, number(argv[i]));
		c->fd_count++;
	}
	if (plan_open(c, number(argv[2])))
		return -EINVAL;
	childstats_begin(strtoull(argv[4], NULL, 10));
	*p = (struct instance_params){ .libos_path = c->plan->libos_path, .config = c->plan + 1,
				       .config_size = c->plan->config_size, .vcpus = c->plan->vcpus,
				       .log_level = c->plan->log_level, .heap_init = c->plan->heap_init,
				       .user_init = c->plan->user_init,
				       .user_memory_max = c->plan->user_memory_max,
				       .sigstruct = &c->plan->sigstruct, .debug = c->plan->debug, .child = c };
	return 0;
}

void child_boot(const struct child_start *c, struct boot_host *b)
{
	const struct boot_host *clock = &c->plan->clock;

	b->tsc_hz = clock->tsc_hz;
	b->tsc_base = clock->tsc_base;
	b->mono_base_ns = clock->mono_base_ns;
	b->real_base_ns = clock->real_base_ns;
	b->boot_base_ns = clock->boot_base_ns;
	b->eip_link = c->link;
	b->eip_fd_count = c->fd_count;
	memcpy(b->eip_fds, c->fds, sizeof(b->eip_fds));
	levels_map(b);
}
