/*
 * Every system call number with wild arguments, in a child without rights and without descriptors:
 * it may get any error, but the child goes on and so does everybody else. Numbers whose very
 * meaning is to end, stop, clone or signal a process, or to change the machine, are left out.
 */
#include "naughty.h"
#include <grp.h>

enum { NUMBERS = 460, NOBODY = 65534 };

static const short left_out[] = {
	SYS_exit, SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal, SYS_reboot, SYS_kexec_load,
	SYS_kexec_file_load, SYS_pause, SYS_rt_sigsuspend, SYS_fork, SYS_vfork, SYS_clone,
	SYS_clone3, SYS_rt_sigreturn, SYS_sync, SYS_syncfs, SYS_vhangup, SYS_pivot_root,
	SYS_mount, SYS_umount2, SYS_swapon, SYS_swapoff, SYS_sethostname, SYS_setdomainname,
	SYS_iopl, SYS_ioperm, SYS_init_module, SYS_delete_module, SYS_finit_module,
	SYS_quotactl, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime,
	SYS_acct, SYS_chroot, SYS_alarm, SYS_personality, SYS_msgget, SYS_semget, SYS_shmget,
	SYS_msgctl, SYS_semctl, SYS_shmctl, SYS_msgrcv, SYS_msgsnd, SYS_semop, SYS_semtimedop,
	SYS_shmat, SYS_unshare, SYS_setns, SYS_bpf, SYS_perf_event_open, SYS_keyctl,
	SYS_add_key, SYS_request_key, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
	SYS_ioprio_set, SYS_seccomp, SYS_userfaultfd, SYS_fanotify_init, SYS_migrate_pages,
	SYS_move_pages, SYS_restart_syscall, SYS_modify_ldt, SYS_setpriority, SYS_sched_setattr,
	SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setaffinity, SYS_setitimer,
	SYS_timer_settime, SYS_prctl, SYS_wait4, SYS_waitid, SYS_landlock_restrict_self,
	SYS_process_mrelease, SYS_process_madvise, SYS_syslog, SYS_lookup_dcookie,
	SYS_io_uring_setup,
	335, 336, /* uretprobe, uprobe: SIGILL by design */
};

static bool is_left_out(int nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (left_out[i] == nr)
			return true;
	return false;
}

static void drop_rights(void)
{
	if (getuid())
		return;
	EXPECT_OK(setgroups(0, NULL));
	EXPECT_OK(setresgid(NOBODY, NOBODY, NOBODY));
	EXPECT_OK(setresuid(NOBODY, NOBODY, NOBODY));
}

/* The same wild value in every argument; descriptors that a call made are closed before the next.
 */
ROLE(sweep)
{
	unsigned long w = strtoull(argv[0], NULL, 0);

	drop_rights();
	for (int nr = 0; nr < NUMBERS; nr++) {
		if (is_left_out(nr))
			continue;
		syscall(SYS_close_range, 0, ~0u, 0);
		syscall(nr, w, w, w, w, w, w);
	}
	return 77;
}

TEST(every_number)
{
	char num[32];

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		snprintf(num, sizeof(num), "%#lx", wild[i]);
		EXPECT_EXIT(spawn_self("sweep", num), 77);
	}
	expect_alive();
}

TEST(numbers_that_do_not_exist)
{
	static const long odd[] = { 600, 1000,	4095,	 4096, 65536, 1l << 31, (1l << 32) + 600,
				    -2,	 -4096, LONG_MAX };

	EXPECT_ERRNO(syscall(-1, 1, 2, 3, 4, 5, 6), ENOSYS);
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		EXPECT_ERRNO(syscall(odd[i], 1, 2, 3, 4, 5, 6), ENOSYS);
}

TEST(registers_survive)
{
	unsigned long rbx = 1, r12 = 3, r13 = 4, r14 = 5, r15 = 6;

	for (int nr = 600; nr < 620; nr++) {
		long r;

		__asm__ volatile("mov %[b], %%rbx; mov %[c], %%r12; mov %[d], %%r13; mov %[e], "
				 "%%r14; mov %[f], %%r15;"
				 "syscall;"
				 "mov %%rbx, %[b]; mov %%r12, %[c]; mov %%r13, %[d]; mov %%r14, "
				 "%[e]; mov %%r15, %[f]"
				 : "=a"(r), [b] "+m"(rbx), [c] "+m"(r12), [d] "+m"(r13),
				   [e] "+m"(r14), [f] "+m"(r15)
				 : "0"((long)nr)
				 : "rbx", "rcx", "r11", "r12", "r13", "r14", "r15", "memory");
		EXPECT_EQ(r, -ENOSYS);
		EXPECT(rbx == 1 && r12 == 3 && r13 == 4 && r14 == 5 && r15 == 6);
	}
}
