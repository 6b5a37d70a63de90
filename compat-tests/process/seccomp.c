/*
 * seccomp: strict mode kills for any other call; filters refuse, trap, kill, or let pass, see the arguments, add up, are
 * inherited by children and over exec; bad programs and the unprivileged are refused.
 */
#include "fork.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

#define NR offsetof(struct seccomp_data, nr)
#define ARG(i) (offsetof(struct seccomp_data, args) + 8 * (i))
#define COUNT(a) ((unsigned short)(sizeof(a) / sizeof((a)[0])))

static long install_prog(struct sock_filter *f, unsigned short n, unsigned flags)
{
	struct sock_fprog p = { n, f };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

/* Calls with that number get the verdict, others pass. */
static long judge(int nr, unsigned verdict)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return install_prog(f, COUNT(f), 0);
}

/* How a forked child ends that runs fn. */
static int ends(int (*fn)(void))
{
	pid_t pid;
	int st = -1;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(fn());
	EXPECT_GT(pid, 0);
	EXPECT_EQ(waitpid(pid, &st, 0), pid);
	return st;
}

static int strict_ok(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		return 1;
	syscall(SYS_write, -1, "", 0);
	syscall(SYS_exit, 7);
	return 2;
}

static int strict_bad(void)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL))
		return 1;
	syscall(SYS_getpid);
	return 2;
}

TEST(strict)
{
	int st = ends(strict_ok);

	EXPECT(WIFEXITED(st) && WEXITSTATUS(st) == 7);
	st = ends(strict_bad);
	EXPECT(WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
	EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
}

static int refuse(void)
{
	if (judge(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV))
		return 1;
	if (syscall(SYS_getppid) != -1 || errno != EXDEV)
		return 2;
	if (syscall(SYS_getpid) <= 0 || prctl(PR_GET_SECCOMP) != 2)
		return 3;
	/* the stricter one counts, and of equals the newer */
	if (judge(SYS_getppid, SECCOMP_RET_ALLOW) || syscall(SYS_getppid) != -1 || errno != EXDEV)
		return 4;
	if (judge(SYS_getppid, SECCOMP_RET_ERRNO | EPROTO) || syscall(SYS_getppid) != -1 || errno != EPROTO)
		return 5;
	if (judge(SYS_getppid, SECCOMP_RET_ERRNO | 0xffff) || syscall(SYS_getppid) != -1 || errno != 4095)
		return 6;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == -1 && errno == EINVAL ? 0 : 7;
}

TEST(refused_with_an_error)
{
	EXPECT_EQ(ends(refuse), 0);
}

static int pass_errno_0(void)
{
	return judge(SYS_getppid, SECCOMP_RET_ERRNO) || syscall(SYS_getppid) != 0 ||
	       judge(SYS_getuid, SECCOMP_RET_TRACE) || syscall(SYS_getuid) != -1 || errno != ENOSYS ||
	       judge(SYS_getegid, SECCOMP_RET_LOG) || syscall(SYS_getegid) == -1;
}

TEST(result_zero_nobody_traces_and_log)
{
	EXPECT_EQ(ends(pass_errno_0), 0);
}

static siginfo_t seen;

static void on_sys(int sig, siginfo_t *info, void *uc)
{
	(void)sig;
	seen = *info;
	((ucontext_t *)uc)->uc_mcontext.gregs[REG_RAX] = 4711;
}

static int trapped(void)
{
	struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &sa, NULL);
	if (judge(SYS_getppid, SECCOMP_RET_TRAP | 55))
		return 1;
	if (syscall(SYS_getppid) != 4711)
		return 2;
	if (seen.si_code != 1 || seen.si_errno != 55 || seen.si_syscall != SYS_getppid || seen.si_arch != AUDIT_ARCH_X86_64)
		return 3;
	signal(SIGSYS, SIG_IGN);
	syscall(SYS_getppid);
	return 4;
}

TEST(trap)
{
	int st = ends(trapped);

	EXPECT(WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
}

static int killed_thread(void)
{
	if (judge(SYS_getppid, SECCOMP_RET_KILL))
		return 1;
	syscall(SYS_getppid);
	return 2;
}

static int killed_process(void)
{
	signal(SIGSYS, SIG_IGN);
	if (judge(SYS_getppid, SECCOMP_RET_KILL_PROCESS))
		return 1;
	syscall(SYS_getppid);
	return 2;
}

static int unknown_action(void)
{
	if (judge(SYS_getppid, 0x12340000))
		return 1;
	syscall(SYS_getppid);
	return 2;
}

static void *dies(void *arg)
{
	judge(SYS_getppid, SECCOMP_RET_KILL);
	syscall(SYS_getppid);
	return arg;
}

static int one_thread_dies(void)
{
	pthread_t t;
	void *r = NULL;

	if (pthread_create(&t, NULL, dies, NULL))
		return 1;
	if (pthread_join(t, &r))
		return 2;
	return syscall(SYS_getppid) > 0 ? 0 : 3;
}

TEST(kill)
{
	int st = ends(killed_thread);

	EXPECT(WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
	st = ends(killed_process);
	EXPECT(WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
	st = ends(unknown_action);
	EXPECT(WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
	EXPECT_EQ(ends(one_thread_dies), 0);
}

/* dup(fd) fails for fd 1000 + x, with errno x computed by the program. */
static int arguments(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(0)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1000, 0, 5),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 1000),
		BPF_STMT(BPF_LD | BPF_MEM, 3),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};

	f[4].jf = 6; /* out of the program */
	if (install_prog(f, COUNT(f), 0) != -1 || errno != EINVAL)
		return 1;
	f[4].jf = 0;
	if (install_prog(f, COUNT(f), 0))
		return 2;
	if (syscall(SYS_dup, 1017) != -1 || errno != 17 || syscall(SYS_dup, 1003) != -1 || errno != 3)
		return 3;
	return 0;
}

TEST(programs_see_arguments)
{
	EXPECT_EQ(ends(arguments), 0);
}

ROLE(after_exec)
{
	return syscall(SYS_getppid) == -1 && errno == EXDEV ? 0 : 9;
}

static int child_and_exec(void)
{
	int st;
	pid_t pid;

	if (judge(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV))
		return 1;
	pid = fork();
	if (!pid)
		_exit(syscall(SYS_getppid) == -1 && errno == EXDEV ? 0 : 1);
	if (waitpid(pid, &st, 0) != pid || st)
		return 2;
	pid = spawn_self("after_exec", NULL);
	return waitpid(pid, &st, 0) == pid && !st ? 0 : 3;
}

TEST(inherited)
{
	EXPECT_EQ(ends(child_and_exec), 0);
}

static void *asks(void *arg)
{
	int *go = arg;

	while (!__atomic_load_n(go, __ATOMIC_SEQ_CST))
		sched_yield();
	return (void *)(long)(syscall(SYS_getppid) == -1 && errno == EXDEV);
}

static int synchronised(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	int go = 0;
	pthread_t t;
	void *r = NULL;

	if (pthread_create(&t, NULL, asks, &go))
		return 1;
	if (install_prog(f, COUNT(f), 1 /* TSYNC */))
		return 2;
	__atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
	pthread_join(t, &r);
	return r ? 0 : 3;
}

TEST(all_threads)
{
	EXPECT_EQ(ends(synchronised), 0);
}

static int wrong(void)
{
	struct sock_filter none[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR) };
	struct sock_filter odd[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter far[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter byte[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter zero[] = { BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter unset[] = { BPF_STMT(BPF_LD | BPF_MEM, 1), BPF_STMT(BPF_RET | BPF_A, 0) };
	struct sock_filter mod[] = { BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), BPF_STMT(BPF_RET | BPF_K, 0) };

#define REFUSED(f) (install_prog(f, COUNT(f), 0) == -1 && errno == EINVAL)
	if (!REFUSED(none) || !REFUSED(odd) || !REFUSED(far) || !REFUSED(byte))
		return 1;
	if (!REFUSED(zero) || !REFUSED(unset) || !REFUSED(mod))
		return 2;
	if (install_prog(zero, 0, 0) != -1 || errno != EINVAL)
		return 3;
	if (install_prog(none, 1, 1u << 20) != -1 || errno != EINVAL)
		return 4;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) != -1 || errno != EFAULT)
		return 5;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL) != -1 || errno != EINVAL)
		return 6;
	if (syscall(SYS_seccomp, 99, 0, NULL) != -1 || errno != EINVAL)
		return 7;
	return 0;
}

static int unprivileged(void)
{
	struct sock_filter f[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog p = { 1, f };

	if (!geteuid() && setuid(1234))
		return 1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p) == -1 && errno == EACCES ? 0 : 2;
}

TEST(refusals)
{
	unsigned action = SECCOMP_RET_TRAP;

	EXPECT_EQ(ends(wrong), 0);
	if (!prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))
		EXPECT_EQ(ends(unprivileged), 0);
	EXPECT_EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
	action = 0x12340000;
	EXPECT_EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), -1);
	EXPECT_EQ(errno, EOPNOTSUPP);
}
