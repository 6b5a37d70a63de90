/* cpuinfo.c: /proc/cpuinfo: what CPUID says, once per vCPU. Asked once: in an enclave on hardware each
 * CPUID is a trap. */
#include "base/string.h"
#include "fs/procfs/procfs.h"
#include "time/calibrate.h"

/* From the calibration: ns = tsc * mult / 2^32. 0: the TSC is not used. */
static uint64_t tsc_hz(void)
{
	return clock_params.mult ? (NSEC_PER_SEC << 32) / clock_params.mult : 0;
}

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf cpuid(uint32_t leaf, uint32_t sub)
{
	struct leaf r;

	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(sub));
	return r;
}

/* Names by bit, low bit first, separated by spaces; "-": not shown. */
static const char *const names_1_edx =
	"fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse "
	"sse2 ss ht tm ia64 pbe";
static const char *const names_1_ecx =
	"pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 "
	"sse4_2 "
	"x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor";
static const char *const names_ext_edx =
	"- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow";
static const char *const names_ext_ecx =
	"lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp "
	"fma4 tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - bpext ptsc perfctr_llc mwaitx - -";
static const char *const names_7_ebx =
	"fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed "
	"adx "
	"smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl";
static const char *const names_7_ecx =
	"- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg tme "
	"avx512_vpopcntdq - la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b enqcmd sgx_lc -";
static const char *const names_7_edx =
	"- - avx512_4vnniw avx512_4fmaps fsrm - - - avx512_vp2intersect - md_clear - - - serialize - tsxldtrk - "
	"pconfig "
	"arch_lbr ibt - amx_bf16 avx512_fp16 amx_tile amx_int8 - - flush_l1d arch_capabilities - -";
static const char *const names_d1_eax = "xsaveopt xsavec xgetbv1 xsaves";

static void text_flags(struct text *out, uint32_t bits, const char *names)
{
	for (; bits && *names; bits >>= 1) {
		const char *end = strchr(names, ' ');
		size_t len = end ? (size_t)(end - names) : strlen(names);

		if (bits & 1 && *names != '-') {
			text_add(out, " ", 1);
			text_add(out, names, len);
		}
		names += len + (end != NULL);
	}
}

static void all_flags(struct text *out, uint32_t max, uint32_t max_ext)
{
	struct leaf l = cpuid(1, 0);

	text_flags(out, l.edx, names_1_edx);
	if (max_ext >= 0x80000001)
		text_flags(out, cpuid(0x80000001, 0).edx, names_ext_edx);
	if (max_ext >= 0x80000007 && cpuid(0x80000007, 0).edx & 0x100)
		text_printf(out, " constant_tsc nonstop_tsc");
	text_printf(out, " rep_good nopl cpuid");
	text_flags(out, l.ecx, names_1_ecx);
	if (max_ext >= 0x80000001)
		text_flags(out, cpuid(0x80000001, 0).ecx, names_ext_ecx);
	if (max < 7)
		return;
	l = cpuid(7, 0);
	text_flags(out, l.ebx, names_7_ebx);
	if (max >= 0xd)
		text_flags(out, cpuid(0xd, 1).eax, names_d1_eax);
	text_flags(out, l.ecx, names_7_ecx);
	text_flags(out, l.edx, names_7_edx);
}

static void identity(struct text *out, struct leaf vendor, struct leaf l1, uint32_t max_ext)
{
	uint32_t family = l1.eax >> 8 & 15, model = l1.eax >> 4 & 15;
	char name[13] = { 0 }, brand[49] = { 0 };

	memcpy(name, (uint32_t[]){ vendor.ebx, vendor.edx, vendor.ecx }, 12);
	if (family == 6 || family == 15)
		model |= l1.eax >> 12 & 0xf0;
	if (family == 15)
		family += l1.eax >> 20 & 0xff;
	for (uint32_t i = 0; max_ext >= 0x80000004 && i < 3; i++) {
		struct leaf b = cpuid(0x80000002 + i, 0);

		memcpy(brand + 16 * i, &b, 16);
	}
	text_printf(out, "vendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", name, family, model);
	text_printf(out, "model name\t: %s\nstepping\t: %u\n", brand + (brand[0] == ' '), l1.eax & 15);
}

/* Kilobytes of the largest cache. */
static uint32_t cache_size(uint32_t max, uint32_t max_ext)
{
	uint32_t best = 0;

	for (uint32_t i = 0; max >= 4 && i < 8; i++) {
		struct leaf c = cpuid(4, i);
		uint32_t bytes =
			((c.ebx >> 22) + 1) * ((c.ebx >> 12 & 0x3ff) + 1) * ((c.ebx & 0xfff) + 1) * (c.ecx + 1);

		if (!(c.eax & 31))
			break;
		best = MAX(best, bytes / 1024);
	}
	return best || max_ext < 0x80000006 ? best : cpuid(0x80000006, 0).ecx >> 16;
}

/* What is the same for every CPU: before and behind the lines that count. */
static struct text head, tail;

static void sizes(struct text *out, uint32_t max_ext)
{
	struct leaf l = { .eax = 36 | 48 << 8 };

	if (max_ext >= 0x80000008)
		l = cpuid(0x80000008, 0);
	text_printf(out, "bugs\t\t:\nbogomips\t: %lu.%02lu\nclflush size\t: %u\ncache_alignment\t: 64\n",
		    tsc_hz() / 500000, tsc_hz() / 5000 % 100, (cpuid(1, 0).ebx >> 8 & 0xff) * 8);
	text_printf(out, "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n", l.eax & 0xff,
		    l.eax >> 8 & 0xff);
}

static void collect(void)
{
	struct leaf l0 = cpuid(0, 0);
	uint32_t max_ext = cpuid(0x80000000, 0).eax, cache = cache_size(l0.eax, max_ext);

	identity(&head, l0, cpuid(1, 0), max_ext);
	text_printf(&head, "cpu MHz\t\t: %lu.%03lu\n", tsc_hz() / 1000000, tsc_hz() / 1000 % 1000);
	if (cache)
		text_printf(&head, "cache size\t: %u KB\n", cache);
	text_printf(&tail, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\nflags\t\t:", l0.eax);
	all_flags(&tail, l0.eax, max_ext);
	text_add(&tail, "\n", 1);
	sizes(&tail, max_ext);
}

int show_cpuinfo(struct text *out, const struct proc_at *at)
{
	unsigned count = vcpu_count();

	(void)at;
	if (!head.len)
		collect();
	for (unsigned i = 0; i < count; i++) {
		text_printf(out, "processor\t: %u\n", i);
		text_add(out, head.buf, head.len);
		text_printf(out, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n", count, i,
			    count);
		text_printf(out, "apicid\t\t: %u\ninitial apicid\t: %u\n", i, i);
		text_add(out, tail.buf, tail.len);
	}
	return 0;
}
