# gcc: hello, a generated 5000-line file with -O2, C++, a static and a shared library; what was built runs.
packages="gcc g++ binutils libc6-dev"
quick=yes
limit=120

setup() {
	cp "$HERE/hello.c" "$HERE/hello.cc" "$DATA"
	awk -f "$HERE/generate.awk" >"$DATA/big.c"
}

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
