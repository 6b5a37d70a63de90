/* driver.c: shooting down translations, and paging between a limited EPC and host memory.
 *
 * Pages go out in batches, first in first out. While that happens nobody is inside: e->held turns
 * entering threads away, an interrupt brings the others out (as the driver's IPIs do), and only then
 * are pages taken away. So neither an asynchronous exit nor a leaf ever meets a page in the middle.
 * d->lock is held all that time. Sealed pages lie in host memory, a table by page number finds them;
 * each has a version slot of its own until it comes back. */
#include "driver.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../sgxsim/cost.h"
#include "../sgxsim/memory.h"
#include "../sgxsim/thread.h"
#include "../sgxsim/track.h"

#define EVICT_BATCH 16
#define RESEND_LOOPS 64

struct sealed {
	struct sgx_pcmd pcmd;
	struct sgx_va_slot slot;
	uint8_t *content;
};

struct va_page {
	struct sgx_va va;
	struct va_page *next;
};

struct driver {
	pthread_mutex_t lock;
	uint64_t limit, used; /* EPC pages */
	uint64_t *queue;      /* addresses, oldest first; some are gone meanwhile */
	uint64_t queue_size, queue_head, queue_count;
	struct sealed ***leaves; /* like the EPCM's */
	struct va_page *vas;
	struct sgx_va_slot *free_slots;
	uint64_t free_slot_count, free_slot_size;
};

int driver_attach(struct sgx_enclave *e, const struct driver_options *o)
{
	uint64_t leaves = (e->epcm.pages + EPCM_LEAF_PAGES - 1) / EPCM_LEAF_PAGES;
	struct driver *d;

	if (o->epc_pages && o->epc_pages < DRIVER_EPC_MIN)
		return -EINVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->limit = o->epc_pages;
	d->leaves = d->limit ? calloc(leaves, sizeof(*d->leaves)) : NULL;
	if (d->limit && !d->leaves) {
		free(d);
		return -ENOMEM;
	}
	pthread_mutex_init(&d->lock, NULL);
	e->driver = d;
	return 0;
}

static struct sealed **sealed_place(struct sgx_enclave *e, uint64_t addr, bool make)
{
	uint64_t page = (addr - e->epcm.base) / SGX_PAGE_SIZE;
	struct sealed ***leaf = &e->driver->leaves[page / EPCM_LEAF_PAGES];

	if (!*leaf && make)
		*leaf = calloc(EPCM_LEAF_PAGES, sizeof(**leaf));
	return *leaf ? *leaf + page % EPCM_LEAF_PAGES : NULL;
}

static void sealed_free(struct sealed *s)
{
	if (s)
		free(s->content);
	free(s);
}

void driver_detach(struct sgx_enclave *e)
{
	uint64_t leaves = (e->epcm.pages + EPCM_LEAF_PAGES - 1) / EPCM_LEAF_PAGES;
	struct driver *d = e->driver;
	struct va_page *next;

	if (!d)
		return;
	for (uint64_t i = 0; d->leaves && i < leaves; i++) {
		for (uint64_t p = 0; d->leaves[i] && p < EPCM_LEAF_PAGES; p++)
			sealed_free(d->leaves[i][p]);
		free(d->leaves[i]);
	}
	for (struct va_page *v = d->vas; v; v = next) {
		next = v->next;
		sgx_eremove_va(&v->va);
		free(v);
	}
	free(d->leaves);
	free(d->queue);
	free(d->free_slots);
	pthread_mutex_destroy(&d->lock);
	free(d);
	e->driver = NULL;
}

/* Room for so many addresses more. */
static int queue_room(struct driver *d, uint64_t more)
{
	uint64_t size = d->queue_size ? d->queue_size : 1024;
	uint64_t *larger;

	while (size < d->queue_count + more)
		size *= 2;
	if (size == d->queue_size)
		return 0;
	larger = calloc(size, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	for (uint64_t i = 0, from = d->queue_head; i < d->queue_count; i++) {
		larger[i] = d->queue[from];
		from = from + 1 < d->queue_size ? from + 1 : 0;
	}
	free(d->queue);
	d->queue = larger;
	d->queue_size = size;
	d->queue_head = 0;
	return 0;
}

static void queue_push(struct driver *d, uint64_t addr)
{
	d->queue[(d->queue_head + d->queue_count++) % d->queue_size] = addr;
}

/* The oldest page that is still in the EPC; 0: none. */
static uint64_t queue_pop(struct sgx_enclave *e)
{
	const uint16_t in_use = EPCM_RESIDENT | EPCM_VALID;
	struct driver *d = e->driver;
	uint64_t addr;
	int look = EVICT_BATCH * 4;

	while (d->queue_count) {
		addr = d->queue[d->queue_head];
		d->queue_head = (d->queue_head + 1) % d->queue_size;
		d->queue_count--;
		if ((epcm_load(&e->epcm, addr) & (in_use | EPCM_BLOCKED)) == in_use)
			return addr;
		if (epcm_load(&e->epcm, addr) & EPCM_RESIDENT && look-- > 0)
			queue_push(d, addr); /* about to be added */
	}
	return 0;
}

/* A page of version slots; it takes an EPC page too. */
static int slots_add(struct driver *d)
{
	struct va_page *v = calloc(1, sizeof(*v));
	uint64_t size = d->free_slot_size + SGX_VA_SLOTS;
	struct sgx_va_slot *slots = v ? realloc(d->free_slots, size * sizeof(*slots)) : NULL;

	if (!slots) {
		free(v);
		return -ENOMEM;
	}
	d->free_slots = slots;
	d->free_slot_size = size;
	sgx_epa(&v->va);
	v->next = d->vas;
	d->vas = v;
	d->used++;
	for (uint64_t i = 0; i < SGX_VA_SLOTS; i++)
		d->free_slots[d->free_slot_count++] = (struct sgx_va_slot){&v->va, i * 8};
	return 0;
}

static void ipi_send(struct sgx_thread *t)
{
	sgx_count_here(EV_IPI);
	sgx_ipi(t);
}

/* While it only enters, its TCS still names the thread of the last time, and there is nothing to interrupt. */
static void thread_out(struct sgx_tcs_state *t, uint32_t epoch)
{
	unsigned int loops = 0;
	uint32_t busy;

	while ((busy = atomic_load(&t->busy)) != TCS_FREE && atomic_load(&t->epoch) <= epoch) {
		if (busy == TCS_INSIDE && loops++ % RESEND_LOOPS == 0)
			ipi_send(atomic_load(&t->thread));
		sched_yield();
	}
}

/* Brings every thread of these epochs out of the enclave; they may come back at once, or not while
 * the enclave is held. */
static void threads_out(struct sgx_enclave *e, uint32_t epoch)
{
	for (struct sgx_tcs_state *t = atomic_load(&e->tcs); t; t = t->next)
		thread_out(t, epoch);
}

static struct sgx_outcome page_out(struct sgx_enclave *e, uint64_t addr)
{
	struct driver *d = e->driver;
	struct sealed **place = sealed_place(e, addr, true);
	struct sealed *s = aligned_alloc(128, sizeof(*s));
	struct sgx_pageinfo pi = {0};
	struct sgx_outcome o;

	if (s)
		s->content = aligned_alloc(SGX_PAGE_SIZE, SGX_PAGE_SIZE);
	if (!s || !place || !s->content || (!d->free_slot_count && slots_add(d))) {
		sealed_free(s);
		return SGX_PF(addr, "no memory to write the page out");
	}
	s->slot = d->free_slots[--d->free_slot_count];
	pi.srcpge = (uint64_t)s->content;
	pi.secinfo = (uint64_t)&s->pcmd;
	o = sgx_ewb(&pi, (struct sgx_epc){.e = e, .addr = addr}, s->slot);
	if (o.code) {
		d->free_slots[d->free_slot_count++] = s->slot;
		sealed_free(s);
		return o;
	}
	*place = s;
	epc_evict(e, addr);
	d->used--;
	return o;
}

static bool hold(struct sgx_enclave *e)
{
	if (atomic_load(&e->held) & 1)
		return false;
	atomic_fetch_add(&e->held, 1);
	threads_out(e, ~0u);
	return true;
}

static void release(struct sgx_enclave *e, bool mine)
{
	if (mine)
		atomic_fetch_add(&e->held, 1);
}

/* Some pages less in the EPC; 0 or -ENOMEM. With d->lock. */
static int batch_out(struct sgx_enclave *e)
{
	uint64_t victims[EVICT_BATCH];
	unsigned int n = 0, out = 0;
	bool mine = hold(e);

	for (uint64_t a; n < EVICT_BATCH && (a = queue_pop(e));) {
		if (!sgx_eblock((struct sgx_epc){.e = e, .addr = a}).code)
			victims[n++] = a;
	}
	sgx_etrack(e);
	for (unsigned int i = 0; i < n; i++)
		out += !page_out(e, victims[i]).code;
	release(e, mine);
	return out ? 0 : -ENOMEM;
}

static int room_make(struct sgx_enclave *e, uint64_t pages)
{
	struct driver *d = e->driver;
	int ret = 0;

	while (!ret && d->used + pages > d->limit)
		ret = batch_out(e);
	return ret;
}

static int alloc_limited(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	int ret = room_make(e, len / SGX_PAGE_SIZE);

	if (!ret)
		ret = queue_room(e->driver, len / SGX_PAGE_SIZE);
	if (!ret)
		ret = epc_alloc(e, addr, len);
	for (uint64_t a = addr; a < addr + len && !ret; a += SGX_PAGE_SIZE) {
		queue_push(e->driver, a);
		e->driver->used++;
	}
	return ret;
}

int driver_alloc(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	struct driver *d = e->driver;
	int ret;

	if (!d->limit)
		return epc_alloc(e, addr, len);
	pthread_mutex_lock(&d->lock);
	ret = alloc_limited(e, addr, len);
	pthread_mutex_unlock(&d->lock);
	return ret;
}

uint64_t driver_batch(const struct sgx_enclave *e, uint64_t len)
{
	const uint64_t most = EVICT_BATCH * SGX_PAGE_SIZE;

	return e->driver->limit && len > most ? most : len;
}

int driver_free(struct sgx_enclave *e, uint64_t addr, uint64_t len)
{
	struct driver *d = e->driver;
	uint64_t resident = 0;
	int ret;

	if (!d->limit)
		return epc_free(e, addr, len);
	pthread_mutex_lock(&d->lock);
	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE)
		resident += !!(epcm_load(&e->epcm, a) & EPCM_RESIDENT);
	ret = epc_free(e, addr, len);
	if (!ret)
		d->used -= resident;
	pthread_mutex_unlock(&d->lock);
	return ret;
}

static int page_load(struct sgx_enclave *e, uint64_t addr, struct sealed **place)
{
	epcm_entry_t *entry = epcm_entry(&e->epcm, addr);
	struct sealed *s = *place;
	unsigned int prot;
	struct sgx_outcome o;
	int ret;

	prot = (atomic_load(entry) & EPCM_PTE_MASK) >> EPCM_PTE_SHIFT;
	ret = room_make(e, 1);
	if (ret)
		return ret;
	epcm_set_bits(entry, EPCM_USED, 0); /* epc_alloc wants an unused page */
	ret = alloc_limited(e, addr, SGX_PAGE_SIZE);
	if (ret)
		return ret;
	o = sgx_eldu(&(struct sgx_pageinfo){addr, (uint64_t)s->content, (uint64_t)&s->pcmd, (uint64_t)e},
		     (struct sgx_epc){.e = e, .addr = addr}, s->slot);
	if (o.code)
		return -EIO;
	e->driver->free_slots[e->driver->free_slot_count++] = s->slot;
	sealed_free(s);
	*place = NULL;
	return epc_protect(e, addr, SGX_PAGE_SIZE, prot);
}

/* With d->lock. Nobody may see the page before its content is there. */
static int page_in(struct sgx_enclave *e, uint64_t addr)
{
	struct sealed **place = sealed_place(e, addr, false);
	bool mine;
	int ret;

	if (!place || !*place)
		return -ENOENT;
	sgx_count_here(EV_EPC_MISS);
	mine = hold(e);
	ret = page_load(e, addr, place);
	release(e, mine);
	return ret;
}

int driver_need(struct sgx_enclave *e, uint64_t addr)
{
	struct driver *d = e->driver;
	uint16_t v;
	int ret = 0;

	addr &= ~(SGX_PAGE_SIZE - 1);
	if (!d->limit || !sgx_in_elrange(e, addr))
		return 0;
	pthread_mutex_lock(&d->lock);
	v = epcm_load(&e->epcm, addr);
	if (epcm_evicted(v))
		ret = page_in(e, addr);
	else if (!(v & EPCM_VALID))
		ret = -ENOENT;
	pthread_mutex_unlock(&d->lock);
	return ret;
}

bool driver_fault(struct sgx_enclave *e, uint64_t addr)
{
	struct driver *d = e->driver;
	bool loaded = false;

	addr &= ~(SGX_PAGE_SIZE - 1);
	if (!d->limit || !sgx_in_elrange(e, addr))
		return false;
	pthread_mutex_lock(&d->lock); /* another thread may be bringing in this very page */
	if (epcm_evicted(epcm_load(&e->epcm, addr)))
		loaded = !page_in(e, addr);
	pthread_mutex_unlock(&d->lock);
	return loaded;
}

bool driver_limited(const struct sgx_enclave *e)
{
	return e->driver->limit;
}

void driver_wait(struct sgx_enclave *e)
{
	pthread_mutex_lock(&e->driver->lock);
	pthread_mutex_unlock(&e->driver->lock);
}

static int track_locked(struct sgx_enclave *e)
{
	uint32_t epoch = atomic_load(&e->epoch);

	/* The epoch before must be over; the last shootdown saw to that, unless it failed. */
	if (sgx_stale_tlb)
		threads_out(e, epoch - 1);
	if (sgx_etrack(e).code)
		return -EBUSY;
	if (sgx_stale_tlb)
		threads_out(e, epoch);
	else /* the flush in epc_sync reaches the processors that the driver's IPIs would */
		for (struct sgx_tcs_state *t = track_next(atomic_load(&e->tcs), epoch); t; t = track_next(t->next, epoch))
			sgx_count_here(EV_IPI);
	return 0;
}

/* Paging tracks too, at any page fault: not at the same time. */
int driver_track(struct sgx_enclave *e)
{
	int ret;

	pthread_mutex_lock(&e->driver->lock);
	ret = track_locked(e);
	pthread_mutex_unlock(&e->driver->lock);
	return ret;
}
