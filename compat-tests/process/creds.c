/*
 * Users and capabilities: what set*id calls, setfsuid, securebits and execve do to the ids and the
 * capability sets, and that files and signals obey them. As root only.
 */
#include "child.h"
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

#define NOBODY 65534

struct caps {
	uint64_t e, p, i;
};

static void caps_read(struct caps *c)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	EXPECT_OK(syscall(SYS_capget, &h, d));
	c->e = d[0].effective | (uint64_t)d[1].effective << 32;
	c->p = d[0].permitted | (uint64_t)d[1].permitted << 32;
	c->i = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
}

static int caps_write(uint64_t e, uint64_t p, uint64_t i)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = {
		{ (uint32_t)e, (uint32_t)p, (uint32_t)i },
		{ (uint32_t)(e >> 32), (uint32_t)(p >> 32), (uint32_t)(i >> 32) },
	};

	return syscall(SYS_capset, &h, d);
}

/* The rest of the case runs in a process of its own. */
#define AS_ROLE(name)                                                                              \
	do {                                                                                       \
		if (geteuid())                                                                     \
			SKIP("needs root");                                                        \
		EXPECT_EXIT(spawn_self(name), 0);                                                  \
	} while (0)

ROLE(drop_all)
{
	struct caps c;

	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	caps_read(&c);
	EXPECT_EQ(c.e, 0);
	EXPECT_EQ(c.p, 0);
	EXPECT_ERRNO(setuid(0), EPERM);
	EXPECT_ERRNO(setresuid(-1, 0, -1), EPERM);
	EXPECT_ERRNO(setgroups(0, NULL), EPERM);
	EXPECT_ERRNO(kill(getppid(), 0), EPERM);
	EXPECT_ERRNO(prctl(PR_CAPBSET_DROP, CAP_CHOWN), EPERM);
	EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, 0), EPERM);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
	return 0;
}
TEST(leaving_root_for_good)
{
	AS_ROLE("drop_all");
}

ROLE(seteuid_back)
{
	struct caps c;

	EXPECT_OK(seteuid(NOBODY));
	caps_read(&c);
	EXPECT_EQ(c.e, 0);
	EXPECT_NE(c.p, 0);
	EXPECT_OK(seteuid(0));
	caps_read(&c);
	EXPECT_EQ(c.e, c.p);
	EXPECT_OK(setresuid(1, 2, 3));
	EXPECT_ERRNO(setuid(4), EPERM);
	EXPECT_OK(setuid(3));
	EXPECT_EQ(geteuid(), 3);
	EXPECT_OK(setreuid(3, 1));
	EXPECT_EQ(getuid(), 3);
	EXPECT_EQ(geteuid(), 1);
	EXPECT_EQ(setfsuid(-1), 1);
	return 0;
}
TEST(effective_user_comes_and_goes)
{
	AS_ROLE("seteuid_back");
}

ROLE(fsuid)
{
	struct caps c;

	EXPECT_EQ(setfsuid(NOBODY), 0);
	EXPECT_EQ(setfsuid(-1), NOBODY);
	caps_read(&c);
	EXPECT(!(c.e & 1 << CAP_DAC_OVERRIDE));
	EXPECT(c.p & 1 << CAP_DAC_OVERRIDE);
	EXPECT(c.e & 1 << CAP_SETUID);
	EXPECT_ERRNO(open(argv[0], O_RDONLY), EACCES);
	setfsuid(0);
	caps_read(&c);
	EXPECT(c.e & 1 << CAP_DAC_OVERRIDE);
	close(EXPECT_OK(open(argv[0], O_RDONLY)));
	return 0;
}
TEST(file_system_user)
{
	if (geteuid())
		SKIP("needs root");
	close(EXPECT_OK(open(tmp_path("secret"), O_CREAT | O_RDWR, 0600)));
	EXPECT_EXIT(spawn_self("fsuid", tmp_path("secret")), 0);
}

ROLE(keepcaps)
{
	struct caps c;

	EXPECT_ERRNO(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
	EXPECT_OK(prctl(PR_SET_KEEPCAPS, 1));
	EXPECT_OK(setuid(NOBODY));
	caps_read(&c);
	EXPECT_EQ(c.e, 0);
	EXPECT_NE(c.p, 0);
	EXPECT_OK(caps_write(1 << CAP_CHOWN, 1 << CAP_CHOWN, 1 << CAP_CHOWN));
	EXPECT_ERRNO(caps_write(0, 1 << CAP_KILL, 0), EPERM);
	EXPECT_ERRNO(caps_write(1 << CAP_KILL, 1 << CAP_CHOWN, 0), EPERM);
	EXPECT_ERRNO(caps_write(0, 1 << CAP_CHOWN, 1 << CAP_KILL), EPERM);
	EXPECT_OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0), 1);
	EXPECT_ERRNO(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), EPERM);
	EXPECT_ERRNO(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 1, 0), EINVAL);
	EXPECT_EXIT(spawn_self("has_chown_only"), 0);
	return 0;
}
ROLE(has_chown_only)
{
	struct caps c;

	caps_read(&c);
	EXPECT_EQ(c.e, 1 << CAP_CHOWN);
	EXPECT_EQ(c.p, 1 << CAP_CHOWN);
	EXPECT_OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	return 0;
}
TEST(kept_and_ambient)
{
	AS_ROLE("keepcaps");
}

ROLE(securebits)
{
	struct caps c;

	EXPECT_EQ(prctl(PR_GET_SECUREBITS), 0);
	EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, 0x1000), EPERM);
	EXPECT_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
						   SECBIT_KEEP_CAPS_LOCKED | SECBIT_NOROOT));
	EXPECT_ERRNO(prctl(PR_SET_SECUREBITS, 0), EPERM);
	EXPECT_ERRNO(prctl(PR_SET_KEEPCAPS, 1), EPERM);
	EXPECT_OK(seteuid(NOBODY));
	caps_read(&c);
	EXPECT_NE(c.e, 0);
	EXPECT_OK(seteuid(0));
	EXPECT_EXIT(spawn_self("no_caps"), 0);
	return 0;
}
ROLE(no_caps)
{
	struct caps c;

	caps_read(&c);
	EXPECT_EQ(c.p, 0);
	EXPECT_EQ(geteuid(), 0);
	return 0;
}
TEST(secure_bits)
{
	AS_ROLE("securebits");
}

ROLE(bounding)
{
	struct caps c;

	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_KILL), 1);
	EXPECT_OK(prctl(PR_CAPBSET_DROP, CAP_KILL));
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_KILL), 0);
	EXPECT_ERRNO(prctl(PR_CAPBSET_READ, 64), EINVAL);
	caps_read(&c);
	EXPECT(c.p & 1 << CAP_KILL);
	EXPECT_ERRNO(caps_write(c.e, c.p, 1 << CAP_KILL), EPERM);
	EXPECT_EXIT(spawn_self("without_kill"), 0);
	return 0;
}
ROLE(without_kill)
{
	struct caps c;

	caps_read(&c);
	EXPECT_NE(c.p, 0);
	EXPECT(!(c.p & 1 << CAP_KILL));
	return 0;
}
TEST(bounding_set)
{
	AS_ROLE("bounding");
}

TEST(header_versions)
{
	struct __user_cap_header_struct h = { 0, 0 };
	struct __user_cap_data_struct d[2];

	EXPECT_ERRNO(syscall(SYS_capget, &h, d), EINVAL);
	EXPECT_EQ(h.version, _LINUX_CAPABILITY_VERSION_3);
	h.version = 1;
	EXPECT_EQ(syscall(SYS_capget, &h, NULL), 0);
	h.pid = -1;
	EXPECT_ERRNO(syscall(SYS_capget, &h, d), EINVAL);
	h.pid = 0x3ffffff;
	EXPECT_ERRNO(syscall(SYS_capget, &h, d), ESRCH);
	h.pid = 1;
	EXPECT_ERRNO(syscall(SYS_capset, &h, d), EPERM);
	EXPECT_ERRNO(syscall(SYS_capget, bad_ptr(), d), EFAULT);
}

ROLE(many_groups)
{
	static gid_t list[65537], back[65536];

	for (int i = 0; i < 65536; i++)
		list[i] = 100000 - i;
	EXPECT_ERRNO(setgroups(65537, list), EINVAL);
	EXPECT_OK(setgroups(65536, list));
	EXPECT_EQ(getgroups(65536, back), 65536);
	EXPECT_EQ(back[0], 100000 - 65535);
	EXPECT_EQ(back[65535], 100000);
	EXPECT_ERRNO(getgroups(10, back), EINVAL);
	EXPECT_OK(setgroups(2, (gid_t[]){ 77, 7 }));
	EXPECT_OK(setresgid(50, 50, 50));
	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
	close(EXPECT_OK(open(argv[0], O_RDONLY)));
	EXPECT_ERRNO(open(argv[0], O_RDWR), EACCES);
	return 0;
}
TEST(supplementary_groups)
{
	const char *path = tmp_path("shared");

	if (geteuid())
		SKIP("needs root");
	EXPECT_OK(chmod(test_tmpdir(), 0755));
	close(EXPECT_OK(open(path, O_CREAT | O_RDWR, 0640)));
	EXPECT_OK(chown(path, 0, 77));
	EXPECT_OK(chmod(path, 0640));
	EXPECT_EXIT(spawn_self("many_groups", path), 0);
}

ROLE(nproc_over)
{
	struct rlimit lim = { 0, 0 };
	char *args[] = { "true", NULL };

	EXPECT_OK(setrlimit(RLIMIT_NPROC, &lim));
	EXPECT_OK(setuid(54321));
	execve(argv[0], args, environ);
	EXPECT_EQ(errno, EAGAIN);
	return 0;
}
TEST(too_many_processes_for_the_new_user)
{
	if (geteuid())
		SKIP("needs root");
	EXPECT_EXIT(spawn_self("nproc_over", "/bin/true"), 0);
}
