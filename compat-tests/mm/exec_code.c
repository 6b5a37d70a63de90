/*
 * Generated code: runs from a page that is executable, faults at its own address from one that is
 * not, changes between writable and executable, and sees new code after a rewrite, from any thread.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)
#define RX	(PROT_READ | PROT_EXEC)

typedef int (*int_fn)(void);

/* mov $value, %eax; ret */
static size_t emit_return(unsigned char *p, int value)
{
	p[0] = 0xb8;
	memcpy(p + 1, &value, 4);
	p[5] = 0xc3;
	return 6;
}

TEST(write_then_execute)
{
	unsigned char *p = (void *)map_anon(PAGE, RW);

	for (int i = 0; i < 20; i++) {
		EXPECT_OK(mprotect(p, PAGE, RW));
		emit_return(p, i * 1000 + 7);
		EXPECT_OK(mprotect(p, PAGE, RX));
		EXPECT_EQ(((int_fn)p)(), i * 1000 + 7);
		EXPECT_FAULT(write, p, SIGSEGV, SEGV_ACCERR);
	}
	EXPECT_OK(munmap(p, PAGE));
}

TEST(not_executable)
{
	unsigned char *p = (void *)map_anon(PAGE, RW);

	emit_return(p + 64, 1);
	EXPECT_FAULT(call, p + 64, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(mprotect(p, PAGE, PROT_NONE));
	EXPECT_FAULT(call, p + 64, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, PAGE));
	EXPECT_FAULT(call, p + 64, SIGSEGV, SEGV_MAPERR);
	EXPECT_FAULT(call, NULL, SIGSEGV, SEGV_MAPERR);
}

TEST(rwx_rewrites_in_place)
{
	unsigned char *p = (void *)map_anon(PAGE, RW | PROT_EXEC);

	for (int i = 0; i < 200; i++) {
		emit_return(p, i);
		EXPECT_EQ(((int_fn)p)(), i);
	}
	EXPECT_OK(munmap(p, PAGE));
}

/* mov $39, %eax; syscall; ret: a call site no loader could have seen. */
TEST(generated_syscall)
{
	static const unsigned char code[] = { 0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3 };
	unsigned char *p = (void *)map_anon(PAGE, RW);

	memcpy(p, code, sizeof(code));
	EXPECT_OK(mprotect(p, PAGE, RX));
	for (int i = 0; i < 1000; i++)
		EXPECT_EQ(((int_fn)p)(), getpid());
	EXPECT_MEM(p, code, sizeof(code));
	/* The same site becomes another call. */
	EXPECT_OK(mprotect(p, PAGE, RW));
	p[1] = 110;
	EXPECT_OK(mprotect(p, PAGE, RX));
	EXPECT_EQ(((int_fn)p)(), getppid());
	EXPECT_OK(munmap(p, PAGE));
}

/* The instruction at the very end of a page, and one that crosses into the next. */
TEST(syscall_at_page_end)
{
	static const unsigned char code[] = { 0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3 };
	unsigned char *p = (void *)map_anon(2 * PAGE, RW | PROT_EXEC);

	for (size_t off = PAGE - 8; off < PAGE; off++) {
		memcpy(p + off, code, sizeof(code));
		EXPECT_EQ(((int_fn)(p + off))(), getpid());
	}
	EXPECT_OK(munmap(p, 2 * PAGE));
}

static void *call_it(void *p)
{
	return (void *)(long)((int_fn)p)();
}

TEST(other_threads_see_the_new_code)
{
	unsigned char *p = (void *)map_anon(PAGE, RW);

	for (int i = 1; i <= 20; i++) {
		pthread_t t;
		void *r;

		emit_return(p, i);
		EXPECT_OK(mprotect(p, PAGE, RX));
		EXPECT_EQ(pthread_create(&t, NULL, call_it, p), 0);
		EXPECT_EQ(pthread_join(t, &r), 0);
		EXPECT_EQ((long)r, i);
		EXPECT_OK(mprotect(p, PAGE, RW));
	}
	EXPECT_OK(munmap(p, PAGE));
}

TEST(code_in_a_file)
{
	unsigned char code[16], *p;
	size_t len = emit_return(code, 4711);
	int fd = tmp_file("code", code, len);

	p = EXPECT_OK((unsigned char *)mmap(NULL, len, RX, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(((int_fn)p)(), 4711);
	EXPECT_OK(munmap(p, len));
	close(fd);
}

TEST(two_views_of_one_page)
{
	int fd = EXPECT_OK(memfd_create("jit", MFD_CLOEXEC));
	unsigned char *w, *x;

	EXPECT_OK(ftruncate(fd, PAGE));
	w = EXPECT_OK((unsigned char *)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	x = EXPECT_OK((unsigned char *)mmap(NULL, PAGE, RX, MAP_SHARED, fd, 0));
	for (int i = 0; i < 50; i++) {
		emit_return(w, i * 3);
		EXPECT_EQ(((int_fn)x)(), i * 3);
	}
	EXPECT_OK(munmap(w, PAGE));
	EXPECT_OK(munmap(x, PAGE));
	close(fd);
}
