/* vdso.h: the vDSO: a shared object that programs call to read clocks without a system call.
 *
 * vdso/ is built into vdso.so (position independent, no relocations, symbols LINUX_2.6), which vdso_image.S embeds.
 * One copy, mapped on first use in a space of its own that never goes, serves all processes: the data page
 * before it is read-only and the same for all. */
#pragma once
#include "time/vdso/data.h"

struct vm_space;

/* Address of the ELF header, for AT_SYSINFO_EHDR; 0: no vDSO (no memory). May sleep. */
uaddr_t vdso_map(struct vm_space *s);
/* Before it has been mapped: it comes to lie at the address that vdso_map gave in another enclave; 0: no matter. */
void vdso_place(uaddr_t header);
/* From now on it makes system calls for everything. May sleep. */
void vdso_disable(void);
