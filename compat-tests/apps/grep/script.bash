cd "$DATA" || exit
grep -c 'ab' words
grep -En '^[0-9]{3} [a-m]+ 9' words | tail -n 3
grep -rn --include='*.h' -w 'O_PATH\|AT_FDCWD' linux | sort | tail -n 5
grep -rlZ 'define' linux | tr '\0' '\n' | sort | sha1sum
grep -oP '(?<=[0-9] )[aeiou]\w+(?= 1\d\d$)' words | sort | uniq -c | sort -rn | head -n 3
grep -F -f <(cut -d' ' -f2 words | head -n 300) words | wc -l
grep -B1 -A2 -m2 'zz' words
grep -vc e words
grep -i --color=always 'ABC' words | head -n 2
grep -bo 'xyz' words | head -n 3
grep -q nothing words
echo "status $?"
grep x /nowhere 2>&1
echo "status $?"
grep -c ELF /usr/bin/true
zgrep -c a <(gzip -c words)
egrep '^(1|2)0 ' words 2>/dev/null
