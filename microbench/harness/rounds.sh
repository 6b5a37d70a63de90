# rounds.sh: runs the jobs in rounds and keeps what they say. Sourced by run.sh.
#
# A round runs every job once, the systems of a job in turn (A B A B over the rounds), so that a drift of the
# machine meets all systems and all rounds of a job lie far apart. A job that fails on a system is noted, not
# tried there again, and the others go on. Ctrl-C and the time limit end the measuring: what there is stays.
#
# From the fourth round on only those are run whose rounds do not agree yet (job_settled). What ran while others used the CPUs
# does not count and is run again (load.sh).

readonly rounds_least=3 settled_percent=5

# Compares the program's clock with ours. It may have started late, as its system boots first.
clock_is_right()
{
	awk -v outer="$1" '
		/^# elapsed_s / { inner = $3; seen = 1 }
		END { exit !(seen && inner <= outer * 1.05 + 0.05 && inner >= outer * 0.8 - 5) }
	' "$work/stdout"
}

fail_job()
{
	failed["$1 $2"]=$3
	printf '\nFAILED on %s: %s: %s\n' "$1" "$2" "$3" >&2
}

# An application prints samples of its own name; both kinds have "bench,case,metric,value,unit".
save_samples()
{
	local system=$1 job=$2 round=$3 raw=$work/raw-micro.csv bench=${2%% *}

	[ "$bench" = app ] && raw=$work/raw-app.csv bench=${job#* }
	awk -F, -v OFS=, -v sys="$system" -v round="$round" -v bench="$bench" \
		'NF == 5 && $1 == bench { print sys, round, $0 }' "$work/stdout" | tee -a "$work/jobs/$system $job" >>"$raw" && return
	stop_measuring "samples cannot be written to $raw"
}

# Where an enclave for each process spends the time of a spawn: rows of a bench "breakdown", one case for each part. The
# numbers are the host's own (OCCLUM_EIP_STATS, a line of JSON for each process).
save_breakdown()
{
	local system=$1 job=$2 round=$3

	[ -s "$OCCLUM_EIP_STATS" ] || return 0
	awk -v head="$system,$round,breakdown,${job#* }" '
		/"event": "(spawn|end)"/ {
			gsub(/[{}"]/, "")
			for (n = split($0, field, ", *"); n; n--) {
				split(field[n], f, ": *")
				if (f[1] ~ /_ns$/) {
					sub(/_ns$/, "", f[1])
					printf "%s-%s,latency,%.6g,us\n", head, f[1], f[2] / 1000
				}
			}
		}' "$OCCLUM_EIP_STATS" >>"$work/raw-micro.csv"
}

stop_measuring()
{
	partial=true
	partial_why=${partial_why:-$1}
	echo >&2
	echo "Stopped: $partial_why" >&2
}

on_interrupt()
{
	[ -n "$child" ] && kill "$child" 2>/dev/null
	interrupted=true
	stop_measuring "interrupted"
}

# What a failed run said last, without what would break a line.
last_words()
{
	tail -n 2 "$work/stderr" | tr -c '[:print:]' ' ' | tr -s ' ' | cut -c -200
}

# Starts a job and waits for it: sets `status` and `seconds`.
start_job()
{
	local system=$1 job=$2 start

	job_command "$system" "$job"
	rm -f "$OCCLUM_EIP_STATS"
	counters_wrap
	load_begin "$system" "$job"
	start=$EPOCHREALTIME
	timeout -k 5 "$limit" "${cmd[@]}" </dev/null >"$work/stdout" 2>"$work/stderr" &
	child=$!
	wait $child
	status=$?
	child=
	seconds=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
	load_end "$system" "$job"
	sed "s/^/$system $job: /" "$work/stderr" >>"$work/log"
	echo "$system,$job,$round,$seconds,$load_others" >>"$work/times.csv"
}

# Runs a job once. Its samples count only if it ends well.
run_job()
{
	local system=$1 job=$2 round=$3 limit seconds status

	limit=$(job_timeout "$job")
	start_job "$system" "$job"
	while ! $partial && [ $status -eq 0 ] && load_again "$seconds"; do start_job "$system" "$job"; done
	$partial && return
	if [ $status -eq 124 ] || [ $status -eq 137 ]; then
		fail_job "$system" "$job" "no end after $limit s"
	elif [ $status -eq 77 ]; then
		skipped[$job]=$(last_words)
		printf '\n%s: passed over: %s\n' "$job" "${skipped[$job]}"
	elif [ $status -ne 0 ]; then
		fail_job "$system" "$job" "status $status: $(last_words)"
	elif [[ $job != app\ * ]] && ! clock_is_right "$seconds"; then
		fail_job "$system" "$job" "its clock disagrees with the host's"
	else
		save_samples "$system" "$job" "$round"
		save_counters "$system" "$job"
		[[ $job != spawn\ * ]] || save_breakdown "$system" "$job" "$round"
	fi
}

# Whether the rounds of a job so far agree: no case's medians of one round are farther apart than settled_percent.
job_settled()
{
	local apart

	[ -s "$work/jobs/$1 $2" ] || return
	apart=$("$bin/stats" spread <"$work/jobs/$1 $2") && [ "$apart" -le $settled_percent ]
}

# Passes a job over that this machine has no memory for; a machine that runs out of it ends processes as it likes.
check_memory()
{
	local needs free

	needs=$(job_memory "$1")
	free=$(awk '/^MemAvailable/ { printf "%d", $2 / 1024 }' "${MEMINFO:-/proc/meminfo}")
	[ "$needs" -gt "$free" ] && [ -z "${skipped[$1]:-}" ] || return 0
	skipped[$1]="it needs $needs MiB of memory and $free are free"
	printf '\n%s: passed over: %s\n' "$1" "${skipped[$1]}"
}

# One job on all its systems.
run_job_round()
{
	local job=$1 round=$2 system i starts

	check_memory "$job"
	for system in "${systems[@]}"; do
		system_fits "$system" "$job" || continue
		[ "$round" -lt "$(job_rounds "$system" "$job")" ] || continue
		[ "$round" -lt $rounds_least ] || ! job_settled "$system" "$job" || continue
		starts=$(job_starts "$system" "$job")
		for ((i = 0; i < starts; i++)); do
			$partial || [ -n "${failed["$system $job"]:-}${skipped[$job]:-}" ] ||
				run_job "$system" "$job" "$round"
		done
	done
}

seconds_left()
{
	[ "$TIME_LIMIT" = 0 ] && echo 1000000 || echo $((TIME_LIMIT - (SECONDS - rounds_began)))
}

# One round of all jobs. The first one shows how long each takes. Status 1: the time limit came.
run_round()
{
	local round=$1 job start nr=0

	while read -r job <&3; do
		$partial && return
		[ "$(seconds_left)" -gt 0 ] || { cut_round "$round" $nr; return 1; }
		start=$EPOCHREALTIME
		[ "$round" -gt 0 ] || printf '  %-26s ' "$job"
		run_job_round "$job" "$round"
		[ "$round" -gt 0 ] || awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s\n", b - a }'
		nr=$((nr + 1))
	done 3<<<"$jobs"
}

# Jobs that were not run in a later round have samples of the earlier ones; those of the first round have none.
cut_round()
{
	local where

	where="the limit of $TIME_LIMIT s came in round $(($1 + 1)) after $2 of $(wc -l <<<"$jobs") jobs"
	if [ "$1" -eq 0 ]; then
		stop_measuring "$where"
	else
		echo "Enough: $where"
	fi
}

# minutes LEAST MOST: of seconds.
minutes()
{
	local least=$((($1 + 30) / 60)) most=$((($2 + 30) / 60))

	[ $least -lt $most ] && echo "$least to $most minutes" || echo "about $most minutes"
}

# What the run will take, from what the reference machine took (seconds.tbl: a row for each bench, a column for each system,
# seconds a round; NAME+full where FULL adds cases). A system that is not there counts as sip.
say_estimate()
{
	local limit=$((TIME_LIMIT == 0 ? 1000000 : TIME_LIMIT)) least most job bench system

	read -r least most < <(while read -r job; do
		bench=${job#app }
		for system in "${systems[@]}"; do
			system_fits "$system" "$job" || continue
			echo "$system" "${bench%% *}" "$(job_rounds "$system" "$job")"
		done
	done <<<"$jobs" | awk -v full="$FULL" -v least=$rounds_least '
		FNR == NR && FNR == 1 { for (i = 2; i <= NF; i++) column[$i] = i }
		FNR == NR {
			for (i = 2; i <= NF; i++) seconds[$1, i] = $i
			next
		}
		!(($2, $1, $3) in seen) {
			seen[$2, $1, $3] = 1
			c = ($1 in column) ? column[$1] : column["sip"]
			s = (full && ($2 "+full", c) in seconds) ? seconds[$2 "+full", c] : seconds[$2, c]
			low += s * ($3 < least ? $3 : least)
			high += s * $3
		}
		END { printf "%.0f %.0f\n", low, high }' "$here/harness/seconds.tbl" -)
	[ $most -le $limit ] || most=$limit
	echo "$(wc -l <<<"$jobs") jobs on ${#systems[@]} systems, $ROUNDS rounds at most:" \
	     "$(minutes $((least < most ? least : most)) $most) on the machine of the reference runs"
}

# After the first round it is known what one takes.
say_time_left()
{
	local left one=$((SECONDS - rounds_began)) least most

	left=$(seconds_left)
	[ $ROUNDS -gt 1 ] || return
	most=$((one * (ROUNDS - 1)))
	[ $most -le $left ] || most=$left
	least=$((one * (rounds_least - 1)))
	echo "It took $one s; the others: $(minutes $((least < most ? least : most)) $most)," \
	     "as after $rounds_least rounds only what does not agree is run again"
}

run_rounds()
{
	local round

	rounds_began=$SECONDS
	for ((round = 0; round < ROUNDS; round++)); do
		echo "Round $((round + 1)) of $ROUNDS"
		run_round $round || return 0
		$partial && return
		rounds_done=$((round + 1))
		[ $round -gt 0 ] || say_time_left
	done
}
