/*
 * fanotify: events carry a descriptor of the file; marks on inodes, directories' children and mounts;
 * ignored events; a listener that refuses an open. As root.
 */
#include "../test.h"
#include <sys/fanotify.h>

static int group(unsigned flags)
{
	int fd = fanotify_init(flags | FAN_CLOEXEC, O_RDONLY);

	if (fd < 0 && (errno == EPERM || errno == ENOSYS))
		SKIP("no fanotify (%s)", strerror(errno));
	EXPECT(fd >= 0);
	return fd;
}

/* The next event; its descriptor must be of the file `ino`. */
static uint64_t next_event(int g, ino_t ino)
{
	struct fanotify_event_metadata m;
	struct stat st;

	EXPECT_EQ(read(g, &m, sizeof(m)), sizeof(m));
	EXPECT_EQ(m.vers, FANOTIFY_METADATA_VERSION);
	EXPECT_EQ(m.pid, getpid());
	EXPECT(m.fd >= 0);
	EXPECT_OK(fstat(m.fd, &st));
	EXPECT_EQ(st.st_ino, ino);
	close(m.fd);
	return m.mask;
}

static ino_t ino_of(const char *p)
{
	struct stat st;

	EXPECT_OK(stat(p, &st));
	return st.st_ino;
}

TEST(one_file)
{
	int g = group(FAN_CLASS_NOTIF | FAN_NONBLOCK), fd;
	char *p = strdup(tmp_path("f")), c;
	struct fanotify_event_metadata m;

	close(tmp_file("f", "x", 1));
	EXPECT_OK(fanotify_mark(g, FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS | FAN_CLOSE, AT_FDCWD, p));
	fd = open(p, O_RDONLY);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(next_event(g, ino_of(p)), FAN_OPEN | FAN_ACCESS); /* merged while unread */
	close(fd);
	EXPECT_EQ(next_event(g, ino_of(p)), FAN_CLOSE_NOWRITE);
	EXPECT_ERRNO(read(g, &m, sizeof(m)), EAGAIN);
	EXPECT_OK(fanotify_mark(g, FAN_MARK_REMOVE, FAN_OPEN | FAN_ACCESS | FAN_CLOSE, AT_FDCWD, p));
	close(open(p, O_RDONLY));
	EXPECT_ERRNO(read(g, &m, sizeof(m)), EAGAIN);
	EXPECT_ERRNO(fanotify_mark(g, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, p), ENOENT);
	close(g);
	free(p);
}

TEST(children_and_ignored_ones)
{
	int g = group(FAN_CLASS_NOTIF | FAN_NONBLOCK);
	struct fanotify_event_metadata m;

	close(tmp_file("a", "", 0));
	close(tmp_file("b", "", 0));
	EXPECT_OK(fanotify_mark(g, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, tmp_path(".")));
	EXPECT_OK(fanotify_mark(g, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, tmp_path("b")));
	close(open(tmp_path("b"), O_RDONLY));
	EXPECT_ERRNO(read(g, &m, sizeof(m)), EAGAIN);
	close(open(tmp_path("a"), O_RDONLY));
	EXPECT_EQ(next_event(g, ino_of(tmp_path("a"))), FAN_OPEN);
	EXPECT_OK(fanotify_mark(g, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL));
	close(open(tmp_path("a"), O_RDONLY));
	EXPECT_ERRNO(read(g, &m, sizeof(m)), EAGAIN);
	close(g);
}

static void *refuse_open(void *arg)
{
	int g = (int)(intptr_t)arg;
	struct fanotify_event_metadata m;
	struct fanotify_response r;

	if (read(g, &m, sizeof(m)) == sizeof(m) && m.mask == FAN_OPEN_PERM) {
		r = (struct fanotify_response){ m.fd, FAN_DENY };
		if (write(g, &r, sizeof(r)) != sizeof(r))
			perror("answer");
		close(m.fd);
	}
	return NULL;
}

TEST(permission)
{
	int g = group(FAN_CLASS_CONTENT);
	pthread_t t;

	close(tmp_file("f", "x", 1));
	if (fanotify_mark(g, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, tmp_path("f")))
		SKIP("no permission events");
	EXPECT_EQ(pthread_create(&t, NULL, refuse_open, (void *)(intptr_t)g), 0);
	EXPECT_ERRNO(open(tmp_path("f"), O_RDONLY), EPERM);
	pthread_join(t, NULL);
	close(g);
	close(EXPECT_OK(open(tmp_path("f"), O_RDONLY)));
}

TEST(refusals)
{
	int g = group(FAN_CLASS_NOTIF);

	close(tmp_file("f", "x", 1));
	EXPECT_ERRNO(fanotify_mark(g, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, tmp_path("f")), EINVAL);
	EXPECT_ERRNO(fanotify_mark(g, FAN_MARK_ADD, 0, AT_FDCWD, tmp_path("f")), EINVAL);
	EXPECT_ERRNO(fanotify_mark(g, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, tmp_path("f")), ENOTDIR);
	EXPECT_ERRNO(fanotify_mark(0, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, tmp_path("f")), EINVAL);
	EXPECT_ERRNO(fanotify_init(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, O_RDONLY), EINVAL);
	EXPECT_ERRNO(fanotify_init(0, 3), EINVAL);
	close(g);
}
