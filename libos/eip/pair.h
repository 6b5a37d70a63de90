/* pair.h: connected local sockets between enclaves (eip/ internal). See pair.c. */
#pragma once
#include "eip/records.h"
#include "fs/file.h"

/* If f is a local socket whose connection is carried by queues here, the host carries it from now on, sealed, so that it
 * can be handed on. May sleep. */
void eip_pair_prepare(struct file *f);
/* NULL: not such a socket, or not one that the host carries. Its reading half. */
struct records_in *eip_pair_in(const struct file *f);
/* As with pipes: the host descriptor, which stays f's, and what else the other side needs. */
int eip_pair_pack(const struct file *f, struct pack *p);
/* Takes over fd, also on failure. NULL: no memory, or what was packed makes no sense. */
struct file *eip_pair_unpack(struct unpack *u, int fd) must_check;
