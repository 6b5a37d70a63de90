# nginx, a master and two workers; wrk outside. small: 6 bytes; big: 64 KiB; the number is that of connections.
needs="nginx $http_client"

config()
{
	cat <<-END
	daemon off;
	worker_processes 2;
	pid $dir/nginx.pid;
	error_log $dir/error.log;
	events { worker_connections 512; }
	http {
		access_log off;
		client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/fcgi;
		uwsgi_temp_path $dir/uwsgi; scgi_temp_path $dir/scgi;
		server { listen 127.0.0.1:$port; root $dir/html; }
	}
	END
}

bench()
{
	mkdir -p "$dir/html"
	echo hello >"$dir/html/small"
	head -c 65536 /dev/zero >"$dir/html/big"
	port=$(free_port)
	config >"$dir/nginx.conf"
	start nginx -e "$dir/error.log" -c "$dir/nginx.conf"
	wait_port "$port"
	http_load small-1 1 "http://127.0.0.1:$port/small"
	http_load small-16 16 "http://127.0.0.1:$port/small"
	http_load small-128 128 "http://127.0.0.1:$port/small"
	http_load big-16 16 "http://127.0.0.1:$port/big"
	stop QUIT
}
