/* remap_file_pages: refuses private memory, takes a linear range back. */
#include "../lst.h"

static void run(void)
{
	static char pages[3 * 4096];
	int fd;
	char *m, *anon = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	pages[0] = 'a';
	pages[4096] = 'b';
	pages[8192] = 'c';
	fd = new_file("f", pages, sizeof(pages));
	m = MUST(mmap(NULL, sizeof(pages), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_FAIL(syscall(SYS_remap_file_pages, anon, 4096, 0, 1, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_remap_file_pages, m, 4096, PROT_READ, 1, 0), EINVAL);
	EXPECT_FAIL(syscall(SYS_remap_file_pages, NULL, 4096, 0, 1, 0), EINVAL);
	EXPECT_OK(syscall(SYS_remap_file_pages, m, 4096, 0, 0, 0));
	EXPECT(m[0] == 'a' && m[4096] == 'b' && m[8192] == 'c');
}
