# lighttpd, one process; wrk outside. The cases are those of nginx.
needs="lighttpd wrk"

bench()
{
	mkdir -p "$dir/html"
	echo hello >"$dir/html/small"
	head -c 65536 /dev/zero >"$dir/html/big"
	port=$(free_port)
	cat >"$dir/lighttpd.conf" <<-END
	server.document-root = "$dir/html"
	server.bind = "127.0.0.1"
	server.port = $port
	server.errorlog = "$dir/error.log"
	server.upload-dirs = ( "$dir" )
	mimetype.assign = ( "" => "application/octet-stream" )
	END
	start lighttpd -D -f "$dir/lighttpd.conf"
	wait_port "$port"
	wrk_load small-16 16 "http://127.0.0.1:$port/small"
	wrk_load big-16 16 "http://127.0.0.1:$port/big"
	stop TERM
}
