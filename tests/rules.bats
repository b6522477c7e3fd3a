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

# by RULE ENTITY DATA...: what the rule makes of each, an entry a line: its date, and account and amount of its lines
by() {
    for data in "${@:3}"; do
        echo "{\"data\":$data,\"entity\":\"$2\",\"id\":\"1\",\"source\":\"shop\",\"v\":1}"
    done | hub-canon -m "rules/$1.map" | jq -r '[.data.date, (.data.lines[] | .account + " " + .amount)] | join("; ")'
}

@test "a refund is booked whatever it says of its lines, by the day it was made where no other is said" {
    same '2026-01-02; assets:clearing:orders -5.00; income:returns 5.00
2026-01-02; assets:clearing:orders -5.00; income:returns 5.00
2026-01-03; assets:clearing:orders -5.00; income:returns 3.00; liabilities:sales tax 1.00; income:returns 1.00' "$(by order-to-journal refund \
        '{"business_date":"2026-01-02","currency":"EUR","total":"5.00"}' \
        '{"business_date":"2026-01-02","currency":"EUR","lines":null,"shipping":"5.00","total":"5.00"}' \
        '{"created_at":"2026-01-03T10:00:00Z","currency":"EUR","lines":[{"sku":"a","quantity":"1","amount":"3.00","tax":"1.00"}],"total":"5.00"}')"
}

@test "what was not sold or not paid is not booked" {
    order='"business_date":"2026-01-02","currency":"EUR","lines":[{"sku":"a","quantity":"1","unit_price":"5"}],"number":"1","subtotal":"5.00","total":"5.00"'
    payout='"amount":"5.00","currency":"EUR","date":"2026-01-02"'
    for none in '"status":"cancelled"' '"status":"draft"' '"cancelled_at":"2026-01-02T00:00:00Z"'; do
        same '' "$(by order-to-journal order "{$none,$order}")"
        same '' "$(by order-to-adjustments order "{$none,$order}")"
    done
    same '2026-01-02; assets:clearing:orders 5.00; income:sales -5.00' "$(by order-to-journal order "{$order,\"status\":\"open\"}")"
    for none in pending failed cancelled; do
        same '' "$(by payout-to-journal payout "{$payout,\"status\":\"$none\"}")"
    done
    same '2026-01-02; assets:bank 5.00; assets:clearing:orders -5.00' "$(by payout-to-journal payout "{$payout,\"status\":\"paid\"}")"
    same '2026-01-02; assets:bank 5.00; assets:clearing:orders -5.00' "$(by payout-to-journal payout "{$payout}")"
}
