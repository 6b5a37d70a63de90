/* arena.c: the slots of struct sgx_thread, and the ENCLU gate page with its table.
 *
 * Slot: page 0 generated code (it also guards the stack), then the alternate stack, then the
 * thread. The gate table maps a GS base, by its page number modulo 4096, to the thread that
 * executes with it; an entry is written by EENTER and ERESUME and cleared by EEXIT and AEX. Slots
 * are never unmapped. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "../../libos/abi/layout.h"
#include "memory.h"
#include "plain.h"
#include "thread.h"

#define SLOT_SIZE	0x10000UL
#define GATE_TABLE_SIZE (GATE_TABLE_MASK + 8UL)

_Static_assert(SIM_ENCLU_GATE == 1UL << 40, "gate_entry sets bit 40"); /* NOLINT: as it is now */
_Static_assert(PLAIN_ENCLU_GATE + GATE_TABLE_OFFSET == PLAIN_GATE_SLOT, "where the plain gate looks");

static uint64_t arena;
static int slots_made; /* the first so many have memory */
static bool slot_used[SGX_THREAD_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct sgx_thread *slot_thread(uint64_t slot)
{
	return (struct sgx_thread *)(slot + SLOT_SIZE - sizeof(struct sgx_thread));
}

struct sgx_thread *thread_of_stack(uint64_t sp)
{
	if (!arena || sp - arena >= SGX_THREAD_MAX * SLOT_SIZE)
		return NULL;
	return slot_thread(sp & ~(SLOT_SIZE - 1));
}

uint64_t thread_stack_start(const struct sgx_thread *t)
{
	return ((uint64_t)t & ~(SLOT_SIZE - 1)) + SGX_PAGE_SIZE;
}

uint64_t thread_stack_size(const struct sgx_thread *t)
{
	return (uint64_t)t - thread_stack_start(t);
}

/* The last two instructions of ERESUME: mov regs.rdi(%rip), %rdi; jmp *regs.rip(%rip). */
static void thunk_write(uint8_t *code, const struct sgx_thread *t)
{
	int32_t to_rdi = (uint8_t *)&t->regs.rdi - (code + 7);
	int32_t to_rip = (uint8_t *)&t->regs.rip - (code + 13);

	memcpy(code, "\x48\x8b\x3d", 3);
	memcpy(code + 3, &to_rdi, 4);
	memcpy(code + 7, "\xff\x25", 2);
	memcpy(code + 9, &to_rip, 4);
}

static int arena_make(void)
{
	uint64_t size = (SGX_THREAD_MAX + 1) * SLOT_SIZE;
	void *p;

	if (arena)
		return 0;
	p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return -ENOMEM;
	arena = ((uint64_t)p + SLOT_SIZE - 1) & ~(SLOT_SIZE - 1);
	return 0;
}

static int slot_make(uint64_t slot)
{
	struct sgx_thread *t = slot_thread(slot);

	if (mprotect((void *)slot, SLOT_SIZE, PROT_READ | PROT_WRITE))
		return -ENOMEM;
	memset(t, 0, sizeof(*t));
	thunk_write((void *)slot, t);
	t->thunk = slot;
	return mprotect((void *)slot, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC) ? -ENOMEM : 0;
}

struct sgx_thread *thread_at(int index)
{
	struct sgx_thread *t;

	if (!arena || index >= slots_made)
		return NULL;
	t = slot_thread(arena + index * SLOT_SIZE);
	return t;
}

int thread_arena_make(void)
{
	int ret;

	pthread_mutex_lock(&lock);
	ret = arena_make();
	pthread_mutex_unlock(&lock);
	return ret;
}

struct sgx_thread *thread_slot_get(void)
{
	struct sgx_thread *t = NULL;

	pthread_mutex_lock(&lock);
	if (arena_make())
		goto out;
	for (int i = 0; i < SGX_THREAD_MAX; i++) {
		if (slot_used[i])
			continue;
		if (slot_make(arena + i * SLOT_SIZE))
			break;
		slot_used[i] = true;
		if (i >= slots_made)
			slots_made = i + 1;
		t = slot_thread(arena + i * SLOT_SIZE);
		break;
	}
out:
	pthread_mutex_unlock(&lock);
	return t;
}

void thread_slot_put(struct sgx_thread *t)
{
	pthread_mutex_lock(&lock);
	slot_used[((uint64_t)t - arena) / SLOT_SIZE] = false;
	pthread_mutex_unlock(&lock);
}

uint64_t gate_slot(uint64_t ogsbase)
{
	if (sgx_plain)
		return PLAIN_GATE_SLOT;
	return SIM_ENCLU_GATE + GATE_TABLE_OFFSET + (ogsbase >> 9 & GATE_TABLE_MASK);
}

/* The gate page holds: jmp *0(%rip); .quad gate_entry. */
int gate_install(void)
{
	const struct switch_labels *text = sgx_plain ? &plain_switch_labels : &switch_labels;
	const uint64_t gate = sgx_gate();
	static bool installed;
	void *p;

	if (installed)
		return 0;
	p = mmap((void *)gate, GATE_TABLE_OFFSET + GATE_TABLE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | EPC_MAP_CLAIM, -1, 0);
	if (p != (void *)gate)
		return p == MAP_FAILED ? -errno : -EEXIST;
	epc_store(gate, 0x25ff);
	epc_store(gate + 6, (uint64_t)text->gate_entry);
	if (mprotect(p, SGX_PAGE_SIZE, PROT_READ | PROT_EXEC))
		return -errno;
	installed = true;
	return 0;
}
