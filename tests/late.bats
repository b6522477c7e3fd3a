#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# What comes into the hub while an earlier state of the record is on its way to a target.

load common
load target

setup() {
    common_setup
    start_target
}

teardown() {
    stop_target
}

# late ID HOW STATE...: STATE comes into the hub while what came before it is on its way, and nobody knows what became of that.
late() {
    plan /items "$2" 1
    load_items --delete 9
    has 75
    put "$1" "$3"
    load_items --delete 9
    has 0
}

@test "what came while an earlier state was on its way starts from that, and is told in the same run" {
    describe "\"items\": { \"repeat\": \"key\", \"send\": \"changed\", $crud }"
    for how in drop drop! 503; do
        put "created-$how" '{"total":"1"}'
        late "created-$how" "$how" '{"total":"2"}'
        same "applied create created-$how, applied update created-$how" "$(statuses)"
        put "changed-$how" '{"bad":false,"total":"1"}'
        load_items
        put "changed-$how" '{"bad":false,"total":"2"}'
        late "changed-$how" "$how" '{"bad":true,"total":"2"}'
        same "applied update changed-$how, applied update changed-$how" "$(statuses)"
        same '{"bad":true}' "$(jq -sc 'map(select(.method == "PUT"))[-1].body' log)" # of a change from what it has
        put "deleted-$how" '{"total":"1"}'
        load_items
        put "deleted-$how" '{"total":"2"}'
        late "deleted-$how" "$how" deleted
        same "applied update deleted-$how, applied delete deleted-$how" "$(statuses)"
        put "remade-$how" '{"total":"1"}'
        load_items
        put "remade-$how" deleted
        late "remade-$how" "$how" '{"total":"9"}'
        same "applied delete remade-$how, applied create remade-$how" "$(statuses)"
        same '0 0 0' "$(query 'SELECT count(*) FROM parked') $(query 'SELECT count(*) FROM pending') $(query 'SELECT count(*) FROM due')"
        for id in created changed deleted remade; do hub-log refund "$id-$how"; done
    done
}

@test "what went back to what the target had, while the other state was on its way, is told once more" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}'
    load_items
    put 7 '{"total":"2"}'
    late 7 drop! '{"total":"1"}'
    same 'applied update 7' "$(statuses)"
    run hub-log refund 7
    has 1
    [[ $output == *'shop:items: behind: /total, there called 1, '*'to be told again'* ]]
    run hub-log
    [[ $output == *'shop:items: lacks 1 of refund'* ]]
    load_items
    has 0
    same 'create 7 1, update - 2, update - 2, update - 1' "$(effects | sed 's/update 7/update -/g')"
    hub-log refund 7
    # One that was made late, and is deleted meanwhile.
    put 8 '{"total":"1"}'
    late 8 drop! deleted
    load_items --delete 9
    has 0
    same 'applied delete 8' "$(statuses)"
    hub-log refund 8
    same 0 "$(query 'SELECT count(*) FROM due')"
}
