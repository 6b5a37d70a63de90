/* stack.c: writes the initial stack of a program, as the System V ABI and Linux lay it out.
 *
 *   top   8 zero bytes
 *         file name (AT_EXECFN)
 *         environment strings, argument strings below them
 *         "x86_64", 16 random bytes
 *         (alignment)
 *         auxiliary vector, envp[], argv[], argc        <- rsp, 16-aligned
 *
 * Pure: writes to present memory only. */
#include "loader/stack.h"
#include "base/log.h"
#include "base/string.h"
#include "linux/elf.h"

static const char platform[] = "x86_64";
#define AUX_ADDED 4 /* RANDOM, EXECFN, PLATFORM, NULL */

static size_t table_size(const struct stack_params *p)
{
	size_t pointers = 1 + (p->strings->argc + 1UL) + (p->strings->envc + 1UL);

	return pointers * sizeof(uint64_t) + (p->aux_count + AUX_ADDED) * sizeof(struct auxv);
}

size_t stack_size_needed(const struct stack_params *p)
{
	size_t strings = 8 + strlen(p->filename) + 1 + p->strings->len + sizeof(platform) +
			 sizeof(p->random);

	return ALIGN_UP(strings, 16UL) + ALIGN_UP(table_size(p), 16UL) + 32;
}

static uaddr_t push(uaddr_t at, const void *data, size_t len)
{
	at -= len;
	memcpy((void *)at, data, len);
	return at;
}

/* count pointers to consecutive strings from str on, then NULL. */
static uint64_t *write_pointers(uint64_t *slot, uaddr_t *str, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		*slot++ = *str;
		*str += strlen((const char *)*str) + 1;
	}
	*slot++ = 0;
	return slot;
}

static uint64_t *write_aux(uint64_t *slot, uint64_t id, uint64_t value)
{
	*slot++ = id;
	*slot++ = value;
	return slot;
}

void stack_write(const struct stack_params *p, uaddr_t top, struct stack_layout *out)
{
	uint64_t zero = 0;
	uaddr_t at = push(top, &zero, sizeof(zero));
	uaddr_t execfn, plat, random, str;
	uint64_t *slot;

	execfn = at = push(at, p->filename, strlen(p->filename) + 1);
	str = at = push(at, p->strings->data, p->strings->len);
	out->arg_start = at;
	out->arg_end = out->env_start = at + p->strings->args_len;
	out->env_end = at + p->strings->len;
	plat = at = push(at, platform, sizeof(platform));
	random = at = push(at, p->random, sizeof(p->random));
	out->sp = ALIGN_DOWN(ALIGN_DOWN(at, 16UL) - table_size(p), 16UL);

	slot = (uint64_t *)out->sp;
	*slot++ = p->strings->argc;
	slot = write_pointers(slot, &str, p->strings->argc);
	slot = write_pointers(slot, &str, p->strings->envc);
	assert(str == out->env_end);
	out->auxv_start = (uaddr_t)slot;
	memcpy(slot, p->aux, p->aux_count * sizeof(*p->aux));
	slot += 2UL * p->aux_count;
	slot = write_aux(slot, AT_RANDOM, random);
	slot = write_aux(slot, AT_EXECFN, execfn);
	slot = write_aux(slot, AT_PLATFORM, plat);
	slot = write_aux(slot, AT_NULL, 0);
	out->auxv_end = (uaddr_t)slot;
}
