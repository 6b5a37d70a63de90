# compile.mk: compiles SOURCE for RUNS times, one after the other, and runs what came out. A line before each time and after the
# last one; before all a warm-up. make starts simple commands itself, by posix_spawn or vfork.
runs := $(patsubst %,run-%,$(shell seq $(RUNS)))
export TMPDIR := $(CURDIR)

.NOTPARALLEL:
.PHONY: all warm-up $(runs)

all: warm-up $(runs)
	$(info all)./program >/dev/null

warm-up:
	gcc lines-5.c -o program

$(runs):
	$(info $@)gcc $(SOURCE) -o program
