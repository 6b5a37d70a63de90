/* report.c: the line in the log that stands for a core dump: who crashed, why, and where in which file. */
#include "signal/report.h"
#include "base/heap.h"
#include "base/log.h"
#include "fs/file.h"
#include "loader/rewrite.h"
#include "process/process.h"
#include "vm/vm.h"

static const char *const names[] = {
	[SIGHUP] = "SIGHUP",	   [SIGINT] = "SIGINT",	    [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
	[SIGTRAP] = "SIGTRAP",	   [SIGABRT] = "SIGABRT",   [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
	[SIGKILL] = "SIGKILL",	   [SIGUSR1] = "SIGUSR1",   [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
	[SIGPIPE] = "SIGPIPE",	   [SIGALRM] = "SIGALRM",   [SIGTERM] = "SIGTERM", [SIGSTKFLT] = "SIGSTKFLT",
	[SIGCHLD] = "SIGCHLD",	   [SIGCONT] = "SIGCONT",   [SIGSTOP] = "SIGSTOP", [SIGTSTP] = "SIGTSTP",
	[SIGTTIN] = "SIGTTIN",	   [SIGTTOU] = "SIGTTOU",   [SIGURG] = "SIGURG",   [SIGXCPU] = "SIGXCPU",
	[SIGXFSZ] = "SIGXFSZ",	   [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF", [SIGWINCH] = "SIGWINCH",
	[SIGIO] = "SIGIO",	   [SIGPWR] = "SIGPWR",	    [SIGSYS] = "SIGSYS",
};

/* "SIGSEGV"; realtime signals: "realtime signal" */
static const char *signal_name(int sig)
{
	return sig > 0 && sig < (int)ARRAY_SIZE(names) ? names[sig] : "realtime signal";
}

/* The mapping that rip lies in: its name into buf, and rip's offset in that file (or mapping). */
static const char *locate(uaddr_t rip, char *buf, size_t size, uint64_t *offset)
{
	struct vma_info vma;
	char *name;

	*offset = rip;
	if (!vm_next_vma(current->process->space, rip, &vma) || rip < vma.start)
		return "no mapping";
	*offset = rip - vma.start + (vma.file ? vma.offset : 0);
	if (vma.name)
		return vma.name;
	if (!vma.file || !vma.file->path.dentry)
		return "anonymous memory";
	return path_name(&vma.file->path, buf, size, &name) ? "a file" : name;
}

static void print_registers(const struct regs *r)
{
	log_info("  rax %016lx rbx %016lx rcx %016lx rdx %016lx", r->rax, r->rbx, r->rcx, r->rdx);
	log_info("  rsi %016lx rdi %016lx rbp %016lx rsp %016lx", r->rsi, r->rdi, r->rbp, r->rsp);
	log_info("  r8  %016lx r9  %016lx r10 %016lx r11 %016lx", r->r8, r->r9, r->r10, r->r11);
	log_info("  r12 %016lx r13 %016lx r14 %016lx r15 %016lx", r->r12, r->r13, r->r14, r->r15);
	log_info("  rip %016lx rflags %lx fs %016lx", r->rip, r->rflags, user_fs_base());
}

void report_crash(const struct regs *regs, int sig, const struct siginfo *info)
{
	uaddr_t rip = rewrite_shown_rip(regs->rip);
	char *buf = kmalloc(PATH_MAX);
	uint64_t offset;
	const char *where = buf ? locate(rip, buf, PATH_MAX, &offset) : "?";

	if (!buf)
		offset = rip;
	if (info->code > 0 && info->code != SI_KERNEL)
		log_warn("%s[%d] crashed: %s code %d address 0x%lx at rip 0x%lx (%s+0x%lx)", current->comm,
			 current->tid, signal_name(sig), info->code, info->fault.addr, rip, where, offset);
	else
		log_warn("%s[%d] crashed: %s%s at rip 0x%lx (%s+0x%lx)", current->comm, current->tid,
			 signal_name(sig), info->code > 0 ? "" : " sent by a process", rip, where, offset);
	print_registers(regs);
	kfree(buf);
}
