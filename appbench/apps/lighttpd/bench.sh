# lighttpd, a page of 10 KiB, two workers; wrk outside with 1 to 256 connections that stay open.
needs="lighttpd $http_client"

config()
{
	cat <<-END
	server.document-root = "$dir/html"
	server.bind = "127.0.0.1"
	server.port = $port
	server.max-worker = 2
	server.errorlog = "$dir/error.log"
	server.upload-dirs = ( "$dir" )
	mimetype.assign = ( "" => "text/html" )
	END
}

bench()
{
	local clients

	mkdir -p "$dir/html"
	head -c 10240 /dev/zero | tr '\0' x >"$dir/html/10K.html"
	port=$(free_port)
	config >"$dir/lighttpd.conf"
	start lighttpd -D -f "$dir/lighttpd.conf"
	wait_port "$port"
	for clients in 1 ${FULL:+2} 4 ${FULL:+8} 16 ${FULL:+32} 64 ${FULL:+128} 256; do
		http_load "10k-$clients" "$clients" "http://127.0.0.1:$port/10K.html"
	done
	stop TERM
}
