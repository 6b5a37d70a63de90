# sed: scripts over a large file, in-place editing, hold space, branches.
packages="sed coreutils"
quick=yes

setup() {
	words 30000 4 >"$DATA/words"
	cp /usr/include/stdio.h "$DATA/stdio.h"
}

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
