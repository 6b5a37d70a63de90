/*
 * flock(2): shared and exclusive locks belong to the open file description, conversions, release
 * on the last close, across processes.
 */
#include "../test.h"
#include <sys/file.h>

static int again(void)
{
	return EXPECT_OK(open(tmp_path("f"), O_RDWR | O_CLOEXEC));
}

TEST(exclusive)
{
	int a = tmp_file("f", "", 0), b = again();

	EXPECT_OK(flock(a, LOCK_EX));
	EXPECT_ERRNO(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_ERRNO(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	EXPECT_OK(flock(a, LOCK_UN));
	EXPECT_OK(flock(b, LOCK_EX | LOCK_NB));
	EXPECT_OK(flock(b, LOCK_EX | LOCK_NB));
	close(a);
	close(b);
}

TEST(shared)
{
	int a = tmp_file("f", "", 0), b = again(), c = again();

	EXPECT_OK(flock(a, LOCK_SH));
	EXPECT_OK(flock(b, LOCK_SH | LOCK_NB));
	EXPECT_ERRNO(flock(c, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_OK(flock(a, LOCK_UN));
	EXPECT_OK(flock(b, LOCK_EX | LOCK_NB));
	EXPECT_ERRNO(flock(c, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	EXPECT_OK(flock(b, LOCK_SH | LOCK_NB));
	EXPECT_OK(flock(c, LOCK_SH | LOCK_NB));
	close(a);
	close(b);
	close(c);
}

TEST(duplicates_share_the_lock)
{
	int a = tmp_file("f", "", 0), d = EXPECT_OK(dup(a)), b = again();

	EXPECT_OK(flock(a, LOCK_EX));
	EXPECT_OK(flock(d, LOCK_EX | LOCK_NB));
	close(a);
	EXPECT_ERRNO(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	EXPECT_OK(flock(d, LOCK_UN));
	EXPECT_OK(flock(b, LOCK_EX | LOCK_NB));
	close(b);
	close(d);
}

TEST(last_close_releases)
{
	int a = tmp_file("f", "", 0), b = again();

	EXPECT_OK(flock(a, LOCK_EX));
	close(a);
	EXPECT_OK(flock(b, LOCK_EX | LOCK_NB));
	close(b);
}

ROLE(try_lock)
{
	int fd = open(argv[0], O_RDWR);

	return flock(fd, LOCK_EX | LOCK_NB) ? (errno == EWOULDBLOCK ? 2 : 3) : 0;
}

TEST(between_processes)
{
	int a = tmp_file("f", "", 0);

	EXPECT_OK(flock(a, LOCK_EX));
	EXPECT_EXIT(spawn_self("try_lock", tmp_path("f")), 2);
	EXPECT_OK(flock(a, LOCK_UN));
	EXPECT_EXIT(spawn_self("try_lock", tmp_path("f")), 0);
	EXPECT_OK(flock(a, LOCK_EX | LOCK_NB));
	close(a);
}

static void *lock_and_unlock(void *arg)
{
	int fd = *(int *)arg;

	EXPECT_OK(flock(fd, LOCK_EX));
	EXPECT_OK(flock(fd, LOCK_UN));
	return NULL;
}

TEST(waiter_is_woken)
{
	pthread_t t;
	int a = tmp_file("f", "", 0), b = again();

	EXPECT_OK(flock(a, LOCK_EX));
	EXPECT_EQ(pthread_create(&t, NULL, lock_and_unlock, &b), 0);
	sleep_ms(30);
	EXPECT_OK(flock(a, LOCK_UN));
	pthread_join(t, NULL);
	close(a);
	close(b);
}

TEST(refusals)
{
	int a = tmp_file("f", "", 0), p;

	EXPECT_ERRNO(flock(-1, LOCK_EX), EBADF);
	EXPECT_ERRNO(flock(a, 0), EINVAL);
	EXPECT_ERRNO(flock(a, LOCK_EX | LOCK_UN), EINVAL);
	p = EXPECT_OK(open(tmp_path("f"), O_PATH));
	EXPECT_ERRNO(flock(p, LOCK_EX), EBADF);
	close(p);
	close(a);
}
