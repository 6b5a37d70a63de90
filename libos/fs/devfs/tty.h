/* tty.h: terminals: the operator's (hosttty.c) and pseudo terminals (pty.c), and their job control (tty.c).
 *
 * A tty is counted by its open files. process.tty is a borrowed pointer, copied from parent to child;
 * tty.c clears it in every process before the tty goes, and when its session loses the terminal. */
#pragma once
#include "fs/file.h"
#include "linux/termios.h"
#include "sync/waitq.h"

struct process;
struct tty;

struct tty_ops {
	int (*get_termios)(struct tty *tty, struct termios *out);
	int (*set_termios)(struct tty *tty, const struct termios *t, unsigned cmd); /* cmd: TCSETS, TCSETSW, TCSETSF */
	int (*get_winsize)(struct tty *tty, struct winsize *out);
	int (*set_winsize)(struct tty *tty, const struct winsize *ws);
	int (*pending)(struct tty *tty); /* bytes a read would give */
	void (*flush)(struct tty *tty, bool input, bool output);
	void (*flow)(struct tty *tty, bool stop); /* may be NULL */
	void (*free)(struct tty *tty);
};

struct tty {
	unsigned ref;
	const struct tty_ops *ops;
	kpid_t sid, pgrp;   /* its session and foreground group; 0: none */
	uint64_t device;    /* its number, for /proc/PID/stat */
	bool hung_up;
	struct waitq waitq; /* readers, writers, pollers of every side */
};

void tty_init(struct tty *t, const struct tty_ops *ops);
struct tty *tty_get(struct tty *t);
void tty_put(struct tty *t);

/* For process/. p, a session leader, ends: the session loses its terminal, the foreground group gets
 * SIGHUP and SIGCONT. Harmless if p has none. */
void tty_session_end(struct process *p);
/* The terminal behind f becomes the controlling one of p's session, p's group its foreground, unless
 * another session has it or f is no terminal. */
void tty_set_controlling(struct process *p, struct file *f);
/* Foreground group of p's controlling terminal; 0 if there is none. */
kpid_t tty_foreground(const struct process *p);
/* The host says that the operator's window changed: SIGWINCH. */
void console_winsize_changed(void);
/* For /proc/PID/stat: device number of p's controlling terminal; 0: none. */
uint64_t tty_device(const struct process *p);

/* For the implementations. The ioctls every terminal has; -ENOIOCTLCMD if it is none of them. */
long tty_ioctl(struct tty *t, unsigned cmd, uaddr_t arg, bool is_master);
/* A process in the background reads (SIGTTIN) or changes (SIGTTOU) it. 0: go on; -ERESTARTSYS: the group
 * got the signal; -EIO: nobody could continue it. */
int tty_check_background(struct tty *t, int sig);
/* open(2) without O_NOCTTY by a session leader. */
void tty_opened(struct tty *t, const struct file *f);
void tty_signal(struct tty *t, int sig); /* to the foreground group */
/* The other side is gone for good: SIGHUP, everybody wakes, nobody has it as controlling terminal. */
void tty_hangup(struct tty *t);
/* NULL if f is not a terminal. */
struct tty *file_tty(const struct file *f);
struct tty *pty_file_tty(const struct file *f);
/* Terminals of the host that are ptys there keep their name: a number in /dev/pts that is taken. */
struct tty *host_tty_by_device(uint64_t device); /* NULL: none */
bool pty_claim_host(uint64_t device); /* may it be called so? Not if a pty of ours is. */
unsigned pts_index(uint64_t device);
struct tty *hostfd_file_tty(const struct file *f);
