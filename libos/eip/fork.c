/* fork.c */
#include "eip/eip.h"
#include "eip/spawn.h"
#include "linux/errno.h"

int eip_fork(struct process *p, struct thread *t)
{
	(void)p, (void)t;
	return -EAGAIN;
}

int eip_fork_arrive(struct unpack *u, struct pack *partial)
{
	(void)u, (void)partial;
	return -ENOSYS;
}
