/* semget, semop and semctl: what they refuse, and operations that would block. */
#include "../lst.h"
#include <sys/ipc.h>
#include <sys/sem.h>

static void run(void)
{
	struct sembuf up = { 0, 1, 0 }, down = { 0, -1, IPC_NOWAIT }, zero = { 0, 0, IPC_NOWAIT }, far = { 5, 1, 0 };
	struct sembuf both[2] = { { 1, 1, 0 }, { 0, -1, IPC_NOWAIT } };
	int id;

	EXPECT_FAIL(semget(IPC_PRIVATE, -1, 0600), EINVAL);
	EXPECT_FAIL(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	id = EXPECT_OK(semget(IPC_PRIVATE, 2, 0600));
	EXPECT_FAIL(semop(-1, &up, 1), EINVAL);
	EXPECT_FAIL(semop(id, &up, 0), EINVAL);
	EXPECT_FAIL(semop(id, &up, 100000), E2BIG);
	EXPECT_FAIL(semop(id, &far, 1), EFBIG);
	EXPECT_FAIL(semop(id, BAD_PTR, 1), EFAULT);
	EXPECT_FAIL(semop(id, &down, 1), EAGAIN);
	EXPECT_FAIL(semop(id, both, 2), EAGAIN);
	EXPECT_EQ(semctl(id, 1, GETVAL), 0);
	EXPECT_OK(semop(id, &zero, 1));
	EXPECT_OK(semop(id, &up, 1));
	EXPECT_FAIL(semop(id, &zero, 1), EAGAIN);
	EXPECT_OK(semop(id, both, 2));
	EXPECT_EQ(semctl(id, 1, GETVAL), 1);
	EXPECT_EQ(semctl(id, 0, GETPID), getpid());
	EXPECT_FAIL(semctl(id, 0, SETVAL, 40000), ERANGE);
	EXPECT_FAIL(semctl(id, 7, GETVAL), EINVAL);
	EXPECT_OK(semctl(id, 0, IPC_RMID));
	EXPECT_FAIL(semop(id, &up, 1), EINVAL);
}
