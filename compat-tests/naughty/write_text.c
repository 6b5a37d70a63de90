/* Writing where one may not: code, constants, read-only maps, the vDSO; through calls too. */
#include "naughty.h"
#include <sys/auxv.h>

static const char constant[64] = "constant";

static void poke(const volatile void *p)
{
	*(volatile char *)hide_ptr((uintptr_t)p) = 1;
}

ROLE(text)
{
	poke((void *)poke);
	return 0;
}

ROLE(rodata)
{
	poke(constant);
	return 0;
}

ROLE(libc_text)
{
	poke((void *)strtoul);
	return 0;
}

ROLE(vdso)
{
	poke((void *)getauxval(AT_SYSINFO_EHDR));
	return 0;
}

ROLE(read_only_page)
{
	poke(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	return 0;
}

ROLE(read_only_file)
{
	int fd = open(argv[0], O_RDONLY);

	poke(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	return 0;
}

TEST(kills)
{
	EXPECT_KILLED(SIGSEGV, "text");
	EXPECT_KILLED(SIGSEGV, "rodata");
	EXPECT_KILLED(SIGSEGV, "libc_text");
	EXPECT_KILLED(SIGSEGV, "read_only_page");
}

TEST(vdso_is_read_only)
{
	if (!getauxval(AT_SYSINFO_EHDR))
		SKIP("no vDSO");
	EXPECT_KILLED(SIGSEGV, "vdso");
}

TEST(file_stays_as_it_was)
{
	char buf[8];

	close(tmp_file("f", "abc", 3));
	EXPECT_KILLED(SIGSEGV, "read_only_file", tmp_path("f"));
	EXPECT_EQ(read_file(tmp_path("f"), buf, sizeof(buf)), 3);
	EXPECT_STR(buf, "abc");
}

TEST(system_calls_do_not_write_either)
{
	int p[2], fd = tmp_file("f", "abc", 3);
	struct stat before;

	memcpy(&before, (void *)poke, 16);
	EXPECT_ERRNO(read(fd, hide_ptr((uintptr_t)poke), 3), EFAULT);
	EXPECT_ERRNO(read(fd, hide_ptr((uintptr_t)constant), 3), EFAULT);
	EXPECT_ERRNO(pipe(hide_ptr((uintptr_t)constant)), EFAULT);
	EXPECT_ERRNO(syscall(SYS_fstat, fd, poke), EFAULT);
	EXPECT_OK(pipe(p));
	EXPECT_EQ(write(p[1], "xyz", 3), 3);
	EXPECT_ERRNO(read(p[0], hide_ptr((uintptr_t)constant), 3), EFAULT);
	EXPECT_MEM(&before, (void *)poke, 16);
	EXPECT_STR(constant, "constant");
	close(p[0]);
	close(p[1]);
	close(fd);
}
