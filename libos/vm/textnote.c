/* textnote.c: tells the host where program text lies, for profilers outside (`occlum run --perf`).
 *
 * Said once for each place of each file version: parked text is executed again and again at one address. The cache of what
 * was said forgets by overwriting; saying it twice does no harm. What the host learns is what the log level "trace" would
 * tell, and it is granted by the same setting (entry/start.c). Nothing comes back. */
#include "fs/file.h"
#include "hostcall/hostcall.h"
#include "vm/space.h"

#define SAID_MAX 1024u /* a power of two */

bool vm_text_wanted;

static struct text_said {
	uaddr_t start, end;
	uint64_t offset;
	struct park_key key;
} said[SAID_MAX];

static bool say_once(const struct vma *v)
{
	struct text_said *slot = &said[(v->start >> PAGE_SHIFT) % SAID_MAX];

	if (slot->start == v->start && slot->end == v->end && slot->offset == v->offset && park_key_equal(&slot->key, &v->key))
		return false;
	*slot = (struct text_said){ v->start, v->end, v->offset, v->key };
	return true;
}

void vm_text_note(struct vm_space *s, uaddr_t addr)
{
	const struct vma *v = vm_text_wanted ? vma_find(s, addr) : NULL;
	static char buf[PATH_MAX];
	char *name;

	if (!v || !v->file || !v->file->path.dentry || !say_once(v))
		return;
	if (path_name(&v->file->path, buf, sizeof(buf), &name))
		return;
	host_text(name, v->start, v->end - v->start, v->offset);
	if (v->stubs)
		host_text("", v->stubs->start, v->stubs->end - v->stubs->start, 0);
}
