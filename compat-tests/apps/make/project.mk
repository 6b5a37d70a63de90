OBJ := $(patsubst %.c,%.o,$(wildcard f*.c))
N := $(words $(OBJ))

.PHONY: all clean broken
all: total
	@echo "built by $(notdir $(MAKE)), $(shell expr $(N) + 0) parts"

all.h: Makefile
	for i in $$(seq $(N)); do echo "int f$$i(int);"; done >$@

main.c: Makefile
	{ printf '%s\n' '#include <stdio.h>' '#include "all.h"' 'int main(void) { int s = 0;'; \
	  for i in $$(seq $(N)); do echo "s += f$$i($$i);"; done; printf '%s\n' 'printf("%d\n", s); return 0; }'; } >$@

%.o: %.c all.h
	gcc -O1 -c -o $@ $<

libf.a: $(OBJ)
	rm -f $@ && ar rcs $@ $(sort $^)

total: main.o libf.a
	gcc -o $@ $^

broken: broken1 broken2
broken1 broken2:
	@echo "trying $@"; exit 3

clean:
	rm -f *.o *.a total main.c all.h log
