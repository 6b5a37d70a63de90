/* test_enclave_fixture.h: the tiny enclave of test_enclave_blob.S in an ELF file, loaded and entered
 * through host/enclave. Enclave memory is read and written by peek and poke only. */
#pragma once
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>

#include "../../libos/abi/boot.h"
#include "../../libos/abi/layout.h"
#include "../enclave/enclave.h"
#include "test_enclave_blob.h"

#define GS_OF(vcpu)	 (LIBOS_VCPU_START + (vcpu)*LIBOS_VCPU_STRIDE + VCPU_GS)
#define HEAP_BYTES	 0x100000UL
#define EXITINFO(vector) (EXITINFO_VALID | EXITINFO_HARDWARE | (vector))

struct image {
	Elf64_Ehdr h;
	Elf64_Phdr p[2];
};

extern char elf_path[128];
extern const struct enclave_params params;

void enclave_setup(void); /* of a suite */
struct image image_plain(void);
void image_write(const struct image *i);
struct enclave *loaded(void);
struct sgx_enclave *modelled(struct enclave *e); /* what the model has of it */
struct enclave_thread *entered(struct enclave *e, uint32_t vcpu);
struct enclave_regs call(struct enclave_thread *t, uint64_t command, uint64_t rsi, uint64_t rdx, uint64_t r8,
			 uint64_t r9);
uint64_t peek(uint64_t addr);
void poke(uint64_t addr, uint64_t v);
uint64_t gs(uint64_t offset); /* of the first vCPU */
