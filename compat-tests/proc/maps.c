/*
 * /proc/self/maps follows mmap, mprotect and munmap: ranges, permissions, files with offset and
 * inode, sorted and without overlaps, named areas.
 */
#include "proc.h"
#include <sys/mman.h>
#include <sys/sysmacros.h>

struct mapping {
	uintptr_t start, end;
	char perms[8], path[PATH_MAX];
	unsigned long off, ino;
	unsigned int major, minor;
};

/* The mapping that holds this address; false if none. */
static bool find(uintptr_t addr, struct mapping *m)
{
	char *text = proc_read("/proc/self/maps");

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		m->path[0] = 0;
		EXPECT_GE(sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %4095[^\n]", &m->start, &m->end,
				 m->perms, &m->off, &m->major, &m->minor, &m->ino, m->path),
			  7);
		if (addr >= m->start && addr < m->end)
			return true;
	}
	return false;
}

static void expect_mapping(void *addr, size_t len, const char *perms)
{
	struct mapping m;

	EXPECT(find((uintptr_t)addr, &m));
	EXPECT_LE(m.start, (uintptr_t)addr);
	EXPECT_GE(m.end, (uintptr_t)addr + len);
	EXPECT_STR(m.perms, perms);
}

TEST(anonymous)
{
	struct mapping m;
	char *p = EXPECT_OK(
		mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	expect_mapping(p, 1 << 16, "rw-p");
	EXPECT_OK(munmap(p, 1 << 16));
	EXPECT(!find((uintptr_t)p, &m));
}

TEST(mprotect_splits)
{
	struct mapping m;
	char *p = EXPECT_OK(
		mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_OK(mprotect(p + 4096, 4096, PROT_READ));
	EXPECT_OK(mprotect(p + 3 * 4096, 4096, PROT_NONE));
	expect_mapping(p, 4096, "rw-p");
	EXPECT(find((uintptr_t)p + 4096, &m));
	EXPECT_EQ(m.start, p + 4096);
	EXPECT_EQ(m.end, p + 8192);
	EXPECT_STR(m.perms, "r--p");
	expect_mapping(p + 8192, 4096, "rw-p");
	expect_mapping(p + 3 * 4096, 4096, "---p");
	EXPECT_OK(munmap(p + 8192, 4096));
	EXPECT(!find((uintptr_t)p + 8192, &m));
	expect_mapping(p + 4096, 4096, "r--p");
	munmap(p, 5 * 4096);
}

TEST(file_mapping)
{
	struct mapping m;
	struct stat st;
	char real[PATH_MAX];
	int fd = tmp_file("mapped file", NULL, 0);
	char *p;

	EXPECT_OK(ftruncate(fd, 16384));
	EXPECT(realpath(tmp_path("mapped file"), real) != NULL);
	p = EXPECT_OK(mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 4096));
	EXPECT(find((uintptr_t)p, &m));
	EXPECT_EQ(m.start, p);
	EXPECT_EQ(m.end, p + 8192);
	EXPECT_STR(m.perms, "r--s");
	EXPECT_EQ(m.off, 4096);
	EXPECT_STR(m.path, real);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(m.ino, st.st_ino);
	EXPECT_EQ(makedev(m.major, m.minor), st.st_dev);
	close(fd);
	EXPECT_OK(unlink(tmp_path("mapped file")));
	EXPECT(find((uintptr_t)p, &m));
	EXPECT_STR(m.path + strlen(real), " (deleted)");
	munmap(p, 8192);
}

TEST(program_and_stack)
{
	char exe[PATH_MAX];
	struct mapping m;
	ssize_t n = EXPECT_OK(readlink("/proc/self/exe", exe, sizeof(exe) - 1));

	exe[n] = 0;
	EXPECT(find((uintptr_t)test_run_program_and_stack, &m));
	EXPECT_STR(m.perms, "r-xp");
	EXPECT_STR(m.path, exe);
	EXPECT(find((uintptr_t)&proc_buf, &m));
	EXPECT_STR(m.perms, "rw-p");
	EXPECT(find((uintptr_t)&m, &m));
	EXPECT_STR(m.perms, "rw-p");
	EXPECT_STR(m.path, "[stack]");
	EXPECT(find((uintptr_t)printf, &m));
	EXPECT(strstr(m.path, "libc") != NULL);
}

TEST(heap)
{
	struct mapping m;
	char *end = sbrk(0);

	EXPECT_EQ(sbrk(65536), end);
	EXPECT(find((uintptr_t)end, &m));
	EXPECT_STR(m.path, "[heap]");
	EXPECT_STR(m.perms, "rw-p");
	EXPECT_EQ(m.end, (uintptr_t)end + 65536);
}

TEST(sorted_without_overlaps)
{
	uintptr_t start, end, last = 0;
	int lines = 0;

	for (char *line = strtok(proc_read("/proc/self/maps"), "\n"); line;
	     line = strtok(NULL, "\n")) {
		EXPECT_EQ(sscanf(line, "%lx-%lx ", &start, &end), 2);
		EXPECT_LT(start, end);
		EXPECT_EQ(start % 4096 + end % 4096, 0);
		if (!strstr(line, "[vsyscall]"))
			EXPECT_GE(start, last);
		last = end;
		lines++;
	}
	EXPECT_GT(lines, 8);
}

TEST(read_in_small_pieces)
{
	char piece[7];
	size_t at = 0;
	ssize_t n;
	struct mapping m;
	int fd = EXPECT_OK(open("/proc/self/maps", O_RDONLY));

	while ((n = EXPECT_OK(read(fd, piece, sizeof(piece)))) > 0) {
		memcpy(proc_buf + at, piece, n);
		at += n;
	}
	proc_buf[at] = 0;
	close(fd);
	EXPECT(strstr(proc_buf, "[stack]\n") != NULL);
	EXPECT_EQ(proc_buf[at - 1], '\n');
	EXPECT(find((uintptr_t)&m, &m));
}
