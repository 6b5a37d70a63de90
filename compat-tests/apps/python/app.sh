# python3: subprocess, multiprocessing (fork and spawn), threads, asyncio, sockets, mmap, signals, sqlite, ctypes.
packages="python3"
quick=yes

workload() {
	$SYSTEM python3 "$HERE/script.py"
	echo "status $?"
}
