/* open_by_handle_at: opens the file of a handle; a handle of nothing is stale; only root may. */
#include "../lst.h"

static void run(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} a = { .h.handle_bytes = MAX_HANDLE_SZ };
	int id, fd, mount = MUST(open(".", O_RDONLY | O_DIRECTORY));
	char buf[8];

	NEED_ROOT();
	close(new_file("f", "handle", 6));
	MUST(name_to_handle_at(AT_FDCWD, "f", &a.h, &id, 0));
	fd = EXPECT_OK(open_by_handle_at(mount, &a.h, O_RDONLY));
	EXPECT_EQ(read(fd, buf, 8), 6);
	EXPECT_MEM(buf, "handle", 6);
	close(fd);
	EXPECT_FAIL(open_by_handle_at(BAD_FD, &a.h, O_RDONLY), EBADF);
	EXPECT_FAIL(open_by_handle_at(mount, BAD_PTR, O_RDONLY), EFAULT);
	MUST(unlink("f"));
	EXPECT_FAIL(open_by_handle_at(mount, &a.h, O_RDONLY), ESTALE);
	a.h.handle_bytes = MAX_HANDLE_SZ + 1;
	EXPECT_FAIL(open_by_handle_at(mount, &a.h, O_RDONLY), EINVAL);
	a.h.handle_bytes = 0;
	EXPECT_FAIL(open_by_handle_at(mount, &a.h, O_RDONLY), EINVAL);
}
