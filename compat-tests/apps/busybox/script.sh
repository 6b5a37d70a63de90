b() { busybox "$@"; }
W=$DATA/words
b sort -k3,3n "$W" | b tail -n 2; b od -c "$W" | b head -n 2; b grep -c a "$W"; b wc "$W" | b awk '{ print $1, $2, $3 }'
b md5sum <"$W"; b sha512sum <"$W" | b cut -c1-20; b tr a-z A-Z <"$W" | b tail -n 1; b rev <"$W" | b head -n 1
b gzip -c "$W" | b gunzip | b cmp - "$W" && echo gzip; b bzip2 -c "$W" | b bunzip2 | b cmp - "$W" && echo bzip2; b xz -dc /nowhere 2>/dev/null || echo noxz
b mkdir -p d/e; b cp "$W" d/e; b ln -s e/words d/l; b find d | b sort; b tar cf t.tar d; b tar tf t.tar | b sort; b mv t.tar u.tar; b tar xf u.tar -O d/e/words | b cmp - "$W" && echo tar
b cpio --version >/dev/null 2>&1; b find d | b cpio -o -H newc 2>/dev/null >a.cpio; b cpio -t <a.cpio 2>/dev/null | b sort
b sed -n '3,5s/ /-/gp' "$W"; b awk '{ s += $3 } END { print s }' "$W"; b head -c 100 "$W" | b base64; b uniq -c "$W" | b head -n 1
b diff "$W" /dev/null | b head -n 2; b expr 6 \* 7; b seq 3 | b xargs echo; b printf '%s\n' x y; b date -u -d @0; b stat -c '%s %a' d/e/words; b du -s /dev/null; b basename /a/b; b dirname /a/b
b test 1 -lt 2 && echo test; b sleep 0.1; b timeout 1 b 2>/dev/null; b timeout 1 busybox sleep 5; echo "timeout $?"; b env -i A=1 busybox env; b id -u; b uname -s; b which busybox; b readlink d/l; b touch n; b chmod 600 n; b ls -l n | b cut -c1-10
b vi -h >/dev/null 2>&1; b bc <<X
2^64; scale=5; 1/7
X
b dc -e '2 3 + p' ; b factor 360; b hexdump -C "$W" | b head -n 1; b strings /bin/busybox | b head -n 0; b tee x <"$W" | b sha1sum; b cat x | b sha1sum; b rm -r d x; b ls
i=0; while [ $i -lt 100 ]; do b echo $i; i=$((i + 1)); done | b sort -n | b tail -n 1
(b sleep 5 & b kill $!; wait $!; echo "killed $?"); trap 'echo trap' USR1; b kill -USR1 $$; b mkfifo ff; (echo fifo >ff) & b cat ff; wait; b ps >/dev/null && echo ps; b free >/dev/null && echo free; b uptime >/dev/null && echo uptime
b cat "$W" | b sort | b od | b grep 7 | b wc -l; b unzip 2>/dev/null; b ash -c 'echo nested $0'; b pidof nosuch; echo $?
