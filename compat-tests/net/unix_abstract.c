/*
 * Abstract names: any bytes, the length counts, types apart, gone with the socket; automatic names.
 */
#include "net.h"

TEST(bytes_and_length_count)
{
	struct un u = un_abstract("a\0b"), longer = un_abstract("a");
	struct sockaddr_un a;
	int s, c;

	s = un_listener(SOCK_STREAM, longer, 3);
	EXPECT_EQ(name_of(s, false, &a), longer.len);
	EXPECT_MEM(&a, &longer.addr, longer.len);
	c = un_socket(SOCK_STREAM);
	u = longer;
	u.len++;	/* one more byte, a NUL: another name */
	EXPECT_ERRNO(connect(c, UN(u)), ECONNREFUSED);
	EXPECT_ERRNO(bind(c, UN(longer)), EADDRINUSE);
	EXPECT_OK(bind(c, UN(u)));
	EXPECT_OK(connect(c, UN(longer)));
	EXPECT_EQ(name_of(c, true, &a), longer.len);
	close(c);
	close(s);
	s = un_bound(SOCK_STREAM, longer);	/* free again at once */
	close(s);
}

TEST(types_are_apart)
{
	struct un u = un_abstract("t");
	int s = un_bound(SOCK_STREAM, u), d = un_bound(SOCK_DGRAM, u), q = un_socket(SOCK_SEQPACKET);

	EXPECT_ERRNO(connect(q, UN(u)), ECONNREFUSED);
	close(s);
	close(d);
	close(q);
}

TEST(the_name_of_one_zero)
{
	struct un u = { .addr.sun_family = AF_UNIX, .len = UN_AT + 1 };
	int s = socket(AF_UNIX, SOCK_STREAM, 0), t = un_socket(SOCK_STREAM);

	if (bind(s, UN(u)))
		SKIP("somebody has it");
	EXPECT_ERRNO(bind(t, UN(u)), EADDRINUSE);
	close(s);
	close(t);
}

static bool is_automatic(const struct sockaddr_un *a, int len)
{
	if (len != UN_AT + 6 || a->sun_path[0])
		return false;
	for (int i = 1; i < 6; i++)
		if (!strchr("0123456789abcdef", a->sun_path[i]))
			return false;
	return true;
}

TEST(automatic_names)
{
	struct un none = { .addr.sun_family = AF_UNIX, .len = UN_AT };
	int s = un_socket(SOCK_DGRAM), t = un_socket(SOCK_DGRAM);
	struct sockaddr_un a, b;

	EXPECT_OK(bind(s, UN(none)));
	EXPECT(is_automatic(&a, name_of(s, false, &a)));
	EXPECT_OK(bind(t, UN(none)));
	EXPECT(is_automatic(&b, name_of(t, false, &b)));
	EXPECT(memcmp(&a, &b, UN_AT + 6));
	EXPECT_OK(bind(s, UN(none)));	/* keeps the one it has */
	EXPECT_EQ(sendto(t, "hi", 2, 0, (void *)&a, UN_AT + 6), 2);
	close(s);
	close(t);
}

TEST(passcred_binds)
{
	struct un u = un_abstract("srv");
	int s = un_listener(SOCK_STREAM, u, 2), c = un_socket(SOCK_STREAM);
	struct sockaddr_un a;

	set_option(c, SO_PASSCRED, 1);
	EXPECT_EQ(name_of(c, false, &a), 2);
	EXPECT_OK(connect(c, UN(u)));
	EXPECT(is_automatic(&a, name_of(c, false, &a)));
	close(c);
	close(s);
}
