# shellcheck shell=bash disable=SC2034,SC2154 # bats sets status and the like, and tests use what is set here
# What all bats files share: a folder of its own for each test, the built tools first in PATH, and no setting of the caller's.
bats_require_minimum_version 1.5.0

common_setup() {
    local root
    root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    PATH=${HUB_BIN:-$root/build/bin}:$PATH
    ROOT=$root
    export PATH ROOT
    unset HUB_DB HUB_RUN HUB_RULE HUB_RUN_LOG HUB_PATH HUB_SIMD
    export LC_ALL=C.UTF-8 TZ=UTC
    cd "$BATS_TEST_TMPDIR" || return 1
}

# anything ENTITY...: a contract of one's own, first on the search path, in which these may hold anything.
anything() {
    export HUB_PATH=$PWD/hub:$ROOT/pipelines
    mkdir -p hub/schema
    for entity; do
        echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}' >"hub/schema/$entity.json"
    done
}

# serve NAME [ARGUMENT...]: a server of servers/, which says in the file `port` where it listens; $server is its process.
serve() {
    local name=$1
    shift
    rm -f port
    "$ROOT/tests/servers/$name.py" port "$@" 3>&- &
    server=$!
    for _ in {1..200}; do
        [ -e port ] && return
        sleep 0.05
    done
    echo "$name.py does not say where it listens" && return 1
}

# serve_shop ARGUMENT...: servers/target.py, at SHOP_URL.
serve_shop() {
    serve target "$@"
    SHOP_URL=http://127.0.0.1:$(<port)
    export SHOP_URL
}

# has STATUS: the last `run` ended so; shows what it said where it did not.
has() {
    [ "$status" -eq "$1" ] && return
    printf 'status %s, not %s\nstdout: %s\nstderr: %s\n' "$status" "$1" "${output-}" "${stderr-}"
    return 1
}

# same WANTED GOT
same() {
    [ "$1" = "$2" ] && return
    printf 'wanted: %s\ngot:    %s\n' "$1" "$2"
    return 1
}
