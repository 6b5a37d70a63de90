/* plain.c: what the plain image needs at start (plain.h): talking to valgrind, and the filter that traps system calls.
 *
 * Requests to valgrind are instructions that do nothing on a processor: four rotations of rdi that add up to 128 bits, and an
 * exchange of rbx with itself; rax points to six words, the request and its arguments. */
#include "plain.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "switch.h"

#define RUNNING_ON_VALGRIND   0x1001
#define MEMCHECK	      0x4d430000 /* "MC": requests of this tool; others pass over them */
#define STACK_REGISTER	      0x1501
#define MAKE_MEM_DEFINED      (MEMCHECK + 2)
#define ADDRESS_ERRORS	      (MEMCHECK + 13)
#define NO_ADDRESS_ERRORS     (MEMCHECK + 14)
#define ARGUMENT(n)	      offsetof(struct seccomp_data, n)
#define HIGH(n)		      (ARGUMENT(n) + 4)

bool sgx_plain;

uint64_t valgrind_ask(uint64_t otherwise, uint64_t request, uint64_t a, uint64_t b)
{
	volatile uint64_t words[6] = {request, a, b};
	uint64_t answer = otherwise;

	__asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
			 : "+d"(answer)
			 : "a"(words)
			 : "memory", "cc");
	return answer;
}

bool under_valgrind(void)
{
	return valgrind_ask(0, RUNNING_ON_VALGRIND, 0, 0);
}

void valgrind_expect_faults(uint64_t addr, uint64_t len)
{
	static int here = -1;

	if (here < 0)
		here = under_valgrind();
	for (uint64_t n, end = addr + len; here && addr < end; addr += n) {
		n = end - addr < PLAIN_PIECE ? end - addr : PLAIN_PIECE;
		valgrind_ask(0, MAKE_MEM_DEFINED, addr, n);
	}
}

void valgrind_end(void)
{
	if (sgx_plain)
		valgrind_ask(0, ADDRESS_ERRORS, PLAIN_START, PLAIN_LIBOS_END - PLAIN_START);
}

void valgrind_start(void)
{
	if (!under_valgrind())
		return;
	valgrind_ask(0, NO_ADDRESS_ERRORS, PLAIN_START, PLAIN_LIBOS_END - PLAIN_START);
	/* of the vCPU; the LibOS tells of the others */
	valgrind_stack(LIBOS_VCPU_START + VCPU_STACK_END - VCPU_STACK_PAGES * PAGE_SIZE, LIBOS_VCPU_START + VCPU_STACK_END);
	valgrind_stack(LIBOS_VCPU_START + VCPU_EXC_STACK_END - VCPU_EXC_STACK_PAGES * PAGE_SIZE,
		       LIBOS_VCPU_START + VCPU_EXC_STACK_END);
}

void valgrind_stack(uint64_t start, uint64_t end)
{
	valgrind_ask(0, STACK_REGISTER, start, end);
}

/* Only the LibOS's own arch_prctl passes. The instruction pointer's upper half tells ELRANGE. */
int plain_trap_syscalls(void)
{
	const uint32_t first = PLAIN_START >> 32, end = (PLAIN_START + PLAIN_SIZE) >> 32;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, HIGH(instruction_pointer)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, end, 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(instruction_pointer)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, LIBOS_IMAGE_MAX, 2, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PLAIN_ARCH_PRCTL, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return -errno;
	return 0;
}

/* Of the probe that runs: how many faults have come, and whether all was as it should be. */
static unsigned int probe_faults;
static bool probe_exact;

bool plain_registers_exact(uint64_t nowhere)
{
	probe_faults = 0;
	probe_exact = true;
	plain_probe(nowhere);
	return probe_exact;
}

bool plain_probe_answer(long long *g)
{
	uint64_t rip = (uint64_t)g[REG_RIP];

	if (rip - (uint64_t)plain_probe >= (uint64_t)(plain_probe_done2 - (const char *)plain_probe))
		return false;
	if (!probe_faults++) {
		probe_exact &= rip == (uint64_t)plain_probe_fault1;
		g[REG_RIP] = (long long)plain_probe_done1;
	} else {
		probe_exact &= rip == (uint64_t)plain_probe_fault2 && g[REG_RAX] == 1;
		g[REG_RIP] = (long long)plain_probe_done2;
	}
	return true;
}
