/* memfd.c: memfd_create(2): an unlinked file in memory. Reading, writing, mapping and the seals are those of any such
 * file (fs/); here it gets its name, and its leave to be sealed. */
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "syscall/define.h"

#define MFD_CLOEXEC 0x01u
#define MFD_ALLOW_SEALING 0x02u
#define MFD_NOEXEC_SEAL 0x08u
#define MFD_EXEC 0x10u
/* No MFD_HUGETLB: there are no huge pages. */
#define MFD_KNOWN (MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)
#define PREFIX "memfd:"
#define NAME_SIZE 250 /* with NUL, without the prefix */

static uint32_t first_seals(unsigned flags)
{
	if (flags & MFD_NOEXEC_SEAL)
		return F_SEAL_EXEC;
	return flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL;
}

SYSCALL_DEFINE(memfd_create, uaddr_t, uname, unsigned, flags)
{
	char name[sizeof(PREFIX) + NAME_SIZE] = PREFIX;
	struct file *f;
	ssize_t err;
	int fd;

	if ((flags & ~MFD_KNOWN) || ((flags & MFD_EXEC) && (flags & MFD_NOEXEC_SEAL)))
		return -EINVAL;
	err = strncpy_from_user(name + sizeof(PREFIX) - 1, uname, NAME_SIZE);
	if (err < 0)
		return err == -ENAMETOOLONG ? -EINVAL : err;
	err = file_open_anon(name, O_RDWR | O_LARGEFILE, &f);
	if (err)
		return err;
	f->inode->seals = first_seals(flags);
	if (flags & MFD_NOEXEC_SEAL)
		f->inode->mode &= ~0111u;
	fd = fd_install(f, 0, flags & MFD_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}
