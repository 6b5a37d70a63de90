# lighttpd: static files, directory listing, rewrite, CGI (a process for each request), keep-alive; curl and wrk outside.
packages="lighttpd curl wrk"
limit=90

setup() {
	mkdir -p "$DATA/html/dir"
	words 5000 8 >"$DATA/html/words.txt"
	head -c 1000000 /usr/bin/bash >"$DATA/html/big.bin"
	echo "hello" >"$DATA/html/index.html"
	touch -d 2021-01-01 "$DATA/html/dir/one" "$DATA/html/dir/two" "$DATA/html/dir"
	cp "$HERE/hello.cgi" "$DATA/html"
}

config() {
	cat <<-END
	server.document-root = "$DATA/html"
	server.bind = "127.0.0.1"
	server.port = $1
	server.modules = ( "mod_cgi", "mod_dirlisting", "mod_rewrite", "mod_staticfile", "mod_accesslog" )
	server.errorlog = "$RUN/error.log"
	accesslog.filename = "$RUN/access.log"
	server.upload-dirs = ( "$RUN" )
	index-file.names = ( "index.html" )
	mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream" )
	dir-listing.activate = "enable"
	url.rewrite-once = ( "^/other/(.*)" => "/\$1" )
	cgi.assign = ( ".cgi" => "/bin/sh" )
	END
}

workload() {
	local port server u
	port=$(free_port)
	u=http://127.0.0.1:$port
	config "$port" >lighttpd.conf
	$SYSTEM lighttpd -D -f "$RUN/lighttpd.conf" 2>/dev/null &
	server=$!
	wait_port "$port" || return
	curl -s "$u/" "$u/words.txt" "$u/other/words.txt" | sha1sum
	curl -s "$u/big.bin" | sha1sum
	curl -s -r 5-25 "$u/words.txt"
	curl -s "$u/dir/" | grep -o 'href="[a-z]*"'
	curl -s -o /dev/null -w '%{http_code}\n' "$u/nowhere"
	curl -s "$u/hello.cgi?a=1&b=2"
	curl -s --data 'posted text' "$u/hello.cgi"
	seq 20 | xargs -P 8 -I{} sh -c "curl -s '$u/hello.cgi?{}' | sha1sum" | sort | sha1sum
	seq 40 | xargs -P 20 -I{} sh -c "curl -s '$u/words.txt?{}' | sha1sum" | sort | uniq -c
	note "$(wrk -t 2 -c 16 -d 2 "$u/" | awk '/Requests.sec/ { printf "%d/s", $2 }')"
	# Its status is 1 instead of 0 if it ends before it has seen that wrk has gone.
	wait_idle "$port" || return
	stop_server "$server" TERM
}
