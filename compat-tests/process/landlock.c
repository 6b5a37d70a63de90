/*
 * landlock(7): a process that has given up access: files, names, ports, signals. Each case restricts
 * a child (a role), as a domain cannot be left again.
 */
#include "../test.h"
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
#define FS_EXECUTE 1u
#define FS_WRITE_FILE 2u
#define FS_READ_FILE 4u
#define FS_READ_DIR 8u
#define FS_REMOVE_FILE 0x20u
#define FS_MAKE_REG 0x100u
#define FS_REFER 0x2000u
#define NET_BIND_TCP 1u
#define SCOPE_SIGNAL 2u
#define RULE_PATH 1
#define RULE_PORT 2

struct ruleset {
	uint64_t fs, net, scoped;
};
struct path_rule {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));
struct port_rule {
	uint64_t access, port;
};

static int version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static int make_ruleset(uint64_t fs, uint64_t net, uint64_t scoped)
{
	struct ruleset r = { fs, net, scoped };

	return (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
}

static int allow(int ruleset, const char *path, uint64_t access)
{
	struct path_rule r = { access, open(path, O_PATH) };
	int ret = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &r, 0);

	close(r.fd);
	return ret;
}

static void restrict_self(int ruleset)
{
	EXPECT_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_OK(syscall(SYS_landlock_restrict_self, ruleset, 0));
}

static void role_passes(const char *role, const char *dir)
{
	if (version() < 6)
		SKIP("no landlock, or an old one");
	EXPECT_EXIT(spawn_self(role, dir), 0);
}

static char *in(const char *dir, const char *name)
{
	char *p;

	return asprintf(&p, "%s/%s", dir, name) < 0 ? NULL : p;
}

/* Reading is allowed below "open" only. */
ROLE(files)
{
	int r = make_ruleset(FS_READ_FILE | FS_WRITE_FILE | FS_READ_DIR | FS_EXECUTE, 0, 0), fd;

	(void)argc;
	EXPECT(r >= 0);
	EXPECT_OK(allow(r, in(argv[0], "open"), FS_READ_FILE | FS_READ_DIR));
	restrict_self(r);
	fd = open(in(argv[0], "open/f"), O_RDONLY);
	EXPECT(fd >= 0);
	close(fd);
	EXPECT_ERRNO(open(in(argv[0], "open/f"), O_RDWR), EACCES);
	EXPECT_ERRNO(open(in(argv[0], "shut/f"), O_RDONLY), EACCES);
	EXPECT_ERRNO(open(in(argv[0], "shut"), O_RDONLY | O_DIRECTORY), EACCES);
	EXPECT_OK(access(in(argv[0], "shut/f"), R_OK)); /* looking is not restricted */
	EXPECT_ERRNO(execl(in(argv[0], "open/f"), "f", NULL), EACCES);
	return 0;
}

static const char *tree(void)
{
	EXPECT_OK(mkdir(tmp_path("open"), 0755));
	EXPECT_OK(mkdir(tmp_path("shut"), 0755));
	close(tmp_file("open/f", "x", 1));
	close(tmp_file("shut/f", "x", 1));
	EXPECT_OK(chmod(tmp_path("open/f"), 0755));
	return strdup(tmp_path("."));
}

TEST(files_below_a_directory) { role_passes("files", tree()); }

ROLE(names)
{
	int r = make_ruleset(FS_MAKE_REG | FS_REMOVE_FILE | FS_REFER, 0, 0);

	(void)argc;
	EXPECT(r >= 0);
	EXPECT_OK(allow(r, in(argv[0], "open"), FS_MAKE_REG | FS_REMOVE_FILE));
	restrict_self(r);
	EXPECT_OK(close(open(in(argv[0], "open/new"), O_CREAT | O_WRONLY, 0600)));
	EXPECT_OK(unlink(in(argv[0], "open/new")));
	EXPECT_ERRNO(open(in(argv[0], "shut/new"), O_CREAT | O_WRONLY, 0600), EACCES);
	EXPECT_ERRNO(unlink(in(argv[0], "shut/f")), EACCES);
	EXPECT_OK(rename(in(argv[0], "open/f"), in(argv[0], "open/g")));
	EXPECT_ERRNO(link(in(argv[0], "shut/f"), in(argv[0], "open/l")), EXDEV);
	return 0;
}

TEST(names_in_a_directory) { role_passes("names", tree()); }

/* Two layers: what one of them refuses is refused. */
ROLE(layers)
{
	int a = make_ruleset(FS_READ_FILE, 0, 0), b = make_ruleset(FS_READ_FILE, 0, 0);

	(void)argc;
	EXPECT_OK(allow(a, argv[0], FS_READ_FILE));
	EXPECT_OK(allow(b, in(argv[0], "open"), FS_READ_FILE));
	restrict_self(a);
	EXPECT_OK(close(open(in(argv[0], "shut/f"), O_RDONLY)));
	EXPECT_OK(syscall(SYS_landlock_restrict_self, b, 0));
	EXPECT_ERRNO(open(in(argv[0], "shut/f"), O_RDONLY), EACCES);
	EXPECT_OK(close(open(in(argv[0], "open/f"), O_RDONLY)));
	return 0;
}

TEST(each_layer_must_allow) { role_passes("layers", tree()); }

static int bind_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = socket(AF_INET, SOCK_STREAM, 0), ret = bind(s, (struct sockaddr *)&a, sizeof(a)), e = errno;

	close(s);
	errno = e;
	return ret;
}

ROLE(ports)
{
	int r = make_ruleset(0, NET_BIND_TCP, 0);
	struct port_rule any = { NET_BIND_TCP, 0 };

	(void)argc;
	(void)argv;
	EXPECT(r >= 0);
	EXPECT_OK(syscall(SYS_landlock_add_rule, r, RULE_PORT, &any, 0));
	restrict_self(r);
	EXPECT_OK(bind_to(0));
	EXPECT_ERRNO(bind_to(34567), EACCES);
	return 0;
}

TEST(ports_to_bind) { role_passes("ports", "-"); }

ROLE(signals)
{
	int r = make_ruleset(0, 0, SCOPE_SIGNAL);

	(void)argc;
	(void)argv;
	EXPECT(r >= 0);
	restrict_self(r);
	EXPECT_ERRNO(kill(getppid(), 0), EPERM);
	EXPECT_OK(kill(getpid(), 0));
	return 0;
}

TEST(signals_stay_inside) { role_passes("signals", "-"); }

TEST(refusals)
{
	struct port_rule bad = { NET_BIND_TCP, 65536 };
	int r = make_ruleset(FS_READ_FILE, 0, 0);

	if (version() < 6)
		SKIP("no landlock, or an old one");
	EXPECT_ERRNO(make_ruleset(0, 0, 0), ENOMSG);
	EXPECT_ERRNO(make_ruleset(1ULL << 40, 0, 0), EINVAL);
	EXPECT_ERRNO(allow(r, "/", FS_WRITE_FILE), EINVAL);
	EXPECT_ERRNO(allow(r, "/", 0), ENOMSG);
	EXPECT_ERRNO(allow(0, "/", FS_READ_FILE), EBADFD);
	EXPECT_ERRNO(allow(-1, "/", FS_READ_FILE), EBADF);
	EXPECT_ERRNO(syscall(SYS_landlock_add_rule, r, RULE_PORT, &bad, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_landlock_restrict_self, 0, 0), EBADFD);
	close(r);
}
