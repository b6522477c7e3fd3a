#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154,SC2028,SC2030,SC2031 # programs stand in single quotes; bats sets output and the like
# Tables of databases as targets: SQLite, and a PostgreSQL of the tests' own; the same is expected of both.

load common
load servers/postgres

setup_file() {
    postgres_start
    export PG_URL pg_bin pg_folder pg_process
}

teardown_file() {
    postgres_remove
}

setup() {
    common_setup
    sql 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null
}

# item ID NAME PRICE [MORE]: a native record for a table.
item() {
    echo '{"data":{"sku":"'"$1"'","name":'"$2"',"price":"'"$3"'"'"${4-}"'},"entity":"item","id":"'"$1"'","source":"shop","stream":"stock:items"}'
}

movement() { # ID DELTA
    echo '{"data":{"sku":"M-1","delta":"'"$2"'"},"entity":"inventory_adjustment","id":"'"$1"'","source":"shop","stream":"stock:moves"}'
}

ask() {
    case $target in
    sqlite:*) sqlite3 "${target#sqlite:}" "$1" ;;
    *) sql "$1" ;;
    esac
}

load_into() {
    run --separate-stderr hub-load "$target" "$@"
}

states() {
    jq -r '.id + " " + .status' <<<"$output" | paste -sd, -
}

# Runs a function of the test once for each kind of database.
both() {
    for target in sqlite:shop.db "$PG_URL"; do
        "$1" || { echo "of $target" && return 1; }
    done
}

upserts() {
    { item M-1 '"Mug \"blue\" \\ \t\n"' 9.90 && item M-2 null 1.00; } >items
    load_into --table item items
    has 2 || return
    [[ $stderr == *'there is no table "item": --create makes it'* ]] || return
    load_into --table item --create --key sku items
    has 0 || return
    same 'M-1 applied,M-2 applied' "$(states)" || return
    same '{"target":"'"$target"'","op":"upsert"}' "$(head -n 1 <<<"$output" | jq -c '{target, op}')" || return
    { item M-1 '"Mug"' 9.90 && item M-2 null 1.00 && item M-3 '"Tee"' 19.00 && item M-3 '"Tea"' 19.50; } >items
    load_into --table item items
    same 'M-1 applied,M-2 unchanged,M-3 applied,M-3 applied' "$(states)" || return
    same 'M-1|Mug|9.90
M-2||1.00
M-3|Tea|19.50' "$(ask 'SELECT sku, name, price FROM item ORDER BY sku')" || return
    same 'M-1 2,M-2 1,M-3 2' "$(ask "SELECT id || ' ' || n FROM hub_delivered ORDER BY id" | paste -sd, -)"
}

@test "a row for each record, by its key, each version once" {
    both upserts
}

absent() {
    ask "CREATE TABLE item (sku VARCHAR(20) PRIMARY KEY, name VARCHAR(20) DEFAULT 'new', price VARCHAR(20))"
    echo '{"data":{"sku":"M-1","price":"1"},"entity":"item","id":"M-1","source":"shop","stream":"s:i"}' >one
    load_into --table item one
    has 0 || return
    same 'M-1|new|1' "$(ask 'SELECT * FROM item')" || return
    { item M-1 '"Mug"' 2 && echo '{"data":{"sku":"M-1","price":null},"entity":"item","id":"M-1","source":"shop","stream":"s:i"}'; } >two
    load_into --table item two
    same 'M-1 applied,M-1 applied' "$(states)" || return
    same 'M-1|Mug|' "$(ask 'SELECT * FROM item')"
}

@test "what is absent overwrites nothing, null does" {
    both absent
}

refuses() {
    ask "CREATE TABLE item (sku VARCHAR(20) PRIMARY KEY, name VARCHAR(20), price NUMERIC CHECK (price > 0), more VARCHAR(9))"
    {
        item M-1 '"a"' 1
        item M-2 '"b"' -1
        item M-3 '"c"' 3
        item M-4 '"d"' 4 ',"colour":"red"'
        echo '{"data":{"name":"x"},"entity":"item","id":"M-5","source":"shop","stream":"s:i"}'
        echo '{"data":{"sku":"M-6"},"source":"shop","stream":"s:i"}'
        item M-7 '"e"' 7
    } >items
    rm -f rejects
    load_into -r rejects --table item items
    has 1 || return
    same 'M-1 M-3 M-7' "$(ask 'SELECT sku FROM item ORDER BY sku' | paste -sd' ' -)" || return
    same 'M-1 M-3 M-7' "$(ask 'SELECT id FROM hub_delivered ORDER BY id' | paste -sd' ' -)" || return
    same 'M-1 applied,M-3 applied,M-7 applied' "$(states)" || return
    same 'M-2 constraint,M-4 constraint,M-5 constraint,null record' \
        "$(jq -r '(.record.id // "null") + " " + .error.code' rejects | sort | sed 's/^null/null/' | paste -sd, -)" || return
    # Without -r, the message names the record, whose line is behind it then.
    head -n 2 items >two
    load_into --table item two
    [[ $stderr == 'hub-load: item M-2: '* ]] || return
    # Mended, they go in, and the others not again.
    sed -i 's/"price":"-1"/"price":"2"/' items
    load_into -r more --table item items
    same 'M-1 unchanged,M-2 applied,M-3 unchanged,M-7 unchanged' "$(states)"
}

@test "a row that the database refuses is refused alone" {
    both refuses
}

types() {
    ask "CREATE TABLE kind (id VARCHAR(9) PRIMARY KEY, n NUMERIC(10,2), i BIGINT, b BOOLEAN, x $1, j $2, t VARCHAR(99))"
    echo '{"data":{"id":"1","n":"19.90","i":9007199254740991,"b":true,"x":"AP8=","j":{"a":[1.50]},"t":"é\\"},"entity":"kind","id":"1","source":"s","stream":"s:k"}' >kinds
    load_into --table kind kinds
    has 0 || return
    hub-extract "$target" --table kind | sed 's/^{"data":\(.*\),"from".*/\1/' >back # jq would respell numbers
    sed 's/AP8=/no bytes/; s/"id":"1"/"id":"2"/g' kinds >bad
    load_into --table kind bad
    has 2 || return
    [[ $stderr == *'/x: the column holds bytes, and this is not Base64: "no bytes"'* ]]
}

@test "values go where they came from" {
    target=sqlite:shop.db
    types BLOB JSON
    same '{"id":"1","n":19.9,"i":9007199254740991,"b":1,"x":"AP8=","j":"{\"a\":[1.50]}","t":"é\\"}' "$(<back)"
    target=$PG_URL
    types bytea jsonb
    same '{"id":"1","n":"19.90","i":9007199254740991,"b":true,"x":"AP8=","j":{"a":[1.50]},"t":"é\\"}' "$(<back)"
}

contract() {
    echo '{"data":{"currency":"EUR","lines":[{"line_id":"1"}],"placed_at":"2026-05-01T13:58:12Z","total":"19.90"},"entity":"order","id":"7","source":"shop","v":1}' >orders
    load_into --table orders --create orders
    has 0 || return
    same 'shop|7|19.90|[{"line_id":"1"}]' "$(ask 'SELECT source, id, total, lines FROM orders' | sed 's/: /:/')" || return
    load_into --table wide --create --key id --columns 'id,city=/shipping_address/city,total' <<<'{"data":{"currency":"EUR","lines":[],"shipping_address":{"city":"Bonn"},"total":"5.00"},"entity":"order","id":"8","source":"shop","v":1}'
    has 0 || return
    same '8|Bonn|5.00' "$(ask 'SELECT id, city, total FROM wide')"
}

@test "--create: columns by the contract, or by pointers" {
    export HUB_PATH=$ROOT/pipelines
    both contract
}

deletes() {
    for i in 1 2 3 4; do item "M-$i" null "$i"; done >items
    load_into --table item --create --key sku items
    echo '{"op":"delete","before":{"sku":"M-1","name":null,"price":"1"},"changed":[],"entity":"item","id":"M-1","source":"shop","v":1}
{"op":"delete","before":{"sku":"M-2","name":null,"price":"2"},"changed":[],"entity":"item","id":"M-2","source":"shop","v":1}' >gone
    load_into --table item gone
    has 2 || return
    [[ $stderr == *'2 deletions of 4 records, and 0 are allowed: none was made'* ]] || return
    load_into --table item --delete 1 gone
    has 2 || return
    [[ $stderr == *'2 deletions of 4 records, and 1 are allowed: none was made'* ]] || return
    same 4 "$(ask 'SELECT count(*) FROM item')" || return
    # One of them comes again behind its deletion; the other one's stands there twice.
    cat gone <(item M-2 '"back"' 2) <(head -n 1 gone) >both
    load_into --table item --delete 25% both
    has 0 || return
    same 'M-1 applied,M-2 applied' "$(states | tr , '\n' | sort | paste -sd, -)" || return
    same 'M-2 M-3 M-4' "$(ask 'SELECT sku FROM item ORDER BY sku' | paste -sd' ' -)" || return
    load_into --table item --delete 1 <<<"$(head -n 1 gone)"
    same 'M-1 unchanged' "$(states)" || return
    # Created again, as it was.
    load_into --table item <<<"$(item M-1 null 1)"
    same 'M-1 applied' "$(states)" || return
    same 4 "$(ask 'SELECT count(*) FROM item')"
}

@test "deletions: only as many as are allowed, or none" {
    both deletes
}

statement() {
    ask "CREATE TABLE stock (sku VARCHAR(9) PRIMARY KEY, on_hand INTEGER CHECK (on_hand >= 0)); INSERT INTO stock VALUES ('M-1', 10)"
    cat >move.sql <<'END'
-- Create, edit and delete are one: the difference. ':after.delta' is no parameter here.
UPDATE stock SET on_hand = on_hand + CAST(coalesce(:after.delta, '0') AS INTEGER) - CAST(coalesce(:before.delta, '0') AS INTEGER)
WHERE sku = coalesce(:after.sku, :before.sku);
END
    load_into --sql move.sql <<<"$(movement 1 -3)"
    has 0 || return
    same 7 "$(ask 'SELECT on_hand FROM stock')" || return
    load_into --sql move.sql <<<"$(movement 1 -3)"
    same '1 unchanged' "$(states)" || return
    # Edited: by the difference, and A, B, A three times.
    load_into --sql move.sql <<<"$(movement 1 -5)"
    same 5 "$(ask 'SELECT on_hand FROM stock')" || return
    load_into --sql move.sql <<<"$(movement 1 -3)"
    same 7 "$(ask 'SELECT on_hand FROM stock')" || return
    # Refused by the database: no trace of it.
    load_into -r rejects --sql move.sql <<<"$(movement 2 -8)"
    has 1 || return
    same '7 1' "$(ask 'SELECT on_hand FROM stock') $(ask 'SELECT count(*) FROM hub_delivered')" || return
    load_into --sql move.sql --delete 1 <<<'{"deleted":true,"entity":"inventory_adjustment","id":"1","source":"shop","stream":"stock:moves"}'
    has 0 || return
    same 10 "$(ask 'SELECT on_hand FROM stock')" || return
    echo 'UPDATE stock SET on_hand = :before' >wrong.sql
    load_into --sql wrong.sql <<<"$(movement 3 1)"
    has 2 || return
    [[ $stderr == 'hub-load: '*'.sql: no parameter :before: there are :after.FIELD'* ]]
}

@test "--sql: a movement is corrected by the difference, whatever becomes of it" {
    both statement
}

plan() {
    item M-1 null 1 >items
    load_into -n --table item --create --key sku items
    has 0 || return
    same '' "$output" || return
    [[ $stderr == *'item would apply 1, leave 0 unchanged and 0 out, and refuse 0'* ]] || return
    load_into --table item items
    [[ $stderr == *'there is no table'* ]]
}

@test "-n touches nothing" {
    hub-load -n sqlite:other.db --table item --create --key sku <<<"$(item M-1 null 1)"
    [ ! -e other.db ]
    both plan
}

killed() {
    for i in {1..3000}; do item "M-$i" null "$i"; done >items
    ask 'CREATE TABLE item (sku VARCHAR(9) PRIMARY KEY, name VARCHAR(9), price VARCHAR(9))'
    mkfifo slow 2>/dev/null || true
    hub-load --marks "$target" --table item slow >receipts 3>&- &
    loader=$!
    exec 5>slow
    { head -n 1000 items && echo '{"n":1000,"source":"shop","stream":"stock:items"}' && sed -n 1001,2000p items; } >&5
    for _ in {1..100}; do
        [ "$(ask 'SELECT count(*) FROM item')" != 1000 ] || break # or it is locked now
        sleep 0.05
    done
    kill -KILL "$loader"
    exec 5>&-
    wait "$loader" || true
    # Whole, or not at all: rows and what is known of them.
    same 1000 "$(ask 'SELECT count(*) FROM item')" || return
    same 1000 "$(ask 'SELECT count(*) FROM hub_delivered')" || return
    load_into --table item items
    has 0 || return
    same '1000 unchanged,2000 applied' "$(jq -r .status <<<"$output" | sort | uniq -c | awk '{print $1, $2}' | sort | paste -sd, -)" || return
    same '3000 1' "$(ask 'SELECT count(*), max(n) FROM hub_delivered' | tr '|' ' ')"
}

@test "a run that was killed left whole transactions, and the next one does nothing twice" {
    both killed
}

@test "sqlite: what was delivered before versions were bytes is known" {
    target=sqlite:shop.db
    { item M-1 null 1 && item M-2 null 2; } >items
    load_into --table item --create --key sku items
    ask 'UPDATE hub_delivered SET version = lower(hex(version))'
    { item M-1 null 1 && item M-2 null 3; } >items
    load_into --table item items
    has 0
    same 'M-1 unchanged,M-2 applied' "$(states)"
    load_into --table item items
    same 'M-1 unchanged,M-2 unchanged' "$(states)"
}

@test "marks settle what a target lacked, behind its transaction" {
    anything item
    for i in 1 2; do echo '{"data":{"sku":"M-'$i'"},"entity":"item","id":"'$i'","source":"shop","v":1}'; done >items
    hub-load --no-marks -d hub.db hub: items >/dev/null
    hub-extract -d hub.db hub:item --for stock | hub-load -d hub.db sqlite:shop.db --table item --create >receipts
    same 2 "$(sqlite3 shop.db 'SELECT count(*) FROM item')"
    same 0 "$(hub-extract -d hub.db --no-marks hub:item --for stock | wc -l)"
}

@test "a mark behind a deletion is settled with it: what was not allowed is told again" {
    anything item
    echo '{"data":{"sku":"M-1"},"entity":"item","id":"1","source":"shop","v":1}' >items
    hub-load --no-marks -d hub.db hub: items >/dev/null
    hub-extract -d hub.db hub:item --for stock | hub-load -d hub.db sqlite:shop.db --table item --create >receipts
    echo '{"deleted":true,"entity":"item","id":"1","source":"shop","v":1}' | hub-load --no-marks -d hub.db hub: >/dev/null
    for _ in 1 2; do
        hub-extract -d hub.db hub:item --for stock >told
        same delete "$(head -n 1 told | jq -r .op)"
        run --separate-stderr hub-load -d hub.db sqlite:shop.db --table item told
        has 2
        [[ $stderr == *'1 deletions of 1 records, and 0 are allowed: none was made'* ]]
    done
    hub-load -d hub.db sqlite:shop.db --table item --delete 1 told >receipts
    same 0 "$(sqlite3 shop.db 'SELECT count(*) FROM item')"
    same 0 "$(hub-extract -d hub.db --no-marks hub:item --for stock | wc -l)"
}

@test "postgresql: two runs into one table: the second says so" {
    target=$PG_URL
    sql 'CREATE TABLE item (sku text PRIMARY KEY, name text, price text)'
    mkfifo pipe
    hub-load "$target" --table item pipe >/dev/null 3>&- &
    first=$!
    exec 5>pipe
    for _ in {1..100}; do
        [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" -eq 0 ] || break
        sleep 0.05
    done
    load_into --table item <<<"$(item M-1 null 1)"
    has 75
    [[ $stderr == *'another run writes to "item"'* ]]
    exec 5>&-
    wait "$first"
}

@test "postgresql: a connection that is lost ends with 75, and leaves nothing half" {
    target=$PG_URL
    sql 'CREATE TABLE item (sku text PRIMARY KEY, name text, price text)'
    mkfifo pipe
    hub-load "$target" --table item pipe >receipts 2>said 3>&- &
    loader=$!
    exec 5>pipe
    item M-1 null 1 >&5
    for _ in {1..100}; do
        [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" -eq 0 ] || break
        sleep 0.05
    done
    sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'" >/dev/null
    exec 5>&-
    status=0
    wait "$loader" || status=$?
    same 75 "$status"
    same '0 0' "$(sql 'SELECT count(*) FROM item') $(wc -l <receipts)"
}

@test "what has no meaning together is refused" {

    target=x.ndjson
    load_into --table item
    has 2
    [[ $stderr == *'are for a database'* ]]
    target=sqlite:shop.db
    load_into
    has 2
    [[ $stderr == *'of a database one of --table and --sql says where to'* ]]
    load_into --table item --delete many
    has 2
    [[ $stderr == *'neither a number nor a percentage'* ]]
}

described() {
    mkdir -p pipelines/systems/erp
    cat >pipelines/systems/erp/move.sql <<'END'
UPDATE stock SET on_hand = on_hand + CAST(coalesce(:after.delta, '0') AS integer) - CAST(coalesce(:before.delta, '0') AS integer)
WHERE sku = coalesce(:after.sku, :before.sku)
END
    cat >pipelines/systems/erp/system.json <<'END'
{ "system": "erp", "vars": { "at": "${ERP}" },
  "targets": { "stock": { "sql": "move.sql", "database": "{@at}" },
               "once": { "sql": "move.sql", "database": "{@at}", "changed": "ignore" },
               "strict": { "sql": "move.sql", "database": "{@at}", "changed": "refuse" },
               "nowhere": { "sql": "move.sql" },
               "odd": { "sql": "move.sql", "database": "{@at}", "only": "create" } } }
END
}

# told TARGET STATES ON-HAND [OPTION...]: what is in the file moves
told() {
    run --separate-stderr hub-load "${@:4}" "erp:$1" moves
    same "$2" "$(states)" || return
    same "$3" "$(ask 'SELECT on_hand FROM stock')"
}

through_a_description() {
    export ERP=$target
    rm -f rejects
    ask "DROP TABLE IF EXISTS stock"
    ask "CREATE TABLE stock (sku text PRIMARY KEY, on_hand integer)"
    ask "INSERT INTO stock VALUES ('M-1', 10)"
    movement 1 -3 >moves
    told stock '1 applied' 7 && told stock '1 unchanged' 7 || return
    movement 1 -5 >moves
    told stock '1 applied' 5 || return
    movement 1 -3 >moves
    told stock '1 applied' 7 || return
    same 'erp:stock 3' "$(ask "SELECT target || ' ' || n FROM hub_delivered")" || return
    same '"erp:stock"' "$(jq .target <<<"$output")" || return
    told once '1 applied' 4 || return
    movement 1 -9 >moves
    told once '1 left_out' 4 || return
    movement 2 -1 >moves
    told strict '2 applied' 3 || return
    movement 2 -2 >moves
    told strict '' 3 -r rejects || return
    has 1 || return
    same '"changed"' "$(jq .error.code rejects)" || return
    local version='lower(hex(version))'
    [[ $target == sqlite:* ]] || version="encode(version, 'hex')"
    was=$(ask "SELECT $version FROM hub_delivered WHERE target = 'erp:strict'")
    jq -c '{after: .data, before: {sku: "M-1", delta: "-1"}, changed: ["/delta"], op: "update", entity, id, source, stream, was: "'"$was"'"}' moves >change && mv change moves
    told strict '2 applied' 2 || return
    movement 3 -1 >moves
    told stock '3 unchanged' 2 --settle && told stock '3 unchanged' 2
}

@test "sql of a target that a system describes: once, by the difference, and as changed says" {
    described
    export HUB_PATH=$PWD/pipelines:$HUB_PATH
    both through_a_description
}

@test "sql of a target: what its description lacks, or has no use for" {
    described
    export HUB_PATH=$PWD/pipelines:$HUB_PATH ERP=sqlite:shop.db
    movement 1 -3 >moves
    run --separate-stderr hub-load erp:nowhere moves
    has 2
    same 'hub-load: erp:nowhere: a target with sql names its database: sqlite:FILE or postgresql://...' "$stderr"
    run --separate-stderr hub-load erp:odd moves
    has 2
    same 'hub-load: erp:odd: a target with sql has database and changed beside it, not "only"' "$stderr"
    run --separate-stderr hub-load -j 2 erp:stock moves
    has 2
    [[ $stderr == *'-j, -a and --resend are not for a target with sql'* ]]
    ERP=file.db run --separate-stderr hub-load erp:stock moves
    has 2
    [[ $stderr == *'no database: "file.db"'* ]]
    ERP='postgresql://ann:secret-word@/shop' run --separate-stderr hub-load erp:stock moves
    has 2
    [[ $stderr == *'must not stand in the URL'* && $stderr != *secret-word* ]]
}

# change NAME OLD NEW: a change of a row from one name to another; OLD "" is a creation
change() {
    jq -nc --arg id "$1" --arg old "$2" --arg new "$3" '{after: {sku: $id, name: $new}, changed: ["/name"], entity: "item", id: $id, op: "update", source: "shop", v: 1}
        + {before: {sku: $id, name: $old}}'
}

plan_exactly() {
    rm -f rejects
    { item M-1 '"one"' 1 && item M-2 '"two"' 2 && item M-3 '"three"' 3; } | jq -c 'del(.data.price)' >items
    load_into --create --key sku --table item items
    { change M-1 one eins && change M-2 other zwei && change M-3 other three && change M-4 none vier; } >plan
    for expected in 'M-1 applied,M-3 unchanged,M-4 applied' 'M-1 unchanged,M-3 unchanged,M-4 unchanged'; do
        load_into --table item -r rejects plan
        has 1 || return
        same "$expected" "$(states)" || return
        same $'M-1|eins\nM-2|two\nM-3|three\nM-4|vier' "$(ask 'SELECT sku, name FROM item ORDER BY sku')" || return
    done
    same '"conflict M-2" "conflict M-2"' "$(jq -c '"\(.error.code) \(.id)"' rejects | xargs -d '\n')" || return
    change M-1 eins uno >plan
    load_into --table item plan
    same 'M-1 applied' "$(states)" || return
    same 'M-1 3,M-2 1,M-3 1,M-4 1' "$(ask "SELECT id || ' ' || n FROM hub_delivered ORDER BY id" | paste -sd, -)"
}

@test "a plan is applied where a row is as it starts, and nowhere else" {
    both plan_exactly
}
