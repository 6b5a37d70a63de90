/*
 * For the hostile programs: whatever a child does, the parent and every other process go on.
 * After each attack the parent proves that it is alive: it spawns a good child and exchanges data
 * with it.
 */
#pragma once

#include "../test.h"
#include <sys/mman.h>
#include <sys/resource.h>

/* Pointers that no program may use: low, last page, hole, not canonical, the kernel's half. */
static const uintptr_t wild[] = {
	16, 0x7ffffffff000, 0x00007fffffffffff, 0x0000800000000000, 0x8000000000000000,
	0xffff800000000000, 0xffffffff81000000, 0xfffffffffffff000, 0xffffffffffffffff,
};

ROLE(good_child)
{
	char buf[16];
	ssize_t n = read(0, buf, sizeof(buf));

	return n > 0 && write(1, buf, n) == n ? 7 : 1;
}

static inline void expect_alive(void)
{
	posix_spawn_file_actions_t fa;
	int in[2], out[2];
	char buf[16];
	pid_t pid;

	EXPECT_OK(pipe2(in, O_CLOEXEC));
	EXPECT_OK(pipe2(out, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	pid = spawn_self_with(&fa, NULL, "good_child");
	EXPECT_EQ(write(in[1], "are you there", 13), 13);
	EXPECT_EXIT(pid, 7);
	EXPECT_EQ(read(out[0], buf, sizeof(buf)), 13);
	EXPECT_MEM(buf, "are you there", 13);
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
}

/* The child of this role must die by this signal, and nothing else may happen. */
#define EXPECT_KILLED(signo, ...)					\
	do {								\
		EXPECT_SIGNALED(spawn_self(__VA_ARGS__), signo);	\
		expect_alive();						\
	} while (0)

/* Waits up to seconds for a child that may never end, then kills it; the wait status. */
static inline int wait_or_kill(pid_t pid, int seconds)
{
	int status;

	for (int i = 0; i < seconds * 1000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		sleep_ms(i < 50 ? 1 : 5);
		i += i < 50 ? 0 : 4;
	}
	kill(pid, SIGKILL);
	return wait_status(pid);
}
