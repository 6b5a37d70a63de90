/* files.h: descriptors on their way to another enclave (eip/ internal). See files.c. */
#pragma once
#include "eip/pack.h"

struct eip_peer;
struct fdtable;
struct file;
struct process;

struct eip_files {
	struct pack body;     /* how to make them */
	int *host_fds;        /* what the new host process inherits; the files keep theirs */
	unsigned host_count;
	uint64_t *ids;        /* by index: which open file it is here */
	unsigned count;
};

/* What can be handed on only after a change is changed. May sleep. */
void eip_files_prepare(struct fdtable *t, bool exec);
/* Which of the files on their way f is; it becomes one. Index or -errno. */
int eip_files_index(struct eip_files *out, struct file *f) must_check;
/* All descriptors of t; exec: but those that it closes. 0, -ENOMEM, -EMFILE (more than an enclave can inherit). */
int eip_files_pack(struct fdtable *t, bool exec, struct eip_files *out) must_check;
void eip_files_free(struct eip_files *f);
/* The neighbour has them now. */
void eip_files_given(struct eip_peer *peer, struct eip_files *f);
/* In the new enclave: into p's empty table, with the rights of the current process. May sleep. */
int eip_files_unpack(struct process *p, struct unpack *u) must_check;

/* At the end of the process: how far it has read and written in files it was given. */
void eip_files_returned(struct pack *p);
void eip_files_take_back(struct eip_peer *peer, struct unpack *u);
