/* usercopy.c: copies between LibOS and the current process' memory. The range is checked and made present
 * first (vm_make_present), so the plain memcpy behind it cannot fault. Large copies go in steps, since
 * making a range present may sleep and the pages of an earlier step may be gone by then: each step
 * is checked and copied without sleeping in between. */
#include "syscall/usercopy.h"
#include "base/heap.h"
#include "base/string.h"
#include "base/valgrind.h"
#include "abi/layout.h"
#include "linux/errno.h"
#include "process/process.h"
#include "vm/vm.h"

#define COPY_STEP 0x100000UL

static int user_range(uaddr_t addr, size_t n, int prot)
{
	uaddr_t end;

	if (!n)
		return 0;
	if (__builtin_add_overflow(addr, n, &end) || end > ELRANGE_END)
		return -EFAULT;
	return vm_make_present(current_process()->space, addr, n, prot);
}

int copy_from_user(void *dst, uaddr_t src, size_t n)
{
	while (n) {
		size_t step = MIN(n, COPY_STEP);
		int err = user_range(src, step, PROT_READ);

		if (err)
			return err;
		memcpy(dst, (const void *)src, step);
		dst = (char *)dst + step;
		src += step;
		n -= step;
	}
	return 0;
}

int copy_to_user(uaddr_t dst, const void *src, size_t n)
{
	while (n) {
		size_t step = MIN(n, COPY_STEP);
		int err = user_range(dst, step, PROT_READ | PROT_WRITE);

		if (err)
			return err;
		memcpy((void *)dst, src, step);
		valgrind_defined(dst, step);
		src = (const char *)src + step;
		dst += step;
		n -= step;
	}
	return 0;
}

int clear_user(uaddr_t dst, size_t n)
{
	while (n) {
		size_t step = MIN(n, COPY_STEP);
		int err = user_range(dst, step, PROT_READ | PROT_WRITE);

		if (err)
			return err;
		memset((void *)dst, 0, step);
		valgrind_defined(dst, step);
		dst += step;
		n -= step;
	}
	return 0;
}

void *user_map(uaddr_t addr, size_t n, bool write)
{
	if (user_range(addr, n, write ? PROT_READ | PROT_WRITE : PROT_READ))
		return NULL;
	if (write)
		valgrind_defined(addr, n);
	return (void *)addr;
}

ssize_t strncpy_from_user(char *dst, uaddr_t src, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t step = MIN(size - done, PAGE_SIZE - (src & (PAGE_SIZE - 1)));
		int err = user_range(src, step, PROT_READ);
		const char *nul;

		if (err)
			return err;
		nul = memchr((const void *)src, 0, step);
		memcpy(dst + done, (const void *)src, nul ? (size_t)(nul - (char *)src) + 1 : step);
		if (nul)
			return (ssize_t)(done + (size_t)(nul - (char *)src));
		done += step;
		src += step;
	}
	return -ENAMETOOLONG;
}

int path_from_user(uaddr_t src, bool allow_empty, char **out)
{
	char *buf = kmalloc(PATH_MAX);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	n = strncpy_from_user(buf, src, PATH_MAX);
	if (!n && !allow_empty)
		n = -ENOENT;
	if (n < 0) {
		kfree(buf);
		return (int)n;
	}
	*out = buf;
	return 0;
}

int user_load32(uaddr_t addr, uint32_t *val)
{
	int err = user_range(addr, sizeof(*val), PROT_READ);

	if (!err)
		*val = __atomic_load_n((uint32_t *)addr, __ATOMIC_SEQ_CST);
	return err;
}

int user_cmpxchg32(uaddr_t addr, uint32_t old, uint32_t new_val, uint32_t *seen)
{
	int err = user_range(addr, sizeof(old), PROT_READ | PROT_WRITE);

	if (err)
		return err;
	__atomic_compare_exchange_n((uint32_t *)addr, &old, new_val, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	*seen = old;
	return 0;
}
