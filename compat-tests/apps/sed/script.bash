sed -E 's/([a-z]+) ([0-9]+)/\2 \u\1/; /7$/d' "$DATA/words" | sha1sum
sed -n '/^extern/,/;/{s/__[a-z]*//gp}' "$DATA/stdio.h" | tail -n 5
sed -n '$=' "$DATA/words"
sed '1!G;h;$!d' <(head -n 200 "$DATA/words") | tail -n 2
sed ':a;N;$!ba;s/\n/+/g' <(head -n 50 "$DATA/words") | cut -c1-60
sed -s -n '$p;1w first.out' "$DATA/words" "$DATA/stdio.h"
sed 'y/abc/xyz/;s/x/&&/2;10q' "$DATA/words"
sed -z 's/\n\n/\n/g;s/$/END/' "$DATA/stdio.h" | tail -n 2
sed '3r /etc/hostname' "$DATA/words" | sed -n 4p | wc -l
sed '2e echo from a command' "$DATA/words" | head -n 3
bash -c 'cp "$DATA/words" w && sed -i.bak "s/a/A/g" w && ls w* && sha1sum w w.bak'
sed 's/(/' /dev/null 2>&1
echo "status $?"
sed p /nowhere 2>&1
echo "status $?"
