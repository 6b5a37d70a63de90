/* front_sim_map.c: mmap, munmap and mprotect of the model's /dev/sgx_enclave, and pages that a mapping
 * brings: the first access to one without a page, or EACCEPT of it, faults, and the driver does EAUG.
 *
 * Protections of pages that are there stand in their EPCM entries (memory.h); f->mapped has the mappings
 * that were made without pages. f->max holds what Linux calls vm_max_prot_bits. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../sgxsim/cost.h"
#include "../sgxsim/memory.h"
#include "../sgxsim/plain.h"
#include "../sgxsim/thread.h"
#include "front_sim.h"

int sim_reserve(struct sgx_file *file, uint64_t addr, uint64_t len)
{
	int ret = sgx_plain ? thread_arena_make() : 0;

	if (!ret)
		ret = epc_reserve(sim_file_of(file)->enclave);
	if (!ret && sgx_plain)
		valgrind_start();

	if (ret && under_valgrind())
		snprintf(file->why, sizeof(file->why),
			 "cannot reserve ELRANGE 0x%lx-0x%lx: valgrind keeps part of it for itself; run the program with "
			 "--valgrind-friendly",
			 addr, addr + len);
	else if (ret)
		snprintf(file->why, sizeof(file->why),
			 "cannot reserve ELRANGE 0x%lx-0x%lx: %s (is the program a PIE, and no other enclave "
			 "loaded?)",
			 addr, addr + len, strerror(-ret));
	return ret;
}

int sim_measurement(struct sgx_file *f, uint8_t mrenclave[SGX_HASH_SIZE])
{
	measure_value(&sim_file_of(f)->enclave->measure, mrenclave);
	return 0;
}

/* Was a page of this range built with less than prot? */
static int max_check(struct sim_file *f, uint64_t addr, uint64_t len, unsigned int prot)
{
	const struct area *a;

	for (uint64_t at = addr; (a = area_at(&f->max, at)) && a->start < addr + len; at = a->end) {
		if (!(prot & ~a->value))
			continue;
		snprintf(f->base.why, sizeof(f->base.why),
			 "pages 0x%lx-0x%lx were built with less rights than they shall be mapped with", a->start,
			 a->end);
		return -EACCES;
	}
	return 0;
}

static bool page_there(struct sim_file *f, uint64_t addr)
{
	return epcm_load(&f->enclave->epcm, addr) & (EPCM_RESIDENT | EPCM_USED);
}

/* The next page from addr on that is there, or end. */
static uint64_t next_there(struct sim_file *f, uint64_t addr, uint64_t end)
{
	const uint64_t step = EPCM_LEAF_PAGES * SGX_PAGE_SIZE;

	while (addr < end && !page_there(f, addr))
		addr = epcm_entry(&f->enclave->epcm, addr) ? addr + SGX_PAGE_SIZE : (addr | (step - 1)) + 1;
	return addr < end ? addr : end;
}

/* The PTE bits of those pages of the range that are there. */
static int protect_present(struct sim_file *f, uint64_t addr, uint64_t len, unsigned int prot)
{
	uint64_t end = addr + len, start;
	int ret = 0;

	while (addr < end && !ret) {
		addr = next_there(f, addr, end);
		for (start = addr; addr < end && page_there(f, addr); addr += SGX_PAGE_SIZE)
			;
		if (addr > start)
			ret = epc_protect(f->enclave, start, addr - start, prot);
	}
	return ret;
}

/* EAUG may come at any access to such a page, so pending ones are hidden from now on. */
static int map_locked(struct sim_file *f, uint64_t addr, uint64_t len, unsigned int prot)
{
	int ret = max_check(f, addr, len, prot);
	uint64_t a = addr;

	while (a < addr + len && page_there(f, a))
		a += SGX_PAGE_SIZE;
	if (!ret && a < addr + len) {
		sgx_pending_hidden = true;
		ret = area_set(&f->mapped, addr, addr + len, prot | AREA_THERE);
	}
	return ret ? ret : protect_present(f, addr, len, prot);
}

int sim_mmap(struct sgx_file *file, uint64_t addr, uint64_t len, unsigned int prot)
{
	struct sim_file *f = sim_file_of(file);
	int ret;

	if (!f->enclave || !sgx_in_elrange(f->enclave, addr) || len > f->enclave->secs.base + f->enclave->secs.size - addr)
		return -EINVAL;
	pthread_mutex_lock(&f->lock);
	ret = map_locked(f, addr, len, prot);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

int sim_munmap(struct sgx_file *file, uint64_t addr, uint64_t len)
{
	struct sim_file *f = sim_file_of(file);
	int ret;

	pthread_mutex_lock(&f->lock);
	ret = area_clear(&f->mapped, addr, addr + len);
	if (!ret)
		ret = protect_present(f, addr, len, 0);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

/* Mappings without pages get the new protection where they are. */
static int protect_mapped(struct sim_file *f, uint64_t addr, uint64_t len, unsigned int prot)
{
	const struct area *a;
	uint64_t start, end;
	int ret = 0;

	for (uint64_t at = addr; !ret && at < addr + len && (a = area_at(&f->mapped, at)); at = end) {
		if (a->start >= addr + len)
			break;
		start = a->start > addr ? a->start : addr;
		end = a->end < addr + len ? a->end : addr + len;
		ret = area_set(&f->mapped, start, end, prot | AREA_THERE);
	}
	return ret ? ret : protect_present(f, addr, len, prot);
}

int sim_mprotect(struct sgx_file *file, uint64_t addr, uint64_t len, unsigned int prot)
{
	struct sim_file *f = sim_file_of(file);
	const struct area *a;
	int ret;

	pthread_mutex_lock(&f->lock);
	ret = max_check(f, addr, len, prot);
	a = area_at(&f->mapped, addr);
	if (!ret && a && a->start < addr + len)
		ret = protect_mapped(f, addr, len, prot);
	else if (!ret)
		ret = epc_protect(f->enclave, addr, len, prot);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static void pages_take_back(struct sim_file *f, uint64_t addr, uint64_t len)
{
	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE)
		sgx_eremove(f->enclave, a);
	driver_free(f->enclave, addr, len);
}

static int batch_augment(struct sim_file *f, uint64_t addr, uint64_t len)
{
	struct sgx_pageinfo pi = {.secs = (uint64_t)f->enclave};
	int ret = driver_alloc(f->enclave, addr, len);
	struct sgx_outcome o = SGX_OK;

	if (ret) {
		snprintf(f->base.why, sizeof(f->base.why), "no EPC pages for 0x%lx-0x%lx: %s", addr, addr + len,
			 strerror(-ret));
		return ret;
	}
	for (uint64_t a = addr; a < addr + len && !o.code; a += SGX_PAGE_SIZE) {
		pi.linaddr = a;
		o = sgx_eaug(&pi);
	}
	if (o.code) {
		sim_why(f->base.why, "EAUG", pi.linaddr, &o);
		ret = o.code == -VECTOR_PF ? -EFAULT : -EINVAL;
	} else if (epcm_hidden() & EPCM_PENDING) { /* no translation before EACCEPT */
		ret = epc_sync(f->enclave, addr, len);
	}
	if (ret)
		pages_take_back(f, addr, len);
	return ret;
}

static int augment_locked(struct sim_file *f, uint64_t addr, uint64_t len)
{
	uint64_t n = 0, done;
	int ret = 0;

	for (done = 0; done < len && !ret; done += n) {
		n = driver_batch(f->enclave, len - done);
		ret = batch_augment(f, addr + done, n);
	}
	if (ret && done > n)
		pages_take_back(f, addr, done - n);
	return ret;
}

int sim_augment(struct sgx_file *file, uint64_t addr, uint64_t len)
{
	struct sim_file *f = sim_file_of(file);
	int ret;

	if (f->options.linux_only)
		return -EOPNOTSUPP;
	pthread_mutex_lock(&f->lock);
	ret = augment_locked(f, addr, len);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static bool fault_locked(struct sim_file *f, uint64_t addr, unsigned int access)
{
	const struct area *a = area_at(&f->mapped, addr);

	if (!a || a->start > addr || access & ~a->value)
		return false;
	if (page_there(f, addr)) /* another thread's fault brought it meanwhile */
		return true;
	if (!(f->enclave->secs.attributes.flags & SGX_ATTR_INIT) || !(sim_cpu.leaves & SIM_CPU_SGX2))
		return false;
	if (batch_augment(f, addr, SGX_PAGE_SIZE))
		return false;
	return !epc_protect(f->enclave, addr, SGX_PAGE_SIZE, a->value & SECINFO_RWX);
}

bool sim_fault_augment(struct sim_file *f, uint64_t addr, unsigned int access)
{
	bool done;

	if (!f->mapped.count) /* a mapping that is being made now may be missed, as on Linux */
		return false;
	addr &= ~(SGX_PAGE_SIZE - 1);
	pthread_mutex_lock(&f->lock);
	done = fault_locked(f, addr, access);
	pthread_mutex_unlock(&f->lock);
	return done;
}
