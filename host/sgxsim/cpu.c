/* cpu.c: processors to choose from, as their CPUID leaf 12H describes them. "sim" is none that was
 * built: all that the model can. The others are dumps of real machines. */
#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "sgxsim.h"

#define ATTRIBUTES_SGX1                                                                            \
	(SGX_ATTR_DEBUG | SGX_ATTR_MODE64 | SGX_ATTR_PROVISIONKEY | SGX_ATTR_EINITTOKENKEY)
#define EUPDATESVN	0x400u
#define CPUID_7_EBX_SGX 0x4u

/* Of the model itself. */
#define SIM                                                                                        \
	{                                                                                          \
		"sim", SIM_CPU_SGX1 | SIM_CPU_SGX2 | SIM_CPU_AEXNOTIFY, SGX_MISC_EXINFO, 40,       \
			ATTRIBUTES_SGX1 | SGX_ATTR_KSS | SGX_ATTR_AEXNOTIFY, SIM_XFRM_MAX          \
	}

static const struct sim_cpu cpus[] = {
	SIM,
	/* the model without SGX2 */
	{"sgx1", SIM_CPU_SGX1, SGX_MISC_EXINFO, 36, ATTRIBUTES_SGX1, SIM_XFRM_MAX},
	/* Skylake-U (406e3) */
	{"skl", SIM_CPU_SGX1, 0, 36, ATTRIBUTES_SGX1, 0x1f},
	/* Xeon E-2276G (Coffee Lake) */
	{"cfl", SIM_CPU_SGX1, 0, 36, ATTRIBUTES_SGX1, 0x1f},
	/* Pentium Silver J5005 (Gemini Lake) */
	{"glk", SIM_CPU_SGX1 | SIM_CPU_SGX2, SGX_MISC_EXINFO, 36, ATTRIBUTES_SGX1, 0x1b},
	/* Xeon Gold 5315Y (Ice Lake) */
	{"icx", SIM_CPU_SGX1 | SIM_CPU_SGX2 | EUPDATESVN, SGX_MISC_EXINFO, 56, ATTRIBUTES_SGX1 | SGX_ATTR_KSS, 0x2e7},
};

struct sim_cpu sim_cpu = SIM;

int sim_cpu_host(void)
{
	uint32_t a, b, c, d;

	__cpuid_count(7, 0, a, b, c, d);
	if (!(b & CPUID_7_EBX_SGX))
		return -ENODEV;
	__cpuid_count(0x12, 0, a, b, c, d);
	sim_cpu = (struct sim_cpu){.name = "host", .leaves = a, .miscselect = b};
	sim_cpu.size_bits = d >> 8 & 0xff;
	__cpuid_count(0x12, 1, a, b, c, d);
	sim_cpu.attributes = ((uint64_t)b << 32 | a) & ~SGX_ATTR_INIT;
	sim_cpu.xfrm = (uint64_t)d << 32 | c;
	return 0;
}

int sim_cpu_select(const char *name)
{
	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		if (strcmp(cpus[i].name, name))
			continue;
		sim_cpu = cpus[i];
		return 0;
	}
	return -EINVAL;
}
