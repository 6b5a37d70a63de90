/* /proc/self/fd and fdinfo: exactly the open descriptors, what the links say, positions and flags.
 */
#include "proc.h"
#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static char *fd_link(int fd)
{
	static char buf[2][PATH_MAX];
	static int turn;
	char path[64], *b = buf[turn++ % 2];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = EXPECT_OK(readlink(path, b, PATH_MAX - 1));
	b[n] = 0;
	return b;
}

enum { HIGHEST = 1024 };

struct fd_set_seen {
	bool open[HIGHEST];
};

/* The open descriptors as the directory shows them, without the one that reads it. */
static struct fd_set_seen listed(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	struct fd_set_seen set = { 0 };

	EXPECT(d != NULL);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(d) && atoi(e->d_name) < HIGHEST)
			set.open[atoi(e->d_name)] = true;
	closedir(d);
	return set;
}

static void expect_listed(const struct fd_set_seen *want)
{
	struct fd_set_seen got = listed();

	for (int i = 0; i < HIGHEST; i++)
		EXPECT_EQ(got.open[i] ? i : -1, want->open[i] ? i : -1);
}

TEST(lists_open_descriptors)
{
	struct fd_set_seen want = { 0 };
	int fd = EXPECT_OK(open("/dev/null", O_RDONLY));

	for (int i = 0; i < HIGHEST; i++)
		want.open[i] = fcntl(i, F_GETFD) >= 0;
	expect_listed(&want);
	EXPECT_EQ(dup2(fd, 500), 500);
	want.open[500] = true;
	expect_listed(&want);
	close(fd);
	close(500);
	want.open[fd] = want.open[500] = false;
	expect_listed(&want);
}

TEST(links)
{
	char real[PATH_MAX], want[64];
	struct stat st;
	int p[2], e, fd = tmp_file("f", "", 0);

	EXPECT(realpath(tmp_path("f"), real) != NULL);
	EXPECT_STR(fd_link(fd), real);
	EXPECT_OK(rename(tmp_path("f"), tmp_path("g")));
	EXPECT(realpath(tmp_path("g"), real) != NULL);
	EXPECT_STR(fd_link(fd), real);
	EXPECT_OK(pipe(p));
	EXPECT_OK(fstat(p[0], &st));
	snprintf(want, sizeof(want), "pipe:[%lu]", st.st_ino);
	EXPECT_STR(fd_link(p[0]), want);
	EXPECT_STR(fd_link(p[1]), want);
	e = EXPECT_OK(eventfd(0, 0));
	EXPECT_STR(fd_link(e), "anon_inode:[eventfd]");
	close(e);
	e = EXPECT_OK(epoll_create1(0));
	EXPECT_STR(fd_link(e), "anon_inode:[eventpoll]");
	close(e);
	close(p[0]);
	close(p[1]);
	close(fd);
}

TEST(permissions_tell_the_mode)
{
	char path[64];
	struct stat st;
	int r, w;

	close(tmp_file("f", "", 0));
	r = EXPECT_OK(open(tmp_path("f"), O_RDONLY));
	w = EXPECT_OK(open(tmp_path("f"), O_WRONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r);
	EXPECT_OK(lstat(path, &st));
	EXPECT_EQ(st.st_mode, S_IFLNK | 0500);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w);
	EXPECT_OK(lstat(path, &st));
	EXPECT_EQ(st.st_mode, S_IFLNK | 0300);
	close(r);
	close(w);
}

TEST(missing)
{
	char buf[8];

	EXPECT_ERRNO(readlink("/proc/self/fd/900", buf, 8), ENOENT);
	EXPECT_ERRNO(readlink("/proc/self/fd/x", buf, 8), ENOENT);
	EXPECT_ERRNO(readlink("/proc/self/fd/01", buf, 8), ENOENT);
	EXPECT_ERRNO(open("/proc/self/fd/-1", O_RDONLY), ENOENT);
}

TEST(fdinfo)
{
	char path[64], *t;
	int fd = EXPECT_OK(open(tmp_path("f"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));

	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	EXPECT_EQ(lseek(fd, 7, SEEK_SET), 7);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	t = proc_read(path);
	EXPECT_EQ(number_field(t, "pos"), 7);
	EXPECT_EQ(strtoul(field(t, "flags"), NULL, 8) & (O_ACCMODE | O_APPEND | O_CLOEXEC),
		  O_RDWR | O_APPEND | O_CLOEXEC);
	close(fd);
	EXPECT_ERRNO(access(path, F_OK), ENOENT);
}

ROLE(sleeper)
{
	pause();
	return 0;
}

TEST(of_a_child)
{
	posix_spawn_file_actions_t fa;
	char path[64], buf[64];
	pid_t pid;
	ssize_t n;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 42, "/dev/zero", O_RDONLY, 0);
	pid = spawn_self_with(&fa, NULL, "sleeper");
	posix_spawn_file_actions_destroy(&fa);
	snprintf(path, sizeof(path), "/proc/%d/fd/42", pid);
	n = EXPECT_OK(readlink(path, buf, sizeof(buf) - 1));
	buf[n] = 0;
	EXPECT_STR(buf, "/dev/zero");
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}
