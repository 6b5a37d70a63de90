/* /proc/self/comm and prctl names: set by both, cut to 15 bytes, one per thread, reset by exec. */
#include "proc.h"
#include <sys/prctl.h>

static char *comm(void)
{
	static char buf[64];

	return proc_line("/proc/self/comm", buf, sizeof(buf));
}

TEST(starts_as_the_file_name)
{
	EXPECT_STR(comm(), "comm");
}

TEST(prctl_and_file)
{
	char name[16] = "";
	int fd;

	EXPECT_OK(prctl(PR_SET_NAME, "first"));
	EXPECT_STR(comm(), "first");
	fd = EXPECT_OK(open("/proc/self/comm", O_WRONLY));
	EXPECT_EQ(write(fd, "second", 6), 6);
	close(fd);
	EXPECT_OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "second");
	EXPECT_STR(comm(), "second");
}

TEST(cut_to_15)
{
	EXPECT_OK(prctl(PR_SET_NAME, "0123456789abcdefgh"));
	EXPECT_STR(comm(), "0123456789abcde");
	EXPECT_OK(prctl(PR_SET_NAME, ""));
	EXPECT_STR(comm(), "");
	EXPECT_ERRNO(prctl(PR_SET_NAME, bad_ptr()), EFAULT);
}

static void *rename_thread(void *arg)
{
	char path[64], buf[64];

	(void)arg;
	EXPECT_OK(prctl(PR_SET_NAME, "worker"));
	snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", syscall(SYS_gettid));
	EXPECT_STR(proc_line(path, buf, sizeof(buf)), "worker");
	return NULL;
}

TEST(one_per_thread)
{
	pthread_t t;

	EXPECT_OK(prctl(PR_SET_NAME, "leader"));
	EXPECT_EQ(pthread_create(&t, NULL, rename_thread, NULL), 0);
	pthread_join(t, NULL);
	EXPECT_STR(comm(), "leader");
}

ROLE(name_is)
{
	EXPECT_STR(comm(), argv[0]);
	return 0;
}

TEST(exec_resets)
{
	EXPECT_OK(prctl(PR_SET_NAME, "before"));
	EXPECT_EXIT(spawn_self("name_is", "exe"), 0);
	EXPECT_STR(comm(), "before");
}
