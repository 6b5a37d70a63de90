/* process_vm_readv and process_vm_writev with a child: data, faults, missing processes. */
#include "../lst.h"
#include <sys/uio.h>
static char data[8192] = "of the parent";

static void run(void)
{
	char buf[64] = "";
	struct iovec local = { buf, 14 }, remote = { data, 14 }, bad = { BAD_PTR, 14 };
	int go[2];
	char c;
	pid_t pid;

	MUST(pipe(go));
	pid = FORK();
	if (!pid) {
		strcpy(data, "of the child");
		MUST(write(go[1], "x", 1));
		while (data[0] != 'O')
			sleep_ms(1);
		child_exit();
	}
	MUST(read(go[0], &c, 1));
	EXPECT_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), 14);
	EXPECT_STR(buf, "of the child");
	EXPECT_STR(data, "of the parent");
	EXPECT_FAIL(process_vm_readv(pid, &local, 1, &bad, 1, 0), EFAULT);
	EXPECT_FAIL(process_vm_readv(pid, &bad, 1, &remote, 1, 0), EFAULT);
	EXPECT_FAIL(process_vm_readv(pid, &local, 1, &remote, 1, 1), EINVAL);
	EXPECT_FAIL(process_vm_readv(0x3fffffff, &local, 1, &remote, 1, 0), ESRCH);
	EXPECT_FAIL(process_vm_readv(pid, &local, -1, &remote, 1, 0), EINVAL);
	buf[0] = 'O';
	EXPECT_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), 14);
	REAP(pid);
	EXPECT_EQ(data[0], 'o');
}
