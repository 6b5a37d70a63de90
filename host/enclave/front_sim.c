/* front_sim.c: /dev/sgx_enclave on the model: open and close, and the ioctls that make an enclave of its pages.
 *
 * Checks, their order and their error numbers are those of arch/x86/kernel/cpu/sgx/{ioctl,encl,driver}.c
 * in Linux 6.x.
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

#include "../sgxsim/memory.h"
#include "../sgxsim/plain.h"
#include "driver.h"

#define ATTRIBUTES_UNPRIVILEGED (SGX_ATTR_DEBUG | SGX_ATTR_MODE64 | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY)
#define VENDOR_INTEL		0x8086

struct sim_file *_Atomic sim_files;

void sim_why(char why[FRONT_WHY_SIZE], const char *leaf, uint64_t addr, const struct sgx_outcome *o)
{
	static const char *const kinds[] = {"#GP", "#PF"};

	if (o->code > 0)
		snprintf(why, FRONT_WHY_SIZE, "%s at 0x%lx: error %d: %s", leaf, addr, o->code, o->why);
	else
		snprintf(why, FRONT_WHY_SIZE, "%s at 0x%lx: %s: %s", leaf, addr, kinds[o->code == -VECTOR_PF],
			 o->why);
}

int sim_outcome(struct sim_file *f, const char *leaf, uint64_t addr, const struct sgx_outcome *o, int err)
{
	if (!o->code)
		return 0;
	sim_why(f->base.why, leaf, addr, o);
	return err;
}

int sim_refuse(struct sim_file *f, int err, const char *why)
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
	struct sim_file *f = sim_file_of(file), *_Atomic *link = &sim_files;

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
		return sim_refuse(f, -EINVAL, "the descriptor is not of /dev/sgx_provision");
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
	else if (sgx_plain && !(sim_cpu.leaves & SIM_CPU_SGX2))
		snprintf(f->base.why, sizeof(f->base.why),
			 "the processor %s has no SGX2, without which --valgrind-friendly has no memory for programs: choose "
			 "another one", sim_cpu.name);
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
		return sim_refuse(f, -EINVAL, "created already");
	ret = processor_fits(f, (const struct sgx_secs *)a->src);
	if (ret)
		return ret;
	o = sgx_ecreate(&pi, &e);
	if (o.code)
		return sim_outcome(f, "ECREATE", ((const struct sgx_secs *)a->src)->base, &o, -EIO);
	ret = driver_attach(e, &f->options);
	if (ret) {
		sgx_eremove_secs(e);
		return ret;
	}
	f->enclave = e;
	return 0;
}

/* As Linux does: the launch key is whoever signed this enclave. */
static int ioc_init(struct sim_file *f, const struct sgx_enclave_init *a)
{
	const struct sgx_sigstruct *sig = (const void *)a->sigstruct;
	uint8_t mrsigner[SGX_HASH_SIZE];
	struct sgx_outcome o;

	if (!f->enclave || sim_initialised(f))
		return sim_refuse(f, -EINVAL, "not created yet, or initialised already");
	if (sig->vendor && sig->vendor != VENDOR_INTEL)
		return sim_refuse(f, -EINVAL, "SIGSTRUCT.VENDOR is neither 0 nor 0x8086");
	if (f->enclave->secs.attributes.flags & ~f->attributes_mask)
		return sim_refuse(f, -EACCES, "an attribute that needs the provision file, or none may have");
	sgx_mrsigner(sig, mrsigner);
	sim_set_lepubkeyhash(mrsigner);
	o = sgx_einit(f->enclave, sig);
	return sim_outcome(f, "EINIT", 0, &o, o.code < 0 ? -EIO : -EPERM);
}

static int ioctl_run(struct sim_file *f, unsigned long cmd, void *arg)
{
	switch (cmd) {
	case SGX_IOC_ENCLAVE_CREATE:
		return ioc_create(f, arg);
	case SGX_IOC_ENCLAVE_ADD_PAGES:
		return sim_ioc_add_pages(f, arg);
	case SGX_IOC_ENCLAVE_INIT:
		return ioc_init(f, arg);
	case SGX_IOC_ENCLAVE_PROVISION:
		return ioc_provision(f, arg);
	case SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS:
		return sim_ioc_restrict(f, arg);
	case SGX_IOC_ENCLAVE_MODIFY_TYPES:
		return sim_ioc_modify_types(f, arg);
	case SGX_IOC_ENCLAVE_REMOVE_PAGES:
		return sim_ioc_remove_pages(f, arg);
	default:
		return -ENOTTY;
	}
}

static int sim_ioctl(struct sgx_file *file, unsigned long cmd, void *arg)
{
	struct sim_file *f = sim_file_of(file);
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
