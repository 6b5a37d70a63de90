/*
 * MAP_SHARED of a file is one memory: for two mappings in one process, for read() and write(), and
 * for two processes that map the same file and pass a token through it.
 */
#include "fault.h"
#include <stdatomic.h>

#define RW	(PROT_READ | PROT_WRITE)

TEST(two_mappings_agree)
{
	char data[2 * PAGE] = "", *a, *b;
	int fd = tmp_file("f", data, sizeof(data));

	a = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	b = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, PAGE));
	a[PAGE + 10] = 'q';
	EXPECT_EQ(b[10], 'q');
	b[PAGE - 1] = 'r';
	EXPECT_EQ(a[2 * PAGE - 1], 'r');
	EXPECT_OK(munmap(a, 2 * PAGE));
	EXPECT_OK(munmap(b, PAGE));
	close(fd);
}

TEST(read_and_write_agree)
{
	char data[PAGE] = "", buf[4], *p;
	int fd = tmp_file("f", data, sizeof(data));

	p = EXPECT_OK((char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	EXPECT_EQ(pwrite(fd, "wxyz", 4, 100), 4);
	EXPECT_MEM(p + 100, "wxyz", 4);
	memcpy(p + 200, "map!", 4);
	EXPECT_EQ(pread(fd, buf, 4, 200), 4);
	EXPECT_MEM(buf, "map!", 4);
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(private_sees_shared_until_it_writes)
{
	char data[2 * PAGE] = "", *s, *p;
	int fd = tmp_file("f", data, sizeof(data));

	s = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	p = EXPECT_OK((char *)mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
	p[0] = 'p';
	s[1] = 's';
	EXPECT_EQ(s[0], 0);
	EXPECT_EQ(p[0], 'p');
	EXPECT_EQ(p[1], 0);
	EXPECT_OK(munmap(s, 2 * PAGE));
	EXPECT_OK(munmap(p, 2 * PAGE));
	close(fd);
}

struct board {
	atomic_int turn;
	int sum;
	char text[64];
};

static struct board *board_open(const char *path)
{
	int fd = EXPECT_OK(open(path, O_RDWR));
	struct board *b = EXPECT_OK((struct board *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));

	close(fd);
	return b;
}

ROLE(pong)
{
	struct board *b = board_open(argv[0]);

	for (int i = 0; i < 100; i++) {
		while (atomic_load(&b->turn) != 2 * i + 1)
			sched_yield();
		b->sum += i;
		atomic_store(&b->turn, 2 * i + 2);
	}
	strcpy(b->text, "from the child");
	return 0;
}

TEST(between_processes)
{
	char data[PAGE] = "";
	struct board *b;
	pid_t pid;

	close(tmp_file("board", data, sizeof(data)));
	b = board_open(tmp_path("board"));
	pid = spawn_self("pong", tmp_path("board"));
	for (int i = 0; i < 100; i++) {
		while (atomic_load(&b->turn) != 2 * i)
			sched_yield();
		b->sum += 1000;
		atomic_store(&b->turn, 2 * i + 1);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(b->sum, 100 * 1000 + 99 * 100 / 2);
	EXPECT_STR(b->text, "from the child");
	EXPECT_OK(munmap(b, PAGE));
}

ROLE(scribble)
{
	struct board *b = board_open(argv[0]);

	strcpy(b->text, argv[1]);
	return 0;	/* no munmap, no msync: exit must be enough */
}

TEST(exit_keeps_the_content)
{
	char data[PAGE] = "", buf[PAGE + 1];

	close(tmp_file("f", data, sizeof(data)));
	EXPECT_EXIT(spawn_self("scribble", tmp_path("f"), "left behind"), 0);
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), PAGE);
	EXPECT_STR(((struct board *)buf)->text, "left behind");
}
