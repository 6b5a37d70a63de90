/* stack.c: LibOS stacks come from a region of their own, in slots of one guard page and the stack. The
 * guard is never committed, so an overflow is a fault, not a corruption. Freed stacks are kept for reuse. On SGX1 they come
 * from the heap, and the guard is a page of it that the page tables hide. */
#include "thread/stack.h"
#include "abi/layout.h"
#include "base/heap.h"
#include "base/valgrind.h"
#include "hostcall/hostcall.h"
#include "thread/thread.h"

#define SLOT_SIZE (PAGE_SIZE + THREAD_STACK_SIZE)
#define STACKS_START (LIBOS_HEAP_END - THREAD_STACKS_SIZE)
#define STACKS_END LIBOS_HEAP_END

static uint64_t next_slot = STACKS_START;
static void *free_stacks; /* linked through their lowest word */

static void *stack_from_heap(void)
{
	uint8_t *guard = page_alloc(SLOT_SIZE / PAGE_SIZE);
	struct mem_range r = { .addr = (uint64_t)guard, .len = PAGE_SIZE };

	if (!guard || !host_mem_hide(&r, 1))
		return guard ? guard + PAGE_SIZE : NULL;
	page_free(guard, SLOT_SIZE / PAGE_SIZE);
	return NULL;
}

void *thread_stack_alloc(void)
{
	void *s = free_stacks;

	if (s) {
		free_stacks = *(void **)s;
		return s;
	}
	if (host_mem_is_fixed())
		return stack_from_heap();
	if (next_slot + SLOT_SIZE > STACKS_END)
		return NULL;
	s = (void *)(next_slot + PAGE_SIZE);
	if (host_mem_augment((uint64_t)s, THREAD_STACK_SIZE))
		return NULL;
	next_slot += SLOT_SIZE;
	valgrind_stack((uint64_t)s, (uint64_t)s + THREAD_STACK_SIZE);
	return s;
}

void thread_stack_free(void *stack)
{
	if (!stack)
		return;
	*(void **)stack = free_stacks;
	free_stacks = stack;
}
