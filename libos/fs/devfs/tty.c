/* tty.c: what all terminals share: controlling terminals, foreground groups, the common ioctls. See tty.h. */
#include "fs/devfs/tty.h"

#include "base/string.h"
#include "eip/eip.h"
#include "linux/capability.h"
#include "linux/errno.h"
#include "linux/signal.h"
#include "process/process.h"
#include "signal/signal.h"

void tty_init(struct tty *t, const struct tty_ops *ops)
{
	*t = (struct tty){ .ref = 1, .ops = ops };
	waitq_init(&t->waitq);
}

struct tty *tty_get(struct tty *t)
{
	t->ref++;
	return t;
}

static void forget_controlling(struct tty *t)
{
	struct process *p;

	list_for_each(p, &process_all, all_node) {
		if (p->tty == t)
			p->tty = NULL;
	}
	t->sid = t->pgrp = 0;
}

void tty_put(struct tty *t)
{
	if (--t->ref)
		return;
	forget_controlling(t);
	t->ops->free(t);
}

struct tty *file_tty(const struct file *f)
{
	struct tty *t = pty_file_tty(f);

	return t ? t : hostfd_file_tty(f);
}

void tty_signal(struct tty *t, int sig)
{
	if (t->pgrp)
		signal_send_pgrp(t->pgrp, sig, NULL);
}

static void signal_leader(struct tty *t, int sig)
{
	struct process *leader = t->sid ? process_find(t->sid) : NULL;

	if (leader)
		signal_send_process(leader, sig, NULL);
}

void tty_hangup(struct tty *t)
{
	t->hung_up = true;
	signal_leader(t, SIGHUP);
	signal_leader(t, SIGCONT);
	tty_signal(t, SIGHUP);
	tty_signal(t, SIGCONT);
	forget_controlling(t);
	waitq_wake_all(&t->waitq, EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLERR);
}

static void release_session(struct tty *t)
{
	tty_signal(t, SIGHUP);
	tty_signal(t, SIGCONT);
	forget_controlling(t);
}

void tty_session_end(struct process *p)
{
	struct tty *t = p->tty;

	if (t && t->sid == p->sid && p->pid == p->sid)
		release_session(t);
	p->tty = NULL;
}

static void take_session(struct tty *t, struct process *p)
{
	t->sid = p->sid;
	t->pgrp = p->pgid;
	p->tty = t;
}

void tty_set_controlling(struct process *p, struct file *f)
{
	struct tty *t = file_tty(f);

	if (t && !p->tty && (!t->sid || t->sid == p->sid))
		take_session(t, p);
}

void tty_opened(struct tty *t, const struct file *f)
{
	struct process *p = current_process();

	if (f->flags & O_NOCTTY || !p || p->pid != p->sid || p->tty || t->sid)
		return;
	take_session(t, p);
}

uint64_t tty_device(const struct process *p)
{
	const struct tty *t = p->tty;

	return t ? t->device : 0;
}

kpid_t tty_foreground(const struct process *p)
{
	const struct tty *t = p->tty;

	return t ? t->pgrp : 0;
}

/* A group is orphaned when no member has a parent outside it in the same session: nobody would continue it. */
static bool group_orphaned(kpid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_all, all_node) {
		if (p->pgid == pgid && !p->zombie && p->parent && p->parent->pgid != pgid && p->parent->sid == p->sid)
			return false;
	}
	return true;
}

int tty_check_background(struct tty *t, int sig)
{
	struct process *p = current_process();

	if (!p || p->tty != t || !t->pgrp || p->pgid == t->pgrp)
		return 0;
	if (current->sig_blocked >> (sig - 1) & 1 || signal_ignored(p, sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (group_orphaned(p->pgid))
		return -EIO;
	signal_send_pgrp(p->pgid, sig, NULL);
	return -ERESTARTSYS;
}

static long become_controlling(struct tty *t, bool steal)
{
	struct process *p = current_process();

	if (p->pid == p->sid && t->sid == p->sid)
		return 0;
	if (p->pid != p->sid || p->tty)
		return -EPERM;
	if (t->sid && !(steal && capable(CAP_SYS_ADMIN)))
		return -EPERM;
	forget_controlling(t);
	take_session(t, p);
	if (eip_enabled())
		eip_tty_changed(t);
	return 0;
}

static long give_up(struct tty *t)
{
	struct process *p = current_process();

	if (p->tty != t)
		return -ENOTTY;
	if (p->pid == p->sid)
		release_session(t);
	p->tty = NULL;
	return 0;
}

static struct process *group_member(kpid_t pgid)
{
	struct process *p;

	list_for_each(p, &process_all, all_node) {
		if (p->pgid == pgid)
			return p;
	}
	return NULL;
}

static long set_foreground(struct tty *t, uaddr_t arg)
{
	struct process *p = current_process(), *member;
	int err = tty_check_background(t, SIGTTOU);
	int32_t pgid;

	if (err)
		return err;
	if (p->tty != t || t->sid != p->sid)
		return -ENOTTY;
	if (get_user(pgid, arg))
		return -EFAULT;
	if (pgid < 0)
		return -EINVAL;
	member = group_member(pgid);
	if (!member && !(eip_enabled() && eip_group_in_session(pgid, p->sid)))
		return -ESRCH;
	if (member && member->sid != p->sid)
		return -EPERM;
	t->pgrp = pgid;
	if (eip_enabled())
		eip_tty_changed(t);
	return 0;
}

static long get_termios(struct tty *t, unsigned cmd, uaddr_t arg)
{
	struct termios2 t2 = { .ispeed = 38400, .ospeed = 38400 };
	int err = t->ops->get_termios(t, &t2.t);

	if (err)
		return err;
	return copy_to_user(arg, &t2, cmd == TCGETS2 ? sizeof(t2) : sizeof(t2.t));
}

static long set_termios(struct tty *t, unsigned cmd, uaddr_t arg)
{
	struct termios tio;
	int err = tty_check_background(t, SIGTTOU);

	if (err)
		return err;
	if (copy_from_user(&tio, arg, sizeof(tio)))
		return -EFAULT;
	switch (cmd) {
	case TCSETS2:
		cmd = TCSETS;
		break;
	case TCSETSW2:
		cmd = TCSETSW;
		break;
	case TCSETSF2:
		cmd = TCSETSF;
		break;
	}
	return t->ops->set_termios(t, &tio, cmd);
}

/* The calls before termios: the low halves of its flags. */
static long get_termio(struct tty *t, uaddr_t arg)
{
	struct termio old = { 0 };
	struct termios tio;
	int err = t->ops->get_termios(t, &tio);

	if (err)
		return err;
	old.c_iflag = (uint16_t)tio.c_iflag;
	old.c_oflag = (uint16_t)tio.c_oflag;
	old.c_cflag = (uint16_t)tio.c_cflag;
	old.c_lflag = (uint16_t)tio.c_lflag;
	old.c_line = tio.c_line;
	memcpy(old.c_cc, tio.c_cc, sizeof(old.c_cc));
	return copy_to_user(arg, &old, sizeof(old));
}

#define MIX(now, half) (((now) & 0xffff0000u) | (half))
static long set_termio(struct tty *t, unsigned cmd, uaddr_t arg)
{
	struct termio old;
	struct termios tio;
	int err = tty_check_background(t, SIGTTOU);

	if (err)
		return err;
	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	err = t->ops->get_termios(t, &tio);
	if (err)
		return err;
	tio.c_iflag = MIX(tio.c_iflag, old.c_iflag);
	tio.c_oflag = MIX(tio.c_oflag, old.c_oflag);
	tio.c_cflag = MIX(tio.c_cflag, old.c_cflag);
	tio.c_lflag = MIX(tio.c_lflag, old.c_lflag);
	tio.c_line = old.c_line;
	memcpy(tio.c_cc, old.c_cc, sizeof(old.c_cc));
	return t->ops->set_termios(t, &tio, TCSETS + (cmd - TCSETA));
}

static long set_winsize(struct tty *t, uaddr_t arg)
{
	struct winsize ws;

	if (copy_from_user(&ws, arg, sizeof(ws)))
		return -EFAULT;
	return t->ops->set_winsize(t, &ws);
}

static long get_winsize(struct tty *t, uaddr_t arg)
{
	struct winsize ws;
	int err = t->ops->get_winsize(t, &ws);

	return err ? err : copy_to_user(arg, &ws, sizeof(ws));
}

static long flush_queues(struct tty *t, uaddr_t which)
{
	int err = tty_check_background(t, SIGTTOU);

	if (err)
		return err;
	if (which > TCIOFLUSH)
		return -EINVAL;
	t->ops->flush(t, which != TCOFLUSH, which != TCIFLUSH);
	return 0;
}

/* TCXONC: 0, 1 stop and start output; 2, 3 would send the characters to the other side. */
static long flow_control(struct tty *t, uaddr_t action)
{
	if (action > 3)
		return -EINVAL;
	if (action < 2 && t->ops->flow)
		t->ops->flow(t, action == 0);
	return 0;
}

/* Only those who have it as controlling terminal may ask, or the master. */
static long put_owner(struct tty *t, kpid_t id, uaddr_t arg, bool is_master)
{
	if (!is_master && current_process()->tty != t)
		return -ENOTTY;
	return put_user((int32_t)id, arg);
}

long tty_ioctl(struct tty *t, unsigned cmd, uaddr_t arg, bool is_master)
{
	if (t->hung_up)
		return -EIO;
	switch (cmd) {
	case TCGETS:
	case TCGETS2:
		return get_termios(t, cmd, arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_termios(t, cmd, arg);
	case TCGETA:
		return get_termio(t, arg);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return set_termio(t, cmd, arg);
	case TIOCGWINSZ:
		return get_winsize(t, arg);
	case TIOCSWINSZ:
		return set_winsize(t, arg);
	case TIOCGPGRP:
		return put_owner(t, t->pgrp, arg, is_master);
	case TIOCSPGRP:
		return set_foreground(t, arg);
	case TIOCGSID:
		return put_owner(t, t->sid, arg, is_master);
	case TIOCSCTTY:
		return become_controlling(t, arg == 1);
	case TIOCNOTTY:
		return give_up(t);
	case TIOCINQ:
		return put_user((int32_t)t->ops->pending(t), arg);
	case TIOCOUTQ:
		return put_user((int32_t)0, arg);
	case TCFLSH:
		return flush_queues(t, arg);
	case TCXONC:
		return flow_control(t, arg);
	case TCSBRK: /* break, drain: what was written is already on the other side */
	case TCSBRKP:
	case TIOCEXCL:
	case TIOCNXCL:
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}
