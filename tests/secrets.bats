#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# Secrets of each kind are planted, runs fail in many ways, and then everything that was written is searched for them.

load common
load servers

setup() {
    common_setup
    anything refund
    export HUB_DB=$PWD/hub.db HUB_RUN_LOG=$PWD/run.log TMPDIR=$PWD/tmp XDG_CACHE_HOME=$PWD/cache HOME=$PWD/home
    mkdir -p hub/systems/shop kept tmp cache home
    serve_shop kept/effects kept/log 2>kept/server
    servers+=("$server")
    # In the environment, in a file, in what a login answers (the token), and in a URL.
    export SHOP_URL SHOP_USER=planted-user SHOP_TOKEN=planted-environment
    echo planted-in-file >kept/secret
    cat >hub/systems/shop/system.json <<'END'
{ "system": "shop", "vars": { "url": "${SHOP_URL}" }, "base": "{@url}", "limits": { "retries": 0 },
  "secrets": { "token": "${SHOP_TOKEN}", "word": "${file:kept/secret}" },
  "auth": { "login": { "post": "/login", "json": { "word": "{@word}", "token": "{@token}" }, "keep": { "token": "{.access}" } }, "headers": { "X-Token": "{auth.token}", "X-Word": "{@word}" } },
  "streams": { "items": { "get": "/items", "query": { "key": "{@token}" }, "records": ".items[]", "id": ".id" } },
  "targets": { "items": { "repeat": "key", "create": { "post": "/items", "json": "{.}", "query": { "key": "{@token}" } } } } }
END
    echo '{"data":{"ref":"1","bad":true},"entity":"refund","id":"1","source":"pos","stream":"shop:items"}' >in
    echo '{"data":{"ref":"2"},"entity":"refund","id":"2","source":"pos","stream":"shop:items"}' >>in
}

teardown() {
    stop_servers
}

plan() { curl -sS -d "{\"path\":\"$1\",\"how\":\"$2\",\"times\":${3:-1}}" "$SHOP_URL/plan" >/dev/null; }

# told COMMAND...: what it writes is kept, with what it says; whether it fails does not matter.
told() {
    "$@" >>written 2>>said || true
}

@test "no secret is in what was said, nor in any file that was written" {
    for how in 400 401 403 404 409 422 429 500 503 drop drop! 301 200!; do
        for path in /login /items; do
            plan $path "$how" 2
            find . -name login.json -delete
            told hub-load -v --no-marks -r rejects.ndjson -a answers.ndjson shop:items in
            told hub-extract -v --no-marks -r rejects.ndjson shop:items
            curl -sS -X POST "$SHOP_URL/forget" >/dev/null
        done
    done
    for url in "http://planted-user:planted-in-url@127.0.0.1:$(<port)/items" "sftp://planted-user:planted-in-url@127.0.0.1:1/out/" \
        "postgresql://planted-user:planted-in-url@127.0.0.1:1/x"; do
        told hub-extract -v --no-marks -f json "$url"
        told hub-load -v --no-marks "$url" in
        told hub-load -v --no-marks --table t "$url" in
    done
    told env SHOP_URL="http://planted-user:planted-in-url@127.0.0.1:1" hub-load -v --no-marks shop:items in
    told hub-log
    told hub-log --json
    told hub-log --html page.html
    [ -s page.html ]
    told hub-log refund 1
    sqlite3 hub.db .dump >dump
    # It was there to be shown.
    grep -q planted-by-login kept/log
    grep -q planted-in-file kept/log
    for file in said written run.log dump; do [ -s "$file" ]; done
    grep -qF '***' said
    # The token lies where the login keeps it, for its owner alone.
    while read -r file; do [ "$(stat -c %a "$file")" = 600 ]; done < <(find . -name login.json)
    run ! grep -rl --binary-files=text --exclude-dir=kept --exclude-dir=hub --exclude=login.json -e planted-in-file -e planted-environment -e planted-in-url -e planted-by-login .
    same '' "$output"
}

@test "the search finds a secret where there is one" {
    echo planted-in-file >said
    grep -rl --binary-files=text --exclude-dir=kept --exclude-dir=hub planted-in-file .
}
