# perl: hashes, regular expressions, sorting, fork and wait, pipes to commands, signals, sockets, file tests, core modules.
packages="perl"

workload() {
	$SYSTEM perl "$HERE/script.pl"
	echo "status $?"
}
