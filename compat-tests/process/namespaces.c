/*
 * The host's name belongs to a UTS namespace: a process with one of its own changes it for itself,
 * and comes back by setns. What setns and the namespace files refuse. As root only.
 */
#include "child.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#define NS_GET_USERNS 0xb701
#define NS_GET_PARENT 0xb702
#define NS_GET_NSTYPE 0xb703
#define NS_GET_OWNER_UID 0xb704

ROLE(own_name)
{
	int fd = EXPECT_OK(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC));
	char before[64], name[64], a[64], b[64];

	EXPECT_OK(gethostname(before, sizeof(before)));
	EXPECT_GT(readlink("/proc/self/ns/uts", memset(a, 0, sizeof(a)), sizeof(a)), 0);
	EXPECT_OK(unshare(CLONE_NEWUTS));
	EXPECT_GT(readlink("/proc/self/ns/uts", memset(b, 0, sizeof(b)), sizeof(b)), 0);
	EXPECT(strcmp(a, b) != 0);
	EXPECT_OK(sethostname("elsewhere", 9));
	EXPECT_EXIT(spawn_self("name_is", "elsewhere"), 0);
	EXPECT_OK(setns(fd, CLONE_NEWUTS));
	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, before);
	EXPECT_EXIT(spawn_self("name_is", before), 0);
	return 0;
}
ROLE(name_is)
{
	char name[64];

	EXPECT_OK(gethostname(name, sizeof(name)));
	return strcmp(name, argv[0]) ? 1 : 0;
}
TEST(host_name_of_ones_own)
{
	if (geteuid())
		SKIP("needs root");
	EXPECT_EXIT(spawn_self("own_name"), 0);
}

TEST(files)
{
	int fd = EXPECT_OK(open("/proc/self/ns/uts", O_RDONLY));
	int user = EXPECT_OK(open("/proc/self/ns/user", O_RDONLY));
	struct stat st, again;
	uid_t uid = 1;

	EXPECT_EQ(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWUTS);
	EXPECT_ERRNO(ioctl(fd, NS_GET_PARENT), EINVAL);
	EXPECT_ERRNO(ioctl(fd, NS_GET_OWNER_UID, &uid), EINVAL);
	EXPECT_OK(ioctl(user, NS_GET_OWNER_UID, &uid));
	EXPECT_OK(fstat(fd, &st));
	EXPECT_OK(stat("/proc/self/ns/uts", &again));
	EXPECT_EQ(st.st_ino, again.st_ino);
	close(fd);
	close(user);
}

TEST(refusals)
{
	int fd = EXPECT_OK(open("/proc/self/ns/uts", O_RDONLY));
	int null = EXPECT_OK(open("/dev/null", O_RDONLY));

	EXPECT_ERRNO(setns(-1, 0), EBADF);
	EXPECT_ERRNO(setns(null, 0), EINVAL);
	EXPECT_ERRNO(setns(fd, CLONE_NEWIPC), EINVAL);
	EXPECT_ERRNO(setns(fd, -1), EINVAL);
	close(fd);
	close(null);
}

ROLE(unprivileged)
{
	int fd = EXPECT_OK(open("/proc/self/ns/uts", O_RDONLY));

	EXPECT_OK(setresuid(12345, 12345, 12345));
	EXPECT_ERRNO(setns(fd, CLONE_NEWUTS), EPERM);
	EXPECT_ERRNO(unshare(CLONE_NEWUTS), EPERM);
	EXPECT_ERRNO(sethostname("x", 1), EPERM);
	return 0;
}
TEST(without_the_right)
{
	if (geteuid())
		SKIP("needs root");
	EXPECT_EXIT(spawn_self("unprivileged"), 0);
}
