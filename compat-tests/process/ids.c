/*
 * Who am I: pids and tids, user and group ids that agree over all calls, uname, and sets of ids
 * that are no change.
 */
#include "child.h"
#include <grp.h>
#include <sys/utsname.h>

static void *thread_ids(void *out)
{
	((pid_t *)out)[0] = getpid();
	((pid_t *)out)[1] = syscall(SYS_gettid);
	((pid_t *)out)[2] = getppid();
	return NULL;
}

TEST(pid_and_tid)
{
	pid_t id[3];
	pthread_t t;

	EXPECT_EQ(getpid(), syscall(SYS_getpid));
	EXPECT_EQ(getpid(), syscall(SYS_gettid));
	EXPECT_GT(getppid(), 0);
	EXPECT_EQ(pthread_create(&t, NULL, thread_ids, id), 0);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EQ(id[0], getpid());
	EXPECT_NE(id[1], getpid());
	EXPECT_GT(id[1], 0);
	EXPECT_EQ(id[2], getppid());
}

ROLE(child_ids)
{
	return getpid() == atoi(argv[0]) ? 1 : getppid() == atoi(argv[0]) ? 0 : 2;
}

TEST(parent_of_a_child)
{
	char num[16];

	snprintf(num, sizeof(num), "%d", getpid());
	EXPECT_EXIT(spawn_self("child_ids", num), 0);
}

TEST(users_agree)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	EXPECT_OK(getresuid(&r, &e, &s));
	EXPECT_OK(getresgid(&gr, &ge, &gs));
	EXPECT_EQ(r, getuid());
	EXPECT_EQ(e, geteuid());
	EXPECT_EQ(gr, getgid());
	EXPECT_EQ(ge, getegid());
	EXPECT_OK(setuid(r));
	EXPECT_OK(setgid(gr));
	EXPECT_OK(setreuid(-1, e));
	EXPECT_OK(setresuid(-1, -1, -1));
	EXPECT_OK(setresgid(gr, -1, -1));
	EXPECT_EQ(geteuid(), e);
}

TEST(groups)
{
	gid_t list[1024];
	int n = EXPECT_OK(getgroups(0, NULL));

	EXPECT_EQ(getgroups(1024, list), n);
	EXPECT_ERRNO(syscall(SYS_getgroups, -1, list), EINVAL);
	if (n > 1)
		EXPECT_ERRNO(getgroups(n - 1, list), EINVAL);
}

ROLE(drop)
{
	uid_t r, e, s;

	EXPECT_OK(setgroups(0, NULL));
	EXPECT_OK(setresgid(1001, 1001, 1001));
	EXPECT_OK(setresuid(1000, 1000, 1000));
	EXPECT_OK(getresuid(&r, &e, &s));
	EXPECT(r == 1000 && e == 1000 && s == 1000);
	EXPECT_EQ(getgid(), 1001);
	EXPECT_EQ(getgroups(0, NULL), 0);
	EXPECT_ERRNO(setuid(0), EPERM);
	EXPECT_ERRNO(setresuid(-1, 0, -1), EPERM);
	EXPECT_ERRNO(setgid(0), EPERM);
	EXPECT_ERRNO(setgroups(0, NULL), EPERM);
	return 0;
}

TEST(root_becomes_somebody)
{
	if (geteuid() != 0)
		SKIP("not root");
	EXPECT_EXIT(spawn_self("drop"), 0);
	EXPECT_EQ(geteuid(), 0);
}

ROLE(saved)
{
	uid_t r, e, s;

	EXPECT_OK(setresuid(1000, 2000, 3000));
	EXPECT_OK(getresuid(&r, &e, &s));
	EXPECT(r == 1000 && e == 2000 && s == 3000);
	EXPECT_OK(seteuid(3000));
	EXPECT_OK(setresuid(-1, 1000, -1));
	EXPECT_EQ(geteuid(), 1000);
	EXPECT_ERRNO(seteuid(4000), EPERM);
	EXPECT_ERRNO(setreuid(3000, -1), EPERM);	/* not from the saved one */
	EXPECT_OK(setreuid(-1, 3000));
	EXPECT_EQ(geteuid(), 3000);
	return 0;
}

TEST(three_user_ids)
{
	if (geteuid() != 0)
		SKIP("not root");
	EXPECT_EXIT(spawn_self("saved"), 0);
}

TEST(uname_fields)
{
	struct utsname u;
	char host[256];

	EXPECT_OK(uname(&u));
	EXPECT_STR(u.sysname, "Linux");
	EXPECT_STR(u.machine, "x86_64");
	EXPECT_GE(atoi(u.release), 4);
	EXPECT(u.version[0] != 0);
	EXPECT_OK(gethostname(host, sizeof(host)));
	EXPECT_STR(host, u.nodename);
}
