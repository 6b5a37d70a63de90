# libos.mk: the enclave image build/libos.elf and the LibOS' unit tests.

LIBOS_SRC := $(filter-out libos/test/% libos/time/vdso/%,$(wildcard libos/*/*.c libos/*/*/*.c))
LIBOS_ASM := $(wildcard libos/*/*.S)
LIBOS_OBJ := $(LIBOS_SRC:%.c=$(BUILD)/%.o) $(LIBOS_ASM:%.S=$(BUILD)/%.S.o)
LIBOS_CFLAGS := $(COMMON) -ffreestanding -nostdinc -isystem $(shell $(CC) -print-file-name=include) -Ilibos \
	-fPIE -mgeneral-regs-only -mno-red-zone -fno-stack-protector -fno-strict-aliasing -fno-omit-frame-pointer \
	-fno-common -fvisibility=hidden -mfsgsbase
LIBOS_LDFLAGS := $(if $(filter clang%,$(CC)),-Qunused-arguments)
LIBCRYPTO := $(shell $(CC) -print-file-name=libcrypto.a)

.PHONY: libos
libos: $(BUILD)/libos.elf $(BUILD)/libos-hw.elf $(BUILD)/libos-plain.elf

$(BUILD)/libos/%.o: libos/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(LIBOS_CFLAGS) -c $< -o $@

$(BUILD)/libos/%.S.o: libos/%.S
	@mkdir -p $(@D)
	@echo "  AS $@"
	$(Q)$(CC) -Ilibos -I$(BUILD) -g -MMD -MP -c $< -o $@

# Only assembly (block functions, field arithmetic, CPU detection) comes out of libcrypto; anything undefined fails the link.
$(BUILD)/libos.elf: $(LIBOS_OBJ) libos/libos.lds
	@echo "  LD $@"
	$(Q)$(CC) $(LIBOS_LDFLAGS) -nostdlib -static -no-pie -Wl,-T,libos/libos.lds -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,--no-relax -o $@ $(LIBOS_OBJ) $(LIBCRYPTO)

# The same for SGX hardware: ENCLU is the instruction. EI_ABIVERSION 1 tells the loader (host/enclave/elf.h).
$(BUILD)/libos/entry/entry.S.hw.o: libos/entry/entry.S libos/entry/asm.h $(BUILD)/libos/entry/entry.S.o
	$(Q)$(CC) -DSGX_HW -Ilibos -I$(BUILD) -g -c $< -o $@

$(BUILD)/libos-hw.elf: $(BUILD)/libos/entry/entry.S.hw.o $(LIBOS_OBJ) libos/libos.lds
	@echo "  LD $@"
	$(Q)$(CC) $(LIBOS_LDFLAGS) -nostdlib -static -no-pie -Wl,-T,libos/libos.lds -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,--no-relax -o $@ \
		$(filter-out %/entry/entry.S.o,$(LIBOS_OBJ)) $< $(LIBCRYPTO)
	$(Q)printf '\001' | dd of=$@ bs=1 seek=8 conv=notrunc status=none

# The same without what valgrind and old kernels lack, in another place (abi/layout.h). EI_ABIVERSION 2.
LIBOS_PLAIN_OBJ := $(LIBOS_OBJ:$(BUILD)/libos/%=$(BUILD)/libos-plain/%)

$(BUILD)/libos-plain/%.o: libos/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)$(CC) $(LIBOS_CFLAGS) -DLIBOS_PLAIN -c $< -o $@

$(BUILD)/libos-plain/%.S.o: libos/%.S
	@mkdir -p $(@D)
	@echo "  AS $@"
	$(Q)$(CC) -Ilibos -I$(BUILD) -DLIBOS_PLAIN -g -MMD -MP -c $< -o $@

$(BUILD)/libos-plain.elf: $(LIBOS_PLAIN_OBJ) libos/libos.lds
	@echo "  LD $@"
	$(Q)$(CC) $(LIBOS_LDFLAGS) -nostdlib -static -no-pie -Wl,-T,libos/libos.lds -Wl,--build-id=none -Wl,-z,noexecstack \
		-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,--no-relax -o $@ $(LIBOS_PLAIN_OBJ) $(LIBCRYPTO)
	$(Q)printf '\002' | dd of=$@ bs=1 seek=8 conv=notrunc status=none

-include $(LIBOS_OBJ:.o=.d) $(LIBOS_PLAIN_OBJ:.o=.d)
include libos/time/vdso/vdso.mk
$(BUILD)/libos/time/vdso_image.S.o $(BUILD)/libos-plain/time/vdso_image.S.o: $(BUILD)/vdso.so

# Unit tests: LibOS files compiled for the host. libos/test/tests.mk: unit-NAME := sources
include libos/test/tests.mk
LIBOS_UNITS := $(filter-out %-flags,$(patsubst unit-%,%,$(filter unit-%,$(.VARIABLES))))
UNIT_CFLAGS := $(COMMON) -Ilibos $(UNIT_SANITIZE) -fno-omit-frame-pointer \
	-mfsgsbase -DUNIT

UNIT_RUNNER := libos/test/runner.c
UNIT_LIBS := -lcriterion

define unit_rule
-include $(BUILD)/unit/$(1).d
$(BUILD)/unit/$(1): $(unit-$(1)) libos/test/host_env.c $(UNIT_RUNNER) libos/test/unit.h
	@mkdir -p $$(@D)
	@echo "  UNIT $$@"
	$$(Q)$$(CC) $$(filter-out -MMD -MP,$$(UNIT_CFLAGS)) -MM -MP -MT $$@ $$(filter %.c,$(unit-$(1)) libos/test/host_env.c $(UNIT_RUNNER)) \
		>$(BUILD)/unit/$(1).d
	$$(Q)$$(CC) $$(filter-out -MMD -MP,$$(UNIT_CFLAGS)) -o $$@ $(unit-$(1)) libos/test/host_env.c $(UNIT_RUNNER) $(unit-$(1)-flags) $(UNIT_LIBS) -lcrypto
endef
$(foreach u,$(LIBOS_UNITS),$(eval $(call unit_rule,$(u))))

.PHONY: libos-unit
libos-unit: $(LIBOS_UNITS:%=$(BUILD)/unit/%)
	@sh host/test/run-units.sh $(BUILD)/unit-libos $^
