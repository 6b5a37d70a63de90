function twice --argument n
    math "$n * 2"
end
set list one two "three four"
echo (count $list) $list[3] $list[-1..1]
for x in $list; echo "<$x>"; end
twice 21; math "sqrt(2)"; math -s 0 "2 ^ 40"
string match -r '(\w+)@(\w+)' 'user@host' | string upper
string split , a,b,c | sort -r | string join :
seq 100 | while read -l n; test $n -gt 98; and echo $n; end
switch apple; case 'a*'; echo fruit; case '*'; echo other; end
begin; echo out; echo err >&2; end 2>&1 | sort
set -l lines (printf '%s\n' c a b | sort); echo $lines
false; or echo "status $status"; true | false | true; echo $pipestatus
echo (string length "héllo") (string sub -s 2 -l 3 abcdef) (string replace -a l L hello)
function on_done --on-event finished; echo "event $argv"; end
emit finished now
set -x EXPORTED yes; sh -c 'echo $EXPORTED'; command ls -d /usr; type -t twice; functions -q twice; and echo defined
sleep 0.1 & wait; echo waited; echo a b | read -l p q; echo $q; echo {x,y}{1,2}; set -q nothing; or echo unset
mkdir -p d; touch d/a.c d/b.c; echo d/*.c | string split ' '; cat (echo piped | psub); sh -c 'exit 4'; echo $status; eval 'echo evaluated'
contains b a b c; and echo found; echo (random choice one); test -f d/a.c -a -d d; and echo files; printf '%05.1f|%s\n' 3.14159 end
