# busybox (static): its shell and fifty applets in pipes; every applet of the shell is a process of its own.
packages="busybox-static"
quick=yes

setup() {
	words 5000 6 >"$DATA/words"
}

workload() {
	$SYSTEM busybox sh "$HERE/script.sh"
}
