/* /proc as a directory: what it lists, processes come and go, it cannot be changed. */
#include "proc.h"
#include <dirent.h>

ROLE(sleeper)
{
	pause();
	return 0;
}

static bool lists(const char *dir, const char *name)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool found = false;

	EXPECT(d != NULL);
	while ((e = readdir(d)))
		found |= !strcmp(e->d_name, name);
	closedir(d);
	return found;
}

TEST(usual_names)
{
	static const char *const top[] = { "self",    "meminfo", "cpuinfo",	"stat",	  "uptime",
					   "loadavg", "version", "filesystems", "mounts", "sys" };
	static const char *const own[] = {
		"maps", "status", "stat", "cmdline", "comm",   "exe",
		"cwd",	"root",	  "fd",	  "environ", "limits", "mounts"
	};

	for (size_t i = 0; i < ARRAY_SIZE(top); i++)
		EXPECT(lists("/proc", top[i]));
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		EXPECT(lists("/proc/self", own[i]));
}

TEST(children_come_and_go)
{
	char name[16], path[32];
	pid_t pid = spawn_self("sleeper");
	struct stat st;

	snprintf(name, sizeof(name), "%d", pid);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	EXPECT(lists("/proc", name));
	EXPECT_OK(stat(path, &st));
	EXPECT_EQ(st.st_uid, geteuid());
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT(!lists("/proc", name));
	EXPECT_ERRNO(stat(path, &st), ENOENT);
}

TEST(open_file_of_a_dead_process)
{
	char path[32], buf[64];
	pid_t pid = spawn_self("sleeper");
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = EXPECT_OK(open(path, O_RDONLY));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
	EXPECT_ERRNO(read(fd, buf, sizeof(buf)), ESRCH);
	close(fd);
}

TEST(cannot_be_changed)
{
	struct stat st;

	EXPECT_ERRNO(mkdir("/proc/self/x", 0755), ENOENT);
	EXPECT_ERRNO(open("/proc/self/x", O_CREAT | O_RDWR, 0644), ENOENT);
	EXPECT_ERRNO(unlink("/proc/self/stat"), EPERM);
	EXPECT_ERRNO(stat("/proc/self/status/x", &st), ENOTDIR);
	EXPECT_ERRNO(stat("/proc/0", &st), ENOENT);
	EXPECT_ERRNO(stat("/proc/999999999", &st), ENOENT);
}

TEST(files_look_empty_but_read)
{
	char c;
	struct stat st;
	int fd = EXPECT_OK(open("/proc/self/status", O_RDONLY));

	EXPECT_OK(fstat(fd, &st));
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 'N');
	EXPECT_ERRNO(write(fd, &c, 1), EBADF);
	close(fd);
}
