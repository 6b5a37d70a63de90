# sgx.mk: unit tests of host/sgxsim, host/sign and host/enclave, with ASan and UBSan. Adds its programs
# to HOST_UNITS. Files that run on the enclave's behalf cannot be instrumented (aex.c says why).

SGX_UNIT := $(BUILD)/unit/sgx
SGX_UNIT_SRC := $(wildcard host/sgxsim/*.c host/sign/*.c host/enclave/*.c host/bed/*.c)
SGX_UNIT_OBJ := $(SGX_UNIT_SRC:%.c=$(SGX_UNIT)/%.o) $(SGX_UNIT)/host/sgxsim/switch.S.o $(SGX_UNIT)/host/sgxsim/switch_plain.S.o $(SGX_UNIT)/host/sgxsim/profiles.S.o $(SGX_UNIT)/host/enclave/front_linux_enter.S.o \
	$(SGX_UNIT)/host/bed/blob.S.o
SGX_UNIT_FLAGS := $(COMMON) -fPIE -pthread -D_GNU_SOURCE -iquote host -iquote . \
	$(UNIT_SANITIZE) -fno-omit-frame-pointer
SGX_UNIT_FLAGS-accept := -mgeneral-regs-only
SGX_UNIT_FLAGS-gate := -mgeneral-regs-only -fno-sanitize=all
SGX_UNIT_FLAGS-aex_save := -mgeneral-regs-only -fno-sanitize=all
SGX_UNIT_FLAGS-aex := -fno-sanitize=all
SGX_UNIT_FLAGS-plain := -fno-sanitize=all
SGX_UNIT_FLAGS-plain_fault := -fno-sanitize=all

HOST_UNITS += $(BUILD)/unit/test_sgxsim $(BUILD)/unit/test_sign $(BUILD)/unit/test_enclave $(BUILD)/unit/test_bed

$(SGX_UNIT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(SGX_UNIT_FLAGS) $(SGX_UNIT_FLAGS-$(*F)) -c $< -o $@

$(SGX_UNIT)/%.S.o: %.S
	@mkdir -p $(@D)
	$(Q)$(CC) -MMD -MP -c $< -o $@

SGX_UNIT_LINK = $(Q)$(CC) $(UNIT_SANITIZE) -pie -o $@ $^ -lcriterion -lcrypto -pthread

$(BUILD)/unit/test_sgxsim: $(patsubst %,$(SGX_UNIT)/host/test/test_sgxsim%.o,_fixture _edmm _paging _kss _cost) \
		$(SGX_UNIT)/host/test/test_sgxsim.o $(SGX_UNIT_OBJ)
	$(SGX_UNIT_LINK)

$(BUILD)/unit/test_bed: $(SGX_UNIT)/host/test/test_bed.o $(SGX_UNIT_OBJ)
	$(SGX_UNIT_LINK)

$(BUILD)/unit/test_sign: $(SGX_UNIT)/host/test/test_sign.o $(SGX_UNIT_OBJ)
	$(SGX_UNIT_LINK)

$(BUILD)/unit/test_enclave: $(SGX_UNIT)/host/test/test_enclave.o $(SGX_UNIT)/host/test/test_enclave_fixture.o \
		$(patsubst %,$(SGX_UNIT)/host/test/test_enclave_%.o,kernel vdso driver linux) \
		$(SGX_UNIT)/host/test/test_enclave_blob.S.o $(SGX_UNIT_OBJ)
	$(SGX_UNIT_LINK)

$(SGX_UNIT)/host/sgxsim/profiles.S.o $(BUILD)/host/sgxsim/profiles.S.o: $(wildcard host/sgxsim/profiles/*.cost)

-include $(SGX_UNIT_OBJ:.o=.d) $(wildcard $(SGX_UNIT)/host/test/*.d)
