/* union.c: the union file system: merging, copy-up, whiteouts, renamed lower directories, random
 * model check. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/stat.h"
#include "process/process.h"
#include "test/fs_env.h"

/* A lower layer with /f, /l -> f, /d/{x,y}, /d/sub/z, /empty; then the union of it at /u. */
static struct super_block *lower;

static void setup(void)
{
	struct super_block *upper, *sb;

	fs_env_init();
	CHECK_EQ(ramfs_create(&lower), 0);
	CHECK_EQ(CALL(mkdir, U("/low"), 0755), 0);
	CHECK_EQ(CALL(mkdir, U("/u"), 0755), 0);
	fs_env_mount(super_get(lower), "/low");
	CALL(mkdir, U("/low/d"), 0755);
	CALL(mkdir, U("/low/d/sub"), 0755);
	CALL(mkdir, U("/low/empty"), 0755);
	write_file("/low/f", "lower f");
	write_file("/low/d/x", "lower x");
	write_file("/low/d/y", "lower y");
	write_file("/low/d/sub/z", "lower z");
	CALL(symlink, U("f"), U("/low/l"));
	lower->readonly = true;
	CHECK_EQ(ramfs_create(&upper), 0);
	CHECK_EQ(unionfs_create(upper, lower, &sb), 0);
	fs_env_mount(sb, "/u");
}

static void lower_is_untouched(void)
{
	CHECK_STR(list_dir("/low"), "d empty f l");
	CHECK_STR(list_dir("/low/d"), "sub x y");
	CHECK_STR(read_file("/low/f"), "lower f");
	CHECK_STR(read_file("/low/d/x"), "lower x");
	CHECK_STR(read_file("/low/d/sub/z"), "lower z");
}

UNIT_TEST(unionfs, read_and_copy_up)
{
	uint64_t ino;
	long fd, late;

	setup();
	CHECK_STR(list_dir("/u"), "d empty f l");
	CHECK_STR(read_file("/u/l"), "lower f");
	ino = stat_of("/u/f")->st_ino;
	late = open_at("/u/f", O_RDONLY, 0);
	fd = open_at("/u/f", O_RDWR | O_APPEND, 0);
	CHECK_EQ(CALL(write, (uint64_t)fd, U(" more"), 5), 5);
	CHECK_STR(read_file("/u/f"), "lower f more");
	CHECK_EQ(CALL(read, (uint64_t)late, UBUF, 100), 12);
	CHECK_EQ(stat_of("/u/f")->st_ino, ino);
	CHECK_EQ(stat_of("/u/f")->st_size, 12);
	CHECK_EQ(CALL(chmod, U("/u/d/sub/z"), 0600), 0);
	CHECK_EQ(stat_of("/u/d/sub/z")->st_mode & 0777, 0600);
	CHECK_STR(read_file("/u/d/sub/z"), "lower z");
	CHECK_EQ(write_file("/u/d/new", "n"), 1);
	CHECK_STR(list_dir("/u/d"), "new sub x y");
	CHECK_EQ(CALL(truncate, U("/u/d/x"), 5), 0);
	CHECK_STR(read_file("/u/d/x"), "lower");
	dcache_prune(0);
	CHECK_EQ(stat_of("/u/f")->st_ino, ino);
	CHECK_STR(read_file("/u/d/x"), "lower");
	CHECK_EQ(CALL(setxattr, U("/u/d/y"), U("user.k"), U("v"), 1, 0), 0);
	CHECK_EQ(CALL(getxattr, U("/u/d/y"), U("user.k"), UBUF, 9), 1);
	lower_is_untouched();
	fs_env_exit();
}

UNIT_TEST(unionfs, whiteouts)
{
	setup();
	CHECK_EQ(CALL(unlink, U("/u/f")), 0);
	CHECK_EQ(open_at("/u/f", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(open_at("/u/l", O_RDONLY, 0), -ENOENT);
	CHECK_STR(list_dir("/u"), "d empty l");
	CHECK_EQ(CALL(rmdir, U("/u/d")), -ENOTEMPTY);
	CHECK_EQ(CALL(unlink, U("/u/d/x")), 0);
	CHECK_EQ(CALL(unlink, U("/u/d/y")), 0);
	CHECK_EQ(CALL(unlink, U("/u/d/sub/z")), 0);
	CHECK_EQ(CALL(rmdir, U("/u/d/sub")), 0);
	CHECK_STR(list_dir("/u/d"), "");
	CHECK_EQ(CALL(rmdir, U("/u/d")), 0);
	CHECK_EQ(CALL(mkdir, U("/u/d"), 0755), 0);
	CHECK_STR(list_dir("/u/d"), ""); /* opaque: the old content does not come back */
	CHECK_EQ(open_at("/u/d/x", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(write_file("/u/f", "again"), 5);
	CHECK_STR(read_file("/u/l"), "again");
	CHECK_EQ(CALL(unlink, U("/u/f")), 0);
	CHECK_EQ(open_at("/u/f", O_RDONLY, 0), -ENOENT);
	dcache_prune(0);
	CHECK_STR(list_dir("/u"), "d empty l");
	lower_is_untouched();
	fs_env_exit();
}

UNIT_TEST(unionfs, rename)
{
	setup();
	CHECK_EQ(CALL(rename, U("/u/d"), U("/u/moved")), 0);
	CHECK_STR(list_dir("/u"), "empty f l moved");
	CHECK_STR(read_file("/u/moved/x"), "lower x");
	CHECK_STR(read_file("/u/moved/sub/z"), "lower z");
	dcache_prune(0);
	CHECK_STR(read_file("/u/moved/sub/z"), "lower z");
	CHECK_EQ(write_file("/u/moved/sub/z", "up"), 2);
	CHECK_STR(read_file("/u/moved/sub/z"), "up");
	CHECK_EQ(CALL(rename, U("/u/moved/y"), U("/u/f")), 0);
	CHECK_STR(read_file("/u/f"), "lower y");
	CHECK_STR(list_dir("/u/moved"), "sub x");
	CHECK_EQ(CALL(unlink, U("/u/f")), 0);
	CHECK_EQ(open_at("/u/f", O_RDONLY, 0), -ENOENT);
	CHECK_EQ(CALL(mkdir, U("/u/d"), 0755), 0);
	CHECK_STR(list_dir("/u/d"), "");
	CHECK_EQ(CALL(rename, U("/u/d"), U("/u/empty")), 0);
	CHECK_EQ(CALL(rename, U("/u/empty"), U("/u/moved")), -ENOTEMPTY);
	CHECK_EQ(CALL(renameat2, (uint64_t)AT_FDCWD, U("/u/empty"), (uint64_t)AT_FDCWD,
		      U("/u/moved"), RENAME_EXCHANGE),
		 0);
	CHECK_STR(read_file("/u/empty/x"), "lower x");
	CHECK_STR(list_dir("/u/moved"), "");
	lower_is_untouched();
	fs_env_exit();
}

UNIT_TEST(unionfs, links_and_open_files)
{
	long fd;

	setup();
	CHECK_EQ(CALL(link, U("/u/f"), U("/u/g")), 0);
	CHECK_EQ(stat_of("/u/f")->st_nlink, 2);
	CHECK_EQ(stat_of("/u/f")->st_ino, stat_of("/u/g")->st_ino);
	CHECK_EQ(write_file("/u/g", "both"), 4);
	CHECK_STR(read_file("/u/f"), "both");
	fd = open_at("/u/d/x", O_RDONLY, 0);
	CHECK_EQ(CALL(unlink, U("/u/d/x")), 0);
	CHECK_EQ(CALL(read, (uint64_t)fd, UBUF, 100), 7);
	CHECK_EQ(CALL(fchmod, (uint64_t)fd, 0600), 0);
	CHECK_EQ(CALL(fstat, (uint64_t)fd, UBUF), 0);
	CHECK_EQ(((struct stat *)ubuf)->st_nlink, 0);
	CHECK_EQ(CALL(close, (uint64_t)fd), 0);
	CHECK_STR(list_dir("/u/d"), "sub y");
	fd = open_at("/u/d/sub", O_TMPFILE | O_RDWR, 0600);
	CHECK_EQ(CALL(write, (uint64_t)fd, U("t"), 1), 1);
	CHECK_EQ(CALL(linkat, (uint64_t)fd, U(""), (uint64_t)AT_FDCWD, U("/u/d/sub/t"),
		      AT_EMPTY_PATH),
		 0);
	CHECK_EQ(CALL(close, (uint64_t)fd), 0);
	CHECK_STR(list_dir("/u/d/sub"), "t z");
	CHECK_STR(read_file("/u/d/sub/t"), "t");
	lower_is_untouched();
	CHECK_EQ(CALL(umount2, U("/u"), 0), 0);
	fs_env_exit();
}

UNIT_TEST(unionfs, out_of_memory)
{
	setup();
	for (long fail = 0; fail < 120; fail++) {
		dcache_prune(0);
		unit_alloc_fail_after = fail;
		(void)CALL(chmod, U("/u/d/sub/z"), 0644);
		(void)CALL(rename, U("/u/d"), U("/u/e"));
		(void)CALL(unlink, U("/u/e/x"));
		(void)write_file("/u/e/x", "lower x");
		(void)CALL(link, U("/u/f"), U("/u/e/k"));
		(void)CALL(unlink, U("/u/f"));
		(void)CALL(rename, U("/u/e/k"), U("/u/f"));
		unit_alloc_fail_after = -1;
		CHECK_EQ(CALL(rename, U("/u/e"), U("/u/d")) % ENOENT, 0);
		(void)CALL(unlink, U("/u/d/k"));
		CHECK_STR(read_file("/u/d/sub/z"), "lower z");
		CHECK_STR(read_file("/u/d/y"), "lower y");
	}
	lower_is_untouched();
	CHECK_EQ(CALL(umount2, U("/u"), 0), 0);
	fs_env_exit();
}

/* The same random calls on a union and on a plain ramfs copy of its start must give the same
 * results. */
UNIT_TEST(unionfs, model)
{
	static const char *const parts[] = {"d", "f", "sub", "x", "y", "z", "empty", "n"};
	uint64_t x = 987654321;
	char n1[64], n2[64], m1[64], m2[64];

	setup();
	CALL(mkdir, U("/r"), 0755);
	CALL(mkdir, U("/r/d"), 0755);
	CALL(mkdir, U("/r/d/sub"), 0755);
	CALL(mkdir, U("/r/empty"), 0755);
	write_file("/r/f", "lower f");
	write_file("/r/d/x", "lower x");
	write_file("/r/d/y", "lower y");
	write_file("/r/d/sub/z", "lower z");
	CALL(symlink, U("f"), U("/r/l"));
	for (int round = 0; round < 20000; round++) {
		char *n[2] = {n1, n2}, *m[2] = {m1, m2};
		long a = 0, b = 0;

		for (int k = 0; k < 2; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			strlcpy(n[k], "/u", 64);
			strlcpy(m[k], "/r", 64);
			for (unsigned c = 0; c <= x % 3; c++) {
				strlcat(n[k], "/", 64);
				strlcat(m[k], "/", 64);
				strlcat(n[k], parts[x >> (8 + 3 * c) & 7], 64);
				strlcat(m[k], parts[x >> (8 + 3 * c) & 7], 64);
			}
		}
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		switch (x % 9) {
		case 0:
			a = CALL(mkdir, U(n1), 0755), b = CALL(mkdir, U(m1), 0755);
			break;
		case 1:
			a = CALL(rename, U(n1), U(n2)), b = CALL(rename, U(m1), U(m2));
			break;
		case 2:
			a = CALL(unlink, U(n1)), b = CALL(unlink, U(m1));
			break;
		case 3:
			a = CALL(rmdir, U(n1)), b = CALL(rmdir, U(m1));
			break;
		case 4:
			a = CALL(link, U(n1), U(n2)), b = CALL(link, U(m1), U(m2));
			break;
		case 5:
			a = write_file(n1, n1 + 3), b = write_file(m1, n1 + 3);
			break;
		case 6:
			a = CALL(renameat2, (uint64_t)AT_FDCWD, U(n1), (uint64_t)AT_FDCWD, U(n2),
				 RENAME_EXCHANGE);
			b = CALL(renameat2, (uint64_t)AT_FDCWD, U(m1), (uint64_t)AT_FDCWD, U(m2),
				 RENAME_EXCHANGE);
			break;
		case 7: {
			char copy[256];

			strlcpy(copy, read_file(n1), sizeof(copy));
			CHECK_STR(read_file(m1), copy);
			break;
		}
		case 8: {
			static char copy[65536];
			struct stat *st = stat_of(n1);

			if (!st || !S_ISDIR(st->st_mode))
				break;
			strlcpy(copy, list_dir(n1), sizeof(copy));
			CHECK_STR(list_dir(m1), copy);
			break;
		}
		}
		if (a != b)
			unit_fail(__FILE__, __LINE__, "round %d op %d %s %s: union %ld ramfs %ld",
				  round, (int)(x % 9), n1, n2, a, b);
		if (round % 500 == 0)
			dcache_prune(0);
	}
	lower_is_untouched();
	fs_env_exit();
}
