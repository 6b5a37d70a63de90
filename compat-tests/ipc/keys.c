/*
 * Keyrings: adding, finding, reading, replacing and unlinking keys; permission by possession;
 * revocation and timeouts; the session keyring and children.
 */
#include "ipc.h"

static long add(const char *type, const char *desc, const char *payload, int ring)
{
	return syscall(SYS_add_key, type, desc, payload, payload ? strlen(payload) : 0, ring);
}

static long ctl(int op, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, op, a, b, c, d);
}

/* A session keyring of our own; SKIP where there are no keyrings. */
static int session(void)
{
	long id = ctl(1, 0, 0, 0, 0);

	if (id < 0)
		SKIP("no keyrings here (errno %d)", errno);
	return id;
}

TEST(add_and_read)
{
	int ring = session(), key = EXPECT_OK(add("user", "a", "secret", -3));
	char buf[64] = "";
	int ids[4];

	EXPECT_EQ(ctl(11, key, (long)buf, sizeof(buf), 0), 6);
	EXPECT_MEM(buf, "secret", 6);
	EXPECT_EQ(add("user", "a", "other", -3), key);		/* updated in place */
	EXPECT_EQ(ctl(11, key, (long)buf, sizeof(buf), 0), 5);
	EXPECT_EQ(ctl(11, ring, (long)ids, sizeof(ids), 0), 4);
	EXPECT_EQ(ids[0], key);
	EXPECT_EQ(ctl(6, key, (long)buf, sizeof(buf), 0) > 10, 1);
	EXPECT(strstr(buf, ";3f010000;a"));
	EXPECT_EQ(syscall(SYS_request_key, "user", "a", NULL, 0), key);
	EXPECT_ERRNO(syscall(SYS_request_key, "user", "none", NULL, 0), ENOKEY);
	EXPECT_EQ(ctl(10, -3, (long)"user", (long)"a", 0), key);
	EXPECT_OK(ctl(9, key, -3, 0, 0));
	EXPECT_EQ(ctl(9, key, -3, 0, 0), -1);			/* nobody has it any more */
}

TEST(nested_rings)
{
	int top, ring, key;

	session();
	top = EXPECT_OK(add("keyring", "top", NULL, -3));
	ring = EXPECT_OK(add("keyring", "ring", NULL, top));
	key = EXPECT_OK(add("user", "k", "v", ring));
	EXPECT_EQ(ctl(10, -3, (long)"user", (long)"k", 0), key);
	EXPECT_ERRNO(ctl(8, top, ring, 0, 0), EDEADLK);
	EXPECT_ERRNO(ctl(8, top, top, 0, 0), EDEADLK);
	EXPECT_OK(ctl(8, key, top, 0, 0));
	EXPECT_OK(ctl(7, ring, 0, 0, 0));
	EXPECT_EQ(ctl(10, -3, (long)"user", (long)"k", 0), key);
	EXPECT_ERRNO(ctl(8, ring, key, 0, 0), ENOTDIR);
	EXPECT_ERRNO(ctl(7, key, 0, 0, 0), ENOTDIR);
}

TEST(refusals)
{
	session();
	EXPECT_ERRNO(add("keyring", "r", "x", -3), EINVAL);
	EXPECT_ERRNO(add("user", "u", NULL, -3), EINVAL);
	EXPECT_ERRNO(add("logon", "no-colon", "x", -3), EINVAL);
	EXPECT_ERRNO(add("no-such-type", "u", "x", -3), ENODEV);
	EXPECT_ERRNO(add(".user", "u", "x", -3), EPERM);
	EXPECT_ERRNO(add("user", "u", "x", -99), EINVAL);
	EXPECT_ERRNO(syscall(SYS_add_key, "user", "u", NULL, 5L, -3), EFAULT);
	EXPECT_ERRNO(ctl(1, (long)".x", 0, 0, 0), EPERM);
	EXPECT_ERRNO(ctl(0, -2, 0, 0, 0), ENOKEY);
	EXPECT_ERRNO(ctl(5, -3, 0xffffffff, 0, 0), EINVAL);
	EXPECT_ERRNO(ctl(999, 0, 0, 0, 0), EOPNOTSUPP);
	EXPECT_ERRNO(ctl(11, 0x7ffffff0, 0, 0, 0), ENOKEY);
}

TEST(logon_is_not_read)
{
	int key;
	char buf[8];

	session();
	key = EXPECT_OK(add("logon", "a:b", "x", -3));
	EXPECT_ERRNO(ctl(11, key, (long)buf, sizeof(buf), 0), EOPNOTSUPP);
}

TEST(permission)
{
	int key;
	char buf[8];

	session();
	key = EXPECT_OK(add("user", "p", "v", -3));
	EXPECT_OK(ctl(5, key, 0x3b000000, 0, 0));	/* the possessor may not write */
	EXPECT_ERRNO(ctl(2, key, (long)"w", 1, 0), EACCES);
	EXPECT_EQ(ctl(11, key, (long)buf, sizeof(buf), 0), 1);
	EXPECT_OK(ctl(5, key, 0x20000000, 0, 0));
	EXPECT_ERRNO(ctl(11, key, (long)buf, sizeof(buf), 0), EACCES);
}

TEST(revoked)
{
	int key;

	session();
	key = EXPECT_OK(add("user", "r", "v", -3));
	EXPECT_OK(ctl(3, key, 0, 0, 0));
	EXPECT_ERRNO(ctl(11, key, 0, 0, 0), EKEYREVOKED);
	EXPECT_NE(EXPECT_OK(add("user", "r", "new", -3)), key);
}

ROLE(child)
{
	int key = atoi(argv[0]);
	char buf[8];

	EXPECT_EQ(syscall(SYS_request_key, "user", "inherited", NULL, 0), key);
	EXPECT_EQ(ctl(11, key, (long)buf, sizeof(buf), 0), 1);
	EXPECT_ERRNO(ctl(0, -2, 0, 0, 0), ENOKEY);	/* the process keyring is not inherited */
	return 0;
}

TEST(session_of_children)
{
	char num[16];

	session();
	EXPECT_OK(add("user", "mine", "x", -2));
	snprintf(num, sizeof(num), "%ld", EXPECT_OK(add("user", "inherited", "x", -3)));
	EXPECT_EXIT(spawn_self("child", num), 0);
}
