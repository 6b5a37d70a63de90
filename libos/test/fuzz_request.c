/* fuzz_request.c: a libFuzzer target for what comes from outside at start and after: a configuration blob, then a
 * host's reply to OCALL_REQUEST. Both go through the code that the LibOS runs, up to opening the program: pid 1's file
 * is included, and what lies behind is cut off (linked with unresolved symbols; a call of one is a finding).
 * A program outside of the entry points must not be opened. */
#include "process/init.c"

#include "abi/boot.h"
#include "abi/hostctl.h"
#include "entry/vcpu.h"
#include "hostcall/async.h"
#include "test/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void *aligned_alloc(size_t align, size_t size);

#define REQUIRE(c) do { if (!(c)) __builtin_trap(); } while (0)
#define SHARED_TOTAL SHARED_SIZE(1)

struct vcpu *vcpus[VCPU_MAX];
unsigned vcpus_online = 1;
struct process *init_process;
static uint8_t *shared;
static struct host_control control;
static struct vcpu vcpu;
static const uint8_t *reply;
static size_t reply_len;
static int64_t reply_ret;
static struct file opened;
static char opened_name[PATH_MAX];

static struct async_slot *host_slots(void)
{
	return (void *)(shared + SHARED_VCPU_SLICE);
}

/* The host: every slot that waits is answered with the reply. */
long enclave_ocall(uint64_t nr, haddr_t args)
{
	struct ocall_request *a;
	int64_t ret = 0;

	for (unsigned i = 0; nr == OCALL_SUBMIT && i < ASYNC_SLOTS; i++) {
		struct async_slot *s = &host_slots()[i];

		if (s->state != ASYNC_SUBMITTED)
			continue;
		a = (void *)s->args;
		memcpy((void *)a->buf, reply, MIN(reply_len, (size_t)ASYNC_DATA_SIZE));
		a->ret = reply_ret;
		a->buf = 0x1000; /* an enclave address: must not matter */
		s->state = ASYNC_DONE;
	}
	/* ret is last in every argument struct that is used here. */
	memcpy((char *)args + (nr == OCALL_EXITED ? offsetof(struct ocall_exited, ret) : 0), &ret, sizeof(ret));
	return 0;
}

int waitq_wait(struct waitq *q, enum wait_mode mode, nsec_t deadline)
{
	(void)q, (void)mode, (void)deadline;
	async_poll();
	return 0;
}

void fpu_switch_out(struct thread *t) { (void)t; }
void fpu_switch_in(struct thread *t) { (void)t; }
void fpu_hide(void) {}
void host_close(int fd) { (void)fd; }
void console_winsize_changed(void) {}
kpid_t tty_foreground(const struct process *p) { return (void)p, 0; }
int signal_send_pgrp(kpid_t group, int sig, const struct siginfo *info)
{
	(void)group, (void)info;
	REQUIRE(sig >= 1 && sig <= NSIG);
	return 0;
}
void enclave_stop(int code)
{
	panic("stopped with code %d\n", code);
}

int exec_open_file(int dirfd, const char *name, unsigned flags, struct file **out)
{
	(void)dirfd, (void)flags;
	REQUIRE(name[0] == '/' && strlen(name) < PATH_MAX);
	REQUIRE(!strstr(name, "/../") && !strstr(name, "/./") && !strstr(name, "//"));
	if (name[1] == 'x')
		return -ENOENT;
	strlcpy(opened_name, name, sizeof(opened_name));
	*out = &opened;
	return 0;
}

void file_put(struct file *f)
{
	REQUIRE(f == &opened);
}

int exec_buffer_add(struct exec_buffer *b, const char *s)
{
	b->strings->len += strlen(s) + 1;
	return b->strings->len > b->limit ? -E2BIG : 0;
}

int program_open(struct program *pg, struct file *file)
{
	REQUIRE(file == &opened && pg->filename && config_entry_allowed(opened_name));
	return -ENOEXEC;
}

void program_free(struct program *pg)
{
	(void)pg;
}

static void start(void)
{
	shared = aligned_alloc(4096, SHARED_TOTAL);
	memset(shared, 0, SHARED_TOTAL);
	init_process = &unit_process;
	vcpus[0] = &vcpu;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char request[REQUEST_MAX] __attribute__((aligned(8)));
	uint16_t blob_size, ret_offset;
	void *blob;
	ssize_t n;

	if (size < 4)
		return 0;
	unit_env_reset();
	if (!shared)
		start();
	vcpu = (struct vcpu){ .self = &vcpu, .shared = (uint64_t)shared };
	__builtin_ia32_wrgsbase64((uint64_t)&vcpu);
	async_init((haddr_t)host_slots(), (haddr_t)(host_slots() + ASYNC_SLOTS), (haddr_t)&control);
	memcpy(&blob_size, data, 2);
	memcpy(&ret_offset, data + 2, 2);
	data += 4, size -= 4;
	blob_size = (uint16_t)MIN((size_t)blob_size, size);
	blob = kmalloc(blob_size);
	memcpy(blob, data, blob_size);
	reply = data + blob_size;
	reply_len = size - blob_size;
	/* Usually the true length. */
	reply_ret = (int64_t)reply_len + (ret_offset % 8 ? 0 : (int16_t)ret_offset);
	if (!config_load(blob, blob_size)) {
		n = host_wait_request((void *)request, REQUEST_MAX);
		if (n >= 0 && ((struct host_request *)request)->type != REQUEST_STOP)
			serve((void *)request);
	}
	kfree(blob);
	return 0;
}
