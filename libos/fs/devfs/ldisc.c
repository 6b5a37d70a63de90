/* ldisc.c: see ldisc.h. Order of the checks on an input character is Linux's: strip, literal, flow
 * control, signals, CR/NL mapping, line editing, echo and store. */
#include "fs/devfs/ldisc.h"

#include "base/string.h"
#include "linux/errno.h"
#include "linux/signal.h"

#define IN(l, i) ((l)->in[(i) % LDISC_IN_SIZE])
#define FLAG(l, i) ((l)->flag[(i) % LDISC_IN_SIZE])

static bool iflag(const struct ldisc *l, uint32_t bit) { return l->tio.c_iflag & bit; }
static bool oflag(const struct ldisc *l, uint32_t bit) { return l->tio.c_oflag & bit; }
static bool lflag(const struct ldisc *l, uint32_t bit) { return l->tio.c_lflag & bit; }

/* A control character of 0 is switched off. */
static bool is_cc(const struct ldisc *l, unsigned which, uint8_t c)
{
	return c && l->tio.c_cc[which] == c;
}

void ldisc_init(struct ldisc *l)
{
	static const struct termios initial = {
		.c_iflag = ICRNL | IXON, .c_oflag = OPOST | ONLCR, .c_cflag = B38400 | CS8 | CREAD,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = { [VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4, [VMIN] = 1,
			  [VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15,
			  [VWERASE] = 23, [VLNEXT] = 22 },
	};

	memset(l, 0, sizeof(*l));
	l->tio = initial;
}

void ldisc_flush_input(struct ldisc *l)
{
	l->tail = l->canon = l->head;
	l->lnext = false;
}

void ldisc_flush_output(struct ldisc *l)
{
	l->out_tail = l->out_head;
}

void ldisc_set_termios(struct ldisc *l, const struct termios *t)
{
	uint32_t changed = (l->tio.c_lflag ^ t->c_lflag) & ICANON;

	l->tio = *t;
	if (!iflag(l, IXON))
		l->stopped = false;
	if (!changed)
		return;
	l->lnext = false;
	if (lflag(l, ICANON) && l->head != l->tail) /* what is there counts as a line */
		FLAG(l, l->head - 1) = LD_END;
	l->canon = l->head;
}

/* ---- output ---- */

static size_t out_room(const struct ldisc *l)
{
	return LDISC_OUT_SIZE - ldisc_out_used(l);
}

static void out_byte(struct ldisc *l, uint8_t c)
{
	if (out_room(l))
		l->out[l->out_head++ % LDISC_OUT_SIZE] = c;
}

static void count_column(struct ldisc *l, uint8_t c)
{
	if (c == '\b')
		l->column -= l->column > 0;
	else if (c == '\t')
		l->column = (l->column | 7) + 1;
	else if (c >= ' ' && c != 127 && !(iflag(l, IUTF8) && (c & 0xc0) == 0x80))
		l->column++;
}

static void out_tab(struct ldisc *l)
{
	unsigned spaces = 8 - (l->column & 7);

	if (!oflag(l, XTABS) || (l->tio.c_oflag & TABDLY) != XTABS) {
		count_column(l, '\t');
		out_byte(l, '\t');
		return;
	}
	l->column += spaces;
	while (spaces--)
		out_byte(l, ' ');
}

static void out_newline(struct ldisc *l)
{
	if (oflag(l, ONLCR))
		out_byte(l, '\r');
	if (oflag(l, ONLCR) || oflag(l, ONLRET))
		l->column = 0;
	out_byte(l, '\n');
}

/* One character through output processing; needs at most 8 bytes of room. */
static void out_processed(struct ldisc *l, uint8_t c)
{
	if (!oflag(l, OPOST)) {
		out_byte(l, c);
		return;
	}
	if (c == '\r' && oflag(l, ONOCR) && !l->column)
		return;
	if (c == '\r' && oflag(l, OCRNL))
		c = '\n';
	if (c == '\n') {
		out_newline(l);
	} else if (c == '\t') {
		out_tab(l);
	} else if (c == '\r') {
		l->column = 0;
		out_byte(l, c);
	} else {
		count_column(l, c);
		out_byte(l, oflag(l, OLCUC) && c >= 'a' && c <= 'z' ? c - 32 : c);
	}
}

size_t ldisc_output(struct ldisc *l, const uint8_t *s, size_t n)
{
	size_t i;

	if (l->stopped)
		return 0;
	for (i = 0; i < n && out_room(l) >= 8; i++)
		out_processed(l, s[i]);
	return i;
}

size_t ldisc_drain(struct ldisc *l, uint8_t *buf, size_t n)
{
	size_t i;

	for (i = 0; i < n && l->out_tail != l->out_head; i++)
		buf[i] = l->out[l->out_tail++ % LDISC_OUT_SIZE];
	return i;
}

/* ---- echo ---- */

static bool shown_as_control(const struct ldisc *l, uint8_t c)
{
	return (c < ' ' || c == 127) && c != '\t' && c != '\n' && lflag(l, ECHOCTL);
}

static void echo_char(struct ldisc *l, uint8_t c)
{
	if (!shown_as_control(l, c)) {
		out_processed(l, c);
		return;
	}
	out_byte(l, '^');
	out_byte(l, c ^ 0100);
	l->column += 2;
}

static void echo(struct ldisc *l, uint8_t c)
{
	if (lflag(l, ECHO))
		echo_char(l, c);
}

static void echo_back(struct ldisc *l, unsigned columns)
{
	while (columns--) {
		out_byte(l, '\b');
		out_byte(l, ' ');
		out_byte(l, '\b');
		l->column -= l->column > 0;
	}
}

/* Columns that the character at index i of the edited line takes on the screen. */
static unsigned char_width(const struct ldisc *l, uint32_t i)
{
	unsigned col = l->line_column;
	uint8_t c = IN(l, i);

	if (c != '\t')
		return shown_as_control(l, c) ? 2 : c >= ' ' && c != 127 && !(iflag(l, IUTF8) && (c & 0xc0) == 0x80);
	for (uint32_t k = l->canon; k != i; k++)
		col = IN(l, k) == '\t' ? (col | 7) + 1 : col + char_width(l, k);
	return ((col | 7) + 1) - col;
}

/* ---- line editing ---- */

/* Takes the last character (all its bytes) from the edited line; returns its screen width. */
static unsigned drop_char(struct ldisc *l)
{
	unsigned width = 0;
	uint8_t c;

	do {
		l->head--;
		c = IN(l, l->head);
		width += char_width(l, l->head);
	} while (iflag(l, IUTF8) && (c & 0xc0) == 0x80 && l->head != l->canon);
	return width;
}

static void erase_char(struct ldisc *l, uint8_t erase)
{
	unsigned width;

	if (l->head == l->canon)
		return;
	width = drop_char(l);
	if (!lflag(l, ECHO))
		return;
	if (lflag(l, ECHOE))
		echo_back(l, width);
	else
		echo_char(l, erase);
}

static bool word_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static void erase_word(struct ldisc *l, uint8_t c)
{
	bool seen = false;

	while (l->head != l->canon) {
		bool word = word_char(IN(l, l->head - 1));

		if (seen && !word)
			break;
		seen |= word;
		erase_char(l, c);
	}
}

static void erase_line(struct ldisc *l, uint8_t kill)
{
	bool visually = lflag(l, ECHOK) && lflag(l, ECHOKE) && lflag(l, ECHOE);

	if (visually || !lflag(l, ECHO)) {
		while (l->head != l->canon)
			erase_char(l, kill);
		return;
	}
	l->head = l->canon;
	echo_char(l, kill);
	if (lflag(l, ECHOK))
		out_processed(l, '\n');
}

static void reprint(struct ldisc *l, uint8_t c)
{
	echo_char(l, c);
	out_processed(l, '\n');
	for (uint32_t i = l->canon; i != l->head; i++)
		echo_char(l, IN(l, i));
}

static void store(struct ldisc *l, uint8_t c, enum ldisc_flag flag)
{
	FLAG(l, l->head) = flag;
	IN(l, l->head++) = c;
}

static size_t in_used(const struct ldisc *l)
{
	return l->head - l->tail;
}

/* One place is kept for the end of the line. */
static void store_char(struct ldisc *l, uint8_t c)
{
	if (in_used(l) < LDISC_IN_SIZE - 1)
		store(l, c, LD_CHAR);
	else if (iflag(l, IMAXBEL))
		out_byte(l, '\a');
}

static void end_line(struct ldisc *l, uint8_t c, enum ldisc_flag flag)
{
	if (in_used(l) == LDISC_IN_SIZE)
		return;
	store(l, c, flag);
	l->canon = l->head;
}

/* True if c was an editing character. */
static bool edit(struct ldisc *l, uint8_t c)
{
	bool extended = lflag(l, IEXTEN);

	if (is_cc(l, VERASE, c))
		erase_char(l, c);
	else if (is_cc(l, VKILL, c))
		erase_line(l, c);
	else if (is_cc(l, VWERASE, c) && extended)
		erase_word(l, c);
	else if (is_cc(l, VREPRINT, c) && extended && lflag(l, ECHO))
		reprint(l, c);
	else if (c == '\n') {
		if (lflag(l, ECHO) || lflag(l, ECHONL))
			out_processed(l, c);
		end_line(l, c, LD_END);
	} else if (is_cc(l, VEOF, c))
		end_line(l, 0, LD_EOF);
	else if (is_cc(l, VEOL, c) || (is_cc(l, VEOL2, c) && extended)) {
		echo(l, c);
		end_line(l, c, LD_END);
	} else
		return false;
	return true;
}

static void input_signal(struct ldisc *l, int sig, uint8_t c)
{
	if (!lflag(l, NOFLSH)) {
		ldisc_flush_input(l);
		ldisc_flush_output(l);
	}
	if (iflag(l, IXON))
		l->stopped = false;
	echo(l, c);
	l->signal(l, sig);
}

static int signal_of(const struct ldisc *l, uint8_t c)
{
	if (!lflag(l, ISIG))
		return 0;
	if (is_cc(l, VINTR, c))
		return SIGINT;
	if (is_cc(l, VQUIT, c))
		return SIGQUIT;
	return is_cc(l, VSUSP, c) ? SIGTSTP : 0;
}

/* VSTART and VSTOP. True if c was one. */
static bool flow(struct ldisc *l, uint8_t c)
{
	if (!iflag(l, IXON))
		return false;
	if (is_cc(l, VSTART, c))
		l->stopped = false;
	else if (is_cc(l, VSTOP, c))
		l->stopped = true;
	else
		return false;
	return true;
}

static void input_plain(struct ldisc *l, uint8_t c)
{
	if (lflag(l, ICANON) && l->head == l->canon)
		l->line_column = l->column;
	echo(l, c);
	store_char(l, c);
}

static void input_char(struct ldisc *l, uint8_t c)
{
	int sig;

	if (iflag(l, ISTRIP))
		c &= 0x7f;
	if (iflag(l, IUCLC) && lflag(l, IEXTEN) && c >= 'A' && c <= 'Z')
		c += 32;
	if (l->lnext) {
		l->lnext = false;
		input_plain(l, c);
		return;
	}
	if (flow(l, c))
		return;
	if (l->stopped && iflag(l, IXANY))
		l->stopped = false;
	sig = signal_of(l, c);
	if (sig) {
		input_signal(l, sig, c);
		return;
	}
	if (c == '\r' && iflag(l, IGNCR))
		return;
	if (c == '\r' && iflag(l, ICRNL))
		c = '\n';
	else if (c == '\n' && iflag(l, INLCR))
		c = '\r';
	if (lflag(l, ICANON) && is_cc(l, VLNEXT, c) && lflag(l, IEXTEN)) {
		l->lnext = true;
		if (lflag(l, ECHO) && lflag(l, ECHOCTL)) {
			out_byte(l, '^');
			out_byte(l, '\b');
		}
		return;
	}
	if (lflag(l, ICANON) && edit(l, c))
		return;
	input_plain(l, c);
}

/* Canonical mode always takes: an over-long line loses its end, as on Linux, unless there are complete
 * lines to be read first. */
static bool input_full(const struct ldisc *l)
{
	if (in_used(l) < LDISC_IN_SIZE - 1)
		return false;
	return !lflag(l, ICANON) || l->canon != l->tail;
}

size_t ldisc_input(struct ldisc *l, const uint8_t *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && !input_full(l); i++)
		input_char(l, s[i]);
	return i;
}

/* ---- the reader ---- */

/* A read would not give -EAGAIN. */
static bool ldisc_readable(const struct ldisc *l)
{
	return lflag(l, ICANON) ? l->canon != l->tail : l->head != l->tail;
}

size_t ldisc_pending(const struct ldisc *l)
{
	return lflag(l, ICANON) ? l->canon - l->tail : l->head - l->tail;
}

static size_t read_line(struct ldisc *l, uint8_t *buf, size_t n)
{
	size_t got = 0;

	while (l->tail != l->canon) {
		uint8_t flag = FLAG(l, l->tail);

		if (flag == LD_EOF) { /* also right behind a full buffer: it ended this line */
			l->tail++;
			break;
		}
		if (got == n)
			break;
		buf[got++] = IN(l, l->tail++);
		if (flag == LD_END)
			break;
	}
	return got;
}

ssize_t ldisc_read(struct ldisc *l, uint8_t *buf, size_t n)
{
	size_t got = 0;

	if (!ldisc_readable(l))
		return -EAGAIN;
	if (lflag(l, ICANON))
		return (ssize_t)read_line(l, buf, n);
	while (got < n && l->tail != l->head)
		buf[got++] = IN(l, l->tail++);
	l->canon = l->head;
	return (ssize_t)got;
}
