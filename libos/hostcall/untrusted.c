/* untrusted.c: copies across the border.
 *
 * Reads of untrusted memory are done in aligned 8-byte units with the ends masked off: a read of other size
 * could return stale data of another owner on CPUs affected by INTEL-SA-00615/-00657. Large copies
 * are aligned by nature of the buffers (page-aligned slices), so the bulk goes by string moves. */
#include "hostcall/untrusted.h"
#include "abi/layout.h"
#include "base/log.h"
#include "base/string.h"

bool host_range_ok(haddr_t addr, uint64_t len)
{
	haddr_t end;

	if (__builtin_add_overflow(addr, len, &end) || end >= (1UL << 63))
		return false;
	return addr >= ELRANGE_END || (ELRANGE_START && end <= ELRANGE_START);
}

static uint64_t load_unit(haddr_t aligned)
{
	return *(volatile uint64_t *)aligned;
}

static void copy_piece(unsigned char *dst, haddr_t src, size_t n)
{
	uint64_t unit = load_unit(src & ~7UL) >> (8 * (src & 7));

	memcpy(dst, &unit, n);
}

void copy_from_host(void *dst, haddr_t src, size_t n)
{
	unsigned char *d = dst;

	assert(host_range_ok(src, n));
	if (n && (src & 7)) {
		size_t k = MIN(n, 8 - (src & 7));

		copy_piece(d, src, k);
		d += k;
		src += k;
		n -= k;
	}
	memcpy(d, (const void *)src, n & ~7UL);
	if (n & 7)
		copy_piece(d + (n & ~7UL), src + (n & ~7UL), n & 7);
}

void copy_to_host(haddr_t dst, const void *src, size_t n)
{
	assert(host_range_ok(dst, n));
	memcpy((void *)dst, src, n);
	__asm__ volatile("" : : : "memory");
}
