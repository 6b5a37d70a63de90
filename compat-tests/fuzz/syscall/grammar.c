/*
 * What can be called: the LibOS's table of system calls, read at compile time, so that a new call is
 * fuzzed as soon as it is there. Its argument formats are refined here where structures and constants
 * buy depth; a call that is not refined gets values by the table's letters.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define FULL
#define PARTIAL(what)

static struct call calls[512];
static const struct call *order[8192]; /* each call as often as it weighs */
static unsigned order_size;

static const struct call table[] = {
#define SYS(nr, name, arity, fmt, support, flags) { nr, #name, fmt, 8 },
#include "syscall/table.h"
#undef SYS
};

/* Other letters than the table's; see values.c for what they make. */
static const struct {
	uint16_t nr;
	const char *args;
} refined[] = {
	{ SYS_readv, "fIn" },	      { SYS_writev, "fIn" },	      { SYS_preadv, "fInoo" },
	{ SYS_pwritev, "fInoo" },     { SYS_preadv2, "fInoox" },      { SYS_pwritev2, "fInoox" },
	{ SYS_vmsplice, "fInx" },     { SYS_read, "fbn" },	      { SYS_write, "fbn" },
	{ SYS_pread64, "fbno" },      { SYS_pwrite64, "fbno" },	      { SYS_lseek, "fod" },
	{ SYS_ftruncate, "fo" },      { SYS_truncate, "Po" },	      { SYS_fallocate, "fxoo" },
	{ SYS_mmap, "mlxxfo" },	      { SYS_munmap, "ml" },	      { SYS_mprotect, "mlx" },
	{ SYS_mremap, "mllxm" },      { SYS_madvise, "mld" },	      { SYS_msync, "mlx" },
	{ SYS_mlock, "ml" },	      { SYS_munlock, "ml" },	      { SYS_mlock2, "mlx" },
	{ SYS_mincore, "mlb" },	      { SYS_brk, "m" },		      { SYS_pkey_mprotect, "mlxd" },
	{ SYS_mbind, "mldbux" },      { SYS_remap_file_pages, "mlxux" }, { SYS_nanosleep, "tb" },
	{ SYS_clock_nanosleep, "dxtb" }, { SYS_futex, "wxdtwx" },     { SYS_select, "nbbbt" },
	{ SYS_pselect6, "nbbbtp" },   { SYS_poll, "End" },	      { SYS_ppoll, "EntSu" },
	{ SYS_rt_sigaction, "gGbu" }, { SYS_rt_sigprocmask, "dSbu" }, { SYS_rt_sigsuspend, "Su" },
	{ SYS_rt_sigtimedwait, "Sbtu" }, { SYS_kill, "ig" },	      { SYS_tkill, "ig" },
	{ SYS_tgkill, "iig" },	      { SYS_rt_sigqueueinfo, "igk" }, { SYS_rt_tgsigqueueinfo, "iigk" },
	{ SYS_connect, "fAn" },	      { SYS_bind, "fAn" },	      { SYS_accept, "fbL" },
	{ SYS_accept4, "fbLx" },      { SYS_sendto, "fbnxAn" },	      { SYS_recvfrom, "fbnxbL" },
	{ SYS_sendmsg, "fMx" },	      { SYS_recvmsg, "fMx" },	      { SYS_sendmmsg, "fMnx" },
	{ SYS_recvmmsg, "fMnxt" },    { SYS_getsockname, "fbL" },     { SYS_getpeername, "fbL" },
	{ SYS_setsockopt, "fddbn" },  { SYS_getsockopt, "fddbL" },    { SYS_epoll_ctl, "fdfb" },
	{ SYS_epoll_wait, "fbnd" },   { SYS_epoll_pwait, "fbndSu" },  { SYS_epoll_pwait2, "fbntSu" },
	{ SYS_timer_settime, "dxTb" }, { SYS_timerfd_settime, "fxTb" }, { SYS_setitimer, "dTb" },
	{ SYS_wait4, "ibxb" },	      { SYS_waitid, "dibxb" },	      { SYS_prlimit64, "iubb" },
	{ SYS_ioctl, "fxb" },	      { SYS_fcntl, "fdy" },	      { SYS_getdents64, "fbn" },
	{ SYS_getdents, "fbn" },      { SYS_sendfile, "ffbn" },	      { SYS_splice, "fbfbnx" },
	{ SYS_tee, "ffnx" },	      { SYS_copy_file_range, "fbfbnx" }, { SYS_clone, "xcbbx" },
	{ SYS_clone3, "Cn" },	      { SYS_futex_waitv, "bnxtd" },   { SYS_statx, "fPxxb" },
	{ SYS_openat2, "fPbn" },      { SYS_memfd_create, "sx" },     { SYS_getpgid, "i" },
	{ SYS_setpgid, "ii" },	      { SYS_getsid, "i" },	      { SYS_pidfd_open, "ix" },
	{ SYS_sched_setparam, "ib" }, { SYS_sched_setscheduler, "idb" }, { SYS_sched_setattr, "ibu" },
	{ SYS_sched_setaffinity, "inb" }, { SYS_setpriority, "did" }, { SYS_ioprio_set, "dix" },
	{ SYS_migrate_pages, "iubb" }, { SYS_move_pages, "inbbbx" },  { SYS_mount, "XXsxb" },
	{ SYS_umount2, "Xx" },	      { SYS_execve, "PVV" },	      { SYS_execveat, "fPVVx" },
	{ SYS_set_robust_list, "bu" }, { SYS_capset, "bb" },	      { SYS_pidfd_send_signal, "fgkx" },
	{ SYS_process_vm_readv, "iInInx" }, { SYS_process_vm_writev, "iInInx" }, { SYS_ptrace, "dimb" },
	{ SYS_shmat, "dmx" },	      { SYS_shmdt, "m" },	      { SYS_semtimedop, "dbnt" },
	{ SYS_semop, "dbn" },	      { SYS_msgsnd, "dbnx" },	      { SYS_msgrcv, "dbndx" },
	{ SYS_mq_timedsend, "fbndt" }, { SYS_mq_timedreceive, "fbnbt" }, { SYS_mq_open, "sxxb" },
	/* Only in the directory of the round: root may remove what all others need. */
	{ SYS_unlink, "D" },	      { SYS_unlinkat, "fDx" },	      { SYS_rmdir, "D" },
	{ SYS_rename, "DD" },	      { SYS_renameat, "fDfD" },	      { SYS_renameat2, "fDfDx" },
	{ SYS_fchmodat, "fDx" },      { SYS_fchownat, "fDddx" },      { SYS_symlink, "sD" },
	{ SYS_chmod, "Dx" },	      { SYS_chown, "Ddd" },	      { SYS_lchown, "Ddd" },
	{ SYS_mount_setattr, "xXxbn" }, { SYS_pivot_root, "XX" },   { SYS_mq_unlink, "s" },
	{ SYS_kcmp, "iidxx" },	      { SYS_sched_setattr, "ibx" },   { SYS_sched_getaffinity, "inb" },
};

/* Rare: they end or cripple a worker, or are slow. 0: never. */
static const struct {
	uint16_t nr;
	uint8_t weight;
} weights[] = {
	{ SYS_exit, 1 },	 { SYS_exit_group, 0 },	   { SYS_rt_sigreturn, 1 }, { SYS_arch_prctl, 1 },
	{ SYS_execve, 1 },	 { SYS_execveat, 1 },	   { SYS_clone, 4 },	    { SYS_clone3, 4 },
	{ SYS_vfork, 2 },	 { SYS_fork, 2 },	   { SYS_chroot, 1 },	    { SYS_setrlimit, 2 },
	{ SYS_prlimit64, 2 },	 { SYS_close_range, 1 },   { SYS_pause, 1 },	    { SYS_rt_sigsuspend, 2 },
	{ SYS_reboot, 0 },	 { SYS_setsid, 2 },	   { SYS_mmap, 24 },	    { SYS_munmap, 16 },
	{ SYS_mprotect, 16 },	 { SYS_mremap, 16 },	   { SYS_brk, 2 },	    { SYS_futex, 16 },
	{ SYS_openat, 20 },	 { SYS_read, 16 },	   { SYS_write, 16 },	    { SYS_epoll_ctl, 16 },
	{ SYS_ioctl, 16 },	 { SYS_fcntl, 20 },	   { SYS_sendmsg, 16 },	    { SYS_recvmsg, 16 },
	{ SYS_close, 12 },	 { SYS_mlockall, 2 },	   { SYS_kill, 2 },	    { SYS_tkill, 2 },
	{ SYS_tgkill, 2 },	 { SYS_setuid, 1 },	   { SYS_setresuid, 1 },    { SYS_setreuid, 1 },
	{ SYS_rseq, 2 },	 { SYS_set_robust_list, 2 }, { SYS_sync, 1 },	    { SYS_dup2, 6 },
	{ SYS_rt_sigqueueinfo, 2 }, { SYS_rt_tgsigqueueinfo, 2 }, { SYS_alarm, 1 }, { SYS_ptrace, 1 },
};

struct constants {
	uint16_t nr;
	uint8_t arg;
	bool flags; /* any union of them, not one of them */
	uint64_t v[20];
};

#define ONE(nr, arg, ...) { SYS_##nr, arg, false, { __VA_ARGS__ } }
#define ANY(nr, arg, ...) { SYS_##nr, arg, true, { __VA_ARGS__ } }
#define OPEN O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_DIRECTORY, O_NOFOLLOW, O_PATH, O_TMPFILE
#define SEND MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_NOSIGNAL, MSG_OOB, MSG_WAITALL, MSG_EOR, MSG_MORE, MSG_CTRUNC

/* The lists end with a 0, or are full. */
static const struct constants known[] = {
	ANY(open, 1, OPEN), ANY(openat, 2, OPEN),
	ANY(mmap, 2, PROT_READ, PROT_WRITE, PROT_EXEC),
	ANY(mmap, 3, MAP_PRIVATE, MAP_SHARED, MAP_ANONYMOUS, MAP_FIXED, MAP_STACK, MAP_NORESERVE, MAP_POPULATE, MAP_GROWSDOWN,
	    MAP_FIXED_NOREPLACE, MAP_LOCKED, MAP_ANONYMOUS),
	ANY(mprotect, 2, PROT_READ, PROT_WRITE, PROT_EXEC), ANY(pkey_mprotect, 2, PROT_READ, PROT_WRITE, PROT_EXEC),
	ANY(mremap, 3, MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP),
	ONE(madvise, 2, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23), ANY(msync, 2, 1, 2, 4),
	ONE(lseek, 2, 1, 2, 3, 4, 5, 0),
	ONE(fcntl, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 36, 37, 38, 1030, 1031, 1033, 1034),
	ONE(ioctl, 1, 0x5401, 0x5402, 0x5403, 0x540e, 0x540f, 0x5410, 0x5411, 0x5413, 0x5414, 0x5415, 0x541b, 0x5421, 0x5422,
	    0x5423, 0x5429, 0x5430, 0x5431, 0x5450, 0x5451, 0x80045430),
	ONE(futex, 1, 1, 128, 129, 3, 4, 131, 132, 5, 133, 6, 134, 7, 135, 8, 136, 9, 137, 138, 141, 13),
	ONE(epoll_ctl, 1, EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD),
	ONE(socket, 0, AF_UNIX, AF_UNIX, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET),
	ONE(socket, 1, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM | SOCK_NONBLOCK, SOCK_DGRAM | SOCK_CLOEXEC, SOCK_RAW),
	ONE(socketpair, 0, AF_UNIX), ONE(socketpair, 1, SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM | SOCK_NONBLOCK),
	ONE(socket, 2, 0), ONE(socketpair, 2, 0),
	ONE(setsockopt, 1, SOL_SOCKET, SOL_SOCKET, 0, 6, 17, 41), ONE(getsockopt, 1, SOL_SOCKET, SOL_SOCKET, 0, 6, 17, 41),
	ANY(sendto, 3, SEND), ANY(recvfrom, 3, SEND), ANY(sendmsg, 2, SEND), ANY(recvmsg, 2, SEND),
	ANY(sendmmsg, 3, SEND), ANY(recvmmsg, 3, SEND),
	ANY(pipe2, 1, O_NONBLOCK, O_CLOEXEC, O_DIRECT), ANY(eventfd2, 1, 1, O_NONBLOCK, O_CLOEXEC),
	ANY(wait4, 2, WNOHANG, WNOHANG, WUNTRACED, WCONTINUED, __WALL),
	ANY(waitid, 3, WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT), ONE(waitid, 0, P_PID, P_PGID, P_PIDFD, P_ALL),
	ANY(clone, 0, CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_VFORK, CLONE_THREAD, CLONE_SETTLS, CLONE_PARENT_SETTID,
	    CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_SYSVSEM, CLONE_PARENT, CLONE_PIDFD, 17, CLONE_NEWNS),
	ANY(unshare, 0, CLONE_FS, CLONE_FILES, CLONE_SYSVSEM, CLONE_NEWNS, CLONE_VM),
	ANY(mount, 3, MS_BIND, MS_REC, MS_RDONLY, MS_REMOUNT, MS_MOVE, MS_PRIVATE, MS_NOSUID), ANY(umount2, 1, 1, 2, 4, 8),
	ANY(fallocate, 1, 1, 2, 4, 8, 16, 32, 64), ANY(renameat2, 4, 1, 2, 4), ANY(unlinkat, 2, AT_REMOVEDIR, 0x400),
	ANY(linkat, 4, 0x400, 0x1000), ANY(newfstatat, 3, 0x100, 0x1000, 0x800), ANY(statx, 2, 0x100, 0x1000, 0x800, 0x2000, 0x4000),
	ANY(splice, 5, 1, 2, 4, 8), ANY(tee, 3, 1, 2, 4), ANY(vmsplice, 3, 1, 2, 4, 8),
	ONE(prctl, 0, 1, 2, 3, 4, 8, 15, 16, 22, 23, 24, 25, 29, 30, 35, 36, 37, 38, 39, 40, 47),
	ONE(rt_sigprocmask, 0, 1, 2, 0), ONE(rt_sigprocmask, 3, 8), ONE(rt_sigaction, 3, 8), ONE(rt_sigsuspend, 1, 8),
	ONE(rt_sigtimedwait, 3, 8), ONE(rt_sigpending, 1, 8), ONE(ppoll, 4, 8), ONE(epoll_pwait, 5, 8), ONE(epoll_pwait2, 5, 8),
	ONE(signalfd4, 2, 8), ONE(signalfd, 2, 8), ANY(signalfd4, 3, O_NONBLOCK, O_CLOEXEC), ONE(clone3, 1, 64, 80, 88, 64, 88),
	ONE(set_robust_list, 1, 24), ANY(memfd_create, 1, 1, 2, 4, 8), ONE(mknod, 1, 0100644, 0010644, 0140644, 0020644, 0060644),
	ONE(mknodat, 2, 0100644, 0010644, 0140644, 0020644), ONE(fadvise64, 3, 1, 2, 3, 4, 5), ANY(flock, 1, 1, 2, 4, 8),
	ONE(timer_create, 0, 1, 2, 3, 7, 9, 11), ONE(timerfd_create, 0, 1, 7, 8, 9), ANY(timerfd_settime, 1, 1, 2),
	ONE(clock_nanosleep, 0, 1, 2, 7, 11), ONE(membarrier, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256),
	ANY(shmget, 2, 01000, 02000, 0600), ANY(semget, 2, 01000, 02000, 0600), ANY(msgget, 1, 01000, 02000, 0600),
	ONE(shmctl, 1, 1, 2, 3, 11, 12, 13, 14), ONE(semctl, 2, 1, 2, 3, 11, 12, 13, 14, 15, 16, 17, 18, 19),
	ONE(msgctl, 1, 1, 2, 3, 11, 12, 13), ANY(mq_open, 1, OPEN), ONE(inotify_add_watch, 2, 0xfff, 0x80000fff, 2, 0x100),
	ONE(ptrace, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 24, 0x4200, 0x4201, 0x4202, 0x4206, 0x4207, 0x4208),
	ONE(select, 0, 1, 8, 64, 1024), ONE(arch_prctl, 0, 0x1001, 0x1003, 0x1004, 0x1011),
	ONE(sched_setscheduler, 1, 1, 2, 3, 5), ANY(close_range, 2, 2, 4), ANY(copy_file_range, 5, 1), ONE(kcmp, 2, 1, 2, 3, 4, 5, 6),
};

static void call_weigh(struct call *c)
{
	for (unsigned i = 0; i < ARRAY_SIZE(refined); i++)
		if (refined[i].nr == c->nr)
			c->args = refined[i].args;
	for (unsigned i = 0; i < ARRAY_SIZE(weights); i++)
		if (weights[i].nr == c->nr)
			c->weight = weights[i].weight;
}

/* Whether a comma list has this name. */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += n)
		if ((at == list || at[-1] == ',') && (at[n] == 0 || at[n] == ','))
			return true;
	return false;
}

void grammar_init(const char *only)
{
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		struct call *c = &calls[i];

		*c = table[i];
		call_weigh(c);
		if (only && !listed(only, c->name))
			continue;
		for (unsigned n = 0; n < c->weight && order_size < ARRAY_SIZE(order); n++)
			order[order_size++] = c;
	}
}

const struct call *call_pick(struct rng *r)
{
	return order_size ? order[below(r, order_size)] : NULL;
}

static uint64_t pick_flags(struct rng *r, const struct constants *c, unsigned n)
{
	uint64_t v = 0;
	unsigned few = below(r, 4);

	for (unsigned i = 0; i < few; i++)
		v |= c->v[below(r, n)];
	return v;
}

bool grammar_constant(struct rng *r, unsigned nr, unsigned arg, uint64_t *v)
{
	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		const struct constants *c = &known[i];
		unsigned n = 1;

		if (c->nr != nr || c->arg != arg)
			continue;
		while (n < ARRAY_SIZE(c->v) && c->v[n])
			n++;
		*v = c->flags ? pick_flags(r, c, n) : c->v[below(r, n)];
		return true;
	}
	return false;
}
