/*
 * A controlling terminal: setsid and TIOCSCTTY, foreground group, ^C and ^\ as signals, SIGWINCH,
 * /dev/tty, SIGHUP on hang-up.
 */
#include "tty.h"

/* Becomes a session leader on the slave argv[0], then does argv[1]; says "R" when it is ready. */
static int take_terminal(const char *slave)
{
	int fd;

	EXPECT_OK(setsid());
	fd = EXPECT_OK(open(slave, O_RDWR));
	EXPECT_OK(ioctl(fd, TIOCSCTTY, 0));
	return fd;
}

static void ready(void)
{
	EXPECT_EQ(write(1, "R", 1), 1);
}

ROLE(wait_for_signal)
{
	take_terminal(argv[0]);
	ready();
	pause();
	return 1;
}

ROLE(sigwaiter)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, atoi(argv[1]));
	sigprocmask(SIG_BLOCK, &set, NULL);
	take_terminal(argv[0]);
	ready();
	EXPECT_EQ(sigwait(&set, &sig), 0);
	return sig == atoi(argv[1]) ? 0 : 1;
}

ROLE(queries)
{
	int fd = take_terminal(argv[0]), tty;

	EXPECT_EQ(tcgetpgrp(fd), getpid());
	EXPECT_EQ(tcgetsid(fd), getpid());
	EXPECT_EQ(getsid(0), getpid());
	tty = EXPECT_OK(open("/dev/tty", O_RDWR));
	EXPECT_EQ(write(tty, "via tty", 7), 7);
	ready();
	signal(SIGHUP, SIG_IGN); /* a leader that gives up its terminal gets one */
	EXPECT_OK(ioctl(tty, TIOCNOTTY));
	EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
	EXPECT_ERRNO(tcgetpgrp(fd), ENOTTY);
	return 0;
}

ROLE(no_terminal)
{
	EXPECT_OK(setsid());
	EXPECT_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
	return 0;
}

/* The session leader on the pty; it has reported itself ready. */
static pid_t spawn_on(struct pty *p, const char *role, const char *arg)
{
	posix_spawn_file_actions_t fa;
	int out[2];
	pid_t pid;
	char c = 0;

	EXPECT_OK(pipe2(out, O_CLOEXEC));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	pid = spawn_self_with(&fa, NULL, role, p->name, arg);
	posix_spawn_file_actions_destroy(&fa);
	close(out[1]);
	EXPECT_EQ(read(out[0], &c, 1), 1);
	close(out[0]);
	return pid;
}

TEST(interrupt_and_quit_characters)
{
	struct pty p = pty_open();
	pid_t pid = spawn_on(&p, "wait_for_signal", NULL);

	type_text(p.master, "\003");
	EXPECT_SIGNALED(pid, SIGINT);
	pty_close(&p);
	p = pty_open();
	pid = spawn_on(&p, "wait_for_signal", NULL);
	type_text(p.master, "\034");
	EXPECT_SIGNALED(pid, SIGQUIT);
	pty_close(&p);
}

static void signal_arrives(int sig, void (*cause)(struct pty *))
{
	struct pty p = pty_open();
	char num[12];
	pid_t pid;

	snprintf(num, sizeof(num), "%d", sig);
	pid = spawn_on(&p, "sigwaiter", num);
	cause(&p);
	EXPECT_EXIT(pid, 0);
	pty_close(&p);
}

static void resize(struct pty *p)
{
	struct winsize w = { .ws_row = 7, .ws_col = 9 };

	EXPECT_OK(ioctl(p->master, TIOCSWINSZ, &w));
}

static void hang_up(struct pty *p)
{
	close(p->master);
	p->master = -1;
}

TEST(window_change)
{
	signal_arrives(SIGWINCH, resize);
}

TEST(hangup)
{
	signal_arrives(SIGHUP, hang_up);
}

TEST(session_queries)
{
	struct pty p = pty_open();
	pid_t pid = spawn_on(&p, "queries", NULL);

	expect_text(p.master, "via tty");
	EXPECT_EXIT(pid, 0);
	pty_close(&p);
}

TEST(without_a_terminal)
{
	EXPECT_EXIT(spawn_self("no_terminal"), 0);
}
