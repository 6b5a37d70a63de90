/* stack.h: LibOS stacks with a guard page below each. */
#pragma once

void *thread_stack_alloc(void); /* lowest usable byte of THREAD_STACK_SIZE, or NULL */
void thread_stack_free(void *stack);
