/* hostfs.c (test): the host file system against a host that lies: about sizes, names, numbers, types.
 *
 * The host is a table of nodes by path. Each test bends one answer; what counts is that the LibOS answers
 * with an error or with something well-formed, and that nothing is read or kept out of bounds. */
#include "fs/hostfs/hostfs.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "test/unit.h"
#include "vm/vm.h"

static struct fake {
	const char *path;
	struct host_stat st;
	const char *content;
} fakes[16];
static int nfakes, stats_asked, opens_asked, fds_open;
static size_t listing_size;
static char listing[4096];
static ssize_t (*pread_lie)(void *buf, size_t n, uint64_t off);
static const char *link_target;
static ssize_t link_len;
static char last_op[256];

static struct fake *fake_add(const char *path, uint64_t ino, uint32_t mode, const char *content)
{
	struct fake *f = &fakes[nfakes++];

	*f = (struct fake){ .path = path, .content = content };
	f->st = (struct host_stat){ .dev = 8, .ino = ino, .mode = mode, .nlink = 1, .mtime_sec = 1,
				    .size = content ? strlen(content) : 0, .blksize = 4096 };
	return f;
}

static struct fake *fake_find(const char *path)
{
	for (int i = 0; i < nfakes; i++) {
		if (fakes[i].path && strcmp(fakes[i].path, path) == 0)
			return &fakes[i];
	}
	return NULL;
}

int host_lstat(const char *path, struct host_stat *st)
{
	struct fake *f = fake_find(path);

	stats_asked++;
	if (!f)
		return -ENOENT;
	*st = f->st;
	return 0;
}

int host_open(const char *path, unsigned flags, unsigned mode)
{
	struct fake *f = fake_find(path);

	opens_asked++;
	if (!f && flags & O_CREAT)
		f = fake_add(path, 777, S_IFREG | mode, "");
	if (!f)
		return -ENOENT;
	fds_open++;
	return 100 + (int)(f - fakes);
}

void host_close(int fd)
{
	CHECK(fd >= 100);
	fds_open--;
}

int host_fstat(int fd, struct host_stat *st)
{
	*st = fakes[fd - 100].st;
	return 0;
}

ssize_t host_pread(int fd, void *buf, size_t n, uint64_t off)
{
	const struct fake *f = &fakes[fd - 100];
	size_t len = strlen(f->content);

	if (pread_lie)
		return pread_lie(buf, n, off);
	if (off >= len)
		return 0;
	n = MIN(n, len - off);
	memcpy(buf, f->content + off, n);
	return (ssize_t)n;
}

ssize_t host_pwrite(int fd, const void *buf, size_t n, uint64_t off)
{
	static char written[8192];
	struct fake *f = &fakes[fd - 100];

	memcpy(written + off, buf, n);
	written[off + n] = 0;
	f->content = written;
	f->st.size = MAX(f->st.size, off + n);
	f->st.mtime_sec++;
	return (ssize_t)n;
}

ssize_t host_append(int fd, const void *buf, size_t n, uint64_t *end)
{
	*end = fakes[fd - 100].st.size + n;
	return host_pwrite(fd, buf, n, *end - n);
}

ssize_t host_getdents(int fd, void *buf, size_t n, uint64_t *cookie)
{
	(void)fd;
	if (*cookie || !listing_size)
		return 0;
	CHECK(n >= listing_size);
	memcpy(buf, listing, listing_size);
	*cookie = 99;
	return (ssize_t)listing_size;
}

ssize_t host_readlink(const char *path, char *buf, size_t size)
{
	(void)path;
	memcpy(buf, link_target, MIN(size, strlen(link_target) + 1));
	return link_len;
}

int host_path_op(enum host_path_op op, const char *path, const char *path2, unsigned mode)
{
	struct fake *f = fake_find(path);

	(void)mode;
	snprintf(last_op, sizeof(last_op), "%d %s %s", op, path, path2 ? path2 : "");
	if (f && (op == HOST_UNLINK || op == HOST_RMDIR))
		f->path = NULL;
	if (f && op == HOST_RENAME)
		f->path = path2[0] == '/' ? strchr(path2, 0) - strlen(path2) : path2;
	return 0;
}

int host_setattr(const char *path, struct ocall_setattr *a)
{
	struct fake *f = fake_find(path);

	if (!f)
		return -ENOENT;
	if (a->valid & ATTR_SIZE)
		f->st.size = a->size;
	if (a->valid & ATTR_MODE)
		f->st.mode = (f->st.mode & S_IFMT) | a->mode;
	return 0;
}

int host_fsync(int fd)
{
	(void)fd;
	return 0;
}

int host_statfs(const char *path, struct ocall_statfs *out)
{
	(void)path;
	*out = (struct ocall_statfs){ .type = 0xef53, .bsize = 4096, .blocks = 10 };
	return 0;
}

struct site_table *host_sites(const char *path)
{
	(void)path;
	return NULL;
}

/* As much of fs/file.c as is needed here. */
struct file *file_alloc(const struct file_ops *ops, unsigned flags, const struct path *path, struct inode *inode)
{
	struct file *f = kzalloc(sizeof(*f));

	(void)path;
	*f = (struct file){ .ref = 1, .ops = ops, .flags = flags, .inode = inode_get(inode) };
	return f;
}

void file_put(struct file *f)
{
	if (f->priv && f->ops->release)
		f->ops->release(f);
	inode_put(f->inode);
	kfree(f);
}

loff_t file_lseek_regular(struct file *f, loff_t off, int whence)
{
	(void)whence;
	return f->pos = off;
}

int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	(void)s, (void)addr, (void)len, (void)prot;
	return 0;
}

void vm_window_write_begin(uaddr_t page) { (void)page; }
void vm_window_write_end(uaddr_t page) { (void)page; }

static struct super_block *sb;
static struct inode *root;

static void start(bool readonly)
{
	nfakes = stats_asked = opens_asked = fds_open = 0;
	listing_size = 0;
	pread_lie = NULL;
	fake_add("/top//.", 2, S_IFDIR | 0755, NULL);
	fake_add("/top", 2, S_IFDIR | 0755, NULL);
	CHECK_EQ(hostfs_create("/top/", readonly, &sb), 0);
	root = sb->root->inode;
}

static int look(struct inode *dir, const char *name, struct inode **out)
{
	return dir->ops->lookup(dir, name, out);
}

static struct inode *must_look(struct inode *dir, const char *name)
{
	struct inode *i = NULL;

	CHECK_EQ(look(dir, name, &i), 0);
	return i;
}

static ssize_t read_at(struct inode *i, char *buf, size_t n, loff_t pos)
{
	struct file *f = file_alloc(i->fops, O_RDONLY, NULL, i);
	struct iov_iter it;
	ssize_t got = i->fops->open(i, f);

	if (!got) {
		iov_iter_kernel(&it, buf, n);
		got = i->fops->read(f, &it, &pos);
	}
	file_put(f);
	return got;
}

UNIT_TEST(hostfs, lookup_and_read)
{
	struct inode *i, *again;
	char buf[64];

	start(true);
	fake_add("/top/file", 10, S_IFREG | 0644, "hello world");
	i = must_look(root, "file");
	CHECK_EQ(i->size, 11);
	CHECK_EQ(read_at(i, buf, sizeof(buf), 0), 11);
	CHECK(memcmp(buf, "hello world", 11) == 0);
	CHECK_EQ(read_at(i, buf, 5, 6), 5);
	CHECK_EQ(read_at(i, buf, 5, 11), 0);
	again = must_look(root, "file");
	CHECK(again == i);
	CHECK_EQ(opens_asked, 1); /* the descriptor is kept */
	inode_put(again);
	inode_put(i);
	CHECK_EQ(fds_open, 0);
	CHECK_EQ(look(root, "none", &i), -ENOENT);
}

UNIT_TEST(hostfs, change_is_seen)
{
	struct inode *i;
	uint64_t version;
	char buf[16];

	start(true);
	fake_add("/top/file", 10, S_IFREG | 0644, "old");
	i = must_look(root, "file");
	CHECK_EQ(read_at(i, buf, 16, 0), 3);
	version = i->version;
	fakes[2].content = "newer";
	fakes[2].st.size = 5;
	fakes[2].st.mtime_sec = 2;
	unit_now += NSEC_PER_SEC;
	CHECK(i->ops->revalidate(i));
	CHECK(i->version != version);
	CHECK_EQ(read_at(i, buf, 16, 0), 5);
	CHECK(memcmp(buf, "newer", 5) == 0);
	fakes[2].st.ino = 11; /* another file took the name */
	unit_now += NSEC_PER_SEC;
	CHECK(!i->ops->revalidate(i));
	fakes[2].path = NULL;
	unit_now += NSEC_PER_SEC;
	CHECK(!i->ops->revalidate(i));
	inode_put(i);
}

UNIT_TEST(hostfs, revalidation_is_rare)
{
	struct inode *i;
	int before;

	start(true);
	fake_add("/top/file", 10, S_IFREG | 0644, "x");
	i = must_look(root, "file");
	before = stats_asked;
	for (int k = 0; k < 1000; k++)
		CHECK(i->ops->revalidate(i));
	CHECK_EQ(stats_asked, before);
	inode_put(i);
}

UNIT_TEST(hostfs, impossible_stat)
{
	struct inode *i;
	struct fake *f;

	start(true);
	f = fake_add("/top/bad", 10, S_IFREG | 0644, "x");
	f->st.size = UINT64_MAX;
	CHECK_EQ(look(root, "bad", &i), -EIO);
	f->st.size = 1;
	f->st.mode = 0170000;
	CHECK_EQ(look(root, "bad", &i), -EIO);
	f->st.mode = 0;
	CHECK_EQ(look(root, "bad", &i), -EIO);
	f->st.mode = S_IFREG;
	f->st.mtime_nsec = 2000000000;
	CHECK_EQ(look(root, "bad", &i), -EIO);
}

/* The same number for a file and then a directory, and for a directory and its own child. */
UNIT_TEST(hostfs, numbers_that_lie)
{
	struct inode *file, *dir, *sub, *deep;

	start(true);
	fake_add("/top/file", 10, S_IFREG | 0644, "x");
	file = must_look(root, "file");
	fake_add("/top/dir", 10, S_IFDIR | 0755, NULL);
	dir = must_look(root, "dir");
	CHECK(file != dir && S_ISREG(file->mode) && S_ISDIR(dir->mode));
	fake_add("/top/dir/sub", 10, S_IFDIR | 0755, NULL);
	sub = must_look(dir, "sub");
	CHECK(sub != dir);
	fake_add("/top/dir/sub/root", 2, S_IFDIR | 0755, NULL);
	deep = must_look(sub, "root");
	CHECK(deep != root);
	CHECK_STR(hostfs_path(deep, NULL, 0), "/top/dir/sub/root");
	CHECK_STR(hostfs_path(root, NULL, 0), "/top");
	inode_put(deep);
	inode_put(sub);
	inode_put(dir);
	inode_put(file);
}

static ssize_t half(void *buf, size_t n, uint64_t off)
{
	(void)off;
	memset(buf, 'h', n / 2);
	return (ssize_t)(n / 2);
}

static ssize_t fails(void *buf, size_t n, uint64_t off)
{
	(void)buf, (void)n, (void)off;
	return -EIO;
}

UNIT_TEST(hostfs, short_reads)
{
	struct inode *i;
	struct fake *f;
	char buf[16];

	start(true);
	f = fake_add("/top/file", 10, S_IFREG | 0644, "x");
	f->st.size = 4096;
	pread_lie = half;
	i = must_look(root, "file");
	CHECK_EQ(read_at(i, buf, 16, 4000), 16);
	CHECK_EQ(buf[0], 0); /* never what lay in the page before */
	inode_put(i);
	f->st.ino = 11;
	pread_lie = fails;
	i = must_look(root, "file");
	CHECK_EQ(read_at(i, buf, 16, 0), -EIO);
	inode_put(i);
}

UNIT_TEST(hostfs, symlinks)
{
	struct inode *i;
	char buf[64];

	start(true);
	fake_add("/top/link", 10, S_IFLNK | 0777, "target");
	link_target = "target";
	link_len = 6;
	i = must_look(root, "link");
	CHECK_EQ(i->ops->readlink(i, buf, sizeof(buf)), 6);
	CHECK_EQ(i->ops->readlink(i, buf, 3), 3);
	inode_put(i);
	fakes[2].st.ino = 11;
	link_len = 0;
	i = must_look(root, "link");
	CHECK_EQ(i->ops->readlink(i, buf, sizeof(buf)), -EIO);
	link_len = PATH_MAX;
	CHECK_EQ(i->ops->readlink(i, buf, sizeof(buf)), -EIO);
	link_target = "a\0b";
	link_len = 3;
	CHECK_EQ(i->ops->readlink(i, buf, sizeof(buf)), -EIO);
	inode_put(i);
}

static int emitted;
static char names[256];

static bool collect(struct dir_context *ctx, const char *name, size_t len, uint64_t ino, unsigned type)
{
	size_t used = strlen(names);

	(void)ctx, (void)ino, (void)type;
	memcpy(names + used, name, len);
	names[used + len] = ' ';
	names[used + len + 1] = 0;
	return ++emitted < 100;
}

static void entry(uint16_t reclen, uint8_t name_len, const char *name, uint64_t off)
{
	struct host_dirent *d = (void *)(listing + listing_size);

	*d = (struct host_dirent){ .ino = 5, .off = off, .reclen = reclen, .type = 8, .name_len = name_len };
	memcpy(d->name, name, MIN(name_len, reclen - sizeof(*d)));
	listing_size += reclen;
}

static int list(void)
{
	struct dir_context ctx = { .emit = collect };
	struct file *f = file_alloc(root->fops, O_RDONLY, NULL, root);
	int err = root->fops->open(root, f);

	emitted = 0;
	names[0] = 0;
	CHECK_EQ(err, 0);
	err = root->fops->iterate(f, &ctx);
	file_put(f);
	return err;
}

UNIT_TEST(hostfs, listings)
{
	start(true);
	entry(32, 1, ".", 1);
	entry(32, 2, "..", 2);
	entry(32, 3, "one", 3);
	entry(32, 5, "a/../", 4);
	entry(32, 3, "a\0b", 5);
	entry(32, 0, "", 6);
	entry(32, 3, "two", 7);
	CHECK_EQ(list(), 0);
	CHECK_STR(names, "one two ");
	CHECK_EQ(fds_open, 0);
	listing_size = 0;
	entry(32, 3, "one", 1);
	entry(32, 200, "long name 12", 2); /* the name does not fit its record */
	CHECK_EQ(list(), -EIO);
	listing_size = 0;
	entry(32, 3, "one", 1);
	((struct host_dirent *)listing)->reclen = 0;
	CHECK_EQ(list(), -EIO);
	((struct host_dirent *)listing)->reclen = 400;
	CHECK_EQ(list(), -EIO);
	listing_size = 0;
	entry(32, 3, "one", UINT64_MAX);
	CHECK_EQ(list(), -EIO);
}

static bool count(struct dir_context *ctx, const char *name, size_t len, uint64_t ino, unsigned type)
{
	(void)ctx, (void)name, (void)len, (void)ino, (void)type;
	emitted++;
	return true;
}

/* A listing in circles ends. */
UNIT_TEST(hostfs, endless_listing)
{
	struct dir_context ctx = { .emit = count };
	struct file *f;

	start(true);
	for (int i = 0; i < 100; i++)
		entry(32, 3, "one", 0); /* the next position is the first again */
	f = file_alloc(root->fops, O_RDONLY, NULL, root);
	CHECK_EQ(root->fops->open(root, f), 0);
	emitted = 0;
	CHECK_EQ(root->fops->iterate(f, &ctx), -EIO);
	CHECK(emitted > 100);
	file_put(f);
}

UNIT_TEST(hostfs, read_only)
{
	struct iattr attr = { .valid = ATTR_MODE, .mode = 0 };
	struct inode *i, *out;

	start(true);
	fake_add("/top/file", 10, S_IFREG | 0644, "x");
	i = must_look(root, "file");
	CHECK(sb->readonly);
	CHECK_EQ(root->ops->create(root, "new", S_IFREG | 0644, 0, &out), -EROFS);
	CHECK_EQ(root->ops->unlink(root, "file", i), -EROFS);
	CHECK_EQ(i->ops->setattr(i, &attr), -EROFS);
	inode_put(i);
}

UNIT_TEST(hostfs, write_goes_through)
{
	struct inode *i;
	struct iov_iter it;
	struct file *f;
	loff_t pos = 0;
	char buf[16];

	start(false);
	CHECK_EQ(root->ops->create(root, "new", S_IFREG | 0644, 0, &i), 0);
	f = file_alloc(i->fops, O_RDWR, NULL, i);
	CHECK_EQ(i->fops->open(i, f), 0);
	iov_iter_kernel(&it, "written", 7);
	CHECK_EQ(i->fops->write(f, &it, &pos), 7);
	CHECK_STR(fake_find("/top/new")->content, "written");
	file_put(f);
	unit_now += NSEC_PER_SEC;
	CHECK(i->ops->revalidate(i));
	CHECK_EQ(i->size, 7);
	CHECK_EQ(read_at(i, buf, 16, 0), 7);
	inode_put(i);
	CHECK_EQ(fds_open, 0);
}

/* An open file outlives its name. */
UNIT_TEST(hostfs, unlink_open_file)
{
	struct inode *i;
	struct file *f;
	struct iov_iter it;
	loff_t pos = 0;
	char buf[16];

	start(false);
	fake_add("/top/file", 10, S_IFREG | 0644, "content");
	i = must_look(root, "file");
	f = file_alloc(i->fops, O_RDONLY, NULL, i);
	CHECK_EQ(i->fops->open(i, f), 0);
	CHECK_EQ(root->ops->unlink(root, "file", i), 0);
	CHECK_STR(last_op, "3 /top/file ");
	CHECK_EQ(i->nlink, 0);
	CHECK(!i->ops->revalidate(i));
	iov_iter_kernel(&it, buf, sizeof(buf));
	CHECK_EQ(i->fops->read(f, &it, &pos), 7);
	file_put(f);
	inode_put(i);
	CHECK_EQ(fds_open, 0);
}

UNIT_TEST(hostfs, long_paths)
{
	struct inode *dir, *next;
	static char path[PATH_MAX + 512];
	char name[NAME_MAX + 1];
	int err = 0, depth;

	start(true);
	dir = inode_get(root);
	memset(name, 'd', NAME_MAX);
	name[NAME_MAX] = 0;
	strlcpy(path, "/top", sizeof(path));
	for (depth = 0; !err && depth < 20; depth++) {
		strlcat(path, "/", sizeof(path));
		strlcat(path, name, sizeof(path));
		nfakes = 2;
		fake_add(path, 100 + (uint64_t)depth, S_IFDIR | 0755, NULL);
		err = look(dir, name, &next);
		if (err)
			break;
		inode_put(dir);
		dir = next;
	}
	CHECK_EQ(err, -ENAMETOOLONG);
	CHECK_EQ(depth, 15);
	inode_put(dir);
}

UNIT_TEST(hostfs, special_files)
{
	struct inode *i;
	struct file *f;

	start(true);
	fake_add("/top/fifo", 10, S_IFIFO | 0644, NULL);
	i = must_look(root, "fifo");
	f = file_alloc(i->fops, O_RDONLY, NULL, i);
	CHECK_EQ(i->fops->open(i, f), -ENXIO);
	file_put(f);
	inode_put(i);
}

/* No allocation failure is more than an error. */
UNIT_TEST(hostfs, out_of_memory)
{
	struct inode *i;
	char buf[16];

	start(true);
	fake_add("/top/file", 10, S_IFREG | 0644, "hello");
	for (long n = 0; n < 12; n++) {
		unit_alloc_fail_after = n;
		if (look(root, "file", &i))
			continue;
		unit_alloc_fail_after = -1;
		CHECK_EQ(read_at(i, buf, 16, 0), 5);
		inode_put(i);
		return;
	}
	CHECK(false);
}
