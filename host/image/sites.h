/* sites.h: finds the syscall and cpuid instructions of ELF files; see libos/abi/sites.h for the table. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "libos/abi/sites.h"

/* The table of an ELF image in memory: malloc'ed in *out, its size in bytes returned. -ENOEXEC if it is no
 * x86-64 ELF file, -ENOMEM. A file without such instructions has an empty table. */
long sites_find(const void *elf, size_t size, struct site_table **out);
/* The same for a file, through a cache in the user's cache directory. Copies as much as fits into buf; bytes needed
 * or -errno. */
long sites_for_path(const char *path, void *buf, size_t size);
