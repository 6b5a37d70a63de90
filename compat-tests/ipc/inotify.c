/*
 * inotify: every event with its name and cookie, watches that change and end, the queue's order,
 * merging, overflow and sizes.
 */
#include "ipc.h"
#include <sys/inotify.h>
#include <sys/xattr.h>

static char log_text[8192];

static void add_event(const struct inotify_event *e, const int *wd, int n)
{
	static const struct { unsigned bit; const char *name; } names[] = {
		{ IN_ACCESS, "access" }, { IN_MODIFY, "modify" }, { IN_ATTRIB, "attrib" },
		{ IN_CLOSE_WRITE, "close_write" }, { IN_CLOSE_NOWRITE, "close" }, { IN_OPEN, "open" },
		{ IN_MOVED_FROM, "from" }, { IN_MOVED_TO, "to" }, { IN_CREATE, "create" },
		{ IN_DELETE, "delete" }, { IN_DELETE_SELF, "delete_self" }, { IN_MOVE_SELF, "move_self" },
		{ IN_IGNORED, "ignored" }, { IN_Q_OVERFLOW, "overflow" }, { IN_ISDIR, "dir" },
	};
	size_t at = strlen(log_text);
	int who = 0;

	for (int i = 0; i < n; i++)
		who = wd[i] == e->wd ? i + 1 : who;
	at += sprintf(log_text + at, "%d:", who);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (e->mask & names[i].bit)
			at += sprintf(log_text + at, "%s,", names[i].name);
	}
	log_text[--at] = 0;
	if (e->len)
		at += sprintf(log_text + at, "(%s)", e->name);
	strcpy(log_text + at, " ");
}

/* All events at hand as one line: "1:create(a) 1:open(a) "; the number says which of wd. */
static const char *events(int fd, const int *wd, int n)
{
	char buf[4096] __attribute__((aligned(8)));
	ssize_t len;

	log_text[0] = 0;
	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + len;) {
			struct inotify_event *e = (void *)p;

			EXPECT_EQ(e->len % sizeof(*e), 0);
			add_event(e, wd, n);
			p += sizeof(*e) + e->len;
		}
	}
	EXPECT_EQ(errno, EAGAIN);
	return log_text;
}

static int watch(int *fd, const char *path, unsigned mask)
{
	*fd = EXPECT_OK(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
	return EXPECT_OK(inotify_add_watch(*fd, path, mask));
}

TEST(life_of_a_file)
{
	int fd, wd = watch(&fd, test_tmpdir(), IN_ALL_EVENTS), f;
	char c;

	f = EXPECT_OK(open(tmp_path("a"), O_CREAT | O_RDWR, 0600));
	EXPECT_STR(events(fd, &wd, 1), "1:create(a) 1:open(a) ");
	EXPECT_EQ(write(f, "xyz", 3), 3);
	EXPECT_EQ(pread(f, &c, 1, 0), 1);
	EXPECT_EQ(pread(f, &c, 1, 100), 0);
	EXPECT_STR(events(fd, &wd, 1), "1:modify(a) 1:access(a) ");
	EXPECT_OK(fchmod(f, 0640));
	EXPECT_OK(ftruncate(f, 1));
	EXPECT_STR(events(fd, &wd, 1), "1:attrib(a) 1:modify(a) ");
	close(f);
	EXPECT_STR(events(fd, &wd, 1), "1:close_write(a) ");
	f = EXPECT_OK(open(tmp_path("a"), O_RDONLY));
	close(f);
	EXPECT_STR(events(fd, &wd, 1), "1:open(a) 1:close(a) ");
	EXPECT_OK(utimensat(AT_FDCWD, tmp_path("a"), NULL, 0));
	EXPECT_STR(events(fd, &wd, 1), "1:attrib(a) ");
	EXPECT_OK(unlink(tmp_path("a")));
	EXPECT_STR(events(fd, &wd, 1), "1:delete(a) ");
	close(fd);
}

TEST(directories_and_links)
{
	int fd, wd = watch(&fd, test_tmpdir(), IN_ALL_EVENTS);

	EXPECT_OK(mkdir(tmp_path("d"), 0700));
	EXPECT_OK(symlink("x", tmp_path("s")));
	EXPECT_OK(mkfifo(tmp_path("p"), 0600));
	EXPECT_OK(link(tmp_path("p"), tmp_path("q")));
	EXPECT_STR(events(fd, &wd, 1), "1:create,dir(d) 1:create(s) 1:create(p) 1:create(q) ");
	EXPECT_OK(rmdir(tmp_path("d")));
	EXPECT_OK(unlink(tmp_path("s")));
	EXPECT_STR(events(fd, &wd, 1), "1:delete,dir(d) 1:delete(s) ");
	close(fd);
}

TEST(moves_have_cookies)
{
	char buf[1024] __attribute__((aligned(8)));
	struct inotify_event *from, *to;
	int fd, wd[3];

	EXPECT_OK(mkdir(tmp_path("one"), 0700));
	EXPECT_OK(mkdir(tmp_path("two"), 0700));
	close(tmp_file("one/f", "", 0));
	wd[0] = watch(&fd, tmp_path("one"), IN_MOVE);
	wd[1] = EXPECT_OK(inotify_add_watch(fd, tmp_path("two"), IN_MOVE));
	wd[2] = EXPECT_OK(inotify_add_watch(fd, tmp_path("one/f"), IN_MOVE_SELF));
	EXPECT_OK(rename(tmp_path("one/f"), tmp_path("two/g")));
	EXPECT_STR(events(fd, wd, 3), "1:from(f) 2:to(g) 3:move_self ");
	EXPECT_OK(rename(tmp_path("two/g"), tmp_path("two/h")));
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 80);
	from = (void *)buf;
	to = (void *)(buf + 32);
	EXPECT_EQ(from->mask, IN_MOVED_FROM);
	EXPECT_EQ(to->mask, IN_MOVED_TO);
	EXPECT_NE(from->cookie, 0);
	EXPECT_EQ(from->cookie, to->cookie);
	EXPECT_STR(to->name, "h");
	close(fd);
}

TEST(end_of_the_watched)
{
	int fd, wd, f = tmp_file("f", "", 0);

	wd = watch(&fd, tmp_path("f"), IN_ALL_EVENTS);
	EXPECT_OK(unlink(tmp_path("f")));
	EXPECT_STR(events(fd, &wd, 1), "1:attrib ");
	close(f);
	EXPECT_STR(events(fd, &wd, 1), "1:close_write 1:delete_self 1:ignored ");
	EXPECT_ERRNO(inotify_rm_watch(fd, wd), EINVAL);
	EXPECT_OK(mkdir(tmp_path("d"), 0700));
	wd = EXPECT_OK(inotify_add_watch(fd, tmp_path("d"), IN_DELETE_SELF));
	EXPECT_OK(rmdir(tmp_path("d")));
	EXPECT_STR(events(fd, &wd, 1), "1:delete_self 1:ignored ");
	close(fd);
}

TEST(replaced_by_rename)
{
	int fd, wd[2];

	close(tmp_file("a", "", 0));
	close(tmp_file("b", "", 0));
	wd[0] = watch(&fd, tmp_path("b"), IN_ATTRIB | IN_DELETE_SELF);
	wd[1] = EXPECT_OK(inotify_add_watch(fd, test_tmpdir(), IN_MOVE | IN_DELETE));
	EXPECT_OK(rename(tmp_path("a"), tmp_path("b")));
	EXPECT_STR(events(fd, wd, 2), "2:from(a) 2:to(b) 1:attrib 1:delete_self 1:ignored ");
	close(fd);
}

TEST(masks)
{
	int fd, wd = watch(&fd, test_tmpdir(), IN_CREATE);

	EXPECT_EQ(inotify_add_watch(fd, test_tmpdir(), IN_DELETE | IN_MASK_ADD), wd);
	close(tmp_file("a", "", 0));
	EXPECT_OK(unlink(tmp_path("a")));
	EXPECT_STR(events(fd, &wd, 1), "1:create(a) 1:delete(a) ");
	EXPECT_EQ(inotify_add_watch(fd, test_tmpdir(), IN_DELETE), wd);
	close(tmp_file("a", "", 0));
	EXPECT_STR(events(fd, &wd, 1), "");
	EXPECT_ERRNO(inotify_add_watch(fd, test_tmpdir(), IN_DELETE | IN_MASK_CREATE), EEXIST);
	EXPECT_ERRNO(inotify_add_watch(fd, test_tmpdir(), IN_DELETE | IN_MASK_CREATE | IN_MASK_ADD), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(fd, tmp_path("a"), IN_DELETE | IN_ONLYDIR), ENOTDIR);
	EXPECT_ERRNO(inotify_add_watch(fd, tmp_path("none"), IN_DELETE), ENOENT);
	EXPECT_ERRNO(inotify_add_watch(fd, test_tmpdir(), 0), EINVAL);
	EXPECT_ERRNO(inotify_add_watch(0x7fff, test_tmpdir(), IN_DELETE), EBADF);
	EXPECT_ERRNO(inotify_add_watch(fd, bad_ptr(), IN_DELETE), EFAULT);
	EXPECT_OK(inotify_rm_watch(fd, wd));
	EXPECT_STR(events(fd, &wd, 1), "1:ignored ");
	EXPECT_ERRNO(inotify_init1(1), EINVAL);
	close(fd);
}

TEST(once)
{
	int fd, wd = watch(&fd, test_tmpdir(), IN_CREATE | IN_ONESHOT);

	close(tmp_file("a", "", 0));
	close(tmp_file("b", "", 0));
	EXPECT_STR(events(fd, &wd, 1), "1:create(a) 1:ignored ");
	EXPECT_ERRNO(inotify_rm_watch(fd, wd), EINVAL);
	close(fd);
}

TEST(unlinked_children)
{
	int fd, wd, f = tmp_file("a", "", 0), g = tmp_file("b", "", 0);

	wd = watch(&fd, test_tmpdir(), IN_MODIFY);
	EXPECT_OK(unlink(tmp_path("a")));
	EXPECT_EQ(write(f, "x", 1), 1);
	EXPECT_STR(events(fd, &wd, 1), "1:modify(a) ");
	EXPECT_EQ(inotify_add_watch(fd, test_tmpdir(), IN_MODIFY | IN_EXCL_UNLINK), wd);
	EXPECT_EQ(write(f, "x", 1), 1);
	EXPECT_EQ(write(g, "x", 1), 1);
	EXPECT_STR(events(fd, &wd, 1), "1:modify(b) ");
	close(f);
	close(g);
	close(fd);
}

TEST(equal_events_merge)
{
	int fd, wd, f = tmp_file("a", "", 0);

	wd = watch(&fd, tmp_path("a"), IN_MODIFY | IN_ATTRIB);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(write(f, "x", 1), 1);
	EXPECT_OK(fchmod(f, 0600));
	EXPECT_EQ(write(f, "x", 1), 1);
	EXPECT_STR(events(fd, &wd, 1), "1:modify 1:attrib 1:modify ");
	close(f);
	close(fd);
}

TEST(both_see_it)
{
	int fd, wd[2], f = tmp_file("a", "", 0);

	wd[0] = watch(&fd, tmp_path("a"), IN_MODIFY);
	wd[1] = EXPECT_OK(inotify_add_watch(fd, test_tmpdir(), IN_MODIFY));
	EXPECT_EQ(write(f, "x", 1), 1);
	EXPECT_STR(events(fd, wd, 2), "2:modify(a) 1:modify ");
	close(f);
	close(fd);
}

TEST(reading)
{
	char buf[64];
	int fd, wd = watch(&fd, test_tmpdir(), IN_CREATE), bytes;
	struct { char pad[16]; } *unused = NULL;

	(void)wd, (void)unused;
	EXPECT_ERRNO(read(fd, buf, sizeof(buf)), EAGAIN);
	EXPECT_EQ(poll_one(fd, POLLIN, 0), -1);
	close(tmp_file("a", "", 0));
	close(tmp_file("a-name-of-20-letters", "", 0));
	EXPECT_EQ(poll_one(fd, POLLIN, 0), POLLIN);
	EXPECT_OK(ioctl(fd, FIONREAD, &bytes));
	EXPECT_EQ(bytes, 32 + 48);
	EXPECT_ERRNO(read(fd, buf, 31), EINVAL);
	EXPECT_EQ(read(fd, buf, 40), 32);
	EXPECT_EQ(read(fd, buf, 64), 48);
	EXPECT_ERRNO(write(fd, buf, 1), EBADF);
	close(fd);
}

TEST(blocking_read)
{
	char buf[64];
	int fd = EXPECT_OK(inotify_init()), f = tmp_file("a", "", 0);
	struct later l = { .fd = f, .ms = 30, .data = "x", .len = 1 };

	EXPECT_OK(inotify_add_watch(fd, tmp_path("a"), IN_MODIFY));
	later_start(&l);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 16);
	later_join(&l);
	close(fd);
	close(f);
}

TEST(overflow)
{
	char text[64];
	struct inotify_event e = { 0 };
	int fd, wd, max, f = tmp_file("a", "", 0), n = 0;

	EXPECT_GT(read_file("/proc/sys/fs/inotify/max_queued_events", text, sizeof(text)), 0);
	max = atoi(text);
	if (max > 20000)
		SKIP("the queue is too long");
	wd = watch(&fd, tmp_path("a"), IN_MODIFY | IN_ACCESS);
	EXPECT_EQ(write(f, "x", 1), 1);
	for (int i = 0; i < max; i++)
		EXPECT_EQ(i % 2 ? pwrite(f, "x", 1, 0) : pread(f, text, 1, 0), 1);
	while (read(fd, &e, sizeof(e)) == sizeof(e))
		n++;
	EXPECT_EQ(n, max + 1);
	EXPECT_EQ(e.wd, -1);
	EXPECT_EQ(e.mask, IN_Q_OVERFLOW);
	(void)wd;
	close(f);
	close(fd);
}
