/* front_linux.h: of front_linux.c, for its tests. */
#pragma once
#include "front.h"

struct linux_file {
	struct sgx_file base;
	int fd;
};

/* __vdso_sgx_enter_enclave, found at the first open. */
extern vdso_sgx_enter_enclave_t linux_vdso;
