/*
 * A tiny harness for the compat tests: ordinary Linux programs which pass on plain Linux first
 * and then, unchanged, in the enclave.
 *
 * TEST(name) registers a case and ROLE(name) a body for a child that spawn_self() starts by
 * executing /proc/self/exe, so no case needs fork(). The first failed expectation ends its
 * case (siglongjmp to the runner) and prints the one line of the case; in a second thread it
 * only marks the case as failed; in a role it prints to stderr and exits with status 1.
 * Expectations must not be used in a vfork child or in a signal handler.
 *
 * Every case has its own scratch directory, its own 20 s of SIGALRM and starts in the
 * directory the program was started in. A case that uses SIGALRM itself gets both back after.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEST_SECONDS	20
#define TEST_ALL_SKIPPED 77
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

extern char **environ;

struct test_case {
	const char *name;
	void (*run)(void);
	int line;
	struct test_case *next;
};

struct test_role {
	const char *name;
	int (*run)(int argc, char **argv);
	struct test_role *next;
};

static struct {
	struct test_case *cases;
	struct test_role *roles;
	const char *current;	/* the case or role that runs */
	bool in_role;
	bool failed, skipped;
	pthread_t main_thread;
	sigjmp_buf out;
	char start_dir[PATH_MAX];
	char tmpdir[PATH_MAX];	/* "" until the case asks for it */
} test_state;

/* A case: TEST(open_excl) { ... }. Cases run in the order of the file. */
#define TEST(id)									\
	static void test_run_##id(void);						\
	__attribute__((constructor)) static void test_register_##id(void)		\
	{										\
		static struct test_case self = { #id, test_run_##id, __LINE__, NULL };	\
		test_add_case(&self);							\
	}										\
	static void test_run_##id(void)

/* A child: ROLE(echo) { ...; return exit_status; }. argv[0] is what follows the role's name. */
#define ROLE(id)									\
	static int test_role_##id(int argc, char **argv);				\
	__attribute__((constructor)) static void test_register_role_##id(void)		\
	{										\
		static struct test_role self = { #id, test_role_##id, NULL };		\
		self.next = test_state.roles;						\
		test_state.roles = &self;						\
	}										\
	static int test_role_##id(int argc __attribute__((unused)),			\
				  char **argv __attribute__((unused)))

#define SKIP(...)	test_skip(__VA_ARGS__)
#define FAIL(...)	test_fail(__FILE__, __LINE__, __VA_ARGS__)

#define EXPECT(cond)									\
	do {										\
		if (!(cond))								\
			test_fail(__FILE__, __LINE__, "%s", #cond);			\
	} while (0)

#define EXPECT_OP(a, op, b)								\
	do {										\
		long long test_a = (long long)(a), test_b = (long long)(b);		\
		if (!(test_a op test_b))						\
			test_fail(__FILE__, __LINE__, "%s %s %s (%lld, %lld)",		\
				  #a, #op, #b, test_a, test_b);				\
	} while (0)

/* Integers and pointers, compared as signed 64-bit values. */
#define EXPECT_EQ(a, b)	EXPECT_OP(a, ==, b)
#define EXPECT_NE(a, b)	EXPECT_OP(a, !=, b)
#define EXPECT_GE(a, b)	EXPECT_OP(a, >=, b)
#define EXPECT_GT(a, b)	EXPECT_OP(a, >, b)
#define EXPECT_LE(a, b)	EXPECT_OP(a, <=, b)
#define EXPECT_LT(a, b)	EXPECT_OP(a, <, b)

#define EXPECT_STR(a, b)								\
	do {										\
		const char *test_a = (a), *test_b = (b);				\
		if (!test_a || !test_b || strcmp(test_a, test_b))			\
			test_fail(__FILE__, __LINE__, "%s == %s (\"%s\", \"%s\")",	\
				  #a, #b, test_a ? test_a : "(null)",			\
				  test_b ? test_b : "(null)");				\
	} while (0)

#define EXPECT_MEM(a, b, n)								\
	do {										\
		if (memcmp(a, b, n))							\
			test_fail(__FILE__, __LINE__, "memcmp(%s, %s, %s) == 0", #a, #b, #n); \
	} while (0)

/* The call must give -1 (or MAP_FAILED) and exactly this errno. */
#define EXPECT_ERRNO(expr, code)							\
	do {										\
		errno = 0;								\
		long test_r = (long)(expr);						\
		int test_e = errno;							\
		if (test_r != -1 || test_e != (code))					\
			test_fail(__FILE__, __LINE__, "%s fails with %s (%ld, errno %d %s)", \
				  #expr, #code, test_r, test_e, strerror(test_e));	\
	} while (0)

/* The call must not give -1; the value is the value of the call. */
#define EXPECT_OK(expr)									\
	({										\
		__typeof__(expr) test_r = (expr);					\
		if ((long)test_r == -1)							\
			test_fail(__FILE__, __LINE__, "%s (errno %d %s)", #expr, errno,	\
				  strerror(errno));					\
		test_r;									\
	})

/* How a child must have ended; both wait for it. */
#define EXPECT_EXIT(pid, code)								\
	do {										\
		int test_s = wait_status(pid);						\
		if (!WIFEXITED(test_s) || WEXITSTATUS(test_s) != (code))		\
			test_fail(__FILE__, __LINE__, "%s exits with %s (wait status 0x%x)", \
				  #pid, #code, test_s);					\
	} while (0)

#define EXPECT_SIGNALED(pid, signo)							\
	do {										\
		int test_s = wait_status(pid);						\
		if (!WIFSIGNALED(test_s) || WTERMSIG(test_s) != (signo))		\
			test_fail(__FILE__, __LINE__, "%s dies by %s (wait status 0x%x)", \
				  #pid, #signo, test_s);				\
	} while (0)

/* spawn_self("role", "arg", ...): the child's pid. */
#define spawn_self(...)	spawn_self_argv(NULL, NULL, (const char *[]){ __VA_ARGS__, NULL })
/* The same with file actions and attributes; each may be NULL. */
#define spawn_self_with(fa, attr, ...) \
	spawn_self_argv(fa, attr, (const char *[]){ __VA_ARGS__, NULL })

static inline void test_add_case(struct test_case *c)
{
	struct test_case **at = &test_state.cases;

	while (*at && (*at)->line < c->line)
		at = &(*at)->next;
	c->next = *at;
	*at = c;
}

/* One line, one write: children and threads may share the descriptor. */
static inline void test_print(int fd, const char *verdict, const char *name, const char *detail)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), "%s %s%s%s\n", verdict, name, *detail ? ": " : "",
			 detail);

	if (n >= (int)sizeof(line)) {
		n = sizeof(line);
		line[n - 1] = '\n';
	}
	if (write(fd, line, n) != n)
		_exit(1);
}

__attribute__((format(printf, 3, 4)))
static inline void test_fail(const char *file, int line, const char *fmt, ...)
{
	char detail[900];
	const char *base = strrchr(file, '/');
	int n = snprintf(detail, sizeof(detail), "%s:%d: ", base ? base + 1 : file, line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail + n, sizeof(detail) - n, fmt, ap);
	va_end(ap);
	if (test_state.in_role) {
		test_print(2, "FAIL role", test_state.current, detail);
		_exit(1);
	}
	if (!test_state.failed)
		test_print(1, "FAIL", test_state.current, detail);
	test_state.failed = true;
	if (pthread_equal(pthread_self(), test_state.main_thread))
		siglongjmp(test_state.out, 1);
}

__attribute__((format(printf, 1, 2), noreturn))
static inline void test_skip(const char *fmt, ...)
{
	char detail[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	test_print(1, "SKIP", test_state.current, detail);
	test_state.skipped = true;
	siglongjmp(test_state.out, 1);
}

/* -1 on an error of posix_spawn, with errno set; fails the case by itself. */
static inline pid_t spawn_self_argv(const posix_spawn_file_actions_t *fa,
				    const posix_spawnattr_t *attr, const char *const *args)
{
	const char *argv[64] = { "self", "--role" };
	pid_t pid = -1;
	int n = 2, err;

	while (*args && n < 63)
		argv[n++] = *args++;
	err = posix_spawn(&pid, "/proc/self/exe", fa, attr, (char *const *)argv, environ);
	if (err)
		test_fail(__FILE__, __LINE__, "posix_spawn of itself: %s", strerror(err));
	return err ? -1 : pid;
}

/* The wait status of this child; -1 if there is none. */
static inline int wait_status(pid_t pid)
{
	int status = -1;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid ? status : -1;
}

/* The scratch directory of this case, made at the first call and removed after the case. */
static inline const char *test_tmpdir(void)
{
	const char *base = getenv("TMPDIR");

	if (test_state.tmpdir[0])
		return test_state.tmpdir;
	snprintf(test_state.tmpdir, sizeof(test_state.tmpdir), "%s/compat-XXXXXX",
		 base && *base ? base : "/tmp");
	if (!mkdtemp(test_state.tmpdir)) {
		test_state.tmpdir[0] = 0;
		test_fail(__FILE__, __LINE__, "mkdtemp: %s", strerror(errno));
	}
	chmod(test_state.tmpdir, 0755);
	return test_state.tmpdir;
}

/* Path of a name in the scratch directory; eight results live at a time. */
static inline const char *tmp_path(const char *name)
{
	static char buf[8][PATH_MAX * 2];
	static unsigned int turn;
	char *p = buf[turn++ % 8];

	snprintf(p, sizeof(buf[0]), "%s/%s", test_tmpdir(), name);
	return p;
}

/* A new file in the scratch directory with this content, open for reading and writing at 0. */
static inline int tmp_file(const char *name, const void *data, size_t len)
{
	int fd = EXPECT_OK(open(tmp_path(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));

	if (len)
		EXPECT_EQ(pwrite(fd, data, len, 0), len);
	return fd;
}

/* Whole small file into buf, terminated; its length or -1. Works on /proc too. */
static inline ssize_t read_file(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = 0;
	return n < 0 ? -1 : (ssize_t)len;
}

/* The same pointer, about which the compiler knows nothing: it may be as wrong as one wants. */
static inline void *hide_ptr(uintptr_t p)
{
	__asm__("" : "+r"(p));
	return (void *)p;
}

/* Never mapped: below vm.mmap_min_addr. */
static inline void *bad_ptr(void)
{
	return hide_ptr(16);
}

static inline int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static inline int test_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	remove(path);
	return 0;
}

static inline void test_clean(void)
{
	if (test_state.tmpdir[0])
		nftw(test_state.tmpdir, test_remove, 16, FTW_DEPTH | FTW_PHYS);
	test_state.tmpdir[0] = 0;
}

static inline void test_timeout(int sig)
{
	(void)sig;
	test_print(test_state.in_role ? 2 : 1, "FAIL", test_state.current, "timeout");
	if (!test_state.in_role)
		test_clean();
	_exit(1);
}

static inline void test_arm(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, test_timeout);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	alarm(TEST_SECONDS);
}

static inline void test_run_case(struct test_case *c)
{
	test_state.current = c->name;
	test_state.failed = test_state.skipped = false;
	test_arm();
	if (!sigsetjmp(test_state.out, 1))
		c->run();
	test_arm();
	if (!getuid() && geteuid() && (seteuid(0) || setegid(0)))
		test_print(2, "harness:", c->name, "cannot be root again");
	if (!test_state.failed && !test_state.skipped)
		test_print(1, "PASS", c->name, "");
	if (chdir(test_state.start_dir))
		test_print(2, "harness:", c->name, "cannot return to the first directory");
	test_clean();
	alarm(0);
}

static inline int test_run_role(int argc, char **argv)
{
	for (struct test_role *r = test_state.roles; r; r = r->next) {
		if (argc < 3 || strcmp(r->name, argv[2]))
			continue;
		test_state.in_role = true;
		test_state.current = r->name;
		test_arm();
		return r->run(argc - 3, argv + 3);
	}
	return 126;
}

static inline int test_main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	int ran = 0, skipped = 0, failed = 0;

	test_state.main_thread = pthread_self();
	if (only && !strcmp(only, "--role"))
		return test_run_role(argc, argv);
	if (!getcwd(test_state.start_dir, sizeof(test_state.start_dir)))
		return 1;
	for (struct test_case *c = test_state.cases; c; c = c->next) {
		if (only && !strcmp(only, "--list")) {
			puts(c->name);
			continue;
		}
		if (only && strcmp(only, c->name))
			continue;
		test_run_case(c);
		ran++;
		skipped += test_state.skipped;
		failed += test_state.failed;
	}
	if (only && !strcmp(only, "--list"))
		return 0;
	if (!ran) {
		fprintf(stderr, "no such case: %s\n", only ? only : "(none defined)");
		return 2;
	}
	return failed ? 1 : ran == skipped ? TEST_ALL_SKIPPED : 0;
}

/* A program with a main of its own defines TEST_NO_MAIN and calls test_main() from it. */
#ifndef TEST_NO_MAIN
int main(int argc, char **argv)
{
	return test_main(argc, argv);
}
#endif
