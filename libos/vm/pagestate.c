/* pagestate.c: the table of state bytes, one for each page of the user ranges, and ways to look through it fast.
 *
 * Per 16 MiB there is one leaf, a page of state bytes, made when something in it is committed, freed
 * when no page exists there. Giant lock; nothing here sleeps. */
#include "vm/pages.h"
#include "base/heap.h"
#include "linux/errno.h"

#define LEAF_SHIFT 24
#define LEAF_SPAN  (1UL << LEAF_SHIFT)
#define LEAF_PAGES (LEAF_SPAN >> PAGE_SHIFT) /* and bytes */
#define DIR_SHIFT  30
#define DIR_LEAVES (1UL << (DIR_SHIFT - LEAF_SHIFT))

struct page_dir {
	uint8_t *leaf[DIR_LEAVES];
	uint16_t existing[DIR_LEAVES]; /* pages; LEAF_PAGES fits */
};

static struct page_dir *dirs[ELRANGE_END >> DIR_SHIFT];
uint64_t pages_changes = 1;

_Static_assert(LEAF_PAGES == PAGE_SIZE, "a leaf is one page of state bytes");

static uint8_t *leaf_of(uaddr_t addr)
{
	struct page_dir *dir = addr < ELRANGE_END ? dirs[addr >> DIR_SHIFT] : NULL;

	return dir ? dir->leaf[(addr >> LEAF_SHIFT) % DIR_LEAVES] : NULL;
}

static size_t leaf_index(uaddr_t addr)
{
	return (addr >> PAGE_SHIFT) % LEAF_PAGES;
}

static uaddr_t leaf_end(uaddr_t addr, uaddr_t end)
{
	return MIN(ALIGN_DOWN(addr, LEAF_SPAN) + LEAF_SPAN, end);
}

int page_states_make(uaddr_t start, uaddr_t end)
{
	for (uaddr_t a = ALIGN_DOWN(start, LEAF_SPAN); a < end; a += LEAF_SPAN) {
		struct page_dir **dir = &dirs[a >> DIR_SHIFT];
		if (!*dir && !(*dir = kzalloc(sizeof(**dir))))
			return -ENOMEM;
		uint8_t **leaf = &(*dir)->leaf[(a >> LEAF_SHIFT) % DIR_LEAVES];
		if (!*leaf && !(*leaf = page_alloc_zero(1)))
			return -ENOMEM;
	}
	return 0;
}

void page_states_account(uaddr_t start, uaddr_t end, int sign)
{
	for (uaddr_t stop; start < end; start = stop) {
		struct page_dir *dir = dirs[start >> DIR_SHIFT];
		size_t i = (start >> LEAF_SHIFT) % DIR_LEAVES;

		stop = leaf_end(start, end);
		dir->existing[i] = (uint16_t)(dir->existing[i] + sign * (long)((stop - start) >> PAGE_SHIFT));
		if (dir->existing[i])
			continue;
		page_free(dir->leaf[i], 1);
		dir->leaf[i] = NULL;
	}
}

uint8_t page_state(uaddr_t addr)
{
	const uint8_t *leaf = leaf_of(addr);

	return leaf ? leaf[leaf_index(addr)] : 0;
}

bool page_is_zero(uaddr_t addr)
{
	const uint64_t *p = (const uint64_t *)addr;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*p); i += 4) {
		if (p[i] | p[i + 1] | p[i + 2] | p[i + 3])
			return false;
	}
	return true;
}

/* 0x80 for each byte of x whose bits of mask are value. */
static uint64_t bytes_matching(uint64_t x, uint8_t mask, uint8_t value)
{
	const uint64_t ones = 0x0101010101010101UL, low = 0x7f * ones;

	x = (x & (mask * ones)) ^ (value * ones);	/* zero bytes match */
	return ~(((x & low) + low) | x | low);
}

/* How many bytes from s on, of n, are 32 at a time like those of word. */
static size_t same_run(const uint8_t *s, size_t n, uint64_t word)
{
	uint64_t four[4];
	size_t i = 0;

	for (; i + 32 <= n; i += 32) {
		__builtin_memcpy(four, s + i, 32);
		if ((four[0] ^ word) | (four[1] ^ word) | (four[2] ^ word) | (four[3] ^ word))
			break;
	}
	return i;
}

/* In leaf[i, end): first index whose match with (mask, value) is `want`. */
static size_t leaf_scan(const uint8_t *leaf, size_t i, size_t end, uint8_t mask, uint8_t value, bool want)
{
	const uint64_t flip = want ? 0 : 0x8080808080808080UL;

	for (uint64_t word; i + 8 <= end; i += 8 + same_run(leaf + i + 8, end - i - 8, word)) {
		__builtin_memcpy(&word, leaf + i, 8);
		uint64_t hits = bytes_matching(word, mask, value) ^ flip;
		if (hits)
			return i + (size_t)__builtin_ctzl(hits) / 8;
	}
	for (; i < end; i++) {
		if (((leaf[i] & mask) == value) == want)
			return i;
	}
	return end;
}

static uaddr_t pages_scan(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value, bool want)
{
	while (start < end) {
		uaddr_t stop = leaf_end(start, end);
		const uint8_t *leaf = leaf_of(start);
		if (!leaf && (value == 0) == want)
			return start;
		if (leaf) {
			size_t n = (stop - start) >> PAGE_SHIFT, i = leaf_index(start);
			size_t hit = leaf_scan(leaf, i, i + n, mask, value, want);
			if (hit < i + n)
				return start + ((hit - i) << PAGE_SHIFT);
		}
		start = stop;
	}
	return end;
}

uaddr_t pages_find(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value)
{
	return pages_scan(start, end, mask, value, true);
}

uaddr_t pages_run_end(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value)
{
	return pages_scan(start, end, mask, value, false);
}

/* How many bytes of s[0, n) match; eight at a time. */
static size_t leaf_count(const uint8_t *s, size_t n, uint8_t mask, uint8_t value)
{
	const uint64_t ones = 0x0101010101010101UL;
	size_t count = 0;

	for (; n >= 8; n -= 8, s += 8) {
		uint64_t x;
		__builtin_memcpy(&x, s, 8);
		if (!x && value) /* never committed: stacks are mostly that */
			continue;
		x = bytes_matching(x, mask, value);
		count += (x >> 7) * ones >> 56;
	}
	for (; n; n--, s++)
		count += (*s & mask) == value;
	return count;
}

size_t pages_count(uaddr_t start, uaddr_t end, uint8_t mask, uint8_t value)
{
	size_t n = 0;

	for (uaddr_t stop; start < end; start = stop) {
		stop = leaf_end(start, end);
		const uint8_t *leaf = leaf_of(start);
		size_t pages = (stop - start) >> PAGE_SHIFT;
		if (leaf)
			n += leaf_count(leaf + leaf_index(start), pages, mask, value);
		else if (!value)
			n += pages;
	}
	return n;
}

size_t page_states_change(uaddr_t start, uaddr_t end, uint8_t clear, uint8_t set)
{
	size_t changed = 0;

	for (uaddr_t stop; start < end; start = stop) {
		stop = leaf_end(start, end);
		uint8_t *s = leaf_of(start) + leaf_index(start);
		for (size_t n = (stop - start) >> PAGE_SHIFT; n; n--, s++) {
			uint8_t to = (uint8_t)((*s & ~clear) | set);
			changed += to != *s;
			*s = to;
		}
	}
	pages_changes += changed != 0;
	return changed;
}

/* How many of the n states from s on are certainly 0 (never committed), looked at by words: stacks are mostly that. */
static size_t skip_empty(const uint8_t *s, size_t n)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= n; i += sizeof(word)) {
		__builtin_memcpy(&word, s + i, sizeof(word));
		if (word)
			break;
	}
	return i;
}

/* Committed pages: PG_VALID becomes `set`; how many were changed. */
static size_t valid_change(uaddr_t start, uaddr_t end, uint8_t set)
{
	size_t changed = 0;

	for (uaddr_t stop; start < end; start = stop) {
		stop = leaf_end(start, end);
		uint8_t *s = leaf_of(start);
		if (!s)
			continue;
		s += leaf_index(start);
		for (size_t n = (stop - start) >> PAGE_SHIFT; n; n--, s++) {
			size_t skip = skip_empty(s, n);

			s += skip;
			n -= skip;
			if (!n)
				break;
			if (!(*s & PG_COMMITTED) || (*s & PG_VALID) == set)
				continue;
			*s ^= PG_VALID;
			changed++;
		}
	}
	pages_changes += changed != 0;
	return changed;
}

size_t pages_set_valid(uaddr_t start, uaddr_t end)
{
	return valid_change(start, end, PG_VALID);
}

size_t pages_clear_valid(uaddr_t start, uaddr_t end)
{
	return valid_change(start, end, 0);
}
