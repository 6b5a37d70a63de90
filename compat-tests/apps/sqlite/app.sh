# sqlite3: 50000 rows, indices, joins, transactions, write-ahead log, triggers, full text, JSON, two processes on one file.
packages="sqlite3"
quick=yes

workload() {
	$SYSTEM sqlite3 test.db ".read $HERE/script.sql"
	$SYSTEM bash -c "sqlite3 t.db 'create table t(x)' && for i in 1 2 3 4; do (for j in 1 2 3 4 5; do
		sqlite3 -cmd '.timeout 10000' t.db \"insert into t values(\$i * 10 + \$j)\"; done) & done; wait; sqlite3 t.db 'select count(*), sum(x) from t; pragma integrity_check'"
}
