/* bed.c: builds and enters the enclave of bed.h. */
#include "bed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../sgxsim/sgxsim.h"
#include "../sign/sign.h"

#define BASE	     0x4000000000UL /* below 1 TiB, aligned to any size it may have */
#define SPARE_MIN    (16UL << 20)
#define SECINFO_RW   (SECINFO_REG | SECINFO_R | SECINFO_W)
#define ACCEPT_FLAGS (SECINFO_RW | SECINFO_PENDING)

extern const uint8_t bed_blob_start[], bed_blob_end[];

static uint64_t bed_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int failed(struct bed *b, int ret, const char *what)
{
	if (ret)
		snprintf(b->err, sizeof(b->err), "%s: %s", what, b->file && b->file->why[0] ? b->file->why : strerror(-ret));
	return ret;
}

static int call(struct bed *b, unsigned long cmd, void *arg)
{
	return b->file->front->ioctl(b->file, cmd, arg);
}

static struct sgx_attributes attributes(void)
{
	return (struct sgx_attributes){SGX_ATTR_MODE64 | SGX_ATTR_DEBUG, sim_xfrm()};
}

static int secs_create(struct bed *b)
{
	struct sgx_secs secs __attribute__((aligned(4096))) = {
		.size = b->size, .base = b->base, .ssa_frame_size = 1, .miscselect = sim_cpu.miscselect};
	struct sgx_enclave_create a = {.src = (uint64_t)&secs};
	uint64_t start = bed_now_ns();
	int ret;

	secs.attributes = attributes();
	ret = failed(b, call(b, SGX_IOC_ENCLAVE_CREATE, &a), "ECREATE");
	b->times.create_ns = bed_now_ns() - start;
	return ret ? ret : failed(b, b->file->front->reserve(b->file, b->base, b->size), "ELRANGE");
}

static int add(struct bed *b, uint64_t offset, const void *src, uint64_t len, uint64_t flags, bool measure)
{
	struct sgx_secinfo si __attribute__((aligned(64))) = {.flags = flags};
	bool tcs = (flags & SECINFO_TYPE_MASK) == SECINFO_TCS;
	uint64_t n;
	int ret = 0;

	for (uint64_t done = 0; done < len && !ret; done += n) {
		n = src || len - done < FRONT_ZERO_SIZE ? len - done : FRONT_ZERO_SIZE;
		struct sgx_enclave_add_pages a = {.src = (uint64_t)(src ? src : front_zero()),
						  .offset = offset + done,
						  .length = n,
						  .secinfo = (uint64_t)&si,
						  .flags = measure ? SGX_PAGE_MEASURE : 0};
		ret = failed(b, call(b, SGX_IOC_ENCLAVE_ADD_PAGES, &a), "ADD_PAGES");
	}
	if (!ret)
		ret = failed(b, b->file->front->mmap(b->file, b->base + offset, len, (tcs ? 3 : flags) & SECINFO_RWX), "mmap");
	return ret;
}

static int pages_add(struct bed *b, bool measured)
{
	struct sgx_tcs tcs __attribute__((aligned(4096))) = {
		.ossa = BED_SSA, .nssa = 3, .ofsbase = BED_GS, .ogsbase = BED_GS, .fslimit = 0xfff, .gslimit = 0xfff};
	uint64_t start = bed_now_ns();
	int ret = add(b, BED_CODE, bed_blob_start, SGX_PAGE_SIZE, SECINFO_REG | SECINFO_R | SECINFO_X, true);

	if (!ret)
		ret = add(b, BED_TCS, &tcs, sizeof(tcs), SECINFO_TCS, true);
	if (!ret)
		ret = add(b, BED_SSA, NULL, BED_BUFFER + BED_BUFFER_PAGES * SGX_PAGE_SIZE - BED_SSA, SECINFO_RW, true);
	b->times.base_ns = bed_now_ns() - start;
	start = bed_now_ns();
	if (!ret && b->heap_bytes)
		ret = add(b, BED_HEAP, NULL, b->heap_bytes, SECINFO_RW, measured);
	b->times.add_ns = bed_now_ns() - start;
	return ret;
}

static int sign_and_init(struct bed *b)
{
	struct sigstruct_params sp = {.attributes = attributes(),
				      .attributemask = {~0UL, ~0UL},
				      .miscselect = sim_cpu.miscselect,
				      .miscmask = ~0u};
	struct sgx_sigstruct sig;
	struct sgx_enclave_init a = {.sigstruct = (uint64_t)&sig};
	uint8_t mrenclave[SGX_HASH_SIZE];
	uint64_t start;
	EVP_PKEY *key;
	int ret = key_local(&key, b->err);

	if (ret)
		return ret;
	b->file->front->measurement(b->file, mrenclave);
	ret = sigstruct_sign(&sp, mrenclave, key, &sig);
	EVP_PKEY_free(key);
	if (ret)
		return failed(b, ret, "signing");
	start = bed_now_ns();
	ret = failed(b, call(b, SGX_IOC_ENCLAVE_INIT, &a), "EINIT");
	b->times.init_ns = bed_now_ns() - start;
	return ret;
}

static bool interrupted(void *arg, struct front_regs *out)
{
	(void)arg;
	(void)out;
	return false;
}

static int exit_note(long rdi, long rsi, long rdx, long rsp, long r8, long r9, struct sgx_enclave_run *run)
{
	struct bed *b = (struct bed *)run->user_data;

	(void)rsp;
	b->out = (struct front_regs){rdi, rsi, rdx, r8, r9};
	return 0;
}

int bed_create(struct bed *b, uint64_t heap_bytes, bool measured)
{
	uint64_t spare = heap_bytes > SPARE_MIN ? heap_bytes : SPARE_MIN;
	int ret;

	*b = (struct bed){.base = BASE, .heap = BASE + BED_HEAP, .heap_bytes = heap_bytes, .size = 1UL << 21};
	while (b->size < BED_HEAP + heap_bytes + spare && b->size < BED_SIZE_MAX)
		b->size *= 2;
	if (heap_bytes & (SGX_PAGE_SIZE - 1) || heap_bytes > b->size - BED_HEAP) {
		snprintf(b->err, sizeof(b->err), "a heap of %lu bytes; at most %lu are possible", heap_bytes,
			 BED_SIZE_MAX - 2 * BED_HEAP);
		return -EINVAL;
	}
	ret = front_zero() ? front_sim.open(&b->file, b->err) : -ENOMEM;
	if (ret)
		return ret;
	ret = secs_create(b);
	if (!ret)
		ret = pages_add(b, measured);
	if (!ret)
		ret = sign_and_init(b);
	if (!ret)
		ret = failed(b, b->file->front->thread_init(b->file, interrupted, b, &b->thread), "thread");
	if (ret)
		bed_destroy(b);
	b->run.tcs = b->base + BED_TCS;
	b->run.user_handler = (uint64_t)exit_note;
	b->run.user_data = (uint64_t)b;
	return ret;
}

void bed_destroy(struct bed *b)
{
	uint64_t start = bed_now_ns();

	if (b->thread)
		b->file->front->thread_exit(b->thread);
	b->thread = NULL;
	if (b->file)
		front_sim.close(b->file);
	b->file = NULL;
	b->times.destroy_ns = bed_now_ns() - start;
}

int bed_call(struct bed *b, uint64_t command, uint64_t rsi, uint64_t rdx, uint64_t r8)
{
	const vdso_sgx_enter_enclave_t enter = b->file->front->enter;
	int ret = enter(command, rsi, rdx, ENCLU_EENTER, r8, 0, &b->run);

	/* Exceptions are skipped by the handler, then the enclave goes on. */
	while (!ret && (b->run.function == ENCLU_ERESUME || b->out.rdi == BED_RESUME)) {
		if (b->run.function == ENCLU_ERESUME && b->run.exception_vector != VECTOR_UD)
			break;
		if (b->run.function == ENCLU_ERESUME)
			ret = enter(BED_EXCEPTION, 0, 0, ENCLU_EENTER, 0, 0, &b->run);
		else
			ret = enter(0, 0, 0, ENCLU_ERESUME, 0, 0, &b->run);
	}
	if (!ret && b->run.function == ENCLU_EEXIT)
		return 0;
	snprintf(b->err, sizeof(b->err), "command %lu: vector %u, error code 0x%x, address 0x%llx", command,
		 b->run.exception_vector, b->run.exception_error_code, (unsigned long long)b->run.exception_addr);
	return ret ? ret : -EFAULT;
}

int bed_grow(struct bed *b, uint64_t pages)
{
	uint64_t addr = b->heap + b->heap_bytes, len = pages * SGX_PAGE_SIZE;
	int ret = addr + len <= b->base + b->size ? 0 : -ENOMEM;

	if (!ret)
		ret = b->file->front->mmap(b->file, addr, len, SECINFO_R | SECINFO_W);
	if (ret)
		return failed(b, ret, "mmap");
	ret = bed_call(b, BED_ACCEPT, addr, pages, ACCEPT_FLAGS);
	if (ret || !b->out.rsi)
		return ret;
	snprintf(b->err, sizeof(b->err), "EACCEPT: error %lu", b->out.rsi);
	return -EPERM;
}
