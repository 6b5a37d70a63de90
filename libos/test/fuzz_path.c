/* fuzz_path.c: a libFuzzer target for names: the input is a series of file system calls on a ramfs that is the
 * caller's root by chroot. Whatever the names say, nothing outside may be reached, and all that was allocated must be
 * free again when the file system is gone (LeakSanitizer looks). */
#include "base/string.h"
#include "fs/dcache.h"
#include "fs/file.h"
#include "fs/mount.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/stat.h"
#include "process/process.h"
#include "test/fs_env.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CALLS_MAX 48
#define MNT_DETACH 2
#define FD_BASE 10 /* the outer root */
#define REQUIRE(c) do { if (!(c)) __builtin_trap(); } while (0)

static uint64_t inner_dev;

struct input {
	const uint8_t *p, *end;
};

static uint8_t next_byte(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

/* Up to the next NUL. */
static uint64_t next_name(struct input *in)
{
	static char name[5000];
	size_t n = 0;

	while (in->p < in->end && *in->p && n < sizeof(name) - 1)
		name[n++] = (char)*in->p++;
	if (in->p < in->end)
		in->p++;
	name[n] = 0;
	return U(name);
}

static void check_inside(long err)
{
	REQUIRE(err || ((struct stat *)ubuf)->st_dev == inner_dev);
}

static void check_cwd(void)
{
	long n = CALL(getcwd, UBUF, 65536);

	REQUIRE(n < 0 || (n > 1 && ubuf[0] == '/' && !ubuf[n - 1] && strlen(ubuf) == (size_t)n - 1));
}

static long call_one(struct input *in)
{
	uint8_t op = next_byte(in), arg = next_byte(in);
	uint64_t name = next_name(in);

	switch (op % 16) {
	case 0: return CALL(mkdir, name, 0755);
	case 1: return CALL(rmdir, name);
	case 2: return CALL(unlink, name);
	case 3: return CALL(rename, name, next_name(in));
	case 4: return CALL(link, name, next_name(in));
	case 5: return CALL(symlink, name, next_name(in));
	case 6: check_inside(CALL(stat, name, UBUF)); return 0;
	case 7: check_inside(CALL(lstat, name, UBUF)); return 0;
	case 8: return CALL(chdir, name);
	case 9: return CALL(readlink, name, UBUF, arg);
	case 10: return CALL(renameat2, (uint64_t)AT_FDCWD, name, (uint64_t)AT_FDCWD, next_name(in), arg % 4);
	case 11: return CALL(truncate, name, arg * 100UL);
	case 12: return CALL(access, name, arg % 8);
	case 13: check_cwd(); return 0;
	case 14: return CALL(mknod, name, arg & 1 ? S_IFIFO | 0600 : S_IFREG | 0600, 0);
	default: return CALL(open, name, (arg & 3) | (arg & 4 ? O_CREAT : 0) | (arg & 8 ? O_DIRECTORY : 0) |
				(arg & 16 ? O_NOFOLLOW : 0) | (arg & 32 ? O_PATH : 0) | (arg & 64 ? O_EXCL : 0), 0644);
	}
}

static void enter(void)
{
	struct super_block *sb;

	CHECK_EQ(ramfs_create(&sb), 0);
	fs_env_mount(sb, "/inner");
	CHECK_EQ(CALL(chdir, U("/inner")), 0);
	CHECK_EQ(CALL(chroot, U(".")), 0);
	CHECK_EQ(CALL(stat, U("/"), UBUF), 0);
	inner_dev = ((struct stat *)ubuf)->st_dev;
}

static void leave(void)
{
	for (int fd = 0; fd < CALLS_MAX + FD_BASE + 1; fd++)
		if (fd != FD_BASE)
			CALL(close, (uint64_t)fd);
	CHECK_EQ(CALL(fchdir, FD_BASE), 0);
	CHECK_EQ(CALL(chroot, U(".")), 0);
	CHECK_EQ(CALL(umount2, U("/inner"), MNT_DETACH), 0);
	dcache_prune(0);
}

static void start(void)
{
	int fd;

	unit_env_reset();
	fs_env_init();
	CHECK_EQ(CALL(mkdir, U("/inner"), 0755), 0);
	fd = open_at("/", O_RDONLY | O_DIRECTORY, 0);
	CHECK_EQ(CALL(dup2, (uint64_t)fd, FD_BASE), FD_BASE);
	CALL(close, (uint64_t)fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	static bool started;

	if (!started)
		start();
	started = true;
	enter();
	for (unsigned i = 0; i < CALLS_MAX && in.p < in.end; i++)
		(void)call_one(&in);
	leave();
	return 0;
}
