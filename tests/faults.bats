#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154,SC2317 # programs stand in single quotes; bats sets output and the like; walk calls what it is given
# hub-load is killed before every single call by which it changes a file or talks to a server, one run for each; power fails there; the disk is
# full there. It is run again until it is done, and then effects are counted where they arrived.

load common
load servers

setup_file() {
    cc -std=c17 -O2 -fPIC -shared -o "$BATS_FILE_TMPDIR/faults.so" "$BATS_TEST_DIRNAME/faults/faults.c" -ldl
}

setup() {
    common_setup
    if ldd "$(command -v hub-load)" | grep -q libasan; then
        skip "the sanitizer has these calls itself"
    fi
    anything refund
    export HUB_DB=$PWD/hub.db HUB_FAULT_TRASH=$PWD/trash
    mkdir -p hub/systems/shop trash
}

# line REF VERSION
line() {
    printf '{"data":{"ref":"%s","total":"1"},"entity":"refund","id":"%s","source":"pos","stream":"shop:items","version":"%064d"}\n' "$1" "$1" "$2"
}

teardown() {
    stop_servers
    [ -z "${pg_folder-}" ] || postgres_remove
}

# start_target: a web server that counts
start_target() {
    rm -f port effects
    serve_shop effects log
    servers+=("$server")
}

# describe TARGET
describe() {
    cat >hub/systems/shop/system.json <<END
{ "system": "shop", "vars": { "url": "\${SHOP_URL}" }, "base": "{@url}", "limits": { "retries": 0 }, "targets": { "items": { $1 } } }
END
}

crud='"create": { "post": "/items", "json": "{.}", "target_id": "{.item.id}", "headers": { "Idempotency-Key": "{key}" } },
      "update": { "put": "/items/{target_id}", "json": "{.}" }, "delete": { "delete": "/items/{target_id}" }'
looks='"look": { "get": "/items", "query": { "ref": "{.ref}" }, "found": ".items[0].id" }'

query() { sqlite3 hub.db "$1"; }

# faulty FAULT COMMAND...: its standard output goes to the file said; status is its status.
faulty() {
    status=0
    { HUB_FAULT=$1 LD_PRELOAD=$BATS_FILE_TMPDIR/faults.so "${@:2}" >said || status=$?; } 2>errors
}

# again COMMAND...: until it is done, which it is soon.
again() {
    local i
    for i in 1 2 3; do
        status=0
        "$@" >>said 2>errors || status=$?
        [ "$status" -le 1 ] && return
    done
    echo "status $status after $i runs: $(<errors)"
    return 1
}

# walk MODE RESET CHECK COMMAND...: RESET brings all to where it starts from, CHECK says whether all is well after the runs behind it.
walk() {
    local mode=$1 reset=$2 check=$3 n
    shift 3
    for ((n = 1; n < 2000; n++)); do
        $reset
        faulty "$mode:$n" "$@"
        [ "$status" = 137 ] || break
        again "$@"
        $check || { echo "after $mode:$n" && return 1; }
    done
    [ "$status" -le 1 ] || { echo "status $status: $(<errors)" && return 1; }
    $check
    [ "$n" -gt 3 ] # else nothing was counted
}

fresh() {
    rm -rf hub.db* effects trash/* box/*
    cp ready.db hub.db
}

ready() {
    rm -f hub.db*
    hub-load --no-marks "$@" </dev/null >/dev/null
    sqlite3 hub.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    cp hub.db ready.db
}

# What was said to be applied is known to the hub; nothing is left on its way.
books_are_right() {
    same "0 ${1:-2}" "$(query "SELECT (SELECT count(*) FROM pending) || ' ' || (SELECT count(*) FROM delivery WHERE state = 'applied')")"
}

# renew: each run of the walk is about records of its own, since the server remembers what it has.
renew() {
    fresh
    serial=$((serial + 1))
    for id in 1 2; do line "$serial-$id" "$id"; done >now
}

# Effects of the run: how often each record was created.
created() {
    jq -rs --arg r "$serial-" '[.[] | select(.op == "create" and (.ref | startswith($r))).ref] | group_by(.) | map("\(.[0][($r | length):]) \(length)") | join(",")' effects
}

told_once() {
    books_are_right && same '1 1,2 1' "$(created)"
}

told_at_most_once() {
    local parked
    parked=$(query "SELECT count(*) FROM parked WHERE code = 'uncertain'")
    same 0 "$(query 'SELECT count(*) FROM pending')" && same 2 "$((parked + $(query "SELECT count(*) FROM delivery WHERE state = 'applied'")))" &&
        same 0 "$(jq -s --arg r "$serial-" '[.[] | select(.ref | startswith($r)).ref] | group_by(.) | map(select(length > 1)) | length' effects)" &&
        { [ "$parked" -gt 0 ] || same '1 1,2 1' "$(created)"; }
}

@test "killed anywhere: key and look have each effect once" {
    start_target
    for how in key look; do
        describe "\"repeat\": \"$how\", $crud, $looks"
        ready shop:items
        walk kill renew told_once hub-load --no-marks shop:items now
    done
}

@test "killed anywhere: safe puts the same thing to the same place" {
    start_target
    describe '"repeat": "safe", "put": "/items/1", "json": "{.}"'
    curl -sS -d '{"ref":"0"}' "$SHOP_URL/items" >/dev/null
    ready shop:items
    walk kill renew books_are_right hub-load --no-marks shop:items now
    same "$serial-2" "$(curl -sS "$SHOP_URL/items/1" | jq -r .ref)"
}

@test "killed anywhere: never is told at most once, and what is not known is said" {
    start_target
    describe "\"repeat\": \"never\", $crud"
    ready shop:items
    walk kill renew told_at_most_once hub-load --no-marks shop:items now
}

@test "killed anywhere: a batch goes again as it was" {
    start_target
    describe '"repeat": "key", "post": "/batch", "json": { "key": "{key}" }, "batch": { "max": 2, "into": "/body/items", "key": ".ref", "done": { "at": ".done[]", "key": ".ref", "target_id": "{.id}" } }'
    ready shop:items
    walk kill renew told_once hub-load --no-marks shop:items now
}

# What was said to be applied before the fault is in the books, and is not done again.
said_and_told() {
    told_once && same "" "$(jq -r 'select(.status == "applied").id' said | sort | uniq -d)"
}

@test "power fails anywhere: nothing that was said is lost, and each effect is once" {
    start_target
    describe "\"repeat\": \"key\", $crud"
    ready shop:items
    for mode in cut names; do
        walk $mode renew said_and_told hub-load --no-marks shop:items now
    done
}

@test "killed anywhere: a chain goes on behind its last finished step" {
    start_target
    describe '"target_id": "{make.id}", "steps": [ { "name": "make", "post": "/items", "json": "{.}", "repeat": "look", "look": { "get": "/items", "query": { "ref": "{.ref}" }, "found": ".items[0].id" }, "keep": { "id": "{.item.id or .items[0].id}" } },
        { "name": "buy", "post": "/items/{make.id}/buy", "repeat": "look", "look": { "get": "/items/{make.id}", "found": ".label" } } ]'
    ready shop:items
    bought_once() {
        told_once && same "1 1" "$(jq -rs --arg r "$serial-" '[.[] | select(.op == "buy" and (.ref | startswith($r))).ref] | group_by(.) | map(length) | join(" ")' effects)"
    }
    walk kill renew bought_once hub-load --no-marks shop:items now
}

@test "killed anywhere: a mail is sent at most once, and what is not known is said" {
    serve mail box >/dev/null 2>&1
    servers+=("$server")
    echo '{ "system": "shop", "targets": { "items": { "smtp": "smtp://127.0.0.1:'"$(<port)"'", "from": "a@acme.example", "to": "{.ref}@acme.example", "subject": "{.ref}", "text": "x.txt" } } }' >hub/systems/shop/system.json
    echo hello >hub/systems/shop/x.txt
    ready shop:items
    mailed() {
        local parked sent
        parked=$(query "SELECT count(*) FROM parked WHERE code = 'uncertain'")
        [ -e box/log ] || : >box/log
        sent=$(jq -rs --arg r "$serial-" '[.[].to[0] | select(startswith($r))] | group_by(.) | map(length) | join(" ")' box/log)
        [[ $sent =~ ^(1( 1)?)?$ ]] && books_are_right $((2 - parked)) && { [ "$parked" -gt 0 ] || same "1 1" "$sent"; }
    }
    walk kill renew mailed hub-load --no-marks shop:items now
}

@test "killed anywhere: a folder of another machine gets each file once" {
    start_sshd
    mkdir out
    ready "$SFTP/out/"
    fresh_folder() {
        rm -rf out/* out/.[!.]*
        renew
    }
    filed() {
        books_are_right && same "$serial-1 $serial-2" "$(cat out/* | jq -rs 'map((.data // .).ref) | sort | join(" ")')" && same 2 "$(find out -type f | wc -l)"
    }
    walk kill fresh_folder filed hub-load --no-marks "$SFTP/out/" now
}

@test "killed anywhere, and power fails anywhere: a database has each effect once" {
    echo 'UPDATE stock SET n = n - 1' >take.sql
    fresh_stock() {
        rm -rf stock.db* trash/*
        sqlite3 stock.db 'PRAGMA journal_mode = WAL; CREATE TABLE stock (n INTEGER); INSERT INTO stock VALUES (10)' >/dev/null
        for id in 1 2; do line "$id" "$id"; done >now
    }
    taken() { same 8 "$(sqlite3 stock.db 'SELECT n FROM stock')"; }
    unset HUB_DB
    for mode in kill cut; do
        walk $mode fresh_stock taken hub-load --no-marks --sql take.sql sqlite:stock.db now
    done
}

@test "killed anywhere: a PostgreSQL has each effect once" {
    load servers/postgres
    postgres_start
    echo 'UPDATE stock SET n = n - 1' >take.sql
    unset HUB_DB
    for id in 1 2; do line "$id" "$id"; done >now
    fresh_stock() { psql -qX -c 'DROP TABLE IF EXISTS stock, hub_delivered; CREATE TABLE stock (n integer); INSERT INTO stock VALUES (10)' "$PG_URL" 2>/dev/null; }
    taken() { same 8 "$(psql -qXAt -c 'SELECT n FROM stock' "$PG_URL")"; }
    walk kill fresh_stock taken hub-load --no-marks --sql take.sql "$PG_URL" now
    fresh_item() { psql -qX -c 'DROP TABLE IF EXISTS item, hub_delivered; CREATE TABLE item (ref text PRIMARY KEY, total text)' "$PG_URL" 2>/dev/null; }
    there() { same '2 2' "$(psql -qXAtF' ' -c 'SELECT (SELECT count(*) FROM item), sum(n) FROM hub_delivered' "$PG_URL")"; }
    walk kill fresh_item there hub-load --no-marks --table item --columns ref,total "$PG_URL" now
}

# What a run found before it, or all of it; never a part.
whole() { [ ! -e "$1" ] || cmp -s "$1" old || cmp -s "$1" new; }

@test "killed anywhere, and power fails anywhere: a file is whole, a folder has whole files" {
    unset HUB_DB
    for id in 1 2; do line "$id" "$id"; done >now
    line 1 1 >old
    hub-load --no-marks new.ndjson now >/dev/null
    mv new.ndjson new
    fresh_file() {
        rm -rf trash/* out.ndjson outbox
        mkdir outbox
        cp old out.ndjson
    }
    both() { cmp out.ndjson new; }
    for mode in kill cut names; do
        for ((n = 1; n < 100; n++)); do
            fresh_file
            faulty $mode:$n hub-load --no-marks out.ndjson now
            whole out.ndjson
            [ "$status" = 137 ] || break
            ! grep -q applied said || cmp out.ndjson new
            again hub-load --no-marks out.ndjson now
            both
        done
        for ((n = 1; n < 100; n++)); do
            fresh_file
            faulty $mode:$n hub-load --no-marks outbox now
            for file in outbox/*.ndjson; do [ ! -e "$file" ] || [ "$(wc -l <"$file")" -eq 1 ]; done
            [ "$status" = 137 ] || break
            again hub-load --no-marks outbox now
            same 2 "$(cat outbox/*.ndjson | wc -l)"
        done
    done
}

@test "power fails anywhere: the hub has what it said to have, and the bookmark is never before the records" {
    printf '%s\n' '{"data":{"total":"1"},"entity":"refund","id":"1","source":"pos","v":1}' '{"data":{"total":"2"},"entity":"refund","id":"2","source":"pos","v":1}' \
        '{"checkpoint":{"after":null,"at":1},"end":true,"n":2,"source":"pos","stream":"pos:refunds"}' >now
    ready hub:
    held() { same '2 1' "$(query 'SELECT (SELECT count(*) FROM record) || " " || (SELECT count(*) FROM bookmark)')"; }
    walk cut fresh held hub-load hub: now
}

@test "a full disk: status 2, a message, nothing half written; and then it goes on" {
    start_target
    describe "\"repeat\": \"key\", $crud"
    ready shop:items
    for ((n = 1; n < 200; n++)); do
        renew
        HUB_FAULT_FILES='*hub.db*' faulty full:$n hub-load --no-marks shop:items now
        [ "$status" -ne 0 ] || break
        same 2 "$status"
        grep -q '^hub-load: .*hub.db[a-z_-]*: \(.*full\|.*space\|unable to open database file\)' errors || { cat errors && return 1; }
        again hub-load --no-marks shop:items now
        told_once
    done
    [ "$n" -gt 2 ]
    for id in 1 2; do line "$id" "$id"; done >now
    line 1 1 >old
    for target in out.ndjson outbox; do
        mkdir -p outbox
        cp old out.ndjson
        HUB_FAULT_FILES='*out*' faulty full:1 hub-load --no-marks $target now
        same 2 "$status"
        grep -q "^hub-load: $target.*No space left" errors
        cmp old out.ndjson
        same '' "$(ls -A outbox)"
        same '' "$(find . -name '*.part')"
        again hub-load --no-marks $target now
    done
}

@test "a full disk for temporary files ends the run, and shows nothing of it" {
    unset HUB_DB
    mkdir tmp
    jq -nc 'range(150000) | {data: {ref: "\(.)"}, entity: "refund", id: "\(.)", source: "pos", stream: "shop:items"}' >many
    line 1 1 >out.ndjson
    cp out.ndjson old
    TMPDIR=$PWD/tmp HUB_FAULT_FILES="$PWD/tmp/*" faulty full:1 hub-load --no-marks out.ndjson many
    same 2 "$status"
    grep -q '^hub-load: .*No space left' errors
    same '' "$(ls -A tmp)"
    cmp old out.ndjson
    same 0 "$(wc -l <said)"
}

# What a hub says of all that it holds, and how far it has come with pruning: what is left to remove.
prune_answers() {
    hub-extract hub:refund --for books
    hub-extract hub:refund
    hub-log refund 1 | sed 's/, known.*//'
}

kept_all() {
    same "$wanted" "$(prune_answers)" && same "ok $left" "$(query 'PRAGMA integrity_check') $(query "SELECT group_concat(number, ' ') FROM (SELECT number FROM revision ORDER BY number)" | md5sum)"
}

@test "hub-log --prune is killed before each of its calls, or finds the disk full: what the hub answers stays, and run again it removes the rest" {
    local wanted left
    jq -nc 'range(400) | {data: {total: "1"}, entity: "refund", id: "\(.)", source: "pos", v: 1}' >many
    for total in 1 2 3 4; do
        sed "s/\"1\"/\"$total\"/" many | hub-load --no-marks hub: >/dev/null
        [ $total != 2 ] || hub-extract hub:refund --for books | hub-load hub: >/dev/null
    done
    query "UPDATE revision SET at = at - 864000; PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
    cp hub.db ready.db
    wanted=$(prune_answers)
    hub-log --prune 2d >said
    same 'removed: 800 states' "$(grep -o '^removed: [0-9]* states' said)"
    left=$(query "SELECT group_concat(number, ' ') FROM (SELECT number FROM revision ORDER BY number)" | md5sum)
    walk kill fresh kept_all hub-log --prune 2d
    for ((n = 1; n < 200; n++)); do
        fresh
        HUB_FAULT_FILES='*hub.db*' faulty full:$n hub-log --prune 2d
        [ "$status" -ne 0 ] || break
        same 2 "$status"
        grep -q '^hub-log: .*hub.db[a-z_-]*: \(.*full\|.*space\|unable to open database file\)' errors || { cat errors && return 1; }
        again hub-log --prune 2d
        kept_all
    done
    [ "$n" -gt 2 ]
}
