/* area.c: the map of area.h. */
#include "area.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Index of the first area that ends behind addr. */
static size_t find(const struct area_map *m, uint64_t addr)
{
	size_t low = 0, high = m->count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (m->areas[mid].end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

const struct area *area_at(const struct area_map *m, uint64_t addr)
{
	size_t i = find(m, addr);

	return i < m->count ? &m->areas[i] : NULL;
}

static int room_make(struct area_map *m, size_t more)
{
	size_t size = m->size ? m->size * 2 : 16;
	struct area *larger;

	if (m->count + more <= m->size)
		return 0;
	larger = realloc(m->areas, size * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	m->areas = larger;
	m->size = size;
	return 0;
}

/* Puts n areas in place of those from first to (not including) end. There is room. */
static void splice(struct area_map *m, size_t first, size_t end, const struct area *new, size_t n)
{
	memmove(m->areas + first + n, m->areas + end, (m->count - end) * sizeof(*m->areas));
	if (n)
		memcpy(m->areas + first, new, n * sizeof(*new));
	m->count += n - (end - first);
}

static bool joins(const struct area *a, const struct area *b)
{
	return a->end == b->start && a->value == b->value;
}

/* Cuts what the range overlaps; what is left of the first and last of those stays. */
static int replace(struct area_map *m, const struct area *new)
{
	uint64_t start = new->start, end = new->end;
	size_t first = find(m, start), last = first, n = 0;
	struct area parts[3];

	if (room_make(m, 2))
		return -ENOMEM;
	while (last < m->count && m->areas[last].start < end)
		last++;
	if (first < last && m->areas[first].start < start)
		parts[n++] = (struct area){m->areas[first].start, start, m->areas[first].value};
	if (new->value)
		parts[n++] = *new;
	if (first < last && m->areas[last - 1].end > end)
		parts[n++] = (struct area){end, m->areas[last - 1].end, m->areas[last - 1].value};
	splice(m, first, last, parts, n);
	for (size_t i = first ? first : 1; i < m->count && i <= first + n; i++) {
		if (!joins(&m->areas[i - 1], &m->areas[i]))
			continue;
		m->areas[i - 1].end = m->areas[i].end;
		splice(m, i, i + 1, NULL, 0);
		i--;
		n--;
	}
	return 0;
}

int area_set(struct area_map *m, uint64_t start, uint64_t end, unsigned int value)
{
	return start < end ? replace(m, &(struct area){start, end, value}) : 0;
}

int area_clear(struct area_map *m, uint64_t start, uint64_t end)
{
	const struct area *a = area_at(m, start);

	return a && a->start < end ? replace(m, &(struct area){start, end, 0}) : 0;
}

void area_free(struct area_map *m)
{
	free(m->areas);
	*m = (struct area_map){0};
}
