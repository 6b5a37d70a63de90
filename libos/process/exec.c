/* exec.c: execve and execveat.
 *
 * The new program is loaded into a space of its own while the old one is still whole, so every
 * ordinary error is returned to the caller. Then, past the point of no return: the other threads
 * end, the new space takes the place of the old, and what execve(2) says is reset is reset. One
 * exception: a program linked to fixed addresses that the caller itself occupies can only be mapped
 * after the old space is gone; if that fails the process is killed, as Linux does. */
#include "abi/layout.h"
#include "aio/aio.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "eip/eip.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "keys/keys.h"
#include "linux/errno.h"
#include "linux/fcntl.h"
#include "linux/fs.h"
#include "linux/resource.h"
#include "linux/signal.h"
#include "linux/wait.h"
#include "loader/program.h"
#include "process/internal.h"
#include "process/pid.h"
#include "ptrace/ptrace.h"
#include "signal/signal.h"
#include "syscall/define.h"
#include "syscall/usercopy.h"
#include "time/itimer.h"
#include "time/timens.h"
#include "vm/vm.h"

/* All strings and their pointers together, as Linux: a quarter of the stack, 128 KiB to 6 MiB. */
static size_t strings_limit(void)
{
	uint64_t quarter = current->process->rlim[RLIMIT_STACK].cur / 4;

	return MAX(MIN(quarter, (uint64_t)0x600000), (uint64_t)EXEC_STRING_MAX);
}

/* One string from the caller's memory. */
static int add_user_string(struct exec_buffer *b, uaddr_t from)
{
	size_t room = 256;

	for (;;) {
		ssize_t n;
		int err = exec_buffer_reserve(b, room);

		if (err)
			return err;
		room = MIN(b->cap - b->strings->len, (size_t)EXEC_STRING_MAX);
		n = strncpy_from_user(b->strings->data + b->strings->len, from, room);
		if (n >= 0) {
			b->strings->len += (size_t)n + 1;
			return b->strings->len > b->limit ? -E2BIG : 0;
		}
		if (n != -ENAMETOOLONG)
			return (int)n;
		if (room == EXEC_STRING_MAX || b->strings->len + room > b->limit)
			return -E2BIG;
		room *= 2;
	}
}

/* A NULL-terminated array of strings; NULL itself counts as empty. */
static int add_user_strings(struct exec_buffer *b, uaddr_t array, unsigned *count)
{
	uaddr_t str;
	int err;

	for (*count = 0; array; array += sizeof(str)) {
		if (get_user(str, array))
			return -EFAULT;
		if (!str)
			break;
		if (b->limit < sizeof(uaddr_t))
			return -E2BIG;
		b->limit -= sizeof(uaddr_t); /* its pointer */
		err = add_user_string(b, str);
		if (err)
			return err;
		++*count;
	}
	return 0;
}

static int copy_strings(struct exec_strings *s, uaddr_t argv, uaddr_t envp)
{
	struct exec_buffer b = { s, 0, strings_limit() };
	int err = add_user_strings(&b, argv, &s->argc);

	if (!err && s->argc == 0) { /* programs rely on argv[0] */
		err = exec_buffer_add(&b, "");
		s->argc = 1;
	}
	s->args_len = s->len;
	return err ? err : add_user_strings(&b, envp, &s->envc);
}

/* Descriptors of the only thread that is left become the process'. May sleep. */
static void take_own_files(struct process *p)
{
	struct fdtable *old = p->files;

	if (!current->own_files)
		return;
	p->files = current->own_files;
	p->files_shared = false;
	current->own_files = NULL;
	fdtable_put(old);
}

/* All other threads of the process end; the caller becomes the leader. May sleep. */
static int end_other_threads(void)
{
	struct process *p = current->process;
	struct thread *t;

	if (current->exiting)
		return -EAGAIN;
	list_for_each(t, &p->threads, in_process) {
		if (t == current)
			continue;
		t->exiting = true;
		t->sig_check = true;
		thread_interrupt(t, true);
	}
	while (p->nthreads > 1)
		if (waitq_wait(&p->thread_exit, WAIT_UNINTERRUPTIBLE, NSEC_NEVER))
			continue;
	if (current->tid != p->pid)
		tid_take_over(current, p->pid);
	p->leader = current;
	take_own_files(p);
	return current->exiting ? -EAGAIN : 0;
}

/* What processes made with CLONE_FILES or CLONE_SIGHAND share becomes p's own. */
static int unshare_for_exec(struct process *p)
{
	time_ns_enter_pending(p);
	if (current->own_files) {
		int err = files_unshare();

		if (err)
			return err;
	} else if (p->files_shared) {
		struct fdtable *old = p->files, *copy = fdtable_copy(old);

		if (!copy)
			return -ENOMEM;
		p->files = copy;
		p->files_shared = false;
		fdtable_put(old);
	}
	if (p->sighand_shared) {
		struct sighand *old = p->sighand, *copy = sighand_copy(old);

		if (!copy)
			return -ENOMEM;
		p->sighand = copy;
		p->sighand_shared = false;
		sighand_put(old);
	}
	return 0;
}

static void set_comm(struct thread *t, const char *filename)
{
	const char *slash = strrchr(filename, '/');

	strlcpy(t->comm, slash ? slash + 1 : filename, sizeof(t->comm));
}

void program_describe(const struct program *pg, struct process *p, struct thread *t)
{
	const struct stack_layout *l = &pg->layout;

	process_set_exe(p, &pg->file->path);
	p->arg_start = l->arg_start;
	p->arg_end = l->arg_end;
	p->env_start = l->env_start;
	p->env_end = l->env_end;
	p->auxv_start = l->auxv_start;
	p->auxv_end = l->auxv_end;
	p->brk_start = pg->brk_start;
	p->exec_done = true;
	set_comm(t, pg->filename);
}

static void reset_thread(struct thread *t, const struct program *pg)
{
	program_set_regs(pg, t->regs);
	fpu_init_area(t->xsave);
	fpu_load_current();
	set_user_fs_base(0);
	t->gs_user = 0;
	t->clear_child_tid = 0;
	t->robust_list = 0;
	t->rseq = 0;
	t->vfork_child = false;
}

/* Past the point of no return: nothing fails any more. May sleep. */
static void commit(struct program *pg, bool secure)
{
	struct process *p = current->process;
	struct vm_space *old = p->space;
	struct vm_stats stats;
	bool borrowed = current->vfork_child;

	itimers_exec(p);
	aio_exit(p);
	keys_exec(p, current);
	p->space = pg->space;
	pg->space = NULL;
	program_describe(pg, p, current);
	reset_thread(current, pg);
	p->dumpable = !secure;
	if (secure)
		p->pdeath_signal = 0;
	p->exit_signal = SIGCHLD;
	sighand_exec(p);
	process_vfork_release(p);
	if (current->trace)
		ptrace_exec(current);
	fdtable_close_on_exec(p->files);
	if (!old)
		return;
	if (!borrowed) {
		vm_space_stats(old, &stats);
		p->max_rss = MAX(p->max_rss, stats.peak_resident);
	}
	vm_space_put(old);
}

/* For fixed addresses that are the caller's own. The old program cannot come back. */
static int map_over_own_space(struct program *pg, bool secure)
{
	struct process *p = current->process;
	struct vm_space *old = p->space;
	int err;

	err = end_other_threads();
	if (err)
		return err;
	thread_release_memory(current);
	current->futex_dead = false;
	p->space = NULL;
	vm_space_put(old);
	err = program_map(pg, p->rlim[RLIMIT_STACK].cur, &p->cred, secure);
	if (!err)
		return 0;
	log_warn(
		"%s: cannot be loaded (error %d); process %d, which wanted to become it, is killed",
		pg->filename, -err, p->pid);
	return err;
}

/* Does the caller itself occupy the area of fixed addresses that the program is linked to? */
static bool own_space_in_the_way(const struct program *pg)
{
	struct vma_info v;

	if (pg->elf.info.dyn || current->vfork_child || !current->process->space)
		return false;
	return vm_next_vma(current->process->space, 0, &v) && v.start < USER_LOW_END;
}

static int load(struct program *pg, bool secure)
{
	struct process *p = current->process;
	int err;

	if (own_space_in_the_way(pg))
		return map_over_own_space(pg, secure);
	err = program_map(pg, p->rlim[RLIMIT_STACK].cur, &p->cred, secure);
	if (!err)
		err = end_other_threads();
	if (err)
		return err;
	thread_release_memory(current);
	current->futex_dead = false; /* the new program may own locks */
	return 0;
}

/* Set-id bits count only now, when nothing can fail but loading; undone if that does. */
static int load_with_credentials(struct program *pg)
{
	struct process *p = current->process;
	struct cred saved = p->cred;
	bool secure = cred_exec(p, pg->file->inode, pg->file->path.mnt->flags & MS_NOSUID);
	int err = load(pg, secure);

	if (err) {
		p->cred = saved;
		return err;
	}
	commit(pg, secure);
	return 0;
}

/* *moved: behind which neighbour the process goes on, if not here. */
static int exec_file(struct program *pg, struct file *file, uaddr_t argv, uaddr_t envp, struct eip_peer **moved)
{
	int err = copy_strings(&pg->strings, argv, envp);

	if (err) {
		file_put(file);
		return err;
	}
	err = program_open(pg, file);
	if (!err && eip_exec_leaves())
		return eip_exec(pg, moved);
	if (!err)
		err = unshare_for_exec(current->process);
	return err ? err : load_with_credentials(pg);
}

int exec_first(struct program *pg)
{
	return load_with_credentials(pg);
}

/* After a change of user (set*uid) that its limit did not allow for, this is where it fails; once. */
static bool nproc_allows(void)
{
	struct process *p = current->process;

	p->nproc_exceeded &= rlimit_nproc_exceeded(p);
	return !p->nproc_exceeded;
}

/* Takes over name. */
static long do_exec(int dirfd, char *name, char *shown_name, unsigned lookup, uaddr_t argv,
		    uaddr_t envp)
{
	struct program *pg = nproc_allows() ? kzalloc(sizeof(*pg)) : NULL;
	struct eip_peer *moved = NULL;
	struct file *file;
	int err = !nproc_allows() ? -EAGAIN : pg ? exec_open_file(dirfd, name, lookup, &file) : -ENOMEM;

	if (!err) {
		pg->filename = shown_name ? shown_name : name;
		pg->name_closes =
			shown_name && dirfd >= 0 && fdtable_cloexec(current_files(), dirfd);
		err = exec_file(pg, file, argv, envp, &moved);
	}
	if (pg)
		program_free(pg);
	kfree(pg);
	kfree(shown_name);
	kfree(name);
	if (moved)
		process_moved(moved);
	if (err && !current->process->space) /* neither the old program nor the new one */
		process_group_exit(current->process, WAIT_SIGNALED(SIGKILL, false));
	return err;
}

SYSCALL_DEFINE(execve, uaddr_t, path, uaddr_t, argv, uaddr_t, envp)
{
	char *name;
	int err = path_from_user(path, false, &name);

	return err ? err : do_exec(AT_FDCWD, name, NULL, LOOKUP_FOLLOW, argv, envp);
}

/* What a program started through a descriptor is called: scripts can be opened by this name. */
static char *descriptor_name(int dirfd, const char *rest)
{
	size_t size = strlen(rest) + 32;
	char *name = kmalloc(size);

	if (name)
		snprintf(name, size, *rest ? "/dev/fd/%d/%s" : "/dev/fd/%d", dirfd, rest);
	return name;
}

SYSCALL_DEFINE(execveat, int, dirfd, uaddr_t, path, uaddr_t, argv, uaddr_t, envp, int, flags)
{
	unsigned lookup = (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0) |
			  (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
	char *name, *shown = NULL;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	err = path_from_user(path, flags & AT_EMPTY_PATH, &name);
	if (err)
		return err;
	if (dirfd != AT_FDCWD && name[0] != '/') {
		shown = descriptor_name(dirfd, name);
		if (!shown) {
			kfree(name);
			return -ENOMEM;
		}
	}
	return do_exec(dirfd, name, shown, lookup, argv, envp);
}
