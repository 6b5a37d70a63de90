# The helper programs of process/exec_kinds: one source in every way of linking. Those that the
# machine cannot build (no musl, no static libc) are left out and their cases skip.

HELPER_DIR := $(BUILD)/compat/process
HELPER_SRC := compat-tests/process/helper/kinds.c
HELPER_KINDS := static-exec static-pie dynamic-exec dynamic-pie
HELPER_KINDS += $(if $(shell command -v musl-gcc),musl-static-exec musl-static-pie)
HELPERS := $(HELPER_KINDS:%=$(HELPER_DIR)/kind-%)

HELPER_FLAGS_static-exec := -static -no-pie -fno-pie
HELPER_FLAGS_static-pie := -static-pie -fPIE
HELPER_FLAGS_dynamic-exec := -no-pie -fno-pie
HELPER_FLAGS_dynamic-pie := -pie -fPIE
HELPER_FLAGS_musl-static-exec := -static -no-pie -fno-pie
HELPER_FLAGS_musl-static-pie := -static-pie -fPIE

$(HELPERS): $(HELPER_DIR)/kind-%: $(HELPER_SRC)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(if $(findstring musl,$*),musl-gcc,$(COMPAT_CC)) -std=gnu11 -O2 -Wall -Wextra -Werror -pthread \
		$(HELPER_FLAGS_$*) -o $@ $<

$(HELPER_DIR)/exec_kinds: | $(HELPERS)

# fork_static: a program at a fixed address, of which two run at once.
$(HELPER_DIR)/fixed: compat-tests/process/helper/fixed.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(COMPAT_CC) -std=gnu11 -O2 -Wall -Wextra -Werror -static -no-pie -fno-pie -o $@ $<

$(HELPER_DIR)/fork_static: | $(HELPER_DIR)/fixed
