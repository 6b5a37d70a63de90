/* elf.c: checks of ELF headers. Pure: no allocation, no file access; input is hostile.
 *
 * Error codes are those Linux's binfmt_elf gives where it refuses before it has thrown the old
 * program away; where Linux would kill the process half-way through execve, the caller gets an
 * error instead. */
#include "loader/elf.h"
#include "abi/layout.h"
#include "base/string.h"
#include "linux/errno.h"

static int refuse(int err, const char *what, const char **why)
{
	*why = what;
	return err;
}

int elf_check_header(const struct elf64_ehdr *eh, const char **why)
{
	if (memcmp(eh->e_ident, ELF_MAGIC, 4) != 0)
		return refuse(-ENOEXEC, "not an ELF file", why);
	if (eh->e_ident[EI_CLASS] != ELFCLASS64)
		return refuse(-ENOEXEC, "not a 64-bit ELF file", why);
	if (eh->e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(-ENOEXEC, "not a little-endian ELF file", why);
	if (eh->e_machine != EM_X86_64)
		return refuse(-ENOEXEC, "not for x86-64", why);
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return refuse(-ENOEXEC, "neither an executable nor a shared object", why);
	if (eh->e_phentsize != sizeof(struct elf64_phdr))
		return refuse(-ENOEXEC, "program headers have an unknown size", why);
	if (eh->e_phnum == 0 || eh->e_phnum > ELF_MAX_PHDRS)
		return refuse(-ENOEXEC, "no program headers, or too many", why);
	if (eh->e_phoff > INT64_MAX - 0x10000)
		return refuse(-ENOEXEC, "program headers lie beyond the file", why);
	return 0;
}

static int check_load(const struct elf64_phdr *ph, const char **why)
{
	uint64_t end;

	if (ph->p_filesz > ph->p_memsz)
		return refuse(-EINVAL, "a segment has more bytes in the file than in memory", why);
	if (__builtin_add_overflow(ph->p_vaddr, ph->p_memsz, &end) || end > ELRANGE_END)
		return refuse(-ENOMEM, "a segment's addresses are out of range", why);
	if (ph->p_offset > INT64_MAX - ELRANGE_END)
		return refuse(-EINVAL, "a segment's file offset is out of range", why);
	if ((ph->p_vaddr & ~PAGE_MASK) != (ph->p_offset & ~PAGE_MASK))
		return refuse(-EINVAL, "a segment's address and file offset differ within the page",
			      why);
	return 0;
}

static void take_load(const struct elf64_ehdr *eh, const struct elf64_phdr *ph,
		      struct elf_info *info)
{
	uint64_t start = ph->p_vaddr & PAGE_MASK;
	uint64_t end = ph->p_vaddr + ph->p_memsz;

	info->start = MIN(info->start, start);
	info->end = MAX(info->end, ALIGN_UP(end, PAGE_SIZE));
	info->bss_end = MAX(info->bss_end, end);
	if (ph->p_align > info->align && (ph->p_align & (ph->p_align - 1)) == 0)
		info->align = ph->p_align;
	if (eh->e_phoff >= ph->p_offset && eh->e_phoff - ph->p_offset < ph->p_filesz)
		info->phdr_vaddr = eh->e_phoff - ph->p_offset + ph->p_vaddr;
}

static int take_interp(const struct elf64_phdr *ph, struct elf_info *info, const char **why)
{
	if (info->has_interp)
		return 0;
	if (ph->p_filesz > 4096 || ph->p_filesz < 2)
		return refuse(-ENOEXEC, "the interpreter's name has an impossible length", why);
	if (ph->p_offset > INT64_MAX - 4096)
		return refuse(-EINVAL, "the interpreter's name has an impossible place", why);
	info->has_interp = true;
	info->interp_off = ph->p_offset;
	info->interp_len = (uint32_t)ph->p_filesz;
	return 0;
}

static int check_whole(const struct elf_info *info, const char **why)
{
	if (info->start >= info->end)
		return refuse(-EINVAL, "no loadable segment", why);
	if (info->align > 1UL << 30)
		return refuse(-EINVAL, "a segment's alignment is too large", why);
	if (info->dyn)
		return 0;
	if (info->start < USER_LOW_START)
		return refuse(-EINVAL, "linked to addresses below 64 KiB", why);
	if (info->start < USER_START)
		return refuse(-ENOMEM, "linked to fixed addresses, where the image of --valgrind-friendly has no memory: only "
				       "position-independent programs run there (gcc -pie)", why);
	if (info->start < LIBOS_END && info->end > LIBOS_START)
		return refuse(-ENOMEM, "linked to addresses that belong to the LibOS", why);
	if (info->end > USER_HIGH_END)
		return refuse(-ENOMEM, "linked to addresses outside the enclave", why);
	return 0;
}

int elf_check(const struct elf64_ehdr *eh, const struct elf64_phdr *ph, struct elf_info *info,
	      const char **why)
{
	int err = 0;

	*info = (struct elf_info){ .dyn = eh->e_type == ET_DYN,
				   .entry = eh->e_entry,
				   .start = UINT64_MAX,
				   .align = PAGE_SIZE,
				   .phnum = eh->e_phnum };
	for (unsigned i = 0; i < eh->e_phnum && !err; i++, ph++) {
		if (ph->p_type == PT_INTERP)
			err = take_interp(ph, info, why);
		else if (ph->p_type == PT_GNU_STACK)
			info->exec_stack = ph->p_flags & PF_X;
		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		err = check_load(ph, why);
		if (!err)
			take_load(eh, ph, info);
	}
	return err ? err : check_whole(info, why);
}
