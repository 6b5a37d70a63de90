/* /proc/self/task: one directory per thread, thread-self, the files of a thread. */
#include "proc.h"
#include <dirent.h>

static int count_tasks(void)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	int n = 0;

	EXPECT(d != NULL);
	while ((e = readdir(d)))
		n += isdigit((unsigned char)e->d_name[0]) != 0;
	closedir(d);
	return n;
}

struct meeting {
	pthread_barrier_t barrier;
	pid_t tid;
};

static void *attend(void *arg)
{
	struct meeting *m = arg;
	char buf[64], want[64];
	ssize_t n;

	m->tid = syscall(SYS_gettid);
	n = EXPECT_OK(readlink("/proc/thread-self", buf, sizeof(buf) - 1));
	buf[n < 0 ? 0 : n] = 0;
	snprintf(want, sizeof(want), "%d/task/%d", getpid(), m->tid);
	EXPECT_STR(buf, want);
	pthread_barrier_wait(&m->barrier);
	pthread_barrier_wait(&m->barrier);
	return NULL;
}

TEST(follow_threads)
{
	struct meeting m;
	char path[64], *t;
	pthread_t th;

	EXPECT_EQ(count_tasks(), 1);
	pthread_barrier_init(&m.barrier, NULL, 2);
	EXPECT_EQ(pthread_create(&th, NULL, attend, &m), 0);
	pthread_barrier_wait(&m.barrier);
	EXPECT_EQ(count_tasks(), 2);
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", m.tid);
	t = proc_read(path);
	EXPECT_EQ(number_field(t, "Pid"), m.tid);
	EXPECT_EQ(number_field(t, "Tgid"), getpid());
	pthread_barrier_wait(&m.barrier);
	pthread_join(th, NULL);
	for (int i = 0; i < 200 && count_tasks() != 1; i++)
		sleep_ms(5);
	EXPECT_EQ(count_tasks(), 1);
	EXPECT_ERRNO(access(path, F_OK), ENOENT);
}

TEST(threads_are_hidden_in_proc_itself)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", getpid());
	EXPECT_OK(access(path, F_OK));
	EXPECT_ERRNO(access("/proc/self/task/1999999999", F_OK), ENOENT);
}
