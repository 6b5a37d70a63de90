/* test_config.c: Occlum.json: what is accepted and what it means; and every message: file, line, key, value. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/config.h"

static char err[CONFIG_ERR_SIZE];

static int parse(const char *text, struct occlum_config *c)
{
	char *copy = strdup(text); /* exactly as long as it is: reads behind it are found */
	int ret = config_parse("Occlum.json", copy, strlen(copy), c, err);

	free(copy);
	return ret;
}

static void accept(const char *text, struct occlum_config *c)
{
	cr_assert_eq(parse(text, c), 0, "%s: %s", text, err);
}

/* The message has all of these in it, separated by '|'. */
static void refuse(const char *text, const char *parts)
{
	struct occlum_config c;
	char copy[512], *part, *save;

	cr_assert_neq(parse(text, &c), 0, "accepted: %s", text);
	snprintf(copy, sizeof(copy), "%s", parts);
	for (part = strtok_r(copy, "|", &save); part; part = strtok_r(NULL, "|", &save))
		cr_expect(strstr(err, part), "%s\nsays: %s\nand not: %s", text, err, part);
}

Test(config, nothing_is_required)
{
	struct occlum_config c;

	accept("{}", &c);
	cr_assert_eq(c.instance.mount_count, 4);
	cr_assert_eq(c.instance.mounts[0].type, CONFIG_FS_UNION);
	cr_assert_eq(c.instance.mounts[0].lower_type, CONFIG_FS_HASHFS);
	cr_assert_str_eq(c.instance.mounts[0].target, "/");
	cr_assert_str_eq(c.instance.entry_points[0], "/bin");
	cr_assert_null(c.instance.env_default[0]);
	cr_assert(c.debuggable && c.vcpus >= 1 && !c.instance.flags);
	config_free(&c);
}

Test(config, multiprocess)
{
	struct occlum_config c;

	accept("{}", &c);
	cr_assert(!(c.instance.flags & CONFIG_EIP) && !c.user_init);
	config_free(&c);
	accept("{\"multiprocess\": \"sip\"}", &c);
	cr_assert(!(c.instance.flags & CONFIG_EIP));
	config_free(&c);
	accept("{\"multiprocess\": \"eip\"}", &c);
	cr_assert(c.instance.flags & CONFIG_EIP);
	cr_assert_eq(c.heap_init + c.user_init, 256ul << 20);
	config_free(&c);
	accept("{\"multiprocess\": \"eip\", \"eip\": {\"enclave_size\": \"1GB\"}}", &c);
	cr_assert_eq(c.heap_init + c.user_init, 1ul << 30);
	config_free(&c);
	refuse("{\"multiprocess\":\n\"fork\"}", "Occlum.json:2: key \"multiprocess\"|\"eip\"");
	refuse("{\"eip\": {\"enclave_size\": \"64MB\"}}", "key \"eip.enclave_size\"|multiprocess");
	refuse("{\"multiprocess\": \"eip\", \"eip\": {\"enclave_size\": \"1MB\"}}", "key \"eip.enclave_size\"|32MB");
	refuse("{\"multiprocess\": \"eip\", \"eip\": {\"size\": \"1MB\"}}", "eip.size|enclave_size");
}

static uint32_t flags_of(const char *text)
{
	struct occlum_config c;
	uint32_t flags;

	accept(text, &c);
	flags = c.instance.flags;
	config_free(&c);
	return flags;
}

Test(config, loopback)
{
	cr_assert(flags_of("{\"network\": {\"loopback\": \"host\"}}") & CONFIG_LOOPBACK_HOST);
	cr_assert(!(flags_of("{\"network\": {\"loopback\": \"enclave\"}}") & CONFIG_LOOPBACK_HOST));
	refuse("{\"network\":\n{\"loopback\": true}}", "Occlum.json:2: key \"network.loopback\"|\"enclave\" or \"host\"");
	refuse("{\"network\":\n{\"loopback\": \"eager\"}}", "key \"network.loopback\"|\"enclave\" or \"host\"");
}

Test(config, commit)
{
	const uint32_t modes = CONFIG_COMMIT_EAGER | CONFIG_COMMIT_LAZY;
	struct occlum_config c;

	cr_assert_eq(flags_of("{\"vm\": {\"commit\": \"eager\"}}") & modes, CONFIG_COMMIT_EAGER);
	cr_assert_eq(flags_of("{\"vm\": {\"commit\": \"lazy\"}}") & modes, CONFIG_COMMIT_LAZY);
	cr_assert_eq(flags_of("{\"vm\": {\"commit\": \"adaptive\"}}") & modes, 0);
	accept("{\"vm\": {\"sgx\": 1}, \"resource_limits\": {\"user_space_size\": \"300MB\"}}", &c);
	cr_assert(c.instance.flags & CONFIG_SGX1);
	cr_assert_eq(c.user_init, 300ul << 20);
	cr_assert_eq(c.heap_init, SGX1_HEAP);
	config_free(&c);
	refuse("{\"vm\":\n{\"sgx\": 3}}", "Occlum.json:2: key \"vm.sgx\"|or 2");
	refuse("{\"vm\":\n{\"commit\": \"never\"}}", "Occlum.json:2: key \"vm.commit\"|\"lazy\" or \"adaptive\"");
}

/* A file as users of the original have it. */
static const char whole[] =
	"{ \"resource_limits\": { \"user_space_size\": \"300MB\", \"user_space_max_size\": \"1GB\",\n"
	"  \"kernel_space_heap_size\": \"32MB\", \"kernel_space_heap_max_size\": \"256MB\",\n"
	"  \"kernel_space_stack_size\": \"1MB\", \"max_num_of_threads\": 32, \"init_num_of_threads\": 16 },\n"
	"  \"process\": { \"default_stack_size\": \"4MB\", \"default_heap_size\": \"32MB\", \"default_mmap_size\": "
	"\"100MB\" },\n"
	"  \"entry_points\": [ \"/bin\", \"/opt/app\" ],\n"
	"  \"env\": { \"default\": [ \"OCCLUM=yes\", \"A=\" ], \"untrusted\": [ \"EXAMPLE\" ] },\n"
	"  \"metadata\": { \"product_id\": 7, \"version_number\": 65535, \"debuggable\": false, \"enable_kss\": "
	"false,\n"
	"    \"family_id\": { \"high\": \"0x0\", \"low\": \"0x0\" }, \"ext_prod_id\": { \"high\": \"0x0\", \"low\": "
	"0 } },\n"
	"  \"feature\": { \"amx\": 2, \"pkru\": 0, \"io_uring\": 4, \"enable_edmm\": true, \"enable_posix_shm\": "
	"false },\n"
	"  \"mount\": [ { \"target\": \"/\", \"type\": \"unionfs\", \"options\": { \"layers\": [\n"
	"      { \"target\": \"/\", \"type\": \"sefs\", \"source\": \"./build/mount/__ROOT\", \"options\": { "
	"\"MAC\": \"\" } },\n"
	"      { \"target\": \"/\", \"type\": \"sefs\", \"source\": \"./run/mount/__ROOT\" } ] } },\n"
	"    { \"target\": \"/host\", \"type\": \"hostfs\", \"source\": \".\" },\n"
	"    { \"target\": \"/data\", \"type\": \"hostfs\", \"source\": \"/srv\", \"options\": { \"readonly\": true "
	"} },\n"
	"    { \"target\": \"/proc\", \"type\": \"procfs\" }, { \"target\": \"/dev\", \"type\": \"devfs\" } ] }\n";

Test(config, the_originals_file)
{
	struct occlum_config c;

	accept(whole, &c);
	cr_assert_eq(c.instance.user_space_max, 1ul << 30);
	cr_assert_eq(c.heap_init, 32ul << 20);
	cr_assert_eq(c.instance.heap_max, 256ul << 20);
	cr_assert_eq(c.instance.default_stack_size, 4ul << 20);
	cr_assert_eq(c.instance.max_threads, 32);
	cr_assert_str_eq(c.instance.entry_points[1], "/opt/app");
	cr_assert_str_eq(c.instance.env_default[1], "A=");
	cr_assert_str_eq(c.instance.env_untrusted[0], "EXAMPLE");
	cr_assert(c.product_id == 7 && c.version == 65535 && !c.debuggable);
	cr_assert_eq(c.instance.flags, CONFIG_DISABLE_LOG);
	cr_assert_eq(c.instance.mount_count, 5);
	cr_assert_str_eq(c.instance.mounts[1].source, "/proc/self/cwd/.");
	cr_assert_str_eq(c.instance.mounts[2].source, "/srv");
	cr_assert_eq(c.instance.mounts[2].flags, CONFIG_MOUNT_RDONLY);
	config_free(&c);
}

Test(config, root_is_first_and_may_be_read_only)
{
	struct occlum_config c;

	accept("{\"mount\":[{\"target\":\"/tmp\",\"type\":\"ramfs\"},{\"target\":\"/\",\"type\":\"hashfs\"}]}", &c);
	cr_assert_eq(c.instance.mount_count, 2);
	cr_assert_eq(c.instance.mounts[0].type, CONFIG_FS_HASHFS);
	cr_assert_eq(c.instance.mounts[0].flags, CONFIG_MOUNT_RDONLY);
	cr_assert_str_eq(c.instance.mounts[1].target, "/tmp");
	config_free(&c);
}

Test(config, sizes)
{
	uint64_t n;

	cr_assert(config_size("300MB", &n) && n == 300ul << 20);
	cr_assert(config_size("4 kb", &n) && n == 4096);
	cr_assert(config_size("17", &n) && n == 17);
	cr_assert(config_size("2T", &n) && n == 2ul << 40);
	static const char *const bad[] = { "",	   "MB",   "-1MB",	"1.5MB", "1XB", "99999999999999TB",
					   "1MB ", "0x10", "1 MB extra" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(config_size(bad[i], &n), "%s", bad[i]);
}

Test(config, messages_name_line_key_and_value)
{
	refuse("{\n \"process\": {\n  \"default_stack_size\": \"lots\"\n }\n}",
	       "Occlum.json:3: key \"process.default_stack_size\": value \"lots\": expected a size");
	refuse("{\n\n\"resource_limits\": { \"max_num_of_threads\": 1 }}",
	       "Occlum.json:3:|max_num_of_threads|value 1:|from 2");
	refuse("{\"resource_limits\": {\"max_num_of_threads\": 1.5}}", "value 1.5");
	refuse("{\"resource_limits\": {\"max_num_of_threads\": 1e300}}", "max_num_of_threads");
	refuse("{\"resource_limits\": {\"max_num_of_threads\": -3}}", "value -3");
	refuse("{\"resource_limits\": {\n\"user_spcae_size\": \"1GB\"}}",
	       "Occlum.json:2: key \"resource_limits.user_spcae_size\" is not known here|user_space_size, "
	       "user_space_max_size");
	refuse("{\"resource_limits\": 5}", "key \"resource_limits\": value 5: expected an object");
	refuse("{\"entry\": []}", "key \"entry\" is not known here|entry_points|mount");
	refuse("{\"entry_points\": [\"/bin\",\n\"usr\"]}", "Occlum.json:2: key \"entry_points\": value \"usr\"");
	refuse("{\"entry_points\": \"/bin\"}", "expected a list");
	refuse("{\"env\": {\"default\": [\"X\"]}}", "env.default|\"X\"|NAME=value");
	refuse("{\"env\": {\"untrusted\": [\"X=1\"]}}", "env.untrusted|\"X=1\"");
	refuse("{\"env\": {\"untrusted\": [7]}}", "value 7");
	refuse("{\"metadata\": {\"debuggable\": \"yes\"}}", "metadata.debuggable|\"yes\"|true or false");
	refuse("{\"metadata\": {\"enable_kss\": true}}", "enable_kss|not in this version");
	refuse("{\"resource_limits\": {\"user_space_size\": \"2GB\", \"user_space_max_size\": \"1GB\"}}",
	       "user_space_size|\"2GB\"|no more than");
	refuse("{\"env.default\": []}", "key \"env.default\" is not known here|env");
	refuse("{\"resource_limits.max_num_of_threads\": 4}", "is not known here");
	refuse("{\"\": 4}", "is not known here");
	refuse("{\"metadata\": {\"family_id\": {\"high\": \"zz\"}}}", "family_id.high");
}

Test(config, lines_are_counted_past_strings_that_look_like_json)
{
	refuse("{\n\"env\": { \"default\": [ \"A=\\\"{[1,\", \"B=:\" ] },\n\"entry_points\": "
	       "[\"/a:\",\"/b\\\\\"],\n\"process\": {}, \n\"mount\": 3 }",
	       "Occlum.json:5: key \"mount\": value 3");
}

Test(config, what_is_not_json)
{
	refuse("", "Occlum.json:1:|not JSON");
	refuse("{\n\"a\": \n}", "not JSON");
	refuse("{} x", "Occlum.json:1:|not JSON");
	refuse("{}\n\n{}", "Occlum.json:3:");
	refuse("[]", "expected an object");
	refuse("{\"entry_points\": [\"/a\\u0000b\"]}", "zero byte");
	char deep[5000] = "{\"mount\":";
	memset(deep + 9, '[', 4000);
	refuse(deep, "not JSON");
	refuse("{\"mount\": [[[[[[[[[[1]]]]]]]]]]}", "mount[0]");
}

Test(config, repeated_keys)
{
	refuse("{\n\"mount\": [],\n\"mount\": []}", "Occlum.json:3: key \"mount\" is there twice");
	refuse("{\"env\":{\"default\":[],\n\"default\":[]}}", "Occlum.json:2: key \"env.default\" is there twice");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"ramfs\",\"type\":\"ramfs\"}]}",
	       "mount[0].type\" is there twice");
}

Test(config, mounts)
{
	refuse("{\"mount\":[{\"target\":\"/a\"}]}", "mount[0].type");
	refuse("{\"mount\":[{\"type\":\"ramfs\"}]}", "mount[0].target");
	refuse("{\"mount\":[\n{\"target\":\"/\",\"type\":\"unionfs\"},\n{\"target\":\"a\",\"type\":\"ramfs\"}]}",
	       ":3:|mount[1].target|\"a\"");
	refuse("{\"mount\":[{\"target\":\"/a/../b\",\"type\":\"ramfs\"}]}", "mount[0].target");
	refuse("{\"mount\":[{\"target\":\"/a/\",\"type\":\"ramfs\"}]}", "mount[0].target");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"ext2\"}]}", "mount[0].type|\"ext2\"|hostfs");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"sefs\"}]}", "only \"/\" comes from the image");
	refuse("{\"mount\":[{\"target\":\"/\",\"type\":\"ramfs\"}]}", "unionfs or hashfs");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"hostfs\"}]}", "mount[0].source");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"ramfs\",\"opts\":{}}]}", "mount[0].opts\" is not known here");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"ramfs\",\"options\":{\"x\":1}}]}", "mount[0].options.x");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"ramfs\"},{\"target\":\"/a\",\"type\":\"ramfs\"}]}",
	       "every target once");
	refuse("{\"mount\":[{\"target\":\"/a\",\"type\":\"ramfs\"},{\"target\":\"/a/b\",\"type\":\"ramfs\"}]}",
	       "inside another mount");
}

/* Whatever is cut out of a good file or put into it, nothing breaks; ASan watches. */
Test(config, every_prefix_and_many_changes)
{
	char text[sizeof(whole)];
	struct occlum_config c;
	unsigned seed = 1;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(text, whole, n);
		text[n] = 0;
		if (!parse(text, &c))
			config_free(&c);
	}
	for (int i = 0; i < 5000; i++) {
		memcpy(text, whole, sizeof(whole));
		for (int k = 0; k < 2; k++) {
			seed = seed * 1103515245 + 12345;
			text[(seed >> 8) % (sizeof(whole) - 1)] = "{}[]\",:0\\ \n/"[(seed >> 3) % 12];
		}
		if (!parse(text, &c))
			config_free(&c);
	}
}
