/*
 * How long one system call takes that has nothing to do (getpid).
 *
 * Case "getpid" calls the C library, whose syscall instruction a system may know and
 * replace before the program starts. Case "trapped" runs instructions this program
 * writes at run time. The page holds "syscall; ret" back to back, 3 bytes each, and
 * every third byte may be jumped to: no longer instruction fits in the place of a
 * syscall, neither ahead of time nor after the first trap.
 */
#define _GNU_SOURCE
#include "bench.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

static void getpid_steps(void *ctx, long steps)
{
	pid_t pid = *(pid_t *)ctx;

	while (steps--)
		if (getpid() != pid)
			bench_fail("getpid changed its answer");
}

struct trapped_ctx {
	const void *code;
	pid_t pid;
};

static long call_generated(const void *code, long nr)
{
	long ret;

	/* The call pushes below the stack pointer, so step over the red zone first. */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%1\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "=a"(ret)
			 : "r"(code), "a"(nr)
			 : "rcx", "r11", "memory");
	return ret;
}

static void trapped_steps(void *ctx, long steps)
{
	struct trapped_ctx *tc = ctx;

	while (steps--)
		if (call_generated(tc->code, SYS_getpid) != tc->pid)
			bench_fail("the generated getpid gave a wrong answer");
}

static const void *code_create(void)
{
	static const unsigned char syscall_ret[] = { 0x0f, 0x05, 0xc3 };
	unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		bench_fail("mmap: %s", strerror(errno));
	for (size_t i = 0; i + sizeof(syscall_ret) <= PAGE; i += sizeof(syscall_ret))
		memcpy(page + i, syscall_ret, sizeof(syscall_ret));
	if (mprotect(page, PAGE, PROT_READ | PROT_EXEC))
		bench_fail("mprotect to executable: %s", strerror(errno));
	return page + 100 * sizeof(syscall_ret);
}

int main(int argc, char **argv)
{
	pid_t pid = getpid();
	struct trapped_ctx tc = { .pid = pid };
	struct bench_case bc = { .bench = "syscall", .unit = "ns", .batch_ns = 2000000 };

	bench_begin(argc, argv);
	if (bench_wanted("getpid")) {
		bc.name = "getpid";
		bc.run = getpid_steps;
		bc.ctx = &pid;
		bench_run(&bc);
	}
	if (bench_wanted("trapped")) {
		tc.code = code_create();
		bc.name = "trapped";
		bc.run = trapped_steps;
		bc.ctx = &tc;
		bench_run(&bc);
	}
	bench_end();
	return 0;
}
