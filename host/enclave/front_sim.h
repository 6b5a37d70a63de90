/* front_sim.h: what the parts of the model's front share: front_sim.c (open, and ioctls that build),
 * front_sim_pages.c (ioctls on pages), front_sim_map.c (mmap and its kind) and front_sim_enter.c (the vDSO's
 * function). */
#pragma once
#include <pthread.h>

#include "../sgxsim/sgxsim.h"
#include "area.h"
#include "driver.h"
#include "front.h"
#include "options.h"

#define AREA_THERE 0x8u /* beside the protection, which may be none */

struct sim_file {
	struct sgx_file base;
	struct sgx_enclave *enclave; /* NULL before CREATE */
	pthread_mutex_t lock;	     /* the two maps, and all leaves of the driver */
	_Atomic bool in_ioctl;
	struct driver_options options;
	struct area_map mapped; /* mmapped, and no pages there unless a fault brought them */
	struct area_map max;	/* pages of ADD_PAGES: the most they may be mapped with */
	uint64_t attributes_mask;
	struct sim_file *_Atomic next;
};

/* All open files: the vDSO knows only the address of the TCS. */
extern struct sim_file *_Atomic sim_files;

static inline struct sim_file *sim_file_of(struct sgx_file *f)
{
	return (struct sim_file *)f;
}

static inline bool sim_initialised(const struct sim_file *f)
{
	return f->enclave && f->enclave->secs.attributes.flags & SGX_ATTR_INIT;
}

/* The outcome of a leaf in words, into the file's or another text. */
void sim_why(char why[FRONT_WHY_SIZE], const char *leaf, uint64_t addr, const struct sgx_outcome *o);
/* 0, or err with the story told in the file's text. */
int sim_outcome(struct sim_file *f, const char *leaf, uint64_t addr, const struct sgx_outcome *o, int err);
/* err, with why in the file's text. */
int sim_refuse(struct sim_file *f, int err, const char *why);

/* front_sim_pages.c: 0 or -errno, a->count bytes done. With f->lock. */
int sim_ioc_add_pages(struct sim_file *f, struct sgx_enclave_add_pages *a);
int sim_ioc_restrict(struct sim_file *f, struct sgx_enclave_restrict_permissions *a);
int sim_ioc_modify_types(struct sim_file *f, struct sgx_enclave_modify_types *a);
int sim_ioc_remove_pages(struct sim_file *f, struct sgx_enclave_remove_pages *a);

/* front_sim_map.c */
int sim_reserve(struct sgx_file *f, uint64_t addr, uint64_t len);
int sim_mmap(struct sgx_file *f, uint64_t addr, uint64_t len, unsigned int prot);
int sim_munmap(struct sgx_file *f, uint64_t addr, uint64_t len);
int sim_mprotect(struct sgx_file *f, uint64_t addr, uint64_t len, unsigned int prot);
int sim_augment(struct sgx_file *f, uint64_t addr, uint64_t len);
int sim_measurement(struct sgx_file *f, uint8_t mrenclave[SGX_HASH_SIZE]);
/* EAUG of one page of a mapping, for a page fault: true if the access may be tried again. */
bool sim_fault_augment(struct sim_file *f, uint64_t addr, unsigned int access);

/* front_sim_enter.c */
int sim_thread_init(struct sgx_file *f, front_interrupted_t fn, void *arg, struct front_thread **out);
void sim_thread_exit(struct front_thread *t);
int sim_interrupt(struct front_thread *t);
int sim_enter(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned int function, unsigned long r8,
	      unsigned long r9, struct sgx_enclave_run *run);
