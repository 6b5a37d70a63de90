/* program.c: loads a program into an address space of its own. */
#include "loader/program.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "base/valgrind.h"
#include "crypto/rng.h"
#include "entry/regs.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/notify.h"
#include "landlock/landlock.h"
#include "linux/errno.h"
#include "linux/fs.h"
#include "linux/mman.h"
#include "loader/script.h"
#include "process/process.h"
#include "signal/signal.h"
#include "syscall/dispatch.h"
#include "thread/thread.h"
#include "time/vdso.h"
#include "vm/vm.h"

#define SCRIPT_DEPTH_MAX 5
#define STACK_MIN 0x40000UL /* leaves room beside the most strings any limit allows */
#define STACK_MAX 0x40000000UL /* what an unlimited RLIMIT_STACK gets */

int exec_open_file(int dirfd, const char *name, unsigned lookup, struct file **out)
{
	struct path path;
	struct inode *inode;
	int err = path_lookup(dirfd, name, lookup, &path);

	if (err)
		return err;
	inode = path.dentry->inode;
	if (S_ISLNK(inode->mode))
		err = -ELOOP;
	else if (!S_ISREG(inode->mode) || (path.mnt->flags & MS_NOEXEC) || inode->sb->noexec)
		err = -EACCES;
	else
		err = inode_permission(inode, 1);
	if (!err)
		err = landlock_path(&path, LANDLOCK_ACCESS_FS_EXECUTE);
	if (!err && inode->deny_write < 0)
		err = -ETXTBSY;
	if (!err)
		err = notify_ask(&path, FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM);
	if (!err)
		err = file_open_path(&path, O_RDONLY, out);
	if (!err)
		notify_exec(*out);
	path_put(&path);
	return err;
}

int exec_buffer_reserve(struct exec_buffer *b, size_t room)
{
	size_t need = b->strings->len + room, cap = b->cap;
	char *data;

	if (need <= cap)
		return 0;
	while (cap < need)
		cap = cap ? cap * 2 : 4096;
	data = krealloc(b->strings->data, cap);
	if (!data)
		return -ENOMEM;
	b->strings->data = data;
	b->cap = cap;
	return 0;
}

int exec_buffer_add(struct exec_buffer *b, const char *s)
{
	size_t len = strlen(s) + 1;
	int err;

	if (len > EXEC_STRING_MAX || b->strings->len + len > b->limit)
		return -E2BIG;
	err = exec_buffer_reserve(b, len);
	if (err)
		return err;
	memcpy(b->strings->data + b->strings->len, s, len);
	b->strings->len += len;
	return 0;
}

/* argv[0] becomes: interp, arg (if any), script. */
static int script_arguments(struct exec_strings *s, const char *interp, const char *arg,
			    const char *script)
{
	size_t old = s->argc ? strlen(s->data) + 1 : 0;
	size_t new_len = strlen(interp) + 1 + (arg ? strlen(arg) + 1 : 0) + strlen(script) + 1;
	struct exec_strings fresh = { .argc = s->argc - !!s->argc + 2 + !!arg, .envc = s->envc };
	struct exec_buffer b = { &fresh, 0, SIZE_MAX };
	int err = exec_buffer_reserve(&b, new_len + s->len - old);

	if (!err)
		err = exec_buffer_add(&b, interp);
	if (!err && arg)
		err = exec_buffer_add(&b, arg);
	if (!err)
		err = exec_buffer_add(&b, script);
	if (err) {
		kfree(fresh.data);
		return err;
	}
	memcpy(fresh.data + new_len, s->data + old, s->len - old);
	fresh.len = new_len + s->len - old;
	fresh.args_len = new_len + s->args_len - old;
	kfree(s->data);
	*s = fresh;
	return 0;
}

/* Reads the head of pg->file; while it is a script, goes on to its interpreter. Length of the head. */
static ssize_t follow_scripts(struct program *pg)
{
	char name[SCRIPT_HEAD_MAX + 1];
	const char *script = pg->filename;

	for (int depth = 0;; depth++) {
		ssize_t n = file_pread(pg->file, pg->head, EXEC_HEAD_SIZE, 0);
		char *interp, *arg;
		struct file *file;
		int err;

		if (n < 2 || pg->head[0] != '#' || pg->head[1] != '!')
			return n;
		if (depth == SCRIPT_DEPTH_MAX)
			return -ELOOP;
		if (pg->name_closes)
			return -ENOENT;
		err = script_parse(pg->head, (size_t)n, &interp, &arg);
		if (!err)
			err = script_arguments(&pg->strings, interp, arg, script);
		if (err)
			return err;
		strlcpy(name, interp, sizeof(name));
		script = name;
		err = exec_open_file(AT_FDCWD, name, LOOKUP_FOLLOW, &file);
		if (err)
			return err;
		file_put(pg->file);
		pg->file = file;
	}
}

/* A broken interpreter of a good program is -ELIBBAD, one without a whole header -EIO, as in Linux. */
static int open_interp(struct program *pg)
{
	struct file *file;
	char *name;
	ssize_t n;
	int err = elf_interp_name(&pg->elf, &name);

	if (err)
		return err;
	err = exec_open_file(AT_FDCWD, name, LOOKUP_FOLLOW, &file);
	if (err) {
		log_warn("%s: its interpreter %s cannot be opened (error %d)", pg->elf.name, name,
			 -err);
		kfree(name);
		return err;
	}
	n = file_pread(file, pg->head, EXEC_HEAD_SIZE, 0);
	if (n >= 0 && n < (ssize_t)sizeof(struct elf64_ehdr)) {
		err = -EIO;
	} else if (n >= 0) {
		err = elf_open(file, name, pg->head, (size_t)n, &pg->interp);
		if (err == -ENOEXEC || err == -EINVAL)
			err = -ELIBBAD;
	} else {
		err = (int)n;
	}
	pg->interp.name = "the interpreter";
	file_put(file);
	kfree(name);
	return err;
}

int program_open(struct program *pg, struct file *file)
{
	ssize_t n;
	int err;

	pg->file = file;
	n = follow_scripts(pg);
	if (n < 0)
		return (int)n;
	err = elf_open(pg->file, pg->filename, pg->head, (size_t)n, &pg->elf);
	if (err || !pg->elf.info.has_interp)
		return err;
	return open_interp(pg);
}

static uint32_t hwcap(void)
{
	static uint32_t edx;
	uint32_t a = 1, b, c;

	if (!edx)
		__asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(edx));
	return edx;
}

static unsigned fill_aux(const struct program *pg, const struct cred *cred, bool secure,
			 uaddr_t vdso, struct auxv *aux)
{
	const struct elf_info *info = &pg->elf.info;
	unsigned n = 0;

	if (vdso)
		aux[n++] = (struct auxv){ AT_SYSINFO_EHDR, vdso };
	aux[n++] = (struct auxv){ AT_MINSIGSTKSZ, signal_min_stack_size() };
	aux[n++] = (struct auxv){ AT_HWCAP, hwcap() };
	aux[n++] = (struct auxv){ AT_PAGESZ, PAGE_SIZE };
	aux[n++] = (struct auxv){ AT_CLKTCK, 100 };
	aux[n++] = (struct auxv){ AT_PHDR, info->phdr_vaddr ? info->phdr_vaddr + pg->elf.bias : 0 };
	aux[n++] = (struct auxv){ AT_PHENT, sizeof(struct elf64_phdr) };
	aux[n++] = (struct auxv){ AT_PHNUM, info->phnum };
	aux[n++] = (struct auxv){ AT_BASE, pg->interp.file ? pg->interp.bias : 0 };
	aux[n++] = (struct auxv){ AT_FLAGS, 0 };
	aux[n++] = (struct auxv){ AT_ENTRY, info->entry + pg->elf.bias };
	aux[n++] = (struct auxv){ AT_UID, cred->uid };
	aux[n++] = (struct auxv){ AT_EUID, cred->euid };
	aux[n++] = (struct auxv){ AT_GID, cred->gid };
	aux[n++] = (struct auxv){ AT_EGID, cred->egid };
	aux[n++] = (struct auxv){ AT_SECURE, secure };
	aux[n++] = (struct auxv){ AT_HWCAP2, 0 }; /* no FSGSBASE: the GS base is the LibOS's */
	aux[n++] = (struct auxv){ AT_RSEQ_FEATURE_SIZE, 20 };
	aux[n++] = (struct auxv){ AT_RSEQ_ALIGN, 32 };
	return n;
}

/* The whole stack is reserved at its limit and committed on demand. */
static int map_stack(struct program *pg, uint64_t limit, uaddr_t *top)
{
	size_t size = ALIGN_UP(MIN(MAX(limit, STACK_MIN), STACK_MAX), PAGE_SIZE);
	int prot = PROT_READ | PROT_WRITE | (pg->elf.info.exec_stack ? PROT_EXEC : 0);
	long addr = vm_mmap(pg->space, 0, size, prot,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_GROWSDOWN | MAP_NORESERVE,
			    NULL, 0);

	if (addr < 0)
		return (int)addr;
	vm_name_range(pg->space, (uaddr_t)addr, "[stack]");
	valgrind_stack((uaddr_t)addr, (uaddr_t)addr + size);
	*top = (uaddr_t)addr + size - (rng_u64() & 0xff) * 16;
	return 0;
}

static int write_stack(struct program *pg, uaddr_t top, const struct auxv *aux, unsigned aux_count)
{
	struct stack_params params = { .strings = &pg->strings,
				       .filename = pg->filename,
				       .aux = aux,
				       .aux_count = aux_count };
	size_t need = stack_size_needed(&params);
	int err = vm_make_present(pg->space, top - need, need, PROT_READ | PROT_WRITE);

	if (err)
		return -ENOMEM;
	rng_bytes(params.random, sizeof(params.random));
	stack_write(&params, top, &pg->layout);
	return 0;
}

int program_map(struct program *pg, uint64_t stack_limit, const struct cred *cred, bool secure)
{
	struct auxv aux[AUX_MAX];
	uaddr_t top = 0, vdso;
	int err;

	if (!pg->space)
		pg->space = vm_space_create();
	if (!pg->space)
		return -ENOMEM;
	err = elf_map(&pg->elf, pg->space);
	if (!err && pg->interp.file)
		err = elf_map(&pg->interp, pg->space);
	if (err)
		return err;
	pg->brk_start = ALIGN_UP(pg->elf.info.bss_end + pg->elf.bias, PAGE_SIZE);
	vm_brk_init(pg->space, pg->brk_start);
	err = map_stack(pg, stack_limit, &top);
	if (err)
		return err;
	vdso = vdso_map(pg->space);
	pg->entry = pg->interp.file ? pg->interp.info.entry + pg->interp.bias
				    : pg->elf.info.entry + pg->elf.bias;
	return write_stack(pg, top, aux, fill_aux(pg, cred, secure, vdso, aux));
}

void program_free(struct program *pg)
{
	elf_close(&pg->elf);
	elf_close(&pg->interp);
	if (pg->file)
		file_put(pg->file);
	if (pg->space)
		vm_space_put(pg->space);
	kfree(pg->strings.data);
	pg->file = NULL;
	pg->space = NULL;
	pg->strings.data = NULL;
}

void program_set_regs(const struct program *pg, struct regs *regs)
{
	*regs = (struct regs){ .rip = pg->entry,
			       .rsp = pg->layout.sp,
			       .rflags = 0x202,
			       .orig_rax = (uint64_t)-1,
			       .full = REGS_FULL };
}
