/*
 * vfork: the child runs in the parent's memory while the parent waits for its exec or exit; it has
 * its own descriptors, signal mask, working directory and pid.
 */
#include "child.h"

TEST(shares_memory)
{
	volatile int value = 1;
	volatile int *heap = malloc(sizeof(*heap));
	pid_t pid;

	*heap = 10;
	pid = vfork();
	if (pid == 0) {
		value = 2;
		*heap = 20;
		_exit(3);
	}
	EXPECT_GT(pid, 0);
	EXPECT_EQ(value, 2);
	EXPECT_EQ(*heap, 20);
	EXPECT_EXIT(pid, 3);
	free((void *)heap);
}

TEST(ids)
{
	volatile pid_t child = 0, childs_parent = 0, tid = 0;
	pid_t me = getpid(), pid = vfork();

	if (pid == 0) {
		child = getpid();
		tid = syscall(SYS_gettid);
		childs_parent = getppid();
		_exit(0);
	}
	EXPECT_EQ(child, pid);
	EXPECT_EQ(tid, pid);
	EXPECT_EQ(childs_parent, me);
	EXPECT_EQ(getpid(), me);
	EXPECT_EXIT(pid, 0);
}

TEST(parent_waits)
{
	volatile int done = 0;
	int64_t t = now_ns();
	pid_t pid = vfork();

	if (pid == 0) {
		struct timespec ts = { 0, 60000000 };

		nanosleep(&ts, NULL);
		done = 1;
		_exit(0);
	}
	EXPECT_EQ(done, 1);
	EXPECT_GE(now_ns() - t, 60000000);
	EXPECT_EXIT(pid, 0);
}

ROLE(sleeper)
{
	char c;

	return read(0, &c, 1) == 0 ? 9 : 1;
}

/* exec frees the parent at once, although the child lives on. */
TEST(exec_frees_the_parent)
{
	int fd[2];
	pid_t pid;

	EXPECT_OK(pipe2(fd, O_CLOEXEC));
	pid = vfork();
	if (pid == 0) {
		dup2(fd[0], 0);
		execl("/proc/self/exe", "self", "--role", "sleeper", NULL);
		_exit(127);
	}
	EXPECT_GT(pid, 0);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	close(fd[1]);
	EXPECT_EXIT(pid, 9);
	close(fd[0]);
}

TEST(failed_exec_then_exit)
{
	volatile int err = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/no/such/program", "x", NULL);
		err = errno;
		_exit(44);
	}
	EXPECT_EQ(err, ENOENT);
	EXPECT_EXIT(pid, 44);
}

TEST(own_descriptors)
{
	int fd = tmp_file("f", "abc", 3);
	volatile int child_fd = -1;
	pid_t pid = vfork();

	if (pid == 0) {
		close(fd);
		child_fd = open("/dev/null", O_RDONLY);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(child_fd, fd);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 3);
	close(fd);
}

TEST(own_directory_mask_and_umask)
{
	char before[PATH_MAX], after[PATH_MAX];
	mode_t um = umask(022);
	sigset_t mask;
	pid_t pid;

	EXPECT(getcwd(before, sizeof(before)) != NULL);
	test_tmpdir();
	pid = vfork();
	if (pid == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		umask(077);
		_exit(chdir(test_state.tmpdir) ? 1 : 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(getcwd(after, sizeof(after)) != NULL);
	EXPECT_STR(before, after);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	EXPECT(!sigismember(&mask, SIGTERM));
	EXPECT_EQ(umask(um), 022);
}

TEST(own_signal_handlers)
{
	struct sigaction sa;
	pid_t pid;

	signal(SIGUSR1, SIG_IGN);
	pid = vfork();
	if (pid == 0) {
		signal(SIGUSR1, SIG_DFL);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	sigaction(SIGUSR1, NULL, &sa);
	EXPECT(sa.sa_handler == SIG_IGN);
	signal(SIGUSR1, SIG_DFL);
}

TEST(killed_child_frees_the_parent)
{
	pid_t pid = vfork();

	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	EXPECT_SIGNALED(pid, SIGKILL);
}

static void *other_thread(void *arg)
{
	volatile int *count = arg;

	while (*count >= 0)
		if (*count < 1000000000)
			__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Only the calling thread waits; the others run on. */
TEST(other_threads_run)
{
	volatile int count = 0;
	int before, after;
	pthread_t t;
	pid_t pid;

	EXPECT_EQ(pthread_create(&t, NULL, other_thread, (void *)&count), 0);
	while (!count)
		sched_yield();
	before = count;
	pid = vfork();
	if (pid == 0) {
		struct timespec ts = { 0, 100000000 };

		nanosleep(&ts, NULL);
		_exit(0);
	}
	after = count;
	__atomic_store_n(&count, -1000000000, __ATOMIC_SEQ_CST);
	EXPECT_EQ(pthread_join(t, NULL), 0);
	EXPECT_GT(after, before);
	EXPECT_EXIT(pid, 0);
}

TEST(fifty_in_a_row)
{
	for (volatile int i = 0; i < 50; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(i);
		EXPECT_EXIT(pid, i);
	}
}
