/* process.c (test): the table of numbers, and what wait calls see of children. */
#include "process/process.h"
#include "base/heap.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "linux/wait.h"
#include "process/internal.h"
#include "process/pid.h"
#include "process/pidfd.h"
#include "process/wait.h"
#include "signal/signal.h"
#include "thread/sched.h"
#include "test/unit.h"
#include "vm/vm.h"

struct process *init_process;
static unsigned reaped;

void process_reap(struct process *p)
{
	list_remove(&p->sibling);
	reaped++;
}
void process_times(const struct process *p, nsec_t *utime, nsec_t *stime)
{
	*utime = p->dead_utime;
	*stime = p->dead_stime;
}
nsec_t thread_user_time(struct thread *t);
nsec_t thread_user_time(struct thread *t)
{
	return t->utime;
}

nsec_t thread_cpu_time(struct thread *t)
{
	return t->utime + t->stime;
}
int pidfd_process(int fd, struct process **out, bool *nonblock)
{
	(void)fd;
	(void)out;
	(void)nonblock;
	return -EBADF;
}
void vm_space_stats(struct vm_space *s, struct vm_stats *out)
{
	(void)s;
	*out = (struct vm_stats){ 0 };
}

UNIT_TEST(pid, numbers)
{
	struct thread a = { 0 }, b = { 0 };
	struct process p = { 0 };
	kpid_t first = tid_alloc(&a);

	CHECK_EQ(first, 1);
	CHECK_EQ(tid_alloc(&b), 2);
	CHECK(thread_find(1) == &a && thread_find(2) == &b && !thread_find(3));
	pid_attach(1, &p);
	pid_hold(1);
	CHECK(process_find(1) == &p && !process_find(2));
	tid_free(1); /* the leader has ended, the process has not */
	CHECK(!thread_find(1) && process_find(1) == &p);
	tid_take_over(&b, 1);
	CHECK_EQ(b.tid, 1);
	CHECK(thread_find(1) == &b && !thread_find(2));
	CHECK_EQ(thread_total(), 1);
	tid_free(1);
	pid_detach(1);
	CHECK(!process_find(1));
	pid_release(1);
}

UNIT_TEST(pid, limits)
{
	struct thread t[3] = { 0 };

	thread_limit = 2;
	CHECK(tid_alloc(&t[0]) > 0 && tid_alloc(&t[1]) > 0);
	CHECK_EQ(tid_alloc(&t[2]), -EAGAIN);
	tid_free(t[0].tid);
	unit_alloc_fail_after = 0;
	CHECK_EQ(tid_alloc(&t[2]), -EAGAIN);
	unit_alloc_fail_after = -1;
	CHECK(tid_alloc(&t[2]) > t[1].tid);
	tid_free(t[1].tid);
	tid_free(t[2].tid);
}

UNIT_TEST(wait, selects)
{
	struct process c = { .pid = 7, .pgid = 5, .exit_signal = SIGCHLD };
	struct wait_query q = { P_ALL, 0, WEXITED };

	CHECK(wait_selects(&q, &c));
	q = (struct wait_query){ P_PID, 8, WEXITED };
	CHECK(!wait_selects(&q, &c));
	q = (struct wait_query){ P_PGID, 5, WEXITED };
	CHECK(wait_selects(&q, &c));
	c.exit_signal = 0;
	CHECK(!wait_selects(&q, &c));
	q.options |= __WCLONE;
	CHECK(wait_selects(&q, &c));
	c.exit_signal = SIGCHLD;
	CHECK(!wait_selects(&q, &c));
	q.options = WEXITED | __WALL;
	CHECK(wait_selects(&q, &c));
}

UNIT_TEST(wait, events)
{
	struct process c = { .cont_reported = true };
	struct wait_query q = { P_ALL, 0, WEXITED | WSTOPPED | WCONTINUED };
	struct wait_result r;

	CHECK(!wait_event(&q, &c, &r));
	c.stopped = true;
	c.stop_signal = SIGTSTP;
	CHECK(wait_event(&q, &c, &r));
	CHECK_EQ(r.word, 0x147f);
	CHECK_EQ(r.code, CLD_STOPPED);
	c.stop_reported = true;
	CHECK(!wait_event(&q, &c, &r));
	c.stopped = c.cont_reported = false;
	CHECK(wait_event(&q, &c, &r));
	CHECK_EQ(r.word, 0xffff);
	c.zombie = true;
	c.exit_status = WAIT_EXITED(3);
	CHECK(wait_event(&q, &c, &r));
	CHECK_EQ(r.word, 0x300);
	CHECK(r.code == CLD_EXITED && r.status == 3);
	c.exit_status = WAIT_SIGNALED(SIGKILL, false);
	CHECK(wait_event(&q, &c, &r));
	CHECK(r.code == CLD_KILLED && r.status == SIGKILL);
	c.exit_status = WAIT_SIGNALED(SIGSEGV, true);
	CHECK(wait_event(&q, &c, &r));
	CHECK(r.code == CLD_DUMPED && r.status == SIGSEGV && r.word == 0x8b);
	q.options = WSTOPPED;
	CHECK(!wait_event(&q, &c, &r));
}

#include "syscall/define.h"
#include "test/ptrace_none.h"
long sys_wait4(const struct syscall_args *args);
long sys_waitid(const struct syscall_args *args);

static long wait4_of(long pid, int *status, long options)
{
	return sys_wait4(&(struct syscall_args){ { (uint64_t)pid, (uint64_t)status, (uint64_t)options, 0 } });
}

UNIT_TEST(wait, calls)
{
	struct process c = { .pid = 101, .pgid = 100, .exit_signal = SIGCHLD, .cont_reported = true };
	struct siginfo info;
	int status = 0;

	unit_env_reset();
	CHECK_EQ(wait4_of(-1, &status, 0), -ECHILD);
	c.parent = &unit_process;
	list_push_back(&unit_process.children, &c.sibling);
	CHECK_EQ(wait4_of(-1, &status, WNOHANG), 0);
	CHECK_EQ(wait4_of(102, &status, 0), -ECHILD);
	CHECK_EQ(wait4_of(-1, &status, 0x10), -EINVAL);
	CHECK_EQ(wait4_of(INT32_MIN, &status, 0), -ESRCH);
	unit_thread.sig_pending = 1;
	CHECK_EQ(wait4_of(0, &status, 0), -ERESTARTSYS);
	c.zombie = true;
	c.exit_status = WAIT_EXITED(9);
	c.dead_utime = 5;
	CHECK_EQ(sys_waitid(&(struct syscall_args){ { P_PID, 101, (uint64_t)&info, WEXITED | WNOWAIT, 0 } }), 0);
	CHECK(info.signo == SIGCHLD && info.code == CLD_EXITED && info.chld.pid == 101 && info.chld.status == 9);
	CHECK_EQ(sys_waitid(&(struct syscall_args){ { P_PID, 0, 0, WEXITED, 0 } }), -EINVAL);
	CHECK_EQ(sys_waitid(&(struct syscall_args){ { P_ALL, 0, 0, WNOHANG, 0 } }), -EINVAL);
	CHECK_EQ(reaped, 0);
	CHECK_EQ(wait4_of(-100, &status, 0), 101);
	CHECK_EQ(status, 0x900);
	CHECK_EQ(reaped, 1);
	CHECK_EQ(unit_process.child_utime, 5);
	CHECK_EQ(wait4_of(-1, &status, 0), -ECHILD);
}
