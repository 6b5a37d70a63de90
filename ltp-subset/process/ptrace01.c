/* ptrace: what it refuses; a traced child that stops, is read, changed and let go. */
#include "../lst.h"
#include <sys/ptrace.h>
static volatile long word = 42;

static void run(void)
{
	int status;
	pid_t pid;

	EXPECT_FAIL(ptrace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	EXPECT_FAIL(ptrace(PTRACE_ATTACH, 0x3fffffff, 0, 0), ESRCH);
	EXPECT_FAIL(ptrace(PTRACE_CONT, getpid(), 0, 0), ESRCH);
	pid = FORK();
	if (!pid) {
		EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		EXPECT_EQ(word, 43);
		child_exit();
	}
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	errno = 0;
	EXPECT_EQ(ptrace(PTRACE_PEEKDATA, pid, &word, 0), 42);
	EXPECT_OK(ptrace(PTRACE_POKEDATA, pid, &word, 43));
	EXPECT_FAIL(ptrace(PTRACE_PEEKDATA, pid, BAD_PTR, 0), EIO);
	EXPECT_FAIL(ptrace(PTRACE_CONT, pid, 0, 999), EIO);
	EXPECT_EQ(word, 42);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	REAP(pid);
}
