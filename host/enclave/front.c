/* front.c: which driver there is, and the zero pages to add from. */
#include "front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../sgxsim/plain.h"
#include "../sgxsim/thread.h"
#include "elf.h"

#define IMAGE_SIM "libos.elf"
#define IMAGE_HW  "libos-hw.elf"

const void *front_zero(void)
{
	static void *_Atomic zero;
	void *fresh, *old = NULL;

	if (zero)
		return zero;
	fresh = mmap(NULL, FRONT_ZERO_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (fresh == MAP_FAILED)
		return NULL;
	if (!__atomic_compare_exchange_n((void **)&zero, &old, fresh, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		munmap(fresh, FRONT_ZERO_SIZE);
		return old;
	}
	return fresh;
}

/* The model with nothing that Linux does not offer, for an image whose ENCLU traps. */
static const struct sgx_front *front_plain(void)
{
	static struct sgx_front plain;

	plain = front_sim;
	plain.augment = NULL;
	plain.measurement = NULL;
	sgx_enclu_traps = true;
	return &plain;
}

/* An image runs on what it was built for. */
const struct sgx_front *front_choose(const struct elf_image *image, char *err)
{
	const char *want = getenv("OCCLUM_SGX_BACKEND");

	sgx_plain = image->plain;
	if (!image->hardware)
		return &front_sim;
	if (want && !strcmp(want, "trap"))
		return front_plain();
	if (!sim_cpu_host())
		return &front_linux;
	snprintf(err, ENCLAVE_ERR_SIZE, "the LibOS image is for SGX hardware, but this processor has no SGX: "
					"'occlum build --sgx-mode SIM' builds for the software model");
	return NULL;
}

int enclave_image_name(const char **name, char err[ENCLAVE_ERR_SIZE])
{
	const char *want = getenv("OCCLUM_SGX_BACKEND");

	*name = IMAGE_SIM;
	if (!want || !strcmp(want, "auto")) {
		if (!access(FRONT_DEVICE, R_OK | W_OK))
			*name = IMAGE_HW;
		return 0;
	}
	if (!strcmp(want, "hw") || !strcmp(want, "trap"))
		*name = IMAGE_HW;
	else if (strcmp(want, "sim")) {
		snprintf(err, ENCLAVE_ERR_SIZE, "OCCLUM_SGX_BACKEND is '%s'; it can be sim, hw, trap or auto", want);
		return -EINVAL;
	}
	return 1;
}
