#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets stderr and the like
# The shipped business rules keep their laws over orders made at random.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
}

@test "orders and refunds are booked right: entries sum to zero, by account what the order says; the stock moves as it says" {
    run "$ROOT/tests/books.py"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "3000 orders are booked right" ]
}

@test "lines are rounded as the currency is: to thousandths, or to whole units" {
    order() {
        printf '{"data":{"business_date":"2026-05-01","currency":"%s","lines":[{"line_id":"1","quantity":"0.5","sku":"A","unit_price":"%s"},' "$1" "$2"
        printf '{"line_id":"2","quantity":"3","sku":"B","unit_price":"%s"}],"number":"1","subtotal":"%s","total":"%s"},"entity":"order","id":"1","source":"shop","v":1}\n' "$2" "$3" "$3"
    }
    booked() { order "$@" | hub-canon -m rules/order-to-journal.map | jq -r '[.data.lines[].amount] | join(" ")'; }
    same '1.234 -0.176 -1.058' "$(booked KWD 0.3526 1.234)"
    same '347 -50 -298 1' "$(booked JPY 99.2 347)"
    same '34.72 -4.96 -29.76' "$(booked EUR 9.92 34.72)"
    run --separate-stderr booked JPY 99.2 352
    [[ $stderr == *"does not sum to zero"* ]]
}
