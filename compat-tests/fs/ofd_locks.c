/*
 * Open file description locks (F_OFD_*): they belong to the description, so they conflict within
 * one process, survive other closes and travel to a spawned child.
 */
#include "../test.h"

static int ofd(int fd, int cmd, int type, off_t start, off_t len)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &l);
}

static int again(void)
{
	return EXPECT_OK(open(tmp_path("f"), O_RDWR | O_CLOEXEC));
}

TEST(conflict_within_one_process)
{
	struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int a = tmp_file("f", "0123456789", 10), b = again();

	EXPECT_OK(ofd(a, F_OFD_SETLK, F_WRLCK, 2, 3));
	EXPECT_ERRNO(ofd(b, F_OFD_SETLK, F_RDLCK, 0, 0), EAGAIN);
	EXPECT_OK(ofd(b, F_OFD_SETLK, F_WRLCK, 5, 1));
	EXPECT_OK(fcntl(b, F_OFD_GETLK, &l));
	EXPECT_EQ(l.l_type, F_WRLCK);
	EXPECT_EQ(l.l_pid, -1);
	EXPECT_EQ(l.l_start, 2);
	EXPECT_EQ(l.l_len, 3);
	close(a);
	EXPECT_OK(ofd(b, F_OFD_SETLK, F_RDLCK, 0, 0));
	close(b);
}

TEST(survives_another_close)
{
	int a = tmp_file("f", "0123456789", 10), b = again();

	EXPECT_OK(ofd(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	close(again());
	EXPECT_ERRNO(ofd(b, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
	close(a);
	close(b);
}

TEST(conflicts_with_posix_locks)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	int a = tmp_file("f", "0123456789", 10), b = again();

	EXPECT_OK(ofd(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	EXPECT(fcntl(b, F_SETLK, &l) == -1 && (errno == EAGAIN || errno == EACCES));
	EXPECT_OK(ofd(a, F_OFD_SETLK, F_UNLCK, 0, 0));
	EXPECT_OK(fcntl(b, F_SETLK, &l));
	EXPECT_ERRNO(ofd(a, F_OFD_SETLK, F_RDLCK, 0, 1), EAGAIN);
	close(a);
	close(b);
}

ROLE(unlock_fd)
{
	return ofd(atoi(argv[0]), F_OFD_SETLK, F_UNLCK, 0, 0) ? 1 : 0;
}

TEST(child_may_release)
{
	char num[12];
	int a = tmp_file("f", "0123456789", 10), b = again();

	EXPECT_OK(ofd(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	EXPECT_OK(fcntl(a, F_SETFD, 0));
	snprintf(num, sizeof(num), "%d", a);
	EXPECT_EXIT(spawn_self("unlock_fd", num), 0);
	EXPECT_OK(ofd(b, F_OFD_SETLK, F_WRLCK, 0, 0));
	close(a);
	close(b);
}

static void *wait_for_lock(void *arg)
{
	EXPECT_OK(ofd(*(int *)arg, F_OFD_SETLKW, F_WRLCK, 0, 0));
	return NULL;
}

TEST(waiting_thread_is_woken)
{
	pthread_t t;
	int a = tmp_file("f", "0123456789", 10), b = again();

	EXPECT_OK(ofd(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	EXPECT_EQ(pthread_create(&t, NULL, wait_for_lock, &b), 0);
	sleep_ms(30);
	EXPECT_OK(ofd(a, F_OFD_SETLK, F_UNLCK, 0, 0));
	pthread_join(t, NULL);
	EXPECT_ERRNO(ofd(a, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
	close(a);
	close(b);
}

TEST(pid_must_be_zero)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_pid = 1 };
	int a = tmp_file("f", "", 0);

	EXPECT_ERRNO(fcntl(a, F_OFD_SETLK, &l), EINVAL);
	close(a);
}
