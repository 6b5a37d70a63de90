/* test_enclave_fixture.c: the enclave of test_enclave_fixture.h. */
#include "test_enclave_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../enclave/device.h"
#include "../enclave/front_sim.h"
#include "test_state.h"

extern const uint8_t blob_start[], blob_end[];

char elf_path[128];
const struct enclave_params params = {
	.vcpus = 2,
	.heap_init_bytes = HEAP_BYTES,
	.debug = true,
	.config = "config",
	.config_size = 7,
	.isvprodid = 7,
	.isvsvn = 3,
};

struct image image_plain(void)
{
	struct image i = {0};

	memcpy(i.h.e_ident, ELFMAG, SELFMAG);
	i.h.e_ident[EI_CLASS] = ELFCLASS64;
	i.h.e_type = ET_EXEC;
	i.h.e_machine = EM_X86_64;
	i.h.e_entry = LIBOS_START;
	i.h.e_phoff = offsetof(struct image, p);
	i.h.e_phentsize = sizeof(Elf64_Phdr);
	i.h.e_phnum = 2;
	i.p[0] = (Elf64_Phdr){.p_type = PT_LOAD,
			      .p_flags = PF_R | PF_X,
			      .p_offset = PAGE_SIZE,
			      .p_vaddr = LIBOS_START,
			      .p_filesz = blob_end - blob_start,
			      .p_memsz = blob_end - blob_start};
	i.p[1] = (Elf64_Phdr){.p_type = PT_LOAD,
			      .p_flags = PF_R | PF_W,
			      .p_offset = PAGE_SIZE,
			      .p_vaddr = LIBOS_START + 0x10000,
			      .p_filesz = 100,
			      .p_memsz = 0x2800};
	return i;
}

void image_write(const struct image *i)
{
	FILE *f = fopen(elf_path, "w");

	cr_assert_not_null(f);
	fwrite(i, sizeof(*i), 1, f);
	fseek(f, PAGE_SIZE, SEEK_SET);
	fwrite(blob_start, blob_end - blob_start, 1, f);
	fclose(f);
}

void enclave_setup(void)
{
	struct image i = image_plain();

	state_use();
	snprintf(elf_path, sizeof(elf_path), "%s/libos-%d", state_dir, getpid());
	image_write(&i);
}

struct enclave *loaded(void)
{
	char err[ENCLAVE_ERR_SIZE] = "";
	struct enclave *e;
	int ret = enclave_load(elf_path, &params, NULL, &e, err);

	cr_assert_eq(ret, 0, "%s", err);
	return e;
}

struct sgx_enclave *modelled(struct enclave *e)
{
	return ((struct sim_file *)device_of(e)->file)->enclave;
}

struct enclave_thread *entered(struct enclave *e, uint32_t vcpu)
{
	char err[ENCLAVE_ERR_SIZE] = "";
	struct enclave_thread *t;
	int ret = enclave_thread_init(e, vcpu, &t, err);

	cr_assert_eq(ret, 0, "%s", err);
	return t;
}

struct enclave_regs call(struct enclave_thread *t, uint64_t command, uint64_t rsi,
				uint64_t rdx, uint64_t r8, uint64_t r9)
{
	struct enclave_regs io = {command, rsi, rdx, r8, r9};
	int ret = enclave_enter(t, &io);

	cr_assert_eq(ret, 0, "%s", enclave_thread_error(t));
	cr_assert_eq(io.rdi, BLOB_DONE);
	return io;
}

uint64_t peek(uint64_t addr)
{
	uint64_t v = 0;
	void *to = &v;

	__asm__ volatile("movsq" : "+D"(to), "+S"(addr) : : "memory");
	return v;
}

void poke(uint64_t addr, uint64_t v)
{
	void *from = &v;

	__asm__ volatile("movsq" : "+D"(addr), "+S"(from) : : "memory");
}

uint64_t gs(uint64_t offset)
{
	return peek(GS_OF(0) + offset);
}
