# shellcheck shell=bash
# A PostgreSQL of a test's own, on a socket in a folder of the test, without a network.

# As another user than root, which PostgreSQL refuses.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
    else
        "$@"
    fi
}

# postgres_start: a cluster with the database "shop"; $PG_URL names it. The folder is short: a socket's path has 107 bytes at most.
postgres_start() {
    pg_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$pg_bin/initdb" ] || pg_bin=$(dirname "$(command -v initdb)")
    pg_folder=$(mktemp -d /tmp/hub-pg.XXXXXX)
    [ "$(id -u)" -ne 0 ] || chown nobody:nogroup "$pg_folder"
    (
        cd "$pg_folder" || exit 1
        as_server "$pg_bin/initdb" -D data -U tester -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    ) >"$pg_folder.log" 2>&1 || { cat "$pg_folder.log" && return 1; }
    postgres_up
    psql -qX -c 'CREATE DATABASE shop' "postgresql://tester@/postgres?host=$pg_folder" || return 1
    PG_URL="postgresql://tester@/shop?host=$pg_folder"
    export PG_URL
}

postgres_up() {
    (
        cd "$pg_folder" || exit 1
        as_server "$pg_bin/postgres" -D data -k "$pg_folder" -h '' -c fsync=off -c shared_buffers=16MB -c max_connections=20
    ) >>"$pg_folder.log" 2>&1 3>&- &
    for _ in {1..200}; do
        "$pg_bin/pg_isready" -q -h "$pg_folder" && break
        sleep 0.05
    done
    pg_process=$(head -n 1 "$pg_folder/data/postmaster.pid")
}

# By its number: at once, as after a power cut (SIGQUIT), or in order.
postgres_stop() {
    kill "-${1:-INT}" "$pg_process" 2>/dev/null || return 0
    while kill -0 "$pg_process" 2>/dev/null; do
        sleep 0.05
    done
}

postgres_remove() {
    postgres_stop QUIT
    rm -rf "$pg_folder" "$pg_folder.log"
}

sql() {
    psql -qXAt -v ON_ERROR_STOP=1 -c "$1" "$PG_URL"
}
