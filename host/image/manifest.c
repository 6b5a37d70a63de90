/* manifest.c: see manifest.h. An input counts as changed if its name, type, mode, size or
 * modification time did. */
#include "manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "mkhash.h"
#include "tree.h"

#define MANIFEST	"build/manifest"
#define MANIFEST_FORMAT 2

int manifest_read(struct manifest *m)
{
	FILE *f = fopen(MANIFEST, "re");
	int format, n;

	if (!f)
		return -errno;
	n = fscanf(f,
		   "format %d\nvcpus %lu\nheap_init %lu\nuser_init %lu\nuser_memory_max %lu\ndebuggable "
		   "%lu\ninputs %64s\nall %64s",
		   &format, &m->vcpus, &m->heap_init, &m->user_init, &m->user_memory_max, &m->debuggable,
		   m->inputs, m->all);
	fclose(f);
	return n == 8 && format == MANIFEST_FORMAT ? 0 : -EINVAL;
}

int manifest_write(const struct manifest *m)
{
	FILE *f = fopen(MANIFEST ".new", "we");

	if (!f)
		return -errno;
	fprintf(f,
		"format %d\nvcpus %lu\nheap_init %lu\nuser_init %lu\nuser_memory_max %lu\ndebuggable %lu\ninputs "
		"%s\nall %s\n",
		MANIFEST_FORMAT, m->vcpus, m->heap_init, m->user_init, m->user_memory_max, m->debuggable,
		m->inputs, m->all);
	if (fclose(f) || rename(MANIFEST ".new", MANIFEST))
		return -errno;
	return 0;
}

void manifest_remove(void)
{
	unlink(MANIFEST);
}

static void hex(const uint8_t hash[32], char out[65])
{
	for (int i = 0; i < 32; i++)
		sprintf(out + 2 * i, "%02x", hash[i]);
}

static int hash_file(EVP_MD_CTX *c, const char *path)
{
	char buf[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		EVP_DigestUpdate(c, buf, (size_t)n);
	close(fd);
	return n < 0 ? -EIO : 0;
}

static void hash_node(EVP_MD_CTX *c, const struct tree_node *n)
{
	uint64_t facts[5] = {n->st.st_mode, (uint64_t)n->st.st_size, (uint64_t)n->st.st_mtim.tv_sec,
			     (uint64_t)n->st.st_mtim.tv_nsec, n->links};

	/* What is in a directory is listed itself; a time of its own it does not get in the image.
	 */
	if (S_ISDIR(n->st.st_mode))
		facts[1] = facts[2] = facts[3] = 0;
	EVP_DigestUpdate(c, n->path, strlen(n->path) + 1);
	EVP_DigestUpdate(c, facts, sizeof(facts));
	for (size_t i = 0; i < n->count; i++) {
		EVP_DigestUpdate(c, n->entries[i].name, strlen(n->entries[i].name) + 1);
		EVP_DigestUpdate(c, &n->entries[i].ino, sizeof(n->entries[i].ino));
	}
}

static void digest_end(EVP_MD_CTX *c, char out[65])
{
	uint8_t hash[32];

	EVP_DigestFinal_ex(c, hash, NULL);
	EVP_MD_CTX_free(c);
	hex(hash, out);
}

static EVP_MD_CTX *digest_begin(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c)
		EVP_DigestInit_ex(c, EVP_sha256(), NULL);
	return c;
}

int stamp_inputs(char out[65], char *err)
{
	struct tree t = {.err = err};
	EVP_MD_CTX *c = digest_begin();
	int ret = c ? tree_scan(&t, "image") : -ENOMEM;

	for (size_t i = 0; !ret && i < t.count; i++)
		hash_node(c, &t.nodes[i]);
	tree_free(&t);
	if (!ret) {
		ret = hash_file(c, CONFIG_FILE);
		if (ret)
			snprintf(err, IMAGE_ERR_SIZE, CONFIG_FILE ": %s", strerror(-ret));
	}
	if (c)
		digest_end(c, out);
	return ret;
}

int stamp_all(const char inputs[65], const char *libos_path, const uint8_t mrsigner[32],
	      char out[65])
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	EVP_MD_CTX *c = digest_begin();
	int ret = c ? hash_file(c, libos_path) : -ENOMEM;

	if (!c)
		return ret;
	EVP_DigestUpdate(c, inputs, 64);
	EVP_DigestUpdate(c, mrsigner, 32);
	if (epoch)
		EVP_DigestUpdate(c, epoch, strlen(epoch));
	digest_end(c, out);
	return ret;
}
