#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # maps stand in single quotes; bats sets output and the like
# Maps with group: adjacent records with an equal key become one.

load common

setup() {
    common_setup
    anything thing sum
    echo 'map sum <- hub:thing group .day { id <- "day:{.key}"; n <- count(.rows[]); total <- sum(.rows[].v | decimal); first <- .rows[0].v }' >map
}

# things DAY:VALUE...: canonical records with ids 1, 2, …
things() {
    local n=0 thing
    for thing; do
        n=$((n + 1))
        echo "{\"data\":{\"day\":\"${thing%%:*}\",\"v\":\"${thing#*:}\"},\"entity\":\"thing\",\"id\":\"$n\",\"source\":\"s\",\"v\":1}"
    done
}

@test "adjacent records with an equal key are one, made of all; the last one ends with the input" {
    things a:1 a:2 b:3 a:4 >in
    run --separate-stderr hub-canon -v -m map in
    has 0
    same 'day:a {"first":"1","n":"2","total":"3"} 1 2 hub
day:b {"first":"3","n":"1","total":"3"} 3 hub
day:a {"first":"4","n":"1","total":"4"} 4 hub' "$(jq -r '.id + " " + (.data | tojson) + " " + ([.of[].id] | join(" ")) + " " + .source' <<<"$output")"
    same 'hub-canon: read 4 = taken 4 + refused 0 + left out 0; wrote 3' "$stderr"
    run --separate-stderr hub-canon -m map /dev/null
    has 0
    same '' "$output"
}

@test "what it was made from is spelled as everywhere, in whichever order it came" {
    things a:1 a:2 >in
    tac in in >reversed
    run --separate-stderr hub-canon -m map reversed
    has 0
    same '1 2' "$(jq -r '.of[].id' <<<"$output" | paste -sd ' ')"
}

@test "beside other maps, which give their records at once; -e and -w choose" {
    echo 'map thing <- hub:thing { id <- "copy:{.id}"; v <- .v }' >>map
    things a:1 a:2 b:3 >in
    same 'copy:1 copy:2 copy:3 day:a day:b' "$(hub-canon -m map in | jq -r .id | paste -sd ' ')"
    same 'day:a day:b' "$(hub-canon -e sum -m map in | jq -r .id | paste -sd ' ')"
    same 'day:b' "$(hub-canon -e sum -w 'n == 1' -m map in | jq -r .id | paste -sd ' ')"
}

@test "native records, too; each and when are asked of the group" {
    echo 'map thing <- t:t group .k null "" when count(.rows[]) > 1 { id <- .key; l[] <- .rows[] { x <- .x } }' >map
    for r in a:1 a:2 b:3; do echo "{\"data\":{\"k\":\"${r%:*}\",\"x\":\"${r#*:}\",\"new\":\"y\"},\"source\":\"s\",\"stream\":\"t:t\"}"; done >in
    run --separate-stderr hub-canon -m map in
    has 0
    same '{"data":{"l":[{"x":"1"},{"x":"2"}]},"entity":"thing","id":"a","source":"hub","v":1}' "$output"
    same 'hub-canon: t:t: no rule reads or skips .new, which has a value in 3 of 3 records' "$stderr"
}

@test "a group is refused whole, with all of its lines, and the others go on" {
    things a:1 b:2 b:x b:3 c:4 >in
    run --separate-stderr hub-canon -v -r rejects -m map in
    has 1
    same 'day:a day:c' "$(jq -r .id <<<"$output" | paste -sd ' ')"
    same "$(sed -n 2,4p in)" "$(jq -c .record rejects)"
    same 'hub-canon: read 5 = taken 2 + refused 3 + left out 0; wrote 2' "$(head -n 1 <<<"$stderr")"
    same 'in:2 in:3 in:4' "$(jq -r .from rejects | paste -sd ' ')"
    same 'thing 2 thing 3 thing 4' "$(jq -r '.entity + " " + .id' rejects | paste -sd ' ')"
    run --separate-stderr hub-canon -m map in
    has 2
}

@test "the key may ask for what stands in the envelope" {
    echo 'map sum <- hub:thing group "{.source} {.id}" { id <- .key }' >map
    things a:1 a:2 >in
    same 's 1 s 2' "$(hub-canon -m map in | jq -r .id | paste -sd ' ')"
}

@test "a record that is refused for itself refuses its group, in the order in which they came" {
    echo 'map thing <- hub:thing { id <- "copy:{.id}"; v <- .v | decimal }' >>map
    things a:1 a:x a:3 b:4 >in
    run --separate-stderr hub-canon -v -r rejects -m map in
    has 1
    same 'copy:1 copy:3 copy:4 day:b' "$(jq -r .id <<<"$output" | paste -sd ' ')"
    same "$(sed -n 1,3p in)" "$(jq -c .record rejects)"
    same '/v: a record of its group is refused: in:2: not a decimal: "x" (from .v)
/v: not a decimal: "x" (from .v)
/v: a record of its group is refused: in:2: not a decimal: "x" (from .v)' "$(jq -r '.error.field + ": " + .error.message' rejects)"
    same 'in:1 in:2 in:3' "$(jq -r .from rejects | paste -sd ' ')"
    same 'hub-canon: read 4 = taken 1 + refused 3 + left out 0; wrote 4' "$(head -n 1 <<<"$stderr")"
    run --separate-stderr hub-canon -w 'v && true' -e thing -e sum -m map in
    has 2
    same 'hub-canon: in:1: neither true nor false: "1"' "$stderr"
}

@test "--strict refuses the group of a record with an unread value; --keep-unmapped has no place for it" {
    echo 'map thing <- t:t group .k { id <- .key; l[] <- .rows[] { x <- .x } }' >map
    for r in '"k":"a"' '"k":"a","new":"x"' '"k":"b"'; do echo "{\"data\":{$r,\"x\":\"1\"},\"source\":\"s\",\"stream\":\"t:t\"}"; done >in
    run --separate-stderr hub-canon --strict -r rejects -m map in
    has 1
    same b "$(jq -r .id <<<"$output")"
    same "$(head -n 2 in)" "$(jq -c .record rejects)"
    run --separate-stderr hub-canon --keep-unmapped -m map in
    has 2
    [[ $stderr == *'map:1:1: --keep-unmapped keeps what is left of one record, and a group is of many'* ]]
}

@test "one map groups a stream: a record of two groups could be refused with one of them alone" {
    echo 'map thing <- hub:thing group .v { id <- .key }' >>map
    things a:1 >in
    run --separate-stderr hub-canon -m map in
    has 2
    [[ $stderr == *'map:2:1: another map groups hub:thing already: run the two one after the other, or choose by -e'* ]]
    same 'day:a' "$(hub-canon -e sum -m map in | jq -r .id)"
    same 2 "$(hub-canon --explain -m map | grep -c thing)"
}

@test "-t holds no groups: what they read is one way" {
    echo 'map thing <- t:t group .k { id <- .key }' >map
    for k in a b; do echo "{\"data\":{\"k\":\"$k\"},\"source\":\"s\",\"stream\":\"t:t\"}"; done >in
    run --separate-stderr hub-canon -t -m map in
    has 0
    same 'records: kept 0 + respelled 0 + lost 0 + one way 2' "$output"
}

@test "a record without a key is refused, and breaks no group" {
    { things a:1; echo '{"data":{"v":"9"},"entity":"thing","id":"9","source":"s","v":1}'; things a:2; } >in
    run --separate-stderr hub-canon -r rejects -m map in
    has 1
    same 'day:a 3' "$(jq -r '.id + " " + .data.total' <<<"$output")"
    same group "$(jq -r .error.code rejects)"
}

@test "a mark in the midst of a group waits for the end" {
    { things a:1; echo '{"checkpoint":1,"n":1,"source":"s","stream":"s:t"}'; things a:2; echo '{"checkpoint":2,"end":true,"n":1,"source":"s","stream":"s:t"}'; } >in
    run --separate-stderr hub-canon -m map in
    has 0
    same '1
{"checkpoint":2,"end":true,"n":1,"source":"s","stream":"s:t"}' "$(sed '1s/.*/1/' <<<"$output")"
    same '3' "$(head -n 1 <<<"$output" | jq -r .data.total)"
}

@test "a group goes on from one input to the next, with one end" {
    for i in 1 2; do { things a:$i; echo '{"end":true,"n":1}'; } >in$i; done
    run --separate-stderr hub-canon -m map in1 in2
    has 0
    same 'day:a 3
{"end":true,"n":1}' "$(jq -rc 'if .data then .id + " " + .data.total else . end' <<<"$output")"
}

@test "a group that is refused where marks flow ends the run with its message, and that alone" {
    { things a:x; echo '{"end":true,"n":1}'; } >in
    run --separate-stderr hub-canon -m map in
    has 2
    same 'hub-canon: in:1: /total: not a decimal: "x" (from .rows[].v)' "$stderr"
    same '' "$output"
    run --separate-stderr hub-canon -r rejects -m map in
    has 1
    same '{"end":true,"n":0}' "$output"
}

@test "a change is refused: a group reads whole records" {
    echo '{"after":{"day":"a","v":"1"},"entity":"thing","id":"1","op":"create","source":"s","v":1}' >in
    run --separate-stderr hub-canon -m map in
    has 2
    [[ $stderr == *'a map with group reads whole records'* ]]
}
