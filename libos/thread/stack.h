/* stack.h: LibOS stacks with a guard page below each. */
#pragma once

#define THREAD_STACKS_SIZE 0x100000000UL /* the last 4 GiB of the LibOS area */

void *thread_stack_alloc(void); /* lowest usable byte of THREAD_STACK_SIZE, or NULL */
void thread_stack_free(void *stack);
