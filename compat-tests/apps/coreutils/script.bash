t() { echo "== $*"; "$@" 2>&1 | tail -n 4; }
W=$DATA/words S=$DATA/small B=$DATA/binary

t sort -k3,3n -k2,2 "$W"; t sort -R --random-source="$B" "$S"; t sort --parallel=4 -S 1M -T . -u -k2,2 "$W"
sort -k2,2 "$W" >w.sorted; t join -1 2 -2 2 -o 1.1,2.1,0 w.sorted "$S"
t comm -12 <(cut -d' ' -f3 "$W" | sort -u) <(cut -d' ' -f3 "$S" | sort -u)
cut -d' ' -f3 "$W" | sort | uniq -c | sort -rn | tail -n 3
t wc "$W" "$B"; t od -A d -t x1z -N 64 "$B"; t od -t f8 -N 32 "$B"
for s in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum; do t $s "$B" "$W"; done
sha256sum "$B" "$W" >sums; t sha256sum -c sums
base64 "$B" | base64 -d | cmp - "$B" && echo "base64 whole"; t base32 -w 40 "$S"; t basenc --base16 "$S"
split -n 5 "$B" part.; ls part.*; cat part.* | cmp - "$B" && echo "split whole"; csplit -sz "$S" 100 200; wc -l xx*
t tac "$S"; rev <"$S" | tail -n 2; t nl -ba "$S"; t fmt -w 30 "$S"; t fold -w 7 "$S"; t pr -l 20 -3 -h title -D date "$S"
t expand "$S"; t unexpand -a "$S"; t paste -d: "$S" <(tac "$S"); t shuf -n 3 --random-source="$B" "$S"; t ptx -A "$S"
t tr -cs a-z '\n' <"$S"; t head -c -5000 "$S"; t tail -c 20 "$S"; t tsort <<<"a b b c c d"; t factor 1234567890123 97
t numfmt --to=iec 123456789; t seq -w 8 11; t expr 6 '*' 7; t printf '%s-%d\n' a 1 b 2; t echo -e 'a\tb'
echo "== files"
umask 022; mkdir -p d/e; echo x >d/e/f; cp -a d d2; ln d/e/f d/hard; ln -s e/f d/soft; mkfifo d/pipe; truncate -s 1M d/sparse
touch -d '2020-02-03 04:05:06' d/e/f; chmod 640 d/e/f; stat -c '%n %F %a %s %h %y' d/e/f
stat -c '%n %F %a %s %h' d/soft d/pipe d/sparse
ls -lR --time-style=full-iso d | grep -v '^total' | awk '{ print $1, $2, $5, $NF }' | grep -v sparse
t readlink -f d/soft; t realpath --relative-to=d2 d/e/f; t basename /a/b.c .c; t dirname /a/b.c
install -m 755 d/e/f d/installed; ls -l d/installed | cut -c1-10; mv d2 d3; rm -r d3; ls
dd if="$B" of=dd.out bs=1000 skip=3 count=10 status=none; cksum dd.out; shred -u dd.out; ls dd.out 2>&1
t du -b --apparent-size d/e; df . >/dev/null && echo df; sync d/e/f && echo sync; t cp --sparse=always d/sparse d/s2
chown 12:34 d/e/f 2>/dev/null && stat -c '%u:%g' d/e/f || echo "12:34"
echo "== system"
date -d '2024-02-29 +1 year' +%F; date -u -d @1700000000; t id -un; t whoami; t groups; t tty; uname -sm; t nproc --ignore=1000
t env -i A=1 env; nice -n 5 nice; timeout 0.2 sleep 5; echo "timeout $?"; t pathchk -p 'a b'; t test 1 -lt 2; true; false; echo $?
t printenv NOTHING; nohup echo nohup 2>/dev/null; stdbuf -oL echo line; t arch; mktemp -u XXX.abc | wc -c; t dircolors -b; tee a b <<<tee >/dev/null; cat a b
yes abc | head -n 200000 | sort | uniq -c; cat "$W" | tee c1 | sha1sum; seq 100000 | sort -n | md5sum; t vdir --version
chroot / true && echo chroot || true; t hostid >/dev/null; t logname >/dev/null; users >/dev/null; kill -l 15; t link a hardlink; t unlink hardlink
