# host.mk: the occlum command build/occlum and the host's unit tests.

HOST_SRC := $(filter-out host/test/%,$(wildcard host/*/*.c))
HOST_ASM := $(wildcard host/*/*.S)
HOST_OBJ := $(HOST_SRC:%.c=$(BUILD)/%.o) $(HOST_ASM:%.S=$(BUILD)/%.S.o)
HOST_CFLAGS := $(COMMON) -fPIE -pthread -D_GNU_SOURCE -DOCCLUM_VERSION='"$(VERSION)"' -iquote host -iquote libos
HOST_LIBS := -lcjson -lcrypto -lelf -lZydis -pthread

.PHONY: host
host: $(BUILD)/occlum

$(BUILD)/occlum: $(HOST_OBJ)
	$(CC) -pie -o $@ $^ $(HOST_LIBS)

$(BUILD)/host/%.o: host/%.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(HOST_CFLAGS-$*) -c $< -o $@

$(BUILD)/host/%.S.o: host/%.S
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -c $< -o $@

-include $(HOST_OBJ:.o=.d)
