/* built.c: from Occlum.json and image/ to a signed enclave in build/, and back to start it.
 *
 * The LibOS is copied along: a newer occlum must not change what was measured and signed. */
#include "built.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config.h"
#include "manifest.h"
#include "mkhash.h"
#include "sign/sign.h"

#define CONFIG_BLOB BUILT_DIR "/config.bin"
#define LIBOS	    BUILT_DIR "/libos.elf"
#define SIGSTRUCT   BUILT_DIR "/sigstruct.bin"
#define HEAP_INIT   (16ul << 20)

struct build {
	const struct build_options *o;
	struct build_report *r;
	struct occlum_config config;
	struct manifest manifest;
	EVP_PKEY *key;
	uint8_t mrsigner[32];
	void *blob;
	size_t blob_size;
	char *err;
};

__attribute__((format(printf, 3, 4))) static int fail(struct build *b, int err, const char *fmt,
						      ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->err, BUILT_ERR_SIZE, fmt, ap);
	va_end(ap);
	return err;
}

static int file_write(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "we");
	size_t n;

	if (!f)
		return -errno;
	n = fwrite(data, 1, size, f);
	return fclose(f) || n != size ? -EIO : 0;
}

/* malloc'ed content, one NUL behind it. */
static void *file_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *p = NULL;

	if (!f)
		return NULL;
	if (!fstat(fileno(f), &st) && (p = malloc((size_t)st.st_size + 1))) {
		*size = fread(p, 1, (size_t)st.st_size, f);
		p[*size] = 0;
	}
	fclose(f);
	return p;
}

static int key_take(struct build *b)
{
	const char *path = b->o->key ? b->o->key : BUILT_OWN_KEY;
	int ret;

	if (!b->o->key && access(path, F_OK)) {
		ret = key_generate(path, b->err);
		if (ret)
			return ret;
		b->r->key_made = true;
	}
	ret = key_load(path, &b->key, b->err);
	return ret ? ret : key_mrsigner(b->key, b->mrsigner);
}

/* Directories that things are mounted on must be there. */
static int mount_points_make(struct build *b)
{
	for (size_t i = 1; i < b->config.instance.mount_count; i++) {
		const char *target = b->config.mounts[i].target;
		char path[1100];
		struct stat st;

		snprintf(path, sizeof(path), "image%s", target);
		for (char *s = path + 6; (s = strchr(s, '/')); *s++ = '/') {
			*s = 0;
			if (mkdir(path, 0755) && errno != EEXIST)
				return fail(b, -errno, "%s: %s (mount point %s of " CONFIG_FILE ")",
					    path, strerror(errno), target);
		}
		if (!mkdir(path, 0755))
			continue;
		if (lstat(path, &st) || !S_ISDIR(st.st_mode))
			return fail(b, -ENOTDIR,
				    "%s: a mount point of " CONFIG_FILE ", but not a directory",
				    path);
	}
	return 0;
}

static void enclave_params(const struct build *b, struct enclave_params *p)
{
	const struct manifest *m = &b->manifest;

	*p = (struct enclave_params){.vcpus = (uint32_t)m->vcpus,
				     .heap_init_bytes = m->heap_init,
				     .user_init_bytes = m->user_init,
				     .user_memory_max = m->user_memory_max,
				     .config = b->blob,
				     .config_size = b->blob_size,
				     .debug = m->debuggable,
				     .isvprodid = b->config.product_id,
				     .isvsvn = b->config.version};
}

static int sign(struct build *b)
{
	struct sgx_sigstruct sig;
	struct enclave_params p;
	struct sigstruct_params sp;
	uint8_t mrenclave[32];
	int ret;

	enclave_params(b, &p);
	ret = enclave_measure(LIBOS, &p, mrenclave, b->err);
	if (ret)
		return ret;
	sp = (struct sigstruct_params){.attributes = enclave_attributes(&p),
				       .attributemask = {~0ul, ~0ul},
				       .miscselect = enclave_miscselect(),
				       .miscmask = ~0u,
				       .isvprodid = p.isvprodid,
				       .isvsvn = p.isvsvn};
	ret = sigstruct_sign(&sp, mrenclave, b->key, &sig);
	if (ret)
		return fail(b, ret, "signing failed: %s", strerror(-ret));
	ret = file_write(SIGSTRUCT, &sig, sizeof(sig));
	return ret ? fail(b, ret, SIGSTRUCT ": %s", strerror(-ret)) : 0;
}

static int libos_copy(struct build *b)
{
	size_t size;
	void *elf = file_read(b->o->libos_path, &size);
	int ret = elf ? file_write(LIBOS, elf, size) : -errno;

	free(elf);
	return ret ? fail(b, ret, "%s to " LIBOS ": %s", b->o->libos_path, strerror(-ret)) : 0;
}

static int image_build(struct build *b)
{
	struct image_stats stats;
	int ret = image_make("image", BUILT_IMAGE, b->config.mounts[0].root_hash, &stats, b->err);

	if (ret)
		return ret;
	b->r->files = stats.files;
	b->r->image_bytes = stats.bytes;
	b->r->patch_sites = stats.patch_sites;
	ret = config_blob(&b->config.instance, &b->blob, &b->blob_size);
	if (!ret)
		ret = file_write(CONFIG_BLOB, b->blob, b->blob_size);
	return ret ? fail(b, ret, CONFIG_BLOB ": %s", strerror(-ret)) : 0;
}

static int build_all(struct build *b)
{
	int ret;

	manifest_remove();
	if (mkdir(BUILT_DIR, 0755) && errno != EEXIST)
		return fail(b, -errno, BUILT_DIR ": %s", strerror(errno));
	ret = image_build(b);
	if (!ret)
		ret = libos_copy(b);
	if (!ret)
		ret = sign(b);
	if (ret)
		return ret;
	ret = manifest_write(&b->manifest);
	return ret ? fail(b, ret, BUILT_DIR "/manifest: %s", strerror(-ret)) : 0;
}

static int build_prepare(struct build *b)
{
	struct manifest *m = &b->manifest;
	int ret = config_read(CONFIG_FILE, &b->config, b->err);

	if (!ret)
		ret = mount_points_make(b);
	if (!ret)
		ret = key_take(b);
	if (!ret)
		ret = stamp_inputs(m->inputs, b->err);
	if (ret)
		return ret;
	ret = stamp_all(m->inputs, b->o->libos_path, b->mrsigner, m->all);
	if (ret)
		return fail(b, ret, "%s: %s", b->o->libos_path, strerror(-ret));
	m->vcpus = b->config.vcpus;
	m->heap_init = b->config.heap_init ? b->config.heap_init : HEAP_INIT;
	m->user_init = b->config.user_init;
	m->user_memory_max = b->config.instance.user_space_max;
	m->debuggable = b->config.debuggable;
	return 0;
}

int built_make(const struct build_options *o, struct build_report *r, char err[BUILT_ERR_SIZE])
{
	struct build b = {.o = o, .r = r, .err = err};
	struct manifest old;
	int ret;

	*r = (struct build_report){0};
	snprintf(err, BUILT_ERR_SIZE, "out of memory");
	ret = build_prepare(&b);
	if (!ret && !o->force && !manifest_read(&old) && !strcmp(old.all, b.manifest.all))
		r->up_to_date = true;
	else if (!ret)
		ret = build_all(&b);
	EVP_PKEY_free(b.key);
	free(b.blob);
	config_free(&b.config);
	return ret;
}

bool built_here(void)
{
	char now[65], err[IMAGE_ERR_SIZE];
	struct manifest m;
	int ret = manifest_read(&m);

	if (ret == -ENOENT && access(CONFIG_FILE, F_OK))
		cli_error("this is no instance directory; 'occlum new PATH' makes one");
	else if (ret)
		cli_error("this instance is not built; 'occlum build' does that");
	if (ret)
		return false;
	/* A built instance may travel without its sources. */
	if (access(CONFIG_FILE, F_OK) && access("image", F_OK))
		return true;
	if (stamp_inputs(now, err)) {
		cli_error("%s", err);
		return false;
	}
	if (!strcmp(now, m.inputs))
		return true;
	cli_error(CONFIG_FILE
		  " or image/ changed after the last build; 'occlum build' takes it over");
	return false;
}

static int sigstruct_read(struct sgx_sigstruct **out)
{
	size_t size = 0;

	*out = file_read(SIGSTRUCT, &size);
	if (*out && size == sizeof(**out))
		return 0;
	free(*out);
	return -EINVAL;
}

int built_load(struct instance_params *p, char err[ENCLAVE_ERR_SIZE])
{
	struct sgx_sigstruct *sig;
	struct manifest m;
	void *config;

	if (manifest_read(&m)) {
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "this instance is not built; 'occlum build' does that");
		return -ENOENT;
	}
	config = file_read(CONFIG_BLOB, &p->config_size);
	if (!config || sigstruct_read(&sig)) {
		free(config);
		snprintf(err, ENCLAVE_ERR_SIZE,
			 "files in " BUILT_DIR
			 "/ are missing or damaged; 'occlum build -f' makes them anew");
		return -EINVAL;
	}
	p->config = config;
	p->sigstruct = sig;
	p->libos_path = LIBOS;
	p->vcpus = (uint32_t)m.vcpus;
	p->heap_init = m.heap_init;
	p->user_init = m.user_init;
	p->user_memory_max = m.user_memory_max;
	p->debug = (int)m.debuggable;
	return 0;
}

int built_identity(uint8_t mrenclave[32], uint8_t mrsigner[32], char err[BUILT_ERR_SIZE])
{
	struct sgx_sigstruct *sig;
	struct manifest m;
	int ret;

	if (manifest_read(&m) || sigstruct_read(&sig)) {
		snprintf(err, BUILT_ERR_SIZE,
			 "this instance is not built; 'occlum build' does that");
		return -ENOENT;
	}
	ret = sigstruct_verify(sig, err);
	memcpy(mrenclave, sig->enclavehash, 32);
	sigstruct_mrsigner(sig, mrsigner);
	free(sig);
	return ret;
}
