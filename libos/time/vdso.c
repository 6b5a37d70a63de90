/* vdso.c: puts the vDSO into user memory, once, and tells exec where it is. */
#include "time/vdso.h"
#include "abi/layout.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/mman.h"
#include "vm/vm.h"

extern const uint8_t vdso_image_start[], vdso_image_end[];
extern const char syscall_gate[];

static bool disabled;
static struct vm_space *space; /* where it is mapped */
static uaddr_t header;

/* Fills the data page and the image behind it at base. */
static int install(struct vm_space *s, uaddr_t base)
{
	size_t size = (size_t)(vdso_image_end - vdso_image_start);
	struct vdso_data *data = (struct vdso_data *)base;
	int err = vm_make_present(s, base, PAGE_SIZE + size, PROT_READ | PROT_WRITE);

	if (err)
		return err;
	data->clock = clock_params;
	if (disabled)
		data->clock.mult = 0;
	data->gate = (uint64_t)syscall_gate;
	memcpy((void *)(base + PAGE_SIZE), vdso_image_start, size);
	vm_name_range(s, base, "[vvar]");
	err = vm_mprotect(s, base, PAGE_SIZE, PROT_READ);
	if (!err)
		err = vm_mprotect(s, base + PAGE_SIZE, ALIGN_UP(size, PAGE_SIZE), PROT_READ | PROT_EXEC);
	return err;
}

/* at: where its data page shall lie; 0: anywhere. */
static uaddr_t map_shared_copy(uaddr_t at)
{
	size_t size = (size_t)(vdso_image_end - vdso_image_start);
	struct vm_space *s = vm_space_create_fixed(); /* no program may take its place, not even for a while */
	long base;

	if (!s)
		return 0;
	base = vm_mmap(s, at, PAGE_SIZE + ALIGN_UP(size, PAGE_SIZE), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), NULL, 0);
	if (base < 0 || install(s, (uaddr_t)base)) {
		log_warn("no memory for the vDSO: programs read clocks by system calls");
		vm_space_put(s);
		return 0;
	}
	space = s;
	return (uaddr_t)base + PAGE_SIZE;
}

uaddr_t vdso_map(struct vm_space *s)
{
	(void)s;
	if (!header)
		header = map_shared_copy(0);
	return header;
}

void vdso_place(uaddr_t at)
{
	if (at && !header)
		header = map_shared_copy(at - PAGE_SIZE);
}

void vdso_disable(void)
{
	struct vdso_data *data = (struct vdso_data *)(header - PAGE_SIZE);

	if (disabled)
		return;
	disabled = true;
	if (!header)
		return;
	if (vm_mprotect(space, (uaddr_t)data, PAGE_SIZE, PROT_READ | PROT_WRITE)) {
		log_warn("the vDSO goes on telling the clocks of the initial time namespace: no memory");
		return;
	}
	data->clock.mult = 0;
	if (vm_mprotect(space, (uaddr_t)data, PAGE_SIZE, PROT_READ))
		log_warn("the vDSO's data stays writable");
}
