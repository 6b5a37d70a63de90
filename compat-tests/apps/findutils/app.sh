# findutils: find over a real tree with tests and actions, xargs in parallel.
packages="findutils coreutils"
quick=yes

setup() {
	mkdir -p "$DATA/tree"
	cp -r /usr/include/x86_64-linux-gnu/sys /usr/include/linux "$DATA/tree"
	find "$DATA/tree" -exec touch -d 2021-01-01 {} +
	touch -d 2024-01-01 "$DATA/tree/linux/fs.h"
}

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
