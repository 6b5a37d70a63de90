# dash: POSIX shell scripts, and many short processes.
packages="dash coreutils"
quick=yes

workload() {
	$SYSTEM dash "$HERE/script.sh"
}
