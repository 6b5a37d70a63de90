/* elf_map.c: an ELF file on its way into an address space: opening, reading headers, mapping
 * segments.
 *
 * ET_EXEC goes where it was linked, and only if nobody is there. Everything else gets a place from
 * vm_place_for(), which prefers the parked one of the same file version, so the mappings below find
 * their pages filled. Segments are mapped in file order; later ones cover earlier ones, as in
 * Linux. */
#include "abi/layout.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/string.h"
#include "fs/file.h"
#include "linux/errno.h"
#include "linux/mman.h"
#include "loader/elf.h"
#include "vm/vm.h"

static int complain(const struct elf_image *img, int err, const char *why)
{
	log_warn("%s: %s (error %d)", img->name, why, -err);
	return err;
}

static int read_phdrs(struct elf_image *img, const struct elf64_ehdr *eh, const void *head,
		      size_t head_len)
{
	size_t size = eh->e_phnum * sizeof(struct elf64_phdr);
	ssize_t n = (ssize_t)size;

	img->ph = kmalloc(size);
	if (!img->ph)
		return -ENOMEM;
	if (eh->e_phoff <= head_len && size <= head_len - eh->e_phoff)
		memcpy(img->ph, (const char *)head + eh->e_phoff, size);
	else
		n = file_pread(img->file, img->ph, size, (loff_t)eh->e_phoff);
	if (n != (ssize_t)size)
		return complain(img, n < 0 ? (int)n : -ENOEXEC,
				"the file ends before its program headers");
	return 0;
}

int elf_open(struct file *file, const char *name, const void *head, size_t head_len,
	     struct elf_image *out)
{
	const struct elf64_ehdr *eh = head;
	const char *why = "the file is shorter than an ELF header";
	int err = -ENOEXEC;

	*out = (struct elf_image){ .file = file_get(file), .name = name };
	if (head_len >= sizeof(*eh))
		err = elf_check_header(eh, &why);
	if (err) {
		complain(out, err, why);
		goto fail;
	}
	err = read_phdrs(out, eh, head, head_len);
	if (err)
		goto fail;
	err = elf_check(eh, out->ph, &out->info, &why);
	if (!err)
		return 0;
	complain(out, err, why);
fail:
	elf_close(out);
	return err;
}

void elf_close(struct elf_image *img)
{
	if (img->file)
		file_put(img->file);
	kfree(img->ph);
	*img = (struct elf_image){ 0 };
}

int elf_interp_name(const struct elf_image *img, char **out)
{
	size_t len = img->info.interp_len;
	char *name = kmalloc(len);
	ssize_t n;

	if (!name)
		return -ENOMEM;
	n = file_pread(img->file, name, len, (loff_t)img->info.interp_off);
	if (n == (ssize_t)len && name[len - 1] == '\0') {
		*out = name;
		return 0;
	}
	kfree(name);
	if (n != (ssize_t)len)
		return complain(img, n < 0 ? (int)n : -EIO,
				"the file ends before the interpreter's name");
	return complain(img, -ENOEXEC, "the interpreter's name is not terminated");
}

/* Nothing is reserved here: vm_place_for() claims its answer for the space, and a fixed program's
 * segments are refused one by one if somebody else is there. */
static int choose_place(struct elf_image *img, struct vm_space *s)
{
	const struct elf_info *info = &img->info;
	size_t slack = info->align > PAGE_SIZE ? info->align : 0;
	long place;

	if (!info->dyn)
		return 0;
	place = vm_place_for(s, img->file, info->end - info->start + slack);
	if (place < 0)
		return complain(img, (int)place, "no room in the enclave");
	if (slack) /* keep vaddr modulo the alignment */
		place += (long)((info->start - (uint64_t)place) & (info->align - 1));
	img->bias = (uint64_t)place - info->start;
	return 0;
}

static int prot_of(uint32_t p_flags)
{
	return (p_flags & PF_R ? PROT_READ : 0) | (p_flags & PF_W ? PROT_WRITE : 0) |
	       (p_flags & PF_X ? PROT_EXEC : 0);
}

/* The part of a writable segment's last file page that lies behind its data reads as zero. */
static int zero_tail(struct vm_space *s, uaddr_t from, uaddr_t to)
{
	if (from >= to)
		return 0;
	if (vm_make_present(s, from, to - from, PROT_READ | PROT_WRITE))
		return -EFAULT;
	memset((void *)from, 0, to - from);
	return 0;
}

static int map_segment(struct elf_image *img, struct vm_space *s, const struct elf64_phdr *ph)
{
	uaddr_t start = (ph->p_vaddr + img->bias) & PAGE_MASK;
	uaddr_t data_end = ph->p_vaddr + img->bias + ph->p_filesz;
	uaddr_t mem_end = ALIGN_UP(ph->p_vaddr + img->bias + ph->p_memsz, PAGE_SIZE);
	uaddr_t file_end = ph->p_filesz ? ALIGN_UP(data_end, PAGE_SIZE) : start;
	int prot = prot_of(ph->p_flags);
	long r;

	if (file_end > start) {
		r = vm_mmap(s, start, file_end - start, prot, MAP_PRIVATE | MAP_FIXED, img->file,
			    ph->p_offset & PAGE_MASK);
		if (r < 0)
			return (int)r;
	}
	if ((prot & PROT_WRITE) && ph->p_memsz > ph->p_filesz && ph->p_filesz) {
		r = zero_tail(s, data_end, file_end);
		if (r < 0)
			return (int)r;
	}
	if (mem_end <= file_end)
		return 0;
	r = vm_mmap(s, file_end, mem_end - file_end, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    NULL, 0);
	return r < 0 ? (int)r : 0;
}

int elf_map(struct elf_image *img, struct vm_space *s)
{
	int err = choose_place(img, s);

	for (unsigned i = 0; i < img->info.phnum && !err; i++) {
		if (img->ph[i].p_type != PT_LOAD || img->ph[i].p_memsz == 0)
			continue;
		err = map_segment(img, s, &img->ph[i]);
		if (err)
			complain(img, err, "a segment cannot be mapped");
	}
	return err;
}
