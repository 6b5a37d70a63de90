/* test_enclave_linux.c: what of the front on hardware can be asked without any: its mappings on another file, and
 * entering, exiting and interrupts with a function in the vDSO's place that ends in ENCLU. That is an undefined
 * opcode here, or SGX is off (#GP): its signal finds the thread as an interrupt finds it at the AEP. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../enclave/front_linux.h"
#include "test_enclave_fixture.h"

#define LEN (16 * PAGE_SIZE)

/* Takes note of its arguments, spoils what an enclave may spoil, stands at an ENCLU with RAX = ERESUME; behind
 * it, as after EEXIT, notes the registers. */
int fake_vdso(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function, unsigned long r8,
	      unsigned long r9, struct sgx_enclave_run *run);
uint64_t fake_in[7], fake_out[5];
const uint32_t fake_mxcsr = 0x7f80;
const uint16_t fake_fcw = 0x0c7f;

asm(".text\n"
    "fake_vdso:\n"
    "	pushq %rbp; movq %rsp, %rbp; pushq %rbx; pushq %rbx\n"
    "	leaq fake_in(%rip), %rbx\n"
    "	movq %rdi, (%rbx); movq %rsi, 8(%rbx); movq %rdx, 16(%rbx); movl %ecx, 24(%rbx)\n"
    "	movq %r8, 32(%rbx); movq %r9, 40(%rbx); movq 16(%rbp), %rax; movq %rax, 48(%rbx)\n"
    "	xorl %r12d, %r12d; xorl %r13d, %r13d; xorl %r14d, %r14d; xorl %r15d, %r15d; std\n"
    "	ldmxcsr fake_mxcsr(%rip); fldcw fake_fcw(%rip)\n"
    "	movl $3, %eax\n"
    "	.byte 0x0f, 0x01, 0xd7\n"
    "	cld\n"
    "	leaq fake_out(%rip), %rbx\n"
    "	movq %rdi, (%rbx); movq %rsi, 8(%rbx); movq %rdx, 16(%rbx); movq %r8, 24(%rbx); movq %r9, 32(%rbx)\n"
    "	movq 16(%rbp), %rbx; movl $4, 8(%rbx); std\n"
    "	xorl %eax, %eax; popq %rbx; popq %rbx; popq %rbp; ret\n");

static struct linux_file file = {.base.front = &front_linux};
static int told;

static bool interrupted(void *arg, struct front_regs *out)
{
	cr_assert_eq(arg, &told);
	told++;
	*out = (struct front_regs){101, 102, 103, 104, 105};
	return true;
}

Test(hardware, enters_and_leaves_by_an_interrupt_at_the_aep)
{
	const uint64_t in[7] = {1, 2, 3, ENCLU_EENTER, 5, 6, 0}, out[5] = {101, 102, 103, 104, 105};
	struct sgx_enclave_run run = {.tcs = 0x1000};
	struct front_thread *t;
	struct sigaction sa;
	register long keep asm("r13") = 77;
	double third = 1.0;

	cr_assert_eq(front_linux.thread_init(&file.base, interrupted, &told, &t), 0);
	cr_assert_eq(sigaction(enclave_interrupt_signal(), NULL, &sa), 0);
	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	linux_vdso = fake_vdso;
	asm volatile("" : "+r"(keep), "+x"(third));
	cr_assert_eq(front_linux.enter(1, 2, 3, ENCLU_EENTER, 5, 6, &run), 0);
	asm volatile("" : "+r"(keep), "+x"(third));
	cr_assert_eq(keep, 77, "what C keeps in registers");
	cr_assert_eq(third / 3, 1.0 / 3, "the rounding mode");
	cr_assert_eq((double)(1.0L / 3), 1.0 / 3);
	cr_assert_eq(told, 1);
	cr_assert_arr_eq(fake_in, in, 6 * 8);
	cr_assert_eq(fake_in[6], (uint64_t)&run);
	cr_assert_arr_eq(fake_out, out, sizeof(out));
	cr_assert_eq(run.function, ENCLU_EEXIT);
	cr_assert_eq(front_linux.interrupt(t), 0);
	cr_assert_eq(told, 1, "one that hits host code is dropped");
	front_linux.thread_exit(t);
}

Test(hardware, maps_what_the_loader_says)
{
	void *room = mmap(NULL, LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t at = (uint64_t)room;

	munmap(room, LEN);
	file.fd = memfd_create("enclave", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(file.fd, LEN), 0);
	cr_assert_eq(front_linux.reserve(&file.base, at, LEN), 0, "%s", file.base.why);
	cr_assert_eq(front_linux.reserve(&file.base, at, LEN), -EEXIST, "somebody lives there");
	cr_assert_not_null(strstr(file.base.why, "ELRANGE"));
	cr_assert_eq(front_linux.mmap(&file.base, at, PAGE_SIZE, SECINFO_R | SECINFO_W), 0);
	cr_assert_eq(front_linux.mprotect(&file.base, at, PAGE_SIZE, SECINFO_R), 0);
	cr_assert_eq(front_linux.munmap(&file.base, at, PAGE_SIZE), 0);
	cr_assert_eq(front_linux.reserve(&file.base, at, PAGE_SIZE), -EEXIST, "reserved again");
	cr_assert_eq(front_linux.ioctl(&file.base, SGX_IOC_ENCLAVE_CREATE, NULL), -ENOTTY, "no enclave file");
	close(file.fd);
	cr_assert_eq(front_linux.ioctl(&file.base, SGX_IOC_ENCLAVE_CREATE, NULL), -EBADF);
}

Test(hardware, absence_is_explained)
{
	char err[ENCLAVE_ERR_SIZE] = "";
	struct sgx_file *f;

	if (!access("/dev/sgx_enclave", F_OK))
		cr_skip_test("there is a device");
	cr_assert_lt(front_linux.open(&f, err), 0);
	cr_assert(strstr(err, "sgx_enter_enclave") || strstr(err, "/dev/sgx_enclave"), "%s", err);
	cr_assert_lt(front_linux.provision(), 0);
}
