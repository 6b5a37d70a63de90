/* filemap.c: the page cache: sparse files, truncation, windows, reclaim, and a random model check;
 * pagetree. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/filemap.h"
#include "fs/inode.h"
#include "fs/pagetree.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/stat.h"
#include "process/process.h"
#include "test/fs_env.h"

UNIT_TEST(filemap, pagetree)
{
	static const uint64_t keys[] = {0, 1, 63, 64, 4095, 4096, 1UL << 30, 1UL << 52, UINT64_MAX};
	struct pagetree t = {0};
	uint64_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		CHECK_EQ(pagetree_set(&t, keys[i], (void *)&keys[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		CHECK(pagetree_get(&t, keys[i]) == &keys[i]);
	CHECK(!pagetree_get(&t, 2));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++, at++) {
		CHECK(pagetree_next(&t, &at) == &keys[i]);
		CHECK_EQ(at, keys[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		CHECK(pagetree_remove(&t, keys[i]) == &keys[i]);
	CHECK(!t.root && !t.height);
	/* no memory: nothing leaks, nothing is half there */
	for (long fail = 0; fail < 12; fail++) {
		unit_alloc_fail_after = fail;
		int err = pagetree_set(&t, UINT64_MAX, &t);

		unit_alloc_fail_after = -1;
		CHECK(err == 0 || err == -ENOMEM);
		if (!err)
			pagetree_remove(&t, UINT64_MAX);
	}
}

UNIT_TEST(filemap, sparse)
{
	long fd;

	fs_env_init();
	fd = open_at("/f", O_CREAT | O_RDWR, 0644);
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, U("end"), 3, 1UL << 40), 3);
	CHECK_EQ(stat_of("/f")->st_size, (1L << 40) + 3);
	CHECK_EQ(stat_of("/f")->st_blocks, 8);
	CHECK_EQ(CALL(lseek, (uint64_t)fd, 0, SEEK_DATA), 1L << 40);
	CHECK_EQ(CALL(lseek, (uint64_t)fd, 0, SEEK_HOLE), 0);
	CHECK_EQ(CALL(lseek, (uint64_t)fd, 1L << 40, SEEK_HOLE), (1L << 40) + 3);
	CHECK_EQ(CALL(lseek, (uint64_t)fd, 1L << 41, SEEK_DATA), -ENXIO);
	memset(ubuf, 1, 10);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 10, 5), 10);
	CHECK_EQ(ubuf[9], 0);
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 0), 0);
	CHECK_EQ(stat_of("/f")->st_blocks, 0);
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, U("abcdef"), 6, 0), 6);
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 2), 0);
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 6), 0);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 10, 0), 6);
	CHECK_EQ(memcmp(ubuf, "ab\0\0\0\0", 6), 0);
	CHECK_EQ(CALL(fallocate, (uint64_t)fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1),
		 0);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 10, 0), 6);
	CHECK_EQ(memcmp(ubuf, "\0b", 2), 0);
	CHECK_EQ(CALL(fallocate, (uint64_t)fd, 0, 0, 10000), 0);
	CHECK_EQ(stat_of("/f")->st_size, 10000);
	CHECK_EQ(stat_of("/f")->st_blocks, 24);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, 1, 10, 0), -EFAULT);
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, 1, 10, 0), -EFAULT);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 10, (uint64_t)-1), -EINVAL);
	fs_env_exit();
}

#define MODEL_SIZE 40000u

/* Writes, truncations, holes and reads at random against a plain array. */
UNIT_TEST(filemap, model)
{
	static char model[MODEL_SIZE];
	uint64_t x = 1234567, size = 0;
	long fd;

	fs_env_init();
	fd = open_at("/f", O_CREAT | O_RDWR, 0644);
	for (int round = 0; round < 4000; round++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		uint64_t off = x % 30000, len = (x >> 20) % 9000 + 1;

		switch (x >> 40 & 7) {
		case 0:
			CHECK_EQ(CALL(ftruncate, (uint64_t)fd, off), 0);
			if (off < size)
				memset(model + off, 0, size - off);
			size = off;
			break;
		case 1:
			CHECK_EQ(CALL(fallocate, (uint64_t)fd,
				      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, len),
				 0);
			memset(model + off, 0, len);
			break;
		case 2:
		case 3:
		case 4:
			memset(ubuf, (int)(x >> 50), len);
			CHECK_EQ(CALL(pwrite64, (uint64_t)fd, UBUF, len, off), len);
			memset(model + off, (int)(x >> 50), len);
			size = MAX(size, off + len);
			break;
		default:
			len = off >= size ? 0 : MIN(len, size - off);
			CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, len, off), len);
			CHECK_EQ(memcmp(ubuf, model + off, len), 0);
		}
	}
	fs_env_exit();
}

UNIT_TEST(filemap, windows)
{
	struct inode *i;
	struct path p;
	char *win;
	long fd;

	fs_env_init();
	win = (char *)ALIGN_UP((uintptr_t)ubuf + 0x10000, PAGE_SIZE);
	fd = open_at("/f", O_CREAT | O_RDWR, 0644);
	CHECK_EQ(CALL(write, (uint64_t)fd, U("first"), 5), 5);
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 3 * PAGE_SIZE), 0);
	CHECK_EQ(path_lookup(AT_FDCWD, "/f", 0, &p), 0);
	i = p.dentry->inode;
	memset(win, 0x55, 4 * PAGE_SIZE);
	CHECK_EQ(filemap_window_open(i, 0, 4, (uaddr_t)win), 0);
	CHECK_STR(win, "first");
	CHECK_EQ(win[2 * PAGE_SIZE], 0);
	CHECK_EQ(win[3 * PAGE_SIZE], 0);
	CHECK_EQ(filemap_window_open(i, 3, 1, (uaddr_t)win), -EBUSY);
	win[PAGE_SIZE] = 'w'; /* a store through the mapping */
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 1, PAGE_SIZE), 1);
	CHECK_EQ(ubuf[0], 'w');
	CHECK_EQ(CALL(pwrite64, (uint64_t)fd, U("second"), 6, 0), 6);
	CHECK_STR(win, "second");
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 4 * PAGE_SIZE), 0);
	win[3 * PAGE_SIZE] = 'x';
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 1, 3 * PAGE_SIZE), 1);
	CHECK_EQ(ubuf[0], 'x');
	filemap_window_close(i, 1, 1); /* a hole in the middle */
	win[PAGE_SIZE] = '!';
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 1, PAGE_SIZE), 1);
	CHECK_EQ(ubuf[0], 'w');
	win[2 * PAGE_SIZE] = 'y';
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 1, 2 * PAGE_SIZE), 1);
	CHECK_EQ(ubuf[0], 'y');
	filemap_window_close(i, 0, 4);
	CHECK(list_empty(&i->map->windows));
	CHECK_EQ(filemap_window_open(i, 0, 2, (uaddr_t)win), 0);
	CHECK_EQ(filemap_window_open(i, 2, 2, (uaddr_t)win + 2 * PAGE_SIZE), 0);
	CHECK(i->map->windows.next->next == &i->map->windows); /* neighbours became one */
	CHECK_EQ(CALL(ftruncate, (uint64_t)fd, 10), 0);
	filemap_window_close(i, 0, 4);
	CHECK_EQ(CALL(pread64, (uint64_t)fd, UBUF, 100, 0), 10);
	CHECK_STR(ubuf, "second");
	path_put(&p);
	fs_env_exit();
}

/* A file system that makes up its content, to see caching, reclaim and errors. */
static unsigned reads, writes;
static bool broken;

static int fake_readpage(struct inode *i, uint64_t index, void *page)
{
	(void)i;
	reads++;
	memset(page, (int)('A' + index % 26), PAGE_SIZE);
	return broken ? -EIO : 0;
}

static int fake_writepage(struct inode *i, uint64_t index, const void *page, size_t len)
{
	(void)i;
	(void)index;
	(void)page;
	writes += (unsigned)len;
	return 0;
}

/* What lies in a window is written back only if somebody may have stored there, and stays cached. */
static void check_window_of_backed(struct inode *i)
{
	char *win = (char *)ALIGN_UP((uintptr_t)ubuf + 0x10000, PAGE_SIZE);
	unsigned r, w = writes;
	int err;

	CHECK_EQ(filemap_window_open(i, 4, 2, (uaddr_t)win), 0);
	r = reads;
	CHECK_EQ(win[PAGE_SIZE], 'F');
	filemap_window_close(i, 4, 2);
	CHECK_EQ(writes, w);
	win[0] = '!';
	CHECK_EQ(*(char *)filemap_page(i, 4, &err), 'E');
	CHECK_EQ(reads, r);
	CHECK_EQ(filemap_window_open(i, 4, 2, (uaddr_t)win), 0);
	filemap_window_stores(i);
	win[0] = 's';
	filemap_window_close(i, 4, 2);
	CHECK_EQ(writes, w + 2 * PAGE_SIZE);
	CHECK_EQ(*(char *)filemap_page(i, 4, &err), 's');
	CHECK_EQ(filemap_window_open(i, 4, 2, (uaddr_t)win), 0);
	filemap_window_close(i, 4, 2);
	CHECK_EQ(writes, w + 2 * PAGE_SIZE); /* as before, once no window is left */
	writes = w;
	filemap_invalidate(i, 0, SIZE_MAX);
}

UNIT_TEST(filemap, backed)
{
	static const struct inode_ops ops = {.readpage = fake_readpage,
					     .writepage = fake_writepage};
	struct super_block sb = {.fstype = "fake"};
	struct inode *i;
	struct file *f;
	char buf[8];
	int err;

	fs_env_init();
	i = inode_alloc(&sb, S_IFREG | 0644);
	i->ops = &ops;
	i->size = 300 * PAGE_SIZE + 5;
	f = file_alloc(&filemap_file_ops, O_RDWR, NULL, i);
	CHECK_EQ(file_pread(f, buf, 8, 2 * PAGE_SIZE - 4), 8);
	CHECK_EQ(memcmp(buf, "BBBBCCCC", 8), 0);
	CHECK_EQ(reads, 2);
	CHECK_EQ(file_pread(f, buf, 8, 300 * PAGE_SIZE), 5);
	check_window_of_backed(i);
	filemap_set_cap(64);
	for (uint64_t k = 0; k < 300; k++)
		CHECK_EQ(((char *)filemap_page(i, k, &err))[7], (char)('A' + k % 26));
	CHECK(filemap_resident(i) <= 64 + 1);
	CHECK(!filemap_page(i, 301, &err));
	CHECK_EQ(err, -EFAULT);
	broken = true;
	CHECK(!filemap_page(i, 1, &err));
	CHECK_EQ(err, -EIO);
	CHECK_EQ(file_pread(f, buf, 8, 1 * PAGE_SIZE), -EIO);
	broken = false;
	CHECK_EQ(file_pwrite(f, "xy", 2, PAGE_SIZE), 2);
	filemap_invalidate(i, 0, SIZE_MAX);
	CHECK_EQ(file_pread(f, buf, 4, PAGE_SIZE), 4);
	CHECK_EQ(memcmp(buf, "xyBB", 4), 0);
	CHECK_EQ(filemap_writeback(i, 0, SIZE_MAX), 0);
	CHECK_EQ(writes, PAGE_SIZE);
	filemap_truncate(i, PAGE_SIZE + 10);
	CHECK_EQ(filemap_resident(i), 1);
	file_put(f);
	inode_put(i);
	CHECK_EQ(filemap_total_pages(), 0);
	fs_env_exit();
}

UNIT_TEST(filemap, copy_calls)
{
	uint64_t *off;
	long a, b;

	fs_env_init();
	off = (void *)(ubuf + 128);
	write_file("/a", "0123456789");
	a = open_at("/a", O_RDWR, 0);
	b = open_at("/b", O_CREAT | O_RDWR, 0644);
	CHECK_EQ(CALL(sendfile, (uint64_t)b, (uint64_t)a, 0, 4), 4);
	CHECK_EQ(CALL(lseek, (uint64_t)a, 0, SEEK_CUR), 4);
	*off = 8;
	CHECK_EQ(CALL(sendfile, (uint64_t)b, (uint64_t)a, (uint64_t)(uintptr_t)off, 100), 2);
	CHECK_EQ(*off, 10);
	CHECK_STR(read_file("/b"), "012389");
	*off = 0;
	CHECK_EQ(CALL(copy_file_range, (uint64_t)a, (uint64_t)(uintptr_t)off, (uint64_t)b, 0, 3, 0),
		 3);
	CHECK_STR(read_file("/b"), "012389012");
	*off = 1;
	CHECK_EQ(CALL(copy_file_range, (uint64_t)a, (uint64_t)(uintptr_t)off, (uint64_t)a, 0, 9, 0),
		 -EINVAL);
	CHECK_EQ(CALL(splice, (uint64_t)a, 0, (uint64_t)b, 0, 3, 0), -EINVAL);
	CHECK_EQ(CALL(sendfile, (uint64_t)b, 99, 0, 4), -EBADF);
	fs_env_exit();
}
