/* test_sgxsim_fixture.h: a small enclave built by hand, in the states that the leaf tests need.
 * Enclave memory is read and written through peek and poke only, which ASan does not look into. */
#pragma once
#include <criterion/criterion.h>
#include <string.h>

#include "../sgxsim/memory.h"
#include "../sgxsim/sgxsim.h"
#include "../sign/sign.h"

#define PAGE  SGX_PAGE_SIZE
#define BASE  0x1000000000UL
#define SIZE  0x1000000UL
#define CODE  (BASE + 0x20000) /* R|X */
#define DATA  (BASE + 0x21000) /* R|W, two pages */
#define CONST (BASE + 0x23000) /* R */
#define TCS   (BASE + 0x24000)
#define SSA   (BASE + 0x25000) /* two frames */
#define FREE  (BASE + 0x100000)

/* Sources for EADD, SECINFO and so on, for tests to fill as they like. */
extern struct sgx_secs secs;
extern uint8_t page[PAGE];
extern struct sgx_secinfo si;

void poke(uint64_t addr, const void *data, size_t size);
void peek(void *data, uint64_t addr, size_t size);
void is(struct sgx_outcome o, int code);
void is_gp(struct sgx_outcome o);
void is_pf(struct sgx_outcome o, uint64_t addr);
void secs_good(void);
struct sgx_outcome ecreate(struct sgx_enclave **e);
struct sgx_enclave *created(void);
struct sgx_outcome eadd(struct sgx_enclave *e, uint64_t addr, const void *src, uint64_t flags);
void added(struct sgx_enclave *e, uint64_t addr, const void *src, uint64_t flags);
const struct sgx_tcs *tcs_page(void);
void sign(struct sgx_enclave *e, struct sgx_sigstruct *sig, struct sigstruct_params *params);
void initialised(struct sgx_enclave *e);
/* CODE, DATA, CONST, TCS and SSA, not initialised yet. */
struct sgx_enclave *filled(void);
struct sgx_enclave *ready(void);
struct sgx_outcome eaug(struct sgx_enclave *e, uint64_t addr);
struct sgx_outcome eaccept(struct sgx_enclave *e, uint64_t addr, uint64_t flags);
/* A page that went through EAUG and EACCEPT. */
void grown(struct sgx_enclave *e, uint64_t addr);
