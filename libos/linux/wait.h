/* wait.h: options and status words of wait4 and waitid. */
#pragma once

#define WNOHANG 0x00000001
#define WUNTRACED 0x00000002
#define WSTOPPED WUNTRACED
#define WEXITED 0x00000004
#define WCONTINUED 0x00000008
#define WNOWAIT 0x01000000
#define __WNOTHREAD 0x20000000
#define __WALL 0x40000000
#define __WCLONE (int)0x80000000

#define P_ALL 0
#define P_PID 1
#define P_PGID 2
#define P_PIDFD 3

/* Status words: a code from exit, a signal that ended (0x80: core), a stop, a continuation. */
#define WAIT_EXITED(code) (((code)&0xff) << 8)
#define WAIT_SIGNALED(sig, core) ((sig) | ((core) ? 0x80 : 0))
#define WAIT_STOPPED(sig) (((sig) << 8) | 0x7f)
#define WAIT_CONTINUED 0xffff

#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6
