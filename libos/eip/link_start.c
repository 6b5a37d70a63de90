/* link_start.c: where links come from: a new enclave that we ask the host for, or the one that asked for us. */
#include "abi/boot.h"
#include "base/log.h"
#include "eip/internal.h"
#include "entry/config.h"
#include "entry/enclu.h"
#include "entry/start.h"
#include "hostcall/eip.h"
#include "hostcall/hostcall.h"
#include "linux/errno.h"

#define STOP_CODE 10 /* of an enclave whose parent is not who it should be */

static struct eip_link *parent;

bool eip_enabled(void)
{
	return config_get()->flags & CONFIG_EIP;
}

static int stream_write(struct eip_stream *s, const void *buf, size_t n)
{
	return host_stream_write(s->fd, buf, n);
}

static ssize_t stream_read(struct eip_stream *s, void *buf, size_t n)
{
	return host_stream_read(s->fd, buf, n);
}

static struct eip_link *host_link(int fd)
{
	struct eip_stream s = { stream_write, stream_read, fd };

	return link_create(&s);
}

int eip_link_spawn(const int *host_fds, unsigned int n, struct eip_link **out)
{
	struct eip_link *l;
	int fd, err;

	if (n > EIP_FDS_MAX)
		return -EINVAL;
	fd = host_eip_spawn(host_fds, n);
	if (fd < 0)
		return fd == -ENOMEM ? fd : -EAGAIN;
	l = host_link(fd);
	if (!l) {
		host_close(fd);
		return -ENOMEM;
	}
	err = link_parent_begin(l);
	if (!err)
		err = link_parent_finish(l);
	if (err) {
		eip_link_close(l);
		return err == -EPIPE ? -EAGAIN : -EACCES;
	}
	*out = l;
	return 0;
}

struct eip_link *eip_link_parent(void)
{
	return parent;
}

int eip_link_inherited(unsigned int i)
{
	return boot_inherited(i);
}

void eip_boot(void)
{
	int fd = boot_parent_link(), err;

	if (!eip_enabled() || fd < 0)
		return;
	host_eip_mark(EIP_MARK_BOOTED);
	parent = host_link(fd);
	if (!parent)
		panic("no memory for the link to the parent enclave");
	err = link_child_answer(parent);
	if (!err)
		err = link_child_finish(parent);
	if (err) {
		log_error("no parent enclave at the other end of the link that the host gave us: error %d", -err);
		enclave_stop(STOP_CODE);
	}
	host_eip_mark(EIP_MARK_ATTESTED);
}

void eip_running(void)
{
	if (parent)
		host_eip_mark(EIP_MARK_RUNNING);
}
