/* unix_proc.c: what /proc/net/unix tells. */
#include "fs/inode.h"
#include "fs/procfs/text.h"
#include "net/unix.h"

#define ACCEPTCONN 0x10000u

/* SS_*: sockets that were not accepted yet are connecting. */
static unsigned state_of(const struct unix_sock *s)
{
	bool connected = s->state == UNIX_CONNECTED;

	if (s->sk.file)
		return connected ? 3 : 1;
	return connected ? 2 : 4;
}

static void show_name(struct text *out, const struct sock_name *name)
{
	size_t len = name->len - sizeof(name->addr.family);

	text_add(out, " ", 1);
	if (name->addr.data[0]) {
		text_add(out, name->addr.data, len - 1);
		return;
	}
	for (size_t i = 0; i < len; i++)
		text_add(out, name->addr.data[i] ? &name->addr.data[i] : "@", 1);
}

void unix_proc_show(struct text *out)
{
	const struct unix_sock *s;

	text_printf(out, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	list_for_each(s, &unix_all, all_node) {
		if (s->dead)
			continue;
		text_printf(out, "%016lx: %08X %08X %08X %04X %02X %5lu", 0UL, s->ref + 1, 0,
			    s->sk.listening ? ACCEPTCONN : 0, s->sk.type, state_of(s),
			    s->sk.file ? s->sk.file->inode->ino : 0UL);
		if (s->name)
			show_name(out, &s->name->addr);
		text_add(out, "\n", 1);
	}
}
