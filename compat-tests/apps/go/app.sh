# Go: a program with goroutines, channels, maps, garbage collection, files, processes, sockets on the loopback, signals, timers.
packages="golang-go"
quick=yes
limit=120

setup() {
	GOCACHE=$DATA/cache GO111MODULE=off go build -o "$DATA/prog" "$HERE/main.go"
}

workload() {
	$SYSTEM "$DATA/prog"
	echo "status $?"
}
