/* setup.c: what libcrypto's assembly expects around it. Only its block functions are linked, no C code of it:
 * that is built with stack protectors, which read the thread pointer, and FS is the program's here. */
#include "crypto/setup.h"
#include "base/types.h"

extern uint32_t OPENSSL_ia32cap_P[4];
uint64_t OPENSSL_ia32_cpuid(uint32_t *caps);
void OPENSSL_cpuid_setup(void);

/* Referenced by libcrypto's .init section, which never runs here. */
void OPENSSL_cpuid_setup(void)
{
}

void crypto_init(void)
{
	uint64_t caps = OPENSSL_ia32_cpuid(OPENSSL_ia32cap_P);

	OPENSSL_ia32cap_P[0] = (uint32_t)caps | (1u << 10);
	OPENSSL_ia32cap_P[1] = (uint32_t)(caps >> 32);
}
