/* /proc/self/status: ids, state, threads, memory, signal masks as the process set them. */
#include "proc.h"
#include <sys/mman.h>
#include <sys/prctl.h>

static char *status(void)
{
	return proc_read("/proc/self/status");
}

TEST(ids)
{
	unsigned int r, e, s, f;
	char *t = status();

	EXPECT_EQ(number_field(t, "Pid"), getpid());
	EXPECT_EQ(number_field(t, "Tgid"), getpid());
	EXPECT_EQ(number_field(t, "PPid"), getppid());
	EXPECT_EQ(number_field(t, "TracerPid"), 0);
	EXPECT_EQ(sscanf(field(t, "Uid"), "%u %u %u %u", &r, &e, &s, &f), 4);
	EXPECT_EQ(r, getuid());
	EXPECT_EQ(e, geteuid());
	EXPECT_EQ(f, geteuid());
	EXPECT_EQ(sscanf(field(t, "Gid"), "%u %u %u %u", &r, &e, &s, &f), 4);
	EXPECT_EQ(r, getgid());
	EXPECT_EQ(e, getegid());
}

TEST(name_and_state)
{
	EXPECT_OK(prctl(PR_SET_NAME, "my name"));
	EXPECT_STR(field(status(), "Name"), "my name");
	EXPECT_STR(field(status(), "State"), "R (running)");
}

static void *wait_at(void *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

TEST(threads)
{
	pthread_barrier_t b;
	pthread_t t[3];

	EXPECT_EQ(number_field(status(), "Threads"), 1);
	pthread_barrier_init(&b, NULL, 4);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, wait_at, &b), 0);
	pthread_barrier_wait(&b);
	EXPECT_EQ(number_field(status(), "Threads"), 4);
	pthread_barrier_wait(&b);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

TEST(memory_grows)
{
	enum { SIZE = 16 << 20 };
	long long before = number_field(status(), "VmSize"), rss = number_field(status(), "VmRSS");
	char *p = EXPECT_OK(
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_GE(number_field(status(), "VmSize"), before + SIZE / 1024);
	memset(p, 1, SIZE);
	EXPECT_GE(number_field(status(), "VmRSS"), rss + SIZE / 1024 * 9 / 10);
	EXPECT(strstr(field(status(), "VmRSS"), " kB") != NULL);
	munmap(p, SIZE);
	EXPECT_LT(number_field(status(), "VmSize"), before + SIZE / 1024);
}

static unsigned long long mask(const char *key)
{
	char *v = field(status(), key);

	EXPECT(v && strlen(v) == 16);
	return strtoull(v, NULL, 16);
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(signal_masks)
{
	unsigned long long usr1 = 1ull << (SIGUSR1 - 1), usr2 = 1ull << (SIGUSR2 - 1);
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, SIG_IGN);
	EXPECT(mask("SigBlk") & usr1);
	EXPECT(mask("SigCgt") & usr1);
	EXPECT(mask("SigIgn") & usr2);
	EXPECT(!(mask("SigIgn") & usr1));
	EXPECT_OK(kill(getpid(), SIGUSR1));
	EXPECT(mask("ShdPnd") & usr1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	EXPECT(!(mask("ShdPnd") & usr1));
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	EXPECT(!(mask("SigCgt") & usr1));
}

TEST(file_mode_mask)
{
	mode_t old = umask(0123);

	EXPECT_EQ(strtoul(field(status(), "Umask"), NULL, 8), 0123);
	umask(old);
}
