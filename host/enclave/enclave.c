/* enclave.c: the sequence that makes an enclave of the LibOS image.
 *
 * The order of pages is part of MRENCLAVE: image segments by address, boot data, then for each vCPU
 * TCS, SSA, GS and FS pages and stacks, then the initial heap and memory for programs. EEXTEND measures all but those two. */
#include "enclave.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../libos/abi/boot.h"
#include "../../libos/abi/config.h"
#include "../../libos/abi/layout.h"
#include "../sgxsim/sgxsim.h"
#include "../sign/sign.h"
#include "backend.h"
#include "elf.h"
#include "front.h"

#define DATA	 (SECINFO_REG | SECINFO_R | SECINFO_W)

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t page_round(uint64_t n)
{
	return (n + PAGE_SIZE - 1) & PAGE_MASK;
}

static uint64_t vcpu_area(uint32_t vcpu)
{
	return LIBOS_VCPU_START + vcpu * LIBOS_VCPU_STRIDE;
}

struct sgx_attributes enclave_attributes(const struct enclave_params *params)
{
	return (struct sgx_attributes){SGX_ATTR_MODE64 | (params->debug ? SGX_ATTR_DEBUG : 0),
				       sim_xfrm()};
}

uint32_t enclave_miscselect(void)
{
	return SGX_MISC_EXINFO;
}

/* Everything is added before EINIT, so the configuration says (it is not checked yet: the LibOS does that). */
static bool sgx1(const struct enclave_params *p)
{
	struct config_head c = { 0 };

	if (p->config_size >= sizeof(c))
		memcpy(&c, p->config, sizeof(c));
	return c.magic == CONFIG_MAGIC && c.flags & CONFIG_SGX1;
}

/* Where an image wants ELRANGE, and what lies in it (libos/abi/layout.h). */
static struct enclave_range elrange(const struct elf_image *image, const struct enclave_params *p)
{
	if (image->plain)
		return (struct enclave_range){ PLAIN_START, PLAIN_SIZE };
	return (struct enclave_range){ 0, sgx1(p) ? ELRANGE_SGX1_SIZE : ELRANGE_SIZE };
}

static uint64_t heap_room(const struct elf_image *image)
{
	return (image->plain ? PLAIN_LIBOS_END : LIBOS_HEAP_END) - LIBOS_HEAP_START;
}

static uint64_t user_start(const struct elf_image *image, const struct enclave_params *p)
{
	if (image->plain)
		return PLAIN_LIBOS_END;
	return sgx1(p) ? USER_LOW_START : USER_HIGH_START;
}

static uint64_t user_room(const struct elf_image *image, const struct enclave_params *p)
{
	if (image->plain)
		return PLAIN_START + PLAIN_SIZE - PLAIN_LIBOS_END;
	return sgx1(p) ? USER_LOW_END - USER_LOW_START : USER_HIGH_END - USER_HIGH_START;
}

static int params_check(const struct enclave_params *p, const struct elf_image *image, char err[ENCLAVE_ERR_SIZE])
{
	if (!p->vcpus || p->vcpus > VCPU_MAX)
		snprintf(err, ENCLAVE_ERR_SIZE, "%u vCPUs; 1 to %d are possible", p->vcpus,
			 VCPU_MAX);
	else if (p->heap_init_bytes > heap_room(image))
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "initial heap of %lu bytes; at most %lu are possible", p->heap_init_bytes,
			 heap_room(image));
	else if (p->config_size > LIBOS_BOOT_MAX - sizeof(struct boot_info))
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "configuration of %zu bytes; at most %zu are possible", p->config_size,
			 LIBOS_BOOT_MAX - sizeof(struct boot_info));
	else if (p->user_init_bytes > user_room(image, p))
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "initial memory of programs of %lu bytes; at most %lu are possible", p->user_init_bytes,
			 user_room(image, p));
	else if (image->plain && (sgx1(p) || p->vcpus > 1))
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "the image of --valgrind-friendly has one vCPU, and memory that grows (vm.sgx is not 1)");
	else
		return 0;
	return -EINVAL;
}

static int pages_add(struct enclave *e, uint64_t addr, const void *src, uint64_t len,
		     uint64_t flags)
{
	e->times.pages += len / PAGE_SIZE;
	e->times.measured += len / PAGE_SIZE;
	return e->ops->add_pages(e, addr, src, len, flags, ADD_MEASURED);
}

static int image_add(struct enclave *e, const struct elf_image *image)
{
	const struct elf_segment *s;
	int ret = 0;

	for (unsigned int i = 0; i < image->count && !ret; i++) {
		s = &image->segments[i];
		ret = pages_add(e, s->addr, s->pages, s->len, SECINFO_REG | s->prot);
	}
	return ret;
}

static int boot_add(struct enclave *e, const struct enclave_params *p,
		    const struct elf_image *image)
{
	uint64_t len = page_round(sizeof(struct boot_info) + p->config_size);
	struct boot_info *info = aligned_alloc(PAGE_SIZE, len);
	int ret;

	if (!info)
		return -ENOMEM;
	memset(info, 0, len);
	info->magic = BOOT_MAGIC;
	info->abi_version = BOOT_ABI_VERSION;
	info->vcpus = p->vcpus;
	info->image_end = image->end;
	info->config_offset = sizeof(*info);
	info->config_size = p->config_size;
	info->heap_start = LIBOS_HEAP_START;
	info->heap_end = LIBOS_HEAP_START + page_round(p->heap_init_bytes);
	info->user_start = user_start(image, p);
	info->user_end = info->user_start + page_round(p->user_init_bytes);
	info->user_memory_max = p->user_memory_max;
	if (p->config_size)
		memcpy(info + 1, p->config, p->config_size);
	ret = pages_add(e, LIBOS_BOOT_START, info, len, SECINFO_REG | SECINFO_R);
	free(info);
	return ret;
}

static int tcs_add(struct enclave *e, uint64_t area, uint64_t entry)
{
	struct sgx_tcs *tcs = aligned_alloc(PAGE_SIZE, sizeof(*tcs));
	int ret;

	if (!tcs)
		return -ENOMEM;
	memset(tcs, 0, sizeof(*tcs));
	tcs->ossa = area - e->elrange.addr + VCPU_SSA;
	tcs->nssa = VCPU_NSSA;
	tcs->oentry = entry - e->elrange.addr;
	tcs->ofsbase = area - e->elrange.addr + VCPU_FS;
	tcs->ogsbase = area - e->elrange.addr + VCPU_GS;
	tcs->fslimit = tcs->gslimit = 0xfff;
	ret = pages_add(e, area + VCPU_TCS, tcs, sizeof(*tcs), SECINFO_TCS);
	free(tcs);
	return ret;
}

static int vcpu_add(struct enclave *e, uint32_t vcpu, uint64_t entry)
{
	static const struct {
		uint64_t offset, pages;
	} parts[] = {
		{VCPU_SSA, VCPU_NSSA * VCPU_SSAFRAMESIZE},
		{VCPU_GS, VCPU_GS_PAGES},
		{VCPU_FS, 1},
		{VCPU_STACK_END - VCPU_STACK_PAGES * PAGE_SIZE, VCPU_STACK_PAGES},
		{VCPU_EXC_STACK_END - VCPU_EXC_STACK_PAGES * PAGE_SIZE, VCPU_EXC_STACK_PAGES},
	};
	uint64_t area = vcpu_area(vcpu);
	int ret = tcs_add(e, area, entry);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !ret; i++)
		ret = pages_add(e, area + parts[i].offset, NULL, parts[i].pages * PAGE_SIZE, DATA);
	return ret;
}

static int secs_create(struct enclave *e, const struct enclave_params *p)
{
	struct sgx_secs *secs = aligned_alloc(PAGE_SIZE, sizeof(*secs));
	int ret;

	if (!secs)
		return -ENOMEM;
	memset(secs, 0, sizeof(*secs));
	secs->base = e->elrange.addr;
	secs->size = e->elrange.len;
	secs->ssa_frame_size = VCPU_SSAFRAMESIZE;
	secs->miscselect = enclave_miscselect();
	secs->attributes = enclave_attributes(p);
	ret = e->ops->create(e, secs);
	free(secs);
	return ret;
}

/* The LibOS heap, and memory that programs may use once the LibOS has given it to them. */
static int memory_add(struct enclave *e, const struct enclave_params *p, const struct elf_image *image)
{
	uint64_t heap = page_round(p->heap_init_bytes), user = page_round(p->user_init_bytes);
	int ret = 0;

	if (heap)
		ret = e->ops->add_pages(e, LIBOS_HEAP_START, NULL, heap, DATA, 0);
	if (!ret && user)
		ret = e->ops->add_pages(e, user_start(image, p), NULL, user, DATA | SECINFO_X, ADD_HIDDEN);
	e->times.pages += (heap + user) / PAGE_SIZE;
	return ret;
}

/* Everything up to EINIT. */
static int enclave_build(struct enclave *e, const struct enclave_params *p,
			 const struct elf_image *image)
{
	uint64_t started = now_ns(), created;
	int ret = secs_create(e, p);

	created = now_ns();
	e->times.create_ns = created - started;
	if (!ret)
		ret = image_add(e, image);
	if (!ret)
		ret = boot_add(e, p, image);
	for (uint32_t i = 0; i < p->vcpus && !ret; i++)
		ret = vcpu_add(e, i, image->entry);
	if (!ret)
		ret = memory_add(e, p, image);
	if (!ret)
		ret = e->ops->measurement(e, e->mrenclave);
	e->times.add_ns = now_ns() - created;
	return ret;
}

static struct enclave *enclave_new(const struct enclave_backend *ops, const struct sgx_front *front,
				   const struct enclave_params *p)
{
	struct enclave *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->ops = ops;
	e->front = front;
	e->vcpus = p->vcpus;
	pthread_mutex_init(&e->lock, NULL);
	return e;
}

/* Builds on the given backend; the image is read and dropped. */
static int enclave_make(const struct enclave_backend *ops, const char *path,
			const struct enclave_params *p, struct enclave **out,
			char err[ENCLAVE_ERR_SIZE])
{
	const struct sgx_front *front = NULL;
	struct elf_image image;
	struct enclave *e;
	int ret = elf_load(path, &image, err);

	if (ret)
		return ret;
	ret = params_check(p, &image, err);
	if (!ret && ops != &enclave_backend_measure) {
		front = front_choose(&image, err);
		ret = front ? 0 : -EINVAL;
	} else if (!ret && image.hardware) { /* measured anywhere, with this machine's attributes if it can run it */
		sim_cpu_host();
	}
	if (ret) {
		elf_free(&image);
		return -EINVAL;
	}
	e = enclave_new(ops, front, p);
	if (e)
		e->elrange = elrange(&image, p);
	ret = e ? enclave_build(e, p, &image) : -ENOMEM;
	elf_free(&image);
	if (!ret) {
		*out = e;
		return 0;
	}
	snprintf(err, ENCLAVE_ERR_SIZE, "%s", e && e->err[0] ? e->err : strerror(-ret));
	if (e)
		enclave_destroy(e);
	return ret;
}

static int local_sign(const struct enclave *e, const struct enclave_params *p,
		      struct sgx_sigstruct *sig, char err[ENCLAVE_ERR_SIZE])
{
	struct sigstruct_params sp = {
		.attributes = enclave_attributes(p),
		.attributemask = {~0UL, ~0UL},
		.miscselect = enclave_miscselect(),
		.miscmask = ~0u,
		.isvprodid = p->isvprodid,
		.isvsvn = p->isvsvn,
	};
	EVP_PKEY *key;
	int ret = key_local(&key, err);

	if (ret)
		return ret;
	ret = sigstruct_sign(&sp, e->mrenclave, key, sig);
	EVP_PKEY_free(key);
	if (ret)
		snprintf(err, ENCLAVE_ERR_SIZE, "signing failed: %s", strerror(-ret));
	return ret;
}

int enclave_load(const char *libos_path, const struct enclave_params *params,
		 const struct sgx_sigstruct *sig, struct enclave **out, char err[ENCLAVE_ERR_SIZE])
{
	struct sgx_sigstruct local;
	struct enclave *e;
	uint64_t started;
	int ret = enclave_make(&enclave_backend_device, libos_path, params, &e, err);

	if (ret)
		return ret;
	if (!sig) {
		ret = local_sign(e, params, &local, err);
		sig = &local;
	}
	if (!ret) {
		started = now_ns();
		ret = e->ops->init(e, sig);
		e->times.init_ns = now_ns() - started;
		if (ret)
			snprintf(err, ENCLAVE_ERR_SIZE, "%s", e->err);
	}
	if (ret) {
		enclave_destroy(e);
		return ret;
	}
	e->sigstruct = *sig;
	sigstruct_mrsigner(sig, e->mrsigner);
	*out = e;
	return 0;
}

int enclave_measure(const char *libos_path, const struct enclave_params *params,
		    uint8_t mrenclave[SGX_HASH_SIZE], char err[ENCLAVE_ERR_SIZE])
{
	struct enclave *e;
	int ret = enclave_make(&enclave_backend_measure, libos_path, params, &e, err);

	if (ret)
		return ret;
	memcpy(mrenclave, e->mrenclave, SGX_HASH_SIZE);
	enclave_destroy(e);
	return 0;
}

void enclave_identity(const struct enclave *e, uint8_t mrenclave[SGX_HASH_SIZE],
		      uint8_t mrsigner[SGX_HASH_SIZE])
{
	memcpy(mrenclave, e->mrenclave, SGX_HASH_SIZE);
	memcpy(mrsigner, e->mrsigner, SGX_HASH_SIZE);
}

uint32_t enclave_vcpus(const struct enclave *e)
{
	return e->vcpus;
}

const struct enclave_times *enclave_times(const struct enclave *e)
{
	return &e->times;
}

const struct sgx_sigstruct *enclave_sigstruct(const struct enclave *e)
{
	return &e->sigstruct;
}

void enclave_destroy(struct enclave *e)
{
	e->ops->destroy(e);
	pthread_mutex_destroy(&e->lock);
	free(e);
}
