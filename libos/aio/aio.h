/* aio.h: what the end of a program has to do about its aio contexts. */
#pragma once

struct process;

/* Its memory goes: the contexts with it. Never sleeps. */
void aio_exit(struct process *p);
