# shellcheck shell=bash disable=SC2154 # bats sets status and the like
# Real servers, on this machine alone, in the folder of the test: each is stopped by stop_servers.

servers=()

stop_servers() {
    [ "${#servers[@]}" -eq 0 ] || kill "${servers[@]}" 2>/dev/null || true
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for PORT: something listens there.
wait_for() {
    local i
    for i in {1..100}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.05
    done
    echo "nothing listens at port $1 after $i tries" && return 1
}

# command_at NAME: where a server's program is, also where /usr/sbin is not in PATH.
command_at() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1"
}

# start_sshd: SFTP=sftp://USER@127.0.0.1:PORT/..., of the folder of the test, by a key of its own.
start_sshd() {
    local port
    port=$(free_port)
    mkdir -p ssh
    ssh-keygen -q -t ed25519 -N '' -f ssh/host
    ssh-keygen -q -t ed25519 -N "${1:-}" -f ssh/user
    cp ssh/user.pub ssh/authorized
    echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 ssh/host.pub)" >ssh/known
    cat >ssh/config <<-END
		Port $port
		ListenAddress 127.0.0.1
		HostKey $PWD/ssh/host
		PidFile none
		AuthorizedKeysFile $PWD/ssh/authorized
		StrictModes no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PermitRootLogin yes
		Subsystem sftp internal-sftp
	END
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
    "$(command_at sshd)" -D -f "$PWD/ssh/config" -E "$PWD/ssh/log" 3>&- &
    servers+=($!)
    wait_for "$port"
    SFTP=sftp://$(id -un)@127.0.0.1:$port$PWD
    export SFTP HUB_SSH_KEY=$PWD/ssh/user HUB_KNOWN_HOSTS=$PWD/ssh/known
}

# make_certificate FOLDER: a cert and a key for localhost in it, signed by a CA of its own: ca.pem.
make_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1/ca.key" -out ca.pem -days 2 -subj /CN=hub-test-ca 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -keyout "$1/key" -out "$1/request" -subj /CN=localhost 2>/dev/null
    openssl x509 -req -in "$1/request" -CA ca.pem -CAkey "$1/ca.key" -CAcreateserial -out "$1/cert" -days 2 \
        -extfile <(echo subjectAltName=DNS:localhost) 2>/dev/null
}

# start_ftp: FTPES=ftpes://ann@localhost:PORT and FTPS=ftps://ann@localhost:PORT, of the folder ftp/files.
start_ftp() {
    local explicit implicit
    mkdir -p ftp/files
    make_certificate ftp
    cat ftp/cert ftp/key >ftp/both
    "$ROOT/tests/servers/ftp.py" ftp/ports ftp/both "$PWD/ftp/files" 3>&- &
    servers+=($!)
    for _ in {1..200}; do
        [ -e ftp/ports ] && break
        sleep 0.05
    done
    read -r explicit implicit <ftp/ports
    FTPES=ftpes://ann@localhost:$explicit FTPS=ftps://ann@localhost:$implicit
    export FTPES FTPS
}

# start_nginx [MORE]: HTTPS=https://localhost:PORT and HTTP=http://127.0.0.1:PORT, of the folder www, with more lines for both servers.
start_nginx() {
    local tls plain
    tls=$(free_port) plain=$(free_port)
    mkdir -p nginx www
    make_certificate nginx
    cat >nginx/config <<-END
		daemon off; pid $PWD/nginx/pid; error_log $PWD/nginx/errors; worker_processes 1;
		$([ "$(id -u)" -ne 0 ] || echo "user $(id -un);")
		events { worker_connections 64; }
		http {
		    types { application/json json; text/csv csv; }
		    log_format told '\$request|\$status|\$connection|\$http_authorization|\$server_protocol|\$sent_http_content_encoding';
		    access_log $PWD/nginx/log told;
		    client_body_temp_path $PWD/nginx/a; proxy_temp_path $PWD/nginx/b; fastcgi_temp_path $PWD/nginx/c;
		    uwsgi_temp_path $PWD/nginx/d; scgi_temp_path $PWD/nginx/e;
		    root $PWD/www;
		    server { listen 127.0.0.1:$tls ssl http2; server_name localhost; ssl_certificate $PWD/nginx/cert; ssl_certificate_key $PWD/nginx/key; ${1:-} }
		    server { listen 127.0.0.1:$plain; ${1:-} }
		}
	END
    "$(command_at nginx)" -p "$PWD/nginx" -c "$PWD/nginx/config" 2>/dev/null 3>&- &
    servers+=($!)
    wait_for "$tls" && wait_for "$plain"
    HTTPS=https://localhost:$tls HTTP=http://127.0.0.1:$plain
    export HTTPS HTTP
}

# start_exim: a mail server as distributions ship it, that wants STARTTLS and a login (ann, pass-word), knows no mailbox "nobody", has
# the one of "full" full, and delivers all other mail for example.com into the folder $exim/box. MAIL_URL; its certificate is
# $exim/cert.pem.
start_exim() {
    local port user=Debian-exim
    port=$(free_port)
    exim=$(mktemp -d /tmp/hub-exim.XXXXXX) # no folder of bats: it is read by another user, too
    chmod 755 "$exim"
    mkdir "$exim/spool" "$exim/log" "$exim/box"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$exim/key.pem" -out "$exim/cert.pem" -days 2 -subj /CN=127.0.0.1 \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null
    chown -R "$user" "$exim"/{spool,log,box,key.pem}
    cat >"$exim/config" <<-END
		exim_user = $user
		primary_hostname = mail.test
		spool_directory = $exim/spool
		log_file_path = $exim/log/%slog
		tls_advertise_hosts = *
		tls_certificate = $exim/cert.pem
		tls_privatekey = $exim/key.pem
		auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
		acl_smtp_rcpt = recipient
		acl_smtp_data = accept
		keep_environment =
		begin acl
		recipient:
		  deny message = log in first
		       !authenticated = *
		  deny message = no such mailbox
		       local_parts = nobody
		  defer message = mailbox is full
		       local_parts = full
		  accept domains = example.com
		  deny message = relay not permitted
		begin routers
		all:
		  driver = accept
		  transport = box
		begin transports
		box:
		  driver = appendfile
		  maildir_format
		  directory = $exim/box
		  user = $user
		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_prompts = :
		  server_condition = \${if and{{eq{\$auth2}{ann}}{eq{\$auth3}{pass-word}}}}
		  server_set_id = \$auth2
	END
    "$(command_at exim4)" -C "$exim/config" -oP "$exim/pid" -bdf -oX "<; [127.0.0.1]:$port" >"$exim/said" 2>&1 3>&- &
    servers+=($!)
    wait_for "$port" || { cat "$exim/said" && return 1; }
    MAIL_URL=smtp://127.0.0.1:$port
    export MAIL_URL
}
