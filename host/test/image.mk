# image.mk: unit tests of host/image, with ASan and UBSan, and a fuzzer of the configuration.

IMAGE_UNIT := $(BUILD)/unit/image
IMAGE_UNIT_FLAGS := $(COMMON) -fPIE -D_GNU_SOURCE -iquote host -iquote . \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CONFIG_PARTS := config mounts json blob

HOST_UNITS += $(BUILD)/unit/test_config $(BUILD)/unit/test_copy

$(IMAGE_UNIT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(IMAGE_UNIT_FLAGS) -c $< -o $@

IMAGE_UNIT_LINK = $(Q)$(CC) -fsanitize=address,undefined -pie -o $@ $^ -lcriterion -lcjson -lelf

$(BUILD)/unit/test_config: $(IMAGE_UNIT)/host/test/test_config.o $(CONFIG_PARTS:%=$(IMAGE_UNIT)/host/image/%.o)
	$(IMAGE_UNIT_LINK)

$(BUILD)/unit/test_copy: $(IMAGE_UNIT)/host/test/test_copy.o $(patsubst %,$(IMAGE_UNIT)/host/image/%.o,copy libs)
	$(IMAGE_UNIT_LINK)

.PHONY: fuzz-config
fuzz-config: ## a libFuzzer program for Occlum.json: build/fuzz-config (needs clang)
	@mkdir -p $(BUILD)
	clang $(filter-out -MMD -MP,$(IMAGE_UNIT_FLAGS)) -fsanitize=fuzzer host/test/fuzz_config.c \
		$(CONFIG_PARTS:%=host/image/%.c) -lcjson -o $(BUILD)/fuzz-config

-include $(wildcard $(IMAGE_UNIT)/host/*/*.d)

# The image reader is LibOS code; LOG_OFF keeps it quiet.
.PHONY: fuzz-hashfs
fuzz-hashfs: ## a libFuzzer program for hashed images: build/fuzz-hashfs (needs clang)
	@mkdir -p $(BUILD)
	clang $(filter-out -MMD -MP,$(COMMON)) -Ilibos -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -mfsgsbase \
		libos/test/fuzz_hashfs.c libos/test/host_env.c $(wildcard libos/fs/hashfs/*.c) libos/fs/inode.c libos/fs/dcache.c \
		libos/fs/pagetree.c libos/base/strutil.c -lcrypto -o $(BUILD)/fuzz-hashfs
