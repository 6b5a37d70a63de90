# grep: basic, extended, Perl and fixed patterns over trees and large files.
packages="grep coreutils"
quick=yes

setup() {
	words 50000 5 >"$DATA/words"
	cp -r /usr/include/linux "$DATA/linux"
}

workload() {
	$SYSTEM bash "$HERE/script.bash"
}
