#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # maps stand in single quotes; bats sets output and the like
# hub-canon -t: whether maps keep what they read.

load common

setup() {
    common_setup
    anything thing
}

# tested RULES DATA...: -t --json of a map of RULES on native records of DATA
tested() {
    printf 'map thing <-> t:t {\n%s\n}\n' "$1" >map
    for data in "${@:2}"; do echo "{\"data\":$data,\"id\":\"1\",\"source\":\"t\",\"stream\":\"t:t\"}"; done >in
    run --separate-stderr hub-canon -t --json -m map in
}

@test "kept: each native value comes back with its bytes" {
    tested 'a = .a; l[] = .l[] { x = .x | decimal }' '{"a":"1","l":[{"x":"2"},{"x":"3.5"}]}'
    has 0
    same '{"field":".a","kept":1,"not_written":0,"respelled":0}
{"field":".l[].x","kept":2,"not_written":0,"respelled":0}
{"records":{"kept":1,"lost":0,"one_way":0,"respelled":0}}' "$output"
}

@test "respelled: other bytes, or none, that mean the same" {
    tested 'a = .a | trim; b = ."b c" | number' '{"a":" x ","b c":1.50,"other":{"deep":true},"empty":""}' '{"a":"x","b c":2}'
    has 0
    same '{"field":".a","kept":1,"not_written":0,"respelled":1}
{"field":".\"b c\"","kept":2,"not_written":0,"respelled":0}
{"field":".other.deep","kept":0,"not_written":1,"respelled":0}
{"field":".empty","kept":1,"not_written":0,"respelled":0}
{"records":{"kept":1,"lost":0,"one_way":0,"respelled":1}}' "$output"
}

@test "escapes of JSON that mean the same are no loss" {
    for data in '{"a":"a\/b"}' '{"a":"a\/b &amp; c"}' '{"b":"a@\u00fc.example"}' '{"c":"\u0041"}' '{"d":"x\u00e9"}' '{"e":"\u0037"}'; do
        tested 'a = .a | html_entities; b = .b | email; c = .c; "x{d}" = .d; e = .e | pad(4)' "$data"
        has 0
        [[ $output == *'"lost":0,'* ]]
    done
}

@test "lost: what the second reading does not give again" {
    tested 'a = .a; b <- .b' '{"a":"1","b":"2"}' '{"a":"1"}'
    has 1
    same '{"example":"in:1: read again, it differs","field":"/b","lost":1}
{"records":{"kept":1,"lost":1,"one_way":0,"respelled":0}}' "$(tail -n 2 <<<"$output")"
    tested 'a <- .a | lower; a -> .b' '{"a":"X"}'
    has 1
}

@test "lost: what cannot be written, with its reason" {
    tested 'tags[1..2] = ."T{nth}"; tags[] <- .more[]' '{"T1":"a","T2":"b","more":["c"]}'
    has 1
    same '{"example":"in:1: 3 items, and columns for 2","field":"/tags","lost":1}' "$(grep example <<<"$output")"
}

@test "a pair of one-way rules counts as both ways" {
    tested 'a <- lower(.a); a -> .a' '{"a":"x"}'
    has 0
    same '{"records":{"kept":1,"lost":0,"one_way":0,"respelled":0}}' "$(tail -n 1 <<<"$output")"
}

@test "lost: a record that only the second reading gives" {
    anything other
    printf '%s\n' 'map thing <-> t:t { a = .a }' 'map other <- t:t when !has(.b) { id <- "o"; a <- .a }' >map
    echo '{"data":{"a":"1","b":"2"},"id":"1","source":"t","stream":"t:t"}' >in
    run --separate-stderr hub-canon -t --json -m map in
    has 1
    same '{"example":"in:1: read again, it gives a record more","field":"/","lost":1}' "$(grep example <<<"$output")"
}

@test "thousands of fields: those beyond a limit are counted as one" {
    tested 'a = .a' "$(jq -nc '[range(5000) | {"k\(.)": 1}] | add')"
    has 0
    same '{"field":"(others)","kept":0,"not_written":905,"respelled":0}' "$(grep others <<<"$output")"
}

@test "-t has no use for -w, and --json none without -t" {
    echo 'map thing <-> t:t { a = .a }' >map
    for options in '-t -w true -m map' '--json -m map' '-w true -w true' '--explain' '--explain -t -m map' '--explain -w true -m map' '--explain -R -s t:t -m map'; do
        # shellcheck disable=SC2086 # several words
        run --separate-stderr hub-canon $options /dev/null
        has 2
    done
}

@test "one way: what no map writes" {
    echo 'map thing <- t:t { a <- .a }' >map
    echo '{"data":{"a":"1"},"id":"1","source":"t","stream":"t:t"}' >in
    run --separate-stderr hub-canon -t --json -m map in
    has 0
    same '{"records":{"kept":0,"lost":0,"one_way":1,"respelled":0}}' "$output"
}

@test "a table for a person; the books; what is refused" {
    tested 'a = .a | decimal' '{"a":"1"}' '{"a":"x"}' '{"a":"2.0"}'
    has 2
    run --separate-stderr hub-canon -t -v -r rejects -m map in
    has 1
    same 'native field          kept  respelled  not written
.a                       2          0            0
records: kept 2 + respelled 0 + lost 0 + one way 0' "$output"
    [[ $stderr == *'read 3 = taken 2 + refused 1 + left out 0; wrote 3'* ]]
    run --separate-stderr hub-canon -t -R -s t:t -m map in
    has 2
    run --separate-stderr hub-canon -t in
    has 2
}

@test "the shipped maps keep what they read of the samples, in the zone of the shop; the till is only read" {
    hub-extract -s shopify:orders-csv -r rejects "$ROOT/samples/shopify/orders_export.zip" >shop || [ $? -eq 1 ]
    run --separate-stderr hub-canon -t --json -s shopify:orders-csv -D zone=America/New_York -r rejects shop
    has 1
    same '{"records":{"kept":0,"lost":0,"one_way":0,"respelled":160}}' "$(tail -n 1 <<<"$output")"
    run --separate-stderr hub-canon -t --json -s shopify:orders-csv -r rejects shop
    has 1
    same /business_date "$(jq -r 'select(.lost) | .field' <<<"$output")"
    run --separate-stderr bash -c 'hub-extract -s square:items-csv "$0"/samples/square/items.csv | hub-canon -t --json -s square:items-csv -l receipts="$0"/samples/square/transactions.csv' "$ROOT"
    has 0
    same '{"records":{"kept":0,"lost":0,"one_way":64,"respelled":0}}' "$output"
}
