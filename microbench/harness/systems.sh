# systems.sh: on what a program can be run, and how. Sourced by run.sh.
#
# A system is a name and the words that stand before a program's path. What follows "+" is a profile of the
# model's costs (host/sgxsim/profiles), which are then really spent: "sip+icx" is sip with the costs of icx, and with no
# page operation that Linux's driver does not have.

EIP_SIZE=${EIP_SIZE:-256M}		# size of each enclave, where every process has its own

systems_default()
{
	echo "linux sip eip sip+icx eip+icx$(command -v gramine-direct >/dev/null && echo ' gramine-direct')"
}

# Sets `prefix`. A system x which is not known here is described by SYSTEM_x.
system_prefix()
{
	local name=${1%%+*} profile=${1#"${1%%+*}"}
	local var=SYSTEM_${name//-/_}

	case $name in
	linux) prefix=() ;;
	sip) prefix=("$OCCLUM" try) ;;
	eip) prefix=("$OCCLUM" try --eip --enclave-size "$EIP_SIZE") ;;
	gramine-direct) prefix=("$here/harness/gramine.sh") ;;
	*) read -ra prefix <<<"${!var:-}"
	   [ ${#prefix[@]} -gt 0 ] || die "unknown system '$1' (set $var to the command that runs a program on it)" ;;
	esac
	[ -z "$profile" ] || prefix=(env OCCLUM_SGX_DRIVER=linux "OCCLUM_SGX_COST=spin:${profile#+}" "${prefix[@]}")
}

# Before anything is measured: what cannot run "true" is said once, and the other systems go on.
systems_probe()
{
	local system why
	local -a alive=()

	for system in "${systems[@]}"; do
		system_prefix "$system"
		why=$(system_ill "$system") || { alive+=("$system"); continue; }
		failed["$system *"]=$why
		echo "FAILED on $system: it $why" >&2
	done
	systems=("${alive[@]}")
}

# Says what is wrong with a system; status 1 if nothing is.
system_ill()
{
	local said status

	said=$(timeout -k 5 60 "${prefix[@]}" /bin/true 2>&1 </dev/null)
	status=$?
	said=${said%%$'\n'*}
	if [ $status -ne 0 ]; then
		echo "does not run /bin/true: status $status${said:+: ${said:0:200}}"
	elif [[ $1 == eip* ]] && [ "$(host_processes)" -lt 2 ]; then
		echo "runs all processes in one host process: that is no enclave for each"
	else
		return 1
	fi
}

# The largest number of host processes at once while a program of the system spawns others.
host_processes()
{
	local most=0 now pid

	setsid timeout -k 5 60 "${prefix[@]}" "$bin/spawn" static-pie-14k >/dev/null 2>&1 </dev/null &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		now=$(ps -o comm= -s $pid | grep -vc timeout)
		[ "$now" -le $most ] || most=$now
		sleep 0.01
	done
	wait $pid
	echo $most
}

# How each system runs a program, for env.json.
systems_describe()
{
	local system sep=

	printf '{'
	for system in "${asked[@]}"; do
		system_prefix "$system"
		printf '%s %s: %s' "$sep" "$(json_string "$system")" \
			"$(json_string "${prefix[*]/#$PWD\//}")"
		sep=,
	done
	printf ' }'
}
