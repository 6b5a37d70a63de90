/* state.h: secrets of the modelled machine, kept in the user's state directory. */
#pragma once
#include <stddef.h>

#include "arch.h"

/* $XDG_STATE_HOME/occlum/NAME or ~/.local/state/occlum/NAME; makes the directories. 0 or -errno. */
int state_path(const char *name, char *path, size_t size);
/* Puts a new file there with mode 0600, whole or not at all; -EEXIST if there is one already. */
int state_create(const char *path, const void *data, size_t size);

/* The fuse key: random, made on first use. */
int state_fuse_key(uint8_t key[SGX_KEY_SIZE]);
