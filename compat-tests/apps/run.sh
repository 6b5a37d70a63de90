#!/bin/bash
# Runs real applications: each one's workload on this machine's Linux, then in the enclave; exit status and output,
# after the application's own normalisation, have to be the same. See README.md here.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

usage() {
	cat <<-USAGE
	usage: compat-tests/apps/run.sh [options] [application...]
	  --quick         only those marked quick, with the packages of 'make deps'
	  --native        on this machine's Linux only
	  --occlum PATH   the occlum command (default build/occlum)
	  --csv FILE      one line per application
	  --count FILE    "passed failed skipped"
	  --logs DIR      outputs of all runs (default build/apps-logs)
	  --no-install    skip what lacks a package instead of installing it
	  --list          names only
	USAGE
}

die() {
	echo "apps: $*" >&2
	exit 2
}

# The worker: one workload, in a process group of its own.
worker() {
	local name=$1 step=$2
	export HERE=$here/$name
	defaults
	# shellcheck source=lib.sh
	. "$here/lib.sh"
	# shellcheck disable=SC1091
	. "$HERE/app.sh"
	cd "$RUN" && "$step"
}

defaults() {
	packages='' quick='' limit=60 root_only=''
	setup() { :; }
	normalise() { cat; }
}

# run_step NAME STEP SYSTEM LOG: sets status and took (ms).
run_step() {
	local name=$1 step=$2 system=$3 log=$4 started=${EPOCHREALTIME/./}
	rm -rf "$W/run"
	mkdir -p "$W/run" "$W/data" "$W/home"
	env -i PATH="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" HOME="$W/home" LC_ALL=C.UTF-8 TZ=UTC TERM=dumb \
		USER="$(id -un)" SHELL=/bin/bash XDG_CACHE_HOME="$CACHE" GIT_CONFIG_NOSYSTEM=1 \
		SYSTEM="$system" DATA="$W/data" RUN="$W/run" NOTES="$log.notes" \
		timeout -k 5 "$limit" "$here/run.sh" --worker "$name" "$step" >"$log" 2>"$log.err" </dev/null &
	pid=$!
	{ wait "$pid"; } 2>/dev/null
	status=$?
	# What it left running.
	kill -KILL -- "-$pid" 2>/dev/null
	took=$(((${EPOCHREALTIME/./} - started) / 1000))
}

missing_packages() {
	local p
	for p in $1; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || echo "$p"
	done
}

# Is all there that the application needs? Otherwise why.
have_packages() {
	local missing
	missing=$(missing_packages "$packages")
	[[ -z $missing ]] && return 0
	missing=${missing//$'\n'/ }
	if ((! install)); then
		why="not installed: $missing"
		return 1
	fi
	# shellcheck disable=SC2086
	if ! sh "$root/host/deps.sh" $missing >"$LOGS/install.log" 2>&1; then
		why="cannot be installed: $missing ($(tail -n1 "$LOGS/install.log"))"
		return 1
	fi
}

version_of() {
	# shellcheck disable=SC2086
	dpkg-query -W -f='${Version}\n' ${packages%% *} 2>/dev/null | head -n1
}

known_failure() {
	awk -v n="$1" '$1 == n { $1 = ""; print substr($0, 2) }' "$here/expect.tbl"
}

first_difference() {
	diff <(echo "status $1"; cat "$2") <(echo "status $3"; cat "$4") | grep -m2 '^[<>]' | tr '\n' ' ' | cut -c1-160
}

# Sets verdict, why, native and enclave (ms).
judge() {
	local name=$1 log=$LOGS/$1 a b
	native='' enclave='' why='' verdict=SKIP
	have_packages || return
	if [[ $root_only && $(id -u) != 0 ]]; then
		why="needs root"
		return
	fi
	rm -rf "${W:?}/data" "${W:?}/home" "$log".*
	run_step "$name" setup "" "$log.setup"
	if ((status)); then
		verdict=FAIL why="setup ended with $status: $(tail -n1 "$log.setup.err")"
		return
	fi
	run_step "$name" workload "" "$log.linux"
	a=$status native=$took
	if ((a)); then
		verdict=FAIL why="fails natively with $a: $(tail -n1 "$log.linux.err")"
		return
	fi
	verdict=PASS
	((native_only)) && return
	run_step "$name" workload "$OCCLUM try" "$log.sip"
	b=$status enclave=$took
	normalise <"$log.linux" >"$log.linux.cmp"
	normalise <"$log.sip" >"$log.sip.cmp"
	((a == b)) && cmp -s "$log.linux.cmp" "$log.sip.cmp" && return
	verdict=FAIL
	((b == 124)) && why="no end within $limit s; "
	why+=$(first_difference "$a" "$log.linux.cmp" "$b" "$log.sip.cmp")
}

notes_of() {
	local s line=''
	for s in linux sip; do
		[[ -s $LOGS/$1.$s.notes ]] && line+="$s: $(paste -sd' ' "$LOGS/$1.$s.notes") "
	done
	echo "${line% }"
}

quoted() {
	printf '"%s"' "${1//\"/\'}"
}

one() {
	local name=$1 reason notes
	defaults
	# shellcheck disable=SC1090
	. "$here/$name/app.sh"
	((quick_only)) && [[ -z $quick ]] && return
	judge "$name"
	reason=$(known_failure "$name")
	if [[ $reason && $verdict == FAIL ]]; then
		verdict=XFAIL why="$reason"
	elif [[ $reason && $verdict == PASS && $native_only == 0 ]]; then
		verdict=XPASS why="take it out of expect.tbl"
	fi
	notes=$(notes_of "$name")
	printf '%-5s %-12s %-28s %8s ms %8s ms  %s\n' "$verdict" "$name" "$(version_of)" "${native:--}" "${enclave:--}" \
		"${why:-$notes}"
	[[ $CSV ]] && echo "$name,$(version_of),$verdict,$native,$enclave,$(quoted "$notes"),$(quoted "$why")" >>"$CSV"
	case $verdict in
	PASS) ((++passed));;
	SKIP|XFAIL) ((++skipped));;
	*) ((++failed));;
	esac
}

main() {
	local names=() apps=() n quick_only=0 native_only=0 install=1 list=0 COUNT='' passed=0 failed=0 skipped=0 pid=''
	OCCLUM=$root/build/occlum CSV='' LOGS=$root/build/apps-logs CACHE=${XDG_CACHE_HOME:-$HOME/.cache}
	while (($#)); do
		case $1 in
		--quick) quick_only=1;;
		--native) native_only=1;;
		--no-install) install=0;;
		--list) list=1;;
		--occlum|--csv|--count|--logs)
			(($# >= 2)) || die "$1 needs a value"
			case $1 in
			--occlum) OCCLUM=$(realpath -m "$2");;
			--csv) CSV=$2;;
			--count) COUNT=$2;;
			--logs) LOGS=$2;;
			esac
			shift;;
		-h|--help) usage; exit 0;;
		-*) usage >&2; exit 2;;
		*) names+=("$1");;
		esac
		shift
	done
	for n in "$here"/*/app.sh; do
		n=$(basename "$(dirname "$n")")
		((${#names[@]} == 0)) || [[ " ${names[*]} " == *" $n "* ]] && apps+=("$n")
	done
	((${#apps[@]})) || die "no such application: ${names[*]}"
	if ((list)); then
		printf '%s\n' "${apps[@]}"
		return 0
	fi
	((native_only)) || [[ -x $OCCLUM ]] || die "no such command: $OCCLUM (build it, or give --occlum)"
	mkdir -p "$LOGS"
	LOGS=$(realpath "$LOGS")
	# Not below build/: other users than ours (PostgreSQL's) have to reach it.
	W=$(mktemp -d /tmp/occlum-apps.XXXXXX) || exit 2
	trap 'rm -rf "$W"' EXIT
	trap 'kill -KILL -- "-$pid" 2>/dev/null; exit 130' INT TERM HUP
	chmod 755 "$W"
	if [[ $CSV ]]; then
		mkdir -p "$(dirname "$CSV")"
		echo application,version,verdict,native_ms,enclave_ms,notes,detail >"$CSV"
	fi
	for n in "${apps[@]}"; do
		one "$n"
	done
	[[ $COUNT ]] && echo "$passed $failed $skipped" >"$COUNT"
	((failed)) && echo "outputs: $LOGS/<application>.linux and .sip (stderr: .err)"
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0))
}

if [[ ${1-} == --worker ]]; then
	worker "$2" "$3"
else
	main "$@"
fi
