/* test_enclave_kernel.c: what Linux's SGX selftests observe, asked of our model through host/enclave:
 * vectors, error codes, addresses, and which operations are refused. In stale-TLB mode, which is what
 * hardware does. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../enclave/backend.h"
#include "../sgxsim/arch.h"
#include "../sgxsim/cost.h"
#include "../sgxsim/thread.h"
#include "../sgxsim/track.h"
#include "test_enclave_fixture.h"

#define SECINFO_AT LIBOS_HEAP_START
#define PAGE_A	   (LIBOS_HEAP_START + 8 * PAGE_SIZE)
#define NEW	   USER_HIGH_START
#define RW	   (SECINFO_R | SECINFO_W)

static void setup(void)
{
	setenv("OCCLUM_SGX_TLB", "stale", 1);
	enclave_setup();
}

static void setup_small_epc(void)
{
	setenv("OCCLUM_SGX_EPC", "1M", 1);
	setup();
}

TestSuite(kernel, .init = setup, .timeout = 60);
TestSuite(kernel_small_epc, .init = setup_small_epc, .timeout = 60);

static uint64_t leaf(struct enclave_thread *t, uint64_t nr, uint64_t addr, uint64_t flags)
{
	call(t, BLOB_READ, SECINFO_AT, 0, 0, 0); /* in the EPC now */
	poke(SECINFO_AT, flags);
	return call(t, BLOB_ENCLU, nr, SECINFO_AT, addr, 0).rsi;
}

/* A read or write at addr ends in this page fault; error 0: it succeeds. */
static void access_gives(struct enclave_thread *t, uint64_t command, uint64_t addr, uint64_t error)
{
	uint64_t before = gs(BLOB_EXCEPTIONS);

	call(t, command, addr, 0, 0, 0);
	cr_assert_eq(gs(BLOB_EXCEPTIONS), before + !!error, "faults at 0x%lx", addr);
	if (!error)
		return;
	cr_assert_eq(gs(BLOB_EXITINFO), EXITINFO(VECTOR_PF));
	cr_assert_eq(gs(BLOB_MADDR), addr);
	cr_assert_eq(gs(BLOB_ERRCD), error, "error 0x%lx, not 0x%lx", gs(BLOB_ERRCD), error);
}

Test(kernel, unclobbered_and_clobbered)
{
	struct enclave_thread *t = entered(loaded(), 0);

	access_gives(t, BLOB_WRITE, PAGE_A, 0);
	access_gives(t, BLOB_READ, PAGE_A, 0);
	cr_assert_eq(call(t, BLOB_ADD, 0x1122334455667788, 1, 0, 0).rsi, 0x1122334455667789);
}

Test(kernel_small_epc, unclobbered_oversubscribed)
{
	struct enclave_thread *t = entered(loaded(), 0);

	for (int round = 0; round < 3; round++) {
		for (uint64_t a = LIBOS_HEAP_START; a < LIBOS_HEAP_START + HEAP_BYTES; a += PAGE_SIZE) {
			struct enclave_regs io = call(t, round ? BLOB_READ : BLOB_WRITE, a, 0, 0, 0);

			cr_assert_eq(io.rsi, 0);
		}
	}
	cr_assert_eq(call(t, BLOB_ADD, 1, 2, 0, 0).rsi, 3);
}

Test(kernel_small_epc, oversubscribed_remove)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);
	uint64_t addr = PAGE_A, len = HEAP_BYTES - 8 * PAGE_SIZE;

	cr_assert_eq(enclave_modify_type(e, addr, len, SGX_PT_TRIM), 0);
	for (uint64_t a = addr; a < addr + len; a += PAGE_SIZE)
		cr_assert_eq(leaf(t, ENCLU_EACCEPT, a, SECINFO_TRIM | SECINFO_MODIFIED), 0);
	cr_assert_eq(enclave_remove(e, addr, len), 0);
}

Test(kernel, tcs_entry)
{
	struct enclave *e = loaded();

	cr_assert_eq(call(entered(e, 0), BLOB_ADD, 1, 1, 0, 0).rsi, 2);
}

Test(kernel, pte_permissions)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	access_gives(t, BLOB_WRITE, PAGE_A, 0);
	cr_assert_eq(enclave_protect(e, PAGE_A, PAGE_SIZE, SECINFO_R), 0);
	access_gives(t, BLOB_WRITE, PAGE_A, 0x7);
	access_gives(t, BLOB_READ, PAGE_A, 0);
	cr_assert_eq(enclave_protect(e, PAGE_A, PAGE_SIZE, RW), 0);
	access_gives(t, BLOB_WRITE, PAGE_A, 0);
}

Test(kernel, tcs_permissions)
{
	struct enclave *e = loaded();

	cr_assert_eq(enclave_restrict(e, LIBOS_VCPU_START, PAGE_SIZE, SECINFO_R), -EINVAL);
	cr_assert_eq(call(entered(e, 0), BLOB_ADD, 1, 1, 0, 0).rsi, 2, "unharmed");
}

Test(kernel, epcm_permissions)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	access_gives(t, BLOB_WRITE, PAGE_A, 0);
	cr_assert_eq(enclave_restrict(e, PAGE_A, PAGE_SIZE, SECINFO_R), 0);
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, PAGE_A, SECINFO_REG | SECINFO_R | SECINFO_PR), 0);
	access_gives(t, BLOB_WRITE, PAGE_A, 0x8007);
	leaf(entered(e, 1), ENCLU_EMODPE, PAGE_A, SECINFO_REG | RW);
}

Test(kernel, permissions_given_back)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	cr_assert_eq(enclave_restrict(e, PAGE_A, PAGE_SIZE, SECINFO_R), 0);
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, PAGE_A, SECINFO_REG | SECINFO_R | SECINFO_PR), 0);
	leaf(t, ENCLU_EMODPE, PAGE_A, SECINFO_REG | RW);
	access_gives(t, BLOB_WRITE, PAGE_A, 0);
}

Test(kernel, augment)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	access_gives(t, BLOB_WRITE, NEW, 0x6); /* nobody gave a page */
	cr_assert_eq(enclave_augment(e, NEW, PAGE_SIZE), 0);
	access_gives(t, BLOB_WRITE, NEW, 0x8007); /* pending */
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, NEW, SECINFO_REG | RW | SECINFO_PENDING), 0);
	access_gives(t, BLOB_WRITE, NEW, 0);
	access_gives(t, BLOB_READ, NEW, 0);
}

Test(kernel, tcs_create)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0), *fresh;
	const uint64_t pages[] = {VCPU_TCS, VCPU_SSA, VCPU_SSA + PAGE_SIZE, VCPU_GS, VCPU_STACK_END - PAGE_SIZE};
	struct enclave_regs io = {.rdi = BLOB_ADD, .rsi = 20, .rdx = 22};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		cr_assert_eq(enclave_augment(e, NEW + pages[i], PAGE_SIZE), 0);
		cr_assert_eq(leaf(t, ENCLU_EACCEPT, NEW + pages[i], SECINFO_REG | RW | SECINFO_PENDING), 0);
		access_gives(t, BLOB_READ, NEW + pages[i], 0);
		access_gives(t, BLOB_WRITE, NEW + pages[i], 0);
		poke(NEW + pages[i], 0);
	}
	poke(NEW + offsetof(struct sgx_tcs, ossa), NEW + VCPU_SSA);
	poke(NEW + offsetof(struct sgx_tcs, cssa), 2UL << 32); /* NSSA */
	poke(NEW + offsetof(struct sgx_tcs, oentry), LIBOS_START);
	poke(NEW + offsetof(struct sgx_tcs, ofsbase), NEW + VCPU_GS);
	poke(NEW + offsetof(struct sgx_tcs, ogsbase), NEW + VCPU_GS);
	enclave_thread_exit(t);
	cr_assert_eq(enclave_modify_type(e, NEW, PAGE_SIZE, SGX_PT_TCS), 0);
	cr_assert_eq(e->ops->thread_init(e, NEW, &fresh), 0);
	cr_assert_eq(enclave_enter(fresh, &io), -EFAULT, "not accepted yet");
	enclave_thread_exit(fresh);
	t = entered(e, 0);
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, NEW, SECINFO_TCS | SECINFO_MODIFIED), 0);
	enclave_thread_exit(t);
	cr_assert_eq(e->ops->thread_init(e, NEW, &fresh), 0);
	cr_assert_eq(enclave_enter(fresh, &io), 0, "%s", enclave_thread_error(fresh));
	cr_assert_eq(io.rsi, 42);
	enclave_thread_exit(fresh);
	t = entered(e, 0);
	cr_assert_eq(enclave_modify_type(e, NEW, PAGE_SIZE, SGX_PT_TRIM), 0);
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, NEW, SECINFO_TRIM | SECINFO_MODIFIED), 0);
	cr_assert_eq(enclave_remove(e, NEW, PAGE_SIZE), 0);
}

Test(kernel, remove_added_page_no_eaccept)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	access_gives(t, BLOB_WRITE, PAGE_A, 0);
	cr_assert_eq(enclave_modify_type(e, PAGE_A, PAGE_SIZE, SGX_PT_TRIM), 0);
	cr_assert_eq(enclave_remove(e, PAGE_A, PAGE_SIZE), -EPERM);
}

Test(kernel, remove_added_page_invalid_access)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	cr_assert_eq(enclave_modify_type(e, PAGE_A, PAGE_SIZE, SGX_PT_TRIM), 0);
	access_gives(t, BLOB_READ, PAGE_A, 0x8005);
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, PAGE_A, SECINFO_TRIM | SECINFO_MODIFIED), 0);
	access_gives(t, BLOB_READ, PAGE_A, 0x8005); /* ..._after_eaccept */
	cr_assert_eq(enclave_remove(e, PAGE_A, PAGE_SIZE), 0);
}

Test(kernel, remove_untouched_page)
{
	struct enclave *e = loaded();
	struct enclave_thread *t = entered(e, 0);

	cr_assert_eq(enclave_modify_type(e, PAGE_A, PAGE_SIZE, SGX_PT_TRIM), 0);
	cr_assert_eq(leaf(t, ENCLU_EACCEPT, PAGE_A, SECINFO_TRIM | SECINFO_MODIFIED), 0);
	cr_assert_eq(enclave_remove(e, PAGE_A, PAGE_SIZE), 0);
	access_gives(t, BLOB_READ, PAGE_A, 0x4);
}

static void *spin(void *arg)
{
	struct enclave_thread **t = arg, *mine = entered((struct enclave *)*t, 1);
	struct enclave_regs io = {.rdi = BLOB_SPIN, .rsi = 1};

	__atomic_store_n(t, mine, __ATOMIC_RELEASE);
	enclave_enter(mine, &io);
	return NULL;
}

/* A thread inside is brought out by an IPI, `tracks` times for three pages. */
static void check_interrupts(const char *driver, unsigned int tracks)
{
	setenv("OCCLUM_SGX_DRIVER", driver, 1);

	struct enclave *e = loaded();
	struct enclave_thread *t = (struct enclave_thread *)e;
	uint64_t before[EV_COUNT], after[EV_COUNT];
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, spin, &t), 0);
	while (!track_next(modelled(e)->tcs, ~0u)) /* it is inside */
		sched_yield();
	cost_counts(before);
	cr_assert_eq(enclave_restrict(e, PAGE_A, 3 * PAGE_SIZE, SECINFO_R), 0, "%s", e->err);
	cost_counts(after);
	cr_assert_eq(after[EV_EMODPR] - before[EV_EMODPR], 3);
	cr_assert_eq(after[EV_ETRACK] - before[EV_ETRACK], tracks);
	cr_assert_geq(after[EV_IPI] - before[EV_IPI], 1, "the thread may be out already at the next page");
	cr_assert_geq(after[EV_AEX] - before[EV_AEX], 1);
	while (__atomic_load_n(&t, __ATOMIC_ACQUIRE) == (struct enclave_thread *)e)
		sched_yield();
	do {
		enclave_interrupt(t);
		usleep(1000);
	} while (pthread_tryjoin_np(thread, NULL));
}

static struct {
	uint64_t page; /* of the gate's table */
	sem_t reached, go;
} entry;

/* EENTER looks at its place in the gate's table when it has claimed the TCS, and before it knows its epoch. */
static void stopped_in_entry(int sig, siginfo_t *si, void *context)
{
	(void)sig, (void)context;
	if (((uint64_t)si->si_addr & -PAGE_SIZE) != entry.page ||
	    mprotect((void *)entry.page, PAGE_SIZE, PROT_READ | PROT_WRITE))
		abort();
	sem_post(&entry.reached);
	while (sem_wait(&entry.go))
		;
}

static void entry_stops(const struct sgx_enclave *e, const struct sgx_tcs_state *tcs)
{
	entry.page = gate_slot(e->secs.base + tcs->page.ogsbase) & -PAGE_SIZE;
	cr_assert_eq(mprotect((void *)entry.page, PAGE_SIZE, PROT_NONE), 0);
}

static void *enter_and_stop(void *arg)
{
	struct enclave_thread *mine = entered(arg, 1);
	struct enclave_regs io = {.rdi = BLOB_ADD, .rsi = 20, .rdx = 22};

	cr_assert_eq(enclave_enter(mine, &io), 0, "%s", enclave_thread_error(mine));
	entry_stops(modelled(arg), sgx_tcs_find(modelled(arg), LIBOS_VCPU_START + LIBOS_VCPU_STRIDE));
	io = (struct enclave_regs){.rdi = BLOB_ADD, .rsi = 20, .rdx = 22};
	cr_assert_eq(enclave_enter(mine, &io), 0, "%s", enclave_thread_error(mine));
	cr_assert_eq(io.rsi, 42);
	enclave_thread_exit(mine);
	return NULL;
}

/* A thread that is on its way in, for however long, is of no epoch yet, least of all of that of its last visit. */
Test(kernel, threads_that_enter_are_in_no_old_epoch)
{
	struct sigaction sa = {.sa_sigaction = stopped_in_entry, .sa_flags = SA_SIGINFO};
	struct sgx_tcs_state *tcs;
	struct sgx_enclave *sgx;
	struct enclave *e;
	pthread_t thread;

	cr_assert_eq(sigaction(SIGSEGV, &sa, NULL), 0); /* the model hands on what is not the enclave's */
	cr_assert_eq(sem_init(&entry.reached, 0, 0) | sem_init(&entry.go, 0, 0), 0);
	e = loaded();
	sgx = modelled(e);
	tcs = sgx_tcs_find(sgx, LIBOS_VCPU_START + LIBOS_VCPU_STRIDE);
	cr_assert_eq(pthread_create(&thread, NULL, enter_and_stop, e), 0);
	while (sem_wait(&entry.reached))
		;
	for (int i = 0; i < 3; i++)
		cr_assert_eq(sgx_etrack(sgx).code, 0, "ETRACK %d", i);
	cr_assert(track_complete(sgx, atomic_load(&sgx->epoch) - 1));
	sem_post(&entry.go);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_assert_eq(atomic_load(&tcs->epoch), atomic_load(&sgx->epoch));
}

/* Linux tracks after each page. */
Test(kernel, interprocessor_interrupts_are_counted)
{
	check_interrupts("linux", 3);
}

Test(kernel, interprocessor_interrupts_of_a_batch)
{
	check_interrupts("batch", 1);
}
