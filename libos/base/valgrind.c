/* valgrind.c: telling valgrind about stacks (valgrind.h). Places of stacks are used again and again, and it looks at all it was
 * told of: so those of programs that a new one overlaps are taken back, and the oldest when there are many. */
#ifdef LIBOS_PLAIN
#include "base/valgrind.h"
#include "abi/layout.h"

#define STACK_REGISTER	 0x1501
#define STACK_DEREGISTER 0x1502
#define MAKE_MEM_DEFINED 0x4d430002 /* memcheck's; other tools pass over it */
#define PIECE		 (128UL << 20) /* it talks about larger ones */
#define KNOWN_MAX	 256u

static struct known {
	uint64_t start, end, id;
} known[KNOWN_MAX];
static unsigned next;

static uint64_t ask(uint64_t request, uint64_t a, uint64_t b)
{
	volatile uint64_t words[6] = { request, a, b };
	uint64_t answer = 0;

	__asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
			 : "+d"(answer)
			 : "a"(words)
			 : "memory", "cc");
	return answer;
}

void valgrind_defined(uint64_t addr, size_t len)
{
	for (size_t n; len; addr += n, len -= n) {
		n = MIN(len, PIECE);
		ask(MAKE_MEM_DEFINED, addr, n);
	}
}

static void forget(struct known *k)
{
	if (k->end)
		ask(STACK_DEREGISTER, k->id, 0);
	k->end = 0;
}

void valgrind_stack(uint64_t start, uint64_t end)
{
	struct known *k;

	if (start < LIBOS_END) { /* our own: told once, for good */
		ask(STACK_REGISTER, start, end);
		return;
	}
	for (k = known; k < known + KNOWN_MAX; k++) {
		if (k->start == start && k->end == end)
			return;
		if (k->start < end && start < k->end)
			forget(k);
	}
	k = &known[next++ % KNOWN_MAX];
	forget(k);
	*k = (struct known){ start, end, ask(STACK_REGISTER, start, end) };
}
#endif
