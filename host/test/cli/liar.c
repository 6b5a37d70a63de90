/* liar.c: a host that lies, to be preloaded into occlum: LIAR=WHO:OFFSET flips a bit of the byte at OFFSET of what WHO
 * (parent or child) writes to the link between two enclaves, LIAR=WHO:cut:OFFSET ends the process there instead.
 * LIAR=WHO:flip:N, drop:N, again:N, swap:N: of the records (pipes, socket pairs, event counters) that WHO sends, the
 * Nth is changed, left out, sent twice, or sent after the next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum lie { LINK, FLIP, DROP, AGAIN, SWAP };
static const char *const lies[] = { "link:", "flip:", "drop:", "again:", "swap:" };

static enum lie lie;
static long record = -1; /* how many go before that one */
static long offset = -1;
static int cut, link_fd = -1;
static size_t written;

static int is_child(void)
{
	char line[4096];
	FILE *f = fopen("/proc/self/cmdline", "r");
	size_t n = f ? fread(line, 1, sizeof(line) - 1, f) : 0;

	if (f)
		fclose(f);
	line[n] = 0;
	return n > strlen(line) + 1 && !strcmp(line + strlen(line) + 1, "eip-child");
}

__attribute__((constructor)) static void take_orders(void)
{
	const char *s = getenv("LIAR");

	if (!s || strncmp(s, is_child() ? "child:" : "parent:", is_child() ? 6 : 7))
		return;
	s = strchr(s, ':') + 1;
	for (unsigned i = FLIP; i <= SWAP; i++) {
		if (strncmp(s, lies[i], strlen(lies[i])))
			continue;
		lie = i;
		record = atol(s + strlen(lies[i]));
		return;
	}
	cut = !strncmp(s, "cut:", 4);
	offset = atol(s + (cut ? 4 : 0));
}

static int is_link(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof(a);

	if (link_fd < 0 && !getsockname(fd, (void *)&a, &len) && a.ss_family == AF_UNIX)
		link_fd = fd;
	return link_fd == fd;
}

static int is_record_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_SEQPACKET;
}

static ssize_t lie_about(int fd, const void *buf, size_t n)
{
	static char copy[1 << 17];
	static size_t held;
	ssize_t done;

	if (record-- > 0)
		return syscall(SYS_write, fd, buf, n);
	if (record < -1) { /* the one after it */
		done = syscall(SYS_write, fd, buf, n);
		if (held)
			syscall(SYS_write, fd, copy, held);
		held = 0;
		return done;
	}
	memcpy(copy, buf, n);
	if (lie == FLIP)
		copy[n / 2] ^= 4;
	if (lie == SWAP)
		held = n;
	if (lie == AGAIN)
		syscall(SYS_write, fd, copy, n);
	return lie == DROP || lie == SWAP ? (ssize_t)n : syscall(SYS_write, fd, copy, n);
}

ssize_t write(int fd, const void *buf, size_t n)
{
	static char copy[1 << 20];
	ssize_t done;

	if (record >= -1 && lie && n > 1 && n <= 1 << 17 && is_record_socket(fd))
		return lie_about(fd, buf, n);
	if (offset < 0 || n > sizeof(copy) || !is_link(fd))
		return syscall(SYS_write, fd, buf, n);
	memcpy(copy, buf, n);
	if ((size_t)offset >= written && (size_t)offset < written + n) {
		if (cut) {
			syscall(SYS_write, fd, copy, (size_t)offset - written);
			_exit(1);
		}
		copy[(size_t)offset - written] ^= 4;
	}
	done = syscall(SYS_write, fd, copy, n);
	written += done > 0 ? (size_t)done : 0;
	return done;
}
