/* front_sim.c: /dev/sgx_enclave on the model: open, ioctl, mmap.
 *
 * Checks, their order and their error numbers are those of arch/x86/kernel/cpu/sgx/{ioctl,encl,driver}.c
 * in Linux 6.x; what is not checked is that the source of ADD_PAGES is not mapped noexec. An ioctl that
 * fails half way has its count of bytes done. Pages of ADD_PAGES are mapped at most with the rights they
 * were built with, pages of EAUG with any.
 *
 * f->lock orders everything but entering; under it come driver.c's lock and e->map_lock. */
#include "front_sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../sgxsim/cost.h"
#include "../sgxsim/memory.h"
#include "driver.h"

#define ATTRIBUTES_UNPRIVILEGED (SGX_ATTR_DEBUG | SGX_ATTR_MODE64 | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY)
#define SECINFO_KNOWN		(SECINFO_RWX | SECINFO_TYPE_MASK)
#define VENDOR_INTEL		0x8086
#define RW			(SECINFO_R | SECINFO_W)

struct sim_file *_Atomic sim_files;

static struct sim_file *sim_of(struct sgx_file *f)
{
	return (struct sim_file *)f;
}

void sim_why(char why[FRONT_WHY_SIZE], const char *leaf, uint64_t addr, const struct sgx_outcome *o)
{
	static const char *const kinds[] = {"#GP", "#PF"};

	if (o->code > 0)
		snprintf(why, FRONT_WHY_SIZE, "%s at 0x%lx: error %d: %s", leaf, addr, o->code, o->why);
	else
		snprintf(why, FRONT_WHY_SIZE, "%s at 0x%lx: %s: %s", leaf, addr, kinds[o->code == -VECTOR_PF],
			 o->why);
}

/* 0, or err with the story told. */
static int outcome(struct sim_file *f, const char *leaf, uint64_t addr, const struct sgx_outcome *o, int err)
{
	if (!o->code)
		return 0;
	sim_why(f->base.why, leaf, addr, o);
	return err;
}

static int refuse(struct sim_file *f, int err, const char *why)
{
	snprintf(f->base.why, sizeof(f->base.why), "%s", why);
	return err;
}

/* The modelled machine is that of the environment (options.c), read at each open. */
static int sim_open(struct sgx_file **out, char *err)
{
	struct sim_file *f = calloc(1, sizeof(*f));
	int ret = f ? sgx_options(&f->options, err) : -ENOMEM;

	if (ret) {
		free(f);
		return ret;
	}
	f->base.front = &front_sim;
	f->attributes_mask = ATTRIBUTES_UNPRIVILEGED;
	pthread_mutex_init(&f->lock, NULL);
	atomic_store(&f->next, atomic_load(&sim_files));
	atomic_store(&sim_files, f);
	*out = &f->base;
	return 0;
}

/* All leaves of the EPCM, so that pages of a half-built enclave go too. */
static void enclave_remove_all(struct sgx_enclave *e)
{
	uint64_t step = EPCM_LEAF_PAGES * SGX_PAGE_SIZE;

	for (uint64_t a = e->secs.base; a < e->secs.base + e->secs.size; a += step) {
		if (!epcm_entry(&e->epcm, a))
			continue;
		for (uint64_t page = a; page < a + step && sgx_in_elrange(e, page); page += SGX_PAGE_SIZE)
			if (epcm_load(&e->epcm, page) & EPCM_VALID)
				sgx_eremove(e, page);
	}
	driver_detach(e);
	sgx_eremove_secs(e);
}

static void sim_close(struct sgx_file *file)
{
	struct sim_file *f = sim_of(file), *_Atomic *link = &sim_files;

	while (atomic_load(link) != f)
		link = &atomic_load(link)->next;
	atomic_store(link, atomic_load(&f->next));
	if (f->enclave)
		enclave_remove_all(f->enclave);
	area_free(&f->mapped);
	area_free(&f->max);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* The model's /dev/sgx_provision is a memfd that later is known again. */
static struct stat provision_file;

static int sim_provision(void)
{
	int fd = memfd_create("sgx_provision", MFD_CLOEXEC), err;

	if (fd >= 0 && !fstat(fd, &provision_file))
		return fd;
	err = errno;
	if (fd >= 0)
		close(fd);
	return -err;
}

static int ioc_provision(struct sim_file *f, const struct sgx_enclave_provision *a)
{
	struct stat st;

	if (fstat((int)a->fd, &st))
		return -EBADF;
	if (st.st_ino != provision_file.st_ino || st.st_dev != provision_file.st_dev)
		return refuse(f, -EINVAL, "the descriptor is not of /dev/sgx_provision");
	f->attributes_mask |= SGX_ATTR_PROVISIONKEY;
	return 0;
}

/* What the processor cannot do, in words that say what to do; last what can be helped. */
static int processor_fits(struct sim_file *f, const struct sgx_secs *secs)
{
	if (secs->miscselect & ~sim_cpu.miscselect)
		snprintf(f->base.why, sizeof(f->base.why),
			 "the processor %s does not tell enclaves of page faults (it has no EXINFO), which the LibOS "
			 "needs: choose another one", sim_cpu.name);
	else if (secs->attributes.xfrm & ~sim_xfrm())
		snprintf(f->base.why, sizeof(f->base.why),
			 "the processor %s lacks vector registers of this machine, which programs will use: choose "
			 "another one (sgx1 is this machine without SGX2)", sim_cpu.name);
	else if (secs->size > 1UL << sim_cpu.size_bits)
		snprintf(f->base.why, sizeof(f->base.why),
			 "enclaves on the processor %s have at most 2^%u bytes: set vm.sgx to 1 in Occlum.json, or use "
			 "occlum try --sgx1", sim_cpu.name, sim_cpu.size_bits);
	else
		return 0;
	return -EINVAL;
}

static int ioc_create(struct sim_file *f, const struct sgx_enclave_create *a)
{
	struct sgx_secinfo si = {.flags = SECINFO_TYPE(SGX_PT_SECS)};
	struct sgx_pageinfo pi = {.srcpge = a->src, .secinfo = (uint64_t)&si};
	struct sgx_enclave *e;
	struct sgx_outcome o;
	int ret;

	if (f->enclave)
		return refuse(f, -EINVAL, "created already");
	ret = processor_fits(f, (const struct sgx_secs *)a->src);
	if (ret)
		return ret;
	o = sgx_ecreate(&pi, &e);
	if (o.code)
		return outcome(f, "ECREATE", ((const struct sgx_secs *)a->src)->base, &o, -EIO);
	ret = driver_attach(e, &f->options);
	if (ret) {
		sgx_eremove_secs(e);
		return ret;
	}
	f->enclave = e;
	return 0;
}

static bool initialised(const struct sim_file *f)
{
	return f->enclave && f->enclave->secs.attributes.flags & SGX_ATTR_INIT;
}

static int range_check(struct sim_file *f, uint64_t offset, uint64_t length)
{
	if ((offset | length) & (SGX_PAGE_SIZE - 1) || !length)
		return refuse(f, -EINVAL, "offset or length not a multiple of the page size, or nothing to do");
	if (offset + length < offset || offset + length - SGX_PAGE_SIZE >= f->enclave->secs.size)
		return refuse(f, -EINVAL, "range outside the enclave");
	return 0;
}

static int secinfo_check(struct sim_file *f, const struct sgx_secinfo *si)
{
	uint64_t perm = si->flags & SECINFO_RWX, type = si->flags & SECINFO_TYPE_MASK;

	if (type != SECINFO_REG && type != SECINFO_TCS)
		return refuse(f, -EINVAL, "page type neither REG nor TCS");
	if ((perm & RW) == SECINFO_W)
		return refuse(f, -EINVAL, "W without R");
	if (type == SECINFO_TCS && perm)
		return refuse(f, -EINVAL, "a TCS has no rights");
	if (si->flags & ~SECINFO_KNOWN || !sgx_is_zero(si->reserved, sizeof(si->reserved)))
		return refuse(f, -EINVAL, "SECINFO reserved field not zero");
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
		return outcome(f, "EADD", addr, &o, -EIO);
	for (uint64_t chunk = addr; measure && chunk < addr + SGX_PAGE_SIZE && !o.code; chunk += SGX_EXTEND_SIZE)
		o = sgx_eextend(f->enclave, chunk);
	return outcome(f, "EEXTEND", addr, &o, -EIO);
}

static int batch_add(struct sim_file *f, struct sgx_enclave_add_pages *a, struct sgx_secinfo *si, uint64_t n)
{
	uint64_t addr = f->enclave->secs.base + a->offset + a->count, src = a->src + a->count, i;
	unsigned int prot = (si->flags & SECINFO_TYPE_MASK) == SECINFO_TCS ? RW : si->flags & SECINFO_RWX;
	int ret = driver_alloc(f->enclave, addr, n);

	if (ret)
		return refuse(f, ret == -EEXIST ? -EBUSY : ret,
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

static int ioc_add_pages(struct sim_file *f, struct sgx_enclave_add_pages *a)
{
	struct sgx_secinfo si __attribute__((aligned(64)));
	uint64_t n;
	int ret;

	a->count = 0;
	if (!f->enclave || initialised(f))
		return refuse(f, -EINVAL, "not created yet, or initialised already");
	ret = range_check(f, a->offset, a->length);
	if (ret)
		return ret;
	if (a->src & (SGX_PAGE_SIZE - 1) || a->flags & ~(uint64_t)SGX_PAGE_MEASURE)
		return refuse(f, -EINVAL, "source not page aligned, or an unknown flag");
	memcpy(&si, (const void *)a->secinfo, sizeof(si));
	ret = secinfo_check(f, &si);
	while (!ret && a->count < a->length) {
		n = driver_batch(f->enclave, a->length - a->count);
		ret = batch_add(f, a, &si, n);
	}
	return ret;
}

/* As Linux does: the launch key is whoever signed this enclave. */
static int ioc_init(struct sim_file *f, const struct sgx_enclave_init *a)
{
	const struct sgx_sigstruct *sig = (const void *)a->sigstruct;
	uint8_t mrsigner[SGX_HASH_SIZE];
	struct sgx_outcome o;

	if (!f->enclave || initialised(f))
		return refuse(f, -EINVAL, "not created yet, or initialised already");
	if (sig->vendor && sig->vendor != VENDOR_INTEL)
		return refuse(f, -EINVAL, "SIGSTRUCT.VENDOR is neither 0 nor 0x8086");
	if (f->enclave->secs.attributes.flags & ~f->attributes_mask)
		return refuse(f, -EACCES, "an attribute that needs the provision file, or none may have");
	sgx_mrsigner(sig, mrsigner);
	sim_set_lepubkeyhash(mrsigner);
	o = sgx_einit(f->enclave, sig);
	return outcome(f, "EINIT", 0, &o, o.code < 0 ? -EIO : -EPERM);
}

/* The checks that the three ioctls on a running enclave have in common. */
static int sgx2_check(struct sim_file *f, uint64_t offset, uint64_t length)
{
	if (!(sim_cpu.leaves & SIM_CPU_SGX2))
		return refuse(f, -ENODEV, "the processor has no SGX2");
	if (!initialised(f))
		return refuse(f, -EINVAL, "not initialised");
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
	return driver_track(f->enclave) ? refuse(f, -EFAULT, "ETRACK failed") : 0;
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
		return refuse(f, -EFAULT, "no such page");
	if (epcm_type(v) != SGX_PT_REG)
		return refuse(f, -EINVAL, "not a REG page");
	o = sgx_emodpr(f->enclave, addr, si);
	*result = o.code > 0 ? o.code : 0;
	if (o.code)
		return outcome(f, "EMODPR", addr, &o, -EFAULT);
	return f->options.linux_only ? track(f) : 0;
}

static int ioc_restrict(struct sim_file *f, struct sgx_enclave_restrict_permissions *a)
{
	struct sgx_secinfo si __attribute__((aligned(64))) = {.flags = SECINFO_REG | (a->permissions & SECINFO_RWX)};
	int ret = sgx2_check(f, a->offset, a->length);
	uint64_t base;

	if (ret)
		return ret;
	if (a->permissions & ~SECINFO_RWX || (a->permissions & RW) == SECINFO_W)
		return refuse(f, -EINVAL, "no such permissions");
	if (a->result || a->count)
		return refuse(f, -EINVAL, "result or count not zero");
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
		return refuse(f, -EFAULT, "no such page");
	if (epcm_type(v) != SGX_PT_REG && !(epcm_type(v) == SGX_PT_TCS && si->flags == SECINFO_TRIM))
		return refuse(f, -EINVAL, "the page cannot get that type");
	o = sgx_emodt(f->enclave, addr, si);
	*result = o.code > 0 ? o.code : 0;
	if (o.code)
		return outcome(f, "EMODT", addr, &o, -EFAULT);
	return f->options.linux_only ? track(f) : 0;
}

static int ioc_modify_types(struct sim_file *f, struct sgx_enclave_modify_types *a)
{
	struct sgx_secinfo si __attribute__((aligned(64))) = {.flags = SECINFO_TYPE(a->page_type)};
	int ret = sgx2_check(f, a->offset, a->length);
	uint64_t base;

	if (ret)
		return ret;
	if (a->page_type != SGX_PT_TCS && a->page_type != SGX_PT_TRIM)
		return refuse(f, -EINVAL, "page type neither TCS nor TRIM");
	if (a->result || a->count)
		return refuse(f, -EINVAL, "result or count not zero");
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
		return refuse(f, -EFAULT, "no such page");
	if (epcm_type(v) != SGX_PT_TRIM || v & EPCM_MODIFIED) {
		snprintf(f->base.why, sizeof(f->base.why), "page 0x%lx is not an accepted TRIM page", addr);
		return -EPERM;
	}
	o = sgx_eremove(f->enclave, addr);
	return outcome(f, "EREMOVE", addr, &o, -EFAULT);
}

/* Memory goes back in batches, because a page may be evicted before its turn. */
static int ioc_remove_pages(struct sim_file *f, struct sgx_enclave_remove_pages *a)
{
	int ret = sgx2_check(f, a->offset, a->length);
	uint64_t base, start, n;

	if (ret)
		return ret;
	if (a->count)
		return refuse(f, -EINVAL, "count not zero");
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

static int ioctl_run(struct sim_file *f, unsigned long cmd, void *arg)
{
	switch (cmd) {
	case SGX_IOC_ENCLAVE_CREATE:
		return ioc_create(f, arg);
	case SGX_IOC_ENCLAVE_ADD_PAGES:
		return ioc_add_pages(f, arg);
	case SGX_IOC_ENCLAVE_INIT:
		return ioc_init(f, arg);
	case SGX_IOC_ENCLAVE_PROVISION:
		return ioc_provision(f, arg);
	case SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS:
		return ioc_restrict(f, arg);
	case SGX_IOC_ENCLAVE_MODIFY_TYPES:
		return ioc_modify_types(f, arg);
	case SGX_IOC_ENCLAVE_REMOVE_PAGES:
		return ioc_remove_pages(f, arg);
	default:
		return -ENOTTY;
	}
}

static int sim_ioctl(struct sgx_file *file, unsigned long cmd, void *arg)
{
	struct sim_file *f = sim_of(file);
	int ret;

	f->base.why[0] = 0;
	if (atomic_exchange(&f->in_ioctl, true))
		return -EBUSY;
	pthread_mutex_lock(&f->lock);
	ret = ioctl_run(f, cmd, arg);
	pthread_mutex_unlock(&f->lock);
	atomic_store(&f->in_ioctl, false);
	return ret;
}

const struct sgx_front front_sim = {
	.name = "SIM",
	.open = sim_open,
	.close = sim_close,
	.provision = sim_provision,
	.ioctl = sim_ioctl,
	.reserve = sim_reserve,
	.mmap = sim_mmap,
	.munmap = sim_munmap,
	.mprotect = sim_mprotect,
	.augment = sim_augment,
	.measurement = sim_measurement,
	.thread_init = sim_thread_init,
	.thread_exit = sim_thread_exit,
	.interrupt = sim_interrupt,
	.enter = sim_enter,
};
