/* copy.h: brings host files into a directory that becomes an image: programs with what they need to run. */
#pragma once
#include <stddef.h>

#define COPY_ERR_SIZE 640

struct copier {
	const char *root;     /* the directory, e.g. "image" */
	unsigned files;       /* copied so far; what was there already and unchanged does not count */
	unsigned in_tree;     /* directories being walked */
	void *seen;           /* tsearch set of host paths */
	char err[COPY_ERR_SIZE];
};

/* Copies path (absolute or relative to the current directory) to the same absolute place below root: a directory
 * with its tree, a symbolic link with its target, an ELF file with its interpreter and libraries, a script with
 * its interpreter. 0 or -errno with a line in c->err naming the file. */
int copy_in(struct copier *c, const char *path);
/* The same for one file, which goes into the directory dir of the image; what it needs goes where it is here. */
int copy_to(struct copier *c, const char *path, const char *dir);
void copy_end(struct copier *c);
