/* ldisc.c (test): the line discipline: what goes in, what is echoed, what is read. */
#include "fs/devfs/ldisc.h"
#include "base/string.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "test/unit.h"

static struct ldisc l;
static int signalled;

static void on_signal(struct ldisc *unused, int sig)
{
	(void)unused;
	signalled = sig;
}

static void reset(void)
{
	ldisc_init(&l);
	l.signal = on_signal;
	signalled = 0;
}

static size_t type(const char *s)
{
	return ldisc_input(&l, (const uint8_t *)s, strlen(s));
}

static const char *echoed(void)
{
	static char buf[512];

	buf[ldisc_drain(&l, (uint8_t *)buf, sizeof(buf) - 1)] = 0;
	return buf;
}

static const char *line(void)
{
	static char buf[512];
	ssize_t n = ldisc_read(&l, (uint8_t *)buf, sizeof(buf) - 1);

	if (n < 0)
		return n == -EAGAIN ? "(nothing)" : "(error)";
	buf[n] = 0;
	return buf;
}

/* typed, then what the screen got and what a reader gets */
static const struct {
	const char *typed, *screen, *read;
} cases[] = {
	{ "hello\n", "hello\r\n", "hello\n" },
	{ "hello\r", "hello\r\n", "hello\n" },          /* ICRNL */
	{ "helo\177lo\n", "helo\b \blo\r\n", "hello\n" },
	{ "\177\177a\n", "a\r\n", "a\n" },              /* nothing to erase */
	{ "abc\025x\n", "abc\b \b\b \b\b \bx\r\n", "x\n" },
	{ "one two\027x\n", "one two\b \b\b \b\b \bx\r\n", "one x\n" },
	{ "a\001b\n", "a^Ab\r\n", "a\001b\n" },
	{ "a\001\177b\n", "a^A\b \b\b \bb\r\n", "ab\n" }, /* two columns go */
	{ "ab\t\177c\n", "ab\t\b \b\b \b\b \b\b \b\b \b\b \bc\r\n", "abc\n" },
	{ "\026\003x\n", "^\b^Cx\r\n", "\003x\n" },     /* literal next */
	{ "ab\022c\n", "ab^R\r\nabc\r\n", "abc\n" },
	{ "part\004", "part", "part" },                 /* EOF in a line: what there is */
	{ "\004", "", "" },                             /* EOF at its start */
	{ "no line", "no line", "(nothing)" },
};

UNIT_TEST(ldisc, canonical)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		reset();
		CHECK_EQ(type(cases[i].typed), strlen(cases[i].typed));
		CHECK_STR(echoed(), cases[i].screen);
		CHECK_STR(line(), cases[i].read);
	}
}

UNIT_TEST(ldisc, one_line_per_read)
{
	uint8_t buf[4];

	reset();
	type("first\nsecond\n");
	CHECK_EQ(ldisc_read(&l, buf, 4), 4);
	CHECK_STR(line(), "t\n");
	CHECK_STR(line(), "second\n");
	CHECK_STR(line(), "(nothing)");
	type("four\004");
	CHECK_EQ(ldisc_read(&l, buf, 4), 4); /* the EOF behind it is used up */
	CHECK_STR(line(), "(nothing)");
}

UNIT_TEST(ldisc, signals)
{
	reset();
	type("junk\003");
	CHECK_EQ(signalled, SIGINT);
	CHECK_STR(echoed(), "^C");
	CHECK_STR(line(), "(nothing)");
	type("\034");
	CHECK_EQ(signalled, SIGQUIT);
	type("\032");
	CHECK_EQ(signalled, SIGTSTP);
	signalled = 0;
	l.tio.c_lflag &= ~ISIG;
	type("\003\n");
	CHECK_EQ(signalled, 0);
	CHECK_STR(line(), "\003\n");
}

UNIT_TEST(ldisc, noflsh_keeps_input)
{
	reset();
	l.tio.c_lflag |= NOFLSH;
	type("keep\003\n");
	CHECK_EQ(signalled, SIGINT);
	CHECK_STR(line(), "keep\n");
}

UNIT_TEST(ldisc, raw)
{
	struct termios t;

	reset();
	t = l.tio;
	t.c_lflag &= ~(ICANON | ECHO);
	ldisc_set_termios(&l, &t);
	type("ab\177");
	CHECK_EQ(ldisc_pending(&l), 3);
	CHECK_STR(echoed(), "");
	CHECK_STR(line(), "ab\177");
	type("later");
	t.c_lflag |= ICANON;
	ldisc_set_termios(&l, &t);
	CHECK_STR(line(), "later"); /* counts as a line */
}

UNIT_TEST(ldisc, raw_is_full)
{
	static char many[LDISC_IN_SIZE + 100];
	size_t took;

	reset();
	l.tio.c_lflag = 0;
	memset(many, 'x', sizeof(many) - 1);
	took = type(many);
	CHECK(took >= LDISC_IN_SIZE - 1 && took <= LDISC_IN_SIZE);
	CHECK_EQ(type("y"), 0);
	line();
	CHECK_EQ(type("y"), 1);
}

UNIT_TEST(ldisc, long_line_loses_its_end)
{
	static char many[LDISC_IN_SIZE + 100];
	static uint8_t got[LDISC_IN_SIZE + 1];

	reset();
	l.tio.c_lflag &= ~ECHO;
	memset(many, 'x', sizeof(many) - 1);
	CHECK_EQ(type(many), sizeof(many) - 1);
	type("\n");
	CHECK_EQ(ldisc_read(&l, got, sizeof(got)), LDISC_IN_SIZE);
	CHECK_EQ(got[LDISC_IN_SIZE - 1], '\n');
}

UNIT_TEST(ldisc, output)
{
	reset();
	CHECK_EQ(ldisc_output(&l, (const uint8_t *)"a\nb\r", 4), 4);
	CHECK_STR(echoed(), "a\r\nb\r");
	l.tio.c_oflag |= XTABS;
	ldisc_output(&l, (const uint8_t *)"ab\tc", 4);
	CHECK_STR(echoed(), "ab      c");
	l.tio.c_oflag = 0;
	ldisc_output(&l, (const uint8_t *)"a\n\t", 3);
	CHECK_STR(echoed(), "a\n\t");
}

UNIT_TEST(ldisc, flow_control)
{
	reset();
	type("\023");
	CHECK(l.stopped);
	CHECK_EQ(ldisc_output(&l, (const uint8_t *)"x", 1), 0);
	type("\021");
	CHECK_EQ(ldisc_output(&l, (const uint8_t *)"x", 1), 1);
	CHECK_STR(echoed(), "x");
}

UNIT_TEST(ldisc, output_is_full)
{
	static uint8_t many[LDISC_OUT_SIZE + 10];
	size_t took;

	reset();
	memset(many, '\n', sizeof(many));
	took = ldisc_output(&l, many, sizeof(many));
	CHECK(took < sizeof(many) && took >= LDISC_OUT_SIZE / 2 - 4);
	CHECK(ldisc_out_used(&l) <= LDISC_OUT_SIZE);
	echoed();
	CHECK(ldisc_output(&l, many, 10) > 0);
}

UNIT_TEST(ldisc, utf8_erase)
{
	reset();
	l.tio.c_iflag |= IUTF8;
	type("a\303\251\177b\n");
	CHECK_STR(echoed(), "a\303\251\b \bb\r\n");
	CHECK_STR(line(), "ab\n");
}

/* Any bytes at any moment: indices stay within the rings. */
UNIT_TEST(ldisc, random_bytes)
{
	uint64_t r = 88172645463325252UL;
	uint8_t buf[64];

	reset();
	for (int i = 0; i < 200000; i++) {
		r ^= r << 13, r ^= r >> 7, r ^= r << 17;
		for (size_t k = 0; k < sizeof(buf); k++)
			buf[k] = (uint8_t)(r >> (k % 57));
		if (i % 5 == 0)
			ldisc_read(&l, buf, r % sizeof(buf));
		else if (i % 5 == 1)
			ldisc_drain(&l, buf, r % sizeof(buf));
		else if (i % 97 == 0)
			l.tio.c_lflag ^= 1u << (r % 16);
		else
			ldisc_input(&l, buf, r % sizeof(buf));
		CHECK(l.head - l.tail <= LDISC_IN_SIZE);
		CHECK(ldisc_out_used(&l) <= LDISC_OUT_SIZE);
	}
}
