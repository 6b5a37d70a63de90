/* libs.h: which other files an ELF file needs to be run, found as ld.so finds them. */
#pragma once

struct needs {
	char *interp;   /* NULL: none */
	char **libs;    /* absolute paths, or names if not found */
	int *missing;   /* parallel to libs */
	unsigned count;
};

/* 1: filled, 0: not an x86-64 ELF file, -errno. env: LD_LIBRARY_PATH is not looked at: the image will not have it. */
int needs_find(const char *path, struct needs *n);
void needs_free(struct needs *n);
