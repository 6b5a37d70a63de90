/* anonfd.h: descriptors for objects without an inode: eventfd, timerfd, signalfd, epoll. */
#pragma once
#include "fs/file.h"

/* A new descriptor of a file with these ops, O_RDWR, O_NONBLOCK and O_CLOEXEC as in flags. Takes over priv: on an
 * error it is released by ops->release, or kfree'd if there is no file yet. fd or -errno. */
long anonfd_install(const struct file_ops *ops, void *priv, unsigned flags) must_check;
