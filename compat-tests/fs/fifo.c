/* Named pipes: blocking open, O_NONBLOCK, O_RDWR, several writers, end of file, SIGPIPE. */
#include "../test.h"
#include <poll.h>

static void make_fifo(void)
{
	EXPECT_OK(mkfifo(tmp_path("p"), 0600));
}

TEST(nonblocking_open)
{
	char c;
	int r, w;

	make_fifo();
	EXPECT_ERRNO(open(tmp_path("p"), O_WRONLY | O_NONBLOCK), ENXIO);
	r = EXPECT_OK(open(tmp_path("p"), O_RDONLY | O_NONBLOCK));
	EXPECT_EQ(read(r, &c, 1), 0);
	w = EXPECT_OK(open(tmp_path("p"), O_WRONLY | O_NONBLOCK));
	EXPECT_ERRNO(read(r, &c, 1), EAGAIN);
	EXPECT_EQ(write(w, "x", 1), 1);
	EXPECT_EQ(read(r, &c, 1), 1);
	close(w);
	EXPECT_EQ(read(r, &c, 1), 0);
	close(r);
}

static void *open_writer(void *arg)
{
	int fd = open(arg, O_WRONLY);

	EXPECT_EQ(write(fd, "hello", 5), 5);
	close(fd);
	return NULL;
}

TEST(open_waits_for_the_other_side)
{
	char buf[8];
	pthread_t t;
	int r;

	make_fifo();
	EXPECT_EQ(pthread_create(&t, NULL, open_writer, (void *)tmp_path("p")), 0);
	sleep_ms(20);
	r = EXPECT_OK(open(tmp_path("p"), O_RDONLY));
	EXPECT_EQ(read(r, buf, sizeof(buf)), 5);
	EXPECT_EQ(read(r, buf, sizeof(buf)), 0);
	pthread_join(t, NULL);
	close(r);
}

ROLE(fifo_writer)
{
	open_writer(argv[0]);
	return 0;
}

TEST(between_processes)
{
	char buf[8];
	pid_t pid;
	int r;

	make_fifo();
	pid = spawn_self("fifo_writer", tmp_path("p"));
	r = EXPECT_OK(open(tmp_path("p"), O_RDONLY));
	EXPECT_EQ(read(r, buf, sizeof(buf)), 5);
	EXPECT_MEM(buf, "hello", 5);
	EXPECT_EXIT(pid, 0);
	close(r);
}

TEST(read_write_open_never_blocks)
{
	char c;
	int fd;

	make_fifo();
	fd = EXPECT_OK(open(tmp_path("p"), O_RDWR));
	EXPECT_EQ(write(fd, "z", 1), 1);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 'z');
	close(fd);
}

TEST(broken_pipe)
{
	int r, w;

	make_fifo();
	signal(SIGPIPE, SIG_IGN);
	r = EXPECT_OK(open(tmp_path("p"), O_RDONLY | O_NONBLOCK));
	w = EXPECT_OK(open(tmp_path("p"), O_WRONLY));
	close(r);
	EXPECT_ERRNO(write(w, "x", 1), EPIPE);
	r = EXPECT_OK(open(tmp_path("p"), O_RDONLY | O_NONBLOCK));
	EXPECT_EQ(write(w, "x", 1), 1);
	signal(SIGPIPE, SIG_DFL);
	close(r);
	close(w);
}

TEST(poll_states)
{
	struct pollfd p = { .events = POLLIN };
	int w;

	make_fifo();
	p.fd = EXPECT_OK(open(tmp_path("p"), O_RDONLY | O_NONBLOCK));
	EXPECT_EQ(poll(&p, 1, 0), 0);
	w = EXPECT_OK(open(tmp_path("p"), O_WRONLY));
	EXPECT_EQ(poll(&p, 1, 0), 0);
	EXPECT_EQ(write(w, "x", 1), 1);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN);
	close(w);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN | POLLHUP);
	close(p.fd);
}
