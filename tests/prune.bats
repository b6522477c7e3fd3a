#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # make expands; each test has its own environment; bats sets output and the like
# hub-log --prune: what is over goes; what the hub answers stays.

load common
load servers

setup() {
    common_setup
    anything refund note
    mkdir -p hub/systems/shop hub/rules
    cat >hub/systems/shop/refunds.map <<'END'
map refund -> shop:items { id -> .ref; total -> .total | decimal; bad -> .bad }
END
    echo 'map note <- hub:refund { id <- "note:{.id}"; text <- "refund of {.total}" }' >hub/rules/note.map
    cat >hub/systems/shop/system.json <<'END'
{ "system": "shop", "vars": { "url": "${SHOP_URL}" }, "base": "{@url}", "limits": { "retries": 0 },
  "targets": { "items": { "repeat": "key", "create": { "post": "/items", "json": "{.}", "target_id": "{.item.id}", "headers": { "Idempotency-Key": "{key}" } },
                          "update": { "put": "/items/{target_id}", "json": "{.}" }, "delete": { "delete": "/items/{target_id}" } } } }
END
    cat >sync.mk <<END
include $ROOT/pipelines/flows/hub.mk
all: items
.PHONY: items
items:
	hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items \$(REJECTS) | hub-load --delete 100% shop:items \$(RECEIPTS)
END
    export HUB_DB=$PWD/hub.db
}

teardown() {
    touch stop
    [ -z "${loader-}" ] || wait "$loader" || true
    stop_servers
}

# serve FOLDER: a shop that counts, whose effects stand there
serve() {
    mkdir -p "$1"
    "$ROOT/tests/servers/target.py" "$1/port" "$1/effects" 3>&- &
    servers+=($!)
    until [ -e "$1/port" ]; do sleep 0.02; done
    SHOP_URL=http://127.0.0.1:$(<"$1/port")
    export SHOP_URL
}

query() { sqlite3 "$HUB_DB" "$1"; }

# put ID DATA...: records that the hub holds from now on
put() {
    while [ $# -gt 0 ]; do
        if [ "$2" = deleted ]; then
            echo "{\"deleted\":true,\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"pos\",\"v\":1}"
        else
            echo "{\"data\":$2,\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"pos\",\"v\":1}"
        fi
        shift 2
    done | hub-load --no-marks hub: >/dev/null
}

sync() { hub-run sync.mk OUT="$PWD/out" >/dev/null 2>&1 || [ $? -eq 1 ]; }
note() { hub-extract hub:refund --for notes | hub-canon -m rules/note.map | hub-load hub: >/dev/null; }

# hours N: so many go by
hours() {
    local s=$(($1 * 3600))
    query "UPDATE revision SET at = at - $s; UPDATE run SET at = at - $s, ended = ended - $s; UPDATE warning SET at = at - $s;
           UPDATE reject SET at = at - $s, closed = closed - $s"
}

prune() { hub-log --prune "$@" | sed 's/Z; .*//; s/20[0-9T:-]*/T/'; }

# What the hub says of all that it knows.
answers() {
    local id target
    for target in '' notes shop:items new; do
        echo "for $target"
        hub-extract hub:refund ${target:+--for "$target"}
    done
    hub-extract hub:note
    for id in 1 2 3 4 5 6; do
        hub-log refund $id || [ $? -eq 1 ]
    done
    for target in notes shop:items; do
        hub-log --missing $target || [ $? -eq 1 ]
    done
    hub-log --ids shop:items refund
    hub-log --failed || [ $? -eq 1 ]
    hub-log | sed 's/, [0-9]* s:/:/'
}

# The same, of hubs that were made at different times.
untimed() { answers | sed 's/20[0-9T:-]*Z/T/g'; }

# kept_proofs RUNS: what is proved of these runs
kept_proofs() { hub-log --conservation --json | jq -c --argjson runs "$1" 'select(.run | IN($runs[]))'; }

# live SEED STEPS [COMMAND...]: records come and change, there and back, are refused, set aside and deleted; targets follow, or stay behind; a
# day goes by, and then COMMAND is run
live() {
    local steps=$2 total id
    RANDOM=$1
    shift 2
    for ((; steps > 0; steps--)); do
        id=$((RANDOM % (steps > 8 ? 6 : 4) + 1))
        case $((RANDOM % 8)) in
        0) put $id deleted ;;
        1) put $id '{"number":"N'$id'","total":"none"}' ;;
        2) put $id '{"bad":true,"number":"N'$id'","total":"'$((RANDOM % 3))'"}' ;;
        *) put $id '{"number":"N'$id'","total":"'$((RANDOM % 3))'"}' ;;
        esac
        case $((RANDOM % 4)) in
        0) note ;;
        1 | 2) sync ;;
        esac
        hours 24
        "$@"
    done
    hours 12
}

@test "what the hub answers is the same before and after, and it goes on as one that was never pruned" {
    local n=0 runs kept
    mkdir a b
    for seed in 1 2; do
        rm -rf hub.db*
        serve a$seed
        live $seed 30 true
        sqlite3 hub.db "VACUUM INTO 'twin.db'"
        answers >before
        hub-log --prune 8d -n --json | jq -c 'del(.free, .removed, .before)' >said
        same "$(answers)" "$(cat before)"
        hub-log --prune 8d --json | jq -c 'del(.free, .removed, .before)' >removed
        same "$(cat said)" "$(cat removed)"
        n=$((n + $(jq 'if .states > 2 and .refusals > 0 and .runs > 2 and .stages > 6 then 1 else 0 end' removed)))
        diff before <(answers)
        runs=$(sqlite3 hub.db "SELECT '[' || group_concat(id) || ']' FROM run")
        kept=$(kept_proofs "$runs")
        same "$(HUB_DB=twin.db kept_proofs "$runs")" "$kept"
        same 'removed: 0 states, 0 refusals, 0 runs with 0 stages and 0 warnings, over since T' "$(prune 8d)"
        # Nobody can tell the two apart by what follows.
        mv hub.db pruned.db
        mv a$seed/effects a$seed/first
        for HUB_DB in "$PWD/pruned.db" "$PWD/twin.db"; do
            note
            answers >"$(basename "$HUB_DB").answers"
        done
        export HUB_DB=$PWD/hub.db
        diff pruned.db.answers twin.db.answers
        rm -rf ./*.db*
    done
    same 2 "$n"
}

@test "pruned each day, a hub delivers what one does that never is" {
    serve never
    live 7 30 true
    untimed >never.answers
    rm -rf hub.db*
    serve daily
    live 7 30 hub-log --prune 2d >daily.said
    [ "$(awk '{ n += $2 } END { print n }' daily.said)" -gt 5 ]
    diff never.answers <(untimed)
    diff never/effects daily/effects
}

@test "a state that a run may be about to settle stays, and so does what a target has settled, has on its way, or has set aside" {
    serve shop
    put 1 '{"total":"1"}'
    hub-extract hub:refund --for notes | hub-canon -m rules/note.map >reading
    put 1 '{"total":"2"}'
    query "UPDATE revision SET at = at - 9 * 86400 WHERE number = 1"
    # It was replaced just now: what was read of it can still be settled, and is then what notes was told.
    same 'removed: 0 states, 0 refusals, 0 runs with 0 stages and 0 warnings, over since T' "$(prune 8d)"
    hub-load hub: reading >/dev/null
    hours 240
    same 'removed: 0' "$(prune 8d | grep -o '^removed: [0-9]*')"
    same '1 2' "$(hub-extract hub:refund --for notes | jq -r 'select(.op) | .before.total + " " + .after.total')"
    # What is set aside (5, whose record has 6 to 8 behind it), and what is on its way (6).
    put 2 '{"bad":true,"total":"1"}'
    sync
    put 2 '{"total":"2"}'
    query "INSERT INTO pending (target, record, part, op, version, n, batch, step, line, at)
           SELECT target.id, record, 0, 'update', version, 1, 0, 0, '{}', 0 FROM target JOIN revision WHERE name = 'shop:items' AND number = 5"
    put 2 '{"total":"3"}'
    put 2 '{"total":"4"}'
    query "UPDATE settled SET revision = 7"
    hours 240
    prune 8d >said
    # 4 is set aside, 5 is on its way; the others are the newest of their records.
    same '2 3 4 5 7' "$(query "SELECT group_concat(number, ' ') FROM (SELECT number FROM revision ORDER BY number)")"
}

@test "what a target had before a map refused the next state stays, and its next change starts from there" {
    echo 'map note <- hub:refund { id <- "note:{.id}"; total <- .total | decimal }' >hub/rules/note.map
    printf 'include %s/pipelines/flows/hub.mk\nall: it\n.PHONY: it\nit:\n\thub-extract hub:refund --for notes | hub-canon -m rules/note.map $(REJECTS) | hub-load hub: $(RECEIPTS)\n' "$ROOT" >notes.mk
    for total in 1 none nil 2; do
        put 1 "{\"total\":\"$total\"}"
        [ $total = 2 ] || hub-run notes.mk OUT="$PWD/out" 2>/dev/null || [ $? -eq 1 ]
        hours 240
    done
    same '1 2' "$(hub-extract hub:refund --for notes | jq -r 'select(.op) | .before.total + " " + .after.total')"
    told() { { hub-log refund 1; hub-log --missing notes; hub-log; } || true; }
    told >before
    prune 8d >said
    diff before <(told)
    same '1 nil 2' "$(query "SELECT group_concat(total, ' ') FROM (SELECT data ->> 'total' AS total FROM revision WHERE record = 1 ORDER BY number)")"
    same '1 2' "$(hub-extract hub:refund --for notes | jq -r 'select(.op) | .before.total + " " + .after.total')"
}

@test "a refusal that is open stays, and its run; the last run of each flow stays; a closed one goes when it was closed for so long" {
    serve shop
    put 1 '{"total":"none"}' 2 '{"total":"none"}'
    sync
    put 3 '{"total":"3"}'
    sync
    put 2 '{"total":"2"}'
    sync
    hours 48
    same 'removed: 1 states, 1 refusals, 1 runs with 3 stages and 0 warnings, over since T' "$(prune 1d)"
    same '1|1
3|0' "$(query 'SELECT id, (SELECT count(*) FROM reject WHERE run = run.id) FROM run')"
    same 1 "$(hub-log --failed --json | jq .count)"
    # It came whole, and is closed from now on; its first state is what the shop has settled.
    put 1 '{"total":"1"}'
    same 'removed: 0 states, 0 refusals, 0 runs with 0 stages and 0 warnings, over since T' "$(prune 1d)"
    hours 48
    same 1 "$(query 'SELECT reject FROM withheld')"
    same 'removed: 0 states, 1 refusals, 1 runs with 3 stages and 0 warnings, over since T' "$(prune 1d)"
    same 0 "$(query 'SELECT reject FROM withheld')"
    same 3 "$(query 'SELECT id FROM run')"
}

@test "while it prunes, others write and read in between, and lose nothing" {
    jq -nc 'range(6000) | {data: {total: "1"}, entity: "refund", id: "\(.)", source: "pos", v: 1}' >many
    for total in 1 2 3 4; do
        sed "s/\"1\"/\"$total\"/" many | hub-load --no-marks hub: >/dev/null
    done
    hours 240
    # Each load is a transaction of its own; what is pruned is many.
    while [ ! -e stop ]; do
        n=$((n + 1))
        jq -nc --arg n $n 'range(20) | {data: {total: $n}, entity: "refund", id: "w\(.)", source: "pos", v: 1}' |
            hub-load --no-marks hub: >>receipts || break
        echo $n >loads
    done 2>loader.err &
    loader=$!
    until [ -s loads ]; do sleep 0.02; done
    before=$(<loads)
    hub-log --prune 8d 2>pruner.err >said || true
    after=$(<loads)
    hub-extract hub:refund >held
    touch stop
    wait $loader
    same '' "$(cat loader.err pruner.err)"
    same 18000 "$(grep -o '[0-9]* states' said | tr -dc 0-9)"
    [ "$after" -gt $((before + 1)) ] # they took turns
    same 6020 "$(grep -c '"entity"' held)"
    same "$((20 * $(<loads))) applied" "$(jq -r .status receipts | sort | uniq -c | sed 's/^ *//')"
    same "ok 6020 $(<loads)" "$(query 'PRAGMA integrity_check') $(query 'SELECT count(*) FROM record') $(query "SELECT DISTINCT data ->> 'total' FROM revision JOIN record ON number = record.revision WHERE name LIKE 'w%'")"
}

@test "what is free is used for what comes next, and VACUUM gives it back, while writers wait in their queue" {
    jq -nc 'range(4000) | {data: {total: "1"}, entity: "refund", id: "\(.)", source: "pos", v: 1}' >many
    for total in 1 2 3 4; do
        sed "s/\"1\"/\"$total\"/" many | hub-load --no-marks hub: >/dev/null
    done
    hours 240
    same 12000 "$(hub-log --prune 8d --json | jq 'if .free > 500000 and .removed then .states else . end')"
    size=$(stat -c %s hub.db)
    sed 's/"1"/"5"/' many | hub-load --no-marks hub: >/dev/null
    same "$size" "$(stat -c %s hub.db)"
    hub-extract hub:refund >before
    flock hub.db-lock sqlite3 -cmd '.timeout 10000' hub.db VACUUM
    [ "$(stat -c %s hub.db)" -lt $((size - 200000)) ]
    hub-extract hub:refund | cmp before -
}

@test "wrong usage; -n touches nothing; no hub is made" {
    put 1 '{"total":"1"}'
    for wrong in '--prune 23h' '--prune 90' '--prune x' '--prune 2d --failed' '--prune 2d refund 1' -n '-n refund 1'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr hub-log $wrong
        has 2
    done
    put 1 '{"total":"2"}'
    hours 72
    before=$(sha256sum hub.db)
    same 'would be removed: 1 states, 0 refusals, 0 runs with 0 stages and 0 warnings, over since T' "$(prune 1d -n)"
    same "$before" "$(sha256sum hub.db)"
    run --separate-stderr hub-log -d none.db --prune 2d
    has 2
    same 'hub-log: none.db: No such file or directory' "$stderr"
    [ ! -e none.db ] && [ ! -e none.db-lock ]
}

@test "a hub of the form before has its table made by the first that writes" {
    put 1 '{"total":"1"}'
    query "ALTER TABLE parked DROP COLUMN step; ALTER TABLE parked DROP COLUMN kept; DROP TABLE pruned; PRAGMA user_version = 4"
    run --separate-stderr hub-log refund 1
    has 2
    [[ $stderr == *'a tool that writes brings it to form '* ]]
    put 1 '{"total":"2"}'
    hours 48
    same 'removed: 1 states' "$(prune 1d | grep -o '^removed: 1 states')"
    [[ $(hub-log refund 1) == *', 2 states, the last of '* ]]
}
