# load.sh: whether a job had the machine to itself. Sourced by run.sh.
#
# Of the time that all CPUs were busy while a job ran, what neither its processes nor the runner used was others': programs
# that happened to run, kernel threads, and time that a hypervisor took (steal). From load_percent of one CPU on, the job
# was disturbed: its samples do not count and it is run again, load_tries times at most and until a quarter of the
# run's time went into that. Then the last samples count. How often that was is said after the run and in env.json.
#
# Nobody waits for the processes of `eip` nor for lighttpd's workers, so the kernel does not tell what they used: there it is
# looked before the job for a moment whether the machine is idle, and while it runs at what a hypervisor took.

LOAD_TRIES=${LOAD_TRIES:-2}		# 0: take everything as it comes
readonly load_percent=10 load_slack=4	# of one CPU; ticks (10 ms each) that may be wrong by rounding

load_cpus=$(grep -c '^cpu[0-9]' /proc/stat)

load_others=0				# percent of one CPU, in the job that ran last
declare -A load_tried=()		# "system job round" -> times it was run again
load_again_s=0				# time that went into that
load_repeated=0 load_kept=0		# runs that did not count, and disturbed ones that did

# Sets `busy`, `ours`, `stolen`, `all`: ticks since boot, of all CPUs together. What has ended and was waited for is ours.
load_ticks()
{
	local -a cpu me

	read -ra cpu </proc/stat
	read -ra me </proc/$$/stat
	busy=$((cpu[1] + cpu[2] + cpu[3] + cpu[6] + cpu[7] + cpu[8]))
	all=$((busy + cpu[4] + cpu[5]))
	stolen=${cpu[8]}
	ours=$((me[13] + me[14] + me[15] + me[16]))
}

# load_rate BUSY ALL: sets `load_others` from the ticks of others and of everything.
load_rate()
{
	local busy=$(($1 - load_slack)) wall=$(($2 / load_cpus))

	load_others=$((busy > 0 && wall > 0 ? busy * 100 / wall : 0))
}

# load_is_untold SYSTEM JOB
load_is_untold()
{
	[[ $1 == eip* || $2 == "app lighttpd" ]]
}

load_begin()
{
	local busy ours stolen all

	idle_others=0
	if load_is_untold "$1" "$2"; then
		sleep 0.1		# what an earlier one left behind ends
		load_ticks
		others_before=$((busy - ours)) all_before=$all
		sleep 0.2
		load_ticks
		load_rate $((busy - ours - others_before)) $((all - all_before))
		idle_others=$load_others
	fi
	load_ticks
	others_before=$((busy - ours)) stolen_before=$stolen all_before=$all
}

load_end()
{
	local busy ours stolen all others

	load_ticks
	others=$((busy - ours - others_before))
	load_is_untold "$1" "$2" && others=$((stolen - stolen_before))
	load_rate $others $((all - all_before))
	[ $load_others -ge $idle_others ] || load_others=$idle_others
}

# Whether the job that just took $1 seconds is to be run again.
load_again()
{
	local key="$system $job $round" seconds=${1%.*}

	[ $load_others -ge $load_percent ] && [ "$LOAD_TRIES" -gt 0 ] || return
	if [ "${load_tried[$key]:-0}" -ge "$LOAD_TRIES" ] ||
	   [ $(((load_again_s + seconds) * 4)) -gt $((SECONDS - rounds_began + 20)) ]; then
		load_kept=$((load_kept + 1))
		return 1
	fi
	load_tried[$key]=$((${load_tried[$key]:-0} + 1))
	load_again_s=$((load_again_s + seconds + 1))
	load_repeated=$((load_repeated + 1))
}

load_say()
{
	[ $((load_repeated + load_kept)) -gt 0 ] || return
	echo "Disturbed by others on this machine: $load_repeated runs of a job were done again for it, $load_kept count all the same."
}
