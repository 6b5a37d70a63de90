/* front_sim_pages.c: the ioctls on pages of the model's /dev/sgx_enclave: ADD_PAGES while the enclave is built, SGX2's
 * three while it runs.
 *
 * As in front_sim.c everything is checked as Linux does; what is not checked is that the source of ADD_PAGES is not
 * mapped noexec. An ioctl that fails half way has its count of bytes done. Pages of ADD_PAGES are mapped at most with
 * the rights they were built with, pages of EAUG with any. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../sgxsim/cost.h"
#include "../sgxsim/memory.h"
#include "front_sim.h"

#define SECINFO_KNOWN (SECINFO_RWX | SECINFO_TYPE_MASK)
#define RW	      (SECINFO_R | SECINFO_W)

static int range_check(struct sim_file *f, uint64_t offset, uint64_t length)
{
	if ((offset | length) & (SGX_PAGE_SIZE - 1) || !length)
		return sim_refuse(f, -EINVAL, "offset or length not a multiple of the page size, or nothing to do");
	if (offset + length < offset || offset + length - SGX_PAGE_SIZE >= f->enclave->secs.size)
		return sim_refuse(f, -EINVAL, "range outside the enclave");
	return 0;
}

static int secinfo_check(struct sim_file *f, const struct sgx_secinfo *si)
{
	uint64_t perm = si->flags & SECINFO_RWX, type = si->flags & SECINFO_TYPE_MASK;

	if (type != SECINFO_REG && type != SECINFO_TCS)
		return sim_refuse(f, -EINVAL, "page type neither REG nor TCS");
	if ((perm & RW) == SECINFO_W)
		return sim_refuse(f, -EINVAL, "W without R");
	if (type == SECINFO_TCS && perm)
		return sim_refuse(f, -EINVAL, "a TCS has no rights");
	if (si->flags & ~SECINFO_KNOWN || !sgx_is_zero(si->reserved, sizeof(si->reserved)))
		return sim_refuse(f, -EINVAL, "SECINFO reserved field not zero");
	return 0;
}

static bool is_zero_source(uint64_t src)
{
	return src - (uint64_t)front_zero() < FRONT_ZERO_SIZE;
}

static int page_add(struct sim_file *f, uint64_t addr, uint64_t src, struct sgx_secinfo *si, bool measure)
{
	struct sgx_pageinfo pi = {.linaddr = addr,
				  .srcpge = is_zero_source(src) ? (uint64_t)sgx_zero_page : src,
				  .secinfo = (uint64_t)si,
				  .secs = (uint64_t)f->enclave};
	struct sgx_outcome o = sgx_eadd(&pi);

	sgx_count_here(EV_KERNEL_PAGE);
	if (o.code)
		return sim_outcome(f, "EADD", addr, &o, -EIO);
	for (uint64_t chunk = addr; measure && chunk < addr + SGX_PAGE_SIZE && !o.code; chunk += SGX_EXTEND_SIZE)
		o = sgx_eextend(f->enclave, chunk);
	return sim_outcome(f, "EEXTEND", addr, &o, -EIO);
}

static int batch_add(struct sim_file *f, struct sgx_enclave_add_pages *a, struct sgx_secinfo *si, uint64_t n)
{
	uint64_t addr = f->enclave->secs.base + a->offset + a->count, src = a->src + a->count, i;
	unsigned int prot = (si->flags & SECINFO_TYPE_MASK) == SECINFO_TCS ? RW : si->flags & SECINFO_RWX;
	int ret = driver_alloc(f->enclave, addr, n);

	if (ret)
		return sim_refuse(f, ret == -EEXIST ? -EBUSY : ret,
			      ret == -EEXIST ? "there is a page already" : "no EPC pages");
	for (i = 0; i < n && !ret; i += SGX_PAGE_SIZE)
		ret = page_add(f, addr + i, src + i, si, a->flags & SGX_PAGE_MEASURE);
	if (ret)
		i -= SGX_PAGE_SIZE;
	a->count += i;
	if (i < n)
		driver_free(f->enclave, addr + i, n - i);
	if (i && (area_set(&f->max, addr, addr + i, prot | AREA_THERE) || epc_protect(f->enclave, addr, i, 0)))
		return -ENOMEM;
	return ret;
}

int sim_ioc_add_pages(struct sim_file *f, struct sgx_enclave_add_pages *a)
{
	struct sgx_secinfo si __attribute__((aligned(64)));
	uint64_t n;
	int ret;

	a->count = 0;
	if (!f->enclave || sim_initialised(f))
		return sim_refuse(f, -EINVAL, "not created yet, or initialised already");
	ret = range_check(f, a->offset, a->length);
	if (ret)
		return ret;
	if (a->src & (SGX_PAGE_SIZE - 1) || a->flags & ~(uint64_t)SGX_PAGE_MEASURE)
		return sim_refuse(f, -EINVAL, "source not page aligned, or an unknown flag");
	memcpy(&si, (const void *)a->secinfo, sizeof(si));
	ret = secinfo_check(f, &si);
	while (!ret && a->count < a->length) {
		n = driver_batch(f->enclave, a->length - a->count);
		ret = batch_add(f, a, &si, n);
	}
	return ret;
}

/* The checks that the three ioctls on a running enclave have in common. */
static int sgx2_check(struct sim_file *f, uint64_t offset, uint64_t length)
{
	if (!(sim_cpu.leaves & SIM_CPU_SGX2))
		return sim_refuse(f, -ENODEV, "the processor has no SGX2");
	if (!sim_initialised(f))
		return sim_refuse(f, -EINVAL, "not initialised");
	return range_check(f, offset, length);
}

/* Brings the page into the EPC; its EPCM entry, or 0: there is none. */
static uint16_t page_load(struct sim_file *f, uint64_t addr)
{
	uint16_t v;

	driver_need(f->enclave, addr);
	v = epcm_load(&f->enclave->epcm, addr);
	return v & EPCM_VALID ? v : 0;
}

/* Linux brings the threads out after each page, a driver that works in batches once for all of a call. */
static int track(struct sim_file *f)
{
	return driver_track(f->enclave) ? sim_refuse(f, -EFAULT, "ETRACK failed") : 0;
}

/* After a run of changes that ended with ret: the new state is in force for every thread. */
static int pages_changed(struct sim_file *f, uint64_t start, uint64_t len, int ret)
{
	int tracked = len && !f->options.linux_only ? track(f) : 0;
	int sync = len ? epc_sync(f->enclave, start, len) : 0;

	return ret ? ret : tracked ? tracked : sync;
}

static int page_restrict(struct sim_file *f, uint64_t addr, const struct sgx_secinfo *si, __u64 *result)
{
	uint16_t v = page_load(f, addr);
	struct sgx_outcome o;

	if (!v)
		return sim_refuse(f, -EFAULT, "no such page");
	if (epcm_type(v) != SGX_PT_REG)
		return sim_refuse(f, -EINVAL, "not a REG page");
	o = sgx_emodpr(f->enclave, addr, si);
	*result = o.code > 0 ? o.code : 0;
	if (o.code)
		return sim_outcome(f, "EMODPR", addr, &o, -EFAULT);
	return f->options.linux_only ? track(f) : 0;
}

int sim_ioc_restrict(struct sim_file *f, struct sgx_enclave_restrict_permissions *a)
{
	struct sgx_secinfo si __attribute__((aligned(64))) = {.flags = SECINFO_REG | (a->permissions & SECINFO_RWX)};
	int ret = sgx2_check(f, a->offset, a->length);
	uint64_t base;

	if (ret)
		return ret;
	if (a->permissions & ~SECINFO_RWX || (a->permissions & RW) == SECINFO_W)
		return sim_refuse(f, -EINVAL, "no such permissions");
	if (a->result || a->count)
		return sim_refuse(f, -EINVAL, "result or count not zero");
	base = f->enclave->secs.base + a->offset;
	while (!ret && a->count < a->length) {
		ret = page_restrict(f, base + a->count, &si, &a->result);
		a->count += ret ? 0 : SGX_PAGE_SIZE;
	}
	return pages_changed(f, base, a->count, ret);
}

static int page_modify_type(struct sim_file *f, uint64_t addr, const struct sgx_secinfo *si, __u64 *result)
{
	uint16_t v = page_load(f, addr);
	struct sgx_outcome o;

	if (!v)
		return sim_refuse(f, -EFAULT, "no such page");
	if (epcm_type(v) != SGX_PT_REG && !(epcm_type(v) == SGX_PT_TCS && si->flags == SECINFO_TRIM))
		return sim_refuse(f, -EINVAL, "the page cannot get that type");
	o = sgx_emodt(f->enclave, addr, si);
	*result = o.code > 0 ? o.code : 0;
	if (o.code)
		return sim_outcome(f, "EMODT", addr, &o, -EFAULT);
	return f->options.linux_only ? track(f) : 0;
}

int sim_ioc_modify_types(struct sim_file *f, struct sgx_enclave_modify_types *a)
{
	struct sgx_secinfo si __attribute__((aligned(64))) = {.flags = SECINFO_TYPE(a->page_type)};
	int ret = sgx2_check(f, a->offset, a->length);
	uint64_t base;

	if (ret)
		return ret;
	if (a->page_type != SGX_PT_TCS && a->page_type != SGX_PT_TRIM)
		return sim_refuse(f, -EINVAL, "page type neither TCS nor TRIM");
	if (a->result || a->count)
		return sim_refuse(f, -EINVAL, "result or count not zero");
	base = f->enclave->secs.base + a->offset;
	while (!ret && a->count < a->length) {
		ret = page_modify_type(f, base + a->count, &si, &a->result);
		a->count += ret ? 0 : SGX_PAGE_SIZE;
	}
	return pages_changed(f, base, a->count, ret);
}

/* Linux finds out by an EMODPR, which a page that is accepted as TRIM answers with a fault. */
static int page_remove(struct sim_file *f, uint64_t addr)
{
	uint16_t v = page_load(f, addr);
	struct sgx_outcome o;

	if (!v)
		return sim_refuse(f, -EFAULT, "no such page");
	if (epcm_type(v) != SGX_PT_TRIM || v & EPCM_MODIFIED) {
		snprintf(f->base.why, sizeof(f->base.why), "page 0x%lx is not an accepted TRIM page", addr);
		return -EPERM;
	}
	o = sgx_eremove(f->enclave, addr);
	return sim_outcome(f, "EREMOVE", addr, &o, -EFAULT);
}

/* Memory goes back in batches, because a page may be evicted before its turn. */
int sim_ioc_remove_pages(struct sim_file *f, struct sgx_enclave_remove_pages *a)
{
	int ret = sgx2_check(f, a->offset, a->length);
	uint64_t base, start, n;

	if (ret)
		return ret;
	if (a->count)
		return sim_refuse(f, -EINVAL, "count not zero");
	base = f->enclave->secs.base + a->offset;
	while (!ret && a->count < a->length) {
		start = a->count;
		n = driver_batch(f->enclave, a->length - start);
		while (!ret && a->count < start + n) {
			ret = page_remove(f, base + a->count);
			a->count += ret ? 0 : SGX_PAGE_SIZE;
		}
		if (a->count > start)
			driver_free(f->enclave, base + start, a->count - start);
	}
	area_clear(&f->max, base, base + a->count);
	return ret;
}
