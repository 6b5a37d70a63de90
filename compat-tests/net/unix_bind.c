/*
 * bind of local sockets to paths: a socket file appears, obeys umask, outlives the socket, is found
 * again under other names of the file; every wrong address has its error.
 */
#include "net.h"

TEST(makes_a_socket_file)
{
	struct un u = un_path("s");
	struct sockaddr_un a;
	struct stat st;
	int s;

	umask(022);
	s = un_bound(SOCK_STREAM, u);
	EXPECT_OK(stat(u.addr.sun_path, &st));
	EXPECT(S_ISSOCK(st.st_mode));
	EXPECT_EQ(st.st_mode & 07777, 0755);
	EXPECT_EQ(name_of(s, false, &a), u.len);
	EXPECT_STR(a.sun_path, u.addr.sun_path);
	EXPECT_ERRNO(open(u.addr.sun_path, O_RDWR), ENXIO);
	close(s);
	EXPECT_OK(stat(u.addr.sun_path, &st));
	s = un_socket(SOCK_STREAM);
	EXPECT_ERRNO(bind(s, UN(u)), EADDRINUSE);
	EXPECT_ERRNO(connect(s, UN(u)), ECONNREFUSED);
	EXPECT_OK(unlink(u.addr.sun_path));
	EXPECT_ERRNO(connect(s, UN(u)), ENOENT);
	EXPECT_OK(bind(s, UN(u)));
	close(s);
}

TEST(length_without_terminator)
{
	struct un u = un_path("short");
	struct sockaddr_un a;
	int s = un_socket(SOCK_DGRAM);

	u.len--;	/* without the NUL, which counts in the answer */
	EXPECT_OK(bind(s, UN(u)));
	EXPECT_EQ(name_of(s, false, &a), u.len + 1);
	EXPECT_OK(access(u.addr.sun_path, F_OK));
	close(s);
}

TEST(longest_path)
{
	struct un u = un_path("");
	struct { struct sockaddr_un a; char more[8]; } got;
	socklen_t len = sizeof(got);
	size_t at = strlen(u.addr.sun_path);
	char name[sizeof(u.addr.sun_path) + 1];
	int s = un_socket(SOCK_STREAM);

	memset(u.addr.sun_path + at, 'n', sizeof(u.addr.sun_path) - at);
	u.len = sizeof(u.addr);
	EXPECT_OK(bind(s, UN(u)));
	memset(&got, 0, sizeof(got));
	EXPECT_OK(getsockname(s, (struct sockaddr *)&got, &len));
	EXPECT_EQ(len, sizeof(u.addr) + 1);
	memcpy(name, u.addr.sun_path, sizeof(u.addr.sun_path));
	name[sizeof(name) - 1] = 0;
	EXPECT_OK(access(name, F_OK));
	close(s);
}

TEST(errors)
{
	struct un u = un_path("x"), v;
	int s = un_socket(SOCK_STREAM), fd;

	EXPECT_ERRNO(bind(-1, UN(u)), EBADF);
	fd = tmp_file("file", "", 0);
	EXPECT_ERRNO(bind(fd, UN(u)), ENOTSOCK);
	EXPECT_ERRNO(bind(s, (void *)&u.addr, 1), EINVAL);
	EXPECT_ERRNO(bind(s, (void *)&u.addr, sizeof(u.addr) + 1), EINVAL);
	EXPECT_ERRNO(bind(s, (void *)&u.addr, 4096), EINVAL);
	EXPECT_ERRNO(bind(s, bad_ptr(), u.len), EFAULT);
	v = u;
	v.addr.sun_family = AF_INET;
	EXPECT_ERRNO(bind(s, UN(v)), EINVAL);
	EXPECT_ERRNO(bind(s, UN(un_path("none/x"))), ENOENT);
	EXPECT_ERRNO(bind(s, UN(un_path("file/x"))), ENOTDIR);
	EXPECT_ERRNO(bind(s, UN(un_path("file"))), EADDRINUSE);
	EXPECT_ERRNO(bind(s, UN(un_path("."))), EADDRINUSE);
	EXPECT_OK(symlink("loop", tmp_path("loop")));
	EXPECT_ERRNO(bind(s, UN(un_path("loop/x"))), ELOOP);
	EXPECT_ERRNO(bind(s, UN(un_path("loop"))), EADDRINUSE);
	EXPECT_OK(bind(s, UN(u)));
	EXPECT_ERRNO(bind(s, UN(un_path("again"))), EINVAL);
	EXPECT_ERRNO(bind(s, UN(un_abstract("again"))), EINVAL);
	close(s);
	close(fd);
}

TEST(permissions)
{
	struct un u = un_path("dir/s"), v = un_path("dir/t");
	int s, c;

	if (geteuid())
		SKIP("needs root");
	umask(0);
	EXPECT_OK(mkdir(tmp_path("dir"), 0755));
	s = un_listener(SOCK_STREAM, u, 4);
	EXPECT_OK(chmod(u.addr.sun_path, 0700));
	EXPECT_OK(setegid(65534));
	EXPECT_OK(seteuid(65534));
	c = un_socket(SOCK_STREAM);
	EXPECT_ERRNO(connect(c, UN(u)), EACCES);
	EXPECT_ERRNO(bind(c, UN(v)), EACCES);
	EXPECT_OK(seteuid(0));
	EXPECT_OK(setegid(0));
	EXPECT_OK(chmod(u.addr.sun_path, 0702));
	EXPECT_OK(setegid(65534));
	EXPECT_OK(seteuid(65534));
	EXPECT_OK(connect(c, UN(u)));
	EXPECT_OK(seteuid(0));
	EXPECT_OK(setegid(0));
	umask(022);
	close(c);
	close(s);
}

TEST(other_names_of_the_file)
{
	struct un u = un_path("s"), link_ = un_path("link"), hard = un_path("hard"), moved = un_path("moved");
	int s = un_listener(SOCK_STREAM, u, 4), c;

	EXPECT_OK(symlink("s", link_.addr.sun_path));
	close(un_connected(SOCK_STREAM, link_));
	EXPECT_OK(link(u.addr.sun_path, hard.addr.sun_path));
	close(un_connected(SOCK_STREAM, hard));
	EXPECT_OK(rename(u.addr.sun_path, moved.addr.sun_path));
	close(un_connected(SOCK_STREAM, moved));
	c = un_socket(SOCK_STREAM);
	EXPECT_ERRNO(connect(c, UN(u)), ENOENT);
	EXPECT_ERRNO(connect(c, UN(link_)), ENOENT);
	close(c);
	close(s);
}

TEST(relative_path)
{
	struct un u = { .addr = { AF_UNIX, "rel" }, .len = UN_AT + 4 };
	struct sockaddr_un a;
	int s;

	EXPECT_OK(chdir(test_tmpdir()));
	s = un_listener(SOCK_STREAM, u, 1);
	EXPECT_EQ(name_of(s, false, &a), UN_AT + 4);
	EXPECT_STR(a.sun_path, "rel");
	close(un_connected(SOCK_STREAM, un_path("rel")));
	close(s);
}

TEST(wrong_type_or_not_a_socket)
{
	struct un u = un_path("s");
	int s = un_listener(SOCK_STREAM, u, 1), d = un_socket(SOCK_DGRAM), q = un_socket(SOCK_SEQPACKET);

	close(tmp_file("file", "", 0));
	EXPECT_ERRNO(connect(d, UN(u)), EPROTOTYPE);
	EXPECT_ERRNO(connect(q, UN(u)), EPROTOTYPE);
	EXPECT_ERRNO(connect(d, UN(un_path("file"))), ECONNREFUSED);
	EXPECT_OK(mknod(tmp_path("node"), S_IFSOCK | 0777, 0));
	EXPECT_ERRNO(connect(d, UN(un_path("node"))), ECONNREFUSED);
	close(s);
	close(d);
	close(q);
}
