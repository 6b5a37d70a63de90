# fuzz.mk: `make fuzz` builds the libFuzzer programs with clang and runs each for FUZZ_SECONDS. What it finds is kept in
# build/fuzz/NAME.corpus, so that a next run goes on from there; an input that crashes is build/fuzz/NAME-crash-*.

FUZZ ?= elf config hashfs path request rewrite sites
FUZZ_SECONDS ?= 20
FUZZ_CLANG := clang $(filter-out -MMD -MP,$(COMMON)) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_LIBOS := $(FUZZ_CLANG) -Ilibos -mfsgsbase
FUZZ_HOST := $(FUZZ_CLANG) -D_GNU_SOURCE -iquote host -iquote .
FUZZ_ENV := libos/test/host_env.c libos/test/fuzz_env.c libos/base/strutil.c

fuzz-elf := $(FUZZ_LIBOS) libos/test/fuzz_elf.c libos/loader/elf.c libos/loader/script.c
fuzz-config := $(FUZZ_HOST) host/test/fuzz_config.c $(addprefix host/image/,config.c mounts.c json.c blob.c) -lcjson
fuzz-hashfs := $(FUZZ_LIBOS) libos/test/fuzz_hashfs.c $(FUZZ_ENV) $(wildcard libos/fs/hashfs/*.c) libos/fs/inode.c \
	libos/fs/dcache.c libos/fs/pagetree.c -lcrypto
fuzz-path := $(FUZZ_LIBOS) $(sort libos/test/fuzz_path.c $(FUZZ_ENV) $(vfs-sources)) -lcrypto
fuzz-request := $(FUZZ_LIBOS) -DUNIT libos/test/fuzz_request.c $(FUZZ_ENV) libos/entry/config.c \
	$(addprefix libos/hostcall/,ocall.c async.c untrusted.c) -lcrypto -fno-pie -no-pie \
	-Wl,--unresolved-symbols=ignore-all
fuzz-rewrite := $(FUZZ_LIBOS) libos/test/fuzz_rewrite.c $(FUZZ_ENV) libos/loader/rewrite.c libos/loader/elf.c -lcrypto
fuzz-sites := $(FUZZ_HOST) host/test/fuzz_sites.c host/image/sites.c host/image/functions.c -lZydis

define fuzz_rule
$(BUILD)/fuzz/$(1): $(filter %.c,$(fuzz-$(1))) host/test/fuzz.mk
	@mkdir -p $$(@D)
	@echo "  FUZZ $$@"
	$$(Q)$(fuzz-$(1)) -o $$@
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))

# It includes that file.
$(BUILD)/fuzz/request: libos/process/init.c

.PHONY: fuzz
fuzz: $(FUZZ:%=$(BUILD)/fuzz/%) $(BUILD)/occlum $(BUILD)/libos.elf $(BUILD)/vdso.so $(BUILD)/fuzz/syscall ## libFuzzer on all parsers, and random system calls
	@sh host/test/fuzz.sh $(BUILD) $(FUZZ_SECONDS) $(FUZZ); status=$$?; \
		compat-tests/fuzz/run.sh $(BUILD) --seed $(FUZZ_SEED) --seconds $(FUZZ_SECONDS) && exit $$status
