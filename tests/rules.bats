#!/usr/bin/env bats
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
