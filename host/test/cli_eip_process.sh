# cli_eip_process.sh: programs in enclaves of their own that know of each other (libos/eip); part of cli.sh.
# shellcheck shell=bash

# host_kill NAME STATUS EXPECTED SCRIPT: the host kills the enclave of the last process that SCRIPT starts, once it said "ready".
host_kill() {
	local name=$1 want=$2 expected=$3 pid child

	wanted "$name" || return 0
	: >"$WORK/out"
	timeout -k 2 40 "$OCCLUM" try --eip --enclave-size 64M bash -c "$4" >"$WORK/out" 2>"$WORK/err" </dev/null &
	pid=$!
	await_ready "$WORK/out"
	child=$(pgrep -n -g "$(ps -o pgid= $pid | tr -d ' ')" -f eip-child)
	[ -z "$child" ] || kill -KILL "$child"
	wait $pid
	status=$?
	out=$(cat "$WORK/out")
	err=$(cat "$WORK/err")
	verdict "$name" "$want" "$expected"
}

# A host that lies about what goes over pipes and socket pairs: who reads hears of it, at the latest when the other has gone.
lying_carrier() {
	local lie d=$WORK/carrier.py

	cat >"$d" <<-'END'
		import os, socket, sys
		def reader(take):
		    got = b""
		    try:
		        while d := take(): got += d
		    except OSError as e:
		        got += b" error %d" % e.errno
		    print(got.decode(), flush=True)
		def child(put, done):
		    if os.fork() == 0:
		        for x in b"one", b"two", b"end": put(x)
		        os._exit(0)
		    done()
		    os.wait()
		r, w = os.pipe()
		child(lambda x: os.write(w, x), lambda: os.close(w))
		reader(lambda: os.read(r, 100))
		a, b = socket.socketpair()
		child(b.send, b.close)
		reader(lambda: a.recv(100))
		print("alive")
	END
	for lie in flip:99:onetwoend flip:0:' error 5' flip:1:'one error 5' drop:1:oneend again:0:'one error 5' swap:0:'two error 5'; do
		wanted "eip/carrier-${lie%:*}" || continue
		out=$(LIAR=child:${lie%:*} LD_PRELOAD=$BUILD/cli/liar.so timeout -k 2 40 "$OCCLUM" try --eip --enclave-size 64M \
			/usr/bin/python3 "$d" 2>"$WORK/err")
		status=$?
		err=$(cat "$WORK/err")
		verdict "eip/carrier-${lie%:*}" 0 "=${lie##*:}"$'\n'"${lie##*:}"$'\n'alive
	done
}

processes_in_enclaves() {
	local eip=(occlum try --eip --enclave-size 64M --rw "$WORK") d=$WORK/eip

	mkdir -p "$d"
	t eip/pipeline 0 '=3' "${eip[@]}" bash -c 'printf "c\na\nb\n" | sort | tee /dev/stderr | wc -l'
	t eip/statuses 0 '=7 137 1 126' "${eip[@]}" bash -c \
		'(exit 7); a=$?; sh -c "kill -9 \$\$" 2>/dev/null; b=$?; /bin/false; c=$?; /etc/passwd 2>/dev/null; echo $a $b $c $?'
	t eip/half-read-pipe 0 $'=x=1\n2\n3' "${eip[@]}" sh -c 'printf "1\n2\n3\n" | { read x; echo x=$x; cat; }'
	t eip/half-read-by-child 0 '=cdef' "${eip[@]}" sh -c 'printf abcdef | { dd bs=1 count=2 status=none >/dev/null; cat; }'
	t eip/shared-offset 0 $'=a\nb\nc\nd' "${eip[@]}" sh -c "{ echo a; /bin/echo b; echo c; /bin/echo d; } >$d/o; cat $d/o"
	t eip/here-and-substitution 0 $'=3a4\n> 4' "${eip[@]}" bash -c 'diff <(seq 3) <(seq 4) || true'
	t eip/variables-and-directory 0 "=/usr 5 0007" "${eip[@]}" bash -c 'cd /usr; umask 7; X=5 sh -c "echo \$(pwd) \$X \$(umask)"'
	t eip/signals 0 $'=143\nusr 3' "${eip[@]}" bash -c 'sleep 50 & kill $!; wait $! 2>/dev/null; echo $?
		(trap "echo usr \$x; exit" USR1; x=3; : >'"$d"'/trap; while :; do sleep 0.05; done) & while [ ! -e '"$d"'/trap ]; do :; done
		kill -USR1 $!; wait'
	t eip/group 0 '=-15' "${eip[@]}" python3 -c 'import os, subprocess, time
p = subprocess.Popen(["sh", "-c", "sleep 50 | sleep 50; :"], start_new_session=True)
time.sleep(0.3); os.killpg(p.pid, 15); print(p.wait())'
	t eip/parents 0 '=same' "${eip[@]}" sh -c 'p=$$; sh -c "[ \$PPID = $p ] && echo same; exit"'
	t eip/orphan 0 '=1' "${eip[@]}" bash -c \
		'echo $(sh -c "sh -c \"sleep 0.5; cut -d\\\" \\\" -f4 /proc/\\\$\\\$/stat; exit\" & exit")'
	mkdir -p "$d/root" && cp "$PROBE-static" "$d/root/probe" &&
		t eip/changed-root 42 "" "${eip[@]}" "$d/root/probe" chroot "$d/root"
	t eip/too-many-descriptors 0 $'=11\n0' "${eip[@]}" python3 -c 'import os
pipes = [os.pipe() for _ in range(200)]
try: os.fork()
except OSError as e: print(e.errno, flush=True)
for p in pipes: os.close(p[0]); os.close(p[1])
os.fork() or os._exit(0)
print(os.wait()[1])'
	t eip/many 0 '=100' "${eip[@]}" bash -c 'for i in {1..10}; do for j in {1..10}; do echo $i$j; done | cat; done | wc -l'
	t eip/gcc 0 '=hello' "${eip[@]}" bash -c "cd $d; echo '#include <stdio.h>
int main(void) { puts(\"hello\"); }' >h.c; TMPDIR=$d gcc -o h h.c && ./h"
	host_kill eip/host-kills-child 0 $'ready\n.*137' 'sleep 30 & echo ready; wait $!; echo $?'
	host_kill eip/host-kills-pipe-writer 0 $'ready\nend 0' '{ echo ready; exec sleep 30; } | { read -r x; echo $x; cat; echo end $?; }'
	lying_carrier
}
