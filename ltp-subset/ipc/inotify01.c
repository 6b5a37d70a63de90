/* inotify: flags, watches and masks they refuse; events of a file's life in a directory. */
#include "../lst.h"
#include <sys/inotify.h>

static void run(void)
{
	char buf[4096] __attribute__((aligned(8)));
	uint32_t seen = 0;
	int fd, wd, file;
	ssize_t n;

	EXPECT_FAIL(inotify_init1(1), EINVAL);
	fd = EXPECT_OK(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
	EXPECT_FAIL(inotify_add_watch(fd, ".", 0), EINVAL);
	EXPECT_FAIL(inotify_add_watch(fd, "none", IN_ALL_EVENTS), ENOENT);
	EXPECT_FAIL(inotify_add_watch(BAD_FD, ".", IN_ALL_EVENTS), EBADF);
	EXPECT_FAIL(inotify_add_watch(1, ".", IN_ALL_EVENTS), EINVAL);
	EXPECT_FAIL(inotify_rm_watch(fd, 99), EINVAL);
	wd = EXPECT_OK(inotify_add_watch(fd, ".", IN_ALL_EVENTS));
	EXPECT_FAIL(read(fd, buf, sizeof(buf)), EAGAIN);
	file = new_file("f", "x", 1);
	close(file);
	MUST(rename("f", "g"));
	MUST(unlink("g"));
	EXPECT_FAIL(read(fd, buf, 8), EINVAL);
	n = EXPECT_OK(read(fd, buf, sizeof(buf)));
	for (ssize_t at = 0; at < n;) {
		struct inotify_event *ev = (void *)(buf + at);

		if (ev->wd == wd)
			seen |= ev->mask;
		at += sizeof(*ev) + ev->len;
	}
	EXPECT_EQ(seen & IN_ALL_EVENTS, IN_CREATE | IN_OPEN | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE);
	EXPECT_OK(inotify_rm_watch(fd, wd));
	EXPECT_EQ(read(fd, buf, sizeof(buf)), sizeof(struct inotify_event));
	EXPECT_EQ(((struct inotify_event *)buf)->mask, IN_IGNORED);
}
