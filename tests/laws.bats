#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# What is read, written and read again is what was read first: every shipped map that writes what it reads, and every draft, over
# records mutated at random.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
}

# holds NAME OPTION...: the law of a map over mutations of the native records in NAME.ndjson
holds() {
    run "$ROOT/tests/laws.py" "$@" <"$1.ndjson"
    echo "$output"
    has 0
}

# The ids of lines are numbers of rows, and rows without a line are not written: there they would be others.
@test "a shop's orders" {
    hub-extract -s shopify:orders-csv -r rejects "$ROOT/samples/shopify/orders_export.zip" >orders.ndjson 2>/dev/null || [ $? = 1 ]
    holds orders -k "Lineitem quantity" -s shopify:orders-csv
}

@test "a till's sales" {
    hub-extract -s square:items-csv "$ROOT/samples/square/items.csv" >sales.ndjson
    holds sales -s square:items-csv -l receipts="$ROOT/samples/square/transactions.csv"
}

@test "every draft" {
    local map name
    cp "$ROOT"/tests/maps/drafts/*.ndjson .
    export HUB_PATH=$ROOT/tests/maps/drafts:$ROOT/pipelines
    for map in "$ROOT"/tests/maps/drafts/*.map; do
        name=$(basename "$map" .map)
        [ -e "$name.ndjson" ] || continue
        local zone=()
        [ "$name" != shopify-orders ] || zone=(-D zone=America/New_York)
        holds "$name" -m "$map" "${zone[@]}"
    done
}

@test "maps of lists, put together at random" {
    anything thing
    mkdir -p hub/systems/t
    echo '{"system":"t","streams":{"t":{"format":"json"}}}' >hub/systems/t/system.json
    run "$ROOT/tests/lists.py"
    echo "$output"
    has 0
}

@test "a map that does not hold it is found" {
    anything thing
    echo 'map thing <-> t:t { a = .a | trim; b <- .a; b -> .c }' >map # b is as .a was spelled
    echo '{"data":{"a":"1"},"id":"1","source":"t","stream":"t:t"}' >t.ndjson
    run "$ROOT/tests/laws.py" t -m map <t.ndjson
    has 1
    [[ $output == "/b: stdin:"*"read again, it differs"* ]]
}
