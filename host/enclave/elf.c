/* elf.c: reads the LibOS image and lays its segments out as the enclave will have them.
 *
 * The file is the product's own, but a wrong one should say what is wrong with it. Nothing is
 * relocated; all that is needed is in the program headers. */
#include "elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../libos/abi/layout.h"

struct elf_file {
	const uint8_t *data;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int bad(char err[ENCLAVE_ERR_SIZE], const char *format,
						     ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err, ENCLAVE_ERR_SIZE, format, args);
	va_end(args);
	return -ENOEXEC;
}

static int file_map(const char *path, struct elf_file *f, char err[ENCLAVE_ERR_SIZE])
{
	struct stat st = { 0 };
	void *p = MAP_FAILED;
	int ret = 0, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st)) {
		ret = -errno;
	} else if (!S_ISREG(st.st_mode) || !st.st_size) {
		ret = -ENOEXEC;
	} else {
		p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		ret = p == MAP_FAILED ? -errno : 0;
	}
	if (fd >= 0)
		close(fd);
	if (ret) {
		snprintf(err, ENCLAVE_ERR_SIZE, "cannot read the LibOS image %s: %s", path, strerror(-ret));
		return ret;
	}
	f->data = p;
	f->size = st.st_size;
	return 0;
}

static int header_check(const struct elf_file *f, char err[ENCLAVE_ERR_SIZE])
{
	const Elf64_Ehdr *h = (const void *)f->data;

	if (f->size < sizeof(*h) || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return bad(err, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_X86_64)
		return bad(err, "not an x86-64 ELF file");
	if (h->e_type != ET_EXEC)
		return bad(err, "ELF type %d, but the LibOS must be ET_EXEC (linked at 0x%lx)",
			   h->e_type, LIBOS_START);
	if (h->e_phentsize != sizeof(Elf64_Phdr) || !h->e_phnum || h->e_phoff & 7 ||
	    h->e_phoff > f->size || h->e_phnum > (f->size - h->e_phoff) / sizeof(Elf64_Phdr))
		return bad(err, "program headers outside the file");
	return 0;
}

static int segment_check(const Elf64_Phdr *p, const struct elf_file *f, uint64_t lowest,
			 char err[ENCLAVE_ERR_SIZE])
{
	if (p->p_vaddr & (PAGE_SIZE - 1))
		return bad(err, "segment at 0x%lx is not page aligned", p->p_vaddr);
	if (p->p_vaddr < LIBOS_START || p->p_vaddr - LIBOS_START > LIBOS_IMAGE_MAX ||
	    p->p_memsz > LIBOS_IMAGE_MAX - (p->p_vaddr - LIBOS_START))
		return bad(err, "segment 0x%lx+0x%lx is outside the LibOS image area 0x%lx-0x%lx",
			   p->p_vaddr, p->p_memsz, LIBOS_START, LIBOS_START + LIBOS_IMAGE_MAX);
	if (p->p_vaddr < lowest)
		return bad(err, "segment at 0x%lx overlaps the one before it", p->p_vaddr);
	if (p->p_filesz > p->p_memsz || p->p_offset > f->size ||
	    p->p_filesz > f->size - p->p_offset)
		return bad(err, "segment at 0x%lx reaches beyond the file", p->p_vaddr);
	if (!(p->p_flags & PF_R) || (p->p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
		return bad(err, "segment at 0x%lx is not readable, or writable and executable",
			   p->p_vaddr);
	return 0;
}

/* Fills image->segments but for their pages. */
static int segments_find(const struct elf_file *f, struct elf_image *image,
			 char err[ENCLAVE_ERR_SIZE])
{
	const Elf64_Ehdr *h = (const void *)f->data;
	const Elf64_Phdr *p = (const void *)(f->data + h->e_phoff);
	struct elf_segment *s;
	int ret;

	image->end = LIBOS_START;
	for (unsigned int i = 0; i < h->e_phnum; i++, p++) {
		if (p->p_type == PT_INTERP || p->p_type == PT_DYNAMIC)
			return bad(
				err,
				"the LibOS must be linked statically, without a dynamic section");
		if (p->p_type == PT_TLS)
			return bad(err, "the LibOS must not have thread-local data");
		if (p->p_type != PT_LOAD || !p->p_memsz)
			continue;
		if (image->count == ELF_SEGMENTS_MAX)
			return bad(err, "more than %d segments", ELF_SEGMENTS_MAX);
		ret = segment_check(p, f, image->end, err);
		if (ret)
			return ret;
		s = &image->segments[image->count++];
		s->addr = p->p_vaddr;
		s->len = (p->p_memsz + PAGE_SIZE - 1) & PAGE_MASK;
		s->prot = (p->p_flags & PF_R ? SECINFO_R : 0) |
			  (p->p_flags & PF_W ? SECINFO_W : 0) | (p->p_flags & PF_X ? SECINFO_X : 0);
		image->end = s->addr + s->len;
		image->memory_size += s->len;
	}
	if (!image->count)
		return bad(err, "no segment to load");
	return 0;
}

static int entry_check(const struct elf_image *image, char err[ENCLAVE_ERR_SIZE])
{
	for (unsigned int i = 0; i < image->count; i++)
		if (image->entry - image->segments[i].addr < image->segments[i].len &&
		    image->segments[i].prot & SECINFO_X)
			return 0;
	return bad(err, "entry point 0x%lx is not in an executable segment", image->entry);
}

static int segments_fill(const struct elf_file *f, struct elf_image *image,
			 char err[ENCLAVE_ERR_SIZE])
{
	const Elf64_Ehdr *h = (const void *)f->data;
	const Elf64_Phdr *p = (const void *)(f->data + h->e_phoff);
	struct elf_segment *s = image->segments;
	uint8_t *next;

	image->memory = mmap(NULL, image->memory_size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (image->memory == MAP_FAILED) {
		image->memory = NULL;
		snprintf(err, ENCLAVE_ERR_SIZE, "no memory for the LibOS image");
		return -ENOMEM;
	}
	next = image->memory;
	for (unsigned int i = 0; i < h->e_phnum; i++, p++) {
		if (p->p_type != PT_LOAD || !p->p_memsz)
			continue;
		s->pages = next;
		memcpy(s->pages, f->data + p->p_offset, p->p_filesz);
		next += s->len;
		s++;
	}
	return 0;
}

int elf_load(const char *path, struct elf_image *image, char err[ENCLAVE_ERR_SIZE])
{
	struct elf_file f;
	int ret = file_map(path, &f, err);

	memset(image, 0, sizeof(*image));
	if (ret)
		return ret;
	ret = header_check(&f, err);
	if (!ret)
		ret = segments_find(&f, image, err);
	if (!ret) {
		image->entry = ((const Elf64_Ehdr *)f.data)->e_entry;
		image->hardware = ((const Elf64_Ehdr *)f.data)->e_ident[EI_ABIVERSION] == 1;
		image->plain = ((const Elf64_Ehdr *)f.data)->e_ident[EI_ABIVERSION] == 2;
		ret = entry_check(image, err);
	}
	if (!ret)
		ret = segments_fill(&f, image, err);
	munmap((void *)f.data, f.size);
	if (ret) {
		char why[ENCLAVE_ERR_SIZE / 2];

		memccpy(why, err, 0, sizeof(why) - 1);
		why[sizeof(why) - 1] = 0;
		snprintf(err, ENCLAVE_ERR_SIZE, "%s: %s", path, why);
	}
	return ret;
}

void elf_free(struct elf_image *image)
{
	if (image->memory)
		munmap(image->memory, image->memory_size);
	image->memory = NULL;
}
