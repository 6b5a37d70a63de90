/* mem.c: null, zero, full, random, urandom. Random bytes are made in the enclave. */
#include "base/heap.h"
#include "crypto/rng.h"
#include "fs/devfs/chrdev.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/mman.h"
#include "process/process.h"
#include "syscall/usercopy.h"
#include "vm/uffd.h"
#include "vm/vm.h"

#define RNDGETENTCNT 0x80045200u
#define RNDADDTOENTCNT 0x40045201u
#define RNDADDENTROPY 0x40085203u
#define RNDZAPENTCNT 0x5204u
#define RNDCLEARPOOL 0x5206u
#define RNDRESEEDCRNG 0x5207u

static ssize_t null_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	(void)f, (void)to, (void)pos;
	return 0;
}

/* Reads nothing of the user's memory, like Linux. */
static ssize_t null_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	ssize_t n = (ssize_t)from->count;

	(void)f, (void)pos;
	from->count = 0;
	return n;
}

static ssize_t zero_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	(void)f, (void)pos;
	return to->count ? zero_iter(to->count, to) : 0;
}

static ssize_t full_write(struct file *f, struct iov_iter *from, loff_t *pos)
{
	(void)f, (void)from, (void)pos;
	return -ENOSPC;
}

static ssize_t random_read(struct file *f, struct iov_iter *to, loff_t *pos)
{
	uint8_t buf[512];
	ssize_t done = 0;

	(void)f, (void)pos;
	while (to->count) {
		size_t want = MIN(to->count, sizeof(buf));
		ssize_t n;

		rng_bytes(buf, want);
		n = copy_to_iter(buf, want, to);
		if (n <= 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < want)
			break;
	}
	return done;
}

/* The generator never runs dry: always as full as /proc/sys/kernel/random says. Adding to it is allowed and needless. */
static long random_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	(void)f;
	switch (cmd) {
	case RNDGETENTCNT:
		return put_user((int32_t)RANDOM_POOL_BITS, arg);
	case RNDADDTOENTCNT:
	case RNDADDENTROPY:
	case RNDRESEEDCRNG:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	}
	return -ENOIOCTLCMD;
}

static loff_t mem_lseek(struct file *f, loff_t off, int whence)
{
	(void)off, (void)whence;
	return f->pos = 0;
}

static long zero_mmap(struct file *f, struct vm_space *s, uaddr_t addr, size_t len, int prot, int flags, uint64_t off)
{
	(void)off;
	return vm_mmap(s, addr, len, prot, flags | MAP_ANONYMOUS, f, 0);
}

#define USERFAULTFD_IOC_NEW 0xaa00u

static long userfault_ioctl(struct file *f, unsigned cmd, uaddr_t arg)
{
	(void)f;
	return cmd == USERFAULTFD_IOC_NEW ? uffd_create((unsigned)arg) : -EINVAL;
}

const struct file_ops userfault_fops = { .name = "userfaultfd", .ioctl = userfault_ioctl };
const struct file_ops null_fops = { .name = "null", .read = null_read, .write = null_write, .lseek = mem_lseek };
const struct file_ops zero_fops = {
	.name = "zero", .read = zero_read, .write = null_write, .lseek = mem_lseek, .mmap = zero_mmap,
};
const struct file_ops full_fops = { .name = "full", .read = zero_read, .write = full_write, .lseek = mem_lseek };
const struct file_ops random_fops = {
	.name = "random", .read = random_read, .write = null_write, .lseek = mem_lseek, .ioctl = random_ioctl,
};
