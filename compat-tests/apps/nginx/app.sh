# nginx, a master and two workers: static files, ranges, gzip, a proxy to itself, reload and shutdown by signals; curl and wrk outside.
packages="nginx-light curl wrk"
limit=90

setup() {
	mkdir -p "$DATA/html"
	words 5000 7 >"$DATA/html/words.txt"
	head -c 1000000 /usr/bin/bash >"$DATA/html/big.bin"
	echo "hello" >"$DATA/html/index.html"
}

config() {
	cat <<-END
	daemon off;
	worker_processes 2;
	pid $RUN/nginx.pid;
	error_log $RUN/error.log;
	events { worker_connections 256; }
	http {
		types { text/html html; text/plain txt; }
		access_log $RUN/access.log;
		client_body_temp_path $RUN/body; proxy_temp_path $RUN/proxy; fastcgi_temp_path $RUN/fcgi; uwsgi_temp_path $RUN/uwsgi; scgi_temp_path $RUN/scgi;
		server {
			listen 127.0.0.1:$1;
			root $DATA/html;
			gzip on; gzip_types text/plain;
			location /again/ { proxy_pass http://127.0.0.1:$1/; }
			location /moved { return 301 /index.html; }
			location /upload { client_max_body_size 2m; proxy_pass http://127.0.0.1:$1/sink; }
			location /sink { return 200 "took it"; }
		}
	}
	END
}

workload() {
	local port server u
	port=$(free_port)
	u=http://127.0.0.1:$port
	config "$port" >nginx.conf
	$SYSTEM nginx -t -e "$RUN/error.log" -c "$RUN/nginx.conf" 2>&1 | sed "s|$port|PORT|"
	$SYSTEM nginx -e "$RUN/error.log" -c "$RUN/nginx.conf" &
	server=$!
	wait_port "$port" || return
	curl -s "$u/"
	curl -s "$u/words.txt" | sha1sum
	curl -s --compressed "$u/words.txt" | sha1sum
	curl -s "$u/big.bin" | sha1sum
	curl -s -r 1000-1999 "$u/big.bin" | sha1sum
	curl -s -o /dev/null -w '%{http_code} %{size_download} %{redirect_url}\n' "$u/moved" | sed "s|$port|PORT|"
	curl -s -o /dev/null -w '%{http_code}\n' "$u/nowhere"
	curl -s "$u/again/words.txt" | sha1sum
	curl -s --data-binary "@$DATA/html/big.bin" "$u/upload"
	echo
	seq 40 | xargs -P 20 -I{} sh -c "curl -s '$u/words.txt?{}' | sha1sum" | sort | uniq -c
	note "$(wrk -t 2 -c 16 -d 2 "$u/" | awk '/Requests.sec/ { printf "%d/s", $2 }')"
	kill -HUP "$server"
	sleep 0.7
	curl -s "$u/"
	stop_server "$server" QUIT
}
