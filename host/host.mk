# host.mk: the occlum command build/occlum and the host's unit tests.

HOST_SRC := $(filter-out host/test/%,$(wildcard host/*/*.c))
HOST_ASM := $(filter-out host/test/%,$(wildcard host/*/*.S))
HOST_OBJ := $(HOST_SRC:%.c=$(BUILD)/%.o) $(HOST_ASM:%.S=$(BUILD)/%.S.o)
HOST_CFLAGS := $(COMMON) -fPIE -pthread -D_GNU_SOURCE -DOCCLUM_VERSION='"$(VERSION)"' -iquote host -iquote .
# libcrypto is linked in: of all libraries it takes longest to load, and each enclave of a process would wait for it.
HOST_LIBS := -lcjson -l:libcrypto.a -lelf -lZydis -pthread

# These run on behalf of enclave code, whose vector registers they must not touch.
HOST_CFLAGS-gate := -mgeneral-regs-only
HOST_CFLAGS-accept := -mgeneral-regs-only
HOST_CFLAGS-aex_save := -mgeneral-regs-only

.PHONY: sgx-calibration
sgx-calibration: $(BUILD)/occlum ## the SGX cost profiles against published totals
	@$(BUILD)/occlum stats --calibrate

.PHONY: host
host: $(BUILD)/occlum

$(BUILD)/occlum: $(HOST_OBJ)
	@echo "  LD $@"
	$(Q)$(CC) -pie -o $@ $^ $(HOST_LIBS)

$(BUILD)/host/%.o: host/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(HOST_CFLAGS) $(HOST_CFLAGS-$(*F)) -c $< -o $@

$(BUILD)/host/%.S.o: host/%.S
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(HOST_CFLAGS) -c $< -o $@

-include $(HOST_OBJ:.o=.d)

# Unit tests: programs that the files in host/test/*.mk add to HOST_UNITS.
include $(wildcard host/test/*.mk)

.PHONY: host-unit
host-unit: $(HOST_UNITS)
	@sh host/test/run-units.sh $(BUILD)/unit-host $^
