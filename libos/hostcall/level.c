/* level.c: see level.h. */
#include "hostcall/level.h"
#include "hostcall/untrusted.h"
#include "abi/boot.h"
#include "linux/errno.h"

#define SIZE_MIN 4096u
#define SIZE_MAX_BYTES (1u << 20)
#define WORDS_MANY 64u /* of them half are read */

static volatile struct eip_level *levels; /* untrusted */
static unsigned level_count, hint;

void host_level_init(haddr_t at, uint64_t size)
{
	if (!at || at % sizeof(*levels) || size > EIP_LEVELS * sizeof(*levels) || !host_range_ok(at, size))
		return;
	levels = (volatile struct eip_level *)at;
	level_count = (unsigned)(size / sizeof(*levels));
}

static volatile struct eip_level *level_at(int level)
{
	return level >= 0 && (unsigned)level < level_count ? &levels[level] : NULL;
}

int host_level_create(void)
{
	for (unsigned n = 0; n < level_count; n++) {
		unsigned at = (hint + n) % level_count;
		volatile struct eip_level *l = &levels[at];
		uint32_t nobody = 0;

		if (l->users || !__atomic_compare_exchange_n(&l->users, &nobody, 2, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		l->used = l->waiting = l->words = 0;
		l->writers = 1;
		l->size = LEVEL_DEFAULT;
		l->read_at = 0;
		hint = at + 1;
		return (int)at;
	}
	return LEVEL_NONE;
}

void host_level_share(int level, bool writer)
{
	volatile struct eip_level *l = level_at(level);

	if (!l)
		return;
	__atomic_add_fetch(&l->users, 1, __ATOMIC_SEQ_CST);
	if (writer)
		__atomic_add_fetch(&l->writers, 1, __ATOMIC_SEQ_CST);
}

bool host_level_drop(int level, bool writer)
{
	volatile struct eip_level *l = level_at(level);
	bool last;

	if (!l)
		return writer;
	last = writer && !__atomic_sub_fetch(&l->writers, 1, __ATOMIC_SEQ_CST);
	__atomic_sub_fetch(&l->users, 1, __ATOMIC_SEQ_CST);
	return last;
}

static size_t size_of(const volatile struct eip_level *l)
{
	uint32_t size = l->size;

	return MAX(SIZE_MIN, MIN(size, SIZE_MAX_BYTES));
}

static size_t room_of(const volatile struct eip_level *l, uint32_t used)
{
	size_t size = size_of(l);

	return used < size ? size - used : 0;
}

size_t host_level_room(int level)
{
	const volatile struct eip_level *l = level_at(level);

	return l ? room_of(l, l->used) : SIZE_MAX_BYTES;
}

size_t host_level_add(int level, size_t want, bool whole, size_t ahead)
{
	volatile struct eip_level *l = level_at(level);
	uint32_t used;
	size_t n;

	if (!l)
		return want;
	used = l->used;
	do {
		n = MIN(want, room_of(l, used - MIN(used, (uint32_t)ahead)));
		if (!n || (whole && n < want))
			return 0;
	} while (!__atomic_compare_exchange_n(&l->used, &used, used + (uint32_t)n, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return n;
}

void host_level_sub(int level, size_t n)
{
	volatile struct eip_level *l = level_at(level);
	uint32_t used;

	if (!l)
		return;
	used = l->used;
	while (!__atomic_compare_exchange_n(&l->used, &used, used - MIN(used, (uint32_t)n), false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST))
		;
}

void host_level_fetched(int level, size_t n, uint32_t now)
{
	volatile struct eip_level *l = level_at(level);

	if (l)
		l->read_at = now;
	host_level_sub(level, n);
}

bool host_level_busy(int level, uint32_t now, uint32_t us)
{
	const volatile struct eip_level *l = level_at(level);

	return l && now - l->read_at < us;
}

size_t host_level_size(int level)
{
	const volatile struct eip_level *l = level_at(level);

	return l ? size_of(l) : LEVEL_DEFAULT;
}

int host_level_resize(int level, size_t size)
{
	volatile struct eip_level *l = level_at(level);

	if (!l)
		return -EPERM;
	if (l->used > size)
		return -EBUSY;
	l->size = (uint32_t)size;
	return 0;
}

void host_level_wait(int level)
{
	volatile struct eip_level *l = level_at(level);

	if (l)
		__atomic_store_n(&l->waiting, 1, __ATOMIC_SEQ_CST);
}

bool host_level_has_waiter(int level)
{
	const volatile struct eip_level *l = level_at(level);

	return l && l->waiting;
}

bool host_level_waited(int level, size_t least)
{
	volatile struct eip_level *l = level_at(level);

	if (!l || !l->waiting || host_level_room(level) < least)
		return false;
	return __atomic_exchange_n(&l->waiting, 0, __ATOMIC_SEQ_CST);
}

void host_level_word(int level)
{
	volatile struct eip_level *l = level_at(level);

	if (l)
		__atomic_add_fetch(&l->words, 1, __ATOMIC_SEQ_CST);
}

unsigned host_level_words_take(int level)
{
	volatile struct eip_level *l = level_at(level);
	uint32_t words = l ? l->words : 0;

	if (words < WORDS_MANY ||
	    !__atomic_compare_exchange_n(&l->words, &words, words - WORDS_MANY / 2, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return 0;
	return WORDS_MANY / 2;
}
