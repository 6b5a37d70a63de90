/* memory.c: host mappings of ELRANGE (memory.h).
 *
 * Linux allows a process 65,530 mappings, so everything works on runs: one mmap or mprotect per run
 * of pages with equal effective protection. ELRANGE is reserved as one inaccessible mapping, which
 * keeps the host's own mmaps out and lets freed pages merge with their surroundings. */
#include "memory.h"
#include "plain.h"

#include <errno.h>
#include <sys/mman.h>

#define REFILL_PAGES 512 /* the most a refill looks at on each side */
#define MAP_EPC	     (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Under ASan the shadow of the lowest memory lies in ELRANGE below SHADOW_END and must stay. */
#define SHADOW_END 0x200000000UL

static uint64_t reserve_start(const struct sgx_enclave *e)
{
#ifdef __SANITIZE_ADDRESS__
	uint64_t lowest = SHADOW_END;
#else
	uint64_t lowest = EPC_NULL_GUARD;
#endif

	return e->secs.base < lowest && e->secs.size > lowest ? lowest : e->secs.base;
}

/* valgrind's memcheck has something to say about large pieces. */
static int reserve(uint64_t start, uint64_t size)
{
	const uint64_t piece = sgx_plain ? PLAIN_PIECE : size;
	void *p;

	for (uint64_t at = start; at < start + size; at += piece) {
		p = mmap((void *)at, piece, PROT_NONE, MAP_EPC | EPC_MAP_CLAIM, -1, 0);
		if (p == (void *)at)
			continue;
		if (p != MAP_FAILED) /* a kernel without MAP_FIXED_NOREPLACE */
			munmap(p, piece);
		munmap((void *)start, at - start);
		return p == MAP_FAILED ? -errno : -EEXIST;
	}
	if (sgx_plain)
		valgrind_expect_faults(start, size);
	return 0;
}

int epc_reserve(struct sgx_enclave *e)
{
	uint64_t start = reserve_start(e);
	int ret = reserve(start, e->secs.base + e->secs.size - start);

	e->reserved = !ret;
	return ret;
}

void epc_unreserve(struct sgx_enclave *e)
{
	uint64_t start = reserve_start(e);

	if (e->reserved)
		munmap((void *)start, e->secs.base + e->secs.size - start);
	e->reserved = false;
}

static bool range_ok(const struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	return !((addr | len) & (SGX_PAGE_SIZE - 1)) && addr >= EPC_NULL_GUARD &&
	       sgx_in_elrange(e, addr) && len <= e->secs.base + e->secs.size - addr;
}

static int alloc_locked(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	epcm_entry_t *entry;

	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE) {
		entry = epcm_entry_create(&e->epcm, a);
		if (!entry)
			return -ENOMEM;
		if (atomic_load(entry) & (EPCM_RESIDENT | EPCM_USED))
			return -EEXIST;
	}
	if (mmap((void *)addr, len, PROT_READ | PROT_WRITE, MAP_EPC | MAP_FIXED, -1, 0) ==
	    MAP_FAILED)
		return -errno;
	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE)
		atomic_store(epcm_entry(&e->epcm, a), EPCM_RESIDENT | (EPCM_R | EPCM_W)
									      << EPCM_PTE_SHIFT);
	return 0;
}

int epc_alloc(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	int ret;

	if (!range_ok(e, addr, len))
		return -EINVAL;
	pthread_mutex_lock(&e->map_lock);
	ret = alloc_locked(e, addr, len);
	pthread_mutex_unlock(&e->map_lock);
	return ret;
}

static int free_locked(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE)
		if (epcm_load(&e->epcm, a) & EPCM_VALID)
			return -EBUSY;
	if (mmap((void *)addr, len, PROT_NONE, MAP_EPC | MAP_FIXED, -1, 0) == MAP_FAILED)
		return -errno;
	if (sgx_plain)
		valgrind_expect_faults(addr, len);
	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE)
		if (epcm_entry(&e->epcm, a))
			atomic_store(epcm_entry(&e->epcm, a), 0);
	return 0;
}

int epc_free(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	int ret;

	if (!range_ok(e, addr, len))
		return -EINVAL;
	pthread_mutex_lock(&e->map_lock);
	ret = free_locked(e, addr, len);
	pthread_mutex_unlock(&e->map_lock);
	return ret;
}

int epc_evict(struct sgx_enclave *e, uint64_t addr)
{
	int ret = 0;

	pthread_mutex_lock(&e->map_lock);
	if (mmap((void *)addr, SGX_PAGE_SIZE, PROT_NONE, MAP_EPC | MAP_FIXED, -1, 0) == MAP_FAILED)
		ret = -errno;
	else
		epcm_set_bits(epcm_entry(&e->epcm, addr), EPCM_RESIDENT | EPCM_USED, EPCM_USED);
	pthread_mutex_unlock(&e->map_lock);
	return ret;
}

static int map_protection(unsigned int effective)
{
	return (effective & EPCM_R ? PROT_READ : 0) | (effective & EPCM_W ? PROT_WRITE : 0) |
	       (effective & EPCM_X ? PROT_EXEC : 0);
}

static int map_run(uint64_t start, uint64_t end, unsigned int effective)
{
	if (start == end)
		return 0;
	if (mprotect((void *)start, end - start, map_protection(effective)))
		return -errno;
	if (sgx_plain && !effective)
		valgrind_expect_faults(start, end - start);
	return 0;
}

static int sync_locked(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	uint64_t start = addr;
	unsigned int run = 0, effective;
	int ret;

	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE) {
		effective = epcm_effective(epcm_load(&e->epcm, a));
		if (a != addr && effective != run) {
			ret = map_run(start, a, run);
			if (ret)
				return ret;
			start = a;
		}
		run = effective;
	}
	return map_run(start, addr + len, run);
}

int epc_sync(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	int ret;

	if (!range_ok(e, addr, len))
		return -EINVAL;
	pthread_mutex_lock(&e->map_lock);
	ret = sync_locked(e, addr, len);
	pthread_mutex_unlock(&e->map_lock);
	return ret;
}

/* In one pass: enclaves of 65,536 pages are built by this. Ends at a page that is not there. */
static int protect_locked(struct sgx_enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	uint64_t start = addr, a;
	unsigned int run = 0, effective;
	epcm_entry_t *entry;
	int ret = 0, last;

	for (a = addr; a < addr + len && !ret; a += SGX_PAGE_SIZE) {
		entry = epcm_entry(&e->epcm, a);
		if (!entry || !(atomic_load(entry) & (EPCM_RESIDENT | EPCM_USED))) {
			ret = -EINVAL;
			break;
		}
		epcm_set_bits(entry, EPCM_PTE_MASK, prot << EPCM_PTE_SHIFT);
		effective = epcm_effective(atomic_load(entry));
		if (a != start && effective != run) {
			ret = map_run(start, a, run);
			start = a;
		}
		run = effective;
	}
	last = a > start ? map_run(start, a, run) : 0;
	return ret ? ret : last;
}

int epc_protect(struct sgx_enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	int ret;

	if (!range_ok(e, addr, len) || prot & ~EPCM_RWX)
		return -EINVAL;
	pthread_mutex_lock(&e->map_lock);
	ret = protect_locked(e, addr, len, prot);
	pthread_mutex_unlock(&e->map_lock);
	return ret;
}

/* Widens around the address while the protection stays the same: one mprotect for many faults. */
static bool refill_locked(struct sgx_enclave *e, uint64_t addr, unsigned int access)
{
	uint64_t start = addr & ~(SGX_PAGE_SIZE - 1), end = start + SGX_PAGE_SIZE;
	unsigned int effective = epcm_effective(epcm_load(&e->epcm, start));

	if (access & ~effective)
		return false;
	for (int i = 0; i < REFILL_PAGES && sgx_in_elrange(e, end); i++, end += SGX_PAGE_SIZE)
		if (epcm_effective(epcm_load(&e->epcm, end)) != effective)
			break;
	for (int i = 0; i < REFILL_PAGES && start > e->secs.base; i++, start -= SGX_PAGE_SIZE)
		if (epcm_effective(epcm_load(&e->epcm, start - SGX_PAGE_SIZE)) != effective)
			break;
	return !map_run(start, end, effective);
}

bool epc_refill(struct sgx_enclave *e, uint64_t addr, unsigned int access)
{
	bool done;

	pthread_mutex_lock(&e->map_lock);
	done = refill_locked(e, addr, access);
	pthread_mutex_unlock(&e->map_lock);
	return done;
}
