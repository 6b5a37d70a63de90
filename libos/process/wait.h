/* wait.h: which child a wait call means and what it learns; pure, for unit tests. */
#pragma once
#include "process/process.h"

struct wait_query {
	int type;    /* P_ALL, P_PID, P_PGID */
	kpid_t id;
	int options; /* WEXITED... as of waitid */
};

struct wait_result {
	int word;         /* wait4's status */
	int code, status; /* siginfo: CLD_*, exit code or signal */
	kpid_t pid;
	uint32_t uid;
};

bool wait_selects(const struct wait_query *q, const struct process *child);
/* Does child have something to report? */
bool wait_event(const struct wait_query *q, const struct process *child, struct wait_result *r);
