/* log.h: messages to the operator, and stopping.
 *
 * log_error/warn/info/debug/trace go to the host through OCALL_LOG when the level allows.
 * panic() stops the enclave: for broken invariants of our own only, never for what a program or
 * the host did. assert() stays on in release. */
#pragma once
#include "base/types.h"

enum log_level { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };
extern int log_level;

void log_print(int level, const char *fmt, ...) printf_like(2, 3);
#define log_at(level, ...) do { if (log_level >= (level)) log_print(level, __VA_ARGS__); } while (0)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

/* Return addresses, from a frame pointer on. */
void log_callers(uint64_t rbp);
void panic(const char *fmt, ...) noreturn_fn printf_like(1, 2);
#undef assert
#define assert(c) do { if (!(c)) panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #c); } while (0)
