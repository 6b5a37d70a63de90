/*
 * The supervisor: rounds of a few workers at a time, each a new program with a seed of its own.
 *
 * After each round everything that is left is killed and must be gone soon, a good child must still
 * run, and the memory must come back: what stays in use may not grow over the run. It prints a line
 * per round before the round starts, so that who watches from outside sees that it gets on, and
 * which seeds were at work when it does not.
 *
 * It runs in the enclave only: natively these calls would be made to the machine's own kernel.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 3, ROUND_SECONDS = 6, GONE_SECONDS = 20, ROUNDS_MAX = 65536, LEAK_ROUNDS = 24 };
#define COUNTS "/proc/occlum/syscalls"

static struct {
	uint64_t seed;
	unsigned seconds, workers, calls;
	int threads;
	const char *only;
} opt = { .seed = 1, .seconds = 20, .calls = 2000 };

static char scratch[64];
static long used[ROUNDS_MAX]; /* KiB, after each round */
static unsigned exits, deaths, stuck, late;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *fmt, ...)
{
	va_list ap;

	printf("FAIL ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

/* ---- the state between rounds ---- */

static long meminfo(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "3", 1) != 1)
		fail("/proc/sys/vm/drop_caches: %s", strerror(errno));
	close(fd);
}

/* What programs and the LibOS hold, in KiB, when nothing is cached. */
static long memory_used(void)
{
	char buf[4096];
	ssize_t n;
	int fd;

	drop_caches();
	fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		fail("/proc/meminfo: %s", strerror(errno));
	close(fd);
	buf[n] = 0;
	return meminfo(buf, "MemTotal:") - meminfo(buf, "MemAvailable:") + meminfo(buf, "\nSlab:");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	remove(path);
	return 0;
}

/* Mounts of the workers, the last first. */
static void unmount_all(void)
{
	char line[8192], where[4096];
	bool again;

	do {
		FILE *f = fopen("/proc/self/mounts", "re");

		again = false;
		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "%*s %4095s", where) == 1 && !strncmp(where, scratch, strlen(scratch)))
				again |= !umount2(where, MNT_DETACH);
		if (f)
			fclose(f);
	} while (again);
}

static void scratch_remove(void)
{
	unmount_all();
	nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void scratch_make(void)
{
	int fd;

	if (mkdir(scratch, 0777) || chmod(scratch, 0777) || chdir(scratch))
		fail("%s: %s", scratch, strerror(errno));
	fd = open("a", O_RDWR | O_CREAT, 0666);
	if (fd < 0 || ftruncate(fd, 20000) || fchmod(fd, 0666))
		fail("a file in %s: %s", scratch, strerror(errno));
	close(fd);
	close(open("b", O_RDWR | O_CREAT, 0666));
	close(open("c", O_RDWR | O_CREAT, 0666));
	mkdir("d", 0777);
	if (symlink("a", "link") || symlink("loop", "loop") || mkfifo("fifo", 0666) || chmod("b", 0666) || chmod("d", 0777))
		fail("the scratch directory: %s", strerror(errno));
}

/* System V objects and message queues outlive who made them. */
static void ipc_remove(void)
{
	struct shmid_ds shm;
	struct msqid_ds msg;
	struct semid_ds sem;
	const char *name;
	int last;

	last = (int)syscall(SYS_shmctl, 0, SHM_INFO, &shm);
	for (int i = 0; i <= last; i++)
		syscall(SYS_shmctl, syscall(SYS_shmctl, i, SHM_STAT, &shm), IPC_RMID, NULL);
	last = (int)syscall(SYS_msgctl, 0, MSG_INFO, &msg);
	for (int i = 0; i <= last; i++)
		syscall(SYS_msgctl, syscall(SYS_msgctl, i, MSG_STAT, &msg), IPC_RMID, NULL);
	last = (int)syscall(SYS_semctl, 0, 0, SEM_INFO, &sem);
	for (int i = 0; i <= last; i++)
		syscall(SYS_semctl, syscall(SYS_semctl, i, 0, SEM_STAT, &sem), 0, IPC_RMID, NULL);
	for (unsigned i = 0; (name = value_path(i)); i++)
		syscall(SYS_mq_unlink, name);
}

/* ---- children ---- */

static pid_t start(const char *const argv[])
{
	posix_spawn_file_actions_t fa;
	extern char **environ;
	int err, tries = 5;
	pid_t pid;

	posix_spawn_file_actions_init(&fa);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&fa, fd, "/dev/null", O_RDWR, 0);
	/* Root may have changed the program's mode through a descriptor. */
	do
		err = posix_spawn(&pid, "/proc/self/exe", &fa, NULL, (char *const *)argv, environ);
	while (err == EACCES && !chmod("/proc/self/exe", 0755) && tries--);
	posix_spawn_file_actions_destroy(&fa);
	if (err)
		fail("a worker cannot be started: %s", strerror(err));
	return pid;
}

static pid_t start_worker(uint64_t seed)
{
	char s[32], c[32], t[32], p[32];
	const char *argv[] = { "fuzz-worker", "--in-enclave", "--worker", s, "--count", c, "--threads", t, "--supervisor", p,
			       opt.only ? "--only" : NULL, opt.only, NULL };

	snprintf(s, sizeof(s), "%lu", seed);
	snprintf(c, sizeof(c), "%u", opt.calls);
	snprintf(t, sizeof(t), "%d", opt.threads);
	snprintf(p, sizeof(p), "%d", getpid());
	return start(argv);
}

static void count_end(int status)
{
	if (WIFSIGNALED(status))
		deaths++;
	else if (WEXITSTATUS(status) == 3)
		stuck++;
	else
		exits++;
}

/* Reaps until no child of ours is left or the time is over; the number of children in pids[] that ended. */
static unsigned reap_until(double deadline, const pid_t *pids, unsigned n, bool all)
{
	unsigned ended = 0;
	int status;
	pid_t pid;

	while (now() < deadline) {
		pid = waitpid(-1, &status, WNOHANG | __WALL);
		if (pid < 0 && errno == ECHILD)
			break;
		if (pid <= 0) {
			poll(NULL, 0, 2);
			continue;
		}
		for (unsigned i = 0; i < n; i++) {
			if (pids[i] != pid)
				continue;
			count_end(status);
			ended++;
		}
		if (!all && ended == n)
			break;
	}
	return ended;
}

static void show_file(const char *dir, const char *name)
{
	char path[512], buf[2048];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);
	if (fd >= 0)
		close(fd);
	if (n > 0)
		printf("---- %s\n%.*s", path, (int)n, buf);
}

/* Any process but pid 1 and this one? Shows it. */
static bool somebody_left(bool show)
{
	DIR *d = opendir("/proc");
	bool found = false;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name);

		if (pid <= 1 || pid == getpid())
			continue;
		found = true;
		if (show) {
			show_file(e->d_name, "status");
			show_file(e->d_name, "stat");
		}
	}
	if (d)
		closedir(d);
	return found;
}

static void kill_everybody(void)
{
	double deadline = now() + GONE_SECONDS, next_look = now() + 3;

	while (somebody_left(false)) {
		kill(-1, SIGCONT);
		kill(-1, SIGKILL);
		reap_until(now() + 0.2, NULL, 0, true);
		if (now() < next_look)
			continue;
		printf("left after being killed:\n");
		somebody_left(true);
		next_look = now() + 3;
		if (now() < deadline)
			continue;
		fail("processes that cannot be killed are left");
	}
}

static void check_alive(void)
{
	const char *argv[] = { "fuzz-alive", "--in-enclave", "--alive", NULL };
	double deadline = now() + GONE_SECONDS;
	pid_t pid = start(argv);
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now() > deadline)
			fail("a good child does not end");
		poll(NULL, 0, 1);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
		fail("a good child ended with status 0x%x", status);
}

/* A little of everything must work. */
static int alive(void)
{
	void *p = malloc(300000);
	char c = 'x';
	int fds[2];

	if (!p || pipe(fds) || write(fds[1], &c, 1) != 1 || read(fds[0], &c, 1) != 1 || poll(NULL, 0, 1))
		return 1;
	memset(p, 1, 300000);
	return access("/proc/self/exe", R_OK) ? 2 : 7;
}

/* ---- the run ---- */

static void run_round(unsigned round, unsigned n)
{
	pid_t pids[WORKERS];
	unsigned ended;

	printf("round %u seeds %lu..%lu used %ld\n", round, opt.seed, opt.seed + n - 1, round ? used[round - 1] : 0);
	fflush(stdout);
	scratch_make();
	for (unsigned i = 0; i < n; i++)
		pids[i] = start_worker(opt.seed++);
	ended = reap_until(now() + ROUND_SECONDS, pids, n, false);
	late += n - ended;
	kill_everybody();
	ipc_remove();
	check_alive();
	if (chdir("/"))
		fail("chdir: %s", strerror(errno));
	scratch_remove();
	used[round % ROUNDS_MAX] = memory_used();
}

static int by_size(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long median(unsigned from, unsigned to)
{
	static long copy[ROUNDS_MAX];

	memcpy(copy, used + from, (to - from) * sizeof(long));
	qsort(copy, to - from, sizeof(long), by_size);
	return copy[(to - from) / 2];
}

/* Caches and free lists settle in the first half; after that nothing may grow by more than noise. */
static void check_leak(unsigned rounds)
{
	long before, after;

	if (rounds < LEAK_ROUNDS || rounds > ROUNDS_MAX)
		return;
	before = median(rounds / 3, rounds * 2 / 3);
	after = median(rounds * 2 / 3, rounds);
	printf("memory: %ld KiB in the second third of the rounds, %ld KiB in the last\n", before, after);
	if (after > before + 512 + before / 20)
		fail("memory in use grows");
}

static unsigned long calls_made(unsigned *distinct)
{
	FILE *f = fopen(COUNTS, "re");
	unsigned long total = 0, calls, failed;
	char line[1024];

	*distinct = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*u %*s %lu %lu", &calls, &failed) != 2)
			continue;
		total += calls;
		*distinct += calls > failed;
	}
	if (f)
		fclose(f);
	return total;
}

static int supervise(void)
{
	double end = now() + opt.seconds;
	unsigned rounds = 0, left = opt.workers, distinct;
	unsigned long calls;

	snprintf(scratch, sizeof(scratch), "/tmp/fuzz-%d", getpid());
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	umask(0);
	while (opt.workers ? left > 0 : now() < end) {
		unsigned n = opt.workers && left < WORKERS ? left : WORKERS;

		run_round(rounds++, n);
		left -= opt.workers ? n : 0;
	}
	calls = calls_made(&distinct);
	printf("workers: %u ended, %u died, %u stuck, %u killed\n", exits, deaths, stuck, late);
	check_leak(rounds);
	printf("ok %lu calls, %u of them succeeded somewhere, %u rounds, last seed %lu\n", calls, distinct, rounds, opt.seed - 1);
	return 0;
}

static const char usage[] =
	"usage: fuzz --in-enclave [--seed N] [--seconds N | --workers N] [--count CALLS] [--threads N] [--only CALL,CALL]\n"
	"In the enclave only: occlum try build/fuzz/syscall --in-enclave ...\n"
	"A worker again, alone and always the same: --seed N --workers 1 --threads 1\n";

int main(int argc, char **argv)
{
	struct worker_options w = { 0 };
	bool inside = false, worker = false;

	for (int i = 1; i < argc; i++) {
		const char *o = argv[i], *v = i + 1 < argc ? argv[i + 1] : "0";

		if (!strcmp(o, "--in-enclave")) {
			inside = true;
			continue;
		}
		if (!strcmp(o, "--alive"))
			return alive();
		i++;
		if (!strcmp(o, "--seed"))
			opt.seed = strtoull(v, NULL, 0);
		else if (!strcmp(o, "--seconds"))
			opt.seconds = (unsigned)atoi(v);
		else if (!strcmp(o, "--workers"))
			opt.workers = (unsigned)atoi(v);
		else if (!strcmp(o, "--count"))
			opt.calls = (unsigned)atoi(v);
		else if (!strcmp(o, "--threads"))
			opt.threads = atoi(v);
		else if (!strcmp(o, "--only"))
			opt.only = v;
		else if (!strcmp(o, "--supervisor"))
			w.supervisor = atoi(v);
		else if (!strcmp(o, "--worker") && (worker = true))
			w.seed = strtoull(v, NULL, 0);
		else
			inside = false, i = argc;
	}
	/* The second is what makes it sure: no other system has this file. */
	if (!inside || access(COUNTS, R_OK)) {
		fputs(usage, stderr);
		return 2;
	}
	grammar_init(opt.only);
	if (!worker)
		return supervise();
	w.calls = opt.calls;
	w.threads = opt.threads;
	return worker_run(&w);
}
