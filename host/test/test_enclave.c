/* test_enclave.c: the loader and execution, on the enclave of test_enclave_blob.S wrapped into an
 * ELF file. Each test is its own process (Criterion), so each may load one enclave. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../enclave/backend.h"
#include "../sgxsim/sgxsim.h"
#include "../sign/sign.h"
#include "test_enclave_fixture.h"

TestSuite(enclave, .init = enclave_setup, .timeout = 60);

Test(enclave, enter_and_exit)
{
	struct enclave_thread *t = entered(loaded(), 0);
	struct enclave_regs io = call(t, BLOB_ADD, 40, 2, 0, 0);

	cr_assert_eq(io.rsi, 42);
	for (uint64_t i = 0; i < 1000; i++)
		cr_assert_eq(call(t, BLOB_ADD, i, i, 0, 0).rsi, 2 * i);
	enclave_thread_exit(t);
}

Test(enclave, syscall_is_undefined_opcode)
{
	struct enclave_thread *t = entered(loaded(), 0);
	struct enclave_regs io = call(t, BLOB_TRAP, 39, 0, 0, 0);

	cr_assert_eq(io.rsi, 1039, "the handler's value");
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_UD));
	cr_assert_eq(gs(BLOB_TRAP_NUMBER), 39);
	cr_assert_eq(gs(BLOB_DEEPEST), 1);
	/* Without instruction bytes at RIP this would not be the syscall itself. */
	cr_assert_eq(peek(gs(BLOB_RIP)) & 0xffff, 0x050f);
	cr_assert_gt(getpid(), 0, "the host's own calls still work");
}

Test(enclave, page_faults_report_their_cause)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);
	uint64_t heap = LIBOS_HEAP_START;

	call(t, BLOB_READ, 8, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_PF));
	cr_assert_eq(gs(BLOB_MADDR), 8);
	cr_assert_eq(gs(BLOB_ERRCD), 0x4, "not present, no SGX bit: the page table says no");

	call(t, BLOB_WRITE, LIBOS_START + 0x123, 0, 0, 0);
	cr_assert_eq(gs(BLOB_MADDR), LIBOS_START + 0x123);
	cr_assert_eq(gs(BLOB_ERRCD), 0x7, "the page table forbids the write");

	cr_assert_eq(enclave_protect(e, heap, PAGE_SIZE, SECINFO_R), 0);
	call(t, BLOB_READ, heap, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 2, "a read is still allowed");
	call(t, BLOB_WRITE, heap, 0, 0, 0);
	cr_assert_eq(gs(BLOB_ERRCD), 0x7);

	cr_assert_eq(enclave_restrict(e, heap + PAGE_SIZE, PAGE_SIZE, SECINFO_R), 0);
	call(t, BLOB_WRITE, heap + PAGE_SIZE, 0, 0, 0);
	cr_assert_eq(gs(BLOB_ERRCD), 0x7 | PFEC_SGX, "the EPCM forbids the write");
	cr_assert_eq(enclave_protect(e, LIBOS_START, PAGE_SIZE, SECINFO_RWX), -EACCES, "built without W");

	call(t, BLOB_READ, LIBOS_VCPU_START, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_PF), "a TCS cannot be read");
	call(t, BLOB_READ, 1UL << 60, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_GP), "not canonical");
	cr_assert_eq(gs(BLOB_MADDR), 0);
}

Test(enclave, code_outside_elrange_is_refused)
{
	struct enclave_thread *t = entered(loaded(), 0);
	void *outside = mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	call(t, BLOB_JUMP, (uint64_t)outside, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_GP));
	cr_assert_eq(gs(BLOB_RIP), (uint64_t)outside);
	call(t, BLOB_JUMP, 0, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_PF));
	cr_assert_eq(gs(BLOB_MADDR), 0);
	cr_assert(gs(BLOB_ERRCD) & 0x10, "an instruction fetch");
}

/* AEX-Notify: after the exception ERESUME enters the handler, which goes down to CSSA 0 by itself. */
Test(enclave, aex_notify_and_edeccssa)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);
	struct sgx_enclave *sgx = modelled(e);
	struct sgx_tcs_state *tcs = sgx_tcs_find(sgx, LIBOS_VCPU_START);
	uint64_t tail = LIBOS_VCPU_START + VCPU_SSA + PAGE_SIZE - sizeof(struct sgx_gpr) + 160;

	call(t, BLOB_ENCLU, ENCLU_EDECCSSA, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_GP), "CSSA is 0");
	poke(tail, (uint64_t)GPR_AEXNOTIFY << 56); /* EXITINFO 0, AEXNOTIFY 1 */
	cr_assert_eq(call(t, BLOB_TRAP, 39, 0, 0, 0).rsi, 1039, "neither enclave nor TCS asked for it");
	sgx->secs.attributes.flags |= SGX_ATTR_AEXNOTIFY;
	tcs->page.flags |= TCS_AEXNOTIFY;
	poke(tail, (uint64_t)GPR_AEXNOTIFY << 56);
	cr_assert_eq(call(t, BLOB_TRAP, 39, 0, 0, 0).rsi, 77);
	cr_assert_eq(tcs->cssa, 0);
	cr_assert_eq(call(t, BLOB_ADD, 1, 2, 0, 0).rsi, 3);
	poke(tail, 0);
	cr_assert_eq(call(t, BLOB_TRAP, 39, 0, 0, 0).rsi, 1039);
}

Test(enclave, registers_survive_an_exception)
{
	struct enclave_thread *t = entered(loaded(), 0);

	cr_assert_eq(call(t, BLOB_KEEP, 10000, 0, 0, 0).rsi, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 10000);
}

Test(enclave, exceptions_nest)
{
	struct enclave_thread *t = entered(loaded(), 0);
	struct enclave_regs io;

	cr_assert_eq(call(t, BLOB_NEST, 0, 0, 0, 0).rsi, 2);
	/* Every level traps again: NSSA is the end, told with what happened. */
	poke(GS_OF(0) + BLOB_NEST_NOW, 100);
	io = (struct enclave_regs){.rdi = BLOB_TRAP};
	cr_assert_eq(enclave_enter(t, &io), -EFAULT);
	cr_assert_not_null(strstr(enclave_thread_error(t), "vector 6"), "%s",
			   enclave_thread_error(t));
}

struct kicker {
	struct enclave_thread *target;
	_Atomic int stop;
	uint64_t sent;
};

static void *kick(void *arg)
{
	struct kicker *k = arg;
	struct timespec gap = {.tv_nsec = 20000};

	while (!k->stop) {
		cr_assert_eq(enclave_interrupt(k->target), 0);
		if (k->sent++ % 3)
			nanosleep(&gap, NULL);
	}
	return NULL;
}

static void under_interrupts(uint64_t command, uint64_t rsi, uint64_t rdx, uint64_t r8)
{
	struct enclave *e = loaded();
	struct kicker k = {.target = entered(e, 0)};
	struct enclave_regs io = {.rdi = command, .rsi = rsi, .rdx = rdx, .r8 = r8};
	pthread_t thread;
	int ret;

	poke(LIBOS_HEAP_START, SECINFO_REG | SECINFO_R | SECINFO_W);
	cr_assert_eq(pthread_create(&thread, NULL, kick, &k), 0);
	ret = enclave_enter(k.target, &io);
	k.stop = 1;
	pthread_join(thread, NULL);
	cr_assert_eq(ret, 0, "%s", enclave_thread_error(k.target));
	cr_assert_eq(io.rdi, BLOB_DONE);
	if (command == BLOB_SPIN)
		cr_assert_geq(io.rsi, rsi);
	else
		cr_assert_eq(io.rsi, 0, "a register changed");
	enclave_thread_exit(k.target);
	enclave_destroy(e);
}

Test(enclave, interrupts_while_spinning)
{
	under_interrupts(BLOB_SPIN, 1000, 0, 0);
}

Test(enclave, registers_survive_interrupts)
{
	under_interrupts(BLOB_STRESS, 5000, 0, 0);
}

Test(enclave, registers_survive_interrupts_and_exceptions)
{
	under_interrupts(BLOB_KEEP, 50000, 0, 0);
}

Test(enclave, leaves_survive_interrupts)
{
	under_interrupts(BLOB_LEAVES, LIBOS_HEAP_START, LIBOS_HEAP_START + PAGE_SIZE, 5000);
}

struct runner {
	struct enclave *e;
	uint32_t vcpu;
	struct kicker kicker;
	struct enclave_regs io;
	int ret;
};

static void *run(void *arg)
{
	struct runner *r = arg;
	pthread_t thread;

	r->kicker.target = entered(r->e, r->vcpu);
	pthread_create(&thread, NULL, kick, &r->kicker);
	r->io = (struct enclave_regs){.rdi = r->vcpu ? BLOB_KEEP : BLOB_STRESS,
				      .rsi = r->vcpu ? 20000 : 2000};
	r->ret = enclave_enter(r->kicker.target, &r->io);
	r->kicker.stop = 1;
	pthread_join(thread, NULL);
	return NULL;
}

Test(enclave, two_vcpus_and_changing_memory)
{
	struct enclave *e = loaded();
	struct runner r[2] = {{.e = e}, {.e = e, .vcpu = 1}};
	const uint64_t len = 512 * PAGE_SIZE;
	pthread_t threads[2];
	int rounds = 0;

	for (int i = 0; i < 2; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, run, &r[i]), 0);
	while (!r[0].kicker.stop || !r[1].kicker.stop) {
		uint64_t addr = USER_HIGH_START + rounds++ % 1000 * len;

		cr_assert_eq(enclave_augment(e, addr, len), rounds > 1000 ? -EEXIST : 0);
		cr_assert_eq(enclave_protect(e, addr, len / 2, rounds % 8), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		cr_assert_eq(r[i].ret, 0, "%s", enclave_thread_error(r[i].kicker.target));
		cr_assert_eq(r[i].io.rdi, BLOB_DONE);
		cr_assert_eq(r[i].io.rsi, 0);
	}
}

Test(enclave, bad_enclu_is_general_protection)
{
	struct enclave_thread *t = entered(loaded(), 0);

	call(t, BLOB_ENCLU, ENCLU_EENTER, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_GP));
	cr_assert_eq(peek(gs(BLOB_RIP)) & 0xffffff, 0xd3ff41, "RIP is at the ENCLU");
	call(t, BLOB_ENCLU, ENCLU_EEXIT, LIBOS_START, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 2, "EEXIT needs a target outside");
	call(t, BLOB_ENCLU, 77, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 3);
	call(t, BLOB_LOST, 0, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 4);
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_GP), "no TCS has this GS base");
	cr_assert_eq(peek(gs(BLOB_RIP)) & 0xffffff, 0xd3ff41);
}

Test(enclave, bad_ssa_is_refused)
{
	struct enclave_thread *t = entered(loaded(), 0);
	struct enclave_regs io = {.rdi = BLOB_XSTATE};

	cr_assert_eq(enclave_enter(t, &io), -EFAULT);
	cr_assert_not_null(strstr(enclave_thread_error(t), "XRSTOR"), "%s",
			   enclave_thread_error(t));
}

Test(enclave, memory_grows_and_shrinks)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);
	uint64_t secinfo = LIBOS_HEAP_START, addr = USER_HIGH_START, pages = 100;
	struct enclave_regs io;

	cr_assert_eq(enclave_augment(e, addr, pages * PAGE_SIZE), 0);
	cr_assert_eq(enclave_augment(e, addr, PAGE_SIZE), -EEXIST);
	poke(secinfo, SECINFO_REG | SECINFO_R | SECINFO_W | SECINFO_PENDING);
	cr_assert_eq(call(t, BLOB_ACCEPT, secinfo, addr, pages, 0).rsi, 0);
	io = call(t, BLOB_ENCLU, ENCLU_EACCEPT, secinfo, addr, 0);
	cr_assert_eq(io.rsi, SGX_PAGE_ATTRIBUTES_MISMATCH);
	cr_assert_eq(io.rdx, 1, "ZF");
	call(t, BLOB_WRITE, addr, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 0);

	/* X comes from the inside by EMODPE, and from the host by the page tables. */
	poke(secinfo, SECINFO_REG | SECINFO_R | SECINFO_X);
	call(t, BLOB_ENCLU, ENCLU_EMODPE, secinfo, addr, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 0);
	cr_assert_eq(enclave_protect(e, addr, PAGE_SIZE, SECINFO_R | SECINFO_X), 0);

	cr_assert_eq(enclave_remove(e, addr, PAGE_SIZE), -EPERM, "not TRIM yet");
	cr_assert_eq(enclave_modify_type(e, addr, pages * PAGE_SIZE, SGX_PT_TRIM), 0);
	cr_assert_eq(enclave_remove(e, addr, PAGE_SIZE), -EPERM, "not accepted yet");
	poke(secinfo, SECINFO_TRIM | SECINFO_MODIFIED);
	cr_assert_eq(call(t, BLOB_ACCEPT, secinfo, addr, pages, 0).rsi, 0);
	cr_assert_eq(enclave_remove(e, addr, pages * PAGE_SIZE), 0);
	call(t, BLOB_READ, addr, 0, 0, 0);
	cr_assert_eq(gs(BLOB_ERRCD), 0x4, "gone");
	cr_assert_eq(enclave_augment(e, addr, PAGE_SIZE), 0, "and may come again");
	cr_assert_eq(enclave_augment(e, 0, PAGE_SIZE), -EINVAL, "the first 64 KiB are never given");
	enclave_thread_exit(t);
	enclave_destroy(e);
}

Test(enclave, widened_page_works_without_a_system_call)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);
	uint64_t secinfo = LIBOS_HEAP_START, page = LIBOS_HEAP_START + 4 * PAGE_SIZE;

	cr_assert_eq(enclave_restrict(e, page, PAGE_SIZE, SECINFO_R), 0);
	call(t, BLOB_WRITE, page, 0, 0, 0);
	cr_assert_eq(gs(BLOB_ERRCD), 0x7 | PFEC_SGX);
	poke(secinfo, SECINFO_REG | SECINFO_R | SECINFO_W);
	call(t, BLOB_ENCLU, ENCLU_EMODPE, secinfo, page, 0);
	call(t, BLOB_WRITE, page, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 1);
}

Test(enclave, reports_and_keys)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);
	uint64_t base = LIBOS_HEAP_START, report = base + 1024, request = base + 2048,
		 key = base + 3072;
	uint64_t sealed[2];

	cr_assert_eq(call(t, BLOB_ENCLU, ENCLU_EREPORT, base, base + 512, report).rdx, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), 0);
	cr_assert_eq(peek(report + offsetof(struct sgx_report, isvprodid)) & 0xffffffff, 0x30007);
	poke(request, SGX_KEY_SEAL | SGX_KEYPOLICY_MRSIGNER << 16);
	cr_assert_eq(call(t, BLOB_ENCLU, ENCLU_EGETKEY, request, key, 0).rsi, 0);
	sealed[0] = peek(key);
	sealed[1] = peek(key + 8);
	cr_assert(sealed[0] | sealed[1]);
	poke(request, 9);
	cr_assert_eq(call(t, BLOB_ENCLU, ENCLU_EGETKEY, request, key, 0).rsi, SGX_INVALID_KEYNAME);
	poke(request, SGX_KEY_SEAL | SGX_KEYPOLICY_MRSIGNER << 16);
	cr_assert_eq(call(t, BLOB_ENCLU, ENCLU_EGETKEY, request, key + 16, 0).rsi, 0);
	cr_assert_eq(peek(key + 16), sealed[0]);
	enclave_thread_exit(t);
	enclave_destroy(e);
}

Test(enclave, measured_like_loaded)
{
	uint8_t measured[SGX_HASH_SIZE], mrenclave[SGX_HASH_SIZE], mrsigner[SGX_HASH_SIZE];
	uint8_t key_signer[SGX_HASH_SIZE];
	char err[ENCLAVE_ERR_SIZE];
	struct enclave_params other = params;
	EVP_PKEY *key;

	cr_assert_eq(enclave_measure(elf_path, &params, measured, err), 0, "%s", err);
	enclave_identity(loaded(), mrenclave, mrsigner);
	cr_assert_arr_eq(measured, mrenclave, SGX_HASH_SIZE);
	cr_assert_eq(key_local(&key, err), 0);
	cr_assert_eq(key_mrsigner(key, key_signer), 0);
	cr_assert_arr_eq(key_signer, mrsigner, SGX_HASH_SIZE);
	EVP_PKEY_free(key);
	other.config = "Config";
	cr_assert_eq(enclave_measure(elf_path, &other, measured, err), 0);
	cr_assert(memcmp(measured, mrenclave, SGX_HASH_SIZE), "the configuration is measured");
}

Test(enclave, boot_info_and_layout)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 1);

	cr_assert_eq(peek(LIBOS_BOOT_START), BOOT_MAGIC);
	cr_assert_eq(peek(LIBOS_BOOT_START + offsetof(struct boot_info, image_end)),
		     LIBOS_START + 0x13000);
	cr_assert_eq(peek(LIBOS_BOOT_START + offsetof(struct boot_info, heap_end)),
		     LIBOS_HEAP_START + HEAP_BYTES);
	cr_assert_eq(memcmp((char[]){"config"}, &(uint64_t){peek(LIBOS_BOOT_START + 128)}, 7), 0);
	cr_assert_eq(call(t, BLOB_ADD, 1, 2, 0, 0).rsi, 3, "the second vCPU");
	cr_assert_eq(peek(GS_OF(0)), 0, "the first was never entered");
}

static int host_exit_code(int sig)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		fclose(stderr);
		entered(loaded(), 0);
		if (sig == SIGSEGV)
			poke(8, 0);
		raise(sig);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

Test(enclave, host_crashes_stay_crashes)
{
#ifndef __SANITIZE_ADDRESS__
	cr_assert_eq(host_exit_code(SIGSEGV), SIGSEGV);
	cr_assert_eq(host_exit_code(SIGBUS), SIGBUS);
#endif
	cr_assert_eq(host_exit_code(enclave_interrupt_signal()), 0,
		     "an interrupt in host code is noted");
}

static void expect_refused(const struct image *i, const char *text)
{
	char err[ENCLAVE_ERR_SIZE] = "";
	uint8_t mrenclave[SGX_HASH_SIZE];

	image_write(i);
	cr_assert_eq(enclave_measure(elf_path, &params, mrenclave, err), -ENOEXEC, "%s", text);
	cr_assert_not_null(strstr(err, text), "'%s' does not say '%s'", err, text);
}

Test(enclave, wrong_images_are_explained)
{
	struct image i;

	i = image_plain(), i.h.e_ident[0] = 0;
	expect_refused(&i, "not an ELF");
	i = image_plain(), i.h.e_machine = EM_386;
	expect_refused(&i, "x86-64");
	i = image_plain(), i.h.e_type = ET_DYN;
	expect_refused(&i, "ET_EXEC");
	i = image_plain(), i.h.e_phoff = 1UL << 40;
	expect_refused(&i, "program headers");
	i = image_plain(), i.p[0].p_vaddr += 8;
	expect_refused(&i, "page aligned");
	i = image_plain(), i.p[1].p_vaddr = 0x400000;
	expect_refused(&i, "outside the LibOS image");
	i = image_plain(), i.p[1].p_memsz = LIBOS_IMAGE_MAX;
	expect_refused(&i, "outside the LibOS image");
	i = image_plain(), i.p[1].p_vaddr = LIBOS_START;
	expect_refused(&i, "overlaps");
	i = image_plain(), i.p[1].p_offset = ~0UL;
	expect_refused(&i, "beyond the file");
	i = image_plain(), i.p[0].p_flags = PF_R | PF_W | PF_X;
	expect_refused(&i, "writable and executable");
	i = image_plain(), i.p[1].p_type = PT_DYNAMIC;
	expect_refused(&i, "statically");
	i = image_plain(), i.p[1].p_type = PT_TLS;
	expect_refused(&i, "thread-local");
	i = image_plain(), i.h.e_entry += 0x10000;
	expect_refused(&i, "entry point");
	i = image_plain(), i.p[0].p_type = i.p[1].p_type = PT_NOTE;
	expect_refused(&i, "no segment");
}

Test(enclave, wrong_parameters_are_explained)
{
	struct enclave_params p = params;
	uint8_t mrenclave[SGX_HASH_SIZE];
	char err[ENCLAVE_ERR_SIZE];

	p.vcpus = 0;
	cr_assert_eq(enclave_measure(elf_path, &p, mrenclave, err), -EINVAL);
	p.vcpus = VCPU_MAX + 1;
	cr_assert_eq(enclave_measure(elf_path, &p, mrenclave, err), -EINVAL);
	p = params, p.heap_init_bytes = 1UL << 40;
	cr_assert_eq(enclave_measure(elf_path, &p, mrenclave, err), -EINVAL);
	p = params, p.config_size = LIBOS_BOOT_MAX;
	cr_assert_eq(enclave_measure(elf_path, &p, mrenclave, err), -EINVAL);
	cr_assert_eq(enclave_measure("/nonexistent", &params, mrenclave, err), -ENOENT);
}

Test(enclave, own_signature_is_demanded)
{
	struct sigstruct_params sp = {.attributes = enclave_attributes(&params),
				      .attributemask = {~0UL, ~0UL}};
	uint8_t mrenclave[SGX_HASH_SIZE];
	char err[ENCLAVE_ERR_SIZE];
	struct sgx_sigstruct sig;
	struct enclave *e;
	EVP_PKEY *key;

	cr_assert_eq(enclave_measure(elf_path, &params, mrenclave, err), 0);
	cr_assert_eq(key_local(&key, err), 0, "%s", err);
	cr_assert_eq(sigstruct_sign(&sp, mrenclave, key, &sig), 0);
	sig.enclavehash[0] ^= 1;
	cr_assert_eq(enclave_load(elf_path, &params, &sig, &e, err), -EPERM);
	cr_assert_not_null(strstr(err, "signature"), "%s", err);
	sig.enclavehash[0] ^= 1;
	cr_assert_eq(enclave_load(elf_path, &params, &sig, &e, err), 0, "%s", err);
	enclave_destroy(e);
	EVP_PKEY_free(key);
}
