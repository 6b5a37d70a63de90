/* tty.c: all enclaves of an instance see the same foreground group of a terminal of the host's. */
#include "eip/eip.h"
#include "eip/peer.h"
#include "fs/devfs/tty.h"

struct tty_state {
	uint64_t device;
	kpid_t sid, pgrp;
};

static void tell(const struct tty_state *s, const struct eip_peer *but)
{
	struct eip_peer *peer;

	list_for_each(peer, &eip_peers, node)
		if (peer != but)
			eip_post(peer, EIP_TTY, s, sizeof(*s));
}

void eip_tty_changed(const struct tty *t)
{
	struct tty_state s = { t->device, t->sid, t->pgrp };

	tell(&s, NULL);
}

void eip_tty_received(struct eip_peer *peer, struct unpack *u)
{
	struct tty_state s;
	struct tty *t;

	unpack_bytes(u, &s, sizeof(s));
	if (u->failed)
		return;
	t = host_tty_by_device(s.device);
	if (t) {
		t->sid = s.sid;
		t->pgrp = s.pgrp;
	}
	tell(&s, peer);
}
