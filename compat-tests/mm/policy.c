/* Where memory lies, on a machine of one node or of which one only asks about node 0; keys; locking all. */
#include "../test.h"
#include <sys/mman.h>

enum { PAGE = 4096, POLICY_DEFAULT = 0, POLICY_PREFERRED = 1, MEMS_ALLOWED = 4 };

static char *map_page(void)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(p, MAP_FAILED);
	p[0] = 1;
	return p;
}

TEST(policies)
{
	unsigned long nodes[16] = { 0 };
	char *p = map_page();
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 0) && errno == ENOSYS)
		SKIP("no memory policies on this Linux");
	EXPECT_EQ(mode, POLICY_DEFAULT);
	EXPECT_OK(syscall(SYS_get_mempolicy, NULL, nodes, sizeof(nodes) * 8, NULL, MEMS_ALLOWED));
	EXPECT(nodes[0] & 1);
	EXPECT_OK(syscall(SYS_set_mempolicy, POLICY_DEFAULT, NULL, 0));
	EXPECT_ERRNO(syscall(SYS_set_mempolicy, 99, NULL, 0), EINVAL);
	EXPECT_OK(syscall(SYS_mbind, p, PAGE, POLICY_DEFAULT, NULL, 0, 0));
	EXPECT_ERRNO(syscall(SYS_mbind, p + 1, PAGE, POLICY_DEFAULT, NULL, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_mbind, p, PAGE, POLICY_DEFAULT, NULL, 0, 0x100), EINVAL);
	munmap(p, 2 * PAGE);
}

TEST(a_mapping_keeps_its_policy)
{
	enum { BIND = 2, LOCAL = 4, F_ADDR = 2 };
	unsigned long node0 = 1, nodes[16] = { 0 };
	char *p = map_page();
	int mode = -1;

	if (syscall(SYS_mbind, p, PAGE, BIND, &node0, 64, 0))
		SKIP("no policy for node 0 (%s)", strerror(errno));
	EXPECT_OK(syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, p, F_ADDR));
	EXPECT_EQ(mode, BIND);
	EXPECT_EQ(nodes[0], 1);
	EXPECT_OK(syscall(SYS_get_mempolicy, &mode, NULL, 0, p + PAGE, F_ADDR));
	EXPECT_EQ(mode, POLICY_DEFAULT); /* the other page */
	EXPECT_OK(syscall(SYS_mbind, p, 2 * PAGE, LOCAL, NULL, 0, 0));
	EXPECT_OK(syscall(SYS_get_mempolicy, &mode, NULL, 0, p + PAGE, F_ADDR));
	EXPECT_EQ(mode, LOCAL);
	EXPECT_ERRNO(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, F_ADDR), EFAULT);
	munmap(p, 2 * PAGE);
}

TEST(pages_of_this_process)
{
	unsigned long node0 = 1;
	char *p = map_page();
	void *pages[2] = { p, bad_ptr() };
	int status[2] = { -99, -99 };

	if (syscall(SYS_move_pages, 0, 2, pages, NULL, status, 0) && errno == ENOSYS)
		SKIP("no page migration on this Linux");
	EXPECT_GE(status[0], 0);
	EXPECT_EQ(status[1], -EFAULT);
	EXPECT_GE(EXPECT_OK(syscall(SYS_migrate_pages, 0, 64, &node0, &node0)), 0);
	EXPECT_ERRNO(syscall(SYS_move_pages, 0, 2, pages, NULL, status, 0x1000), EINVAL);
	munmap(p, 2 * PAGE);
}

TEST(keys)
{
	char *p = map_page();
	int key;

	EXPECT_OK(syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ, -1));
	EXPECT_EQ(p[0], 1);
	EXPECT_ERRNO(syscall(SYS_pkey_mprotect, p, PAGE, PROT_READ, 15), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pkey_alloc, 1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_pkey_free, 15), EINVAL);
	key = (int)syscall(SYS_pkey_alloc, 0, 0);
	EXPECT(key > 0 || errno == ENOSPC || errno == EINVAL); /* without the hardware */
	if (key > 0)
		EXPECT_OK(syscall(SYS_pkey_free, key));
	munmap(p, 2 * PAGE);
}

ROLE(lock_all)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return errno == ENOMEM || errno == EPERM ? 77 : 1;
	map_page()[PAGE] = 2;
	return munlockall() ? 2 : 0;
}

TEST(lock_all_memory)
{
	int status = wait_status(spawn_self("lock_all"));

	EXPECT(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
	EXPECT_ERRNO(mlockall(0), EINVAL);
	EXPECT_ERRNO(mlockall(0x100), EINVAL);
}

TEST(remap_file_pages)
{
	int fd = EXPECT_OK(memfd_create("m", 0));
	char *p;

	EXPECT_OK(ftruncate(fd, 2 * PAGE));
	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT_NE(p, MAP_FAILED);
	p[0] = 'a';
	EXPECT_OK(syscall(SYS_remap_file_pages, p, PAGE, 0, 0, 0));
	EXPECT_EQ(p[0], 'a');
	EXPECT_ERRNO(syscall(SYS_remap_file_pages, p, PAGE, PROT_READ, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_remap_file_pages, p, 0, 0, 0, 0), EINVAL);
	munmap(p, 2 * PAGE);
	close(fd);
}
