/* shm.c: System V shared memory: shmget, shmat, shmdt.
 *
 * A segment is an unnamed file in memory; attaching maps it MAP_SHARED through a struct file of the attachment's own,
 * whose release is the detach. So fork, exec, exit and munmap do right by themselves, and the count of attachments is
 * the number of mappings of the file. A marked segment (SHM_DEST) goes with the last attachment. */
#include "sysv/shm.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/mman.h"
#include "process/process.h"
#include "syscall/define.h"
#include "vm/vm.h"

uint64_t shm_pages;

static struct shm_segment *segment_of(struct ipc_object *o)
{
	return container_of(o, struct shm_segment, ipc);
}

static size_t segment_pages(const struct shm_segment *seg)
{
	return (seg->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static void segment_free(struct ipc_object *o)
{
	struct shm_segment *seg = segment_of(o);

	shm_pages -= segment_pages(seg);
	file_put(seg->file);
	kfree(seg);
}

unsigned long shm_attached(const struct shm_segment *seg)
{
	return vm_count_mappings(seg->file->inode);
}

void shm_remove(struct shm_segment *seg)
{
	if (seg->opened) {
		seg->ipc.mode |= SHM_DEST;
		seg->ipc.key = IPC_PRIVATE;
	} else {
		ipc_remove(&shm_ids, &seg->ipc);
	}
}

/* A mapping of one attachment is gone: of this process or of a forked one. */
static void attach_unmapped(struct file *f)
{
	struct shm_segment *seg = f->priv;

	if (!seg)
		return;
	seg->dtime = ipc_now();
	if (current_process())
		seg->lpid = current_process()->pid;
}

/* The last one is. */
static void attach_release(struct file *f)
{
	struct shm_segment *seg = f->priv;

	if (!seg)
		return;
	if (--seg->opened == 0 && (seg->ipc.mode & SHM_DEST) && !seg->ipc.removed)
		ipc_remove(&shm_ids, &seg->ipc);
}

static const struct file_ops attach_ops = { .name = "shm", .unmapped = attach_unmapped, .release = attach_release };

static int segment_create(int key, size_t size, int flags)
{
	struct iattr attr = { .valid = ATTR_SIZE, .size = ALIGN_UP(size, PAGE_SIZE) };
	struct shm_segment *seg;
	char name[32];
	int err;

	if (!size || size > shm_max_bytes || attr.size < size)
		return -EINVAL;
	if (shm_pages + (attr.size >> PAGE_SHIFT) > shm_all_pages)
		return -ENOSPC;
	if (flags & SHM_HUGETLB)
		return capable(CAP_IPC_LOCK) ? -ENOMEM : -EPERM; /* there are no huge pages */
	seg = kzalloc(sizeof(*seg));
	if (!seg)
		return -ENOMEM;
	snprintf(name, sizeof(name), "SYSV%08x", (unsigned)key);
	err = file_open_anon(name, O_RDWR, &seg->file);
	if (err) {
		kfree(seg);
		return err;
	}
	err = seg->file->inode->ops->setattr(seg->file->inode, &attr);
	seg->size = size;
	seg->ctime = ipc_now();
	seg->cpid = current_process()->pid;
	seg->ipc.free = segment_free;
	shm_pages += segment_pages(seg);
	if (!err)
		err = ipc_add(&shm_ids, &seg->ipc, key, flags);
	if (err) {
		segment_free(&seg->ipc);
		return err;
	}
	return seg->ipc.id;
}

SYSCALL_DEFINE(shmget, int, key, size_t, size, int, flags)
{
	struct ipc_object *o;
	int found = ipc_resolve(&shm_ids, key, flags, &o);

	if (found < 0)
		return found;
	if (found)
		return segment_create(key, size, flags);
	if (segment_of(o)->size < size)
		return -EINVAL;
	return ipc_may(o, (uint32_t)flags) ? o->id : -EACCES;
}

static bool range_free(struct vm_space *s, uaddr_t addr, size_t len)
{
	struct vma_info v;

	return addr + len >= addr && (!vm_next_vma(s, addr, &v) || v.start >= addr + len);
}

/* Where to attach: *addr rounded, 0 for anywhere. */
static int attach_address(uaddr_t *addr, int flags)
{
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (!(*addr & ~PAGE_MASK))
		return 0;
	if (!(flags & SHM_RND))
		return -EINVAL;
	*addr &= PAGE_MASK;
	return !*addr && (flags & SHM_REMAP) ? -EINVAL : 0;
}

static long segment_map(struct shm_segment *seg, uaddr_t addr, int flags)
{
	struct file *base = seg->file;
	unsigned access = flags & SHM_RDONLY ? O_RDONLY : O_RDWR;
	struct file *f = file_alloc(&attach_ops, access, &base->path, base->inode);
	int prot = PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) | (flags & SHM_EXEC ? PROT_EXEC : 0);
	long at;

	if (!f)
		return -ENOMEM;
	seg->opened++;
	at = vm_mmap(current_process()->space, addr, seg->size, prot, MAP_SHARED | (addr ? MAP_FIXED : 0), f, 0);
	if (at >= 0) {
		seg->atime = ipc_now();
		seg->lpid = current_process()->pid;
	}
	if (f->ref == 1) { /* refused, or the same addresses were handed out again: no attachment of its own */
		seg->opened--;
	} else {
		f->priv = seg; /* only now: what mapping it took apart is no detaching */
	}
	file_put(f);
	return at;
}

SYSCALL_DEFINE(shmat, int, id, uaddr_t, addr, int, flags)
{
	struct ipc_object *o;
	uint32_t wanted = flags & SHM_RDONLY ? 0444 : 0666;
	int err = id < 0 ? -EINVAL : attach_address(&addr, flags);
	long at;

	if (err)
		return err;
	o = ipc_find(&shm_ids, id);
	if (!o)
		return -EINVAL;
	if (!ipc_may(o, wanted | (flags & SHM_EXEC ? 0111 : 0)))
		return -EACCES;
	if (addr && !(flags & SHM_REMAP) && !range_free(current_process()->space, addr, segment_of(o)->size))
		return -EINVAL;
	ipc_get(o);
	at = segment_map(segment_of(o), addr, flags);
	if (!segment_of(o)->opened && (o->mode & SHM_DEST) && !o->removed)
		ipc_remove(&shm_ids, o);
	ipc_put(o);
	return at;
}

SYSCALL_DEFINE(shmdt, uaddr_t, addr)
{
	struct vm_space *s = current_process()->space;
	const struct shm_segment *seg;
	uaddr_t at = addr, end;
	struct vma_info v;
	int err = 0;

	if ((addr & ~PAGE_MASK) || !vm_next_vma(s, addr, &v) || v.start != addr || v.offset)
		return -EINVAL;
	seg = v.file && v.file->ops == &attach_ops ? v.file->priv : NULL;
	if (!seg)
		return -EINVAL;
	end = addr + ALIGN_UP(seg->size, PAGE_SIZE);
	/* It may have been cut to pieces by mprotect, and holes may hold other things by now. */
	while (!err && at < end && vm_next_vma(s, at, &v) && v.start < end) {
		if (v.file && v.file->ops == &attach_ops && v.start - v.offset == addr)
			err = vm_munmap(s, v.start, v.end - v.start);
		at = v.end;
	}
	return err;
}
