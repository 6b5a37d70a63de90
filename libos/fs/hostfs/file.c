/* file.c: content of host files: pages, reads and writes, symlinks, and nodes that cannot be opened.
 *
 * Reads go through the page cache, checked against the host at open. Writes go through it too and on to
 * the host before write(2) returns: the host's programs see them, and nothing is lost at exit. */
#include "fs/hostfs/hostfs.h"

#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"

#define DIRECT_MAX 0x10000UL

/* A file that shrank meanwhile reads as zeros to the end of its last known size. */
static int read_range(struct inode *inode, uint64_t off, void *buf, size_t n)
{
	int fd = hostfs_fd(inode, false);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = host_pread(fd, buf, n, off);
	if (got < 0)
		return (int)got;
	memset((char *)buf + got, 0, n - (size_t)got);
	return 0;
}

static int file_readpage(struct inode *inode, uint64_t index, void *page)
{
	return read_range(inode, index * PAGE_SIZE, page, PAGE_SIZE);
}

static bool contiguous(void **pages, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (pages[i] != (char *)pages[0] + i * PAGE_SIZE)
			return false;
	}
	return true;
}

static int file_readpages(struct inode *inode, uint64_t index, size_t count, void **pages)
{
	char *bounce;
	int err;

	if (contiguous(pages, count))
		return read_range(inode, index * PAGE_SIZE, pages[0], count * PAGE_SIZE);
	bounce = page_alloc(count);
	if (!bounce)
		return -ENOMEM;
	err = read_range(inode, index * PAGE_SIZE, bounce, count * PAGE_SIZE);
	for (size_t i = 0; !err && i < count; i++)
		memcpy(pages[i], bounce + i * PAGE_SIZE, PAGE_SIZE);
	page_free(bounce, count);
	return err;
}

static int file_writepage(struct inode *inode, uint64_t index, const void *page, size_t len)
{
	int fd = inode->sb->readonly ? -EROFS : hostfs_fd(inode, true);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = host_pwrite(fd, page, len, index * PAGE_SIZE);
	host_node(inode)->wrote = true;
	host_node(inode)->checked = 0; /* the next look takes the new time, and with it the version */
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

static struct site_table *file_sites(struct inode *inode)
{
	const char *path = hostfs_path(inode, NULL, 0);

	return path && !host_node(inode)->removed ? host_sites(path) : NULL;
}

static int file_open_host(struct inode *inode, struct file *f)
{
	int fd;

	if (f->flags & O_PATH)
		return 0;
	if (hostfs_refresh(inode, hostfs_age(inode, HOSTFS_AGE_OPEN)) && !host_node(inode)->removed)
		return -ESTALE;
	if (file_writable(f) && inode->sb->readonly)
		return -EROFS;
	fd = hostfs_fd(inode, file_writable(f));
	return fd < 0 ? fd : 0;
}

/* Files that say they are empty and are not (proc, sysfs of the host): no page cache. */
static ssize_t read_direct(struct file *f, struct iov_iter *to, loff_t *pos)
{
	size_t n = MIN(to->count, DIRECT_MAX);
	int fd = hostfs_fd(f->inode, false);
	ssize_t got;
	char *buf;

	if (fd < 0)
		return fd;
	buf = kmalloc(n);
	if (!buf)
		return -ENOMEM;
	got = host_pread(fd, buf, n, (uint64_t)*pos);
	if (got > 0)
		got = copy_to_iter(buf, (size_t)got, to);
	kfree(buf);
	if (got > 0)
		*pos += got;
	return got;
}

static ssize_t file_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	struct inode *inode = f->inode;
	int err;

	if (!to->count)
		return 0;
	if (hostfs_others_write(inode))
		return read_direct(f, to, pos);
	if ((uint64_t)*pos >= inode->size) {
		err = hostfs_refresh(inode, hostfs_age(inode, HOSTFS_AGE_OPEN)); /* it may have grown */
		if (err && err != -ESTALE && err != -ENOENT)
			return err;
	}
	return inode->size ? filemap_read(f, to, pos) : read_direct(f, to, pos);
}

/* Appended bytes go where the end is when the host writes them: other enclaves append, too. */
static ssize_t write_host(struct inode *inode, const char *buf, size_t n, bool append, loff_t *pos)
{
	int fd = hostfs_fd(inode, true);
	uint64_t end = (uint64_t)*pos;
	ssize_t put;

	if (fd < 0)
		return fd;
	put = append ? host_append(fd, buf, n, &end) : host_pwrite(fd, buf, n, end);
	if (put > 0)
		*pos = append ? (loff_t)end : *pos + put;
	return put;
}

static ssize_t write_chunk(struct file *f, struct iov_iter *from, loff_t *pos, char *buf)
{
	struct inode *inode = f->inode;
	ssize_t n = copy_from_iter(buf, MIN(from->count, DIRECT_MAX), from);

	if (n > 0) /* after the copy, which may sleep */
		n = write_host(inode, buf, (size_t)n, f->flags & O_APPEND, pos);
	if (n > 0)
		inode->size = MAX(inode->size, (uint64_t)*pos);
	return n;
}

/* Past the page cache, which would write whole pages, with what it takes for their content. */
static ssize_t write_direct(struct file *f, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = f->inode;
	char *buf = kmalloc(MIN(from->count, DIRECT_MAX));
	size_t done = 0;
	ssize_t n = 0;

	if (!buf)
		return -ENOMEM;
	while (from->count) {
		n = write_chunk(f, from, pos, buf);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	kfree(buf);
	if (inode->map)
		filemap_invalidate(inode, 0, SIZE_MAX / PAGE_SIZE);
	hostfs_restamp(inode);
	return done ? (ssize_t)done : n;
}

static ssize_t file_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	if (hostfs_others_write(f->inode) && from->count)
		return write_direct(f, from, pos);
	ssize_t n = filemap_write(f, from, pos);
	uint64_t first, last;
	int err;

	if (n <= 0)
		return n;
	first = (uint64_t)(*pos - n) / PAGE_SIZE;
	last = (uint64_t)(*pos - 1) / PAGE_SIZE;
	err = filemap_writeback(f->inode, first, last - first + 1);
	return err ? err : n;
}

static int file_fsync(struct file *f, bool data_only)
{
	int fd, err = filemap_writeback(f->inode, 0, SIZE_MAX / PAGE_SIZE);

	(void)data_only;
	if (err || !file_writable(f))
		return err;
	fd = hostfs_fd(f->inode, true);
	return fd < 0 ? fd : host_fsync(fd);
}

const struct inode_ops hostfs_file_ops = {
	.getattr = hostfs_getattr,
	.setattr = hostfs_setattr,
	.readpage = file_readpage,
	.readpages = file_readpages,
	.writepage = file_writepage,
	.sites = file_sites,
	.evict = hostfs_evict,
	.revalidate = hostfs_revalidate,
};

const struct file_ops hostfs_file_fops = {
	.name = "hostfs",
	.open = file_open_host,
	.read = file_read,
	.write = file_write,
	.lseek = file_lseek_regular,
	.fsync = file_fsync,
};

/* May sleep: never. The target is kept until the link changes. */
static int load_target(struct host_node *n)
{
	const char *path = hostfs_path(n->inode, NULL, 0);
	char *buf = kmalloc(PATH_MAX);
	ssize_t len;

	if (!path || !buf) {
		kfree(buf);
		return path ? -ENOMEM : -ENAMETOOLONG;
	}
	len = host_readlink(path, buf, PATH_MAX);
	if (len == 0 || len >= PATH_MAX || (len > 0 && memchr(buf, 0, (size_t)len)))
		len = -EIO;
	if (len > 0) {
		n->target = kmalloc((size_t)len);
		n->target_len = (size_t)len;
		if (n->target)
			memcpy(n->target, buf, (size_t)len);
		else
			len = -ENOMEM;
	}
	kfree(buf);
	return len < 0 ? (int)len : 0;
}

static ssize_t symlink_readlink(struct inode *inode, char *buf, size_t size)
{
	struct host_node *n = host_node(inode);
	size_t len;
	int err = n->target ? 0 : load_target(n);

	if (err)
		return err;
	len = MIN(size, n->target_len);
	memcpy(buf, n->target, len);
	return (ssize_t)len;
}

const struct inode_ops hostfs_symlink_ops = {
	.readlink = symlink_readlink,
	.getattr = hostfs_getattr,
	.setattr = hostfs_setattr,
	.evict = hostfs_evict,
	.revalidate = hostfs_revalidate,
};

/* Devices, FIFOs and sockets of the host can be seen, not used. */
static int special_open(struct inode *inode, struct file *f)
{
	(void)inode;
	return f->flags & O_PATH ? 0 : -ENXIO;
}

const struct inode_ops hostfs_special_ops = {
	.getattr = hostfs_getattr,
	.setattr = hostfs_setattr,
	.evict = hostfs_evict,
	.revalidate = hostfs_revalidate,
};

const struct file_ops hostfs_special_fops = { .name = "hostfs-special", .open = special_open };
