# tests.mk: one line per unit test program: unit-NAME := the test and the LibOS files it is linked with
# (libos/test/host_env.c and runner.c come by themselves). unit-NAME-flags: extra link flags.
