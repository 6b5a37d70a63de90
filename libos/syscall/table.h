/* table.h: every system call the LibOS knows, one line each, by area:
 *
 *	SYS(number, name, arity, "formats", support, flags)
 *
 * formats, one letter per argument, for the trace: d int, u unsigned, x hex, p pointer, s string, P path,
 * f descriptor. support: FULL, or PARTIAL("what Linux does here and we do not"). flags: 0, or NOLOCK for calls that
 * touch only what needs no giant lock. Dispatch, trace, the fuzzer and the support page are all made from these
 * lines; a number that is in none of them answers ENOSYS and is logged once. */
#include "syscall/table/aio.h"
#include "syscall/table/crypto.h"
#include "syscall/table/fs.h"
#include "syscall/table/ipc.h"
#include "syscall/table/keys.h"
#include "syscall/table/net.h"
#include "syscall/table/mqueue.h"
#include "syscall/table/process.h"
#include "syscall/table/signal.h"
#include "syscall/table/sysv.h"
#include "syscall/table/time.h"
#include "syscall/table/vm.h"
