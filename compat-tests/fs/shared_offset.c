/* Descriptors inherited by a spawned child share offset and flags with the parent's. */
#include "../test.h"

ROLE(write_there)
{
	int fd = atoi(argv[0]);

	EXPECT_EQ(write(fd, argv[1], strlen(argv[1])), strlen(argv[1]));
	return 0;
}

ROLE(set_append)
{
	return fcntl(atoi(argv[0]), F_SETFL, O_APPEND | O_NONBLOCK) ? 1 : 0;
}

static int shared_file(char num[12])
{
	int fd = tmp_file("f", NULL, 0);

	EXPECT_OK(fcntl(fd, F_SETFD, 0));
	snprintf(num, 12, "%d", fd);
	return fd;
}

TEST(offset)
{
	char num[12], buf[16];
	int fd = shared_file(num);

	EXPECT_EQ(write(fd, "one ", 4), 4);
	EXPECT_EXIT(spawn_self("write_there", num, "two "), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 8);
	EXPECT_EQ(write(fd, "three", 5), 5);
	EXPECT_EQ(pread(fd, buf, 16, 0), 13);
	EXPECT_MEM(buf, "one two three", 13);
	close(fd);
}

TEST(status_flags)
{
	char num[12];
	int fd = shared_file(num);

	EXPECT_EXIT(spawn_self("set_append", num), 0);
	EXPECT_EQ(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND | O_NONBLOCK);
	close(fd);
}

TEST(spawn_open_action)
{
	posix_spawn_file_actions_t fa;
	char buf[16];

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 40, tmp_path("out"), O_WRONLY | O_CREAT | O_TRUNC,
					 0644);
	EXPECT_EXIT(spawn_self_with(&fa, NULL, "write_there", "40", "hello"), 0);
	posix_spawn_file_actions_destroy(&fa);
	EXPECT_EQ(read_file(tmp_path("out"), buf, sizeof(buf)), 5);
	EXPECT_STR(buf, "hello");
	EXPECT_ERRNO(fcntl(40, F_GETFD), EBADF);
}
