/* list.h: intrusive doubly linked ring. An empty list and an unlinked node both point to themselves. */
#pragma once
#include "base/types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(l) { &(l), &(l) }

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_insert_after(struct list *node, struct list *at)
{
	node->next = at->next; /* NOLINT: a list is a ring, which the analyser forgets after a test of list_last() */
	node->prev = at;
	at->next->prev = node;
	at->next = node;
}

static inline void list_push_front(struct list *l, struct list *node)
{
	list_insert_after(node, l);
}

static inline void list_push_back(struct list *l, struct list *node)
{
	list_insert_after(node, l->prev);
}

/* Harmless on an unlinked (initialised) node. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first(l, type, member) list_entry((l)->next, type, member)
#define list_last(l, type, member) list_entry((l)->prev, type, member)
#define list_for_each(pos, l, member)                                                              \
	for (pos = list_entry((l)->next, __typeof__(*pos), member); &pos->member != (l);           \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
/* The body may remove and free pos. */
#define list_for_each_safe(pos, tmp, l, member)                                                    \
	for (pos = list_entry((l)->next, __typeof__(*pos), member),                                \
	    tmp = list_entry(pos->member.next, __typeof__(*pos), member);                          \
	     &pos->member != (l); pos = tmp, tmp = list_entry(tmp->member.next, __typeof__(*tmp), member))
