/* commit.c: when anonymous memory is committed, and how much at once.
 *
 * A page fault in an enclave costs about as much as the leaves for two pages, so pages come in batches. Modes (vm.commit):
 *  - eager: all of a mapping when it is made, as in an enclave of fixed size; what there is no room for, by faults;
 *  - lazy: on the first touch, a fixed number of pages;
 *  - adaptive: the same with a batch for each mapping that doubles while the program goes through it in order, and is
 *    halved when the program jumps and most of the last batch is still zero: it was not needed. New mappings begin with
 *    half of what did well in others of the space.
 *
 * Whether a page was touched the enclave cannot see (the accessed bits are the host's); zero tells enough, as a wrong
 * guess costs time only. Giant lock; nothing here sleeps. */
#include "tunables.h"
#include "vm/space.h"

#define EAGER_MAX (1UL << 30) /* larger mappings are reservations */

enum vm_commit vm_commit_mode;

static bool page_untouched(uaddr_t addr)
{
	const uint8_t readable = PG_VALID | PROT_READ;

	return (page_state(addr) & readable) == readable && page_is_zero(addr);
}

/* The last batch of v, if it is known: [fault_next - batch, fault_next), or above it where faults go down. */
static bool batch_wasted(const struct vma *v, bool down)
{
	size_t len = v->fault_batch * PAGE_SIZE;
	uaddr_t start = down ? v->fault_next + PAGE_SIZE : v->fault_next - len;

	if (v->fault_batch < 2 || start < v->start || start + len > v->end)
		return false;
	/* The fault itself touched one end. */
	uaddr_t far = down ? start : start + len - PAGE_SIZE;
	return page_untouched(far) && page_untouched(start + ALIGN_DOWN(len / 2, PAGE_SIZE));
}

static size_t batch_adapt(const struct vma *v, uaddr_t addr, bool down)
{
	struct vm_space *s = v->space;
	unsigned first = down ? BATCH_STACK : MAX(BATCH_FIRST, s->fault_batch / 2), last = v->fault_batch;

	if (!last)
		return first;
	if (v->fault_next == addr) {
		last = MIN(2 * last, BATCH_MAX);
		s->fault_batch = MAX(s->fault_batch, down ? 0 : last);
		return last;
	}
	if (batch_wasted(v, down)) {
		s->fault_batch /= 2;
		return MAX(MIN(last, first) / 2, 1u);
	}
	return last < 2 ? last : MIN(2 * last, first);
}

void commit_window(struct vma *v, uaddr_t addr, uaddr_t *start, uaddr_t *end)
{
	bool down = v->flags & (VMA_STACK | VMA_GROWSDOWN);
	size_t batch = vm_commit_mode == VM_COMMIT_LAZY ? BATCH_FIRST : batch_adapt(v, addr, down);

	if (down) {
		*end = addr + PAGE_SIZE;
		*start = *end - v->start > batch * PAGE_SIZE ? *end - batch * PAGE_SIZE : v->start;
		v->fault_next = *start - PAGE_SIZE;
	} else {
		*start = addr;
		*end = v->end - addr > batch * PAGE_SIZE ? addr + batch * PAGE_SIZE : v->end;
		v->fault_next = *end;
	}
	v->fault_batch = (unsigned)((*end - *start) >> PAGE_SHIFT);
}

bool commit_at_once(size_t len, int prot, int flags)
{
	const int kept_lazy = MAP_NORESERVE | MAP_STACK | MAP_GROWSDOWN;

	return vm_commit_mode == VM_COMMIT_EAGER && (flags & MAP_ANONYMOUS) && (prot & PROT_WRITE) &&
	       !(flags & kept_lazy) && len <= EAGER_MAX;
}
