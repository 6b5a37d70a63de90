/* Open files after a fork: offsets and flags are one, tables are two; pipes end when the last relative closes. */
#include "fork.h"
#include <sys/epoll.h>
#include <sys/socket.h>

TEST(one_offset)
{
	int fd = tmp_file("f", "0123456789", 10);
	char buf[4];
	pid_t pid = start_child();

	if (!pid) {
		CHECK(read(fd, buf, 3) == 3 && !memcmp(buf, "012", 3));
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fd, buf, 3), 3);
	EXPECT_MEM(buf, "345", 3);
	close(fd);
}

TEST(appending_relatives_lose_nothing)
{
	enum { EACH = 200 };
	int fd = EXPECT_OK(open(tmp_path("log"), O_RDWR | O_CREAT | O_APPEND, 0600)), counts[4] = { 0 };
	char line[8];
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = start_child();
		if (!pid[i]) {
			for (int n = 0; n < EACH; n++)
				CHECK(write(fd, (char[]){ 'a' + i, '\n' }, 2) == 2);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(pid[i], 0);
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	while (read(fd, line, 2) == 2)
		counts[line[0] - 'a']++;
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(counts[i], EACH);
	close(fd);
}

TEST(tables_are_two)
{
	int fd = tmp_file("f", "x", 1);
	char c;
	pid_t pid = start_child();

	if (!pid) {
		CHECK(!close(fd));
		CHECK(open("/dev/null", O_RDONLY) == fd);
		CHECK(dup2(fd, 50) == 50);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);
	EXPECT_ERRNO(fcntl(50, F_GETFD), EBADF);
	close(fd);
}

TEST(pipe_ends_with_the_last_writer)
{
	int p[2];
	pid_t a, b;

	EXPECT_OK(pipe(p));
	a = start_child();
	if (!a) {
		close(p[0]);
		put_byte(p[1], 'a');
		_exit(0);
	}
	b = start_child();
	if (!b) {
		close(p[0]);
		sleep_ms(20);
		put_byte(p[1], 'b');
		_exit(0);
	}
	close(p[1]);
	EXPECT_EQ(get_byte(p[0]), 'a');
	EXPECT_EQ(get_byte(p[0]), 'b');
	EXPECT_EQ(get_byte(p[0]), -1);
	EXPECT_EXIT(a, 0);
	EXPECT_EXIT(b, 0);
	close(p[0]);
}

TEST(working_directory_and_umask_are_ones_own)
{
	char cwd[PATH_MAX], now[PATH_MAX];
	mode_t mask = umask(022);
	pid_t pid;

	EXPECT(getcwd(cwd, sizeof(cwd)));
	pid = start_child();
	if (!pid) {
		CHECK(!chdir("/"));
		CHECK(umask(077) == 022);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(getcwd(now, sizeof(now)));
	EXPECT_STR(now, cwd);
	EXPECT_EQ(umask(mask), 022);
}

TEST(big_transfer_through_a_socket_pair)
{
	enum { CHUNK = 4096, CHUNKS = 512 };
	static uint64_t words[CHUNK / 8];
	int s[2];
	pid_t pid;

	EXPECT_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid = start_child();
	if (!pid) {
		close(s[0]);
		for (int i = 0; i < CHUNKS; i++) {
			fill_pattern(words, CHUNK / 8, i);
			CHECK(write(s[1], words, CHUNK) == CHUNK);
		}
		_exit(0);
	}
	close(s[1]);
	for (int i = 0; i < CHUNKS; i++) {
		EXPECT_EQ(recv(s[0], words, CHUNK, MSG_WAITALL), CHUNK);
		EXPECT(check_pattern(words, CHUNK / 8, i));
	}
	EXPECT_EQ(get_byte(s[0]), -1);
	EXPECT_EXIT(pid, 0);
	close(s[0]);
}

TEST(epoll_set_is_shared)
{
	int ep = EXPECT_OK(epoll_create1(0)), p[2];
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = 9 }, got;
	pid_t pid;

	EXPECT_OK(pipe(p));
	pid = start_child();
	if (!pid) {
		CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
		put_byte(p[1], 'x');
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(epoll_wait(ep, &got, 1, 1000), 1);
	EXPECT_EQ(got.data.u32, 9);
	close(ep);
	close(p[0]);
	close(p[1]);
}
