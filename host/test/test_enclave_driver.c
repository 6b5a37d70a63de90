/* test_enclave_driver.c: /dev/sgx_enclave of the model: each ioctl's checks, counts and error numbers as
 * Linux has them, and the loader's arguments on their way through such a table. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../enclave/device.h"
#include "../enclave/front_sim.h"
#include "test_enclave_fixture.h"

#define BASE  0x20000000000UL /* not where enclaves of the LibOS lie */
#define SIZE  0x100000UL
#define PAGES 8
#define RW    (SECINFO_R | SECINFO_W)

_Static_assert(SGX_IOC_ENCLAVE_CREATE == 0x4008A400, "");
_Static_assert(SGX_IOC_ENCLAVE_ADD_PAGES == 0xC030A401, "");
_Static_assert(SGX_IOC_ENCLAVE_INIT == 0x4008A402, "");
_Static_assert(SGX_IOC_ENCLAVE_PROVISION == 0x4008A403, "");
_Static_assert(SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS == 0xC028A405, "");
_Static_assert(SGX_IOC_ENCLAVE_MODIFY_TYPES == 0xC028A406, "");
_Static_assert(SGX_IOC_ENCLAVE_REMOVE_PAGES == 0xC018A407, "");
_Static_assert(sizeof(struct sgx_enclave_run) == 256, "");

static struct sgx_file *file;
static uint8_t source[PAGES * SGX_PAGE_SIZE] __attribute__((aligned(4096)));
static struct sgx_secs secs __attribute__((aligned(4096)));

static void setup(void)
{
	char err[ENCLAVE_ERR_SIZE] = "";

	enclave_setup();
	cr_assert_eq(front_sim.open(&file, err), 0, "%s", err);
	secs = (struct sgx_secs){.size = SIZE, .base = BASE, .ssa_frame_size = 1};
	secs.attributes = enclave_attributes(&params);
}

TestSuite(driver, .init = setup, .timeout = 60);

static int io(unsigned long cmd, void *arg)
{
	return front_sim.ioctl(file, cmd, arg);
}

static int create(void)
{
	struct sgx_enclave_create a = {.src = (uint64_t)&secs};

	return io(SGX_IOC_ENCLAVE_CREATE, &a);
}

static int add(uint64_t offset, uint64_t length, uint64_t flags, struct sgx_enclave_add_pages *a)
{
	static struct sgx_secinfo si __attribute__((aligned(64)));
	struct sgx_enclave_add_pages mine = {0};

	si.flags = flags;
	a = a ? a : &mine;
	*a = (struct sgx_enclave_add_pages){
		.src = (uint64_t)source, .offset = offset, .length = length, .secinfo = (uint64_t)&si, .count = 99};
	return io(SGX_IOC_ENCLAVE_ADD_PAGES, a);
}

static void created(void)
{
	cr_assert_eq(create(), 0, "%s", file->why);
	cr_assert_eq(front_sim.reserve(file, BASE, SIZE), 0, "%s", file->why);
}

Test(driver, create)
{
	struct sgx_enclave_add_pages a;

	cr_assert_eq(add(0, SGX_PAGE_SIZE, SECINFO_REG | RW, &a), -EINVAL, "not created");
	cr_assert_eq(a.count, 0);
	secs.size = 3 * SGX_PAGE_SIZE;
	cr_assert_eq(create(), -EIO, "ECREATE faults");
	cr_assert_not_null(strstr(file->why, "power of two"), "%s", file->why);
	secs.size = SIZE;
	created();
	cr_assert_eq(create(), -EINVAL, "twice");
	cr_assert_eq(io(0x1234, NULL), -ENOTTY);
}

Test(driver, add_pages)
{
	struct sgx_enclave_add_pages a;

	created();
	cr_assert_eq(add(1, SGX_PAGE_SIZE, SECINFO_REG | RW, NULL), -EINVAL);
	cr_assert_eq(add(0, 0, SECINFO_REG | RW, NULL), -EINVAL);
	cr_assert_eq(add(0, 100, SECINFO_REG | RW, NULL), -EINVAL);
	cr_assert_eq(add(SIZE, SGX_PAGE_SIZE, SECINFO_REG | RW, NULL), -EINVAL);
	cr_assert_eq(add(-SGX_PAGE_SIZE, 2 * SGX_PAGE_SIZE, SECINFO_REG | RW, NULL), -EINVAL);
	cr_assert_eq(add(0, SGX_PAGE_SIZE, SECINFO_TRIM, NULL), -EINVAL);
	cr_assert_eq(add(0, SGX_PAGE_SIZE, SECINFO_REG | SECINFO_W, NULL), -EINVAL);
	cr_assert_eq(add(0, SGX_PAGE_SIZE, SECINFO_TCS | SECINFO_R, NULL), -EINVAL);
	cr_assert_eq(add(0, SGX_PAGE_SIZE, SECINFO_REG | RW | SECINFO_PENDING, NULL), -EINVAL);
	cr_assert_eq(add(0, PAGES * SGX_PAGE_SIZE, SECINFO_REG | RW, &a), 0, "%s", file->why);
	cr_assert_eq(a.count, PAGES * SGX_PAGE_SIZE);
	cr_assert_eq(add(SGX_PAGE_SIZE, SGX_PAGE_SIZE, SECINFO_REG | RW, &a), -EBUSY, "there is one");
	cr_assert_eq(a.count, 0);
	memset(source, 0xff, sizeof(source)); /* as a TCS: EADD faults */
	cr_assert_eq(add(0x10000, SGX_PAGE_SIZE, SECINFO_TCS, &a), -EIO);
	cr_assert_eq(a.count, 0);
}

Test(driver, mappings_get_at_most_what_pages_were_built_with)
{
	created();
	cr_assert_eq(add(0, 4 * SGX_PAGE_SIZE, SECINFO_REG | SECINFO_R, NULL), 0);
	cr_assert_eq(add(4 * SGX_PAGE_SIZE, SGX_PAGE_SIZE, SECINFO_REG | RW, NULL), 0);
	cr_assert_eq(front_sim.mmap(file, BASE, 5 * SGX_PAGE_SIZE, RW), -EACCES);
	cr_assert_eq(front_sim.mmap(file, BASE, 5 * SGX_PAGE_SIZE, SECINFO_R), 0);
	cr_assert_eq(front_sim.mprotect(file, BASE + 3 * SGX_PAGE_SIZE, 2 * SGX_PAGE_SIZE, RW), -EACCES);
	cr_assert_eq(front_sim.mprotect(file, BASE + 4 * SGX_PAGE_SIZE, SGX_PAGE_SIZE, RW), 0);
	cr_assert_eq(front_sim.mmap(file, BASE + 0x10000, SGX_PAGE_SIZE, SECINFO_RWX), 0, "no page yet: any rights");
	cr_assert_eq(front_sim.mmap(file, BASE + SIZE, SGX_PAGE_SIZE, RW), -EINVAL);
}

Test(driver, init_and_attributes)
{
	static struct sgx_sigstruct sig;
	struct sgx_enclave_init a = {.sigstruct = (uint64_t)&sig};
	struct sgx_enclave_provision p;
	int fd = open("/dev/null", O_RDONLY);

	cr_assert_eq(io(SGX_IOC_ENCLAVE_INIT, &a), -EINVAL, "not created");
	secs.attributes.flags |= SGX_ATTR_PROVISIONKEY;
	created();
	sig.vendor = 1;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_INIT, &a), -EINVAL, "vendor");
	sig.vendor = 0;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_INIT, &a), -EACCES, "the attribute needs the provision file");
	p.fd = 9999;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_PROVISION, &p), -EBADF);
	p.fd = (uint64_t)fd;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_PROVISION, &p), -EINVAL, "another file");
	p.fd = (uint64_t)front_sim.provision();
	cr_assert_eq(io(SGX_IOC_ENCLAVE_PROVISION, &p), 0);
	cr_assert_eq(io(SGX_IOC_ENCLAVE_INIT, &a), -EPERM, "no signature");
	cr_assert_not_null(strstr(file->why, "EINIT"), "%s", file->why);
	close(fd);
}

static void running(void)
{
	struct enclave *e = loaded();

	file = device_of(e)->file;
	entered(e, 0);
}

static int restrict_to(uint64_t offset, uint64_t length, uint64_t permissions, struct sgx_enclave_restrict_permissions *a)
{
	*a = (struct sgx_enclave_restrict_permissions){.offset = offset, .length = length, .permissions = permissions};
	return io(SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, a);
}

Test(driver, restrict_permissions)
{
	struct sgx_enclave_restrict_permissions a;

	created();
	cr_assert_eq(restrict_to(0, SGX_PAGE_SIZE, SECINFO_R, &a), -EINVAL, "not initialised");
	running();
	cr_assert_eq(restrict_to(LIBOS_HEAP_START, 0, SECINFO_R, &a), -EINVAL);
	cr_assert_eq(restrict_to(LIBOS_HEAP_START, SGX_PAGE_SIZE, SECINFO_W, &a), -EINVAL);
	cr_assert_eq(restrict_to(LIBOS_HEAP_START, SGX_PAGE_SIZE, 8, &a), -EINVAL);
	a = (struct sgx_enclave_restrict_permissions){LIBOS_HEAP_START, SGX_PAGE_SIZE, SECINFO_R, 0, 1};
	cr_assert_eq(io(SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &a), -EINVAL, "count not zero");
	a = (struct sgx_enclave_restrict_permissions){LIBOS_HEAP_START, SGX_PAGE_SIZE, SECINFO_R, 1, 0};
	cr_assert_eq(io(SGX_IOC_ENCLAVE_RESTRICT_PERMISSIONS, &a), -EINVAL, "result not zero");
	cr_assert_eq(restrict_to(LIBOS_VCPU_START, SGX_PAGE_SIZE, SECINFO_R, &a), -EINVAL, "a TCS");
	cr_assert_eq(restrict_to(USER_HIGH_START, SGX_PAGE_SIZE, SECINFO_R, &a), -EFAULT, "no page");
	cr_assert_eq(restrict_to(LIBOS_HEAP_START, 2 * SGX_PAGE_SIZE, SECINFO_R, &a), 0);
	cr_assert_eq(a.count, 2 * SGX_PAGE_SIZE);
	cr_assert_eq(restrict_to(LIBOS_HEAP_START + HEAP_BYTES - SGX_PAGE_SIZE, 2 * SGX_PAGE_SIZE, SECINFO_R, &a), -EFAULT);
	cr_assert_eq(a.count, SGX_PAGE_SIZE, "half way");
}

Test(driver, modify_types_and_remove_pages)
{
	struct sgx_enclave_modify_types t = {LIBOS_HEAP_START, SGX_PAGE_SIZE, SGX_PT_REG, 0, 0};
	struct sgx_enclave_remove_pages r = {LIBOS_HEAP_START, SGX_PAGE_SIZE, 0};

	running();
	cr_assert_eq(io(SGX_IOC_ENCLAVE_MODIFY_TYPES, &t), -EINVAL, "to REG");
	t.page_type = SGX_PT_TRIM;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_REMOVE_PAGES, &r), -EPERM, "not TRIM");
	cr_assert_eq(r.count, 0);
	cr_assert_eq(io(SGX_IOC_ENCLAVE_MODIFY_TYPES, &t), 0);
	cr_assert_eq(t.count, SGX_PAGE_SIZE);
	t.count = 0;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_MODIFY_TYPES, &t), -EINVAL, "TRIM has no way back");
	cr_assert_eq(io(SGX_IOC_ENCLAVE_REMOVE_PAGES, &r), -EPERM, "not accepted");
	cr_assert_eq(r.count, 0);
	t.offset = LIBOS_VCPU_START, t.page_type = SGX_PT_TCS;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_MODIFY_TYPES, &t), -EINVAL, "from TCS to TCS");
	r.offset = USER_HIGH_START;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_REMOVE_PAGES, &r), -EFAULT, "no page");
	r.count = 1;
	cr_assert_eq(io(SGX_IOC_ENCLAVE_REMOVE_PAGES, &r), -EINVAL, "count not zero");
}

/* A page that waits for EACCEPT: the processor's error code is told in result. */
Test(driver, pending_pages_are_not_modifiable)
{
	struct sgx_enclave_restrict_permissions a;

	running();
	cr_assert_eq(front_sim.augment(file, USER_HIGH_START, SGX_PAGE_SIZE), 0);
	cr_assert_eq(restrict_to(USER_HIGH_START, SGX_PAGE_SIZE, SECINFO_R, &a), -EFAULT);
	cr_assert_eq(a.result, SGX_PAGE_NOT_MODIFIABLE);
	cr_assert_eq(a.count, 0);
}

Test(driver, one_ioctl_at_a_time_and_sgx2_only_where_it_is)
{
	struct sgx_enclave_restrict_permissions a;

	running();
	((struct sim_file *)file)->in_ioctl = true;
	cr_assert_eq(restrict_to(LIBOS_HEAP_START, SGX_PAGE_SIZE, SECINFO_R, &a), -EBUSY);
	((struct sim_file *)file)->in_ioctl = false;
	sim_cpu.leaves &= ~SIM_CPU_SGX2;
	cr_assert_eq(restrict_to(LIBOS_HEAP_START, SGX_PAGE_SIZE, SECINFO_R, &a), -ENODEV);
}

/* The kernel stops at signals: what the loader does then, on a driver that always does half. */
static struct sgx_front halting;
static int interruptions;

static int ioctl_halting(struct sgx_file *f, unsigned long cmd, void *arg)
{
	struct sgx_enclave_add_pages *a = arg;
	uint64_t length;
	int ret;

	if (cmd != SGX_IOC_ENCLAVE_ADD_PAGES || a->length == SGX_PAGE_SIZE)
		return front_sim.ioctl(f, cmd, arg);
	length = a->length;
	a->length = (length / 2 + SGX_PAGE_SIZE - 1) & ~(SGX_PAGE_SIZE - 1);
	ret = front_sim.ioctl(f, cmd, arg);
	a->length = length;
	interruptions++;
	return ret ? ret : -EINTR;
}

Test(driver, loader_continues_what_was_interrupted)
{
	static struct sgx_secs low __attribute__((aligned(4096)));
	struct enclave e = {.ops = &enclave_backend_device, .front = &halting};
	uint8_t whole[SGX_HASH_SIZE], measured[SGX_HASH_SIZE];
	struct device *d;

	halting = front_sim;
	halting.ioctl = ioctl_halting;
	halting.measurement = NULL; /* as on hardware: the loader hashes */
	low = secs;
	cr_assert_eq(e.ops->create(&e, &low), 0, "%s", e.err);
	cr_assert_eq(e.ops->add_pages(&e, BASE, source, sizeof(source), SECINFO_REG | RW, ADD_MEASURED), 0, "%s", e.err);
	cr_assert_eq(e.ops->add_pages(&e, BASE + 0x10000, NULL, 3 * SGX_PAGE_SIZE, SECINFO_REG | SECINFO_R, 0), 0);
	cr_assert_gt(interruptions, 2);
	d = device_of(&e);
	cr_assert_eq(e.ops->measurement(&e, measured), 0);
	cr_assert_eq(front_sim.measurement(d->file, whole), 0);
	cr_assert_arr_eq(measured, whole, SGX_HASH_SIZE);
	e.ops->destroy(&e);
}

Test(driver, areas)
{
	struct area_map m = {0};

	cr_assert_eq(area_set(&m, 10, 20, 1), 0);
	cr_assert_eq(area_set(&m, 30, 40, 1), 0);
	cr_assert_eq(area_set(&m, 20, 30, 1), 0);
	cr_assert_eq(m.count, 1, "joined");
	cr_assert_eq(area_set(&m, 15, 18, 2), 0);
	cr_assert_eq(m.count, 3);
	cr_assert_eq(area_at(&m, 17)->value, 2);
	cr_assert_eq(area_clear(&m, 12, 35), 0);
	cr_assert_eq(m.count, 2);
	cr_assert_eq(area_at(&m, 12)->start, 35);
	cr_assert_eq(area_set(&m, 0, 100, 3), 0);
	cr_assert_eq(m.count, 1);
	for (uint64_t i = 0; i < 100; i += 2)
		cr_assert_eq(area_clear(&m, i, i + 1), 0);
	cr_assert_eq(m.count, 50);
	for (uint64_t i = 0; i < 100; i += 2)
		cr_assert_eq(area_set(&m, i, i + 1, 3), 0);
	cr_assert_eq(m.count, 1);
	area_free(&m);
}
