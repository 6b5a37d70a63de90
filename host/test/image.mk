# image.mk: unit tests of host/image, of perf's map, of placement and of late sending, with ASan and UBSan.

IMAGE_UNIT := $(BUILD)/unit/image
IMAGE_UNIT_FLAGS := $(COMMON) -fPIE -D_GNU_SOURCE -iquote host -iquote . \
	$(UNIT_SANITIZE) -fno-omit-frame-pointer
CONFIG_PARTS := config mounts json blob

HOST_UNITS += $(BUILD)/unit/test_config $(BUILD)/unit/test_copy $(BUILD)/unit/test_perfmap $(BUILD)/unit/test_numa \
	$(BUILD)/unit/test_netlate $(BUILD)/unit/test_plain_fault

$(IMAGE_UNIT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(IMAGE_UNIT_FLAGS) -c $< -o $@

IMAGE_UNIT_LINK = $(Q)$(CC) $(UNIT_SANITIZE) -pie -o $@ $^ -lcriterion -lcjson -lelf

$(BUILD)/unit/test_config: $(IMAGE_UNIT)/host/test/test_config.o $(CONFIG_PARTS:%=$(IMAGE_UNIT)/host/image/%.o)
	$(IMAGE_UNIT_LINK)

$(BUILD)/unit/test_copy: $(IMAGE_UNIT)/host/test/test_copy.o $(patsubst %,$(IMAGE_UNIT)/host/image/%.o,copy libs)
	$(IMAGE_UNIT_LINK)

$(BUILD)/unit/test_perfmap: $(IMAGE_UNIT)/host/test/test_perfmap.o $(IMAGE_UNIT)/host/instance/perfmap.o
	$(IMAGE_UNIT_LINK)

$(BUILD)/unit/test_numa: $(IMAGE_UNIT)/host/test/test_numa.o $(IMAGE_UNIT)/host/instance/numa.o
	$(IMAGE_UNIT_LINK)

$(BUILD)/unit/test_netlate: $(IMAGE_UNIT)/host/test/test_netlate.o $(IMAGE_UNIT)/host/ocall/net.o $(IMAGE_UNIT)/host/ocall/netlate.o
	$(IMAGE_UNIT_LINK)

$(BUILD)/unit/test_plain_fault: host/test/test_plain_fault.c host/sgxsim/plain_fault.c host/sgxsim/plain.h
	$(Q)$(CC) $(COMMON) -iquote host -iquote . -D_GNU_SOURCE -o $@ $(filter %.c,$^) -lcriterion

-include $(wildcard $(IMAGE_UNIT)/host/*/*.d)
