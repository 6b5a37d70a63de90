/*
 * PIPE_BUF: writes up to 4096 bytes are never torn, by threads or processes; non-blocking ones go
 * whole or not at all, longer ones go as far as there is room.
 */
#include "ipc.h"

static int fd[2];

/* Records: writer, length, then that writer's letter. */
static void write_records(int out, int id, int count)
{
	unsigned char buf[PIPE_BUF];

	for (int i = 0; i < count; i++) {
		int len = 4 + (i * 197 + id * 31) % (PIPE_BUF - 4);

		buf[0] = 0xfe;
		buf[1] = id;
		buf[2] = len & 255;
		buf[3] = len >> 8;
		memset(buf + 4, 'a' + id, len - 4);
		if (write(out, buf, len) != len)
			abort();
	}
}

static void check_records(int in, int writers, int count)
{
	int seen[8] = { 0 };

	for (int i = 0; i < writers * count; i++) {
		unsigned char head[4], body[PIPE_BUF];
		int len;

		EXPECT(read_full(in, head, 4));
		EXPECT_EQ(head[0], 0xfe);
		EXPECT_LT(head[1], writers);
		len = head[2] | head[3] << 8;
		EXPECT_EQ(len, 4 + (seen[head[1]]++ * 197 + head[1] * 31) % (PIPE_BUF - 4));
		EXPECT(read_full(in, body, len - 4));
		for (int j = 0; j < len - 4; j++)
			EXPECT_EQ(body[j], 'a' + head[1]);
	}
}

static void *writer(void *id)
{
	write_records(fd[1], (int)(long)id, 300);
	return NULL;
}

TEST(threads)
{
	pthread_t t[4];

	EXPECT_OK(pipe(fd));
	for (long i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&t[i], NULL, writer, (void *)i), 0);
	check_records(fd[0], 4, 300);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
	close_pair(fd);
}

ROLE(writer)
{
	write_records(1, atoi(argv[0]), 200);
	return 0;
}

TEST(processes)
{
	posix_spawn_file_actions_t fa;
	pid_t pid[4];
	char num[16], c;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	for (int i = 0; i < 4; i++) {
		snprintf(num, sizeof(num), "%d", i);
		pid[i] = spawn_self_with(&fa, NULL, "writer", num);
	}
	posix_spawn_file_actions_destroy(&fa);
	close(fd[1]);
	check_records(fd[0], 4, 200);
	EXPECT_EQ(read(fd[0], &c, 1), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(pid[i], 0);
	close(fd[0]);
}

TEST(whole_or_not_at_all)
{
	static char buf[65536 + 10000];
	ssize_t n;

	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	EXPECT_EQ(write(fd[1], buf, 65536 - 4096), 65536 - 4096);
	EXPECT_EQ(write(fd[1], buf, 4000), 4000);
	EXPECT_ERRNO(write(fd[1], buf, 4096), EAGAIN);	/* too little room */
	EXPECT_EQ(read(fd[0], buf, 4096), 4096);
	EXPECT_EQ(write(fd[1], buf, 4096), 4096);
	close_pair(fd);
	EXPECT_OK(pipe2(fd, O_NONBLOCK));
	n = write(fd[1], buf, sizeof(buf));
	EXPECT_EQ(n, 65536);	/* as far as it goes */
	EXPECT_ERRNO(write(fd[1], buf, 1), EAGAIN);
	EXPECT_ERRNO(write(fd[1], buf, sizeof(buf)), EAGAIN);
	close_pair(fd);
}

static void *slow_reader(void *arg)
{
	static char buf[1000];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		total += n;
	*(size_t *)arg = total;
	return NULL;
}

TEST(long_blocking_write_is_complete)
{
	static char buf[1000000];
	size_t total;
	pthread_t t;

	EXPECT_OK(pipe(fd));
	EXPECT_EQ(pthread_create(&t, NULL, slow_reader, &total), 0);
	EXPECT_EQ(write(fd[1], buf, sizeof(buf)), sizeof(buf));
	close(fd[1]);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_EQ(total, sizeof(buf));
	close(fd[0]);
}
