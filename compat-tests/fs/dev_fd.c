/* /dev/fd, /dev/stdin and friends: opening a descriptor again by its name. */
#include "../test.h"

TEST(links)
{
	char buf[64];

	EXPECT_GT(readlink("/dev/fd", buf, sizeof(buf)), 0);
	EXPECT_OK(access("/dev/fd/0", F_OK));
	EXPECT_OK(access("/dev/stdin", F_OK));
	EXPECT_OK(access("/dev/stdout", F_OK));
	EXPECT_OK(access("/dev/stderr", F_OK));
	EXPECT_ERRNO(access("/dev/fd/999", F_OK), ENOENT);
}

TEST(file_is_opened_anew)
{
	char path[32], buf[8];
	int again, fd = tmp_file("f", "abcdef", 6);

	EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	again = EXPECT_OK(open(path, O_RDONLY));
	EXPECT_EQ(read(again, buf, 8), 6);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_ERRNO(write(again, "x", 1), EBADF);
	close(again);
	close(fd);
}

TEST(unlinked_file)
{
	char path[32], buf[8];
	int again, fd = tmp_file("f", "abc", 3);

	EXPECT_OK(unlink(tmp_path("f")));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = EXPECT_OK(open(path, O_RDWR));
	EXPECT_EQ(read(again, buf, 8), 3);
	close(again);
	close(fd);
}

TEST(pipe_end)
{
	char path[32], c;
	int p[2], w;

	EXPECT_OK(pipe(p));
	snprintf(path, sizeof(path), "/dev/fd/%d", p[1]);
	w = EXPECT_OK(open(path, O_WRONLY));
	EXPECT_EQ(write(w, "x", 1), 1);
	EXPECT_EQ(read(p[0], &c, 1), 1);
	close(w);
	close(p[1]);
	EXPECT_EQ(read(p[0], &c, 1), 0);
	close(p[0]);
}

ROLE(copy_stdin)
{
	char buf[64];
	ssize_t n = read_file("/dev/stdin", buf, sizeof(buf));
	int out = open("/dev/stdout", O_WRONLY);

	return n == 5 && write(out, buf, n) == n ? 0 : 1;
}

TEST(standard_streams_by_name)
{
	posix_spawn_file_actions_t fa;
	int in[2], out[2];
	char buf[8];

	EXPECT_OK(pipe2(in, O_CLOEXEC));
	EXPECT_OK(pipe2(out, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	EXPECT_EQ(write(in[1], "hello", 5), 5);
	close(in[1]);
	EXPECT_EXIT(spawn_self_with(&fa, NULL, "copy_stdin"), 0);
	close(in[0]);
	close(out[1]);
	EXPECT_EQ(read(out[0], buf, 8), 5);
	EXPECT_MEM(buf, "hello", 5);
	close(out[0]);
	posix_spawn_file_actions_destroy(&fa);
}
