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
    [ "$output" = "3000 orders are booked right, and what does not foot is refused" ]
}

@test "lines are rounded as the currency is: to thousandths, or to whole units" {
    order() {
        printf '{"data":{"business_date":"2026-05-01","currency":"%s","lines":[{"line_id":"1","quantity":"0.5","sku":"A","unit_price":"%s"},' "$1" "$2"
        printf '{"line_id":"2","quantity":"3","sku":"B","unit_price":"%s"}],"number":"1","subtotal":"%s","total":"%s"},"entity":"order","id":"1","source":"shop","v":1}\n' "$2" "$3" "$3"
    }
    booked() { order "$@" | hub-canon -m rules/order-to-journal.map | jq -r '[.data.lines[].amount] | join(" ")'; }
    same '1.234 -0.176 -1.058' "$(booked KWD 0.3526 1.234)"
    same '347 -50 -297' "$(booked JPY 99.2 347)"
    same '34.72 -4.96 -29.76' "$(booked EUR 9.92 34.72)"
    same '351 -50 -301' "$(booked JPY 100.2 351)"
    same '34.73 -4.96 -29.77' "$(booked EUR 9.92 34.73)"
    same '349 -50 -299' "$(booked JPY 99.2 349)"
    run --separate-stderr booked JPY 99.2 350
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
2026-01-02; assets:clearing:orders -5.00; income:shipping 5.00
2026-01-02; assets:clearing:orders -9.00; liabilities:sales tax 1.00; income:shipping 5.00; income:returns 3.00
2026-01-03; assets:clearing:orders -5.00; income:returns 3.00; liabilities:sales tax 1.00; income:returns 1.00' "$(by order-to-journal refund \
        '{"business_date":"2026-01-02","currency":"EUR","total":"5.00"}' \
        '{"business_date":"2026-01-02","currency":"EUR","lines":null,"shipping":"5.00","total":"5.00"}' \
        '{"business_date":"2026-01-02","currency":"EUR","lines":[{"sku":"a","quantity":"1","tax":"1.00"}],"shipping":"5.00","total":"9.00"}' \
        '{"created_at":"2026-01-03T10:00:00Z","currency":"EUR","lines":[{"sku":"a","quantity":"1","amount":"3.00","tax":"1.00"}],"total":"5.00"}')"
}

@test "what is taken back in an exchange is booked by itself, and an even exchange; what nothing explains is refused" {
    order() {
        printf '{"data":{"business_date":"2026-05-01","currency":"EUR","lines":[%s],"number":"1","subtotal":"%s","total":"%s"},"entity":"order","id":"1","source":"shop","v":1}\n' "$2" "$1" "${3-$1}"
    }
    line() { printf '{"quantity":"%s","sku":"A","unit_price":"%s"}' "$1" "$2"; }
    booked() { order "$@" | hub-canon -m rules/order-to-journal.map | jq -r '[.data.lines[].amount] | join(" ")'; }
    same '101.01 -0.51 -0.50 -100.00' "$(booked 101.01 "$(line 0.5 1.01),$(line 0.5 1.01),$(line 1 100)")"
    same '0.01 -0.51 -0.50 1.00' "$(booked 0.01 "$(line 0.5 1.01),$(line 0.5 1.01),$(line -1 1)")"
    same '-1.01 0.51 0.50' "$(booked -1.01 "$(line -0.5 1.01),$(line -0.5 1.01)")"
    same '0.00 -5.00 5.00' "$(booked 0.00 "$(line 1 5),$(line -1 5)")"
    same '0.00 0.00' "$(booked 0.00 "$(line 1 0)")"
    same '24.06 -24.06' "$(booked 24.06 "$(line 12 2)")"
    refused() {
        order "${@:2}" >in
        run --separate-stderr hub-canon -m rules/order-to-journal.map in
        has 2
        [[ $stderr == *"$1"* ]] || same "$1" "$stderr"
    }
    refused 'does not sum to zero' 24.07 "$(line 12 2)"
    refused 'does not sum to zero' 5.00 ''
    refused 'does not sum to zero' 0.01 "$(line 1 0)"
    refused 'does not sum to zero' 24.00 "$(line 12 2)" 24.01
    refused '/lines/1/amount: is missing' 2.00 '{"quantity":"1","sku":"A"}'
}

@test "an entry has a number, and each refund of an order its own: entries of one number would be one in the accounts" {
    number() { hub-canon -m rules/order-to-journal.map | hub-canon -R -s quickbooks:journal-csv | jq -r '.data.rows[0] | ."*JournalNo" + " " + .Description'; }
    for id in 81 82; do
        printf '{"data":{"business_date":"2026-01-02","currency":"EUR","order_id":"7","reason":"broken","total":"5.00"},"entity":"refund","id":"%s","source":"s","v":1}\n' $id
    done >refunds
    same 'R-81 refund, order 7, broken
R-82 refund, order 7, broken' "$(number <refunds)"
    same '9 shop order 9' "$(echo '{"data":{"business_date":"2026-01-02","currency":"EUR","lines":[],"total":"0.00"},"entity":"order","id":"9","source":"s","v":1}' | number)"
}

@test "a payout's line says what it says: of gross, fee and net any two; fees are fees whichever has them" {
    paid() { by payout-to-journal payout "{\"date\":\"2026-01-02\",\"currency\":\"EUR\",\"amount\":\"$1\",\"lines\":[$2]}"; }
    same '2026-01-02; assets:bank 95.00; expenses:payment fees 5.00; assets:clearing:orders -100.00' "$(paid 95.00 '{"gross":"100.00","net":"95.00"}')"
    same '2026-01-02; assets:bank 95.00; expenses:payment fees 5.00; assets:clearing:orders -100.00' "$(paid 95.00 '{"fee":"5.00","net":"95.00"}')"
    same '2026-01-02; assets:bank -4.00; assets:clearing:orders 4.00' "$(paid -4.00 '{"type":"reserve","net":"-4.00"}')"
    for fee in '"fee":"4.00"' '"net":"-4.00"' '"gross":"-4.00"' '"gross":"-4.00","fee":"0.00","net":"-4.00"' '"fee":"4.00","net":"-4.00"'; do
        same '2026-01-02; assets:bank -4.00; expenses:payment fees 4.00' "$(paid -4.00 "{\"type\":\"fee\",$fee}")"
    done
    run --separate-stderr paid 95.01 '{"fee":"5.00","net":"95.00"}'
    [[ $stderr == *"does not sum to zero"* ]]
}

@test "a movement keeps its name when another line goes, and no two lines of an order have one" {
    moves() { echo "{\"data\":{\"currency\":\"EUR\",\"total\":\"0.00\",\"lines\":[$1]},\"entity\":\"order\",\"id\":\"1\",\"source\":\"s\",\"v\":1}"; }
    moves '{"sku":"A","quantity":"3"},{"sku":"B","quantity":"1"},{"sku":"C","quantity":"-2","line_id":"2"}' >old
    moves '{"sku":"A","quantity":"3","current_quantity":"0"},{"sku":"B","quantity":"1"},{"sku":"C","quantity":"-1","line_id":"2"}' >new
    same 'order:1:#1 A -3 sale 1
order:1:#2 B -1 sale 1
order:1:2 C 2 return 1' "$(hub-canon -m rules/order-to-adjustments.map old | jq -r '[.id, .data.sku, .data.delta, .data.reason, .data.ref] | join(" ")')"
    hub-diff old new >change || [ $? -eq 1 ]
    same 'update order:1:2 2 1
delete order:1:#1 -3 null' "$(hub-canon -m rules/order-to-adjustments.map change | jq -r '"\(.op) \(.id) \(.before.delta) \(.after.delta)"')"
    moves '{"sku":"A"}' >in
    run --separate-stderr hub-canon -m rules/order-to-adjustments.map in
    has 2
    [[ $stderr == *"/delta: is missing"* ]]
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
