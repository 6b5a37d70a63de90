/* fuzz_config.c: a libFuzzer target for the Occlum.json parser. What was accepted must make a blob. */
#include <stdlib.h>
#include <string.h>

#include "image/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct occlum_config c;
	char err[CONFIG_ERR_SIZE], *text = malloc(size + 1);
	size_t blob_size;
	void *blob;

	memcpy(text, data, size);
	text[size] = 0;
	if (!config_parse("f", text, size, &c, err)) {
		if (!c.instance.mount_count || strcmp(c.instance.mounts[0].target, "/"))
			abort();
		if (!config_blob(&c.instance, &blob, &blob_size))
			free(blob);
		config_free(&c);
	} else if (!memchr(err, 0, sizeof(err)) || strncmp(err, "f:", 2)) {
		abort();
	}
	free(text);
	return 0;
}
