/* plain_fault.c: the registers at a page fault, as they are before the instruction.
 *
 * valgrind gives a handler what its translation has done so far, and that counts some registers before it accesses memory: the
 * pushing instructions have moved RSP, a repeated string instruction has counted RCX. Programs of its own do not notice, as
 * their instruction is not executed again. Runs with the FS base of the enclave: no libc. */
#ifdef __SANITIZE_ADDRESS__
#error "compile this file with -fno-sanitize=all"
#endif

#include <ucontext.h>

#include "plain.h"

#define PFEC_WRITE 0x2
#define PREFIX_MAX 14

static bool legacy_prefix(uint8_t b)
{
	return b == 0x66 || b == 0x67 || b == 0xf2 || b == 0xf3 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26 ||
	       b == 0x64 || b == 0x65;
}

static bool string_instruction(uint8_t opcode)
{
	return (opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf);
}

/* push, pushf, call */
static bool pushes(const uint8_t *code)
{
	uint8_t reg = code[1] >> 3 & 7; /* of a ModRM byte */

	return (code[0] >= 0x50 && code[0] <= 0x57) || code[0] == 0x68 || code[0] == 0x6a || code[0] == 0x9c ||
	       code[0] == 0xe8 || (code[0] == 0xff && (reg == 2 || reg == 6));
}

void plain_fault_undo(long long *g)
{
	const uint8_t *code = (const uint8_t *)g[REG_RIP];
	uint64_t addr = (uint64_t)g[REG_CR2], rsp = (uint64_t)g[REG_RSP];
	bool repeated = false;
	int i = 0;

	for (; i < PREFIX_MAX && legacy_prefix(code[i]); i++)
		repeated |= code[i] == 0xf2 || code[i] == 0xf3;
	if ((code[i] & 0xf0) == 0x40) /* REX */
		i++;
	if (repeated && string_instruction(code[i]))
		g[REG_RCX]++;
	else if (pushes(code + i) && g[REG_ERR] & PFEC_WRITE && addr - rsp < sizeof(uint64_t))
		g[REG_RSP] += sizeof(uint64_t);
}
