/* hostfiles.c: what a program needs to find others by name: /etc/resolv.conf, hosts and hostname of the host, put into
 * memory above the image at start. What the image has itself, being measured, stays. The host could give any answer to a
 * name anyhow, so nothing is lost by believing the files; they only have to be text. */
#include "net/hostfiles.h"
#include "base/heap.h"
#include "base/log.h"
#include "fs/file.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"

#define FILE_MAX 65536UL

static bool is_text(const char *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)buf[i] < ' ' && buf[i] != '\n' && buf[i] != '\t' && buf[i] != '\r')
			return false;
	return true;
}

static ssize_t read_host(const char *path, char *buf)
{
	int fd = host_open(path, O_RDONLY, 0);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = host_pread(fd, buf, FILE_MAX, 0);
	host_close(fd);
	return n >= 0 && !is_text(buf, (size_t)n) ? -EINVAL : n;
}

static int take(const char *path, char *buf)
{
	struct file *f;
	ssize_t n, put;
	int err = file_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0644, &f);

	if (err)
		return err == -EEXIST ? 0 : err;
	n = read_host(path, buf);
	put = n > 0 ? file_pwrite(f, buf, (size_t)n, 0) : n;
	file_put(f);
	return put < 0 ? (int)put : 0;
}

void hostfiles_take(void)
{
	static const char *const names[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/hostname" };
	char *buf = kmalloc(FILE_MAX);

	for (size_t i = 0; buf && i < ARRAY_SIZE(names); i++) {
		int err = take(names[i], buf);

		if (err)
			log_debug("%s is not there: error %d", names[i], -err);
	}
	kfree(buf);
}
