/*
 * prctl: thread names (cut at 15 bytes, per thread), the signal on a parent's death, dumpable,
 * no-new-privileges, and EINVAL for what does not exist.
 */
#include "child.h"
#include <sys/prctl.h>

TEST(names)
{
	char old[16], name[16];

	EXPECT_OK(prctl(PR_GET_NAME, old));
	EXPECT_STR(old, "prctl");
	EXPECT_OK(prctl(PR_SET_NAME, "a name that is far too long"));
	EXPECT_OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "a name that is ");
	EXPECT_OK(prctl(PR_SET_NAME, ""));
	EXPECT_OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "");
	EXPECT_OK(prctl(PR_SET_NAME, old));
	EXPECT_ERRNO(prctl(PR_SET_NAME, 8), EFAULT);
	EXPECT_ERRNO(prctl(PR_GET_NAME, 8), EFAULT);
}

static void *name_of_thread(void *out)
{
	prctl(PR_GET_NAME, out);
	pthread_setname_np(pthread_self(), "worker");
	prctl(PR_GET_NAME, (char *)out + 16);
	return NULL;
}

TEST(each_thread_has_its_own)
{
	char names[2][16], mine[16];
	pthread_t t;

	EXPECT_EQ(pthread_create(&t, NULL, name_of_thread, names), 0);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_STR(names[0], "prctl");
	EXPECT_STR(names[1], "worker");
	EXPECT_OK(prctl(PR_GET_NAME, mine));
	EXPECT_STR(mine, "prctl");
}

TEST(name_in_proc)
{
	char buf[64];

	EXPECT_OK(prctl(PR_SET_NAME, "visible"));
	EXPECT_EQ(read_file("/proc/self/comm", buf, sizeof(buf)), 8);
	EXPECT_STR(buf, "visible\n");
	EXPECT_OK(prctl(PR_SET_NAME, "prctl"));
}

/* Spawns a child that wants SIGUSR1 when we die, tells its pid, waits until it is ready, dies. */
ROLE(mortal)
{
	int fd[2];
	char c, num[16];

	EXPECT_OK(pipe(fd));
	snprintf(num, sizeof(num), "%d", fd[1]);
	printf("%d\n", spawn_self("mourner", num));
	fflush(stdout);
	close(fd[1]);
	return read(fd[0], &c, 1) == 1 ? 0 : 1;
}

ROLE(mourner)
{
	sigset_t set;
	int sig, now;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	EXPECT_OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	EXPECT_OK(prctl(PR_GET_PDEATHSIG, &now));
	EXPECT_EQ(now, SIGUSR1);
	EXPECT_EQ(write(atoi(argv[0]), "r", 1), 1);
	EXPECT_EQ(sigwait(&set, &sig), 0);
	return 61;
}

TEST(parent_death_signal)
{
	static struct outcome o;
	int status;
	pid_t pid;

	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	EXPECT_EQ(run_self(&o, "mortal"), 0);
	EXPECT(exited(&o, 0));
	pid = atoi(o.out);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 61);
	EXPECT_ERRNO(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
}

ROLE(flags)
{
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1);
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 0));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
	EXPECT_ERRNO(prctl(PR_SET_DUMPABLE, 2), EINVAL);
	EXPECT_OK(prctl(PR_SET_DUMPABLE, 1));
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	EXPECT_EXIT(spawn_self("has_no_new_privs"), 0);
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
	EXPECT_ERRNO(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0), EINVAL);
	return 0;
}

ROLE(has_no_new_privs)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

TEST(flags)
{
	EXPECT_EXIT(spawn_self("flags"), 0);
}

TEST(unknown)
{
	EXPECT_ERRNO(prctl(0x7fff, 0, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(prctl(-1, 0, 0, 0, 0), EINVAL);
}

TEST(timer_slack)
{
	int old = EXPECT_OK(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));

	EXPECT_OK(prctl(PR_SET_TIMERSLACK, 77777, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 77777);
	EXPECT_OK(prctl(PR_SET_TIMERSLACK, old, 0, 0, 0));
}
