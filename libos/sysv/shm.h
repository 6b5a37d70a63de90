/* shm.h: a shared memory segment. */
#pragma once
#include "sysv/ids.h"

struct file;

struct shm_segment {
	struct ipc_object ipc;
	struct file *file; /* an unnamed file in memory */
	size_t size;
	int64_t atime, dtime, ctime;
	kpid_t cpid, lpid;
	unsigned opened;   /* files made by shmat and not yet released */
};

extern uint64_t shm_pages; /* of all segments */
unsigned long shm_attached(const struct shm_segment *seg);
/* IPC_RMID: at once, or when nobody has it attached any more. May sleep. */
void shm_remove(struct shm_segment *seg);
