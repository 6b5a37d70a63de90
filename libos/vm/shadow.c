/* shadow.c: a three-level table by address: 1 GiB, 2 MiB, page. Giant lock; nothing sleeps. */
#include "vm/shadow.h"
#include "base/heap.h"

#define SHADOW_LEAF_SHIFT 21
#define SHADOW_DIR_SHIFT  30
#define SHADOW_LEAF_SLOTS (1UL << (SHADOW_LEAF_SHIFT - PAGE_SHIFT))
#define SHADOW_DIR_SLOTS  (1UL << (SHADOW_DIR_SHIFT - SHADOW_LEAF_SHIFT))
#define ROOT_SLOTS (ELRANGE_SIZE >> SHADOW_DIR_SHIFT)

struct shadow_leaf {
	shadow_entry entry[SHADOW_LEAF_SLOTS];
};
struct shadow_dir {
	struct shadow_leaf *leaf[SHADOW_DIR_SLOTS];
};
struct shadow {
	struct shadow_dir *dir[ROOT_SLOTS];
};

struct shadow *shadow_create(void)
{
	return kzalloc(sizeof(struct shadow));
}

static void shadow_leaf_free(struct shadow_leaf *leaf)
{
	for (size_t i = 0; i < SHADOW_LEAF_SLOTS; i++) {
		struct stash_page *p = shadow_stash(leaf->entry[i]);
		if (p)
			stash_put(p);
	}
	kfree(leaf);
}

void shadow_free(struct shadow *s)
{
	for (size_t i = 0; i < ROOT_SLOTS; i++) {
		struct shadow_dir *dir = s->dir[i];
		for (size_t k = 0; dir && k < SHADOW_DIR_SLOTS; k++) {
			if (dir->leaf[k])
				shadow_leaf_free(dir->leaf[k]);
		}
		kfree(dir);
	}
	kfree(s);
}

static struct shadow_leaf *shadow_leaf_of(const struct shadow *s, uaddr_t addr)
{
	const struct shadow_dir *dir = s->dir[addr >> SHADOW_DIR_SHIFT];

	return dir ? dir->leaf[(addr >> SHADOW_LEAF_SHIFT) % SHADOW_DIR_SLOTS] : NULL;
}

shadow_entry shadow_get(const struct shadow *s, uaddr_t addr)
{
	const struct shadow_leaf *leaf = shadow_leaf_of(s, addr);

	return leaf ? leaf->entry[(addr >> PAGE_SHIFT) % SHADOW_LEAF_SLOTS] : 0;
}

shadow_entry *shadow_slot(struct shadow *s, uaddr_t addr)
{
	struct shadow_dir **dir = &s->dir[addr >> SHADOW_DIR_SHIFT];

	if (!*dir && !(*dir = kzalloc(sizeof(**dir))))
		return NULL;
	struct shadow_leaf **leaf = &(*dir)->leaf[(addr >> SHADOW_LEAF_SHIFT) % SHADOW_DIR_SLOTS];
	if (!*leaf && !(*leaf = kzalloc(sizeof(**leaf))))
		return NULL;
	return &(*leaf)->entry[(addr >> PAGE_SHIFT) % SHADOW_LEAF_SLOTS];
}

uaddr_t shadow_next(const struct shadow *s, uaddr_t start, uaddr_t end)
{
	for (uaddr_t a = start; a < end;) {
		if (!s->dir[a >> SHADOW_DIR_SHIFT]) {
			a = ALIGN_DOWN(a, 1UL << SHADOW_DIR_SHIFT) + (1UL << SHADOW_DIR_SHIFT);
			continue;
		}
		const struct shadow_leaf *leaf = shadow_leaf_of(s, a);
		uaddr_t stop = MIN(ALIGN_DOWN(a, 1UL << SHADOW_LEAF_SHIFT) + (1UL << SHADOW_LEAF_SHIFT), end);
		for (; leaf && a < stop; a += PAGE_SIZE) {
			if (leaf->entry[(a >> PAGE_SHIFT) % SHADOW_LEAF_SLOTS])
				return a;
		}
		a = stop;
	}
	return end;
}
