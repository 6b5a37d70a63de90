/*
 * One process traces another: stops for signals, calls, exec and exit, looking at memory and
 * registers, changing both, letting go again.
 */
#include "child.h"
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <elf.h>
#include <stddef.h>
#include <linux/ptrace.h>

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

static volatile long shared = 0x1234567887654321;

/* Waits for pid and expects it to be stopped by sig, with an event. */
#define EXPECT_STOP(pid, sig, event)                                                               \
	do {                                                                                       \
		int st_ = 0;                                                                       \
		EXPECT_EQ(waitpid(pid, &st_, __WALL), pid);                                        \
		EXPECT_EQ(st_, ((sig) | (event) << 8) << 8 | 0x7f);                                \
	} while (0)

static long call(int req, pid_t pid, long addr, long data)
{
	return syscall(SYS_ptrace, req, pid, addr, data);
}

ROLE(traced)
{
	char buf[32];

	EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	EXPECT_ERRNO(call(PTRACE_TRACEME, 0, 0, 0), EPERM);
	snprintf(buf, sizeof(buf), "%p", (void *)&shared);
	EXPECT_EQ(write(atoi(argv[0]), buf, sizeof(buf)), (ssize_t)sizeof(buf));
	raise(SIGSTOP);
	if (shared != 42)
		return 1;
	raise(SIGUSR1);
	getppid();
	return 7;
}

static pid_t start_traced(unsigned long *addr)
{
	char num[16], buf[32];
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe(fd));
	snprintf(num, sizeof(num), "%d", fd[1]);
	pid = spawn_self("traced", num);
	EXPECT_GT(pid, 0);
	EXPECT_EQ(read(fd[0], buf, sizeof(buf)), (ssize_t)sizeof(buf));
	*addr = strtoul(buf, NULL, 16);
	EXPECT_STOP(pid, SIGSTOP, 0);
	close(fd[0]);
	close(fd[1]);
	return pid;
}

TEST(memory_and_signals)
{
	unsigned long addr;
	pid_t pid = start_traced(&addr);
	siginfo_t si;
	long word = 0;

	EXPECT_OK(call(PTRACE_PEEKDATA, pid, addr, (long)&word));
	EXPECT_EQ(word, 0x1234567887654321);
	EXPECT_ERRNO(call(PTRACE_PEEKDATA, pid, 8, (long)&word), EIO);
	EXPECT_ERRNO(call(PTRACE_PEEKDATA, pid, addr, 8), EFAULT);
	EXPECT_OK(call(PTRACE_POKEDATA, pid, addr, 42));
	EXPECT_OK(call(PTRACE_GETSIGINFO, pid, 0, (long)&si));
	EXPECT_EQ(si.si_signo, SIGSTOP);
	EXPECT_EQ(si.si_pid, pid);
	EXPECT_ERRNO(call(PTRACE_CONT, pid, 0, 100), EIO);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, SIGUSR1, 0);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0)); /* not delivered */
	EXPECT_EXIT(pid, 7);
	EXPECT_ERRNO(call(PTRACE_CONT, pid, 0, 0), ESRCH);
}

TEST(signal_passed_on)
{
	unsigned long addr;
	pid_t pid = start_traced(&addr);

	EXPECT_OK(call(PTRACE_POKEDATA, pid, addr, 42));
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, SIGUSR1, 0);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, SIGTERM));
	EXPECT_SIGNALED(pid, SIGTERM);
}

TEST(system_calls)
{
	struct __ptrace_syscall_info info;
	struct user_regs_struct regs;
	unsigned long addr;
	pid_t pid = start_traced(&addr);
	int entries = 0, seen = 0, st;

	EXPECT_OK(call(PTRACE_POKEDATA, pid, addr, 42));
	EXPECT_OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT));
	EXPECT_ERRNO(call(PTRACE_SETOPTIONS, pid, 0, 0x8000000), EINVAL);
	EXPECT_OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
	for (;;) {
		EXPECT_EQ(waitpid(pid, &st, 0), pid);
		if (st >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			break;
		EXPECT(WIFSTOPPED(st));
		if (WSTOPSIG(st) == (SIGTRAP | 0x80)) {
			EXPECT_GT(call(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), (long)&info), 24);
			EXPECT_OK(ptrace(PTRACE_GETREGS, pid, 0, &regs));
			if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
				entries++;
				EXPECT_EQ(regs.rax, (unsigned long)-ENOSYS);
				EXPECT_EQ(regs.orig_rax, info.entry.nr);
				EXPECT_EQ(regs.rsp, info.stack_pointer);
				seen |= info.entry.nr == SYS_getppid;
			} else if (regs.orig_rax == SYS_getppid) {
				EXPECT_EQ(info.exit.rval, getpid());
				EXPECT_EQ(regs.rax, (unsigned long)getpid());
			}
		}
		EXPECT_OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
	}
	EXPECT(seen);
	EXPECT_GT(entries, 2);
	EXPECT_OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &addr));
	EXPECT_EQ(addr, 7 << 8);
	EXPECT_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	EXPECT_EXIT(pid, 7);
}

TEST(registers)
{
	struct user_regs_struct regs, set;
	struct user_fpregs_struct fp;
	struct iovec iov = { &set, sizeof(set) };
	unsigned long addr;
	pid_t pid = start_traced(&addr);
	long word;

	EXPECT_OK(ptrace(PTRACE_GETREGS, pid, 0, &regs));
	EXPECT_OK(call(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rsp), (long)&word));
	EXPECT_EQ((unsigned long)word, regs.rsp);
	EXPECT_EQ(regs.cs, 0x33);
	EXPECT_OK(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, sizeof(regs));
	EXPECT_MEM(&regs, &set, sizeof(regs));
	EXPECT_OK(ptrace(PTRACE_SETREGS, pid, 0, &regs));
	EXPECT_OK(ptrace(PTRACE_GETFPREGS, pid, 0, &fp));
	EXPECT_OK(ptrace(PTRACE_SETFPREGS, pid, 0, &fp));
	EXPECT_ERRNO(call(PTRACE_PEEKUSER, pid, 3, (long)&word), EIO);
	EXPECT_ERRNO(call(PTRACE_PEEKUSER, pid, 100000, (long)&word), EIO);
	EXPECT_ERRNO(call(PTRACE_GETREGS, pid, 0, 8), EFAULT);
	EXPECT_ERRNO(call(PTRACE_SETREGS, pid, 0, 8), EFAULT);
	EXPECT_OK(call(PTRACE_POKEDATA, pid, addr, 42));
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, SIGUSR1, 0);
	EXPECT_OK(ptrace(PTRACE_KILL, pid, 0, 0));
	EXPECT_SIGNALED(pid, SIGKILL);
}

ROLE(sleeper)
{
	if (argv[0][0] == 's')
		raise(SIGSTOP);
	EXPECT_EQ(write(atoi(argv[1]), "r", 1), 1);
	while (argc)
		pause();
	return 0;
}

static pid_t start_sleeper(void)
{
	char num[16], c;
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe(fd));
	snprintf(num, sizeof(num), "%d", fd[1]);
	pid = spawn_self("sleeper", "run", num);
	EXPECT_EQ(read(fd[0], &c, 1), 1);
	close(fd[0]);
	close(fd[1]);
	return pid;
}

TEST(attach_and_detach)
{
	pid_t pid = start_sleeper();
	int st;

	EXPECT_ERRNO(call(PTRACE_ATTACH, 0x3ffffff, 0, 0), ESRCH);
	EXPECT_ERRNO(call(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	EXPECT_ERRNO(call(PTRACE_CONT, pid, 0, 0), ESRCH);
	EXPECT_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_ERRNO(call(PTRACE_ATTACH, pid, 0, 0), EPERM);
	EXPECT_STOP(pid, SIGSTOP, 0);
	EXPECT_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	EXPECT_EQ(waitpid(pid, &st, WNOHANG | WUNTRACED), 0);
	EXPECT_OK(kill(pid, SIGTERM));
	EXPECT_SIGNALED(pid, SIGTERM);
}

TEST(attach_to_a_stopped_one)
{
	pid_t pid = spawn_self("sleeper", "stop", "1");
	int st;

	EXPECT_EQ(waitpid(pid, &st, WUNTRACED), pid);
	EXPECT_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_OK(call(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]), 2));
	EXPECT_STOP(pid, SIGSTOP, 0);
	EXPECT_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}

TEST(seize_and_interrupt)
{
	pid_t pid = start_sleeper();
	int st;

	EXPECT_ERRNO(call(PTRACE_SEIZE, pid, 1, 0), EIO);
	EXPECT_OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	EXPECT_EQ(waitpid(pid, &st, WNOHANG), 0);
	EXPECT_OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
	EXPECT_STOP(pid, SIGTRAP, PTRACE_EVENT_STOP);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_OK(kill(pid, SIGSTOP));
	EXPECT_STOP(pid, SIGSTOP, 0);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
	EXPECT_STOP(pid, SIGSTOP, PTRACE_EVENT_STOP);
	EXPECT_OK(ptrace(PTRACE_LISTEN, pid, 0, 0));
	EXPECT_OK(kill(pid, SIGCONT));
	EXPECT_STOP(pid, SIGTRAP, PTRACE_EVENT_STOP);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, SIGCONT, 0);
	EXPECT_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	EXPECT_OK(kill(pid, SIGKILL));
	EXPECT_SIGNALED(pid, SIGKILL);
}

ROLE(execs)
{
	EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	execl("/bin/true", "true", NULL);
	return 9;
}

TEST(exec_traps)
{
	pid_t pid = spawn_self("execs");

	EXPECT_STOP(pid, SIGTRAP, 0);
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

ROLE(spawns)
{
	EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	EXPECT_EXIT(spawn_self("nothing"), 0);
	return 3;
}
ROLE(nothing)
{
	return 0;
}

/* Follows a child and its child. */
TEST(follows_children)
{
	pid_t pid = spawn_self("spawns"), p;
	unsigned long msg = 0, child = 0;
	int st, execs = 0, exits = 0;

	EXPECT_STOP(pid, SIGSTOP, 0);
	EXPECT_OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
							    PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	while ((p = waitpid(-1, &st, __WALL)) > 0) {
		int sig = 0;

		if (!WIFSTOPPED(st)) {
			exits++;
			EXPECT_EQ(st, p == pid ? 3 << 8 : 0);
			continue;
		}
		if (st >> 16 == PTRACE_EVENT_VFORK || st >> 16 == PTRACE_EVENT_CLONE) {
			EXPECT_OK(ptrace(PTRACE_GETEVENTMSG, p, 0, &msg));
			child = msg;
		} else if (st >> 16 == PTRACE_EVENT_EXEC) {
			execs++;
		} else if (WSTOPSIG(st) != SIGSTOP && WSTOPSIG(st) != SIGTRAP) {
			sig = WSTOPSIG(st);
		}
		EXPECT_OK(ptrace(PTRACE_CONT, p, 0, sig));
	}
	EXPECT_EQ(errno, ECHILD);
	EXPECT_GT(child, 0u);
	EXPECT_EQ(execs, 1);
	EXPECT_EQ(exits, 2);
}

static int thread_begins(void *arg)
{
	*(volatile int *)arg = 1;
	return 0;
}

ROLE(vforks_a_thread)
{
	static char stack[65536] __attribute__((aligned(16)));
	static volatile int began;

	EXPECT_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	EXPECT_OK(clone(thread_begins, stack + sizeof(stack),
			CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_VFORK,
			(void *)&began));
	while (!began)
		sched_yield();
	return 4;
}

/* CLONE_VFORK is odd for a thread, but allowed; whoever traces is told. */
TEST(vfork_of_a_thread)
{
	pid_t pid = spawn_self("vforks_a_thread"), p;
	unsigned long thread = 0;
	int st, done = 0, status = 0;

	EXPECT_STOP(pid, SIGSTOP, 0);
	EXPECT_OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_EXITKILL));
	EXPECT_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	while ((p = waitpid(-1, &st, __WALL)) > 0) {
		if (!WIFSTOPPED(st)) {
			if (p == pid)
				status = st;
			continue;
		}
		if (st >> 16 == PTRACE_EVENT_VFORK)
			EXPECT_OK(ptrace(PTRACE_GETEVENTMSG, p, 0, &thread));
		done += st >> 16 == PTRACE_EVENT_VFORK_DONE;
		EXPECT_OK(ptrace(PTRACE_CONT, p, 0, 0));
	}
	EXPECT_EQ(errno, ECHILD);
	EXPECT_EQ(status, 4 << 8);
	EXPECT_GT(thread, (unsigned long)pid);
	EXPECT_EQ(done, 1);
}
