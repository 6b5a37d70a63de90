/*
 * The canonical line discipline on a pty: lines, erase, word erase, kill, end of file, literal
 * next, echo forms, CR to NL, long lines read in pieces.
 */
#include "tty.h"

static void line_becomes(const char *typed, const char *line)
{
	struct pty p = pty_open();

	pty_modes(&p, ECHO, 0, 0);
	type_text(p.master, typed);
	expect_text(p.slave, line);
	pty_close(&p);
}

TEST(editing)
{
	line_becomes("abc\n", "abc\n");
	line_becomes("abx\177c\n", "abc\n");
	line_becomes("\177\177a\n", "a\n");
	line_becomes("wrong\025right\n", "right\n");
	line_becomes("one two\027three\n", "one three\n");
	line_becomes("a\026\177b\n", "a\177b\n");
	line_becomes("cr\r", "cr\n");
}

TEST(nothing_before_the_newline)
{
	struct pty p = pty_open();

	type_text(p.master, "abc");
	expect_text(p.master, "abc");
	EXPECT(!readable(p.slave, 30));
	type_text(p.master, "\n");
	expect_text(p.slave, "abc\n");
	pty_close(&p);
}

TEST(one_line_per_read)
{
	char buf[64];
	struct pty p = pty_open();

	type_text(p.master, "one\ntwo\n");
	EXPECT(readable(p.slave, 2000));
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 4);
	EXPECT_MEM(buf, "one\n", 4);
	EXPECT_EQ(read(p.slave, buf, 2), 2);
	EXPECT_EQ(read(p.slave, buf + 2, sizeof(buf) - 2), 2);
	EXPECT_MEM(buf, "two\n", 4);
	pty_close(&p);
}

TEST(end_of_file)
{
	char buf[64];
	struct pty p = pty_open();

	type_text(p.master, "\004");
	EXPECT(readable(p.slave, 2000));
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 0);
	type_text(p.master, "ab\004");
	EXPECT(readable(p.slave, 2000));
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 2);
	type_text(p.master, "c\n");
	expect_text(p.slave, "c\n");
	pty_close(&p);
}

TEST(echo_forms)
{
	struct pty p = pty_open();

	type_text(p.master, "ab\n");
	expect_text(p.master, "ab\r\n");
	type_text(p.master, "x\177");
	expect_text(p.master, "x\b \b");
	type_text(p.master, "\001");
	expect_text(p.master, "^A");
	pty_modes(&p, ECHO, 0, 0);
	expect_text(p.slave, "ab\n");
	type_text(p.master, "silent\n");
	expect_text(p.slave, "\001silent\n");
	EXPECT(!readable(p.master, 0));
	pty_modes(&p, 0, ECHONL, 0);
	type_text(p.master, "q\n");
	expect_text(p.master, "\r\n");
	pty_close(&p);
}

TEST(canonical_off_hands_over_the_rest)
{
	struct pty p = pty_open();

	pty_modes(&p, ECHO, 0, 0);
	type_text(p.master, "par");
	pty_modes(&p, ICANON, 0, 0);
	type_text(p.master, "tial");
	expect_text(p.slave, "partial");
	pty_close(&p);
}
