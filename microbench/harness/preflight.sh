# preflight.sh: what makes a run doubtful or impossible, said before it. Sourced by run.sh.

readonly room_mib=300		# samples, logs, files of applications

warn()
{
	warnings+=("$1")
	echo "Warning: $1" >&2
}

check_room()
{
	local dir free

	for dir in "$@"; do
		mkdir -p "$dir" || die "cannot make the directory $dir"
		[ -w "$dir" ] || die "cannot write in $dir"
		free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
		[ "${free:-0}" -ge $room_mib ] ||
			die "no room: $free MB are free in $dir and a run may take $room_mib" \
			    "(RESULTS=, BUILD= and TMPDIR= choose other places)"
	done
}

check_load()
{
	awk '{ exit !($1 > 0.5) }' /proc/loadavg &&
		warn "the machine is busy (load $(cut -d ' ' -f 1 /proc/loadavg)): the numbers are doubtful"
}

check_tools()
{
	command -v gnuplot >/dev/null || warn "no gnuplot: there will be no figures (Debian: gnuplot-nox)"
	[ -x "$OCCLUM" ] || die "there is no $OCCLUM: run make"
	[ -x "$bin/stats" ] || die "there is no $bin/stats: run make microbench-build"
}
