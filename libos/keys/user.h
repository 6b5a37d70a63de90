/* user.h: what programs pass to add_key, request_key and keyctl. */
#pragma once
#include "base/types.h"

struct key;
struct key_type;

#define KEY_TYPE_MAX 32u
#define KEY_DESCRIPTION_MAX 4096u

struct key_name {
	const struct key_type *type; /* NULL: a kind that is not known */
	char *description;           /* to be kfree'd */
};

/* A terminated string of less than max bytes; -EINVAL if longer. */
int key_string_from_user(uaddr_t from, size_t max, char **out) must_check;
int key_name_from_user(uaddr_t utype, uaddr_t udescription, struct key_name *out) must_check;
int key_payload_from_user(uaddr_t from, size_t size, void **out) must_check;
int key_payload_check(const struct key_type *type, const char *description, size_t size) must_check;
void key_replace_payload(struct key *k, void *payload, size_t size);
