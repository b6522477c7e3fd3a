#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # maps stand in single quotes; bats sets output and the like
# The map language at its corners, under a contract that takes anything.

load common

setup() {
    common_setup
    export HUB_PATH=$PWD/hub
    mkdir -p hub/schema hub/systems/t
    echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}' >hub/schema/thing.json
    echo '{"system":"t","streams":{"t":{"format":"ndjson"}}}' >hub/systems/t/system.json
}

# reads RULES DATA WANTED: what a map of RULES makes of native DATA; WANTED without braces is part of the refusal
reads() {
    printf 'enum status { paid = "P"; unknown = * }\ncodec trimmed = trim | status\nmap thing <- t:t {\n%s\n}\n' "$1" >map
    echo "{\"data\":$2,\"id\":\"1\",\"source\":\"t\",\"stream\":\"t:t\"}" >in
    gives "$3" -m map in
}

# writes RULES DATA WANTED: the same from canonical DATA to native; and read back it is DATA again
writes() {
    printf 'enum status { paid = "P"; unknown = * }\ncodec trimmed = trim | status\nmap thing <-> t:t {\n%s\n}\n' "$1" >map
    echo "{\"data\":$2,\"entity\":\"thing\",\"id\":\"1\",\"source\":\"t\",\"v\":1}" >in
    gives "$3" -R -s t:t -m map in
    [[ $3 != "{"* ]] || same "$(jq -Sc .data in)" "$(hub-canon -R -s t:t -m map in | hub-canon -m map | jq -c .data)"
}

gives() {
    run --separate-stderr hub-canon "${@:2}"
    if [[ $1 == "{"* ]]; then
        has 0
        same "$1" "$(jq -c .data <<<"$output")"
    else
        has 2
        [[ $stderr == *"$1"* ]] || same "$1" "$stderr"
    fi
}

@test "numbered columns take as many items as there are columns" {
    writes 'tags[1..2] = ."Tag {nth}"' '{"tags":["a","b"]}' '{"Tag 1":"a","Tag 2":"b"}'
    writes 'tags[1..2] = ."Tag {nth}"' '{"tags":["a","b","c"]}' '/tags: 3 items, and columns for 2'
    writes 'l[1..2] { name = ."N{nth}" }' '{"l":[{"name":"a"},{"name":"b"},{"name":"c"}]}' '/l: 3 items, and columns for 2'
}

@test "a place of a native list is not written where one before it is empty" {
    writes 'a = .l[0]; b = .l[1]' '{"a":"x","b":"y"}' '{"l":["x","y"]}'
    writes 'a = .l[0]; b = .l[1]' '{"a":"x"}' '{"l":["x"]}'
    writes 'a = .l[0]; b = .l[1]' '{"b":"y"}' '/l: [1] has a value and [0] has none'
    writes 'a = .l[1]' '{"a":"x"}' '/l: [1] has a value and [0] has none'
}

@test "a two-way block for a list has a native path" {
    reads 'x[] = { a = .a }' '{"a":"1"}' 'a two-way block for a list needs a native path: x[] = .PATH[] { … }'
    reads 'x[] <- { a <- .a }; x[] <- { a <- .b }' '{"a":"1","b":"2"}' '{"x":[{"a":"1"},{"a":"2"}]}'
}

@test "holes of one field hold the same" {
    reads '"{a}-{a}" = .x' '{"x":"1-1"}' '{"a":"1"}'
    reads '"{a}-{a}" = .x' '{"x":"1-2"}' '/a: no pattern fits "1-2"'
    reads '"{a}-{b}-{a}" = .x' '{"x":"1-2-1-2-1"}' '{"a":"1","b":"2-1-2"}'
    writes '"{a}-{a}" = .x' '{"a":"1"}' '{"x":"1-1"}'
}

@test "the word that an enumeration does not know is kept behind a named codec and on any branch" {
    writes 's = .s | trimmed' '{"s":"unknown","s_raw":"Z"}' '{"s":"Z"}'
    reads 's <- .s | status or .t | status' '{"t":"Q"}' '{"s":"unknown","s_raw":"Q"}'
    reads 's <- .s | status or "none"' '{"s":"Z"}' '{"s":"unknown","s_raw":"Z"}'
    reads 's <- .s | status or "none"' '{}' '{"s":"none"}'
    reads 's <- .s | status else "none"' '{"s":["Z"]}' '{"s":"none"}'
}

@test "a native number needs a codec, whatever it comes through" {
    reads 'a <- if(true, .n)' '{"n":1.50}' '/a: a JSON number needs a codec'
    reads 'a <- if(.n > 1, "much", .n)' '{"n":1.50}' '{"a":"much"}'
    reads 'a[] <- .n[]' '{"n":[1]}' '/a: a JSON number needs a codec'
    reads 'a[] = .n[]; a[] = .m[]' '{"n":[1],"m":[2]}' '/a: a JSON number needs a codec'
}

@test "a list that is read from one value is written to it" {
    writes 'x[] = .x | split(",")' '{"x":["a","b"]}' '{"x":"a,b"}'
    writes 'x[] = .x | split(",")' '{"x":["a","b,c"]}' 'an item is empty or holds the separator'
    writes 'x[] = .x' '{"x":["a","b"]}' '{"x":["a","b"]}'
}

@test "lists inside of a block with a condition" {
    reads 'o <- when has(.y) { v[] <- .l[].v }' '{"y":"1","l":[{"v":"p"},{"v":"q"}]}' '{"o":{"v":["p","q"]}}'
    reads 'o <- when has(.y) { v[] <- .l[].v }' '{"l":[{"v":"p"},{"v":"q"}]}' '{}'
    reads 'v[] <- .l[].v | decimal else .z[]' '{"l":[{"v":"1"},{"v":"q"}],"z":["k","l"]}' '{"v":["k","l"]}'
}

@test "an index behind lists in lists picks one of all" {
    local lists='{"l":[[{"k":"x","v":"1"},{"k":"y","v":"2"}],[{"k":"x","v":"3"}],[{"k":"x","v":"4"}]]}'
    reads 'a <- .l[][.k == "x"][0].v' "$lists" '{"a":"1"}'
    reads 'a <- .l[][.k == "x"][2].v' "$lists" '{"a":"4"}'
    reads 'a <- .l[][][1].v' "$lists" '{"a":"2"}'
    reads 'a <- .l[1][.k == "x"][0].v' "$lists" '{"a":"3"}'
    reads 'a <- .l[][.k == "x"].v' "$lists" '/a: 3 values where one is due'
}
