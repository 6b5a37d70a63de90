/*
 * Pipes between processes carry megabytes without a flaw: one way, there and back, through a chain
 * of filters, in tiny and in huge pieces.
 */
#include "ipc.h"

#define TOTAL	(10UL << 20)

/* Writes the pattern to stdout in pieces of this size. */
ROLE(source)
{
	size_t piece = strtoul(argv[0], NULL, 10), total = strtoul(argv[1], NULL, 10);
	unsigned char *buf = malloc(piece);

	for (size_t at = 0; at < total; at += piece) {
		size_t n = total - at < piece ? total - at : piece;

		for (size_t i = 0; i < n; i++)
			buf[i] = pattern_byte(at + i);
		if (!write_all(1, buf, n))
			return 1;
	}
	return 0;
}

/* Adds one to every byte. */
ROLE(filter)
{
	static unsigned char buf[30011];
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			buf[i]++;
		if (!write_all(1, buf, n))
			return 1;
	}
	return n < 0;
}

/* A child with these as stdin and stdout (-1: as they are). */
static pid_t start(int in, int out, const char *role, const char *a, const char *b)
{
	posix_spawn_file_actions_t fa;
	pid_t pid;

	posix_spawn_file_actions_init(&fa);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&fa, in, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&fa, out, 1);
	pid = spawn_self_with(&fa, NULL, role, a, b);
	posix_spawn_file_actions_destroy(&fa);
	return pid;
}

/* Reads to the end in pieces; every byte is the pattern plus `add`. */
static void check_stream(int fd, size_t total, int add, size_t piece)
{
	unsigned char *buf = malloc(piece);
	size_t at = 0;
	ssize_t n;

	while ((n = read(fd, buf, piece)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != (unsigned char)(pattern_byte(at + i) + add))
				FAIL("byte %zu is wrong", at + i);
		at += n;
	}
	free(buf);
	EXPECT_EQ(n, 0);
	EXPECT_EQ(at, total);
}

static void one_way(const char *piece, size_t total, size_t read_piece)
{
	char num[32];
	int fd[2];
	pid_t pid;

	snprintf(num, sizeof(num), "%zu", total);
	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	pid = start(-1, fd[1], "source", piece, num);
	close(fd[1]);
	check_stream(fd[0], total, 0, read_piece);
	EXPECT_EXIT(pid, 0);
	close(fd[0]);
}

TEST(ten_megabytes)
{
	one_way("65536", TOTAL, 65536);
}

TEST(odd_pieces)
{
	one_way("7777", TOTAL, 13331);
}

TEST(huge_pieces)
{
	one_way("5000000", TOTAL, 3000000);
}

TEST(tiny_pieces)
{
	one_way("1", 20000, 3);
}

TEST(chain_of_filters)
{
	enum { STAGES = 5 };
	int fd[2], next[2];
	pid_t pid[STAGES + 1];

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	pid[0] = start(-1, fd[1], "source", "10000", "2000000");
	close(fd[1]);
	for (int i = 1; i <= STAGES; i++) {
		EXPECT_OK(pipe2(next, O_CLOEXEC));
		pid[i] = start(fd[0], next[1], "filter", NULL, NULL);
		close(fd[0]);
		close(next[1]);
		fd[0] = next[0];
	}
	check_stream(fd[0], 2000000, STAGES, 50000);
	for (int i = 0; i <= STAGES; i++)
		EXPECT_EXIT(pid[i], 0);
	close(fd[0]);
}

TEST(there_and_back)
{
	unsigned char out, in;
	int to[2], from[2];
	pid_t pid;

	EXPECT_OK(pipe2(to, O_CLOEXEC));
	EXPECT_OK(pipe2(from, O_CLOEXEC));
	pid = start(to[0], from[1], "filter", NULL, NULL);
	close(to[0]);
	close(from[1]);
	for (int i = 0; i < 2000; i++) {
		out = pattern_byte(i);
		EXPECT_EQ(write(to[1], &out, 1), 1);
		EXPECT_EQ(read(from[0], &in, 1), 1);
		EXPECT_EQ(in, (unsigned char)(out + 1));
	}
	close(to[1]);
	EXPECT_EQ(read(from[0], &in, 1), 0);
	EXPECT_EXIT(pid, 0);
	close(from[0]);
}

/* The reader goes away: the writer dies by SIGPIPE, as in "yes | head". */
TEST(reader_goes_early)
{
	char buf[100];
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	pid = start(-1, fd[1], "source", "4096", "1000000000");
	close(fd[1]);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), sizeof(buf));
	close(fd[0]);
	EXPECT_SIGNALED(pid, SIGPIPE);
}
