/* SEM_UNDO gives back what a dead child took; removal wakes a waiter with EIDRM. */
#include "../lst.h"
#include <sys/ipc.h>
#include <sys/sem.h>

static void run(void)
{
	int id = MUST(semget(IPC_PRIVATE, 1, 0600));
	struct sembuf take = { 0, -1, SEM_UNDO }, wait_more = { 0, -5, 0 };
	pid_t pid;

	MUST(semctl(id, 0, SETVAL, 1));
	pid = FORK();
	if (!pid) {
		EXPECT_OK(semop(id, &take, 1));
		EXPECT_EQ(semctl(id, 0, GETVAL), 0);
		child_exit();
	}
	REAP(pid);
	EXPECT_EQ(semctl(id, 0, GETVAL), 1);
	pid = FORK();
	if (!pid) {
		EXPECT_FAIL(semop(id, &wait_more, 1), EIDRM);
		child_exit();
	}
	EXPECT(wait_state(pid, 'S'));
	EXPECT_EQ(semctl(id, 0, GETNCNT), 1);
	EXPECT_OK(semctl(id, 0, IPC_RMID));
	REAP(pid);
}
