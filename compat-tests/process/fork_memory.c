/* After a fork every private byte is two: data, bss, heap, stack, TLS, private mappings, on both sides and at any time. */
#include "fork.h"

static int data = 1, bss;
static __thread int tls = 3;

TEST(every_kind_of_memory)
{
	int stack = 4, *heap = malloc(sizeof(*heap)), fd = tmp_file("f", "file", 4);
	char *anon = EXPECT_OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	char *file = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	int up[2], down[2];
	pid_t pid;

	EXPECT_OK(pipe(up));
	EXPECT_OK(pipe(down));
	*heap = 5, anon[0] = 6, file[1] = 'I';
	pid = start_child();
	if (!pid) {
		CHECK(data == 1 && !bss && tls == 3 && stack == 4 && *heap == 5 && anon[0] == 6 && !anon[4096]);
		CHECK(!memcmp(file, "fIle", 4));
		data = bss = tls = stack = *heap = anon[0] = anon[4096] = file[0] = 70;
		put_byte(up[1], 'a');
		CHECK(get_byte(down[0]) == 'b');
		CHECK(data == 70 && bss == 70 && tls == 70 && stack == 70 && *heap == 70 && anon[0] == 70 && anon[4096] == 70);
		CHECK(file[0] == 70 && file[1] == 'I');
		_exit(0);
	}
	EXPECT_EQ(get_byte(up[0]), 'a');
	EXPECT(data == 1 && !bss && tls == 3 && stack == 4 && *heap == 5 && anon[0] == 6 && !anon[4096]);
	EXPECT(!memcmp(file, "fIle", 4));
	data = bss = tls = stack = *heap = anon[0] = anon[4096] = file[0] = 80;
	put_byte(down[1], 'b');
	EXPECT_EXIT(pid, 0);
	EXPECT(data == 80 && bss == 80 && tls == 80 && stack == 80 && *heap == 80 && anon[0] == 80 && anon[4096] == 80);
	EXPECT(file[0] == 80 && file[1] == 'I');
	data = 1, bss = 0, tls = 3;
	free(heap);
}

TEST(private_file_mapping_and_the_file)
{
	int fd = tmp_file("f", "0123456789", 10);
	char *m = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0)), buf[10];
	pid_t pid;

	m[0] = 'p';
	pid = start_child();
	if (!pid) {
		m[1] = 'c';
		CHECK(!memcmp(m, "pc23456789", 10));
		CHECK(pread(fd, buf, 10, 0) == 10 && !memcmp(buf, "0123456789", 10));
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_MEM(m, "p123456789", 10);
}

TEST(mappings_made_after_the_fork_are_ones_own)
{
	char *hole = EXPECT_OK(mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	unsigned char vec;
	pid_t pid;

	hole[0] = hole[8192] = 'p';
	pid = start_child();
	if (!pid) {
		CHECK(!munmap(hole, 4096));
		CHECK(!mprotect(hole + 8192, 4096, PROT_READ));
		CHECK(mmap(hole + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hole + 4096);
		hole[4096] = 'c';
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_OK(mincore(hole, 4096, &vec));
	EXPECT_EQ(hole[0], 'p');
	EXPECT_EQ(hole[4096], 0);
	hole[8192] = 'q';
	EXPECT_EQ(hole[8192], 'q');
}

TEST(protection_is_inherited)
{
	volatile char *ro = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	ro[0] = 'x';
	EXPECT_OK(mprotect((void *)ro, 4096, PROT_READ));
	pid = start_child();
	if (!pid) {
		CHECK(ro[0] == 'x');
		ro[0] = 'y';
		_exit(0);
	}
	EXPECT_SIGNALED(pid, SIGSEGV);
	EXPECT_EQ(ro[0], 'x');
}
