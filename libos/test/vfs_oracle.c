/* vfs_oracle.c: random file system calls made twice, on our VFS (ramfs) and on this machine's Linux
 * (tmpfs, in a chroot): results and errors must be the same. Needs root and /dev/shm; without them
 * it says so and passes. */
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/stat.h"
#include "test/fs_env.h"

long syscall(long nr, ...);
int *__errno_location(void);
char *mkdtemp(char *template);
int chroot(const char *path);
int chdir(const char *path);
int chmod(const char *path, unsigned mode);
int open(const char *path, int flags, ...);
int fchdir(int fd);
int system(const char *command);
unsigned umask(unsigned mask);

#define ROUNDS 60000

static uint64_t x = 0x243f6a8885a308d3UL;

static uint64_t rnd(void)
{
	x ^= x << 13, x ^= x >> 7, x ^= x << 17;
	return x;
}

static void random_name(char *out)
{
	static const char *const parts[] = {"a", "b", "c", "a", "..", ".", "l", "b"};
	uint64_t r = rnd();

	out[0] = 0;
	if (r & 1)
		strlcat(out, "/", 64);
	for (unsigned c = 0; c <= (r >> 1) % 4; c++) {
		if (c)
			strlcat(out, (r >> (30 + c)) % 16 ? "/" : "//", 64);
		strlcat(out, parts[r >> (8 + 3 * c) & 7], 64);
	}
	if ((r >> 50) % 12 == 0)
		strlcat(out, "/", 64);
	if ((r >> 56) % 200 == 0)
		out[0] = 0;
}

static uint64_t random_flags(void)
{
	uint64_t r = rnd(), f = r % 3;

	f |= r & 0x10 ? O_CREAT : 0;
	f |= r & 0x60 ? 0 : O_EXCL;
	f |= r & 0x180 ? 0 : O_TRUNC;
	f |= r & 0x600 ? 0 : O_DIRECTORY;
	f |= r & 0x1800 ? 0 : O_NOFOLLOW;
	f |= r & 0xe000 ? 0 : O_PATH;
	f |= r & 0x30000 ? 0 : O_APPEND;
	if ((r & 0xff00000) == 0)
		f |= O_TMPFILE;
	return f;
}

struct call {
	int nr; /* of Linux */
	syscall_fn *ours;
	unsigned names; /* bit per argument that is a name */
	uint64_t args[6];
};

#define DO(nr_, name_, names_, ...) (c = (struct call){nr_, sys_##name_, names_, {__VA_ARGS__}})
#define DECLARE(n)		    extern syscall_fn sys_##n
DECLARE(open);
DECLARE(mkdir);
DECLARE(rmdir);
DECLARE(unlink);
DECLARE(rename);
DECLARE(link);
DECLARE(symlink);
DECLARE(renameat2);
DECLARE(stat);
DECLARE(lstat);
DECLARE(access);
DECLARE(readlink);
DECLARE(chmod);
DECLARE(truncate);
DECLARE(chdir);
DECLARE(close);
DECLARE(read);
DECLARE(write);
DECLARE(lseek);
DECLARE(pread64);
DECLARE(pwrite64);
DECLARE(ftruncate);
DECLARE(fstat);
DECLARE(fchmod);
DECLARE(fchdir);
DECLARE(dup2);
DECLARE(getcwd);
DECLARE(mknod);
DECLARE(fcntl);
DECLARE(linkat);
DECLARE(unlinkat);
DECLARE(fallocate);
DECLARE(openat);
DECLARE(copy_file_range);
DECLARE(flock);
DECLARE(fsync);
DECLARE(utimensat);
DECLARE(mkdirat);
DECLARE(faccessat2);

static struct call random_path_call(char *n1, char *n2)
{
	uint64_t a = (uint64_t)n1, b = (uint64_t)n2, r = rnd();
	uint64_t cwd = (uint64_t)AT_FDCWD, fd = 100 + r / 64 % 6;
	struct call c;

	switch (r % 24) {
	case 0:
	case 1:
		return DO(83, mkdir, 1, a, 0755);
	case 2:
		return DO(84, rmdir, 1, a);
	case 3:
		return DO(87, unlink, 1, a);
	case 4:
	case 5:
		return DO(82, rename, 3, a, b);
	case 6:
		return DO(86, link, 3, a, b);
	case 7:
		return DO(88, symlink, 3, a, b);
	case 8:
		return DO(316, renameat2, 10, cwd, a, cwd, b, r / 64 % 4);
	case 9:
		return DO(4, stat, 1, a, UBUF);
	case 10:
		return DO(6, lstat, 1, a, UBUF);
	case 11:
		return DO(21, access, 1, a, r / 64 % 9);
	case 12:
		return DO(89, readlink, 1, a, UBUF, 100);
	case 13:
		return DO(90, chmod, 1, a, 0644 | (r / 64 & 0111));
	case 14:
		return DO(76, truncate, 1, a, r / 64 % 20000);
	case 15:
		return DO(80, chdir, 1, a);
	case 16:
		return DO(133, mknod, 1, a, r & 64 ? S_IFREG | 0644 : S_IFSOCK | 0600, 0);
	case 17:
		return DO(265, linkat, 10, fd, a, cwd, b,
			  r & 64    ? AT_SYMLINK_FOLLOW
			  : r & 128 ? AT_EMPTY_PATH
				    : 0);
	case 18:
		return DO(263, unlinkat, 2, fd, a, r & 64 ? AT_REMOVEDIR : 0);
	case 19:
		return DO(257, openat, 2, fd, a, O_PATH, 0);
	case 20:
		return DO(280, utimensat, 2, cwd, a, 0, r & 64 ? AT_SYMLINK_NOFOLLOW : 0);
	case 21:
		return DO(258, mkdirat, 2, fd, a, 0700);
	case 22:
		return DO(439, faccessat2, 2, cwd, a, r / 64 % 8,
			  r & 1024 ? AT_SYMLINK_NOFOLLOW : AT_EACCESS);
	default:
		return DO(79, getcwd, 0, UBUF, r & 64 ? 4096 : 2);
	}
}

static struct call random_fd_call(void)
{
	uint64_t r = rnd(), fd = 100 + r / 32 % 6, fd2 = 100 + r / 1024 % 6;
	struct call c;

	switch (r % 15) {
	case 0:
		return DO(0, read, 0, fd, UBUF, r / 64 % 5000);
	case 1:
		return DO(1, write, 0, fd, UBUF, r / 64 % 5000);
	case 2:
		return DO(8, lseek, 0, fd, r / 64 % 9000 - 100,
			  (r >> 40) % 3); /* holes are up to the fs */
	case 3:
		return DO(17, pread64, 0, fd, UBUF, r / 64 % 5000, (r >> 30) % 9000 - 10);
	case 4:
		return DO(18, pwrite64, 0, fd, UBUF, r / 64 % 5000, (r >> 30) % 9000 - 10);
	case 5:
		return DO(77, ftruncate, 0, fd, r / 64 % 20000 - 10);
	case 6:
		return DO(5, fstat, 0, fd, UBUF);
	case 7:
		return DO(91, fchmod, 0, fd, 0600 | (r / 64 & 077));
	case 8:
		return DO(81, fchdir, 0, fd);
	case 9:
		return DO(33, dup2, 0, fd, fd2);
	case 10:
		return DO(72, fcntl, 0, fd, r & 64 ? F_GETFL : F_GETFD);
	case 11:
		return DO(285, fallocate, 0, fd, r & 64 ? 3 : (r & 128) * 2, (r >> 20) % 9000,
			  (r >> 40) % 9000);
	case 12:
		return DO(326, copy_file_range, 0, fd, 0, fd2, 0, (r >> 20) % 3000, 0);
	case 13:
		return DO(73, flock, 0, fd,
			  (r & 64    ? LOCK_SH
			   : r & 128 ? LOCK_EX
				     : LOCK_UN) |
				  LOCK_NB);
	default:
		return DO(3, close, 0, fd);
	}
}

static long call_ours(const struct call *c)
{
	struct syscall_args args;

	memcpy(args.a, c->args, sizeof(args.a));
	for (int i = 0; i < 6; i++) {
		if (c->names >> i & 1)
			args.a[i] = U((const char *)args.a[i]);
	}
	return c->ours(&args);
}

static long call_linux(const struct call *c)
{
	const uint64_t *a = c->args;
	long ret = syscall(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);

	return ret == -1 ? -*__errno_location() : ret;
}

static bool merged_dirs; /* the union does not count their links */

/* What stat says about things that do not depend on the machine. */
static uint64_t digest(const struct call *c, long ret)
{
	const struct stat *st = (const void *)ubuf;
	uint64_t h = 0;

	if ((c->nr == 4 || c->nr == 5 || c->nr == 6) && !ret)
		return (uint64_t)st->st_mode << 40 ^
		       (S_ISDIR(st->st_mode) && merged_dirs ? 0 : st->st_nlink) << 32 ^
		       (S_ISDIR(st->st_mode)
				? 0
				: (uint64_t)st->st_size << 1 ^ (uint64_t)st->st_blocks << 16);
	if ((c->nr == 0 || c->nr == 17 || c->nr == 79 || c->nr == 89) && ret > 0) {
		for (long i = 0; i < ret; i++)
			h = h * 31 + (uint8_t)ubuf[i];
	}
	return h;
}

static char oracle_dir[] = "/dev/shm/vfs-oracle-XXXXXX";
static int real_root;

static bool enter_chroot(void)
{
	real_root = open("/", O_RDONLY);
	umask(022);
	return mkdtemp(oracle_dir) && !chmod(oracle_dir, 0755) && !chdir(oracle_dir) &&
	       !chroot(".");
}

static void leave_chroot(void)
{
	char command[64];

	CHECK(!fchdir(real_root) && !chroot("."));
	snprintf(command, sizeof(command), "rm -rf %s", oracle_dir);
	CHECK_EQ(system(command), 0);
}

/* Opens at descriptors 100..105 in both worlds, so that numbers agree. */
static void open_both(char *name, int round)
{
	extern syscall_fn sys_dup2, sys_close;
	uint64_t flags = random_flags(), slot = 100 + rnd() % 6;
	struct call c;
	long a, b;

	DO(2, open, 1, (uint64_t)name, flags, 0644);
	a = call_ours(&c);
	b = call_linux(&c);
	if ((a < 0 || b < 0) && a != b)
		unit_fail(__FILE__, __LINE__, "round %d: open(%s, %lo): ours %ld, Linux %ld", round,
			  name, flags, a, b);
	if (a < 0)
		return;
	CHECK_EQ(sys_dup2(&(struct syscall_args){{(uint64_t)a, slot}}), slot);
	sys_close(&(struct syscall_args){{(uint64_t)a}});
	CHECK_EQ(syscall(33, b, slot), slot);
	syscall(3, b);
}

static void call_both(struct call *c, const char *n1, const char *n2, int round)
{
	uint64_t da, db;
	long a, b;

	memset(ubuf, round, 60000);
	a = call_ours(c);
	da = digest(c, a);
	memset(ubuf, round, 60000);
	b = call_linux(c);
	db = digest(c, b);
	if (a == b && da == db)
		return;
	if (c->nr == 257 && a >= 0 && b >= 0) {
		extern syscall_fn sys_close;

		sys_close(&(struct syscall_args){{(uint64_t)a}});
		syscall(3, b);
		return;
	}
	unit_fail(__FILE__, __LINE__,
		  "round %d: call %d(%lx %lx %lx %lx; %s, %s): ours %ld/%lx, Linux %ld/%lx", round,
		  c->nr, c->args[0], c->args[1], c->args[2], c->args[3], n1, n2, a, da, b, db);
}

static void compare_contents(int round)
{
	struct call c;
	char no_name[] = "";

	for (uint64_t fd = 100; fd < 106; fd++) {
		DO(17, pread64, 0, fd, UBUF, 60000, 0);
		call_both(&c, no_name, no_name, round);
	}
}

static void run(int rounds)
{
	char n1[80], n2[80];

	for (int round = 0; round < rounds; round++) {
		struct call c;

		random_name(n1);
		random_name(n2);
		if (round % 32 == 0)
			compare_contents(round);
		if (rnd() % 5 == 0) {
			open_both(n1, round);
			continue;
		}
		c = rnd() % 2 ? random_path_call(n1, n2) : random_fd_call();
		call_both(&c, n1, n2, round);
	}
}

UNIT_TEST(vfs_oracle, ramfs)
{
	fs_env_init();
	if (!enter_chroot())
		return;
	run(ROUNDS);
	leave_chroot();
	fs_env_exit();
}

UNIT_TEST(vfs_oracle, unionfs)
{
	struct super_block *upper, *lower, *sb;

	fs_env_init();
	if (!enter_chroot())
		return;
	x ^= 0x5555;
	merged_dirs = true;
	CHECK_EQ(ramfs_create(&upper), 0);
	CHECK_EQ(ramfs_create(&lower), 0);
	CHECK_EQ(unionfs_create(upper, lower, &sb), 0);
	CHECK_EQ(CALL(mkdir, U("/u"), 0755), 0);
	fs_env_mount(sb, "/u");
	CHECK_EQ(CALL(chroot, U("/u")), 0);
	CHECK_EQ(CALL(chdir, U("/")), 0);
	run(ROUNDS);
	leave_chroot();
	fs_env_exit();
}
