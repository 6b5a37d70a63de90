/* access.c: reading and writing the memory of another process: process_vm_readv and kin.
 *
 * Making pages present makes their space resident, and then they lie at the addresses the process knows. */
#include "base/log.h"
#include "base/string.h"
#include "linux/errno.h"
#include "vm/space.h"

int vm_access(struct vm_space *s, uaddr_t addr, void *buf, size_t len, bool write)
{
	int err;

	assert((addr & ~PAGE_MASK) + len <= PAGE_SIZE);
	err = vm_make_present(s, addr, len, write ? PROT_WRITE : PROT_READ);
	if (err)
		return err;
	if (write)
		memcpy((void *)addr, buf, len);
	else
		memcpy(buf, (const void *)addr, len);
	return 0;
}
