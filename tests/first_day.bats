#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# A target that has records already when the hub comes to it: --settle, and what it calls them.

load common
load target

setup() {
    common_setup
    start_target
}

teardown() {
    stop_target
}

@test "the first day: all is kept as delivered, and nothing is sent; what comes later is" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    load_items --settle
    has 0
    same 'unchanged create 7, unchanged create 8' "$(statuses)"
    same '' "$(effects)"
    put 9 '{"total":"3"}'
    load_items
    same 'applied create 9' "$(statuses)"
}

@test "what was settled on the first day is looked for when it is changed or deleted: nobody has said what the target calls it" {
    describe "\"items\": { \"repeat\": \"look\", $crud, $looks }"
    for ref in changed deleted; do
        curl -sS -d "{\"ref\":\"$ref\",\"total\":\"1\"}" "$SHOP_URL/items" >/dev/null
    done
    put changed '{"total":"1"}' deleted '{"total":"1"}' gone '{"total":"1"}' vanished '{"total":"1"}'
    load_items --settle
    rm effects
    put changed '{"total":"2"}' deleted deleted gone '{"total":"2"}' vanished deleted
    load_items --delete 9
    has 0
    same 'applied update changed, applied update gone, applied delete deleted, applied delete vanished' "$(statuses)"
    # What is not there is made, and what is not there need not be deleted.
    same 'update changed 2, create gone 2, delete deleted 1' "$(effects)"
    same 'changed 1, gone 3' "$(hub-log --ids shop:items refund --json | jq -rs 'map(.id + " " + .target_id) | join(", ")')"
    put changed '{"total":"3"}'
    rm log
    load_items
    has 0
    same 'PUT /items/1' "$(jq -r '.method + " " + .path' log)" # known from now on
}

@test "of what the target has perhaps, a person says that it has it, or has not" {
    describe "\"items\": { \"repeat\": \"never\", $crud }"
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    plan /items drop! 1 POST
    plan /items drop 1 POST
    load_items
    has 1
    run --separate-stderr hub-log refund 7
    has 1
    [[ $output == *'shop:items: set aside, and perhaps it has it: shop: POST '* ]]
    same 'hub-log: look there; where it is not: hub-load --resend 7 shop:items; where it is: hub-load --settle --resend 7 shop:items' "$stderr"
    hub-load --settle --resend 7 shop:items >/dev/null
    hub-load --resend 8 shop:items >/dev/null
    same 'create 7 1, create 8 2' "$(effects)"
    hub-log
}

@test "what waits for another record is lacking, although the hub has no state of it" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    echo '{"data":{"ref":"7","total":{"hub:ref":{"entity":"refund","id":"1","source":"pos"}}},"entity":"refund","id":"7","source":"pos","stream":"shop:items"}' >in
    run hub-load --no-marks shop:items in
    run --separate-stderr hub-log
    has 1
    [[ $output == *'shop:items: lacks 1 of refund, 1 waiting for another record'* ]]
    run --separate-stderr hub-log refund 7
    same '' "$stderr" # it goes by itself
}
