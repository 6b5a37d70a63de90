/* Every descriptor is taken, by every kind of file: EMFILE, and all work again after closing. */
#include "naughty.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { LIMIT = 300 };

static int open_dev_null(void)
{
	return open("/dev/null", O_RDONLY);
}

static int open_epoll(void)
{
	return epoll_create1(0);
}

static int open_event(void)
{
	return eventfd(0, 0);
}

static int open_memfd(void)
{
	return memfd_create("x", 0);
}

static int open_pipe(void)
{
	int p[2];

	return pipe(p) ? -1 : p[1];
}

static int open_dup(void)
{
	return dup(1);
}

static int open_proc(void)
{
	return open("/proc/self/status", O_RDONLY);
}

static int open_dir(void)
{
	return open("/", O_RDONLY | O_DIRECTORY);
}

static int (*const opener[])(void) = {
	open_dev_null, open_epoll, open_event, open_memfd, open_pipe, open_dup, open_proc, open_dir,
};

/* Fills the table with one kind, then empties it again. */
ROLE(fill)
{
	struct rlimit l = { LIMIT, LIMIT };
	int (*open_one)(void) = opener[atoi(argv[0])];
	int n = 0;

	syscall(SYS_close_range, 3, ~0u, 0);
	EXPECT_OK(setrlimit(RLIMIT_NOFILE, &l));
	while (open_one() >= 0)
		n++;
	EXPECT_EQ(errno, EMFILE);
	EXPECT_GE(n, (LIMIT - 4) / 2);
	EXPECT_LE(n, LIMIT);
	EXPECT_ERRNO(open_one(), EMFILE);
	EXPECT_OK(syscall(SYS_close_range, 3, ~0u, 0));
	EXPECT_EQ(open_dup(), 3);
	return 0;
}

TEST(each_kind)
{
	char num[8];

	for (size_t i = 0; i < ARRAY_SIZE(opener); i++) {
		snprintf(num, sizeof(num), "%zu", i);
		EXPECT_EXIT(spawn_self("fill", num), 0);
	}
	expect_alive();
}

ROLE(leave_all_open)
{
	while (open_dev_null() >= 0)
		;
	return errno == EMFILE ? 0 : 1;
}

TEST(many_processes_full_of_files)
{
	pid_t pid[8];

	for (int i = 0; i < 8; i++)
		pid[i] = spawn_self("leave_all_open");
	for (int i = 0; i < 8; i++)
		EXPECT_EXIT(pid[i], 0);
	expect_alive();
}
