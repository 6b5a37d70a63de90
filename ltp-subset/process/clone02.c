/* clone without CLONE_VM: CLONE_FILES and CLONE_FS share, CLONE_PARENT_SETTID and CLONE_CHILD_SETTID write. */
#include "../lst.h"

static void run(void)
{
	int tids[2] = { 0, 0 }, fd;
	char cwd[PATH_MAX];
	long pid;

	MUST(mkdir("d", 0755));
	pid = MUST(syscall(SYS_clone, CLONE_FILES | CLONE_FS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &tids[0],
			   &tids[1], NULL));
	if (!pid) {
		lst_result = 0;
		EXPECT_EQ(tids[1], getpid());
		MUST(dup2(1, 77));
		MUST(chdir("d"));
		child_exit();
	}
	EXPECT_EQ(tids[0], pid);
	REAP(pid);
	EXPECT_EQ(tids[1], 0);
	fd = EXPECT_OK(fcntl(77, F_GETFD));
	(void)fd;
	MUST(getcwd(cwd, sizeof(cwd)) ? 0 : -1);
	EXPECT_STR(strrchr(cwd, '/'), "/d");
}
