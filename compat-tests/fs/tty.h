/* A pseudo terminal for the tty tests: master and slave, the slave in raw mode on demand. */
#pragma once

#include "../test.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

struct pty {
	int master, slave;
	char name[64];
};

static inline struct pty pty_open(void)
{
	struct pty p;

	p.master = EXPECT_OK(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
	EXPECT_OK(grantpt(p.master));
	EXPECT_OK(unlockpt(p.master));
	EXPECT_EQ(ptsname_r(p.master, p.name, sizeof(p.name)), 0);
	p.slave = EXPECT_OK(open(p.name, O_RDWR | O_NOCTTY | O_CLOEXEC));
	return p;
}

static inline void pty_close(struct pty *p)
{
	close(p->slave);
	close(p->master);
}

/* Clears and sets bits of the local and output modes at once. */
static inline void pty_modes(struct pty *p, tcflag_t lclear, tcflag_t lset, tcflag_t oclear)
{
	struct termios t;

	EXPECT_OK(tcgetattr(p->slave, &t));
	t.c_lflag = (t.c_lflag & ~lclear) | lset;
	t.c_oflag &= ~oclear;
	EXPECT_OK(tcsetattr(p->slave, TCSANOW, &t));
}

/* Whether something can be read within ms; the line discipline may hand it over a little later. */
static inline bool readable(int fd, int ms)
{
	struct pollfd pfd = { fd, POLLIN, 0 };

	return poll(&pfd, 1, ms) == 1 && (pfd.revents & POLLIN);
}

/* Exactly this text must come, maybe in pieces. */
static inline void expect_text(int fd, const char *text)
{
	char buf[512] = "";
	size_t len = strlen(text), got = 0;
	ssize_t n;

	while (got < len) {
		EXPECT(readable(fd, 2000));
		n = EXPECT_OK(read(fd, buf + got, len - got));
		EXPECT_GT(n, 0);
		got += n;
	}
	EXPECT_STR(buf, text);
	EXPECT(!readable(fd, 0));
}

static inline void type_text(int fd, const char *text)
{
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
}
