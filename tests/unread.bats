#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # maps stand in single quotes; bats sets output and the like
# What of native records no rule reads: named at the end, refused, or kept.

load common

setup() {
    common_setup
    export HUB_PATH=$PWD/hub:$ROOT/pipelines
    mkdir -p hub/schema
    echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"ext":{"type":"object"}}}' >hub/schema/thing.json
}

# mapped RULES DATA...: the canonical data that a map of RULES makes of native records of DATA
mapped() {
    printf 'map thing <- t:t %s\n' "$1" >map
    natives "${@:2}" >in
    run --separate-stderr hub-canon "${flags[@]}" -m map in
}

natives() {
    for data in "$@"; do echo "{\"data\":$data,\"id\":\"1\",\"source\":\"t\",\"stream\":\"t:t\"}"; done
}

# unread FIELDS: those that the last run named, each with its counts
unread() {
    same "$1" "$(sed -n 's/^hub-canon: t:t: no rule reads or skips \(.*\), which has a value in \(.*\) of \(.*\) records$/\1 \2 \3/p' <<<"$stderr")"
}

@test "fields with a value are named once, with counts; blank ones are not" {
    mapped '{ a <- .a }' '{"a":"1","new":"x","b c":1}' '{"new":"","a":"2","o":{},"l":[],"n":null}' '{"a":"3","new":"y","f":false}'
    has 0
    unread '.new 2 3
."b c" 1 3
.f 1 3'
}

@test "all that is read or skipped is silent, in any order of keys" {
    mapped '{ a <- .a; b <- .o.x; l[] <- .l[] { c <- .c }; skip .s, .o.y, .l[].t }' \
        '{"a":"1","o":{"x":"1","y":1},"l":[{"c":"1","t":2},{"t":1}],"s":[{"deep":1}]}' '{"s":1,"l":[{"t":2,"c":"1"}],"a":"1","o":{"y":1,"x":"1"}}'
    has 0
    same '' "$stderr"
}

@test "in lists and objects, by their path; a list counts once for a record" {
    mapped '{ a <- .o.x; l[] <- .l[] { c <- .c; m[] <- .m[] { d <- .d } } }' \
        '{"o":{"x":"1","y":1},"l":[{"c":"1","t":2},{"t":1,"m":[{"d":"1","e":"1"},{"e":"2"}]}]}'
    has 0
    unread '.o.y 1 1
.l[].t 1 1
.l[].m[].e 1 1'
}

@test "what is taken as a whole is read with all that is in it" {
    mapped '{ n <- count(.l[]); s <- join(",", .tags[]); k[] <- .k[] }' '{"l":[{"c":1}],"tags":["a"],"k":["x"]}'
    unread '.l[].c 1 1'
    mapped '{ s <- sum(.l[], .c); has <- has(.o) }' '{"l":[{"c":1,"d":1}],"o":{"x":1}}'
    unread '.l[].d 1 1
.o.x 1 1'
    mapped '{ first <- sort(.l[], .at)[0].v }' '{"l":[{"at":"1","v":"x","w":"y"}]}'
    same '' "$stderr"
}

@test "a value that is no object, where rules go into one; and an item of a list that is none" {
    mapped '{ o = .o { s = .s }; l[] = .l[] { c = .c }; n <- sum(.n[], .x) }' '{"o":"text","l":["text",{"c":"1"},2],"n":[{"x":1},5]}' '{"o":"","l":[null,{}],"n":[]}'
    has 0
    unread '.o 1 2
.l[] 1 2
.n[] 1 2'
    mapped '{ o = .o { s = .s }; k <- .k.s }' '{"o":[{"s":"1"}],"k":["1"]}'
    unread '.o[] 1 1
.k[] 1 1'
    mapped '{ a <- has(.o); b <- count(.l[]); c <- count(.t); l[] <- .m[] { c <- .c } }' '{"o":"text","l":["x"],"t":["x",{"y":1}],"m":{"c":"1","d":"2"}}'
    unread '.t[].y 1 1
.m.d 1 1'
}

@test "of a list of which a rule reads one item, the others" {
    mapped '{ a <- .o[0].s; b <- .l[1]; c <- .n[0][1] }' '{"o":[{"s":"1","t":"2"},{"s":"3"}],"l":["1","2"],"n":[["1","2"],["3"]]}' '{"o":{"s":"1"},"l":["","2",""],"n":[["","2"]]}'
    unread '.o[].t 1 2
.o[] 1 2
.l[] 1 2
.n[][] 1 2
.n[] 1 2'
    mapped '{ a <- .o[0].s; b[] <- .o[].t; c <- .o[][0].u }' '{"o":[{"s":"1","t":"2"},{"s":"3","t":"4"}]}' '{"o":{"s":"1","t":"2"}}'
    unread '.o[].s 1 2'
    mapped '{ a <- .o[0].s; skip .o[] }' '{"o":[{"s":"1"},{"s":"3"}]}'
    same '' "$stderr"
}

@test "of a list of pairs, the items that no condition picks" {
    flags=(-D k=c)
    mapped '{ a <- .n[.k == "a"].v; b <- .n[.k == "b" && .on == true].v; c <- .n[.k == @k]; d <- .m[.k == 4].v }' \
        '{"n":[{"k":"a","v":"1","w":"2"},{"k":"b","v":"1","on":true},{"k":"c","z":"1"}],"m":[{"k":4.0,"v":"1"},{"k":"5","v":"2"}]}' \
        '{"n":[{"k":"b","v":"1"},{"k":"x","v":"2"},{"k":"y"}]}' '{"n":{"k":"a","v":"1"}}'
    has 0
    unread '.n[].w 1 3
.m[] 1 3
.n[] 1 3'
    flags=()
    mapped '{ a <- .n[.k == "a"].v; b[] <- .n[].k; skip .n[.k == "b"] }' '{"n":[{"k":"a","v":"1"},{"k":"b","v":"2"},{"k":"c","v":"3"}]}'
    unread '.n[].v 1 1'
    mapped '{ a <- .n[.k == "a"][0].v; b[] <- .m[.k != "a"] { v <- .v } }' '{"n":[{"k":"a","v":"1"}],"m":[{"k":"a","v":"1"}]}'
    same '' "$stderr"
    flags=(--keep-unmapped)
    mapped '{ a <- .n[.k == "a"].v }' '{"n":[{"k":"a","v":"1"},{"k":"b","v":"2"}]}'
    same '{"a":"1","ext":{"/n/1":"{\"k\":\"b\",\"v\":\"2\"}"}}' "$(jq -c .data <<<"$output")"
}

@test "a key that is named beside all keys, and an item picked behind two lists" {
    mapped '{ a <- join(",", .o.*.z); b <- .o.one.y; c <- .l[].m[][1].c }' '{"o":{"one":{"z":"1","y":"2"},"two":{"z":"1","y":"2"}},"l":[{"m":[{"c":"1"},{"c":"2"}]}]}'
    unread '.o.*.y 1 1'
}

@test "conditions, functions, patterns, numbered columns, wildcards, shapes and each read" {
    printf '%s\n' 'shape s(k) { a <- ."{k} a" }' 'map thing <- t:t { use s("X"); v <- .p[.n == "g"].v; t[1..2] = ."T{nth}"; "{c}-{d}" = .cd' \
        'w <- join(",", .any.*.z); if <- if(.q == "1", "y") }' 'map thing <- t:t each .e[.k != "no"] when has(.on) { id <- "{$.r}{.i}"; x <- ^.u; skip $.s, ^.t }' >map
    natives '{"X a":"1","p":[{"n":"g","v":"1"}],"T1":"1","T2":"2","cd":"1-2","any":{"one":{"z":"1"},"two":{"z":"1","y":"1"}},"q":"1","e":[{"k":"1","i":"1","on":"1","else":1}],"r":"1","u":"2","s":"3","t":"4"}' >in
    run --separate-stderr hub-canon -m map in
    has 0
    unread '.any.*.y 1 1
.e[].else 1 1'
}

@test "a map of another entity reads too, also where it is not wanted" {
    printf '%s\n' 'map thing <- t:t { a <- .a }' 'map order <- t:t { number <- .b }' >map
    natives '{"a":"1","b":"2","c":"3"}' >in
    run --separate-stderr hub-canon -e thing -m map in
    has 0
    unread '.c 1 1'
}

@test "--strict refuses, by name" {
    flags=(--strict)
    mapped '{ a <- .a }' '{"a":"1"}' '{"a":"2","new":"x","other":1}'
    has 2
    same 'hub-canon: in:2: no rule reads or skips .new, and others' "$stderr"
    run --separate-stderr hub-canon --strict -r rejects -m map in
    has 1
    same unread "$(jq -r .error.code rejects)"
    flags=(--strict -R -s t:t)
    mapped '{ a <- .a }' '{"a":"1"}'
    has 2
    flags=(--strict)
    run hub-canon --strict in
    has 2
    echo 'map thing <- hub:thing { a <- .a }' >map
    for option in strict keep-unmapped; do
        run --separate-stderr hub-canon --$option -m map in
        has 2
        same "hub-canon: --$option looks at native records, and no map reads any" "$stderr"
    done
}

@test "--keep-unmapped keeps them as JSON text under their pointers" {
    flags=(--keep-unmapped)
    mapped '{ a <- .a; l[] <- .l[] { c <- .c } }' '{"a":"1","n":1.50,"a/b~c":{"x":[1, 2]},"l":[{"c":"1"},{"c":"2","d":"é"}]}' '{"a":"1"}'
    has 0
    same '{"a":"1","ext":{"/a~1b~0c":"{\"x\":[1,2]}","/l/1/d":"\"é\"","/n":"1.50"},"l":[{"c":"1"},{"c":"2"}]}
{"a":"1"}' "$(jq -c .data <<<"$output")"
    mapped '{ a <- .a; ext.x <- .b }' '{"a":"1","b":"2","c":"3"}'
    has 2
    [[ $stderr == *'/ext: a rule makes ext: nothing else can be kept there'* ]]
}

@test "the first record of several keeps them, and keeps them once" {
    echo 'map thing <- t:t each .l[] { id <- .i }' >map
    natives '{"l":[{"i":"1"},{"i":"2"}],"n":"x"}' >in
    run --separate-stderr hub-canon --keep-unmapped -m map in
    has 0
    same '{"ext":{"/n":"\"x\""}}
{}' "$(jq -c .data <<<"$output")"
}

@test "thousands of new fields are told apart up to a limit, and the rest counted" {
    data=$(jq -nc '[range(3000) | {"k\(.)": 1}] | add')
    mapped '{ a <- .a }' "$data" "$data"
    has 0
    [[ $stderr == *'t:t: nor '*' more fields, and others beyond these' ]]
    same 21 "$(wc -l <<<"$stderr")"
}

@test "the maps that are shipped read or skip all of the samples" {
    unset HUB_PATH
    cd "$ROOT" || return
    for stream in shopify:orders-csv square:items-csv; do
        file=samples/square/items.csv
        [ $stream = square:items-csv ] || file=samples/shopify/orders_export.zip
        hub-extract -s $stream -r "$BATS_TEST_TMPDIR/rejects" "$file" >"$BATS_TEST_TMPDIR/natives" || [ $? -eq 1 ]
        run --separate-stderr bash -c "hub-canon -s $stream -r $BATS_TEST_TMPDIR/rejects $BATS_TEST_TMPDIR/natives >/dev/null"
        [[ $stderr != *'reads or skips'* ]]
    done
}
