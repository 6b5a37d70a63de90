# gawk: programs with arrays, functions, regular expressions, output to and input from commands, coprocesses, sorting.
packages="gawk coreutils"

setup() {
	words 30000 3 >"$DATA/words"
}

workload() {
	$SYSTEM gawk -f "$HERE/script.awk" "$DATA/words"
	echo "status $?"
}
