# coreutils: nearly every text and file tool on real files, in pipes.
packages="coreutils"
quick=yes

setup() {
	words 20000 1 >"$DATA/words"
	words 500 2 | sort -k2,2 >"$DATA/small"
	head -c 300000 /usr/bin/bash >"$DATA/binary"
}

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
