/*
 * Mounts as the newer system calls see them: statmount and listmount, shared subtrees and private
 * mount namespaces. As root; everything happens in a namespace of the case's own.
 */
#include "../test.h"
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>

#ifndef SYS_statmount
#define SYS_statmount 457
#define SYS_listmount 458
#endif
#define UNIQUE_ID 0x4000u /* STATX_MNT_ID_UNIQUE */
#define MNT_BASIC 2u
#define FS_TYPE 0x20u
#define ROOT_LIST (~0ULL)

struct request {
	uint32_t size, fd;
	uint64_t id, param;
};
struct answer {
	uint32_t size, opts;
	uint64_t mask;
	uint32_t major, minor;
	uint64_t magic;
	uint32_t flags, fs_type;
	uint64_t id, parent;
	uint32_t id_old, parent_old;
	uint64_t attr, propagation, group, master;
	uint64_t rest[52];
	char text[512];
};

static uint64_t id_of(const char *path)
{
	struct statx sx;

	EXPECT_OK(statx(AT_FDCWD, path, 0, UNIQUE_ID, &sx));
	EXPECT_EQ(sx.stx_mask & UNIQUE_ID, UNIQUE_ID);
	return sx.stx_mnt_id;
}

static long ask(uint64_t id, uint64_t what, struct answer *a)
{
	struct request r = { .size = 24, .id = id, .param = what };

	return syscall(SYS_statmount, &r, a, sizeof(*a), 0);
}

static void own_namespace(void)
{
	struct answer a;

	if (ask(1, 0, &a) && errno == ENOSYS)
		SKIP("no statmount");
	if (unshare(CLONE_NEWNS))
		SKIP("no mount namespace (%s)", strerror(errno));
	EXPECT_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

static const char *dir(const char *name)
{
	const char *p = tmp_path(name);

	EXPECT_OK(mkdir(p, 0755));
	return strdup(p);
}

TEST(statmount_tells)
{
	const char *d = dir("d");
	struct answer a = { 0 };
	uint64_t up, id;

	own_namespace();
	up = id_of(d);
	EXPECT_OK(mount("none", d, "tmpfs", MS_NOSUID, NULL));
	id = id_of(d);
	EXPECT(id != up);
	EXPECT_OK(ask(id, MNT_BASIC | FS_TYPE, &a));
	EXPECT_EQ(a.mask, MNT_BASIC | FS_TYPE);
	EXPECT_EQ(a.id, id);
	EXPECT_EQ(a.parent, up);
	EXPECT_EQ(a.propagation, MS_PRIVATE);
	EXPECT_STR(a.text + a.fs_type, "tmpfs");
	EXPECT_OK(umount(d));
	EXPECT_ERRNO(ask(id, MNT_BASIC, &a), ENOENT);
	EXPECT_ERRNO(ask(0, MNT_BASIC, &a), EINVAL);
}

TEST(listmount_finds_it)
{
	const char *d = dir("d");
	struct request r = { .size = 24, .id = ROOT_LIST };
	uint64_t ids[512], id;
	bool found = false;
	long n;

	own_namespace();
	EXPECT_OK(mount("none", d, "tmpfs", 0, NULL));
	id = id_of(d);
	n = syscall(SYS_listmount, &r, ids, ARRAY_SIZE(ids), 0);
	EXPECT(n > 0);
	for (long i = 0; i < n; i++)
		found |= ids[i] == id;
	EXPECT(found);
	EXPECT_OK(umount(d));
}

TEST(a_mount_on_a_shared_tree_appears_at_its_peer)
{
	const char *a = dir("a"), *b = dir("b");
	char *at = strdup(tmp_path("a/sub")), *there = strdup(tmp_path("b/sub/file"));

	own_namespace();
	EXPECT_OK(mount("none", a, "tmpfs", 0, NULL));
	EXPECT_OK(mount("none", a, NULL, MS_SHARED, NULL));
	EXPECT_OK(mount(a, b, NULL, MS_BIND, NULL));
	EXPECT_OK(mkdir(at, 0755));
	EXPECT_OK(mount("none", at, "tmpfs", 0, NULL));
	close(tmp_file("a/sub/file", "", 0));
	EXPECT_OK(access(there, F_OK));
	EXPECT_OK(umount(at));
	EXPECT_ERRNO(access(there, F_OK), ENOENT);
	/* A slave follows, and is not followed. */
	EXPECT_OK(mount("none", b, NULL, MS_SLAVE, NULL));
	EXPECT_OK(mount("none", tmp_path("b/sub"), "tmpfs", 0, NULL));
	close(tmp_file("b/sub/file", "", 0));
	EXPECT_ERRNO(access(tmp_path("a/sub/file"), F_OK), ENOENT);
	EXPECT_OK(umount(tmp_path("b/sub")));
	EXPECT_OK(umount(b));
	EXPECT_OK(umount(a));
}

TEST(unbindable)
{
	const char *a = dir("a"), *b = dir("b");

	own_namespace();
	EXPECT_OK(mount("none", a, "tmpfs", 0, NULL));
	EXPECT_OK(mount("none", a, NULL, MS_UNBINDABLE, NULL));
	EXPECT_ERRNO(mount(a, b, NULL, MS_BIND, NULL), EINVAL);
	EXPECT_OK(umount(a));
}

static void file_in(const char *dir, const char *name)
{
	char *p;

	EXPECT(asprintf(&p, "%s/%s", dir, name) > 0);
	close(EXPECT_OK(open(p, O_CREAT | O_WRONLY, 0644)));
	free(p);
}

TEST(a_copied_tree_is_put_beneath)
{
	const char *a = dir("a"), *b = dir("b");
	int from, to;

	own_namespace();
	EXPECT_OK(mount("none", a, "tmpfs", 0, NULL));
	EXPECT_OK(mount("none", b, "tmpfs", 0, NULL));
	file_in(a, "A");
	file_in(b, "B");
	from = (int)syscall(SYS_open_tree, AT_FDCWD, a, 1 /* OPEN_TREE_CLONE */);
	EXPECT(from >= 0);
	to = open(b, O_PATH);
	EXPECT_OK(syscall(SYS_move_mount, from, "", to, "", 0x200 | 4 | 0x40)); /* BENEATH */
	close(from);
	close(to);
	EXPECT_OK(access(tmp_path("b/B"), F_OK));
	EXPECT_OK(umount(b));
	EXPECT_OK(access(tmp_path("b/A"), F_OK));
	EXPECT_OK(umount(b));
	EXPECT_OK(umount(a));
}

ROLE(pivot)
{
	(void)argc;
	if (unshare(CLONE_NEWNS))
		return 77;
	EXPECT_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	EXPECT_OK(mount("none", argv[0], "tmpfs", 0, NULL));
	EXPECT_OK(chroot(argv[0]));
	EXPECT_OK(chdir("/"));
	EXPECT_OK(mkdir("new", 0755));
	EXPECT_ERRNO(syscall(SYS_pivot_root, "new", "new"), EBUSY); /* not a mount point */
	EXPECT_OK(mount("none", "new", "tmpfs", 0, NULL));
	EXPECT_OK(mkdir("new/old", 0755));
	EXPECT_OK(syscall(SYS_pivot_root, "new", "new/old"));
	EXPECT_OK(access("/old/new", F_OK));
	EXPECT_OK(umount2("/old", MNT_DETACH));
	EXPECT_ERRNO(access("/old/new", F_OK), ENOENT);
	return 0;
}

TEST(another_root)
{
	int status;
	pid_t pid = spawn_self("pivot", dir("r"));

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		SKIP("no mount namespace");
	EXPECT_EQ(status, 0);
}

TEST(watching_the_mounts)
{
	const char *d = dir("d");
	struct pollfd p = { .events = POLLPRI };

	own_namespace();
	p.fd = open("/proc/self/mounts", O_RDONLY);
	EXPECT_EQ(poll(&p, 1, 0), 0);
	EXPECT_OK(mount("none", d, "tmpfs", 0, NULL));
	EXPECT_EQ(poll(&p, 1, 1000), 1);
	EXPECT_EQ(p.revents, POLLPRI | POLLERR);
	EXPECT_EQ(poll(&p, 1, 0), 0); /* told once */
	EXPECT_OK(umount(d));
	EXPECT_EQ(poll(&p, 1, 1000), 1);
	close(p.fd);
}
