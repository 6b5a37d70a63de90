/* sim.c: the backend on the software SGX. What an OS driver and the vDSO do on hardware is done
 * here and in driver.c: EPC pages and page tables for the leaves, and the loop around EENTER that carries
 * asynchronous exits back into the enclave. A machine has one enclave at a time here, because
 * ELRANGE starts at 0. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../libos/abi/ecall.h"
#include "../sgxsim/cost.h"
#include "../sgxsim/memory.h"
#include "../sgxsim/thread.h"
#include "backend.h"
#include "driver.h"
#include "options.h"

#define PFEC_WRITE  0x2
#define PFEC_FETCH  0x10
#define RETRIES_MAX 100

struct sim_thread {
	struct enclave_thread base;
	struct sgx_thread *sgx;
	uint64_t retried; /* the page of the last fault that was found in order */
	unsigned int retries;
	bool deferred; /* an interrupt came while the enclave handled an exception */
};

static struct sgx_enclave *sim_of(const struct enclave *e)
{
	return e->priv;
}

/* The outcome of a leaf as -errno, with its story in the error buffer. */
static int outcome_errno(char err[ENCLAVE_ERR_SIZE], const char *leaf, uint64_t addr,
			 const struct sgx_outcome *o)
{
	static const char *const kinds[] = {"#GP", "#PF"};

	if (!o->code)
		return 0;
	if (o->code > 0) {
		snprintf(err, ENCLAVE_ERR_SIZE, "%s at 0x%lx: error %d: %s", leaf, addr, o->code,
			 o->why);
		return -EPERM;
	}
	snprintf(err, ENCLAVE_ERR_SIZE, "%s at 0x%lx: %s: %s", leaf, addr,
		 kinds[o->code == -VECTOR_PF], o->why);
	return o->code == -VECTOR_PF ? -EFAULT : -EINVAL;
}

static int sim_create(struct enclave *e, const struct sgx_secs *secs)
{
	struct sgx_secinfo si = {.flags = SECINFO_TYPE(SGX_PT_SECS)};
	struct sgx_pageinfo pi = {.srcpge = (uint64_t)secs, .secinfo = (uint64_t)&si};
	struct driver_options options;
	struct sgx_enclave *enclave;
	struct sgx_outcome o;
	int ret = sgx_options(&options, e->err);

	if (ret)
		return ret;
	o = sgx_ecreate(&pi, &enclave);
	ret = outcome_errno(e->err, "ECREATE", secs->base, &o);
	if (ret)
		return ret;
	ret = driver_attach(enclave, &options);
	if (ret) {
		sgx_eremove_secs(enclave);
		return ret;
	}
	ret = epc_reserve(enclave);
	if (ret) {
		snprintf(e->err, sizeof(e->err),
			 "cannot reserve ELRANGE 0x%lx-0x%lx: %s (is the program a PIE, and no "
			 "other "
			 "enclave loaded?)",
			 secs->base, secs->base + secs->size, strerror(-ret));
		driver_detach(enclave);
		sgx_eremove_secs(enclave);
		return ret;
	}
	e->priv = enclave;
	return 0;
}

static int page_add(struct enclave *e, uint64_t addr, const void *src, struct sgx_secinfo *si,
		    bool measure)
{
	struct sgx_pageinfo pi = {.linaddr = addr,
				  .srcpge = (uint64_t)src,
				  .secinfo = (uint64_t)si,
				  .secs = (uint64_t)sim_of(e)};
	struct sgx_outcome o = sgx_eadd(&pi);
	int ret = outcome_errno(e->err, "EADD", addr, &o);

	sgx_count_here(EV_KERNEL_PAGE);
	if (ret || !measure)
		return ret;
	for (uint64_t chunk = addr; chunk < addr + SGX_PAGE_SIZE && !o.code;
	     chunk += SGX_EXTEND_SIZE)
		o = sgx_eextend(sim_of(e), chunk);
	return outcome_errno(e->err, "EEXTEND", addr, &o);
}

static int batch_add(struct enclave *e, uint64_t addr, const void *src, uint64_t len,
			 uint64_t flags, bool measure)
{
	struct sgx_secinfo si = {.flags = flags};
	const uint8_t *page;
	int ret = driver_alloc(sim_of(e), addr, len);

	for (uint64_t i = 0; i < len && !ret; i += SGX_PAGE_SIZE) {
		page = src ? (const uint8_t *)src + i : sgx_zero_page;
		ret = page_add(e, addr + i, page, &si, measure);
	}
	if (!ret)
		ret = epc_protect(sim_of(e), addr, len, flags & SECINFO_RWX);
	return ret;
}

static int sim_add_pages(struct enclave *e, uint64_t addr, const void *src, uint64_t len,
			 uint64_t flags, bool measure)
{
	uint64_t n;
	int ret = 0;

	for (uint64_t done = 0; done < len && !ret; done += n) {
		n = driver_batch(sim_of(e), len - done);
		ret = batch_add(e, addr + done, src ? (const uint8_t *)src + done : NULL, n, flags,
				measure);
	}
	return ret;
}

static int sim_measurement(struct enclave *e, uint8_t mrenclave[SGX_HASH_SIZE])
{
	measure_value(&sim_of(e)->measure, mrenclave);
	return 0;
}

/* As Linux does: the launch key is whoever signed this enclave. */
static int sim_init(struct enclave *e, const struct sgx_sigstruct *sig)
{
	uint8_t mrsigner[SGX_HASH_SIZE];
	struct sgx_outcome o;

	sgx_mrsigner(sig, mrsigner);
	sim_set_lepubkeyhash(mrsigner);
	o = sgx_einit(sim_of(e), sig);
	return outcome_errno(e->err, "EINIT", 0, &o);
}

static int sim_thread_init(struct enclave *e, uint64_t tcs, struct enclave_thread **out)
{
	struct sim_thread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return -ENOMEM;
	ret = sgx_thread_init(&t->sgx);
	if (ret) {
		snprintf(e->err, sizeof(e->err), "cannot prepare a vCPU thread: %s",
			 ret == -ENOTSUP
				 ? "the kernel offers no FSGSBASE instructions or no Syscall "
				   "User Dispatch (Linux 5.11 or newer is needed)"
				 : strerror(-ret));
		free(t);
		return ret;
	}
	t->base.enclave = e;
	t->base.tcs = tcs;
	*out = &t->base;
	return 0;
}

static void sim_thread_exit(struct enclave_thread *thread)
{
	struct sim_thread *t = (struct sim_thread *)thread;

	sgx_thread_exit(t->sgx);
	free(t);
}

/* An exception inside the handling of exceptions: say what the innermost one was. */
static void nesting_error(struct sim_thread *t)
{
	const struct sgx_exit *exit = &t->sgx->exit;
	struct sgx_gpr gpr = { 0 };

	epc_copy(&gpr, (const void *)t->sgx->gpr, sizeof(gpr));
	snprintf(t->base.err, sizeof(t->base.err),
		 "exceptions nested too deep; the last: vector %d, error code 0x%x, page 0x%lx, "
		 "rip 0x%lx, rsp 0x%lx",
		 exit->vector, exit->error_code, exit->addr, gpr.rip, gpr.rsp);
}

/* The kernel's side of entering: waits while the driver works, and brings in TCS and SSA pages that
 * are not in the EPC. in == NULL: ERESUME. */
static struct sgx_outcome enter(struct sim_thread *t, const struct sgx_io *in, int *left)
{
	struct sgx_enclave *e = sim_of(t->base.enclave);
	struct sgx_outcome o;

	for (;;) {
		o = in ? sgx_eenter(t->sgx, e, t->base.tcs, in, left)
		       : sgx_eresume(t->sgx, e, t->base.tcs, left);
		if (o.code == SGX_HELD)
			driver_wait(e);
		else if (o.code != -VECTOR_PF || !driver_fault(e, o.addr))
			return o;
	}
}

static unsigned int access_of(uint32_t error_code)
{
	if (error_code & PFEC_FETCH)
		return EPCM_X;
	return error_code & PFEC_WRITE ? EPCM_W : EPCM_R;
}

/* Is a page fault over by now? Either the page had been written out, or another thread brought it
 * in meanwhile. A leaf may refuse an operand for more than its error code tells: so not for ever. */
static bool fault_over(struct sim_thread *t)
{
	const struct sgx_exit *exit = &t->sgx->exit;
	struct sgx_enclave *e = sim_of(t->base.enclave);
	uint16_t v;

	if (exit->interrupt || exit->vector != VECTOR_PF || !sgx_in_elrange(e, exit->addr))
		return false;
	if (!driver_limited(e))
		return false;
	if (driver_fault(e, exit->addr)) {
		t->retries = 0;
		return true;
	}
	v = epcm_load(&e->epcm, exit->addr);
	if (access_of(exit->error_code) & ~epcm_effective(v))
		return false;
	t->retries = t->retried == exit->addr ? t->retries + 1 : 0;
	t->retried = exit->addr;
	return t->retries < RETRIES_MAX;
}

/* One step after the enclave was left for something that is handled here. The LibOS gets an
 * interrupt only on top of CSSA 0: one that hits its exception handler is put off until that asks
 * for ERESUME. */
static struct sgx_outcome bounce(struct sim_thread *t, int *left)
{
	struct sgx_io regs = {.rdi = ECALL_INTERRUPT};
	bool nested = t->sgx->tcs->cssa > 1;

	if (*left == LEFT_AEX && !t->sgx->exit.interrupt)
		sgx_count_here(t->sgx->exit.vector == VECTOR_PF ? EV_PAGE_FAULT : EV_SIGNAL);
	if (*left == LEFT_AEX && fault_over(t))
		return enter(t, NULL, left);
	if (*left == LEFT_AEX && !t->sgx->exit.interrupt) {
		regs.rdi = ECALL_EXCEPTION;
		t->retries = 0;
		return enter(t, &regs, left);
	}
	if (*left == LEFT_AEX && atomic_exchange(&t->sgx->wanted, 0))
		t->deferred = true;
	if (nested || !t->deferred)
		return enter(t, NULL, left);
	t->deferred = false;
	return enter(t, &regs, left);
}

static int enter_failed(struct sim_thread *t, const struct sgx_outcome *o)
{
	if (t->sgx->tcs && t->sgx->tcs->cssa >= t->sgx->tcs->page.nssa)
		nesting_error(t);
	else
		outcome_errno(t->base.err, "EENTER or ERESUME", t->base.tcs, o);
	return -EFAULT;
}

static int sim_enter(struct enclave_thread *thread, struct enclave_regs *io)
{
	struct sim_thread *t = (struct sim_thread *)thread;
	struct sgx_io *regs = &t->sgx->io;
	struct sgx_io in = {io->rdi, io->rsi, io->rdx, io->r8, io->r9};
	struct sgx_outcome o;
	int left;

	/* An interrupt taken in host code is over: the LibOS looks at its queues after an ocall. */
	sgx_interrupt_clear(t->sgx);
	atomic_store(&t->sgx->wanted, 0);
	o = enter(t, &in, &left);
	while (!o.code && (left == LEFT_AEX || regs->rdi == EXIT_RESUME))
		o = bounce(t, &left);
	if (o.code)
		return enter_failed(t, &o);
	*io = (struct enclave_regs){regs->rdi, regs->rsi, regs->rdx, regs->r8, regs->r9};
	return 0;
}

static int sim_interrupt(struct enclave_thread *thread)
{
	return sgx_interrupt(((struct sim_thread *)thread)->sgx);
}

static void pages_take_back(struct enclave *e, uint64_t addr, uint64_t len)
{
	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE)
		sgx_eremove(sim_of(e), a);
	driver_free(sim_of(e), addr, len);
}

static int batch_augment(struct enclave *e, uint64_t addr, uint64_t len)
{
	struct sgx_pageinfo pi = {.secs = (uint64_t)sim_of(e)};
	struct sgx_outcome o;
	int ret = driver_alloc(sim_of(e), addr, len);

	if (ret) {
		snprintf(e->err, sizeof(e->err), "no EPC pages for 0x%lx-0x%lx: %s", addr,
			 addr + len, strerror(-ret));
		return ret;
	}
	for (uint64_t a = addr; a < addr + len && !ret; a += SGX_PAGE_SIZE) {
		pi.linaddr = a;
		o = sgx_eaug(&pi);
		ret = outcome_errno(e->err, "EAUG", a, &o);
	}
	if (!ret && sgx_stale_tlb) /* pending: no translation before EACCEPT */
		ret = epc_sync(sim_of(e), addr, len);
	if (ret)
		pages_take_back(e, addr, len);
	return ret;
}

static int sim_augment(struct enclave *e, uint64_t addr, uint64_t len)
{
	uint64_t n, done;
	int ret = 0;

	for (done = 0; done < len && !ret; done += n) {
		n = driver_batch(sim_of(e), len - done);
		ret = batch_augment(e, addr + done, n);
	}
	if (ret && done > n)
		pages_take_back(e, addr, done - n);
	return ret;
}

/* A page that a leaf works on must be in the EPC. */
static void page_need(struct enclave *e, uint64_t addr)
{
	driver_need(sim_of(e), addr);
}

static int range_restrict(struct enclave *e, const struct enclave_range *r, const struct sgx_secinfo *si)
{
	struct sgx_outcome o;
	int ret = 0;

	for (uint64_t a = r->addr; a < r->addr + r->len && !ret; a += SGX_PAGE_SIZE) {
		page_need(e, a);
		o = sgx_emodpr(sim_of(e), a, si);
		ret = outcome_errno(e->err, "EMODPR", a, &o);
	}
	return ret;
}

static int range_modify_type(struct enclave *e, const struct enclave_range *r, const struct sgx_secinfo *si)
{
	struct sgx_outcome o;
	int ret = 0;

	for (uint64_t a = r->addr; a < r->addr + r->len && !ret; a += SGX_PAGE_SIZE) {
		page_need(e, a);
		o = sgx_emodt(sim_of(e), a, si);
		ret = outcome_errno(e->err, "EMODT", a, &o);
	}
	return ret;
}

/* One ETRACK and one round of interrupts for all ranges; the new state is then in force for every thread. */
static int list_change(struct enclave *e, const struct enclave_range *r, unsigned int n, uint64_t flags,
		       int (*change)(struct enclave *, const struct enclave_range *, const struct sgx_secinfo *))
{
	struct sgx_secinfo si = {.flags = flags};
	int ret = 0, sync;

	for (unsigned int i = 0; i < n && !ret; i++)
		ret = change(e, &r[i], &si);
	sync = driver_track(sim_of(e));
	for (unsigned int i = 0; i < n && !sync; i++)
		sync = epc_sync(sim_of(e), r[i].addr, r[i].len);
	return ret ? ret : sync;
}

static int sim_restrict(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot)
{
	return list_change(e, r, n, SECINFO_REG | prot, range_restrict);
}

static int sim_modify_type(struct enclave *e, const struct enclave_range *r, unsigned int n, enum sgx_page_type type)
{
	return list_change(e, r, n, SECINFO_TYPE(type), range_modify_type);
}

static int sim_protect(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	int ret = epc_protect(sim_of(e), addr, len, prot);

	if (ret)
		snprintf(e->err, sizeof(e->err), "protecting 0x%lx-0x%lx: %s", addr, addr + len,
			 strerror(-ret));
	return ret;
}

static int batch_remove(struct enclave *e, uint64_t addr, uint64_t len)
{
	struct sgx_outcome o;
	int ret = 0;

	for (uint64_t a = addr; a < addr + len && !ret; a += SGX_PAGE_SIZE) {
		page_need(e, a);
		o = sgx_eremove(sim_of(e), a);
		ret = outcome_errno(e->err, "EREMOVE", a, &o);
	}
	return ret ? ret : driver_free(sim_of(e), addr, len);
}

static int sim_remove_pages(struct enclave *e, uint64_t addr, uint64_t len)
{
	uint16_t v;
	int ret = 0;

	for (uint64_t a = addr; a < addr + len; a += SGX_PAGE_SIZE) {
		page_need(e, a);
		v = epcm_load(&sim_of(e)->epcm, a);
		if (!(v & EPCM_VALID) || epcm_type(v) != SGX_PT_TRIM || v & EPCM_MODIFIED) {
			snprintf(e->err, sizeof(e->err), "page 0x%lx is not an accepted TRIM page",
				 a);
			return -EPERM;
		}
	}
	for (uint64_t n, done = 0; done < len && !ret; done += n) {
		n = driver_batch(sim_of(e), len - done);
		ret = batch_remove(e, addr + done, n);
	}
	return ret;
}

/* All leaves of the EPCM, so that pages of a half-built enclave go too. */
static void sim_destroy(struct enclave *e)
{
	struct sgx_enclave *enclave = sim_of(e);
	uint64_t step = EPCM_LEAF_PAGES * SGX_PAGE_SIZE;

	if (!enclave)
		return;
	for (uint64_t a = enclave->secs.base; a < enclave->secs.base + enclave->secs.size;
	     a += step) {
		if (!epcm_entry(&enclave->epcm, a))
			continue;
		for (uint64_t page = a; page < a + step && sgx_in_elrange(enclave, page);
		     page += SGX_PAGE_SIZE)
			if (epcm_load(&enclave->epcm, page) & EPCM_VALID)
				sgx_eremove(enclave, page);
	}
	driver_detach(enclave);
	sgx_eremove_secs(enclave);
	e->priv = NULL;
}

const struct enclave_backend enclave_backend_sim = {
	.name = "SIM",
	.create = sim_create,
	.add_pages = sim_add_pages,
	.measurement = sim_measurement,
	.init = sim_init,
	.thread_init = sim_thread_init,
	.thread_exit = sim_thread_exit,
	.enter = sim_enter,
	.interrupt = sim_interrupt,
	.augment = sim_augment,
	.restrict_pages = sim_restrict,
	.modify_type = sim_modify_type,
	.protect = sim_protect,
	.remove_pages = sim_remove_pages,
	.destroy = sim_destroy,
};
