# Root here; the server refuses to be that.
set -e
mkdir -p "$RUN/pg"
chown postgres "$RUN/pg"
as=(setpriv --reuid=postgres --regid=postgres --init-groups)
cd "$RUN/pg"
"${as[@]}" "$BIN/initdb" -D "$RUN/pg/data" -A trust -N --locale=C.UTF-8
trap 'kill -INT $p' TERM
"${as[@]}" "$BIN/postgres" -D "$RUN/pg/data" -p "$PORT" -c listen_addresses=127.0.0.1 -k "$RUN/pg" -c fsync=off &
p=$!
wait $p || true
wait $p && echo "postgres ended: 0" || echo "postgres ended: $?"
