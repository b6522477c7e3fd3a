#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# What was refused on its way, or set aside, goes through again; and a target of which something was refused is not in sync.

load common
load target

setup() {
    common_setup
    start_target
    anything refund2
    map 'total -> .total | decimal; bad -> .bad'
    describe '"items": { "repeat": "key", '"$crud"' }'
    # A rule that gives a record for each line, so that one that is gone has to be told.
    rule '.sum | decimal'
    cat >sync.mk <<END
include $ROOT/pipelines/flows/hub.mk
all: items lines
.PHONY: items lines
items:
	hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items \$(REJECTS) | hub-load shop:items \$(RECEIPTS)
lines:
	hub-extract hub:refund --for sums | hub-canon -m $PWD/rule.map \$(REJECTS) | hub-load hub: \$(RECEIPTS)
END
}

teardown() {
    stop_target
}

map() { echo "map refund -> shop:items { id -> .ref; $1 }" >hub/systems/shop/refunds.map; }

rule() { echo "map refund2 <- hub:refund each .lines[] { id <- \"{\$.id}-{.n}\"; sum <- $1 }" >rule.map; }

# sync [RULE]: a run of the flow
sync() { hub-run "$PWD/sync.mk" OUT="$PWD/out" "$@" >run.log 2>&1 || [ $? -eq 1 ]; }

# states ID: how each target stands to it
states() { hub-log refund "$1" --json | jq -r --arg id "$1" 'select(.target and .id == $id) | .target + " " + .state + (if .again then " again" else "" end)'; }

held() { hub-extract --no-marks hub:refund2 | jq -c '[.id, .data.sum]'; }

@test "what is advised can be pasted, whatever a record is called" {
    put "it's #1; x" '{"total":"one"}'
    sync
    run --separate-stderr hub-log refund "it's #1; x"
    has 1
    advice=${stderr#*: once what is in the way is mended: }
    map 'total -> .total; bad -> .bad'
    eval "$advice"
    sync
    same "shop:items in sync
sums in sync" "$(states "it's #1; x")"
}

@test "a record that a map refused is refused, not in sync, and goes through again with the map of today" {
    put 1 '{"total":"one"}' 2 '{"total":"2"}'
    sync
    same 'shop:items refused
sums in sync' "$(states 1)"
    same 'shop:items in sync
sums in sync' "$(states 2)"
    run --separate-stderr hub-log refund 1
    has 1
    [[ $output == *'shop:items: refused: /total: '*'not a decimal'* ]]
    same 'hub-log: once what is in the way is mended: hub-log retry shop:items refund 1' "$stderr"
    same '1 1' "$(hub-log --json | jq -r 'select(.target == "shop:items") | "\(.lacks) \(.refused)"')"
    hub-log | grep 'shop:items: lacks 1 of refund, 1 refused on the way, last settled'
    sync
    same 1 "$(wc -l <effects)"
    map 'total -> .total; bad -> .bad'
    run --separate-stderr hub-log retry
    has 0
    same 'shop:items: of 1, 1 to be told again by the next run' "$output"
    same 'shop:items refused again
sums in sync' "$(states 1)"
    sync
    same '["create","1","one"]' "$(tail -n 1 effects | jq -c '[.op, .ref, .total]')"
    same 2 "$(wc -l <effects)"
    same 'shop:items in sync
sums in sync' "$(states 1)"
    same '' "$(hub-log --failed)"
    same '0 0' "$(query 'SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM withheld)' | tr '|' ' ')"
    sync
    same 2 "$(wc -l <effects)"
    run --separate-stderr hub-log retry
    has 1
    [[ $stderr == 'hub-log: nothing of it is refused on the way to a target, or set aside by one ('*')' ]]
}

@test "what a target set aside goes through again, and the record alone that was asked for" {
    put 1 '{"bad":true,"total":"1"}' 2 '{"bad":true,"total":"2"}'
    sync
    same 'shop:items set aside' "$(states 1 | head -n 1)"
    map 'total -> .total | decimal'
    run --separate-stderr hub-log retry shop:items refund 2 --json
    has 0
    same '{"again":1,"direct":0,"target":"shop:items","uncertain":0}' "$output"
    sync
    same '["create","2","2"]' "$(jq -c '[.op, .ref, .total]' effects)"
    same 'shop:items set aside' "$(states 1 | head -n 1)"
    hub-log retry shop:items
    sync
    same 2 "$(wc -l <effects)"
    run --separate-stderr hub-log
    has 0
    same '' "$(hub-log --missing shop:items)"
}

@test "what is refused again stays so, and is not told a third time" {
    put 1 '{"total":"one"}'
    sync
    hub-log retry shop:items
    sync
    same 'shop:items refused' "$(states 1 | head -n 1)"
    same 1 "$(hub-log --failed --json | jq .count)"
    sync
    same 1 "$(hub-log --failed --json | jq .count)"
    [ ! -s effects ]
    same 0 "$(query 'SELECT count(*) FROM due')"
}

@test "the next version is told from what the target has, and not from one that was refused on the way" {
    put 1 '{"lines":[{"n":1,"sum":"1"},{"n":2,"sum":"2"}]}'
    sync
    same '["1-1","1"]
["1-2","2"]' "$(held)"
    put 1 '{"lines":[{"n":2,"sum":"two"},{"n":3,"sum":"3"}]}'
    sync
    same 'sums refused' "$(states 1 | tail -n 1)"
    same '/lines' "$(hub-log refund 1 --json | jq -r 'select(.target == "sums") | .changed[]')"
    put 1 '{"lines":[{"n":2,"sum":"2"},{"n":3,"sum":"3"}]}'
    same 'sums behind' "$(states 1 | tail -n 1)"
    sync
    same '["1-2","2"]
["1-3","3"]' "$(held)"
    same 'sums in sync' "$(states 1 | tail -n 1)"
    same '' "$(hub-log --failed)"
}

@test "a rule that was mended gets what it refused, its first state, too" {
    put 1 '{"lines":[{"n":1,"sum":"one"}]}' 2 '{"lines":[{"n":1,"sum":"5"}]}'
    sync
    same '["2-1","5"]' "$(held)"
    rule '.sum'
    hub-log retry sums
    sync
    same '["1-1","one"]
["2-1","5"]' "$(held | sort)"
    same 'sums in sync' "$(states 1 | tail -n 1)"
    same told "$(query 'SELECT how FROM reject WHERE closed IS NOT NULL')"
    # Back to what it was, by a state that is refused: there is nothing to tell, and nothing is refused any more.
    rule '.sum | decimal'
    put 2 '{"lines":[{"n":1,"sum":"five"}]}'
    sync
    same 'sums refused' "$(states 2 | tail -n 1)"
    put 2 '{"lines":[{"n":1,"sum":"5"}]}'
    sync
    same 'sums in sync' "$(states 2 | tail -n 1)"
    same 0 "$(query 'SELECT count(*) FROM withheld')"
}

@test "two targets that refuse one record are told of apart" {
    put 1 '{"total":"one","lines":[{"n":1,"sum":"one"}]}'
    sync
    same 'shop:items refused
sums refused' "$(states 1)"
    map 'total -> .total'
    hub-log retry shop:items
    sync
    same 'shop:items in sync
sums refused' "$(states 1)"
}

@test "what is asked for while a target is told is not taken for told" {
    put 1 '{"lines":[{"n":1,"sum":"one"}]}' 2 '{"lines":[{"n":1,"sum":"two"}]}'
    sync
    rule '.sum'
    hub-log retry sums refund 1
    hub-extract hub:refund --for sums | hub-canon -m rule.map >changes.ndjson
    hub-log retry sums refund 2
    hub-load hub: changes.ndjson >/dev/null
    same 'sums in sync' "$(states 1 | tail -n 1)"
    same 'sums refused again' "$(states 2 | tail -n 1)"
    hub-extract hub:refund --for sums | hub-canon -m rule.map | hub-load hub: >/dev/null
    same '["1-1","one"]
["2-1","two"]' "$(held | sort)"
}

@test "many that are told anew are all told, whatever marks stand between" {
    seq 3000 | jq -c '{data: {lines: [{n: 1, sum: "x"}]}, entity: "refund", id: tostring, source: "pos", v: 1}' | hub-load --no-marks hub: >/dev/null
    sync lines
    rule '.sum'
    same 'sums: of 3000, 3000 to be told again by the next run' "$(hub-log retry sums)"
    # A reader that ends in the midst of them has settled none.
    hub-extract hub:refund --for sums | head -n 2000 | hub-canon -m rule.map 2>/dev/null | hub-load hub: >/dev/null 2>&1 || true
    sync lines
    same 3000 "$(held | wc -l)"
    same 0 "$(query 'SELECT count(*) FROM due')"
}

@test "uncertain, or never from the hub: a person is told what to do" {
    put 1 '{"total":"1"}'
    sync
    query "INSERT INTO parked (record, target, part, op, version, n, code, field, message, line, at) SELECT record, target, part, 'update', version, n, 'uncertain', NULL, 'lost', '{}', 0 FROM delivery"
    echo '{"data":{"bad":true},"entity":"refund","id":"77","source":"till","stream":"shop:items","version":"'"$(printf 0%.0s {1..64})"'"}' |
        hub-load --no-marks shop:items >/dev/null || true
    run --separate-stderr hub-log retry shop:items
    has 1
    same 'shop:items: of 2, 1 it may have already (look there, then hub-load --resend ID, or --settle --resend ID where it is), 1 that it was not given from the hub (hub-load --resend ID)' "$output"
    same 0 "$(query 'SELECT count(*) FROM due')"
}

@test "the rejects of a stream are a source: they go through again by a pipe, and are closed" {
    echo 'map refund <- till:sales { id <- .id; total <- .total | decimal }' >till.map
    cat >in.mk <<END
include $ROOT/pipelines/flows/hub.mk
all: in
.PHONY: in
in:
	cat $PWD/sales.ndjson | hub-canon -m $PWD/till.map \$(REJECTS) | hub-load hub: \$(RECEIPTS)
END
    printf '%s\n' '{"data":{"id":"1","total":"one"},"from":"till.csv:2","id":"1","source":"north","stream":"till:sales"}' \
        '{"data":{"id":"2","total":"2"},"source":"north","stream":"till:sales"}' \
        '{"data":{"id":"1","total":"none"},"id":"1","source":"south","stream":"till:sales"}' '{"end":true,"n":3}' >sales.ndjson
    hub-run "$PWD/in.mk" OUT="$PWD/out" 2>/dev/null || [ $? -eq 1 ]
    same 2 "$(hub-log --refused till:sales | grep -c '"error"')"
    same '{"end":true,"n":2}' "$(hub-log --refused till:sales | tail -n 1)"
    same '{"end":true,"n":0}' "$(hub-log --refused till:other)"
    sed -i 's/ | decimal//' till.map
    hub-log --refused north:sales | hub-canon -m till.map | hub-load hub: >/dev/null
    same '"none"' "$(hub-log --refused south | jq 'select(.record) | .record.data.total')"
    hub-log --refused till:sales | hub-canon -m till.map | hub-load hub: >/dev/null
    same '1 north one
1 south none
2 north 2' "$(hub-extract --no-marks hub:refund | jq -r '[.id, .source, .data.total] | join(" ")' | sort)"
    same '' "$(hub-log --failed)"
}

@test "what a person has dealt with is closed: of a stream, of one record, of a file" {
    echo 'map refund <- till:sales { id <- .id; total <- .total | decimal }' >till.map
    cat >in.mk <<END
include $ROOT/pipelines/flows/hub.mk
all: in rows
.PHONY: in rows
in:
	cat $PWD/sales.ndjson | hub-canon -m $PWD/till.map \$(REJECTS) | hub-load hub: \$(RECEIPTS)
rows:
	hub-extract \$(REJECTS) $PWD/rows.csv >$PWD/rows.ndjson
END
    # The first has no id, and nobody could tell that it came in after all.
    printf '%s\n' '{"data":{"id":"1","total":"one"},"from":"till.csv:2","source":"north","stream":"till:sales"}' \
        '{"data":{"total":"two"},"id":"2","label":"#20","source":"north","stream":"till:sales"}' \
        '{"data":{"total":"none"},"id":"2","source":"south","stream":"till:sales"}' '{"end":true,"n":3}' >sales.ndjson
    printf 'a,b\n1,2\n1,2,3\n' >rows.csv
    hub-run "$PWD/in.mk" OUT="$PWD/out" 2>/dev/null || [ $? -eq 1 ]
    same 4 "$(query 'SELECT count(*) FROM reject WHERE closed IS NULL')"
    run --separate-stderr hub-log close north:sales 20
    has 0
    same 'north:sales: 1 closed' "$output"
    run --separate-stderr hub-log close north:sales '#20'
    has 1
    same 'hub-log: nothing of it is refused on its way in, and still open' "$stderr"
    same '{"closed":1,"of":"till.csv:2"}' "$(hub-log close till.csv:2 --json)"
    same 'rows.csv: 1 closed' "$(hub-log close rows.csv)"
    same 'till:sales: 1 closed' "$(hub-log close till:sales)"
    run --separate-stderr hub-log --failed
    has 0
    same '4 person' "$(query "SELECT count(*) || ' ' || min(how) FROM reject")"
    # What is refused once more is open again.
    hub-run "$PWD/in.mk" in OUT="$PWD/out" 2>/dev/null || [ $? -eq 1 ]
    same 3 "$(query 'SELECT count(*) FROM reject WHERE closed IS NULL')"
}

@test "a hub of the form before keeps what was to be told anew" {
    put 1 '{"total":"1"}'
    sync
    query "ALTER TABLE parked DROP COLUMN step; ALTER TABLE parked DROP COLUMN kept; DROP TABLE pruned; DROP TABLE withheld; DROP TABLE due; ALTER TABLE reject DROP COLUMN target;
           CREATE TABLE due (target INTEGER NOT NULL REFERENCES target, record INTEGER NOT NULL REFERENCES record, PRIMARY KEY (target, record)) WITHOUT ROWID;
           INSERT INTO due SELECT id, 1 FROM target WHERE name = 'sums'; PRAGMA user_version = 3"
    run --separate-stderr hub-log
    has 2
    [[ $stderr == *'a hub of form 3: a tool that writes brings it to form '* ]]
    put 2 '{"total":"2"}'
    same 1 "$(query "SELECT count(*) FROM due WHERE record = 1")"
    sync
    same 0 "$(query 'SELECT count(*) FROM due')"
}

@test "what has no meaning to retry" {
    put 1 '{"total":"1"}'
    sync
    for wrong in "retry shop:items refund" "retry a b c d" "close" "close a b c"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr hub-log $wrong
        has 2
    done
    run --separate-stderr hub-log retry shop:nothing
    has 1
}
