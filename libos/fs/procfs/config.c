/* config.c: /proc/config.gz: what a kernel with our features would have been configured with, for programs that ask there
 * before they use something. Only what works is in it. The gzip file has one stored block: nothing is compressed. */
#include "base/heap.h"
#include "base/string.h"
#include "fs/procfs/procfs.h"
#include "linux/errno.h"

#define YES(name) "CONFIG_" name "=y\n"

static const char config_text[] =
	"# Linux/x86_64 features of this LibOS\n"
	YES("64BIT") YES("X86_64") YES("SMP") YES("MMU") YES("MULTIUSER") YES("PRINTK") YES("HIGH_RES_TIMERS")
	YES("SYSVIPC") YES("SYSVIPC_SYSCTL") YES("POSIX_MQUEUE") YES("POSIX_MQUEUE_SYSCTL") YES("CROSS_MEMORY_ATTACH")
	YES("NAMESPACES") YES("UTS_NS") YES("TIME_NS") YES("POSIX_TIMERS") YES("FUTEX") YES("EPOLL") YES("SIGNALFD")
	YES("TIMERFD") YES("EVENTFD") YES("AIO") YES("SHMEM") YES("ADVISE_SYSCALLS") YES("MEMBARRIER") YES("KCMP") YES("RSEQ")
	YES("CHECKPOINT_RESTORE") YES("USERFAULTFD") YES("BINFMT_ELF") YES("BINFMT_SCRIPT") YES("FILE_LOCKING") YES("FSNOTIFY")
	YES("DNOTIFY") YES("INOTIFY_USER") YES("FANOTIFY") YES("FANOTIFY_ACCESS_PERMISSIONS") YES("PROC_FS") YES("PROC_SYSCTL")
	YES("PROC_PAGE_MONITOR") YES("SYSFS") YES("TMPFS") YES("TMPFS_XATTR") YES("MEMFD_CREATE") YES("OVERLAY_FS") YES("FHANDLE")
	YES("DEVTMPFS") YES("UNIX98_PTYS") YES("TTY") YES("KEYS") YES("SECURITY_LANDLOCK") YES("SECURITY") YES("NET") YES("UNIX")
	YES("INET") YES("IPV6") YES("IKCONFIG") YES("IKCONFIG_PROC") "CONFIG_HZ=250\n";

#define TEXT_SIZE (sizeof(config_text) - 1)
#define HEAD_SIZE 15u /* gzip header, header of the block */
#define FILE_SIZE (HEAD_SIZE + TEXT_SIZE + 8)

_Static_assert(TEXT_SIZE <= 65535, "one stored block");

static uint32_t crc32(const char *s, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= (uint8_t)s[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void make_file(char *out)
{
	static const uint8_t head[11] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, /* the block: last, stored */ 1 };
	uint16_t len = TEXT_SIZE, inverse = (uint16_t)~len;
	uint32_t tail[2] = { crc32(config_text, TEXT_SIZE), TEXT_SIZE };

	memcpy(out, head, sizeof(head));
	memcpy(out + 11, &len, 2);
	memcpy(out + 13, &inverse, 2);
	memcpy(out + HEAD_SIZE, config_text, TEXT_SIZE);
	memcpy(out + HEAD_SIZE + TEXT_SIZE, tail, sizeof(tail));
}

ssize_t read_config(const struct proc_at *at, struct iov_iter *to, loff_t *pos)
{
	char *file;
	ssize_t n;

	(void)at;
	if (*pos >= (loff_t)FILE_SIZE)
		return 0;
	file = kmalloc(FILE_SIZE);
	if (!file)
		return -ENOMEM;
	make_file(file);
	n = copy_to_iter(file + *pos, MIN(to->count, FILE_SIZE - (size_t)*pos), to);
	kfree(file);
	if (n > 0)
		*pos += n;
	return n;
}
