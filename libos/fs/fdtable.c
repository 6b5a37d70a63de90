/* fdtable.c: descriptor tables: number -> open file, and the close-on-exec bits.
 *
 * A table is shared by threads (and CLONE_FILES processes). Slots own a reference each. All
 * descriptors below `lowest` are in use, so finding a free one is quick. POSIX record locks belong
 * to the table: closing any descriptor of a file drops them (fs/lock.c). */
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/lock.h"
#include "linux/errno.h"
#include "linux/resource.h"
#include "process/process.h"

#define FIRST_SIZE 64u

struct fdtable {
	unsigned ref;
	unsigned size; /* slots; a power of two */
	unsigned lowest;
	struct file **files;
	uint64_t *cloexec;
};

static struct fdtable *table_alloc(unsigned size)
{
	struct fdtable *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->files = kzalloc(size * sizeof(*t->files));
	t->cloexec = kzalloc((size + 63) / 64 * 8);
	if (!t->files || !t->cloexec) {
		kfree(t->files);
		kfree(t->cloexec);
		kfree(t);
		return NULL;
	}
	t->ref = 1;
	t->size = size;
	return t;
}

struct fdtable *fdtable_create(void)
{
	return table_alloc(FIRST_SIZE);
}

struct fdtable *fdtable_get(struct fdtable *t)
{
	t->ref++;
	return t;
}

struct fdtable *fdtable_copy(struct fdtable *t)
{
	struct fdtable *copy = table_alloc(t->size);

	if (!copy)
		return NULL;
	copy->lowest = t->lowest;
	memcpy(copy->cloexec, t->cloexec, (t->size + 63) / 64 * 8);
	for (unsigned fd = 0; fd < t->size; fd++) {
		if (t->files[fd])
			copy->files[fd] = file_get(t->files[fd]);
	}
	return copy;
}

static void set_cloexec(struct fdtable *t, unsigned fd, bool on)
{
	if (on)
		t->cloexec[fd / 64] |= 1UL << fd % 64;
	else
		t->cloexec[fd / 64] &= ~(1UL << fd % 64);
}

/* The slot's reference passes to the caller. */
static struct file *slot_take(struct fdtable *t, unsigned fd)
{
	struct file *f = t->files[fd];

	t->files[fd] = NULL;
	set_cloexec(t, fd, false);
	t->lowest = MIN(t->lowest, fd);
	return f;
}

static int close_file(struct fdtable *t, struct file *f)
{
	int err = f->ops->flush && !(f->flags & O_PATH) ? f->ops->flush(f) : 0;

	if (f->inode && !list_empty(&f->inode->locks))
		lock_drop_posix(f->inode, t);
	file_put(f);
	return err;
}

void fdtable_put(struct fdtable *t)
{
	assert(t->ref > 0);
	if (t->ref > 1) {
		t->ref--;
		return;
	}
	for (unsigned fd = 0; fd < t->size; fd++) {
		if (t->files[fd])
			(void)close_file(t, slot_take(t, fd));
	}
	kfree(t->files);
	kfree(t->cloexec);
	kfree(t);
}

int files_unshare(void)
{
	struct thread *t = current;
	struct fdtable **slot = t->own_files || t->process->nthreads > 1 ? &t->own_files : &t->process->files;
	struct fdtable *old = *slot, *copy = fdtable_copy(current_files());

	if (!copy)
		return -ENOMEM;
	*slot = copy;
	if (slot == &t->process->files)
		t->process->files_shared = false;
	if (old)
		fdtable_put(old);
	return 0;
}

void fdtable_close_on_exec(struct fdtable *t)
{
	for (unsigned word = 0; word < (t->size + 63) / 64; word++) {
		while (t->cloexec[word]) {
			unsigned fd = word * 64 + (unsigned)__builtin_ctzl(t->cloexec[word]);

			(void)close_file(t, slot_take(t, fd));
		}
	}
}

static int table_grow(struct fdtable *t, unsigned fd)
{
	unsigned size = t->size;
	struct file **files;
	uint64_t *bits;

	while (size <= fd)
		size *= 2;
	files = kzalloc(size * sizeof(*files));
	bits = kzalloc(size / 64 * 8);
	if (!files || !bits) {
		kfree(files);
		kfree(bits);
		return -ENOMEM;
	}
	memcpy(files, t->files, t->size * sizeof(*files));
	memcpy(bits, t->cloexec, t->size / 64 * 8);
	kfree(t->files);
	kfree(t->cloexec);
	t->files = files;
	t->cloexec = bits;
	t->size = size;
	return 0;
}

static struct fdtable *own_table(void)
{
	return current_files();
}

static uint64_t fd_limit(void)
{
	return MIN(current_process()->rlim[RLIMIT_NOFILE].cur, (uint64_t)FD_MAX);
}

struct file *fd_get(int fd, bool allow_path)
{
	struct file *f = fdtable_lookup(own_table(), fd);

	if (!f || (!allow_path && (f->flags & O_PATH)))
		return NULL;
	return file_get(f);
}

struct file *fdtable_lookup(struct fdtable *t, int fd)
{
	return (unsigned)fd < t->size ? t->files[fd] : NULL;
}

int fdtable_next(struct fdtable *t, int fd)
{
	for (unsigned i = fd < 0 ? 0 : (unsigned)fd; i < t->size; i++) {
		if (t->files[i])
			return (int)i;
	}
	return -1;
}

void fdtable_set_cloexec(struct fdtable *t, int fd)
{
	set_cloexec(t, (unsigned)fd, true);
}

bool fdtable_cloexec(struct fdtable *t, int fd)
{
	return (unsigned)fd < t->size && (t->cloexec[fd / 64] >> fd % 64 & 1);
}

static unsigned lowest_free(const struct fdtable *t, unsigned from)
{
	unsigned fd = MAX(from, t->lowest);

	while (fd < t->size && t->files[fd])
		fd++;
	return fd;
}

int fd_install(struct file *f, unsigned from, bool cloexec)
{
	struct fdtable *t = own_table();
	unsigned fd = lowest_free(t, from);

	if (fd >= fd_limit())
		return -EMFILE;
	if (fd >= t->size && table_grow(t, fd))
		return -ENOMEM;
	t->files[fd] = f;
	set_cloexec(t, fd, cloexec);
	if (from <= t->lowest)
		t->lowest = fd + 1;
	return (int)fd;
}

int fd_install_in(struct fdtable *t, struct file *f, int fd)
{
	struct file *old;

	if ((unsigned)fd >= FD_MAX)
		return -EBADF;
	if ((unsigned)fd >= t->size && table_grow(t, (unsigned)fd))
		return -ENOMEM;
	old = t->files[fd];
	t->files[fd] = f;
	set_cloexec(t, (unsigned)fd, false);
	if (old)
		(void)close_file(t, old);
	return fd;
}

int fd_replace(struct file *f, int fd, bool cloexec)
{
	struct fdtable *t = own_table();
	int err;

	if ((unsigned)fd >= fd_limit())
		return -EBADF;
	err = fd_install_in(t, f, fd);
	if (err >= 0)
		set_cloexec(t, (unsigned)fd, cloexec);
	return err;
}

bool fd_room(unsigned n)
{
	struct fdtable *t = own_table();
	uint64_t limit = fd_limit();

	for (unsigned fd = t->lowest; n && fd < limit; fd++) {
		if (fd >= t->size || !t->files[fd])
			n--;
	}
	return n == 0;
}

int fd_set_cloexec(int fd, bool on)
{
	struct fdtable *t = own_table();

	if (!fdtable_lookup(t, fd))
		return -EBADF;
	set_cloexec(t, (unsigned)fd, on);
	return 0;
}

int fd_close(int fd)
{
	struct fdtable *t = own_table();

	if (!fdtable_lookup(t, fd))
		return -EBADF;
	return close_file(t, slot_take(t, (unsigned)fd));
}
