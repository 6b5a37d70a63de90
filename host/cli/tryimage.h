/* tryimage.h: the image of `occlum try --image`. */
#pragma once
#include <stdint.h>

/* Makes a hashed image of program (looked for in PATH if it has no slash), what it needs and the directory cwd. *source
 * is a name for it that is good as long as this process lives; on disk there is nothing left. 0 or an exit status. */
int try_image_make(const char *program, const char *cwd, uint8_t root_hash[32], const char **source);
