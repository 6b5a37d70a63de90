# valgrind.mk: `make profile-valgrind`: unit tests under memcheck and callgrind. They are built once more, in
# $(BUILD)/valgrind, without ASan, which does not run there. Tests of the LibOS have a runner that forks (libos/test/runner_forks.c).
#
# Not among them are test_sgxsim, test_enclave and test_bed: they run enclave code at addresses that valgrind keeps for
# itself; test_copy: it runs compilers, which would be run under valgrind as well; hostcall and net: they are about host memory, above 2^40, and valgrind's malloc gives lower
# addresses; hashfs: it damages every block of its images, which takes more than ten minutes.

VG := $(BUILD)/valgrind
VG_HOST := test_config test_perfmap test_sign test_numa
VG_NOT := hostcall net hashfs
VG_PROGRAMS := $(patsubst %,$(VG)/unit/%,$(filter-out $(VG_NOT),$(LIBOS_UNITS)) $(filter $(VG_HOST),$(notdir $(HOST_UNITS))))

.PHONY: profile-valgrind
profile-valgrind: $(BUILD)/.deps ## unit tests under memcheck and callgrind (T=name a part)
	@mkdir -p $(VG) && touch $(VG)/.deps
	@$(MAKE) --no-print-directory -k -j$$(nproc) BUILD=$(VG) UNIT_SANITIZE= UNIT_RUNNER=libos/test/runner_forks.c UNIT_LIBS= \
		$(filter $(or $(T:%=$(VG)/unit/%),%),$(VG_PROGRAMS))
	@microbench/valgrind.sh $(VG) $(notdir $(filter $(or $(T:%=$(VG)/unit/%),%),$(VG_PROGRAMS)))
