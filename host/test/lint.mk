# lint.mk: `make lint`: shellcheck over all scripts (.shellcheckrc) but those that are odd on purpose, to see whether shells manage in
# the enclave; cppcheck (host/test/cppcheck.supp says what is left out and why), then clang-tidy with the
# repository's .clang-tidy and the flags that make compiles with. LINT_FILES='files' looks at these C files only.

LINT_FILES ?= $(LIBOS_SRC) $(HOST_SRC) $(wildcard microbench/*.c microbench/harness/*.c host/test/*.c)
LINT_JOBS ?= 2
LINT_FLAGS = $(filter-out -MMD -MP -Werror,$(subst $(shell $(CC) -print-file-name=include),$(shell clang \
	-print-file-name=include),$(1))) -Wno-unknown-warning-option
CPPCHECK := cppcheck --quiet --std=c11 --platform=unix64 --enable=warning,portability,performance --inline-suppr \
	--suppressions-list=host/test/cppcheck.supp --error-exitcode=1 -j $(LINT_JOBS) -D__x86_64__ -D_GNU_SOURCE \
	-DOCCLUM_VERSION='"$(VERSION)"' '-DTest(s,n,...)=static void s\#\#n(void)' '-DTestSuite(...)='

# $(1): files, $(2): compiler flags
tidy = $(if $(1),@printf '%s\n' $(1) | xargs -P $(LINT_JOBS) -n 1 sh -c 'clang-tidy --quiet "$$@" -- $(call \
	LINT_FLAGS,$(subst ','\'',$(2))) 2>/dev/null' clang-tidy)

.PHONY: lint lint-shell lint-cppcheck lint-tidy
lint: lint-shell lint-cppcheck lint-tidy ## shellcheck over all scripts, cppcheck and clang-tidy over all C files (minutes)

lint-shell:
	@echo "  SHELLCHECK"
	$(Q)shellcheck -S warning .ci/run $$(find appbench compat-tests host ltp-subset microbench plots -name '*.sh' -o -name '*.bash' | \
		grep -v '^compat-tests/apps/.*/script[.]')

lint-cppcheck:
	@echo "  CPPCHECK"
	$(Q)$(if $(filter libos/%,$(LINT_FILES)),$(CPPCHECK) -Ilibos $(filter libos/%,$(LINT_FILES)))
	$(Q)$(if $(filter-out libos/%,$(LINT_FILES)),$(CPPCHECK) -Ihost -I. $(filter-out libos/%,$(LINT_FILES)))

# Files with flags of their own, as in host.mk.
LINT_ALONE := $(addprefix host/sgxsim/,gate.c accept.c aex_save.c)

lint-tidy:
	@echo "  CLANG-TIDY"
	$(call tidy,$(filter libos/%,$(LINT_FILES)),$(LIBOS_CFLAGS))
	$(call tidy,$(filter-out $(LINT_ALONE),$(filter host/%,$(LINT_FILES))),$(HOST_CFLAGS))
	$(call tidy,$(filter $(LINT_ALONE),$(LINT_FILES)),$(HOST_CFLAGS) -mgeneral-regs-only)
	$(call tidy,$(filter microbench/%,$(LINT_FILES)),$(MB_CFLAGS))
