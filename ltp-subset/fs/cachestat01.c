/* cachestat: ranges, flags and descriptors it refuses; pages of a file that was read. */
#include "../lst.h"

static void run(void)
{
	struct {
		uint64_t off, len;
	} range = { 0, 0 };
	struct {
		uint64_t cache, dirty, writeback, evicted, recently;
	} cs = { 0 };
	static char page[8192];
	int fd = new_file("f", page, sizeof(page)), p[2];

	if (syscall(451, fd, &range, &cs, 0) && errno == ENOSYS)
		CONF("no cachestat");
	EXPECT_EQ(cs.cache, 2);
	range.off = 4096;
	range.len = 1;
	EXPECT_OK(syscall(451, fd, &range, &cs, 0));
	EXPECT_EQ(cs.cache, 1);
	MUST(pipe(p));
	EXPECT_FAIL(syscall(451, fd, &range, &cs, 1), EINVAL);
	EXPECT_FAIL(syscall(451, BAD_FD, &range, &cs, 0), EBADF);
	EXPECT_FAIL(syscall(451, fd, BAD_PTR, &cs, 0), EFAULT);
	EXPECT_FAIL(syscall(451, fd, &range, BAD_PTR, 0), EFAULT);
}
