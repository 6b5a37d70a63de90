/* fs_env.c: see fs_env.h. */
#include "test/fs_env.h"
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
#include "vm/vm.h"

#define USER_BASE 0x20000000UL
#define USER_SIZE 0x400000UL
#define STRINGS	  64

void *mmap(void *addr, size_t len, int prot, int flags, int fd, long off);

char *ubuf;
static char *strings;
static unsigned next_string;
static struct fs_info fs;

static int null_mount(const char *source, const char *options, struct super_block **out)
{
	(void)source;
	(void)options;
	(void)out;
	return -ENODEV;
}
static const struct fs_type absent = {"absent", null_mount};
const struct fs_type *const fs_types[] = {&ramfs_type, &tmpfs_type, &unionfs_type, &absent, NULL};

/* What the VFS needs of parts that are not under test here. */
int vm_make_present(struct vm_space *s, uaddr_t addr, size_t len, int prot)
{
	(void)s;
	(void)prot;
	return len && (addr < USER_BASE || addr + len > USER_BASE + USER_SIZE) ? -EFAULT : 0;
}
void vm_truncate_mappings(struct inode *inode, uint64_t new_size)
{
	(void)inode;
	(void)new_size;
}
void vm_window_write_begin(uaddr_t page)
{
	(void)page;
}
void vm_window_write_end(uaddr_t page)
{
	(void)page;
}
void epoll_forget_file(struct file *f)
{
	(void)f;
}
const struct file_ops *chrdev_ops(uint64_t rdev)
{
	(void)rdev;
	return NULL;
}
static int fifo_open(struct inode *i, struct file *f)
{
	(void)i;
	(void)f;
	return 0;
}
const struct file_ops fifo_ops = {.name = "fifo", .open = fifo_open};
long pipe_fcntl(struct file *f, int cmd, unsigned long arg)
{
	(void)f;
	(void)cmd;
	return (long)arg;
}
ssize_t pipe_tee(struct file *in, struct file *out, size_t n, unsigned flags)
{
	(void)in;
	(void)out;
	(void)flags;
	return (ssize_t)n;
}
struct thread *thread_find(kpid_t tid)
{
	return tid == unit_thread.tid ? &unit_thread : NULL;
}
bool capable(int cap)
{
	return unit_process.cred.cap_effective >> cap & 1;
}

void fs_env_init(void)
{
	struct super_block *sb;
	char *base = mmap((void *)USER_BASE, USER_SIZE, 3, 0x32, -1, 0);

	CHECK(base == (char *)USER_BASE);
	strings = base;
	ubuf = base + STRINGS * 8192;
	CHECK_EQ(ramfs_create(&sb), 0);
	CHECK_EQ(mount_root(sb, "root"), 0);
	fs = (struct fs_info){.ref = 1, .umask = 022};
	fs.root = fs.cwd = *mount_root_path();
	path_get(&fs.root);
	path_get(&fs.cwd);
	unit_process.fs = &fs;
	unit_process.files = fdtable_create();
	list_push_back(&process_all, &unit_process.all_node);
}

void fs_env_exit(void)
{
	fdtable_put(unit_process.files);
	path_put(&fs.cwd);
	path_put(&fs.root);
	dcache_prune(0);
}

void fs_env_mount(struct super_block *sb, const char *where)
{
	struct path p;

	CHECK_EQ(path_lookup(AT_FDCWD, where, LOOKUP_FOLLOW, &p), 0);
	CHECK_EQ(mount_at(sb, &p, "test", 0), 0);
	path_put(&p);
}

void fs_env_user(uint32_t uid)
{
	struct cred *c = &unit_process.cred;

	c->uid = c->euid = c->suid = c->fsuid = uid;
	c->gid = c->egid = c->sgid = c->fsgid = uid;
	c->cap_effective = c->cap_permitted = uid ? 0 : ~0UL;
}

uint64_t U(const char *s)
{
	char *at = strings + 8192 * (next_string++ % STRINGS);

	strlcpy(at, s, 8192);
	return (uint64_t)(uintptr_t)at;
}

int open_at(const char *name, unsigned flags, unsigned mode)
{
	return (int)CALL(open, U(name), flags, mode);
}

long write_file(const char *name, const char *text)
{
	int fd = open_at(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	long n = fd < 0 ? fd : CALL(write, (uint64_t)fd, U(text), strlen(text));

	if (fd >= 0)
		CHECK_EQ(CALL(close, (uint64_t)fd), 0);
	return n;
}

const char *read_file(const char *name)
{
	static char out[65536];
	int fd = open_at(name, O_RDONLY, 0);
	long n = fd < 0 ? fd : CALL(read, (uint64_t)fd, UBUF, sizeof(out) - 1);

	if (fd >= 0)
		CHECK_EQ(CALL(close, (uint64_t)fd), 0);
	if (n < 0) {
		snprintf(out, sizeof(out), "ERR %ld", n);
	} else {
		memcpy(out, ubuf, (size_t)n);
		out[n] = 0;
	}
	return out;
}

struct stat *stat_of(const char *name)
{
	return CALL(lstat, U(name), UBUF) ? NULL : (struct stat *)ubuf;
}

static void sort_names(char (*names)[256], size_t n)
{
	char tmp[256];

	for (size_t i = 1; i < n; i++) {
		for (size_t j = i; j && strcmp(names[j - 1], names[j]) > 0; j--) {
			memcpy(tmp, names[j], 256);
			memcpy(names[j], names[j - 1], 256);
			memcpy(names[j - 1], tmp, 256);
		}
	}
}

const char *list_dir(const char *name)
{
	static char names[512][256], out[65536];
	int fd = open_at(name, O_RDONLY | O_DIRECTORY, 0);
	size_t count = 0;
	long n;

	CHECK(fd >= 0);
	while ((n = CALL(getdents64, (uint64_t)fd, UBUF, 200)) > 0) {
		for (long at = 0; at < n;) {
			struct linux_dirent64 *d = (void *)(ubuf + at);

			if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..")) {
				CHECK(count < 512);
				strlcpy(names[count++], d->d_name, 256);
			}
			at += d->d_reclen;
		}
	}
	CHECK_EQ(n, 0);
	CALL(close, (uint64_t)fd);
	sort_names(names, count);
	out[0] = 0;
	for (size_t i = 0; i < count; i++) {
		if (i)
			strlcat(out, " ", sizeof(out));
		strlcat(out, names[i], sizeof(out));
	}
	return out;
}
