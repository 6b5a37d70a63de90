# Node.js: timers, promises, JIT-compiled work, files, child processes, worker threads, streams, an HTTP server and client.
packages="nodejs"

workload() {
	$SYSTEM node "$HERE/script.js"
	echo "status $?"
}
