/* pty.h: what the two sides of a pseudo terminal (pty.c) and its name (devpts.c) share. */
#pragma once
#include "fs/devfs/ldisc.h"
#include "fs/devfs/tty.h"

struct pty {
	struct tty tty;
	struct ldisc ld;
	struct winsize ws;
	unsigned index;
	unsigned slaves;     /* open slave files */
	bool slave_was_open, locked, packet;
	struct inode *inode; /* /dev/pts/N, referenced, once looked up */
	uint32_t uid;        /* who opened the master */
	struct list node;    /* devpts.c's; unlinked when the master closes */
};

/* A pty that is to be opened by its number; NULL: none. */
struct pty *devpts_find(uint64_t index);
/* Gives p the lowest free number, and with it a device and a name. False: all are taken. */
bool devpts_add(struct pty *p) must_check;
/* The name goes; p may live on. */
void devpts_remove(struct pty *p);
/* p itself goes. */
void devpts_forget(struct pty *p);
