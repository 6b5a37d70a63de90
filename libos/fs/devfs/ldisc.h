/* ldisc.h: the terminal line discipline (termios(3)) between a pty's two sides.
 *
 * Pure: no sleeping, no files. The master's bytes come in by ldisc_input, are edited, echoed and cut into
 * lines; the slave's output goes through ldisc_output into the ring the master reads. Signals and "there is
 * something new" are told to the owner by callbacks.
 *
 * Input ring: [tail, canon) are complete lines, [canon, head) is the line being edited (only in canonical
 * mode; else all of [tail, head) is readable). Indices run freely, modulo the size only when used. */
#pragma once
#include "base/types.h"
#include "linux/termios.h"

#define LDISC_IN_SIZE 4096u
#define LDISC_OUT_SIZE 16384u

enum ldisc_flag { LD_CHAR, LD_END, LD_EOF }; /* end of line; end of file: a line end without a byte */

struct ldisc {
	struct termios tio;
	bool lnext;   /* the next character is taken literally */
	bool stopped; /* output halted by VSTOP */
	unsigned column, line_column; /* of output; where the edited line began */
	uint32_t head, canon, tail;
	uint32_t out_head, out_tail;
	void (*signal)(struct ldisc *l, int sig);
	uint8_t in[LDISC_IN_SIZE];
	uint8_t flag[LDISC_IN_SIZE]; /* enum ldisc_flag */
	uint8_t out[LDISC_OUT_SIZE];
};

void ldisc_init(struct ldisc *l);
void ldisc_set_termios(struct ldisc *l, const struct termios *t);
/* How many bytes were taken: fewer than n when the reader must read first. */
size_t ldisc_input(struct ldisc *l, const uint8_t *s, size_t n);
/* How many bytes were taken: fewer when the ring to the master is full, or stopped. */
size_t ldisc_output(struct ldisc *l, const uint8_t *s, size_t n);
/* Master: bytes of the ring. */
size_t ldisc_drain(struct ldisc *l, uint8_t *buf, size_t n);
static inline size_t ldisc_out_used(const struct ldisc *l) { return l->out_head - l->out_tail; }
/* Slave: at most one line in canonical mode. Bytes, or -EAGAIN: nothing to read yet; 0: end of file. */
ssize_t ldisc_read(struct ldisc *l, uint8_t *buf, size_t n);
size_t ldisc_pending(const struct ldisc *l);
void ldisc_flush_input(struct ldisc *l);
void ldisc_flush_output(struct ldisc *l);
