/* tty.c: control of a host descriptor on behalf of the LibOS.
 *
 * Only commands of the table below pass, with a buffer of exactly their size, so the LibOS cannot be
 * talked into an ioctl whose reply is larger than its buffer. The termios layout is the kernel's, not
 * glibc's. "Wait until output is sent" is not waited for: a stopped terminal would stop a vCPU. */
#include "ocall/tty.h"

#include <asm/termbits.h>
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libos/abi/hostfile.h"

static const struct {
	uint32_t cmd, len;
} commands[] = {
	{ TCGETS, sizeof(struct termios) },   { TCSETS, sizeof(struct termios) },
	{ TCSETSW, sizeof(struct termios) },  { TCSETSF, sizeof(struct termios) },
	{ TIOCGWINSZ, sizeof(struct winsize) }, { TIOCSWINSZ, sizeof(struct winsize) },
	{ FIONREAD, sizeof(int) },            { HOST_FD_SEEK, sizeof(struct host_seek) },
};

static int64_t fd_seek(int fd, struct host_seek *s)
{
	off_t off = lseek(fd, s->off, (int)s->whence);

	if (off < 0)
		return -errno;
	s->off = off;
	return 0;
}

static int64_t tty_set(int fd, uint32_t cmd, void *termios)
{
	if (cmd == TCSETSF)
		ioctl(fd, TCFLSH, TCIFLUSH);
	return ioctl(fd, TCSETS, termios) < 0 ? -errno : 0;
}

static int64_t tty_command(int fd, uint32_t cmd, void *buf)
{
	switch (cmd) {
	case HOST_FD_SEEK:
		return fd_seek(fd, buf);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return tty_set(fd, cmd, buf);
	default:
		return ioctl(fd, cmd, buf) < 0 ? -errno : 0;
	}
}

void ocall_tty(struct ocall_tty *a)
{
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].cmd != a->cmd)
			continue;
		a->ret = commands[i].len == a->len ? tty_command(a->fd, a->cmd, (void *)a->buf) : -EINVAL;
		return;
	}
	a->ret = -ENOTTY;
}
