/* fsync, fdatasync, sync_file_range, msync, syncfs, fadvise, readahead: accepted and refused. */
#include "../test.h"
#include <sys/mman.h>

TEST(files)
{
	int fd = tmp_file("f", "abc", 3), d = EXPECT_OK(open(test_tmpdir(), O_RDONLY));

	EXPECT_OK(fsync(fd));
	EXPECT_OK(fdatasync(fd));
	EXPECT_OK(fsync(d));
	EXPECT_OK(syncfs(fd));
	EXPECT_OK(sync_file_range(fd, 0, 3, SYNC_FILE_RANGE_WRITE));
	EXPECT_ERRNO(sync_file_range(fd, 0, 3, 0x100), EINVAL);
	EXPECT_ERRNO(sync_file_range(fd, -1, 3, SYNC_FILE_RANGE_WRITE), EINVAL);
	EXPECT_ERRNO(fsync(-1), EBADF);
	EXPECT_ERRNO(syncfs(-1), EBADF);
	close(d);
	close(fd);
}

TEST(pipes_cannot)
{
	int p[2];

	EXPECT_OK(pipe(p));
	EXPECT_ERRNO(fsync(p[1]), EINVAL);
	EXPECT_ERRNO(fdatasync(p[0]), EINVAL);
	EXPECT_ERRNO(sync_file_range(p[1], 0, 1, SYNC_FILE_RANGE_WRITE), ESPIPE);
	EXPECT_EQ(posix_fadvise(p[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
	close(p[0]);
	close(p[1]);
}

TEST(advice)
{
	int fd = tmp_file("f", "abc", 3);

	for (int a = POSIX_FADV_NORMAL; a <= POSIX_FADV_NOREUSE; a++)
		EXPECT_EQ(posix_fadvise(fd, 0, 0, a), 0);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, 77), EINVAL);
	EXPECT_EQ(posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL), EBADF);
	EXPECT_OK(readahead(fd, 0, 100));
	EXPECT_ERRNO(readahead(-1, 0, 100), EBADF);
	close(fd);
}

TEST(msync_call)
{
	int fd = tmp_file("f", "abc", 3);
	char *p = EXPECT_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));

	p[0] = 'X';
	EXPECT_OK(msync(p, 4096, MS_SYNC));
	EXPECT_OK(msync(p, 4096, MS_ASYNC | MS_INVALIDATE));
	EXPECT_ERRNO(msync(p, 4096, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERRNO(msync(p + 1, 4096, MS_SYNC), EINVAL);
	munmap(p, 4096);
	EXPECT_ERRNO(msync(p, 4096, MS_SYNC), ENOMEM);
	close(fd);
}
