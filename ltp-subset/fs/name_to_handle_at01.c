/* name_to_handle_at: its errors, the size it asks for, one handle per file, mount ids. */
#include "../lst.h"

static void run(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} a = { .h.handle_bytes = 0 }, b;
	int id, id2;

	close(new_file("f", "", 0));
	MUST(link("f", "g"));
	EXPECT_FAIL(name_to_handle_at(AT_FDCWD, "f", &a.h, &id, 0), EOVERFLOW);
	EXPECT_GT(a.h.handle_bytes, 0);
	EXPECT_OK(name_to_handle_at(AT_FDCWD, "f", &a.h, &id, 0));
	b.h.handle_bytes = MAX_HANDLE_SZ;
	EXPECT_OK(name_to_handle_at(AT_FDCWD, "g", &b.h, &id2, 0));
	EXPECT_EQ(a.h.handle_bytes, b.h.handle_bytes);
	EXPECT_EQ(a.h.handle_type, b.h.handle_type);
	EXPECT(!memcmp(a.h.f_handle, b.h.f_handle, a.h.handle_bytes));
	EXPECT_EQ(id, id2);
	EXPECT_FAIL(name_to_handle_at(AT_FDCWD, "none", &b.h, &id, 0), ENOENT);
	EXPECT_FAIL(name_to_handle_at(AT_FDCWD, "", &b.h, &id, 0), ENOENT);
	EXPECT_FAIL(name_to_handle_at(AT_FDCWD, "f", &b.h, &id, 0x40), EINVAL);
	EXPECT_FAIL(name_to_handle_at(BAD_FD, "f", &b.h, &id, 0), EBADF);
	EXPECT_FAIL(name_to_handle_at(AT_FDCWD, "f", BAD_PTR, &id, 0), EFAULT);
	b.h.handle_bytes = MAX_HANDLE_SZ + 1;
	EXPECT_FAIL(name_to_handle_at(AT_FDCWD, "f", &b.h, &id, 0), EINVAL);
}
