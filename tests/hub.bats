#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# hub.db: records with their revisions, what targets have settled, bookmarks.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines HUB_DB=$PWD/hub.db
}

teardown() {
    touch stop
    [ -z "${writer-}" ] || wait "$writer" || true
}

# refund ID TOTAL
refund() { echo "{\"data\":{\"currency\":\"EUR\",\"total\":\"$2\"},\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"shop\",\"v\":1}"; }

# marked LINE...: with an end mark behind; CHECKPOINT and AFTER stand in it
marked() {
    local line n=0
    for line; do
        echo "$line"
        n=$((n + 1))
    done
    echo "{${AFTER:+\"after\":$AFTER,}${CHECKPOINT:+\"checkpoint\":$CHECKPOINT,}\"end\":true,\"n\":$n,\"source\":\"shop\",\"stream\":\"shop:refunds\"}"
}

query() { sqlite3 hub.db "$1"; }

@test "records go in, come out byte for byte, and go in again without a change" {
    marked "$(refund 1 5.00)" "$(refund 2 7.00)" >in
    run --separate-stderr hub-load hub: in
    has 0
    same 'applied 1 hub:
applied 2 hub:' "$(jq -r 'select(.status) | .status + " " + .id + " " + .target' <<<"$output")"
    hub-extract hub:refund >out
    same "$(head -n 2 in)" "$(head -n 2 out)"
    same '{"end":true,"n":2,"source":"hub","stream":"hub:refund"}' "$(tail -n 1 out)"
    run --separate-stderr hub-load hub: out
    has 0
    same 'unchanged
unchanged' "$(jq -r 'select(.status) | .status' <<<"$output")"
    same 2 "$(query 'SELECT count(*) FROM revision')"
}

@test "each change is a revision with the next number; a deletion is one; the newest counts" {
    hub-load hub: <(marked "$(refund 1 5.00)" "$(refund 2 7.00)") >/dev/null
    hub-load hub: <(marked "$(refund 1 6.00)") >/dev/null
    hub-load hub: <(marked '{"deleted":true,"entity":"refund","id":"2","source":"shop","v":1}' "$(refund 1 5.00)") >/dev/null
    same '1|5.00
2|7.00
3|6.00
4|
5|5.00' "$(query "SELECT number, data ->> 'total' FROM revision ORDER BY number")"
    same "$(refund 1 5.00)" "$(hub-extract hub:refund | head -n 1)"
    same 1 "$(hub-extract hub:refund | jq -s 'map(select(.id)) | length')"
}

@test "changes from hub-diff go in as what they lead to" {
    refund 1 5.00 >old
    { refund 1 6.00; refund 2 1.00; } >new
    HUB_DB='' hub-diff old new >changes || [ $? -eq 1 ]
    run --separate-stderr hub-load --no-marks hub: changes
    has 0
    same '6.00 1.00' "$(hub-extract hub:refund | jq -r 'select(.data) | .data.total' | paste -sd ' ')"
}

@test "two sources with the same id are two records" {
    hub-load hub: <(marked "$(refund 1 5.00)" "$(refund 1 9.00 | sed 's/"shop"/"till"/')") >/dev/null
    same '5.00 9.00' "$(hub-extract hub:refund | jq -r 'select(.data) | .data.total' | paste -sd ' ')"
}

@test "a target gets what it has not settled: the state it has, and the one that is" {
    hub-load hub: <(marked "$(refund 1 5.00)" "$(refund 2 7.00)" "$(refund 3 1.00)") >/dev/null
    hub-extract hub:refund --for books | hub-load hub: >/dev/null
    same '{"end":true,"n":0,"source":"hub","stream":"hub:refund"}' "$(hub-extract hub:refund --for books | jq -c 'del(.after, .checkpoint)')"
    hub-load hub: <(marked "$(refund 2 8.00)" '{"deleted":true,"entity":"refund","id":"3","source":"shop","v":1}' "$(refund 4 2.00)") >/dev/null
    same 'update 2 7.00 8.00 /total
delete 3 1.00 - -
create 4 - 2.00 -' "$(hub-extract hub:refund --for books | jq -r 'select(.op) | [.op, .id, .before.total // "-", .after.total // "-", .changed[0] // "-"] | join(" ")')"
    same 3 "$(hub-extract hub:refund --for others | jq -s 'map(select(.op)) | length')"
}

@test "what went there and back again is no change for who did not see it" {
    hub-load hub: <(marked "$(refund 1 5.00)") >/dev/null
    hub-extract hub:refund --for books | hub-load hub: >/dev/null
    hub-load hub: <(marked "$(refund 1 6.00)") >/dev/null
    hub-load hub: <(marked "$(refund 1 5.00)") >/dev/null
    same 0 "$(hub-extract hub:refund --for books | jq -s 'map(select(.op)) | length')"
    hub-extract hub:refund --for books | hub-load hub: >/dev/null
    same 3 "$(query 'SELECT revision FROM settled')"
}

@test "a rule: its records and its place in the queue are settled together; what it made follows an edit" {
    for total in 5.00 6.00; do
        hub-load hub: <(marked "$(refund 1 $total | sed 's/"total"/"business_date":"2026-05-01","lines":[{"amount":"'$total'"}],"total"/')") >/dev/null
        hub-extract hub:refund --for rules | hub-canon -m rules/order-to-journal.map | hub-load hub: >/dev/null
        same 0 "$(hub-extract hub:refund --for rules | jq -s 'map(select(.op)) | length')"
        same "refund:1 -$total [{\"entity\":\"refund\",\"id\":\"1\",\"source\":\"shop\"}]" "$(hub-extract hub:journal_entry | jq -rc 'select(.data) | .id + " " + .data.lines[0].amount + " " + (.of | tojson)')"
    done
}

@test "bookmarks move with the records, from where the run began to read, or not at all" {
    CHECKPOINT='{"at":1}' marked "$(refund 1 5.00)" | hub-load hub: >/dev/null
    same '{"at":1}' "$(query 'SELECT checkpoint FROM bookmark')"
    AFTER='{"at":1}' CHECKPOINT='{"at":2}' marked "$(refund 2 5.00)" | hub-load hub: >/dev/null
    same '{"at":2}' "$(query 'SELECT checkpoint FROM bookmark')"
    AFTER='{"at":1}' CHECKPOINT='{"at":3}' marked "$(refund 3 5.00)" >in
    run --separate-stderr hub-load hub: in
    has 2
    [[ $stderr == *'another run has moved the bookmark of shop:refunds'* ]]
    same '{"at":2} 2' "$(query 'SELECT checkpoint FROM bookmark') $(query 'SELECT count(*) FROM record')"
}

@test "an input that is cut off leaves nothing of what no mark covers" {
    { refund 1 5.00; refund 2 5.00; } >in
    run --separate-stderr hub-load hub: in
    has 2
    same 0 "$(query 'SELECT count(*) FROM record')"
    { CHECKPOINT='{"at":1}' marked "$(refund 1 5.00)" | sed 's/"end":true,//'; refund 2 5.00; } >in
    run --separate-stderr hub-load hub: in
    has 2
    same '1 {"at":1}' "$(query 'SELECT count(*) FROM record') $(query 'SELECT checkpoint FROM bookmark')"
}

@test "killed at any time, what was receipted is there, and running again makes it whole" {
    jq -nc 'range(30000) | {data: {currency: "EUR", total: "\(.).00"}, entity: "refund", id: "\(.)", source: "shop", v: 1}' >many
    for wait in 0.05 0.1 0.2 0.3; do
        hub-load --no-marks hub: many >receipts &
        pid=$!
        sleep $wait
        kill -9 $pid 2>/dev/null || true
        wait $pid 2>/dev/null || true
        receipted=$(jq -Rc 'fromjson? | select(.status) | .id' receipts | wc -l)
        [ ! -e hub.db ] || [ "$(query 'SELECT count(*) FROM record' 2>/dev/null || echo 0)" -ge "$receipted" ]
    done
    hub-load --no-marks hub: many >/dev/null
    same '30000 30000 ok' "$(query 'SELECT count(*) FROM record') $(query 'SELECT count(DISTINCT record) FROM revision') $(query 'PRAGMA integrity_check')"
}

@test "eight writers at once lose nothing, and none finds it locked" {
    for i in 1 2 3 4 5 6 7 8; do
        jq -nc --arg i $i 'range(500) | {data: {currency: "EUR", total: "1.00"}, entity: "refund", id: "\(.)", source: "s\($i)", v: 1}' >in$i
    done
    pids=()
    for i in 1 2 3 4 5 6 7 8; do
        (for _ in 1 2 3; do hub-load --no-marks hub: in$i || exit; done >/dev/null) 2>err$i &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    same '' "$(cat err?)"
    same '4000 4000' "$(query 'SELECT count(*) FROM record') $(query 'SELECT count(*) FROM revision')"
}

@test "who reads sees one state, whatever is written meanwhile" {
    jq -nc 'range(20000) | {data: {currency: "EUR", total: "1.00"}, entity: "refund", id: "\(.)", source: "s", v: 1}' >many
    hub-load --no-marks hub: many >/dev/null
    hub-extract hub:refund | { read -r line; echo "$line"; sed 's/1\.00/2.00/' many | hub-load --no-marks hub: >/dev/null; cat; } >out
    same '20000 1.00' "$(jq -r 'select(.data) | .data.total' out | sort | uniq -c | sed 's/^ *//')"
}

@test "a plan touches nothing" {
    run --separate-stderr hub-load -n --no-marks hub: <(refund 1 5.00)
    has 2
    [ ! -e hub.db ]
    hub-load hub: <(marked "$(refund 1 5.00)") >/dev/null
    run --separate-stderr hub-load -n hub: <(marked "$(refund 1 6.00)" "$(refund 2 1.00)" "$(refund 3 1.00)")
    has 0
    same "hub-load: $HUB_DB would get 3 revisions, and hold 0 records unchanged" "$stderr"
    same 1 "$(query 'SELECT count(*) FROM revision')"
}

@test "the file is private; -d names another; without a name it is said what to do" {
    hub-load hub: <(marked "$(refund 1 5.00)") >/dev/null
    same 600 "$(stat -c %a hub.db)"
    unset HUB_DB
    run --separate-stderr hub-load hub: <(marked "$(refund 1 5.00)")
    has 2
    [[ $stderr == *'name it by -d or HUB_DB'* ]]
    run --separate-stderr hub-load -d other.db hub: <(marked "$(refund 1 5.00)")
    has 0
    same 1 "$(hub-extract -d other.db hub:refund | jq -s 'map(select(.data)) | length')"
}

@test "of a damaged file it is said what there is to do" {
    jq -nc 'range(300) | {data: {total: "\(.)"}, entity: "refund", id: "\(.)", source: "shop", v: 1}' | hub-load --no-marks hub: >/dev/null
    query 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
    dd if=/dev/zero of=hub.db bs=4096 seek=4 count=20 conv=notrunc status=none
    for tool in 'hub-log' 'hub-log refund 7' 'hub-extract --no-marks hub:refund'; do
        run --separate-stderr bash -c "$tool"
        has 2
        [[ $stderr == *'hub.db: database disk image is malformed: go back to a copy, as BACKUP in hub-db(5) says' ]]
    done
}

@test "what is no hub, or one of a newer version, is refused by name" {
    sqlite3 foreign.db 'CREATE TABLE t (a)'
    HUB_DB=foreign.db run --separate-stderr hub-load hub: <(marked "$(refund 1 5.00)")
    has 2
    same 'hub-load: foreign.db: a database, but not of a hub' "$stderr"
    echo 'this is no database, but a text that is long enough to be looked at' >text.db
    HUB_DB=text.db run --separate-stderr hub-extract hub:refund
    has 2
    [[ $stderr == *text.db*'not a database'* ]]
    hub-load hub: <(marked "$(refund 1 5.00)") >/dev/null
    query 'PRAGMA user_version = 99'
    run --separate-stderr hub-load hub: <(marked "$(refund 1 5.00)")
    has 2
    [[ $stderr == *'a hub of form 99, made by a newer version'* ]]
    HUB_DB=nowhere/hub.db run --separate-stderr hub-load hub: <(marked "$(refund 1 5.00)")
    has 2
    HUB_DB=nowhere.db run --separate-stderr hub-extract hub:refund
    has 2
    [ ! -e nowhere.db ]
}

@test "native records and receipts have no place in the hub" {
    echo '{"data":{"a":1},"source":"s","stream":"s:t"}' >in
    run --separate-stderr hub-load --no-marks -r rejects hub: in
    has 1
    same record "$(jq -r .error.code rejects)"
}

# write_on: refunds without end, each transaction settled for books, until somebody says stop. What it was told is on disk stands in receipts.
write_on() {
    local n=0
    until [ -e stop ]; do
        n=$((n + 1))
        marked "$(refund "$n" 5.00)" "$(refund 0 $n.00)" | hub-load hub: >>receipts || return
        hub-extract hub:refund --for books | hub-load hub: >/dev/null || return
    done
}

# documented WORD: the commands for a copy, and for going back to one, as the manual has them
documented() { sed -n '/^.Sh BACKUP/,/^.Sh EXAMPLES/p' "$ROOT/man/hub-db.5" | grep "$1.*copy.db" | grep -v '^\.'; }

@test "copies that are made while a loader writes all the time are whole, and work goes on from one" {
    touch receipts
    write_on 2>errors &
    writer=$!
    until [ -s receipts ]; do sleep 0.02; done
    for i in 1 2 3 4 5; do
        known=$(jq -rs 'map(select(.status and .id != "0") | .id | tonumber) | max' receipts)
        rm -f copy.db
        bash -c "$(documented VACUUM)"
        same 'ok 600' "$(sqlite3 copy.db 'PRAGMA integrity_check') $(stat -c %a copy.db)"
        same 0 "$(sqlite3 copy.db 'SELECT count(*) FROM record LEFT JOIN revision ON number = revision WHERE number IS NULL OR number > (SELECT max(revision) FROM settled) + 2')"
        [ "$(hub-extract -d copy.db hub:refund | grep -c '"entity"')" -gt "$known" ]
        sleep 0.2
    done
    touch stop
    wait $writer
    writer=
    same '' "$(cat errors)"
    # A wal that is left of the file that was.
    printf 'x%.0s' {1..5000} >hub.db-wal
    bash -c "$(documented flock)"
    same ok "$(query 'PRAGMA integrity_check')"
    hub-extract hub:refund >held
    hub-extract -d copy.db hub:refund | cmp held -
    # What was written since comes again, and books gets what it lacks from there on.
    last=$(jq -rs 'map(select(.status and .id != "0") | .id | tonumber) | max' receipts)
    for ((n = 1; n <= last; n++)); do refund $n 5.00; done >all
    hub-load --no-marks hub: all | jq -r .status | sort | uniq -c >statuses
    same "$last" "$(hub-extract hub:refund | grep -c '"id":"[1-9]')"
    hub-extract hub:refund --for books | hub-load hub: >/dev/null
    same 0 "$(hub-extract hub:refund --for books | grep -c '"op"')"
}

@test "what a target has settled moves neither back nor beyond what the hub holds" {
    hub-load hub: <(marked "$(refund 1 5.00)" "$(refund 2 7.00)") >/dev/null
    hub-extract hub:refund --for books >first
    hub-load hub: first >/dev/null
    mark() { echo "{\"after\":{\"entity\":\"refund\",\"for\":\"books\",\"revision\":2},\"checkpoint\":{\"entity\":\"refund\",\"for\":\"books\",\"revision\":$1},\"end\":true,\"n\":0,\"source\":\"hub\",\"stream\":\"hub:refund\"}"; }
    for wrong in 1 3 99999999999999999999 2.5 -1; do
        run --separate-stderr hub-load hub: <(mark "$wrong")
        has 2
        same 2 "$(query 'SELECT revision FROM settled')"
    done
    run --separate-stderr hub-load hub: <(mark 3)
    [[ $stderr == *"revision 3 cannot be settled: 2 is, and the hub holds up to 2"* ]]
}
