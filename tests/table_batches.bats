#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# Many rows into a table of PostgreSQL: batches that are on their way while the next one is filled, and the ledger of a first load.

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
    export HUB_THREADS=many # on a machine with one processor, too
    sql 'DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE item (sku text PRIMARY KEY, price integer)' 2>/dev/null
}

# items FROM TO PRICE
items() {
    jq -nc --argjson from "$1" --argjson to "$2" --arg price "$3" \
        'range($from; $to) | {data: {sku: "M-\(.)", price: $price}, entity: "item", id: "M-\(.)", source: "shop", stream: "stock:items"}'
}

load_items() {
    run --separate-stderr hub-load "$PG_URL" --table item "$@"
}

# What came of how many: "2 applied,1 unchanged".
outcomes() {
    jq -r .status <<<"$output" | sort | uniq -c | awk '{print $1, $2}' | paste -sd, -
}

keys() { sql "SELECT count(*) FROM pg_index WHERE indrelid = to_regclass('hub_delivered') AND indisunique"; }
delivered() { sql 'SELECT count(*), count(DISTINCT (source, entity, id)), sum(n) FROM hub_delivered' | tr '|' ' '; }

@test "many batches: all are there, and their receipts in the order of the records" {
    items 0 30000 1 >many
    load_items many
    has 0
    jq -r .id many | cmp - <(jq -r .id <<<"$output")
    same '30000 applied' "$(outcomes)"
    same '30000 30000 30000' "$(delivered)"
    same 30000 "$(sql 'SELECT count(*) FROM item')"
    load_items many
    has 0
    same '30000 unchanged' "$(outcomes)"
    same '30000 30000 30000' "$(delivered)"
}

@test "the key of what was delivered is made when something is looked for" {
    items 0 10000 1 >first
    load_items first
    has 0
    same 0 "$(keys)"
    items 5000 12000 1 >later
    load_items later
    has 0
    same 1 "$(keys)"
    same '2000 applied,5000 unchanged' "$(outcomes)"
    same '12000 12000 12000' "$(delivered)"
}

@test "a record that comes again in the first load is one row, with its last version" {
    { items 0 10000 1 && items 100 101 2 && items 10000 20000 1 && items 15000 15001 3; } >many
    load_items many
    has 0
    same '20002 applied' "$(outcomes)"
    same '20000 20000 20002' "$(delivered)"
    same 'M-100 2,M-101 1,M-15000 3' "$(sql "SELECT sku || ' ' || price FROM item WHERE sku IN ('M-100', 'M-101', 'M-15000') ORDER BY sku" | paste -sd, -)"
}

@test "a row that is not taken is refused alone, whatever is on its way before and behind it" {
    { items 0 6000 1 && items 6000 6001 x && items 6001 25000 1 && items 25000 25001 y; } >many
    load_items -r rejects many
    has 1
    same '24999 applied' "$(outcomes)"
    same 'M-6000 M-25000' "$(jq -r .id rejects | paste -sd' ' -)"
    same '24999 24999 24999' "$(delivered)"
    same 24999 "$(sql 'SELECT count(*) FROM item')"
}

@test "an input that breaks off behind some batches: what is there was told" {
    { items 0 20000 1 && echo '{"data":' && items 20000 30000 1; } >many
    load_items many
    has 2
    same "$(sql 'SELECT count(*) FROM item')" "$(jq -s length <<<"$output")"
    same "$(sql 'SELECT count(*) FROM hub_delivered')" "$(jq -s length <<<"$output")"
    [ "$(jq -s length <<<"$output")" -gt 4000 ]
    sed -i 20001d many
    load_items many
    has 0
    same '30000 30000 30000' "$(delivered)"
}

@test "killed in the middle of many batches, and run again: each once" {
    items 0 200000 1 >many
    for after in 0.1 0.3 0.5; do
        hub-load "$PG_URL" --table item many >receipts 3>&- &
        loader=$!
        sleep "$after"
        kill -KILL "$loader" || true # it may be done
        wait "$loader" || true
        for _ in {1..200}; do # the server notices
            [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" -ne 0 ] || break
            sleep 0.05
        done
        same "$(sql 'SELECT count(*) FROM item')" "$(sql 'SELECT count(*) FROM hub_delivered')"
        [ "$(jq -s length receipts 2>/dev/null || sed '$d' receipts | jq -s length)" -le "$(sql 'SELECT count(*) FROM item')" ]
    done
    load_items many
    has 0
    same '200000 200000 200000' "$(delivered)"
}

@test "two targets in one database, loaded for the first time at once" {
    sql 'CREATE TABLE other (LIKE item INCLUDING ALL)'
    items 0 20000 1 >many
    { cat many && items 1 2 2; } >twice
    hub-load "$PG_URL" --table other twice >told 3>&- &
    load_items twice
    has 0
    wait $!
    same '20001 20001' "$(jq -s length <<<"$output") $(jq -s length told)"
    same '40000 40002' "$(sql 'SELECT count(*), sum(n) FROM hub_delivered' | tr '|' ' ')"
    same 1 "$(keys)"
}

@test "a table of deliveries as it was made before: with its key, and versions as text" {
    items 0 10000 1 >many
    load_items many
    has 0
    sql 'ALTER TABLE hub_delivered RENAME TO kept'
    sql 'CREATE TABLE hub_delivered (target text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, entity text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
        version text COLLATE "C" NOT NULL, n bigint NOT NULL, deleted integer NOT NULL, data text, PRIMARY KEY (id, entity, source, target))'
    sql "INSERT INTO hub_delivered SELECT target, source, entity, id, encode(version, 'hex'), n, deleted, data FROM kept"
    items 0 10100 1 >later
    load_items later
    has 0
    same '100 applied,10000 unchanged' "$(outcomes)"
    same '10100 10100 10100' "$(delivered)"
    same 1 "$(keys)"
}

@test "texts of any kind come there as they are; one with a NUL is refused" {
    sql 'CREATE TABLE text (sku text PRIMARY KEY, text text)'
    jq -nc '[range(21) as $n | range($n) as $at | ("\t", "\n", "\r", "\\", "é", "\u0001") as $c | "abcdefghijklmnopqrstuvwxyz"[:$n] | .[:$at] + $c + .[$at + 1:]] + [""]
        | to_entries[] | {data: {sku: "M-\(.key)", text: .value}, entity: "item", id: "\(.key)", source: "a\tb", stream: "stock:items"}' >texts
    echo '{"data":{"sku":"M","text":"somewhere \u0000 in it"},"entity":"item","id":"0","source":"shop","stream":"stock:items"}' >>texts
    run --separate-stderr hub-load "$PG_URL" --table text -r rejects texts
    has 1
    same 'constraint /text' "$(jq -r '.error.code + " " + .error.field' rejects)"
    sql "SELECT to_json(text) FROM text ORDER BY substr(sku, 3)::integer" | cmp - <(sed '$d' texts | jq -c .data.text)
    same 1261 "$(sql "SELECT count(*) FROM hub_delivered WHERE source = E'a\tb'")"
}
