/* sets.h: epoll instances on their way to another enclave (eip/ internal). See sets.c. */
#pragma once
#include "eip/pack.h"

struct eip_files;
struct fdtable;
struct file;

/* If f is an epoll instance: what it watches, into p; the files watched are on their way, too. 0 or -errno. */
int eip_set_pack(struct eip_files *out, struct file *f, struct pack *p) must_check;
/* In the new enclave, whose files are these; t has its descriptors. 0 or -EINVAL. */
int eip_sets_unpack(struct fdtable *t, struct file **files, unsigned count, struct unpack *u) must_check;
