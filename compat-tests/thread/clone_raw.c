/*
 * The raw clone: threads without libc that set and clear their tid words, share or do not share
 * files, refuse impossible flag sets; CLONE_VM children that are processes; set_tid_address.
 */
#include "futex.h"
#include <sys/mman.h>

#define THREAD_FLAGS                                                                               \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
#define STACK		65536

static char *stack_new(void)
{
	return EXPECT_OK((char *)mmap(NULL, STACK, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0));
}

/*
 * A clone whose child runs fn(arg) and leaves by exit(2). It borrows the parent's thread pointer,
 * so fn makes raw calls only.
 */
static long raw_clone(unsigned long flags, char *stack, pid_t *ptid, pid_t *ctid,
		      long (*fn)(void *), void *arg)
{
	register long r10 __asm__("r10") = (long)ctid;
	register long r8 __asm__("r8") = 0;
	void **top = (void **)(stack + STACK) - 2;
	long r;

	top[0] = (void *)fn;
	top[1] = arg;
	__asm__ volatile(
		"syscall\n\t"
		"test %%rax, %%rax\n\t"
		"jnz 1f\n\t"
		"xor %%ebp, %%ebp\n\t"
		"pop %%rax\n\t"
		"pop %%rdi\n\t"
		"call *%%rax\n\t"
		"mov %%rax, %%rdi\n\t"
		"mov $60, %%eax\n\t"
		"syscall\n\t"
		"hlt\n"
		"1:"
		: "=a"(r)
		: "a"(SYS_clone), "D"(flags), "S"(top), "d"(ptid), "r"(r10), "r"(r8)
		: "rcx", "r11", "memory");
	return r;
}

static long raw3(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return r;
}

struct shared {
	atomic_int tid, pid, done;
	int fd;
};

static long note_ids(void *arg)
{
	struct shared *s = arg;

	atomic_store(&s->tid, (int)raw3(SYS_gettid, 0, 0, 0));
	atomic_store(&s->pid, (int)raw3(SYS_getpid, 0, 0, 0));
	atomic_store(&s->done, 1);
	return 0;
}

static void wait_cleared(pid_t *word)
{
	pid_t v;

	while ((v = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != 0)
		futex(word, FUTEX_WAIT, v, NULL, NULL, 0);
}

TEST(tid_words)
{
	for (int i = 0; i < 50; i++) {
		char *stack = stack_new();
		struct shared s = { 0 };
		pid_t ptid = 0, ctid = -1;
		long r = raw_clone(THREAD_FLAGS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
					   CLONE_CHILD_CLEARTID,
				   stack, &ptid, &ctid, note_ids, &s);

		EXPECT_GT(r, 0);
		EXPECT_EQ(ptid, r);
		wait_cleared(&ctid);
		EXPECT_EQ(atomic_load(&s.done), 1);
		EXPECT_EQ(atomic_load(&s.tid), r);
		EXPECT_EQ(atomic_load(&s.pid), getpid());
		EXPECT_OK(munmap(stack, STACK));
	}
}

static long close_it(void *arg)
{
	struct shared *s = arg;

	raw3(SYS_close, s->fd, 0, 0);
	atomic_store(&s->done, 1);
	return 0;
}

static void close_in_clone(unsigned long flags, struct shared *s)
{
	char *stack = stack_new();
	pid_t ctid = -1;

	s->fd = EXPECT_OK(dup(0));
	EXPECT_GT(raw_clone(flags | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID, stack, NULL, &ctid,
			    close_it, s),
		  0);
	wait_cleared(&ctid);
	EXPECT_EQ(atomic_load(&s->done), 1);
	EXPECT_OK(munmap(stack, STACK));
}

TEST(files_shared_or_not)
{
	struct shared s = { 0 };

	close_in_clone(THREAD_FLAGS, &s);
	EXPECT_ERRNO(fcntl(s.fd, F_GETFD), EBADF);
	s = (struct shared){ 0 };
	close_in_clone(THREAD_FLAGS & ~CLONE_FILES, &s);
	EXPECT_GE(fcntl(s.fd, F_GETFD), 0);
	close(s.fd);
}

TEST(impossible_flags)
{
	char *stack = stack_new();

	EXPECT_EQ(raw_clone(CLONE_THREAD | SIGCHLD, stack, NULL, NULL, note_ids, NULL), -EINVAL);
	EXPECT_EQ(raw_clone(CLONE_THREAD | CLONE_VM, stack, NULL, NULL, note_ids, NULL), -EINVAL);
	EXPECT_EQ(raw_clone(CLONE_SIGHAND | SIGCHLD, stack, NULL, NULL, note_ids, NULL), -EINVAL);
	EXPECT_EQ(raw_clone(THREAD_FLAGS | CLONE_NEWNS, stack, NULL, NULL, note_ids, NULL),
		  -EINVAL);
	EXPECT_OK(munmap(stack, STACK));
}

/* Shares memory but is a process: another pid, waited for, its own exit code. */
TEST(process_in_the_same_memory)
{
	char *stack = stack_new();
	struct shared s = { 0 };
	pid_t pid = raw_clone(CLONE_VM | CLONE_VFORK | SIGCHLD, stack, NULL, NULL, note_ids, &s);

	EXPECT_GT(pid, 0);
	EXPECT_EQ(atomic_load(&s.done), 1);
	EXPECT_EQ(atomic_load(&s.pid), pid);
	EXPECT_EQ(atomic_load(&s.tid), pid);
	EXPECT_EXIT(pid, 0);
	EXPECT_OK(munmap(stack, STACK));
}

static long set_address(void *arg)
{
	struct shared *s = arg;

	atomic_store(&s->tid, (int)raw3(SYS_set_tid_address, (long)&s->done, 0, 0));
	return 0;
}

TEST(set_tid_address)
{
	char *stack = stack_new();
	struct shared s = { .done = 1 };
	long r = raw_clone(THREAD_FLAGS, stack, NULL, NULL, set_address, &s);

	EXPECT_GT(r, 0);
	wait_cleared((pid_t *)&s.done);
	EXPECT_EQ(atomic_load(&s.tid), r);
	EXPECT_OK(munmap(stack, STACK));
}

static long spin_until_done(void *arg)
{
	struct shared *s = arg;

	atomic_store(&s->tid, 1);
	while (!atomic_load(&s->done))
		raw3(SYS_sched_yield, 0, 0, 0);
	return 0;
}

TEST(eighty_raw_threads)
{
	enum { N = 80 };
	static struct shared s;
	static pid_t ctid[N];
	char *stack[N];

	for (int i = 0; i < N; i++) {
		stack[i] = stack_new();
		ctid[i] = -1;
		EXPECT_GT(raw_clone(THREAD_FLAGS | CLONE_CHILD_CLEARTID, stack[i], NULL, &ctid[i],
				    spin_until_done, &s),
			  0);
	}
	atomic_store(&s.done, 1);
	for (int i = 0; i < N; i++) {
		wait_cleared(&ctid[i]);
		EXPECT_OK(munmap(stack[i], STACK));
	}
}
