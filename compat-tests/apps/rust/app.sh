# Rust: compiled by rustc natively; then rustc itself compiles in the enclave. Threads, channels, files, processes, sockets.
packages="rustc"
limit=150

setup() {
	rustc -O --edition 2021 -o "$DATA/prog" "$HERE/main.rs"
}

workload() {
	$SYSTEM "$DATA/prog"
	echo "status $?"
	$SYSTEM bash -c 'rustc -O --edition 2021 -o prog "$HERE/main.rs" && ./prog' 2>&1
	echo "status $?"
}
