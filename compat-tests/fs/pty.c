/*
 * Pseudo terminals: opening, names, isatty, window size with SIGWINCH-free ioctls, hang-up in
 * both directions, poll.
 */
#include "tty.h"
#include <sys/sysmacros.h>

TEST(open_and_names)
{
	struct pty p = pty_open();
	struct stat st;
	char buf[64];
	int n = -1;

	EXPECT(!strncmp(p.name, "/dev/pts/", 9));
	EXPECT_OK(ioctl(p.master, TIOCGPTN, &n));
	EXPECT_EQ(n, atoi(p.name + 9));
	EXPECT_EQ(isatty(p.master), 1);
	EXPECT_EQ(isatty(p.slave), 1);
	EXPECT_EQ(ttyname_r(p.slave, buf, sizeof(buf)), 0);
	EXPECT_STR(buf, p.name);
	EXPECT_OK(fstat(p.slave, &st));
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(major(st.st_rdev), 136);
	pty_close(&p);
	EXPECT_ERRNO(open(p.name, O_RDWR | O_NOCTTY), ENOENT);
}

TEST(locked_until_unlocked)
{
	char name[64];
	int one = 1, m = EXPECT_OK(posix_openpt(O_RDWR | O_NOCTTY));

	EXPECT_EQ(ptsname_r(m, name, sizeof(name)), 0);
	EXPECT_OK(ioctl(m, TIOCSPTLCK, &one));
	EXPECT_ERRNO(open(name, O_RDWR | O_NOCTTY), EIO);
	one = 0;
	EXPECT_OK(ioctl(m, TIOCSPTLCK, &one));
	close(EXPECT_OK(open(name, O_RDWR | O_NOCTTY)));
	close(m);
}

TEST(two_are_distinct)
{
	struct pty a = pty_open(), b = pty_open();

	EXPECT(strcmp(a.name, b.name));
	pty_modes(&a, ICANON | ECHO, 0, OPOST);
	pty_modes(&b, ICANON | ECHO, 0, OPOST);
	type_text(a.master, "a");
	type_text(b.master, "b");
	expect_text(a.slave, "a");
	expect_text(b.slave, "b");
	pty_close(&a);
	pty_close(&b);
}

TEST(window_size)
{
	struct winsize w = { 0 };
	struct pty p = pty_open();

	EXPECT_OK(ioctl(p.slave, TIOCGWINSZ, &w));
	EXPECT_EQ(w.ws_row, 0);
	w = (struct winsize){ .ws_row = 33, .ws_col = 101, .ws_xpixel = 5, .ws_ypixel = 6 };
	EXPECT_OK(ioctl(p.master, TIOCSWINSZ, &w));
	memset(&w, 0, sizeof(w));
	EXPECT_OK(ioctl(p.slave, TIOCGWINSZ, &w));
	EXPECT_EQ(w.ws_row, 33);
	EXPECT_EQ(w.ws_col, 101);
	EXPECT_EQ(w.ws_ypixel, 6);
	w.ws_row = 20;
	EXPECT_OK(ioctl(p.slave, TIOCSWINSZ, &w));
	w.ws_row = 0;
	EXPECT_OK(ioctl(p.master, TIOCGWINSZ, &w));
	EXPECT_EQ(w.ws_row, 20);
	pty_close(&p);
}

TEST(master_close_hangs_up_the_slave)
{
	struct pollfd pfd;
	char c;
	struct pty p = pty_open();

	close(p.master);
	EXPECT_EQ(read(p.slave, &c, 1), 0);
	EXPECT_ERRNO(write(p.slave, "x", 1), EIO);
	pfd = (struct pollfd){ p.slave, POLLIN, 0 };
	EXPECT_EQ(poll(&pfd, 1, 0), 1);
	EXPECT(pfd.revents & POLLHUP);
	close(p.slave);
}

TEST(slave_close_gives_eio)
{
	char c;
	struct pty p = pty_open();

	type_text(p.slave, "out");
	close(p.slave);
	expect_text(p.master, "out");
	EXPECT_ERRNO(read(p.master, &c, 1), EIO);
	p.slave = EXPECT_OK(open(p.name, O_RDWR | O_NOCTTY));
	type_text(p.slave, "z");
	expect_text(p.master, "z");
	pty_close(&p);
}

TEST(nonblocking)
{
	char c;
	struct pty p = pty_open();

	EXPECT_OK(fcntl(p.master, F_SETFL, O_RDWR | O_NONBLOCK));
	EXPECT_OK(fcntl(p.slave, F_SETFL, O_RDWR | O_NONBLOCK));
	EXPECT_ERRNO(read(p.master, &c, 1), EAGAIN);
	EXPECT_ERRNO(read(p.slave, &c, 1), EAGAIN);
	pty_close(&p);
}

TEST(files_are_not_terminals)
{
	struct winsize w;
	struct termios t;
	int fd = tmp_file("f", "", 0), null = EXPECT_OK(open("/dev/null", O_RDWR));

	EXPECT_EQ(isatty(fd), 0);
	EXPECT_EQ(errno, ENOTTY);
	EXPECT_ERRNO(ioctl(fd, TIOCGWINSZ, &w), ENOTTY);
	EXPECT_ERRNO(tcgetattr(null, &t), ENOTTY);
	EXPECT_ERRNO(tcgetattr(-1, &t), EBADF);
	close(fd);
	close(null);
}
