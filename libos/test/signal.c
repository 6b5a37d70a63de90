/* signal.c: pending sets, sending, delivery, restart decisions, frames and sigreturn. */
#include "base/string.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "linux/wait.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "signal/internal.h"
#include "signal/report.h"
#include "syscall/define.h"
#include "syscall/dispatch.h"
#include "test/unit.h"
#include "thread/rseq.h"
#include "test/ptrace_none.h"

#define HANDLER 0x400000UL
#define RESTORER 0x400100UL

struct process *init_process;
static struct regs regs;
static uint8_t xsave[832] __attribute__((aligned(64)));
static uint8_t user_stack[16384] __attribute__((aligned(64)));
static int interrupts, ended_with, notified_code;
static uint64_t restarted_with;
static bool vectors_dead, image_changed;
static int loaded_dead;

void thread_interrupt(struct thread *t, bool fatal)
{
	(void)t;
	(void)fatal;
	interrupts++;
}
void thread_wake(struct thread *t, bool sync)
{
	(void)t;
	(void)sync;
}
struct thread *thread_find(kpid_t tid) { return tid == unit_thread.tid ? &unit_thread : NULL; }
struct process *process_find(kpid_t pid) { return pid == unit_process.pid ? &unit_process : NULL; }
void process_notify_parent(struct process *p, int code, int status)
{
	(void)status;
	notified_code = code;
	/* continue at once, or the test would sleep for ever */
	if (code == CLD_STOPPED)
		p->stopped = false;
}
void process_group_exit(struct process *p, int status)
{
	p->group_exit = true;
	ended_with = status;
}
void thread_do_exit(int status)
{
	ended_with = status;
	unit_fail(__FILE__, __LINE__, "the thread ended with %x", status);
}
void report_crash(const struct regs *r, int sig, const struct siginfo *info)
{
	(void)r;
	(void)sig;
	(void)info;
}
void syscall_prepare_restart(struct regs *r, uint64_t nr)
{
	(void)r;
	restarted_with = nr;
}
uaddr_t rewrite_shown_rip(uaddr_t rip) { return rip; }
uaddr_t rewrite_resume_rip(uaddr_t rip) { return rip; }
void rseq_abort(struct thread *t, struct regs *r)
{
	(void)t;
	(void)r;
}
size_t fpu_snapshot(uint8_t head[FPU_HEAD])
{
	memcpy(head, xsave, FPU_HEAD);
	return fpu_area_size();
}
size_t fpu_used_size(const void *area)
{
	(void)area;
	return fpu_area_size();
}
bool fpu_vectors_dead(void) { return vectors_dead; }
bool fpu_image_initial(const uint8_t head[FPU_HEAD], struct fpu_control *control)
{
	(void)head;
	*control = (struct fpu_control){ 0x1f80, 0x37f };
	return !image_changed;
}
void fpu_load_dead(const struct fpu_control *control)
{
	(void)control;
	loaded_dead++;
}
void fpu_forget_current(void) { fpu_init_area(xsave); }
void fpu_reset_current(void) { fpu_init_area(xsave); }
void fpu_load_current(void) {}
size_t fpu_area_size(void) { return sizeof(xsave); }
uint64_t fpu_xfrm(void) { return 7; }
void fpu_init_area(void *area)
{
	memset(area, 0, sizeof(xsave));
	*(uint16_t *)area = 0x37f;
	*(uint32_t *)((char *)area + 24) = 0x1f80;
}
long sys_rt_sigreturn(const struct syscall_args *args);
long sys_rt_sigaction(const struct syscall_args *args);
long sys_rt_sigprocmask(const struct syscall_args *args);
long sys_rt_sigtimedwait(const struct syscall_args *args);
long sys_rt_sigsuspend(const struct syscall_args *args);
long sys_sigaltstack(const struct syscall_args *args);
long sys_kill(const struct syscall_args *args);
long sys_rt_sigqueueinfo(const struct syscall_args *args);

static void setup(void)
{
	unit_process.sighand = sighand_create();
	waitq_init(&unit_process.sigfd_wait);
	waitq_init(&unit_process.child_exit);
	unit_thread.regs = &regs;
	unit_thread.xsave = xsave;
	unit_thread.altstack.flags = SS_DISABLE;
	fpu_init_area(xsave);
	memset(&regs, 0, sizeof(regs));
	regs.rsp = (uint64_t)user_stack + sizeof(user_stack) - 8;
	regs.rip = 0x401234;
	regs.orig_rax = (uint64_t)-1;
	interrupts = ended_with = notified_code = 0;
	restarted_with = 0;
	vectors_dead = image_changed = false;
	loaded_dead = 0;
}

static void start_over(void)
{
	signal_flush_thread(&unit_thread);
	signal_flush_process(&unit_process);
	sighand_put(unit_process.sighand);
	unit_env_reset();
}

static void set_handler(int sig, uint64_t flags, sigset64 mask)
{
	struct user_sigaction act = { HANDLER, flags | SA_RESTORER, RESTORER, mask };

	CHECK_EQ(sys_rt_sigaction(&(struct syscall_args){ { (uint64_t)sig, (uint64_t)&act, 0, 8 } }), 0);
}

static void set_disposition(int sig, uint64_t handler)
{
	struct user_sigaction act = { .handler = handler };

	CHECK_EQ(sys_rt_sigaction(&(struct syscall_args){ { (uint64_t)sig, (uint64_t)&act, 0, 8 } }), 0);
}

static int send_value(int sig, uint64_t value)
{
	struct siginfo info = { .signo = sig, .code = SI_QUEUE, .rt = { .value = value } };

	return signal_send_process(&unit_process, sig, &info);
}

UNIT_TEST(signal, standard_signals_coalesce_realtime_queue)
{
	struct siginfo info;

	setup();
	unit_thread.sig_blocked = ~0UL;
	for (uint64_t i = 1; i <= 3; i++) {
		CHECK_EQ(send_value(SIGUSR1, i), 0);
		CHECK_EQ(send_value(40, i), 0);
	}
	CHECK_EQ(send_value(35, 9), 0);
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), SIGUSR1);
	CHECK_EQ(info.rt.value, 1);
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), 35);
	for (uint64_t i = 1; i <= 3; i++) {
		CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), 40);
		CHECK_EQ(info.rt.value, i);
	}
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), 0);
	CHECK_EQ(sigqueue_count(0), 0);
}

UNIT_TEST(signal, synchronous_first_thread_before_process)
{
	struct siginfo info;

	setup();
	unit_thread.sig_blocked = ~0UL;
	(void)signal_send_process(&unit_process, SIGHUP, NULL);
	(void)signal_send_thread(&unit_thread, SIGTERM, NULL);
	(void)signal_send_thread(&unit_thread, SIGSEGV, NULL);
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), SIGSEGV);
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), SIGTERM);
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), SIGHUP);
}

UNIT_TEST(signal, queue_limit)
{
	struct siginfo info;

	setup();
	unit_thread.sig_blocked = ~0UL;
	unit_process.rlim[RLIMIT_SIGPENDING].cur = 2;
	CHECK_EQ(send_value(40, 1), 0);
	CHECK_EQ(send_value(40, 2), 0);
	CHECK_EQ(send_value(40, 3), -EAGAIN);
	CHECK_EQ(signal_send_process(&unit_process, SIGTERM, NULL), 0); /* kill() always gets through */
	CHECK_EQ(signal_dequeue(&unit_thread, ~0UL, &info), SIGTERM);
	signal_flush_process(&unit_process);
	CHECK_EQ(unit_process.sig_pending, 0);
	CHECK_EQ(sigqueue_count(0), 0);
}

UNIT_TEST(signal, ignored_is_dropped_blocked_is_kept)
{
	setup();
	set_disposition(SIGUSR1, SIG_IGN);
	(void)signal_send_process(&unit_process, SIGUSR1, NULL);
	(void)signal_send_process(&unit_process, SIGCHLD, NULL);
	CHECK_EQ(unit_process.sig_pending, 0);
	unit_thread.sig_blocked = sigmask_of(SIGUSR1);
	(void)signal_send_process(&unit_process, SIGUSR1, NULL);
	CHECK_EQ(unit_process.sig_pending, sigmask_of(SIGUSR1));
	CHECK(!unit_thread.sig_check);
	set_disposition(SIGUSR1, SIG_IGN); /* setting it to ignore discards it */
	CHECK_EQ(unit_process.sig_pending, 0);
}

UNIT_TEST(signal, fatal_default_marks_all)
{
	setup();
	(void)signal_send_process(&unit_process, SIGTERM, NULL);
	CHECK(unit_process.group_exit && unit_thread.exiting && unit_thread.sig_check);
	CHECK_EQ(unit_process.exit_status, SIGTERM);
}

UNIT_TEST(signal, core_signals_end_in_delivery)
{
	setup();
	(void)signal_send_process(&unit_process, SIGQUIT, NULL);
	CHECK(!unit_process.group_exit);
	unit_process.rlim[RLIMIT_CORE].cur = 0;
	signal_deliver(&regs);
	CHECK_EQ(ended_with, SIGQUIT);
}

UNIT_TEST(signal, stop_and_continue_cancel)
{
	setup();
	unit_thread.sig_blocked = ~0UL;
	(void)signal_send_process(&unit_process, SIGTSTP, NULL);
	(void)signal_send_process(&unit_process, SIGCONT, NULL);
	CHECK_EQ(unit_process.sig_pending, sigmask_of(SIGCONT));
	(void)signal_send_process(&unit_process, SIGTSTP, NULL);
	CHECK_EQ(unit_process.sig_pending, sigmask_of(SIGTSTP));
	unit_process.stopped = true;
	(void)signal_send_process(&unit_process, SIGCONT, NULL);
	CHECK(!unit_process.stopped && !unit_process.cont_reported);
	CHECK_EQ(notified_code, CLD_CONTINUED);
}

UNIT_TEST(signal, sigstop_stops_and_tells)
{
	setup();
	(void)signal_send_process(&unit_process, SIGSTOP, NULL);
	signal_deliver(&regs);
	CHECK_EQ(notified_code, CLD_STOPPED);
	CHECK_EQ(unit_process.stop_signal, SIGSTOP);
	CHECK(!unit_process.stop_reported);
}

UNIT_TEST(signal, restart_decisions)
{
	CHECK_EQ(signal_restart_decision(-ERESTARTSYS, true, true), RESTART_AGAIN);
	CHECK_EQ(signal_restart_decision(-ERESTARTSYS, true, false), RESTART_EINTR);
	CHECK_EQ(signal_restart_decision(-ERESTARTSYS, false, false), RESTART_AGAIN);
	CHECK_EQ(signal_restart_decision(-ERESTARTNOHAND, true, true), RESTART_EINTR);
	CHECK_EQ(signal_restart_decision(-ERESTARTNOHAND, false, false), RESTART_AGAIN);
	CHECK_EQ(signal_restart_decision(-ERESTARTNOINTR, true, false), RESTART_AGAIN);
	CHECK_EQ(signal_restart_decision(-ERESTART_RESTARTBLOCK, false, false), RESTART_BLOCK);
	CHECK_EQ(signal_restart_decision(-ERESTART_RESTARTBLOCK, true, true), RESTART_EINTR);
	CHECK_EQ(signal_restart_decision(-EINTR, false, true), RESTART_KEEP);
	CHECK_EQ(signal_restart_decision(42, true, true), RESTART_KEEP);
}

UNIT_TEST(signal, restart_without_handler)
{
	setup();
	regs.orig_rax = 35;
	regs.rax = (uint64_t)-ERESTART_RESTARTBLOCK;
	unit_thread.sig_check = true;
	signal_deliver(&regs);
	CHECK_EQ(restarted_with, 219);
	CHECK_EQ((long)regs.orig_rax, -1);
}

UNIT_TEST(signal, frame_as_the_kernel_lays_it_out)
{
	uint64_t old_sp, fp;
	uint8_t *frame;
	uint32_t magic;

	setup();
	set_handler(SIGUSR1, SA_SIGINFO, sigmask_of(SIGUSR2));
	regs.r12 = 0x1212;
	regs.rax = (uint64_t)-ERESTARTSYS;
	regs.orig_rax = 0;
	old_sp = regs.rsp;
	(void)send_value(SIGUSR1, 77);
	signal_deliver(&regs);
	frame = (uint8_t *)regs.rsp;
	CHECK_EQ(regs.rip, HANDLER);
	CHECK_EQ(regs.rdi, SIGUSR1);
	CHECK_EQ(regs.rsi, regs.rsp + 312);
	CHECK_EQ(regs.rdx, regs.rsp + 8);
	CHECK_EQ(regs.rax, 0);
	CHECK_EQ(regs.full, REGS_FULL);
	CHECK_EQ(regs.rsp % 16, 8);
	CHECK(regs.rsp + 440 <= old_sp - 128);
	CHECK_EQ(*(uint64_t *)frame, RESTORER);
	CHECK_EQ(*(uint64_t *)(frame + 8), 7);                           /* uc_flags */
	CHECK_EQ(*(uint64_t *)(frame + 8 + 40 + 4 * 8), 0x1212);         /* gregs[REG_R12] */
	CHECK_EQ((long)*(uint64_t *)(frame + 8 + 40 + 13 * 8), -EINTR);  /* gregs[REG_RAX] */
	CHECK_EQ(*(uint64_t *)(frame + 8 + 40 + 15 * 8), old_sp);        /* gregs[REG_RSP] */
	CHECK_EQ(*(uint64_t *)(frame + 8 + 40 + 16 * 8), 0x401234);      /* gregs[REG_RIP] */
	CHECK_EQ(*(uint64_t *)(frame + 8 + 296), 0);                     /* uc_sigmask */
	CHECK_EQ(*(int32_t *)(frame + 312), SIGUSR1);
	CHECK_EQ(*(uint64_t *)(frame + 312 + 24), 77);                   /* si_value */
	fp = *(uint64_t *)(frame + 8 + 40 + 184);
	CHECK_EQ(fp % 64, 0);
	CHECK(fp + sizeof(xsave) + 4 <= old_sp - 128);
	memcpy(&magic, (void *)(fp + 464), 4);
	CHECK_EQ(magic, FP_XSTATE_MAGIC1);
	memcpy(&magic, (void *)(fp + sizeof(xsave)), 4);
	CHECK_EQ(magic, FP_XSTATE_MAGIC2);
	CHECK_EQ(unit_thread.sig_blocked, sigmask_of(SIGUSR1) | sigmask_of(SIGUSR2));
}

UNIT_TEST(signal, sigreturn_restores_everything)
{
	struct regs before;

	setup();
	set_handler(SIGUSR1, 0, 0);
	unit_thread.sig_blocked = sigmask_of(SIGHUP);
	regs.rbx = 5;
	regs.rcx = 6;
	regs.rflags = 0x246;
	xsave[32] = 0xaa; /* st0 */
	xsave[512] = 7;
	xsave[600] = 0x55;
	before = regs;
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	CHECK_EQ(xsave[600], 0);
	regs.rsp += 8; /* ret */
	regs.rbx = 99;
	regs.orig_rax = 15;
	CHECK_EQ(sys_rt_sigreturn(&(struct syscall_args){ { 0 } }), 0);
	CHECK_EQ(regs.rbx, before.rbx);
	CHECK_EQ(regs.rcx, before.rcx);
	CHECK_EQ(regs.rsp, before.rsp);
	CHECK_EQ(regs.rip, before.rip);
	CHECK_EQ(regs.rflags, before.rflags);
	CHECK_EQ((long)regs.orig_rax, -1);
	CHECK_EQ(unit_thread.sig_blocked, sigmask_of(SIGHUP));
	CHECK_EQ(xsave[32], 0xaa);
	CHECK_EQ(xsave[600], 0x55);
}

static void sigreturn_with_bad(unsigned offset, uint64_t value)
{
	setup();
	set_handler(SIGUSR1, 0, 0);
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	*(uint64_t *)(regs.rsp + 8 + 40 + offset) = value;
	regs.rsp += 8;
	regs.orig_rax = 15;
	(void)sys_rt_sigreturn(&(struct syscall_args){ { 0 } });
	CHECK(unit_thread.sig_pending & sigmask_of(SIGSEGV));
}

UNIT_TEST(signal, sigreturn_rejects_bad_frames)
{
	sigreturn_with_bad(16 * 8, 0x8000000000000000UL); /* rip not canonical */
	start_over();
	sigreturn_with_bad(16 * 8, 0x800000100UL); /* rip in the LibOS */
	start_over();
	sigreturn_with_bad(184, 64); /* no such memory */
}

/* Where vector registers held nothing, there is nothing to load, unless the handler changed the image or the frame. */
UNIT_TEST(signal, frame_of_dead_vectors)
{
	for (unsigned k = 0; k < 4; k++) {
		uint64_t *fp;

		setup();
		set_handler(SIGUSR1, 0, 0);
		vectors_dead = true;
		(void)send_value(SIGUSR1, 0);
		signal_deliver(&regs);
		fp = *(uint64_t **)(regs.rsp + 8 + 40 + 184);
		if (k == 1) {
			image_changed = true;
		} else if (k == 2) {
			memmove(fp - 16, fp, sizeof(xsave) + 4);
			*(uint64_t **)(regs.rsp + 8 + 40 + 184) -= 16;
		} else if (k == 3) {
			unit_thread.dead_frame = 0;
		}
		regs.rsp += 8;
		CHECK_EQ(sys_rt_sigreturn(&(struct syscall_args){ { 0 } }), 0);
		CHECK_EQ(loaded_dead, k == 0);
		CHECK_EQ(regs.rip, 0x401234);
		start_over();
	}
}

UNIT_TEST(signal, bad_vector_header_is_refused)
{
	uint64_t fp;

	setup();
	set_handler(SIGUSR1, 0, 0);
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	fp = *(uint64_t *)(regs.rsp + 8 + 40 + 184);
	*(uint64_t *)(fp + 512) = 1UL << 40;
	regs.rsp += 8;
	(void)sys_rt_sigreturn(&(struct syscall_args){ { 0 } });
	CHECK(unit_thread.sig_pending & sigmask_of(SIGSEGV));
}

UNIT_TEST(signal, no_restorer_or_bad_stack_is_sigsegv)
{
	setup();
	set_handler(SIGUSR1, 0, 0);
	unit_process.sighand->action[SIGUSR1 - 1].flags = 0;
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	CHECK_EQ(ended_with & 0x7f, SIGSEGV);
	start_over();
	setup();
	set_handler(SIGSEGV, 0, 0);
	regs.rsp = 3000;
	signal_force_fault(SIGSEGV, SEGV_MAPERR, 100);
	signal_deliver(&regs);
	CHECK_EQ(ended_with & 0x7f, SIGSEGV);
}

UNIT_TEST(signal, blocked_exception_is_forced)
{
	setup();
	set_handler(SIGSEGV, 0, 0);
	unit_thread.sig_blocked = sigmask_of(SIGSEGV);
	signal_force_fault(SIGSEGV, SEGV_ACCERR, 0x1000);
	CHECK_EQ(unit_process.sighand->action[SIGSEGV - 1].handler, SIG_DFL);
	signal_deliver(&regs);
	CHECK_EQ(ended_with & 0x7f, SIGSEGV);
}

UNIT_TEST(signal, altstack_rules)
{
	static uint8_t stack[8192] __attribute__((aligned(64)));
	struct user_stack ss = { (uint64_t)stack, 0, 0, sizeof(stack) }, old;

	setup();
	set_handler(SIGUSR1, SA_ONSTACK | SA_NODEFER, 0);
	CHECK_EQ(sys_sigaltstack(&(struct syscall_args){ { (uint64_t)&ss, (uint64_t)&old } }), 0);
	CHECK_EQ(old.flags, SS_DISABLE);
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	CHECK(regs.rsp > (uint64_t)stack && regs.rsp < (uint64_t)stack + sizeof(stack));
	CHECK_EQ(sys_sigaltstack(&(struct syscall_args){ { (uint64_t)&ss, 0 } }), -EPERM);
	CHECK_EQ(sys_sigaltstack(&(struct syscall_args){ { 0, (uint64_t)&old } }), 0);
	CHECK_EQ(old.flags, SS_ONSTACK);
	/* too deep: the frame would leave the stack */
	regs.rsp = (uint64_t)stack + 600;
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	CHECK_EQ(ended_with & 0x7f, SIGSEGV);
	ss.size = 2047;
	regs.rsp = (uint64_t)user_stack + 8192;
	CHECK_EQ(sys_sigaltstack(&(struct syscall_args){ { (uint64_t)&ss, 0 } }), -ENOMEM);
}

UNIT_TEST(signal, autodisarm)
{
	static uint8_t stack[8192] __attribute__((aligned(64)));
	struct user_stack ss = { (uint64_t)stack, (int32_t)SS_AUTODISARM, 0, sizeof(stack) };

	setup();
	set_handler(SIGUSR1, SA_ONSTACK, 0);
	CHECK_EQ(sys_sigaltstack(&(struct syscall_args){ { (uint64_t)&ss, 0 } }), 0);
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	CHECK_EQ(unit_thread.altstack.size, 0);
	regs.rsp += 8;
	(void)sys_rt_sigreturn(&(struct syscall_args){ { 0 } });
	CHECK_EQ(unit_thread.altstack.size, sizeof(stack));
	CHECK_EQ(unit_thread.altstack.flags, SS_AUTODISARM);
}

UNIT_TEST(signal, frames_stack_up)
{
	uint64_t first;

	setup();
	set_handler(SIGUSR1, 0, 0);
	set_handler(SIGUSR2, 0, 0);
	(void)send_value(SIGUSR1, 0);
	(void)send_value(SIGUSR2, 0);
	signal_deliver(&regs);
	CHECK_EQ(regs.rdi, SIGUSR2); /* the last one runs first */
	CHECK_EQ(*(uint64_t *)(regs.rsp + 8 + 40 + 8 * 8), SIGUSR1);
	first = *(uint64_t *)(regs.rsp + 8 + 40 + 15 * 8);
	CHECK_EQ(*(uint64_t *)first, RESTORER);
}

UNIT_TEST(signal, mask_calls)
{
	sigset64 set = ~0UL, old = 1;
	struct syscall_args block = { { SIG_BLOCK, (uint64_t)&set, (uint64_t)&old, 8 } };

	setup();
	CHECK_EQ(sys_rt_sigprocmask(&block), 0);
	CHECK_EQ(old, 0);
	CHECK_EQ(unit_thread.sig_blocked, ~SIG_UNBLOCKABLE);
	block.a[0] = 3;
	CHECK_EQ(sys_rt_sigprocmask(&block), -EINVAL);
	block.a[3] = 4;
	CHECK_EQ(sys_rt_sigprocmask(&block), -EINVAL);
}

UNIT_TEST(signal, suspend_restores_the_mask_through_the_frame)
{
	sigset64 none = 0;

	setup();
	set_handler(SIGUSR1, 0, 0);
	unit_thread.sig_blocked = sigmask_of(SIGUSR1);
	(void)send_value(SIGUSR1, 0);
	regs.orig_rax = 130;
	regs.rax = (uint64_t)sys_rt_sigsuspend(&(struct syscall_args){ { (uint64_t)&none, 8 } });
	CHECK_EQ((long)regs.rax, -ERESTARTNOHAND);
	signal_deliver(&regs);
	CHECK_EQ(regs.rip, HANDLER);
	CHECK(!unit_thread.sig_restore_mask);
	CHECK_EQ(*(uint64_t *)(regs.rsp + 8 + 296), sigmask_of(SIGUSR1)); /* what sigreturn will restore */
}

UNIT_TEST(signal, temp_mask_of_a_successful_call_delivers_nothing)
{
	sigset64 none = 0;

	setup();
	set_handler(SIGUSR1, 0, 0);
	unit_thread.sig_blocked = sigmask_of(SIGUSR1);
	(void)send_value(SIGUSR1, 0);
	CHECK_EQ(signal_set_temp_mask((uint64_t)&none, 8), 0);
	CHECK(signal_pending(&unit_thread));
	regs.orig_rax = 271;
	regs.rax = 1;
	signal_deliver(&regs);
	CHECK_EQ(regs.rip, 0x401234);
	CHECK_EQ(unit_thread.sig_blocked, sigmask_of(SIGUSR1));
}

UNIT_TEST(signal, timedwait)
{
	sigset64 set = sigmask_of(SIGUSR1);
	int64_t ts[2] = { 1, 0 };
	struct siginfo info;
	struct syscall_args args = { { (uint64_t)&set, (uint64_t)&info, (uint64_t)ts, 8 } };
	nsec_t start = unit_now;

	setup();
	unit_thread.sig_blocked = set;
	CHECK_EQ(sys_rt_sigtimedwait(&args), -EAGAIN);
	CHECK_EQ(unit_now - start, NSEC_PER_SEC);
	CHECK_EQ(unit_thread.sig_blocked, set);
	(void)send_value(SIGUSR1, 5);
	CHECK_EQ(sys_rt_sigtimedwait(&args), SIGUSR1);
	CHECK_EQ(info.rt.value, 5);
	ts[1] = -1;
	CHECK_EQ(sys_rt_sigtimedwait(&args), -EINVAL);
}

UNIT_TEST(signal, kill_checks)
{
	struct siginfo forged = { .signo = 10, .code = SI_USER };

	setup();
	unit_thread.sig_blocked = ~0UL;
	CHECK_EQ(sys_kill(&(struct syscall_args){ { 100, 65 } }), -EINVAL);
	CHECK_EQ(sys_kill(&(struct syscall_args){ { 12345, 0 } }), -ESRCH);
	CHECK_EQ(sys_kill(&(struct syscall_args){ { 100, 0 } }), 0);
	CHECK_EQ(unit_process.sig_pending, 0);
	CHECK_EQ(sys_rt_sigqueueinfo(&(struct syscall_args){ { 12345, 10, (uint64_t)&forged } }), -EPERM);
	CHECK_EQ(sys_rt_sigqueueinfo(&(struct syscall_args){ { 100, 10, (uint64_t)&forged } }), 0);
}

UNIT_TEST(signal, resethand_and_exec)
{
	setup();
	set_handler(SIGUSR1, SA_RESETHAND, 0);
	set_disposition(SIGUSR2, SIG_IGN);
	set_handler(SIGTERM, 0, 0);
	(void)send_value(SIGUSR1, 0);
	signal_deliver(&regs);
	CHECK_EQ(unit_process.sighand->action[SIGUSR1 - 1].handler, SIG_DFL);
	sighand_exec(&unit_process);
	CHECK_EQ(unit_process.sighand->action[SIGTERM - 1].handler, SIG_DFL);
	CHECK_EQ(unit_process.sighand->action[SIGUSR2 - 1].handler, SIG_IGN);
	set_disposition(SIGCHLD, SIG_IGN);
	CHECK(signal_child_autoreap(&unit_process) && signal_child_nostop(&unit_process));
	sighand_put(unit_process.sighand);
}
