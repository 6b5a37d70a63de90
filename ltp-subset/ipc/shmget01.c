/* shmget, shmat, shmdt and shmctl: keys, sizes and ids they refuse; removal waits for the last detach. */
#include "../lst.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static void run(void)
{
	key_t key = 0x51000000 + getpid();
	struct shmid_ds ds;
	char *m;
	int id;

	EXPECT_FAIL(shmget(key, 4096, 0), ENOENT);
	EXPECT_FAIL(shmget(key, 0, IPC_CREAT), EINVAL);
	id = EXPECT_OK(shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600));
	EXPECT_FAIL(shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	EXPECT_FAIL(shmget(key, 9000, 0), EINVAL);
	EXPECT_EQ(shmget(key, 100, 0), id);
	EXPECT_FAIL(shmat(-1, NULL, 0), EINVAL);
	EXPECT_FAIL(shmat(id, (void *)1, 0), EINVAL);
	EXPECT_FAIL(shmdt(BAD_PTR), EINVAL);
	EXPECT_FAIL(shmctl(-1, IPC_STAT, &ds), EINVAL);
	EXPECT_FAIL(shmctl(id, 99, &ds), EINVAL);
	m = EXPECT_OK(shmat(id, NULL, 0));
	EXPECT_EQ(m[4999], 0);
	EXPECT_OK(shmctl(id, IPC_STAT, &ds));
	EXPECT_EQ(ds.shm_nattch, 1);
	EXPECT_EQ(ds.shm_segsz, 5000);
	EXPECT_EQ(ds.shm_cpid, getpid());
	EXPECT_OK(shmctl(id, IPC_RMID, NULL));
	m[0] = 'x';
	EXPECT_OK(shmctl(id, IPC_STAT, &ds));
	EXPECT(ds.shm_perm.mode & SHM_DEST);
	EXPECT_OK(shmdt(m));
	EXPECT_FAIL(shmctl(id, IPC_STAT, &ds), EINVAL);
	EXPECT_FAIL(shmdt(m), EINVAL);
}
