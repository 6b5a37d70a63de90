/*
 * Values for arguments. A worker has one arena with a page of every kind (writable, read-only,
 * inaccessible, with a hole behind it, beyond the end of its file), a playground for mappings, a pool
 * of descriptors and a pool of numbers that calls returned. Pointers are mostly into the arena, at
 * structures made up for the call; some are wild: the kernel's half, the LibOS's own range, nothing.
 *
 * Letters: those of the system call table (d u x p s P f), and
 *	b buffer	n length		o file offset		m address in the playground
 *	l length of m	t timespec		T itimerspec		I iovec[]
 *	M mmsghdr[]	A sockaddr		L socklen_t *		E pollfd[]
 *	S sigset	G sigaction		k siginfo		g signal
 *	i process id	w futex word		c stack for clone	C clone_args
 *	V strings[]	D relative path		X path in the scratch directory
 *	y an argument of fcntl
 */
#include "fuzz.h"
#include "abi/layout.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096UL
#define ARENA_PAGES 16
#define PLAY_PAGES 64
#define STACKS 4
#define STACK_SIZE 0x8000

static char *arena;    /* ARENA_PAGES writable, then one read-only, one PROT_NONE, one writable, a hole */
static char *beyond;   /* two pages of a file that has one */
static char *play;     /* PLAY_PAGES that calls map and unmap */
static char *stacks;
static int fds[POOL];
static long numbers[POOL];
static char scratch[128]; /* the directory of the round */
static uint32_t *words; /* futex words, at the start of the arena */

static const char *const paths[] = {
	"a", "b", "c", "d", "d/x", "d/y", "d/../a", "link", "loop", "sock", "fifo", ".", "d/..", "", "nonexistent/x", "a/x",
	"/proc/self/maps", "/proc/self/status", "/proc/self/fd/3", "/proc/self/exe", "/proc/self/mem", "/proc/self/task",
	"/proc/self/stat", "/proc/self/smaps", "/proc/self/environ", "/proc/self/fd", "/proc/self/fdinfo/4", "/proc/self/ns",
	"/proc/stat", "/proc/meminfo", "/proc/self/mountinfo", "/proc/self/oom_score_adj", "/proc/self/comm", "/proc/self/cwd",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/ptmx", "/dev/tty", "/sys/devices/system/cpu",
	"/sys/devices/system/cpu/online",
	/* Not for root: what it changes there stays, and would look like a leak. */
	"/etc/passwd", "/usr/lib", "/bin/true",
};
enum { NOT_FOR_ROOT = 3 };
static unsigned path_count = ARRAY_SIZE(paths);

static const char *const relative[] = { "a", "b", "d", "d/x", "link", "nonexistent", "sock", "loop", "." };

static const uint64_t wild[] = {
	0, 1, 16, 0xfff, 0x1000, USER_LOW_START - 1, LIBOS_START, LIBOS_START - 8, LIBOS_START + 0x1000, LIBOS_START + 0x20000,
	LIBOS_BOOT_START, LIBOS_VCPU_START + VCPU_GS, LIBOS_VCPU_START, LIBOS_HEAP_START, LIBOS_HEAP_START + 0x10000,
	LIBOS_END - 8, LIBOS_END - 1, LIBOS_END, USER_HIGH_END, USER_HIGH_END - 4, ELRANGE_SIZE - 1, ELRANGE_SIZE,
	ELRANGE_SIZE + 0x1000, 0x7ffffffff000, 0x00007fffffffffff, 0x0000800000000000, 0x8000000000000000, 0xffff800000000000,
	0xffffffff81000000, 0xffffffffff600000, 0xfffffffffffff000, 0xfffffffffffffff8, 0xffffffffffffffff,
};

/* ---- the pools ---- */

static void add_fd(int fd)
{
	static unsigned next;

	if (fd >= 0 && fd < 4096)
		fds[next++ % POOL] = fd;
}

static void open_some(void)
{
	static const int flags[] = { O_RDWR, O_RDONLY, O_WRONLY | O_APPEND, O_RDWR | O_NONBLOCK };
	static const char *const names[] = { "a", "b", "d", "fifo", "/dev/zero", "/dev/null", "/dev/ptmx", "/proc/self/status" };
	uint64_t pair[1], none[6] = { 0 };
	uint64_t a[6] = { (uint64_t)pair };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		add_fd(open(names[i], strcmp(names[i], "d") && strcmp(names[i], "fifo") ? flags[i % 2 ? 3 : 0] : O_RDONLY | O_NONBLOCK));
	for (int i = 0; i < 4; i++) {
		uint64_t sp[6] = { 1, i & 1 ? 2 : 1, 0, (uint64_t)pair };

		if (raw_call(i < 2 ? SYS_pipe : SYS_socketpair, i < 2 ? a : sp) == 0) {
			add_fd((int)pair[0]);
			add_fd((int)(pair[0] >> 32));
		}
	}
	add_fd((int)raw_call(SYS_epoll_create1, none));
	add_fd((int)raw_call(SYS_eventfd2, none));
	add_fd((int)raw_call(SYS_timerfd_create, none));
	add_fd((int)raw_call(SYS_inotify_init1, none));
	add_fd((int)syscall(SYS_memfd_create, "m", 2));
	add_fd((int)syscall(SYS_pidfd_open, getpid(), 0));
	for (int i = 0; i < 3; i++)
		add_fd((int)syscall(SYS_socket, 1, i == 0 ? 1 : i == 1 ? 2 : 5, 0));
}

static void *map(size_t len, int prot, int flags, int fd)
{
	void *p = mmap(NULL, len, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		_exit(4);
	return p;
}

void values_init(uint64_t seed)
{
	int fd;

	if (!getcwd(scratch, sizeof(scratch)))
		_exit(4);
	if (!getuid())
		path_count -= NOT_FOR_ROOT;
	arena = map((ARENA_PAGES + 4) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	words = (uint32_t *)arena;
	mprotect(arena + ARENA_PAGES * PAGE, PAGE, PROT_READ);
	mprotect(arena + (ARENA_PAGES + 1) * PAGE, PAGE, PROT_NONE);
	munmap(arena + (ARENA_PAGES + 3) * PAGE, PAGE);
	play = map(PLAY_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	stacks = map(STACKS * STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fd = open("b", O_RDWR);
	beyond = fd >= 0 && !ftruncate(fd, 100) ? map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd) : arena;
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < POOL; i++) {
		fds[i] = 3 + i % 24;
		numbers[i] = i % 2 ? getpid() : i;
	}
	numbers[0] = (long)seed;
	open_some();
}

void value_returned(struct rng *r, const struct call *c, long result)
{
	if (result < 0)
		return;
	numbers[below(r, POOL)] = result;
	if (result > 2 && result < 4096 && (c->args[0] == 'P' || c->args[0] == 'f' || percent(r, 50)))
		add_fd((int)result);
	if (c->nr == SYS_pipe || c->nr == SYS_pipe2 || c->nr == SYS_socketpair)
		add_fd(3 + (int)below(r, 64));
}

const char *value_path(unsigned i)
{
	return i < ARRAY_SIZE(paths) ? paths[i] : NULL;
}

char *clone_stack(struct rng *r)
{
	return stacks + (1 + below(r, STACKS)) * STACK_SIZE;
}

/* ---- numbers ---- */

static uint64_t any_number(struct rng *r)
{
	uint64_t v;

	switch (below(r, 8)) {
	case 0:
	case 1:
	case 2:
		return below(r, 18);
	case 3:
		v = 1UL << below(r, 64);
		return v + below(r, 3) - 1;
	case 4:
		return 0 - (uint64_t)below(r, 5);
	case 5:
		return (uint64_t)numbers[below(r, POOL)];
	case 6:
		return below(r, 0x10000);
	default:
		return rnd(r);
	}
}

static uint64_t length(struct rng *r)
{
	static const uint64_t odd[] = { 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7ffffffffffff000, 1UL << 63, ~0UL, 1 << 20 };

	switch (below(r, 8)) {
	case 0:
		return odd[below(r, ARRAY_SIZE(odd))];
	case 1:
		return PAGE * (1 + below(r, 20)) + below(r, 3) - 1;
	case 2:
		return below(r, 70000);
	default:
		return below(r, 130);
	}
}

static uint64_t offset(struct rng *r)
{
	return percent(r, 80) ? below(r, 20000) : any_number(r);
}

static uint64_t descriptor(struct rng *r)
{
	unsigned p = below(r, 100);

	return p < 88 ? (uint64_t)fds[below(r, POOL)] : p < 93 ? (uint64_t)AT_FDCWD : any_number(r);
}

/* Not the supervisor, nor groups that it is in, nor everybody. */
static uint64_t process_id(struct rng *r)
{
	unsigned p = below(r, 100);
	long v = p < 60 ? getpid() : p < 75 ? 0 : p < 85 ? -getpid() : p < 95 ? numbers[below(r, POOL)] : (long)any_number(r);
	int pid = (int)v;

	return pid >= -supervisor_pid && pid <= supervisor_pid && pid ? 0 : (uint64_t)v;
}

static uint64_t signal_number(struct rng *r)
{
	static const int harmless[] = { 0, SIGUSR1, SIGUSR2, SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGALRM, 34, 40, 64, 65 };

	return percent(r, 85) ? (uint64_t)harmless[below(r, ARRAY_SIZE(harmless))] : any_number(r) & 127;
}

/* ---- memory ---- */

static uint64_t wild_pointer(struct rng *r)
{
	return wild[below(r, ARRAY_SIZE(wild))] + (percent(r, 20) ? below(r, 4096) : 0);
}

/* At the edges of pages of every kind. */
static uint64_t edge_pointer(struct rng *r)
{
	switch (below(r, 6)) {
	case 0:
		return (uint64_t)arena + ARENA_PAGES * PAGE - below(r, 64); /* into the read-only page */
	case 1:
		return (uint64_t)arena + ARENA_PAGES * PAGE + below(r, 4096);
	case 2:
		return (uint64_t)arena + (ARENA_PAGES + 1) * PAGE + below(r, 4096); /* inaccessible */
	case 3:
		return (uint64_t)arena + (ARENA_PAGES + 3) * PAGE - below(r, 64); /* into the hole */
	case 4:
		return (uint64_t)beyond + PAGE - below(r, 64);
	default:
		return (uint64_t)play + below(r, PLAY_PAGES * PAGE);
	}
}

/* Room in the writable part; the first page belongs to the futex words. */
static uint64_t room(struct rng *r)
{
	return (uint64_t)arena + PAGE + (below(r, (ARENA_PAGES - 2) * PAGE) & ~7u);
}

static uint64_t good_or_bad(struct rng *r, uint64_t good)
{
	unsigned p = below(r, 100);

	return p < 84 ? good : p < 93 ? edge_pointer(r) : wild_pointer(r);
}

/* A pointer inside a structure. */
static uint64_t nested(struct rng *r)
{
	return good_or_bad(r, room(r));
}

static uint64_t *fill(struct rng *r, unsigned n)
{
	uint64_t *p = (uint64_t *)room(r);

	switch (below(r, 6)) {
	case 0:
		for (unsigned i = 0; i < n; i++)
			p[i] = 0;
		break;
	case 1:
		for (unsigned i = 0; i < n; i++)
			p[i] = any_number(r);
		break;
	case 2:
		for (unsigned i = 0; i < n; i++)
			p[i] = below(r, 12) | (uint64_t)below(r, 12) << 32;
		break;
	case 3:
		for (unsigned i = 0; i < n; i++)
			p[i] = i & 1 ? length(r) : nested(r);
		break;
	default:
		for (unsigned i = 0; i < n; i++)
			p[i] = percent(r, 50) ? below(r, 64) : percent(r, 50) ? nested(r) : descriptor(r);
	}
	return p;
}

static uint64_t a_time(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	p[0] = percent(r, 90) ? 0 : any_number(r);
	p[1] = percent(r, 90) ? below(r, 3000000) : any_number(r);
	p[2] = p[0];
	p[3] = percent(r, 50) ? 0 : below(r, 3000000);
	return (uint64_t)p;
}

static uint64_t vectors(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	for (unsigned i = 0; i < 16; i += 2) {
		p[i] = nested(r);
		p[i + 1] = length(r);
	}
	return (uint64_t)p;
}

/* A local name, an address of this machine itself, or noise of another family. */
static uint64_t address(struct rng *r)
{
	uint8_t *p = (uint8_t *)room(r);
	unsigned port = 40000 + below(r, 8);

	memset(p, 0, 110);
	switch (below(r, 6)) {
	case 0:
	case 1:
		p[0] = 1;
		memcpy(p + 2, "sock", 4);
		break;
	case 2:
		p[0] = 1;
		p[3] = (uint8_t)('a' + below(r, 3));
		break;
	case 3:
		p[0] = 2;
		p[2] = (uint8_t)(port >> 8);
		p[3] = (uint8_t)port;
		p[4] = 127;
		p[7] = 1;
		break;
	case 4:
		p[0] = 10;
		p[2] = (uint8_t)(port >> 8);
		p[3] = (uint8_t)port;
		p[23] = 1;
		break;
	default:
		p[0] = (uint8_t)(16 + below(r, 8));
	}
	return (uint64_t)p;
}

static uint64_t control_message(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	p[0] = percent(r, 80) ? 16 + 4 * below(r, 4) : any_number(r);
	p[1] = (uint64_t)(percent(r, 90) ? 1 : below(r, 300)) | (uint64_t)(1 + below(r, 3)) << 32;
	for (int i = 2; i < 8; i++)
		p[i] = descriptor(r) | descriptor(r) << 32;
	return (uint64_t)p;
}

static uint64_t messages(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	for (int i = 0; i < 3; i++, p += 8) {
		p[0] = percent(r, 50) ? 0 : address(r);
		p[1] = percent(r, 80) ? 16 + below(r, 95) : any_number(r);
		p[2] = good_or_bad(r, vectors(r));
		p[3] = below(r, 4);
		p[4] = percent(r, 40) ? 0 : good_or_bad(r, control_message(r));
		p[5] = percent(r, 80) ? 16 + below(r, 40) : length(r);
		p[6] = below(r, 4);
		p[7] = 0;
	}
	return (uint64_t)(p - 24);
}

static uint64_t poll_list(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	for (int i = 0; i < 16; i++)
		p[i] = (descriptor(r) & 0xffffffff) | (uint64_t)below(r, 64) << 32;
	return (uint64_t)p;
}

static uint64_t signal_set(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	p[0] = percent(r, 30) ? 0 : percent(r, 50) ? 1UL << below(r, 64) : rnd(r);
	return (uint64_t)p;
}

static void handler(int sig)
{
	(void)sig;
}

static uint64_t action(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);
	uint64_t old[4] = { 0 }, a[6] = { SIGUSR1, 0, (uint64_t)old, 8 };

	raw_call(SYS_rt_sigaction, a);
	p[0] = percent(r, 70) ? (uint64_t)handler : percent(r, 80) ? below(r, 2) : any_number(r);
	p[1] = 0x04000000 | (percent(r, 50) ? 0x10000000 : 0) | (rnd(r) & 0x48000007);
	p[2] = percent(r, 95) ? old[2] : nested(r);
	p[3] = percent(r, 50) ? 0 : 1UL << below(r, 64);
	return (uint64_t)p;
}

static uint64_t clone_arguments(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);
	uint64_t flags;

	memset(p, 0, 88);
	if (grammar_constant(r, SYS_clone, 0, &flags))
		p[0] = percent(r, 20) ? 0x100 | 0x4000 : flags & ~255UL;
	p[1] = nested(r);
	p[2] = nested(r);
	p[3] = nested(r);
	p[4] = percent(r, 80) ? 17 : below(r, 70);
	p[5] = percent(r, 70) ? (uint64_t)clone_stack(r) - STACK_SIZE : 0;
	p[6] = p[5] ? STACK_SIZE : 0;
	p[7] = nested(r);
	p[8] = percent(r, 80) ? 0 : nested(r);
	p[9] = percent(r, 80) ? 0 : below(r, 3);
	return (uint64_t)p;
}

static uint64_t text(struct rng *r, const char *const *list, unsigned n)
{
	char *p = (char *)room(r);

	if (percent(r, 4)) { /* endless, or nearly */
		memset(p, 'x', 255 + below(r, 3) + (percent(r, 50) ? 3839 : 0));
		return (uint64_t)p;
	}
	strcpy(p, list[below(r, n)]);
	return (uint64_t)p;
}

/* Below the directory of the round, whatever the current one is by now. */
static uint64_t absolute(struct rng *r)
{
	char *p = (char *)room(r);

	strcpy(p, scratch);
	strcat(p, "/");
	strcat(p, relative[below(r, ARRAY_SIZE(relative) - 1)]);
	return (uint64_t)p;
}

static uint64_t string_list(struct rng *r)
{
	uint64_t *p = (uint64_t *)room(r);

	for (int i = 0; i < 4; i++)
		p[i] = good_or_bad(r, text(r, relative, ARRAY_SIZE(relative)));
	p[4] = 0;
	return (uint64_t)p;
}

static uint64_t map_address(struct rng *r)
{
	unsigned p = below(r, 100);

	if (p < 80)
		return (uint64_t)play + below(r, PLAY_PAGES) * PAGE;
	if (p < 88)
		return (uint64_t)numbers[below(r, POOL)];
	return p < 92 ? 0 : p < 96 ? (uint64_t)play + below(r, PAGE) : wild_pointer(r);
}

static uint64_t map_length(struct rng *r)
{
	unsigned p = below(r, 100);

	return p < 85 ? (1 + below(r, 8)) * PAGE : p < 95 ? below(r, 9) * PAGE + 1 : length(r);
}

static uint64_t clone_stack_or_none(struct rng *r)
{
	return percent(r, 60) ? (uint64_t)clone_stack(r) : percent(r, 80) ? 0 : 0x7ffffffff000;
}

static uint64_t memory_value(struct rng *r, char letter)
{
	switch (letter) {
	case 'b':
		return good_or_bad(r, (uint64_t)fill(r, 16));
	case 't':
	case 'T':
		return percent(r, 15) ? 0 : good_or_bad(r, a_time(r));
	case 'I':
		return good_or_bad(r, vectors(r));
	case 'M':
		return good_or_bad(r, messages(r));
	case 'A':
		return good_or_bad(r, address(r));
	case 'E':
		return good_or_bad(r, poll_list(r));
	case 'S':
		return percent(r, 15) ? 0 : good_or_bad(r, signal_set(r));
	case 'G':
		return percent(r, 15) ? 0 : good_or_bad(r, action(r));
	case 'C':
		return good_or_bad(r, clone_arguments(r));
	case 'V':
		return good_or_bad(r, string_list(r));
	case 's':
	case 'P':
		return good_or_bad(r, text(r, paths, path_count));
	case 'D':
		return text(r, relative, ARRAY_SIZE(relative));
	case 'X':
		return absolute(r);
	case 'L':
		*(uint64_t *)fill(r, 1) = length(r);
		return good_or_bad(r, (uint64_t)fill(r, 1));
	default:
		return percent(r, 10) ? 0 : good_or_bad(r, (uint64_t)fill(r, 32));
	}
}

uint64_t value_of(struct rng *r, const struct call *c, unsigned arg)
{
	char letter = c->args[arg];
	uint64_t v;

	if (c->nr == SYS_arch_prctl && arg == 1)
		return room(r); /* TLS elsewhere would make the program itself write there */
	if (percent(r, 88) && grammar_constant(r, c->nr, arg, &v))
		return v;
	switch (letter) {
	case 'd':
	case 'u':
	case 'x':
		return any_number(r);
	case 'n':
		return length(r);
	case 'o':
		return offset(r);
	case 'f':
		return descriptor(r);
	case 'i':
		return process_id(r);
	case 'g':
		return signal_number(r);
	case 'm':
		return map_address(r);
	case 'l':
		return map_length(r);
	case 'w':
		return good_or_bad(r, (uint64_t)&words[below(r, 16)]);
	case 'c':
		return clone_stack_or_none(r);
	case 'y':
		return percent(r, 50) ? any_number(r) : percent(r, 50) ? descriptor(r) : memory_value(r, 'b');
	default:
		return memory_value(r, letter);
	}
}
