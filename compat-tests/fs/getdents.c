/*
 * getdents64(2) by hand: record layout, dot entries, types, small buffers, resuming, seeking to
 * d_off, refusals.
 */
#include "../test.h"
#include <dirent.h>

struct record {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

enum { NFILES = 200 };

static long getdents(int fd, void *buf, size_t size)
{
	return syscall(SYS_getdents64, fd, buf, size);
}

static int make_dir(void)
{
	char name[32];

	for (int i = 0; i < NFILES; i++) {
		snprintf(name, sizeof(name), "file-%0*d", i % 9 + 3, i);
		close(tmp_file(name, "", 0));
	}
	return EXPECT_OK(open(test_tmpdir(), O_RDONLY | O_DIRECTORY));
}

TEST(every_name_once_with_small_buffers)
{
	bool seen[NFILES] = { false };
	_Alignas(8) char buf[128];
	int fd = make_dir(), dots = 0, files = 0;
	long n;

	while ((n = EXPECT_OK(getdents(fd, buf, sizeof(buf)))) > 0) {
		for (long at = 0; at < n;) {
			struct record *r = (struct record *)(buf + at);

			EXPECT_EQ(r->reclen % 8, 0);
			EXPECT_GT(r->reclen, offsetof(struct record, name) + strlen(r->name));
			EXPECT_NE(r->ino, 0);
			at += r->reclen;
			EXPECT_LE(at, n);
			if (r->name[0] == '.') {
				dots++;
				continue;
			}
			int i = atoi(r->name + 5);
			EXPECT(i >= 0 && i < NFILES && !seen[i]);
			EXPECT(r->type == DT_REG || r->type == DT_UNKNOWN);
			seen[i] = true;
			files++;
		}
	}
	EXPECT_EQ(files, NFILES);
	EXPECT_EQ(dots, 2);
	EXPECT_EQ(getdents(fd, buf, sizeof(buf)), 0);
	close(fd);
}

TEST(inode_numbers_match_stat)
{
	struct dirent *e;
	struct stat st;
	DIR *d;

	close(tmp_file("f", "", 0));
	EXPECT_OK(mkdir(tmp_path("d"), 0755));
	EXPECT_OK(symlink("f", tmp_path("l")));
	EXPECT((d = opendir(test_tmpdir())) != NULL);
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".."))
			continue;
		EXPECT_OK(fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW));
		EXPECT_EQ(st.st_ino, e->d_ino);
		EXPECT(e->d_type == IFTODT(st.st_mode) || e->d_type == DT_UNKNOWN);
	}
	closedir(d);
}

TEST(seek_to_a_saved_position)
{
	_Alignas(8) char buf[32768], again[32768];
	int fd = make_dir();
	long n = EXPECT_OK(getdents(fd, buf, sizeof(buf)));
	struct record *first = (struct record *)buf;
	struct record *second = (struct record *)(buf + first->reclen);

	EXPECT_GT(n, first->reclen);
	EXPECT_OK(lseek(fd, first->off, SEEK_SET));
	EXPECT_GT(getdents(fd, again, sizeof(again)), 0);
	EXPECT_STR(((struct record *)again)->name, second->name);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(getdents(fd, again, sizeof(again)), n);
	EXPECT_STR(((struct record *)again)->name, first->name);
	close(fd);
}

TEST(refusals)
{
	_Alignas(8) char buf[1024];
	int fd = tmp_file("f", "", 0), d = EXPECT_OK(open(test_tmpdir(), O_RDONLY));

	EXPECT_ERRNO(getdents(fd, buf, sizeof(buf)), ENOTDIR);
	EXPECT_ERRNO(getdents(-1, buf, sizeof(buf)), EBADF);
	EXPECT_ERRNO(getdents(d, buf, 8), EINVAL);
	EXPECT_ERRNO(getdents(d, bad_ptr(), sizeof(buf)), EFAULT);
	EXPECT_GT(getdents(d, buf, sizeof(buf)), 0);
	close(d);
	close(fd);
}

TEST(removed_directory)
{
	_Alignas(8) char buf[1024];
	int d;

	EXPECT_OK(mkdir(tmp_path("gone"), 0755));
	d = EXPECT_OK(open(tmp_path("gone"), O_RDONLY));
	EXPECT_OK(rmdir(tmp_path("gone")));
	EXPECT_ERRNO(getdents(d, buf, sizeof(buf)), ENOENT);
	close(d);
}

TEST(unlink_while_reading)
{
	char name[64];
	int removed = 0;
	struct dirent *e;
	DIR *d;

	close(make_dir());
	EXPECT((d = opendir(test_tmpdir())) != NULL);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%.60s", e->d_name);
		EXPECT_OK(unlinkat(dirfd(d), name, 0));
		removed++;
	}
	EXPECT_EQ(removed, NFILES);
	closedir(d);
	EXPECT_OK(mkdir(tmp_path("x"), 0755));
}
