# make -j2: a project of 24 C files with generated sources, a static library and a test run; then an incremental build.
packages="make gcc libc6-dev binutils"
quick=yes
limit=120

setup() {
	cp "$HERE/project.mk" "$DATA/Makefile"
	for i in $(seq 24); do
		printf '#include "all.h"\nint f%d(int x)\n{\n\treturn x * %d + %d;\n}\n' "$i" "$i" $((i % 5)) >"$DATA/f$i.c"
	done
}

workload() {
	$SYSTEM bash -c 'cp "$DATA"/* . && make -j2 --output-sync=none >log 2>&1; echo "make $?"; sort log; ./total
		make -j2 --no-print-directory; touch f3.c; make -j2 | sort; make -q && echo current; make nosuch 2>&1; echo "status $?"
		make -s -j4 -k broken 2>&1 | sort; make clean >/dev/null; ls | wc -l'
}
