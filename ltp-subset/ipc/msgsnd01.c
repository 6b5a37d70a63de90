/* msgget, msgsnd and msgrcv: what they refuse, types, truncation. */
#include "../lst.h"
#include <sys/ipc.h>
#include <sys/msg.h>

struct text {
	long type;
	char text[16];
};

static void run(void)
{
	struct text m = { 3, "three" }, got;
	int id = EXPECT_OK(msgget(IPC_PRIVATE, 0600));

	EXPECT_FAIL(msgsnd(-1, &m, 5, 0), EINVAL);
	EXPECT_FAIL(msgsnd(id, &m, -1, 0), EINVAL);
	EXPECT_FAIL(msgsnd(id, &m, 100000, 0), EINVAL);
	EXPECT_FAIL(msgsnd(id, BAD_PTR, 5, 0), EFAULT);
	m.type = 0;
	EXPECT_FAIL(msgsnd(id, &m, 5, 0), EINVAL);
	EXPECT_FAIL(msgrcv(id, &got, 16, 0, IPC_NOWAIT), ENOMSG);
	m.type = 3;
	EXPECT_OK(msgsnd(id, &m, 6, 0));
	EXPECT_OK(msgsnd(id, &(struct text){ 1, "one" }, 4, 0));
	EXPECT_OK(msgsnd(id, &(struct text){ 2, "two" }, 4, 0));
	EXPECT_FAIL(msgrcv(id, &got, 3, 3, 0), E2BIG);
	EXPECT_FAIL(msgrcv(id, &got, 16, 9, IPC_NOWAIT), ENOMSG);
	EXPECT_EQ(msgrcv(id, &got, 16, 2, 0), 4);
	EXPECT_STR(got.text, "two");
	EXPECT_EQ(msgrcv(id, &got, 16, -2, 0), 4);
	EXPECT_EQ(got.type, 1);
	EXPECT_EQ(msgrcv(id, &got, 2, 0, MSG_NOERROR), 2);
	EXPECT_MEM(got.text, "th", 2);
	EXPECT_OK(msgctl(id, IPC_RMID, NULL));
	EXPECT_FAIL(msgsnd(id, &m, 5, 0), EINVAL);
}
