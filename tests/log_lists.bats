#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# hub-log: what failed and why, what a target lacks, what it calls things; against a web server that refuses what is bad.

load common
load target

setup() {
    common_setup
    start_target
    echo 'map refund -> shop:items { id -> .ref; total -> .total | decimal; bad -> .bad }' >hub/systems/shop/refunds.map
    describe '"items": { "repeat": "key", '"$crud"' }'
    # A flow of one pipe: what the shop lacks goes there.
    cat >sync.mk <<END
include $ROOT/pipelines/flows/hub.mk
all: items
.PHONY: items
items:
	hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items \$(REJECTS) | hub-load shop:items \$(RECEIPTS)
END
}

teardown() {
    stop_target
}

sync() { hub-run "$PWD/sync.mk" OUT="$PWD/out" >/dev/null 2>&1 || [ $? -eq 1 ]; }

# said WORD...: what hub-log says, without times and addresses
said() { hub-log "$@" | sed -E 's/20[0-9T:-]*Z/T/g; s/127.0.0.1:[0-9]+/HOST/g'; }

@test "errors are told by their causes: the most frequent first, with the oldest as the example" {
    put 1 '{"number":"A1","total":"x1"}'
    sync
    put 2 '{"total":"x2"}' 3 '{"total":"x3"}' 4 '{"bad":true,"number":"A4","total":"4"}' 5 '{"total":"5"}'
    sync
    run --separate-stderr hub-log --failed
    has 1
    same 2 "${#lines[@]}"
    [[ ${lines[0]} == 'hub-canon: 3 refused: '*' (first: refund '?*' of pos, '*', since 20'* ]]
    same 'shop:items: 1 set aside: ' "$(said --failed | tail -n 1 | grep -o '^shop:items: 1 set aside: ')"
    [[ ${lines[1]} == *'422'*'bad is bad'*'(refund A4 of pos, since 20'* ]]
    same 'hub-canon refused 3
shop:items set aside 1' "$(hub-log --failed --json | jq -r '.by + " " + .state + " " + (.count | tostring)')"
}

@test "only what is open is told: a newer version closes what was" {
    put 4 '{"bad":true,"total":"4"}' 5 '{"total":"x"}'
    sync
    same 2 "$(hub-log --failed | wc -l)"
    put 4 '{"total":"4"}' 5 '{"total":"5"}'
    sync
    run --separate-stderr hub-log --failed
    has 0
    same '' "$output"
}

@test "what a target lacks: set aside, behind, never sent; nothing where it is in sync" {
    put 1 '{"total":"1"}' 2 '{"total":"2"}' 4 '{"bad":true,"total":"4"}'
    sync
    same 'refund 4 of pos: set aside' "$(said --missing shop:items | sed 's/aside.*/aside/')"
    put 2 '{"total":"3"}' 9 '{"total":"9"}'
    run --separate-stderr hub-log --missing shop:items
    has 1
    same 'refund 2 of pos: behind: /total
refund 4 of pos: set aside
refund 9 of pos: never sent' "$(said --missing shop:items | sed -E 's/(aside|total|sent).*/\1/')"
    same '2 behind
4 set aside
9 never sent' "$(hub-log --missing shop:items --json | jq -r '.id + " " + .state')"
    put 4 '{"total":"4"}'
    sync
    run --separate-stderr hub-log --missing shop:items
    has 0
    same '' "$output"
}

@test "a target that set something aside is not in sync: the hub as a whole says what it lacks as --missing does" {
    put 1 '{"total":"1"}' 4 '{"bad":true,"number":"A4","total":"4"}'
    sync
    same 'shop:items: lacks 1 of refund, 1 set aside, last settled T' "$(said | grep ^shop:items)"
    same 'refused or set aside: 1, by 1 cause: see --failed' "$(said | grep 'set aside:')"
    run hub-log
    has 1
    # One whose record is newer than what was set aside, one behind, one on its way, one that waits for another record, two never sent.
    put 4 '{"bad":true,"total":"5"}' 1 '{"total":"2"}' 5 '{"total":"5"}' 6 '{"total":"6"}' 8 '{"total":"8"}' 9 '{"total":"9"}'
    query "INSERT INTO pending (target, record, part, op, version, n, batch, step, line, at) SELECT target.id, record.id, 0, 'create', x'00', 1, 1, 0, '{}', 1 FROM target, record WHERE target.name = 'shop:items' AND record.name = '5'"
    query "INSERT INTO parked (target, record, part, op, version, n, code, message, line, at) SELECT target.id, record.id, 0, 'create', x'00', 1, 'reference', 'not known', '{}', 1 FROM target, record WHERE target.name = 'shop:items' AND record.name = '6'"
    same 'shop:items: lacks 6 of refund, 1 set aside, 1 waiting for another record, 1 on its way, last settled T' "$(said | grep ^shop:items)"
    same 6 "$(hub-log --missing shop:items | wc -l)"
    same '6 1 1 1' "$(hub-log --json | jq -r 'select(.lacks) | "\(.lacks) \(.parked) \(.held) \(.pending)"')"
    # There and back again: it has what the hub holds.
    query "DELETE FROM pending; DELETE FROM parked"
    put 1 '{"total":"1"}'
    same "$(hub-log --missing shop:items | wc -l)" "$(hub-log --json | jq 'select(.lacks) | .lacks')"
    same 5 "$(hub-log --missing shop:items | wc -l)"
}

@test "what a target calls the records is a table for maps" {
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    sync
    same '7 of pos: 1
8 of pos: 2' "$(said --ids shop:items refund)"
    hub-log --ids shop:items refund --json >ids.ndjson
    same '{"id":"7","source":"pos","target_id":"1"}' "$(head -n 1 ids.ndjson)"
    cat >note.map <<'END'
table items from "none.csv" key .id value .target_id
map refund <- pos:notes { total <- .of | items }
END
    same '2' "$(echo '{"data":{"of":"8"},"id":"1","source":"pos","stream":"pos:notes"}' | HUB_DB='' hub-canon -m note.map -l items=ids.ndjson | jq -r .data.total)"
    same '' "$(hub-log --ids shop:items order)"
}

@test "a target that nobody knows; two questions at once; operands that have no meaning" {
    put 7 '{"total":"1"}'
    for question in "--missing shop:none" "--ids shop:none refund"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr hub-log $question
        has 1
        same 'hub-log: the hub knows no target that is called "shop:none"' "$stderr"
    done
    for wrong in "--failed --missing shop:items" "--failed refund 7" "--ids shop:items" "refund"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr hub-log $wrong
        has 2
    done
}
