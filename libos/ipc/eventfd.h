/* eventfd.h: telling an eventfd from inside: what finished aio does. */
#pragma once
#include "fs/file.h"

/* Adds one, never waits; the counter stays at its end (and polls as an error) when it overflows. -EINVAL: not an eventfd. */
int eventfd_signal(struct file *f) must_check;
bool file_is_eventfd(const struct file *f);
