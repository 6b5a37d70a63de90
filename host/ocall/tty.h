/* tty.h: OCALL_TTY: terminal settings, window size, pending input, and the position of a descriptor. */
#pragma once
#include "libos/abi/ocall.h"

void ocall_tty(struct ocall_tty *a);
