# rounds.fish DIR N: N rounds, a line after each. Eight processes a round, with files and pipes between them.
cd $argv[1]; or exit 1
for round in (seq $argv[2])
    sort sort.src >sorted; or exit 1
    od sorted | sort -n -k 1 >od.out; or exit 1
    cat sorted | grep the >grep.out; or exit 1
    cat grep.out | wc >wc.out; or exit 1
    rm sorted od.out grep.out wc.out; or exit 1
    echo $round
end
