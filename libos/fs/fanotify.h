/* fanotify.h: between fanotify.c (groups and marks) and fanotify_event.c (the queue); hooks are in notify.h. */
#pragma once
#include "fs/file.h"
#include "linux/fanotify.h"
#include "sync/waitq.h"

struct super_block;

struct fan_event {
	struct list node;      /* in the group's queue, or among those that wait for an answer */
	struct path path;      /* referenced; dentry NULL: overflow */
	uint32_t mask;
	kpid_t pid;
	bool read;             /* a question that has left the queue */
	bool permission;       /* somebody waits: the event is its, on its stack */
	uint32_t response;     /* FAN_ALLOW or FAN_DENY, once given */
	int fd;                /* what the listener knows it by */
};

struct fan_group {
	unsigned ref;          /* its file, and those who wait for an answer */
	uint64_t asked_round;  /* the last question it was asked */
	struct list node;      /* fan_groups */
	struct list marks, events, asked;
	unsigned count;        /* events */
	unsigned flags;        /* of fanotify_init */
	unsigned open_flags;   /* of the descriptors it is given */
	bool overflowed;
	struct waitq readers, answers;
};

extern struct list fan_groups;
extern const struct file_ops fanotify_ops;

/* fanotify_event.c */
void fan_queue(struct fan_group *g, const struct path *p, uint32_t mask);
/* Asks the listener; 0 or -EPERM. May sleep. */
int fan_ask(struct fan_group *g, const struct path *p, uint32_t mask) must_check;

/* fanotify.c */
void fan_group_put(struct fan_group *g);
void fan_marks_drop(struct fan_group *g, unsigned type); /* FAN_MARK_MOUNT...; UINT32_MAX: all */
