/* ecall.h: registers across the enclave border.
 *
 * EENTER: rdi = an ECALL_* number, rsi, rdx, r8, r9 its arguments. EEXIT: rdi = an EXIT_* number,
 * rsi, rdx, r8, r9 its arguments. Nothing else is read by either side; every other register leaves
 * the enclave cleared. */
#pragma once

enum ecall {
	ECALL_VCPU = 1,      /* first entry of a vCPU; rsi = vCPU index. Does not return: the vCPU stays */
	ECALL_RETURN = 2,    /* an ocall has been served; rsi = its result. CSSA must be 0 */
	ECALL_EXCEPTION = 3, /* after an AEX whose EXITINFO may be valid; CSSA > 0 */
	ECALL_INTERRUPT = 4, /* after an AEX caused by the host (timer, kick); CSSA > 0 */
};

enum enclave_exit {
	EXIT_OCALL = 1,  /* rsi = OCALL_* number, rdx = host address of its argument struct */
	EXIT_RESUME = 2, /* exception or interrupt taken note of: ERESUME now */
	EXIT_FATAL = 3,  /* the LibOS stopped (rsi = code); the enclave must not be entered again */
};
