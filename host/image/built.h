/* built.h: what `occlum build` leaves in the current directory under build/, ready to be started.
 *
 * The manifest is written last and removed first, so it stands for a complete build. It holds the
 * parameters the enclave was measured with, and two stamps: of the inputs that the user edits, to
 * say when a build is out of date, and of everything, to find that nothing is to be done. */
#pragma once
#include <stdbool.h>

#include "instance/instance.h"

#define BUILT_DIR "build"
#define BUILT_IMAGE                                                                                \
	"build/rootfs.img" /* part of the measured configuration, relative to the instance         \
			      directory */
#define BUILT_ERR_SIZE 640

struct build_options {
	const char *libos_path;
	const char *key; /* PEM file; NULL: the instance's own, made if it is not there */
	bool force;
};

struct build_report {
	bool up_to_date; /* nothing was done */
	bool key_made;
	uint64_t files, image_bytes, patch_sites;
};

#define BUILT_OWN_KEY "signing-key.pem"

/* Is there a built instance here, and newer than its Occlum.json and image? Says what to do if not.
 */
bool built_here(void);
/* Fills libos_path, config, sizes, vcpus and sigstruct from ./build; 0 or -errno with a line in
 * err. Memory is kept. */
int built_load(struct instance_params *p, char err[ENCLAVE_ERR_SIZE]);
/* image/ and Occlum.json of the current directory to build/. 0 or -errno with a line in err. */
int built_make(const struct build_options *o, struct build_report *r, char err[BUILT_ERR_SIZE]);
/* The measurements of the built enclave, from its SIGSTRUCT. */
int built_identity(uint8_t mrenclave[32], uint8_t mrsigner[32], char err[BUILT_ERR_SIZE]);
