/* memory_liar.c: an occlum whose host half lies about memory. Linked with --wrap for the functions below; LIE names what goes
 * wrong, from the LIE_AFTERth call of its kind on (default 1: the first). */
#include <stdlib.h>
#include <string.h>

#include "enclave/driver.h"
#include "enclave/enclave.h"

#define PAGE 4096ul

int __real_enclave_augment(struct enclave *e, uint64_t addr, uint64_t len);
int __real_enclave_restrict_list(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot);
int __real_enclave_modify_type_list(struct enclave *e, const struct enclave_range *r, unsigned int n,
				    enum sgx_page_type type);
int __real_enclave_protect(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot);
int __real_driver_track(struct sgx_enclave *e);

static int lie(const char *name)
{
	static _Atomic int calls;
	const char *s = getenv("LIE"), *after = getenv("LIE_AFTER");

	return s && !strcmp(s, name) && ++calls >= (after ? atoi(after) : 1);
}

int __wrap_enclave_augment(struct enclave *e, uint64_t addr, uint64_t len)
{
	if (lie("no-augment"))
		return 0;
	if (lie("augment-beside"))
		return __real_enclave_augment(e, addr + len, len);
	if (lie("augment-less") && len > PAGE)
		return __real_enclave_augment(e, addr, len - PAGE);
	if (lie("augment-executable")) {
		int ret = __real_enclave_augment(e, addr, len);

		return ret ? ret : __real_enclave_protect(e, addr, len, 7);
	}
	return __real_enclave_augment(e, addr, len);
}

int __wrap_enclave_restrict_list(struct enclave *e, const struct enclave_range *r, unsigned int n, unsigned int prot)
{
	if (lie("no-restrict"))
		return 0;
	return __real_enclave_restrict_list(e, r, n, lie("restrict-more") ? 1 : prot);
}

int __wrap_enclave_modify_type_list(struct enclave *e, const struct enclave_range *r, unsigned int n,
				    enum sgx_page_type type)
{
	return lie("no-trim") ? 0 : __real_enclave_modify_type_list(e, r, n, type);
}

/* Everything stays as open as the page tables can make it; only the EPCM is left. */
int __wrap_enclave_protect(struct enclave *e, uint64_t addr, uint64_t len, unsigned int prot)
{
	if (lie("no-protect"))
		return 0;
	if (lie("open-tables") && __real_enclave_protect(e, addr, len, 7) == 0)
		return 0;
	return __real_enclave_protect(e, addr, len, prot);
}

/* No ETRACK, no interrupts: threads keep old translations. */
int __wrap_driver_track(struct sgx_enclave *e)
{
	return lie("no-track") ? 0 : __real_driver_track(e);
}
