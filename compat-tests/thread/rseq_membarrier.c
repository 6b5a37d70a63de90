/*
 * rseq and membarrier: libc's registration is alive in every thread (cpu numbers make sense),
 * double registration is refused, and the membarrier commands that are offered work.
 */
#include "threads.h"
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sys/rseq.h>

static volatile struct rseq *my_rseq(void)
{
	return (volatile struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

static void *cpu_is_sane(void *arg)
{
	for (int i = 0; i < 200; i++) {
		unsigned int cpu = my_rseq()->cpu_id;

		EXPECT_LT(cpu, sysconf(_SC_NPROCESSORS_CONF));
		EXPECT_LT(my_rseq()->cpu_id_start, sysconf(_SC_NPROCESSORS_CONF));
		sched_yield();
	}
	return (void *)((long)arg * 0);
}

TEST(cpu_number)
{
	if (!__rseq_size)
		SKIP("libc has not registered rseq");
	threads_run(4, cpu_is_sane);
	cpu_is_sane(NULL);
}

TEST(registration_errors)
{
	static __thread struct rseq mine __attribute__((aligned(32)));

	if (!__rseq_size)
		SKIP("libc has not registered rseq");
	EXPECT_ERRNO(syscall(SYS_rseq, &mine, sizeof(mine), 0, RSEQ_SIG),
		     EINVAL);	/* one is active */
	EXPECT_ERRNO(syscall(SYS_rseq, my_rseq(), 32, 0, RSEQ_SIG), EBUSY);
	EXPECT_ERRNO(syscall(SYS_rseq, my_rseq(), 32, 0, 0x12345678), EPERM);
	EXPECT_ERRNO(syscall(SYS_rseq, my_rseq(), 32, 0x80, RSEQ_SIG), EINVAL);
}

static void *unregister(void *arg)
{
	volatile struct rseq *r = my_rseq();

	EXPECT_EQ(syscall(SYS_rseq, r, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG), 0);
	EXPECT_EQ(r->cpu_id, (uint32_t)RSEQ_CPU_ID_UNINITIALIZED);
	EXPECT_EQ(syscall(SYS_rseq, r, 32, 0, RSEQ_SIG), 0);
	EXPECT_LT(r->cpu_id, sysconf(_SC_NPROCESSORS_CONF));
	return arg;
}

TEST(off_and_on_again)
{
	if (!__rseq_size)
		SKIP("libc has not registered rseq");
	EXPECT(thread_join(thread_start(unregister, NULL)) == NULL);
}

static atomic_int stop;

static void *spin(void *arg)
{
	while (!atomic_load(&stop))
		;
	return (void *)((long)arg * 0);
}

TEST(membarrier)
{
	int cmds = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
	pthread_t t[3];

	if (cmds < 0 && errno == ENOSYS)
		SKIP("no membarrier");
	EXPECT_GE(cmds, 0);
	EXPECT_ERRNO(syscall(SYS_membarrier, 1 << 30, 0, 0), EINVAL);
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0x100, 0), EINVAL);
	if (!(cmds & MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		return;
	EXPECT_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
	EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	for (long i = 0; i < 3; i++)
		t[i] = thread_start(spin, (void *)i);
	for (int i = 0; i < 100; i++)
		EXPECT_OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	atomic_store(&stop, 1);
	for (int i = 0; i < 3; i++)
		thread_join(t[i]);
}
