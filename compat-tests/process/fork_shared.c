/* What MAP_SHARED means between relatives: anonymous memory, files, memfds and /dev/shm, made before or after the fork. */
#include "fork.h"

static void add_and_check(volatile int *word, int go, int back)
{
	for (int i = 0; i < 50; i++) {
		CHECK(get_byte(go) == 'g');
		CHECK(*word == 2 * i + 1);
		++*word;
		put_byte(back, 'b');
	}
	_exit(0);
}

/* Parent and child add to the word in turn. */
static void take_turns(volatile int *word)
{
	int go[2], back[2];
	pid_t pid;

	EXPECT_OK(pipe(go));
	EXPECT_OK(pipe(back));
	*word = 0;
	pid = start_child();
	if (!pid)
		add_and_check(word, go[0], back[1]);
	for (int i = 0; i < 50; i++) {
		++*word;
		put_byte(go[1], 'g');
		EXPECT_EQ(get_byte(back[0]), 'b');
		EXPECT_EQ(*word, 2 * i + 2);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(anonymous)
{
	take_turns(shared_memory(4096));
}

TEST(file)
{
	int fd = tmp_file("f", NULL, 0), value;
	volatile int *word;

	EXPECT_OK(ftruncate(fd, 8192));
	word = EXPECT_OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	take_turns(word + 1024);
	EXPECT_EQ(pread(fd, &value, sizeof(value), 4096), sizeof(value));
	EXPECT_EQ(value, 100);
}

TEST(memfd)
{
	int fd = EXPECT_OK(memfd_create("m", 0));

	EXPECT_OK(ftruncate(fd, 4096));
	take_turns(EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)));
}

TEST(posix_shm)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/compat-%d", getpid());
	fd = EXPECT_OK(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
	EXPECT_OK(shm_unlink(name));
	EXPECT_OK(ftruncate(fd, 4096));
	take_turns(EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)));
}

TEST(mapped_by_the_child_after_the_fork)
{
	int fd = tmp_file("f", "parent", 6);
	char *m = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	pid_t pid = start_child();

	if (!pid) {
		char *n;

		CHECK(!munmap(m, 4096));
		n = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		CHECK(n != MAP_FAILED && !memcmp(n, "parent", 6));
		memcpy(n, "child!", 6);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_MEM(m, "child!", 6);
}

TEST(grandchildren_and_siblings)
{
	volatile int *words = shared_memory(4096);
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = start_child();
		if (!pid[i]) {
			pid_t grandchild = fork();

			if (!grandchild) {
				words[10 + i] = i + 100;
				_exit(0);
			}
			CHECK(wait_status(grandchild) == 0);
			CHECK(words[10 + i] == i + 100);
			words[i] = i + 1;
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		EXPECT_EXIT(pid[i], 0);
		EXPECT_EQ(words[i], i + 1);
	}
}
