/* Running data: stack, heap, mapped pages without PROT_EXEC, after mprotect takes it away. */
#include "naughty.h"

/* mov $42, %eax; ret */
static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
static unsigned char in_data[sizeof(code)];

static int call(void *p)
{
	return ((int (*)(void))hide_ptr((uintptr_t)p))();
}

static char *page_with_code(int prot)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(p, code, sizeof(code));
	return mprotect(p, 4096, prot) ? NULL : p;
}

ROLE(data)
{
	memcpy(in_data, code, sizeof(code));
	return call(in_data);
}

ROLE(stack)
{
	unsigned char on_stack[sizeof(code)];

	memcpy(on_stack, code, sizeof(code));
	return call(on_stack);
}

ROLE(heap)
{
	return call(memcpy(malloc(64), code, sizeof(code)));
}

ROLE(page)
{
	return call(page_with_code(atoi(argv[0])));
}

ROLE(taken_away)
{
	char *p = page_with_code(PROT_READ | PROT_EXEC);

	if (call(p) != 42 || mprotect(p, 4096, PROT_READ))
		return 1;
	return call(p);
}

ROLE(unmapped_under_us)
{
	char *p = page_with_code(PROT_READ | PROT_EXEC);

	if (call(p) != 42 || munmap(p, 4096))
		return 1;
	return call(p);
}

ROLE(file_page)
{
	int fd = open(argv[0], O_RDONLY);

	return call(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
}

TEST(not_executable)
{
	EXPECT_KILLED(SIGSEGV, "data");
	EXPECT_KILLED(SIGSEGV, "stack");
	EXPECT_KILLED(SIGSEGV, "heap");
	EXPECT_KILLED(SIGSEGV, "page", "0");
	EXPECT_KILLED(SIGSEGV, "page", "1");
	EXPECT_KILLED(SIGSEGV, "page", "3");
	EXPECT_KILLED(SIGSEGV, "taken_away");
	EXPECT_KILLED(SIGSEGV, "unmapped_under_us");
}

TEST(file_without_exec)
{
	close(tmp_file("code", code, sizeof(code)));
	EXPECT_KILLED(SIGSEGV, "file_page", tmp_path("code"));
}

TEST(executable_pages_run)
{
	EXPECT_EXIT(spawn_self("page", "5"), 42);
	EXPECT_EXIT(spawn_self("page", "7"), 42);
}

/* A call whose instruction runs over into a page that may not run. */
ROLE(over_the_edge)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(p + 4096 - 3, code, sizeof(code));
	if (mprotect(p, 4096, PROT_READ | PROT_EXEC))
		return 1;
	return call(p + 4096 - 3);
}

TEST(instruction_over_the_edge)
{
	EXPECT_KILLED(SIGSEGV, "over_the_edge");
}
