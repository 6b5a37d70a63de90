/*
 * What happens on the way out: atexit handlers in reverse order, handlers that register handlers,
 * destructors, flushed stdio; _exit does none of it, quick_exit only its own; descriptors and locks
 * are given back.
 */
#include "child.h"
#include <sys/file.h>

static struct outcome o;
static bool talk;

__attribute__((destructor))
static void destructor(void)
{
	if (talk && write(1, "D", 1) != 1)
		_exit(99);
}

static void say_1(void) { printf("1"); }
static void say_2(void) { printf("2"); }
static void say_3(void) { printf("3"); atexit(say_2); }
static void say_q(void) { if (write(1, "Q", 1) != 1) _exit(99); }
static void say_n(int status, void *arg) { printf("%s%d", (char *)arg, status); }

ROLE(leave)
{
	talk = true;
	setvbuf(stdout, NULL, _IOFBF, 4096);
	atexit(say_1);
	atexit(say_3);
	on_exit(say_n, "n");
	at_quick_exit(say_q);
	printf("body ");
	if (!strcmp(argv[0], "_exit"))
		_exit(3);
	if (!strcmp(argv[0], "quick_exit"))
		quick_exit(4);
	if (!strcmp(argv[0], "exit"))
		exit(5);
	return 6;
}

/* stdio is flushed after the destructors, which write straight to the descriptor. */
TEST(exit_runs_all)
{
	EXPECT_EQ(run_self(&o, "leave", "exit"), 0);
	EXPECT_STR(o.out, "Dbody n5321");
	EXPECT(exited(&o, 5));
}

TEST(return_runs_all)
{
	EXPECT_EQ(run_self(&o, "leave", "return"), 0);
	EXPECT_STR(o.out, "Dbody n6321");
	EXPECT(exited(&o, 6));
}

TEST(underscore_exit_runs_nothing)
{
	EXPECT_EQ(run_self(&o, "leave", "_exit"), 0);
	EXPECT_STR(o.out, "");
	EXPECT(exited(&o, 3));
}

TEST(quick_exit_runs_its_own)
{
	EXPECT_EQ(run_self(&o, "leave", "quick_exit"), 0);
	EXPECT_STR(o.out, "Q");
	EXPECT(exited(&o, 4));
}

ROLE(take_lock)
{
	int fd = EXPECT_OK(open(argv[0], O_RDWR));

	EXPECT_OK(flock(fd, LOCK_EX));
	if (!strcmp(argv[1], "die"))
		raise(SIGKILL);
	return 0;
}

TEST(locks_are_given_back)
{
	int fd = tmp_file("lock", "", 0);

	EXPECT_EXIT(spawn_self("take_lock", tmp_path("lock"), "leave"), 0);
	EXPECT_OK(flock(fd, LOCK_EX | LOCK_NB));
	EXPECT_OK(flock(fd, LOCK_UN));
	EXPECT_SIGNALED(spawn_self("take_lock", tmp_path("lock"), "die"), SIGKILL);
	EXPECT_OK(flock(fd, LOCK_EX | LOCK_NB));
	close(fd);
}

ROLE(write_and_die)
{
	printf("lost");
	EXPECT_EQ(write(1, "kept", 4), 4);
	raise(SIGKILL);
	return 0;
}

TEST(killed_process_keeps_what_was_written)
{
	EXPECT_EQ(run_self(&o, "write_and_die"), 0);
	EXPECT_STR(o.out, "kept");
	EXPECT(WIFSIGNALED(o.status));
}
