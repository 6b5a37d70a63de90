/* a segment attached before a fork is shared with the child; the child's attachment counts and ends with it. */
#include "../lst.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static void run(void)
{
	int id = MUST(shmget(IPC_PRIVATE, 4096, 0600));
	volatile char *m = MUST(shmat(id, NULL, 0));
	struct shmid_ds ds;
	pid_t pid = FORK();

	if (!pid) {
		EXPECT_OK(shmctl(id, IPC_STAT, &ds));
		EXPECT_EQ(ds.shm_nattch, 2);
		m[1] = 'c';
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(m[1], 'c');
	EXPECT_OK(shmctl(id, IPC_STAT, &ds));
	EXPECT_EQ(ds.shm_nattch, 1);
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
}
