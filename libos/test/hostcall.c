/* hostcall.c: a lying host. enclave_ocall() is played by the test: it answers with wrong lengths, wrong errors,
 * malformed records and changed fields; the wrappers must refuse or bound every one. */
#include "hostcall/hostcall.h"
#include "abi/boot.h"
#include "abi/hostctl.h"
#include "abi/sites.h"
#include "base/heap.h"
#include "base/string.h"
#include "crypto/rng.h"
#include "entry/enclu.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "hostcall/eip.h"
#include "hostcall/internal.h"
#include "hostcall/untrusted.h"
#include "linux/errno.h"
#include "test/unit.h"
#include "thread/fpu.h"

void *aligned_alloc(size_t align, size_t size);
static struct vcpu vcpu;
static void (*lie)(uint64_t nr, void *args);
static int accept_error;
struct vcpu *vcpus[VCPU_MAX];
unsigned vcpus_online = 1;

void fpu_switch_out(struct thread *t) { (void)t; }
void fpu_switch_in(struct thread *t) { (void)t; }
void fpu_hide(void) {}
int enclu_eaccept(uint64_t addr, uint64_t flags)
{
	(void)addr;
	(void)flags;
	return accept_error;
}
int enclu_emodpe(uint64_t addr, uint64_t flags)
{
	(void)addr;
	(void)flags;
	return 0;
}

long enclave_ocall(uint64_t nr, haddr_t args)
{
	lie(nr, (void *)args);
	return 0;
}

static void setup(void (*fn)(uint64_t nr, void *args))
{
	lie = fn;
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.self = &vcpu;
	vcpu.shared = (uint64_t)aligned_alloc(4096, SHARED_VCPU_SLICE);
	memset((void *)vcpu.shared, 0, SHARED_VCPU_SLICE);
	unit_gs_set(&vcpu);
}

static int64_t answer;

/* Puts `answer` into the ret of a file transfer. */
static void answer_rw(uint64_t nr, void *args)
{
	(void)nr;
	((struct ocall_rw *)args)->ret = answer;
}

UNIT_TEST(border, lengths_beyond_what_was_asked)
{
	char buf[100];
	static const int64_t lies[] = { 101, 4096, INT64_MAX, INT64_MIN, -4096, -5000, 0x80000000 };

	setup(answer_rw);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		answer = lies[i];
		CHECK_EQ(host_pread(3, buf, sizeof(buf), 0), -EIO);
	}
	answer = -EACCES;
	CHECK_EQ(host_pread(3, buf, sizeof(buf), 0), -EACCES);
}

/* A stream that is always ready. */
static void answer_stream(uint64_t nr, void *args)
{
	if (nr == OCALL_POLL)
		((struct ocall_poll *)args)->ret = 5;
	else
		((struct ocall_rw *)args)->ret = answer;
}

UNIT_TEST(border, streams)
{
	static const int64_t lies[] = { 101, 65536, INT64_MAX, INT64_MIN, -4096, 0x80000000 };
	char buf[100] = { 0 };

	setup(answer_stream);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		answer = lies[i];
		CHECK_EQ(host_stream_read(3, buf, sizeof(buf)), -EIO);
		CHECK_EQ(host_stream_write(3, buf, sizeof(buf)), -EIO);
	}
	answer = 0; /* the end; and a write of nothing, which would go on for ever */
	CHECK_EQ(host_stream_read(3, buf, sizeof(buf)), 0);
	CHECK_EQ(host_stream_write(3, buf, sizeof(buf)), -EIO);
	answer = 10;
	CHECK_EQ(host_stream_read(3, buf, sizeof(buf)), 10);
	CHECK_EQ(host_stream_write(3, buf, sizeof(buf)), 0);
	answer = -EPIPE;
	CHECK_EQ(host_stream_read(3, buf, sizeof(buf)), -EPIPE);
	CHECK_EQ(host_stream_write(3, buf, sizeof(buf)), -EPIPE);
}

static void answer_stat(uint64_t nr, void *args)
{
	struct ocall_stat *a = args;

	(void)nr;
	a->ret = 0;
	a->st.size = (uint64_t)answer;
	a->st.mtime_nsec = answer == 7 ? 1000000000 : 0;
}

UNIT_TEST(border, impossible_attributes)
{
	struct host_stat st;

	setup(answer_stat);
	answer = -1;
	CHECK_EQ(host_lstat("/x", &st), -EIO);
	answer = 7;
	CHECK_EQ(host_lstat("/x", &st), -EIO);
	answer = 8;
	CHECK_EQ(host_lstat("/x", &st), 0);
	CHECK_EQ(st.size, 8);
}

static uint8_t listing[4096];
static size_t listing_len;

static void answer_dents(uint64_t nr, void *args)
{
	struct ocall_rw *a = args;

	(void)nr;
	memcpy((void *)a->buf, listing, listing_len);
	a->ret = (int64_t)listing_len;
	a->buf = 0x1000; /* an enclave address: must not matter */
	a->len = ~0UL;
}

static size_t put_dirent(size_t at, const char *name, uint16_t reclen, uint8_t name_len)
{
	struct host_dirent d = { .ino = 1, .reclen = reclen, .name_len = name_len };

	memcpy(listing + at, &d, sizeof(d));
	memcpy(listing + at + sizeof(d), name, strlen(name));
	return at + reclen;
}

UNIT_TEST(border, directory_records)
{
	char buf[4096];
	uint64_t cookie = 0;
	uint16_t good = sizeof(struct host_dirent) + 8;

	setup(answer_dents);
	listing_len = put_dirent(0, "name", good, 4);
	CHECK_EQ(host_getdents(3, buf, sizeof(buf), &cookie), listing_len);
	listing_len = put_dirent(0, "a/b", good, 3);
	CHECK_EQ(host_getdents(3, buf, sizeof(buf), &cookie), -EIO);
	listing_len = put_dirent(0, "name", 0, 4); /* would loop for ever */
	listing_len = 100;
	CHECK_EQ(host_getdents(3, buf, sizeof(buf), &cookie), -EIO);
	put_dirent(0, "name", 4000, 4);
	listing_len = 200; /* reaches beyond the reply */
	CHECK_EQ(host_getdents(3, buf, sizeof(buf), &cookie), -EIO);
	listing_len = put_dirent(0, "name", good, 200); /* a name longer than its record */
	CHECK_EQ(host_getdents(3, buf, sizeof(buf), &cookie), -EIO);
	listing_len = put_dirent(0, "", good, 0);
	CHECK_EQ(host_getdents(3, buf, sizeof(buf), &cookie), -EIO);
	for (int i = 0; i < 20000; i++) {
		listing_len = rng_u64() % 512;
		rng_bytes(listing, listing_len);
		(void)!host_getdents(3, buf, sizeof(buf), &cookie);
	}
}

static void answer_sites(uint64_t nr, void *args)
{
	struct ocall_sites *a = args;

	(void)nr;
	memcpy((void *)a->buf, listing, listing_len);
	a->ret = (int64_t)listing_len;
}

UNIT_TEST(border, site_tables)
{
	struct site_table t = { SITES_MAGIC, 1000000, 0 }, *got;

	setup(answer_sites);
	memcpy(listing, &t, sizeof(t));
	listing_len = sizeof(t) + 64;
	CHECK(!host_sites("/x")); /* a count that the bytes do not hold */
	t.count = 2;
	memcpy(listing, &t, sizeof(t));
	got = host_sites("/x");
	CHECK(got && got->count == 2);
	kfree(got);
	t.magic = 1;
	memcpy(listing, &t, sizeof(t));
	CHECK(!host_sites("/x"));
	listing_len = 3;
	CHECK(!host_sites("/x"));
}

static void answer_ok(uint64_t nr, void *args)
{
	(void)nr;
	((struct ocall_mem *)args)->ret = 0;
}

static bool panicked;
void panic(const char *fmt, ...)
{
	(void)fmt;
	panicked = true;
	__builtin_longjmp((void **)vcpu.fpu_scratch, 1);
}

UNIT_TEST(border, memory_that_was_not_given)
{
	void *jump[5];

	setup(answer_ok);
	CHECK_EQ(host_mem_augment(0x1000000000, 4096), 0);
	accept_error = 19; /* SGX_PAGE_ATTRIBUTES_MISMATCH: the host claimed success */
	vcpu.fpu_scratch = jump;
	if (!__builtin_setjmp(jump))
		(void)host_mem_augment(0x1000000000, 4096);
	CHECK(panicked);
}

UNIT_TEST(border, ranges)
{
	CHECK(!host_range_ok(0x1000, 16));                    /* inside the enclave */
	CHECK(!host_range_ok(ELRANGE_SIZE - 8, 16));          /* straddles its end */
	CHECK(!host_range_ok(~0UL - 4, 16));                  /* wraps */
	CHECK(!host_range_ok(0xffff800000000000, 16));        /* the kernel's */
	CHECK(host_range_ok(ELRANGE_SIZE, 16));
}

UNIT_TEST(border, unaligned_copies_are_exact)
{
	uint8_t *host = aligned_alloc(4096, 4096), got[64];

	for (int i = 0; i < 4096; i++)
		host[i] = (uint8_t)(i * 7);
	for (size_t off = 0; off < 17; off++) {
		for (size_t n = 0; n < 40; n++) {
			memset(got, 0xee, sizeof(got));
			copy_from_host(got, (haddr_t)(host + 8 + off), n);
			CHECK(!memcmp(got, host + 8 + off, n));
			CHECK_EQ(got[n], 0xee);
		}
	}
}
