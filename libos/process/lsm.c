/* lsm.c: which security modules there are: capabilities, as always. */
#include "linux/errno.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"

#define LSM_ID_CAPABILITY 100UL

static const uint64_t modules[] = { LSM_ID_CAPABILITY };

SYSCALL_DEFINE(lsm_list_modules, uaddr_t, uids, uaddr_t, usize, uint32_t, flags)
{
	uint32_t room, need = sizeof(modules);

	if (flags)
		return -EINVAL;
	if (get_user(room, usize) || put_user(need, usize))
		return -EFAULT;
	if (room < need)
		return -E2BIG;
	return copy_to_user(uids, modules, need) ? -EFAULT : (long)ARRAY_SIZE(modules);
}
