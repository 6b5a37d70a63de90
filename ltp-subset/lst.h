/*
 * What the programs of this suite share. A program defines run(), which is called in a fresh scratch directory that is
 * removed afterwards, and states expectations; each prints one line `file.c:line: TPASS|TFAIL: text` and the program
 * goes on. Only MUST (set-up) and CONF end it. The exit status is a bit mask as LTP's: 1 failed, 2 broken, 32 not
 * applicable here.
 *
 * A child made by FORK states expectations too; it ends by child_exit(), which hands its bits to the parent's REAP().
 * Every process of a program has 30 s.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LST_FAIL = 1, LST_BROK = 2, LST_CONF = 32, LST_SECONDS = 30, LST_NOBODY = 65534 };

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static int lst_result;		/* the bits so far */
static pid_t lst_main_pid;	/* who removes the scratch directory */
static char lst_dir[PATH_MAX];

static void run(void);

/* One line, one write: children share the descriptor. */
__attribute__((format(printf, 4, 5), unused))
static void lst_say(const char *file, int line, const char *verdict, const char *fmt, ...)
{
	char text[1024];
	const char *base = strrchr(file, '/');
	int n = snprintf(text, sizeof(text), "%s:%d: %s: ", base ? base + 1 : file, line, verdict);
	va_list ap;

	va_start(ap, fmt);
	n += vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(text) - 1)
		n = sizeof(text) - 1;
	text[n++] = '\n';
	if (write(STDOUT_FILENO, text, n) != n)
		_exit(LST_BROK);
	if (!strcmp(verdict, "TFAIL"))
		lst_result |= LST_FAIL;
}

static int lst_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* Leaves, from wherever it is called; the main process removes the scratch directory. */
__attribute__((noreturn, unused)) static void lst_leave(int bits)
{
	if (getpid() == lst_main_pid && lst_dir[0]) {
		if (chdir("/"))
			bits |= LST_BROK;
		nftw(lst_dir, lst_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	}
	_exit(lst_result | bits);
}

#define SAY(verdict, ...) lst_say(__FILE__, __LINE__, verdict, __VA_ARGS__)
#define TFAIL(...) SAY("TFAIL", __VA_ARGS__)
#define TPASS(...) SAY("TPASS", __VA_ARGS__)

#define BROK(...)					\
	do {						\
		SAY("TBROK", __VA_ARGS__);		\
		lst_leave(LST_BROK);			\
	} while (0)

/* What the program needs is not here. */
#define CONF(...)					\
	do {						\
		SAY("TCONF", __VA_ARGS__);		\
		lst_leave(LST_CONF);			\
	} while (0)

#define NEED_ROOT()					\
	do {						\
		if (geteuid())				\
			CONF("needs root");		\
	} while (0)

#define EXPECT(cond)					\
	do {						\
		if (cond)				\
			TPASS("%s", #cond);		\
		else					\
			TFAIL("%s", #cond);		\
	} while (0)

/* The texts come along so that they stay as written. */
#define EXPECT_OP(a, a_text, op, b, b_text)								\
	do {												\
		long long lst_a = (long long)(a), lst_b = (long long)(b);				\
		if (lst_a op lst_b)									\
			TPASS("%s %s %s", a_text, #op, b_text);						\
		else											\
			TFAIL("%s %s %s (%lld, %lld)", a_text, #op, b_text, lst_a, lst_b);		\
	} while (0)

#define EXPECT_EQ(a, b) EXPECT_OP(a, #a, ==, b, #b)
#define EXPECT_NE(a, b) EXPECT_OP(a, #a, !=, b, #b)
#define EXPECT_GE(a, b) EXPECT_OP(a, #a, >=, b, #b)
#define EXPECT_LE(a, b) EXPECT_OP(a, #a, <=, b, #b)
#define EXPECT_GT(a, b) EXPECT_OP(a, #a, >, b, #b)
#define EXPECT_LT(a, b) EXPECT_OP(a, #a, <, b, #b)

#define EXPECT_STR(a, b)										\
	do {												\
		const char *lst_a = (a), *lst_b = (b);							\
		if (!strcmp(lst_a, lst_b))								\
			TPASS("%s is \"%s\"", #a, lst_b);						\
		else											\
			TFAIL("%s is \"%s\", not \"%s\"", #a, lst_a, lst_b);				\
	} while (0)

#define EXPECT_MEM(a, b, n)										\
	do {												\
		if (!memcmp(a, b, n))									\
			TPASS("%s holds %s", #a, #b);							\
		else											\
			TFAIL("%s does not hold %s", #a, #b);						\
	} while (0)

/* The call gives -1 with exactly this errno. */
#define EXPECT_FAIL(call, code)										\
	do {												\
		errno = 0;										\
		long lst_r = (long)(call);								\
		int lst_e = errno;									\
		if (lst_r == -1 && lst_e == (code))							\
			TPASS("%s: %s", #call, #code);							\
		else											\
			TFAIL("%s: %ld, errno %d (%s), not %s", #call, lst_r, lst_e, strerror(lst_e), #code); \
	} while (0)

/* The call does not give -1; the value is the call's. */
#define EXPECT_OK(call)											\
	({												\
		__typeof__(call) lst_r = (call);							\
		if ((long)lst_r != -1)									\
			TPASS("%s", #call);								\
		else											\
			TFAIL("%s: errno %d (%s)", #call, errno, strerror(errno));			\
		lst_r;											\
	})

/* A step of the set-up: its failure ends the program as broken. */
#define MUST(call)											\
	({												\
		__typeof__(call) lst_r = (call);							\
		if ((long)lst_r == -1)									\
			BROK("%s: errno %d (%s)", #call, errno, strerror(errno));			\
		lst_r;											\
	})

/* How a child ended: by exit(code), or by a signal. Both wait for it. */
#define EXPECT_EXIT(pid, code)										\
	do {												\
		int lst_s = lst_wait(pid);								\
		if (WIFEXITED(lst_s) && WEXITSTATUS(lst_s) == (code))					\
			TPASS("%s exits with %s", #pid, #code);						\
		else											\
			TFAIL("%s does not exit with %s (wait status %#x)", #pid, #code, lst_s);	\
	} while (0)

#define EXPECT_KILLED(pid, signo)									\
	do {												\
		int lst_s = lst_wait(pid);								\
		if (WIFSIGNALED(lst_s) && WTERMSIG(lst_s) == (signo))					\
			TPASS("%s is killed by %s", #pid, #signo);					\
		else											\
			TFAIL("%s is not killed by %s (wait status %#x)", #pid, #signo, lst_s);		\
	} while (0)

/* fork() that cannot fail; the child has its own time limit and none of the parent's failures. */
#define FORK()												\
	({												\
		pid_t lst_p = MUST(fork());								\
		if (!lst_p) {										\
			alarm(LST_SECONDS);								\
			lst_result = 0;									\
		}											\
		lst_p;											\
	})

/* Waits for a child of FORK that ends by child_exit(); its failures are ours. */
#define REAP(pid)											\
	do {												\
		int lst_s = lst_wait(pid);								\
		if (WIFEXITED(lst_s))									\
			lst_result |= WEXITSTATUS(lst_s);						\
		else											\
			TFAIL("%s ends oddly (wait status %#x)", #pid, lst_s);				\
	} while (0)

__attribute__((noreturn, unused)) static void child_exit(void)
{
	_exit(lst_result);
}

__attribute__((unused)) static int lst_wait(pid_t pid)
{
	int status = -1;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid ? status : -1;
}

/* A new file with this content, open for reading and writing at its start. */
__attribute__((unused)) static int new_file(const char *name, const void *data, size_t len)
{
	int fd = MUST(open(name, O_RDWR | O_CREAT | O_TRUNC, 0644));

	if (len && pwrite(fd, data, len, 0) != (ssize_t)len)
		BROK("cannot write %s", name);
	return fd;
}

__attribute__((unused)) static void sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

__attribute__((unused)) static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* A descriptor number that is not open, an address that is never mapped, a name that is one byte too long. */
#define BAD_FD 9999
#define BAD_PTR ((void *)lst_hide(16))

__attribute__((unused)) static uintptr_t lst_hide(uintptr_t p)
{
	__asm__("" : "+r"(p));
	return p;
}

__attribute__((unused)) static const char *long_name(void)
{
	static char name[NAME_MAX + 2];

	memset(name, 'n', NAME_MAX + 1);
	return name;
}

__attribute__((unused)) static const char *long_path(void)
{
	static char path[PATH_MAX + 2];

	memset(path, '/', PATH_MAX);
	path[PATH_MAX] = 'x';
	return path;
}

/* Sleeps until /proc says that the process is in this state (S, T, Z, ...). */
__attribute__((unused)) static bool wait_state(pid_t pid, char state)
{
	char path[64], line[512], *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 1000; i++) {
		int fd = open(path, O_RDONLY);
		ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return false;
		line[n] = 0;
		at = strrchr(line, ')');
		if (at && at[2] == state)
			return true;
		sleep_ms(5);
	}
	return false;
}

static void lst_timeout(int sig)
{
	static const char text[] = "lst.h:0: TBROK: time limit\n";

	(void)sig;
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) < 0 ? LST_BROK : lst_result | LST_BROK);
}

int main(void)
{
	const char *base = getenv("TMPDIR");

	umask(022);
	signal(SIGALRM, lst_timeout);
	alarm(LST_SECONDS);
	lst_main_pid = getpid();
	snprintf(lst_dir, sizeof(lst_dir), "%s/lst-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(lst_dir) || chmod(lst_dir, 0755) || chdir(lst_dir)) {
		lst_dir[0] = 0;
		BROK("no scratch directory: errno %d", errno);
	}
	run();
	lst_leave(0);
}
