/* termios on a pty: defaults, set and get, raw mode, VMIN and VTIME, output mapping, flush. */
#include "tty.h"

TEST(defaults)
{
	struct termios t;
	struct pty p = pty_open();

	EXPECT_OK(tcgetattr(p.slave, &t));
	EXPECT_EQ(t.c_lflag & (ICANON | ECHO | ISIG | IEXTEN | ECHOE),
		  ICANON | ECHO | ISIG | IEXTEN | ECHOE);
	EXPECT(t.c_iflag & ICRNL);
	EXPECT_EQ(t.c_oflag & (OPOST | ONLCR), OPOST | ONLCR);
	EXPECT_EQ(t.c_cflag & CSIZE, CS8);
	EXPECT_EQ(t.c_cc[VINTR], 3);
	EXPECT_EQ(t.c_cc[VEOF], 4);
	EXPECT_EQ(t.c_cc[VERASE], 127);
	EXPECT_EQ(t.c_cc[VKILL], 'U' - 64);
	EXPECT_EQ(t.c_cc[VMIN], 1);
	EXPECT_EQ(cfgetospeed(&t), B38400);
	pty_close(&p);
}

TEST(set_gives_back)
{
	struct termios t, u;
	struct pty p = pty_open();

	EXPECT_OK(tcgetattr(p.slave, &t));
	cfmakeraw(&t);
	t.c_cc[VMIN] = 5;
	t.c_cc[VTIME] = 7;
	EXPECT_OK(tcsetattr(p.slave, TCSADRAIN, &t));
	EXPECT_OK(tcgetattr(p.master, &u));
	EXPECT_EQ(u.c_lflag, t.c_lflag);
	EXPECT_EQ(u.c_iflag, t.c_iflag);
	EXPECT_EQ(u.c_oflag, t.c_oflag);
	EXPECT_EQ(u.c_cc[VMIN], 5);
	EXPECT_EQ(u.c_cc[VTIME], 7);
	EXPECT_ERRNO(tcsetattr(p.slave, 77, &t), EINVAL);
	pty_close(&p);
}

TEST(raw_input_is_untouched)
{
	struct termios t;
	struct pty p = pty_open();

	EXPECT_OK(tcgetattr(p.slave, &t));
	cfmakeraw(&t);
	EXPECT_OK(tcsetattr(p.slave, TCSANOW, &t));
	type_text(p.master, "a\r\n\003\004\177b");
	expect_text(p.slave, "a\r\n\003\004\177b");
	EXPECT(!readable(p.master, 0));
	pty_close(&p);
}

TEST(output_mapping)
{
	struct pty p = pty_open();

	type_text(p.slave, "a\nb");
	expect_text(p.master, "a\r\nb");
	pty_modes(&p, 0, 0, ONLCR);
	type_text(p.slave, "a\nb");
	expect_text(p.master, "a\nb");
	pty_close(&p);
}

static void set_min_time(struct pty *p, int min, int tenths)
{
	struct termios t;

	EXPECT_OK(tcgetattr(p->slave, &t));
	cfmakeraw(&t);
	t.c_cc[VMIN] = min;
	t.c_cc[VTIME] = tenths;
	EXPECT_OK(tcsetattr(p->slave, TCSANOW, &t));
}

TEST(min_and_time)
{
	char buf[16];
	int64_t start;
	struct pty p = pty_open();

	set_min_time(&p, 0, 0);
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 0);
	set_min_time(&p, 0, 1);
	start = now_ns();
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 0);
	EXPECT_GE(now_ns() - start, 80 * 1000000LL);
	type_text(p.master, "ab");
	EXPECT(readable(p.slave, 2000));
	EXPECT_EQ(read(p.slave, buf, 1), 1);
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 1);
	pty_close(&p);
}

struct late {
	int fd;
	const char *text;
};

static void *type_late(void *arg)
{
	struct late *l = arg;

	sleep_ms(30);
	type_text(l->fd, l->text);
	return NULL;
}

TEST(min_waits_for_enough)
{
	char buf[16];
	pthread_t t;
	struct pty p = pty_open();
	struct late l = { p.master, "de" };

	set_min_time(&p, 5, 0);
	type_text(p.master, "abc");
	EXPECT_EQ(pthread_create(&t, NULL, type_late, &l), 0);
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 5);
	EXPECT_MEM(buf, "abcde", 5);
	pthread_join(t, NULL);
	pty_close(&p);
}

TEST(flush_and_queue_sizes)
{
	int n = -1;
	struct pty p = pty_open();

	set_min_time(&p, 1, 0);
	type_text(p.master, "abcdef");
	EXPECT(readable(p.slave, 2000));
	EXPECT_OK(ioctl(p.slave, FIONREAD, &n));
	EXPECT_EQ(n, 6);
	EXPECT_OK(tcflush(p.slave, TCIFLUSH));
	EXPECT(!readable(p.slave, 0));
	EXPECT_ERRNO(tcflush(p.slave, 99), EINVAL);
	EXPECT_OK(tcdrain(p.slave));
	pty_close(&p);
}
