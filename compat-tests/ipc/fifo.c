/*
 * FIFOs: opening waits for the other side (or not, with O_NONBLOCK), data and end of file as in a
 * pipe, many openings, between processes by name.
 */
#include "ipc.h"

static const char *make_fifo(void)
{
	EXPECT_OK(mkfifo(tmp_path("fifo"), 0640));
	return tmp_path("fifo");
}

TEST(nonblocking_open)
{
	const char *path = make_fifo();
	int r, w;
	char c;

	EXPECT_ERRNO(open(path, O_WRONLY | O_NONBLOCK), ENXIO);
	r = EXPECT_OK(open(path, O_RDONLY | O_NONBLOCK));
	EXPECT_EQ(read(r, &c, 1), 0);		/* no writer: the end, not EAGAIN */
	w = EXPECT_OK(open(path, O_WRONLY | O_NONBLOCK));
	EXPECT_ERRNO(read(r, &c, 1), EAGAIN);
	EXPECT_EQ(write(w, "f", 1), 1);
	EXPECT_EQ(read(r, &c, 1), 1);
	close(w);
	EXPECT_EQ(read(r, &c, 1), 0);
	w = EXPECT_OK(open(path, O_WRONLY));	/* there is a reader: no wait */
	EXPECT_ERRNO(read(r, &c, 1), EAGAIN);
	close(w);
	close(r);
}

TEST(read_write_open)
{
	int fd = EXPECT_OK(open(make_fifo(), O_RDWR));
	char buf[4];

	EXPECT_EQ(write(fd, "self", 4), 4);
	EXPECT_EQ(read(fd, buf, 4), 4);
	EXPECT_MEM(buf, "self", 4);
	close(fd);
}

static void *open_and_write(void *path)
{
	int fd;

	sleep_ms(30);
	fd = open(path, O_WRONLY);
	EXPECT_EQ(write(fd, "met", 3), 3);
	close(fd);
	return NULL;
}

TEST(open_waits)
{
	const char *path = make_fifo();
	int64_t start = now_ns();
	char buf[8];
	pthread_t t;
	int fd;

	EXPECT_EQ(pthread_create(&t, NULL, open_and_write, (void *)path), 0);
	fd = EXPECT_OK(open(path, O_RDONLY));
	EXPECT_GE(now_ns() - start, 30000000);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 3);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 0);
	pthread_join(t, NULL);
	close(fd);
}

ROLE(writer)
{
	int fd = EXPECT_OK(open(argv[0], O_WRONLY));

	for (int i = 0; i < 2000; i++)
		EXPECT_EQ(write(fd, &i, sizeof(i)), sizeof(i));
	return 0;
}

TEST(between_processes)
{
	const char *path = make_fifo();
	pid_t pid = spawn_self("writer", path);
	int fd = EXPECT_OK(open(path, O_RDONLY)), v;

	for (int i = 0; i < 2000; i++) {
		EXPECT(read_full(fd, &v, sizeof(v)));
		EXPECT_EQ(v, i);
	}
	EXPECT_EQ(read(fd, &v, sizeof(v)), 0);
	EXPECT_EXIT(pid, 0);
	close(fd);
}

/*
 * Reader and writers may come and go; each writer's end is an end for the reader until the next
 * one.
 */
TEST(one_after_the_other)
{
	const char *path = make_fifo();
	int v;

	for (int round = 0; round < 3; round++) {
		pid_t pid = spawn_self("writer", path);
		int fd = EXPECT_OK(open(path, O_RDONLY)), n = 0;

		while (read_full(fd, &v, sizeof(v)))
			EXPECT_EQ(v, n++);
		EXPECT_EQ(n, 2000);
		EXPECT_EXIT(pid, 0);
		close(fd);
	}
}

TEST(status_and_removal)
{
	const char *path = make_fifo();
	int r = EXPECT_OK(open(path, O_RDONLY | O_NONBLOCK)), w = EXPECT_OK(open(path, O_WRONLY));
	struct stat st;
	char c;

	EXPECT_OK(stat(path, &st));
	EXPECT(S_ISFIFO(st.st_mode));
	EXPECT_EQ(st.st_size, 0);
	EXPECT_ERRNO(mkfifo(path, 0600), EEXIST);
	EXPECT_ERRNO(lseek(r, 0, SEEK_CUR), ESPIPE);
	EXPECT_OK(unlink(path));
	EXPECT_EQ(write(w, "u", 1), 1);		/* without a name it works on */
	EXPECT_EQ(read(r, &c, 1), 1);
	EXPECT_ERRNO(open(path, O_RDONLY | O_NONBLOCK), ENOENT);
	close(r);
	close(w);
}

TEST(poll_states)
{
	const char *path = make_fifo();
	int r = EXPECT_OK(open(path, O_RDONLY | O_NONBLOCK)), w;

	EXPECT_EQ(poll_one(r, POLLIN, 0), -1);	/* no writer yet is no hang-up */
	w = EXPECT_OK(open(path, O_WRONLY));
	EXPECT_EQ(poll_one(r, POLLIN, 0), -1);
	EXPECT_EQ(write(w, "x", 1), 1);
	EXPECT_EQ(poll_one(r, POLLIN, 0), POLLIN);
	close(w);
	EXPECT_EQ(poll_one(r, POLLIN, 0), POLLIN | POLLHUP);
	close(r);
}
