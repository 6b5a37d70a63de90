/* A process that takes away its own code, stack, libraries or everything dies alone. */
#include "naughty.h"
#include <asm/prctl.h>

static void unmap_page_of(const void *p, size_t pages)
{
	munmap((void *)((uintptr_t)p & -4096ul), pages * 4096);
}

ROLE(code)
{
	unmap_page_of((void *)unmap_page_of, 1);
	return 0;
}

ROLE(stack)
{
	char here;

	unmap_page_of(hide_ptr((uintptr_t)&here - 8192), 8);
	return 0;
}

ROLE(libc)
{
	unmap_page_of((void *)munmap, 1);
	return 0;
}

ROLE(everything)
{
	munmap(NULL, 0x7ffffffff000);
	return 0;
}

ROLE(map_over_everything)
{
	for (uintptr_t p = 1ul << 30; p < 0x7ffffffff000; p += 1ul << 40)
		mmap((void *)p, 1ul << 40, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
	*(volatile char *)hide_ptr(8) = 1;
	return 0;
}

ROLE(protect_code)
{
	mprotect((void *)((uintptr_t)unmap_page_of & -4096ul), 4096, PROT_NONE);
	unmap_page_of(NULL, 0);
	return 0;
}

TEST(kills_only_itself)
{
	EXPECT_KILLED(SIGSEGV, "code");
	EXPECT_KILLED(SIGSEGV, "stack");
	EXPECT_KILLED(SIGSEGV, "libc");
	EXPECT_KILLED(SIGSEGV, "everything");
	EXPECT_KILLED(SIGSEGV, "map_over_everything");
	EXPECT_KILLED(SIGSEGV, "protect_code");
}

ROLE(thread_pointer)
{
	syscall(SYS_arch_prctl, ARCH_SET_FS, strtoull(argv[0], NULL, 0));
	__asm__ volatile("mov %%fs:0, %%rax" ::: "rax");
	return 0;
}

TEST(wild_thread_pointer)
{
	EXPECT_KILLED(SIGSEGV, "thread_pointer", "0x1000");
	EXPECT_KILLED(SIGSEGV, "thread_pointer", "0x10");
	EXPECT_ERRNO(syscall(SYS_arch_prctl, ARCH_SET_FS, 0xffff800000000000), EPERM);
	EXPECT_ERRNO(syscall(SYS_arch_prctl, ARCH_SET_GS, 1ul << 63), EPERM);
	EXPECT_ERRNO(syscall(SYS_arch_prctl, 0x7777, 0), EINVAL);
}

ROLE(zero_thread_pointer_and_exit)
{
	__asm__ volatile("mov $158, %%eax; mov $0x1002, %%edi; xor %%esi, %%esi; syscall;"
			 "mov $231, %%eax; mov $33, %%edi; syscall"
			 ::: "rax", "rdi", "rsi", "rcx", "r11", "memory");
	return 0;
}

ROLE(bad_exit_pointers)
{
	syscall(SYS_set_tid_address, wild[5]);
	syscall(SYS_set_robust_list, wild[5], 24);
	return 34;
}

TEST(exit_still_works)
{
	EXPECT_EXIT(spawn_self("zero_thread_pointer_and_exit"), 33);
	EXPECT_EXIT(spawn_self("bad_exit_pointers"), 34);
	expect_alive();
}
