# DIR PORT: inside the system: a new cluster, and its server until SIGTERM. The server refuses to be root.
bin=$(echo /usr/lib/postgresql/*/bin)
as=(setpriv --reuid=postgres --regid=postgres --init-groups)
mkdir -p "$1" && chown postgres "$1" && cd "$1" || exit 1
"${as[@]}" "$bin/initdb" -D "$1/data" -A trust -N --locale=C.UTF-8
trap 'kill -INT $p' TERM
"${as[@]}" "$bin/postgres" -D "$1/data" -p "$2" -c listen_addresses=127.0.0.1 -k "$1" -c fsync=off &
p=$!
wait $p
wait $p
cd / && rm -rf "$1"
