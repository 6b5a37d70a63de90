/*
 * mprotect takes and gives rights page by page: si_code tells a forbidden access (SEGV_ACCERR) from
 * an unmapped one (SEGV_MAPERR), si_addr is exact, content survives, and holes give ENOMEM after
 * the pages before them changed.
 */
#include "fault.h"

#define RW	(PROT_READ | PROT_WRITE)

TEST(read_only)
{
	char *p = map_anon(PAGE, RW);

	strcpy(p, "kept");
	EXPECT_OK(mprotect(p, PAGE, PROT_READ));
	EXPECT_NO_FAULT(read, p + 100);
	EXPECT_FAULT(write, p + 100, SIGSEGV, SEGV_ACCERR);
	EXPECT_FAULT(write, p + PAGE - 1, SIGSEGV, SEGV_ACCERR);
	EXPECT_STR(p, "kept");
	EXPECT_OK(mprotect(p, PAGE, RW));
	EXPECT_NO_FAULT(write, p + 100);
	EXPECT_OK(munmap(p, PAGE));
}

TEST(none)
{
	char *p = map_anon(3 * PAGE, RW);

	memset(p, 4, 3 * PAGE);
	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_NONE));
	EXPECT_NO_FAULT(write, p + PAGE - 1);
	EXPECT_FAULT(read, p + PAGE, SIGSEGV, SEGV_ACCERR);
	EXPECT_FAULT(write, p + PAGE + 123, SIGSEGV, SEGV_ACCERR);
	EXPECT_NO_FAULT(write, p + 2 * PAGE);
	EXPECT_OK(mprotect(p + PAGE, PAGE, PROT_READ));
	EXPECT(all_bytes(p, 4, 3 * PAGE));
	EXPECT_OK(munmap(p, 3 * PAGE));
}

TEST(untouched_pages)
{
	char *p = map_anon(2 * PAGE, PROT_NONE);

	EXPECT_FAULT(read, p, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(mprotect(p, 2 * PAGE, PROT_READ));
	EXPECT(all_bytes(p, 0, 2 * PAGE));
	EXPECT_FAULT(write, p, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(mprotect(p, PAGE, RW));
	EXPECT_NO_FAULT(write, p);
	EXPECT_FAULT(write, p + PAGE, SIGSEGV, SEGV_ACCERR);
	EXPECT_OK(munmap(p, 2 * PAGE));
}

TEST(partial_ranges)
{
	enum { N = 16 };
	char *p = map_anon(N * PAGE, RW);

	for (int i = 0; i < N; i += 2)
		EXPECT_OK(mprotect(p + i * PAGE, PAGE, PROT_READ));
	for (int i = 0; i < N; i++)
		EXPECT_EQ(fault_write(p + i * PAGE).sig, i % 2 ? 0 : SIGSEGV);
	EXPECT_OK(mprotect(p + 3 * PAGE, 7 * PAGE, PROT_NONE));
	for (int i = 0; i < N; i++)
		EXPECT_EQ(fault_read(p + i * PAGE).sig, i >= 3 && i < 10 ? SIGSEGV : 0);
	EXPECT_OK(mprotect(p, N * PAGE, RW));
	for (int i = 0; i < N; i++)
		EXPECT_NO_FAULT(write, p + i * PAGE);
	EXPECT_OK(munmap(p, N * PAGE));
}

TEST(length_is_rounded_up)
{
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_OK(mprotect(p, PAGE + 1, PROT_READ));
	EXPECT_FAULT(write, p + 2 * PAGE - 1, SIGSEGV, SEGV_ACCERR);
	EXPECT_NO_FAULT(write, p + 2 * PAGE);
	EXPECT_OK(munmap(p, 3 * PAGE));
}

TEST(errors)
{
	char *p = map_anon(4 * PAGE, RW);

	EXPECT_ERRNO(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	EXPECT_OK(mprotect(p, 0, PROT_NONE));
	EXPECT_NO_FAULT(write, p);
	EXPECT_ERRNO(mprotect(p, PAGE, PROT_GROWSUP | PROT_GROWSDOWN), EINVAL);
	EXPECT_ERRNO(mprotect(p, PAGE, 0x100000), EINVAL);
	EXPECT_OK(munmap(p, 4 * PAGE));
	EXPECT_ERRNO(mprotect(p, PAGE, PROT_READ), ENOMEM);
}

TEST(hole_stops_it)
{
	char *p = map_anon(3 * PAGE, RW);

	EXPECT_OK(munmap(p + PAGE, PAGE));
	EXPECT_ERRNO(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
	EXPECT_FAULT(write, p, SIGSEGV, SEGV_ACCERR);
	EXPECT_FAULT(write, p + PAGE, SIGSEGV, SEGV_MAPERR);
	EXPECT_NO_FAULT(write, p + 2 * PAGE);
	EXPECT_OK(munmap(p, 3 * PAGE));
}

TEST(shared_mapping_of_read_only_file)
{
	char *p;
	int fd;

	close(tmp_file("ro", "x", 1));
	fd = EXPECT_OK(open(tmp_path("ro"), O_RDONLY));
	p = EXPECT_OK((char *)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_ERRNO(mprotect(p, PAGE, RW), EACCES);
	EXPECT_OK(munmap(p, PAGE));
	p = EXPECT_OK((char *)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
	EXPECT_OK(mprotect(p, PAGE, RW));
	p[0] = 'y';
	EXPECT_OK(munmap(p, PAGE));
	close(fd);
}

TEST(write_without_read)
{
	char *p = map_anon(PAGE, PROT_WRITE);

	p[3] = 1;
	EXPECT_OK(mprotect(p, PAGE, PROT_READ));
	EXPECT_EQ(p[3], 1);
	EXPECT_OK(munmap(p, PAGE));
}

TEST(null_and_wild_addresses)
{
	EXPECT_FAULT(read, NULL, SIGSEGV, SEGV_MAPERR);
	EXPECT_FAULT(write, 8, SIGSEGV, SEGV_MAPERR);
	/* A non-canonical address is a general protection fault: no code, no address. */
	struct fault f = fault_read(0x8000000000000000UL);

	EXPECT_EQ(f.sig, SIGSEGV);
	EXPECT_EQ(f.code, SI_KERNEL);
	EXPECT_EQ((uintptr_t)f.addr, 0);
}
