/* tree.h: a directory tree of the host in memory, for the image builder: names sorted, hard links
 * joined. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct tree_entry {
	char *name;
	uint32_t ino;
};

struct tree_node {  /* an inode of the image */
	char *path; /* on the host; the first of its names */
	struct stat st;
	uint32_t links;
	struct tree_entry *entries; /* of a directory, sorted by strcmp */
	size_t count;
};

struct tree {
	struct tree_node *nodes; /* inode i is nodes[i - 1]; the root is first */
	size_t count, room;
	char *err;    /* IMAGE_ERR_SIZE bytes */
	void *linked; /* tsearch tree of struct hard_link */
};

/* 0 or -errno with t->err filled. The caller sets t->err and zeroes the rest. */
int tree_scan(struct tree *t, const char *dir);
void tree_free(struct tree *t);
