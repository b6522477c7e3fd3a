#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# hub-diff: two states to the changes between them.

load common

# record ID TOTAL [MORE DATA]
record() {
    printf '{"data":{%s"total":"%s"},"entity":"order","id":"%s","source":"shop","v":1}\n' "${3-}" "$2" "$1"
}

setup() {
    common_setup
    { record 1 10.00; record 2 20.00; record 3 30.00; } >old
    { record 4 40.00; record 2 20.00; record 1 11.00; } >new
    create='{"after":{"total":"40.00"},"entity":"order","id":"4","op":"create","source":"shop","v":1}'
    update='{"after":{"total":"11.00"},"before":{"total":"10.00"},"changed":["/total"],"entity":"order","id":"1","op":"update","source":"shop","v":1}'
    delete='{"before":{"total":"30.00"},"entity":"order","id":"3","op":"delete","source":"shop","v":1}'
}

# ---- what is written ----

@test "changes in the order of the new state, deletions last" {
    run --separate-stderr hub-diff old new
    has 1
    same "$create"$'\n'"$update"$'\n'"$delete" "$output"
    same "" "$stderr"
}

@test "a state does not differ from itself, whatever its order" {
    tac old >other
    run --separate-stderr hub-diff old other
    has 0
    same "" "$output$stderr"
}

@test "both may be empty" {
    run --separate-stderr hub-diff /dev/null /dev/null
    has 0
    same "" "$output$stderr"
}

@test "one of the two may be standard input" {
    run --separate-stderr hub-diff - new <old
    has 1
    same "$create"$'\n'"$update"$'\n'"$delete" "$output"
    run --separate-stderr hub-diff old - <new
    has 1
    same "$create"$'\n'"$update"$'\n'"$delete" "$output"
    run --separate-stderr hub-diff - - <new
    has 2
    same "hub-diff: only one of the two can be standard input" "$stderr"
}

@test "how a record is spelled makes no difference" {
    echo '{ "v": 1, "source": "shop", "id": "1", "entity": "order", "data": { "total": "\u0031", "a": {} } }' >spelled
    echo '{"data":{"a":{},"total":"1"},"entity":"order","id":"1","source":"shop","v":1}' >plain
    run --separate-stderr hub-diff spelled plain
    has 0
}

@test "changed names the deepest places, and escapes them" {
    record 1 1 '"a/b":{"~":"1","same":{}},"lines":[1,{"x":1}],' >old
    record 1 1 '"a/b":{"~":"2","same":{}},"lines":[1,{"x":2}],"new":{"deep":1},' >new
    run --separate-stderr hub-diff old new
    has 1
    [[ $output == *'"changed":["/a~1b/~0","/lines","/new"]'* ]]
}

@test "-q says nothing but the status" {
    run --separate-stderr hub-diff -q old new
    has 1
    same "" "$output$stderr"
    run --separate-stderr hub-diff -q old old
    has 0
}

@test "-y is for a person, and in colours only on a terminal" {
    run --separate-stderr hub-diff -y old new
    has 1
    same $'order 4 (shop)  create\norder 1 (shop)  update\n  /total  10.00 -> 11.00\norder 3 (shop)  delete' "$output"
}

@test "-i leaves a place out of the comparison" {
    record 1 1 '"seen":"a",' >old
    record 1 1 '"seen":"b",' >new
    run --separate-stderr hub-diff -i /seen old new
    has 0
    run --separate-stderr hub-diff old new
    has 1
}

@test "-k tells records by what they say" {
    record 1 10.00 '"sku":"A",' >old
    record 9 11.00 '"sku":"A",' >new
    run --separate-stderr hub-diff -k /sku old new
    has 1
    [[ $output == *'"id":"9","op":"update"'* ]]
    run --separate-stderr hub-diff -k /gtin old new
    has 2
    same 'hub-diff: old:1: /gtin: a key, and not there' "$stderr"
}

@test "--partial deletes only what is said to be deleted" {
    run --separate-stderr hub-diff --partial old new
    has 1
    same "$create"$'\n'"$update" "$output"
    echo '{"deleted":true,"entity":"order","id":"3","source":"shop","v":1}' >>new
    run --separate-stderr hub-diff --partial old new
    has 1
    same "$create"$'\n'"$update"$'\n'"$delete" "$output"
}

@test "the members of a merged record are kept" {
    echo '{"data":{"a":"1"},"entity":"customer","id":"1","of":[{"entity":"customer","id":"7","source":"crm"}],"source":"hub","v":1}' >new
    run --separate-stderr hub-diff /dev/null new
    has 1
    [[ $output == *'"of":[{"entity":"customer","id":"7","source":"crm"}]'* ]]
}

# ---- what goes wrong ----

@test "a key twice with different content names both lines" {
    record 2 21.00 >>new
    run --separate-stderr hub-diff old new
    has 2
    same "" "$output"
    same "hub-diff: new:4: line 2 has another record with the same key" "$stderr"
}

@test "a key twice with the same content is the same record" {
    record 2 20.00 >>new
    run --separate-stderr hub-diff -v old new
    has 1
    same "$create"$'\n'"$update"$'\n'"$delete" "$output"
    [[ $stderr == *"read 7 = taken 6 + refused 0 + left out 1"* ]]
}

@test "a bad record ends it without output" {
    echo '{"broken' >>new
    run --separate-stderr hub-diff old new
    has 2
    same "" "$output"
    [[ $stderr == "hub-diff: new:4: "* ]]
}

@test "with -r it goes on, and takes nothing for deleted that may have been refused" {
    record 3 31.00 | sed 's/"v":1/"v":"1"/' >>new
    run --separate-stderr hub-diff -r rejects old new
    has 1
    same "$create"$'\n'"$update" "$output"
    [[ ${stderr_lines[0]} == "hub-diff: some of new was refused: what it does not mention is not taken for deleted" ]]
    same 1 "$(wc -l <rejects)"
}

@test "native records are told from canonical ones" {
    echo '{"data":{"a":1},"from":"x:1","source":"s","stream":"s:x"}' >new
    run --separate-stderr hub-diff old new
    has 2
    same "hub-diff: x:1: no canonical record: only those can be compared" "$stderr"
}

@test "two inputs are needed" {
    run --separate-stderr hub-diff old
    has 2
    run --separate-stderr hub-diff old new new
    has 2
    run --separate-stderr hub-diff -k sku old new
    has 2
}

@test "a missing file" {
    run --separate-stderr hub-diff old nowhere
    has 2
    same "hub-diff: nowhere: cannot open: No such file or directory" "$stderr"
    same "" "$output"
}

@test "a full disk" {
    run --separate-stderr sh -c 'hub-diff old new >/dev/full'
    has 2
    same "hub-diff: stdout: cannot write: No space left on device" "$stderr"
}

# ---- marks ----

@test "an input that was cut off gives nothing" {
    { cat new; echo '{"n":3,"source":"shop","stream":"s:orders"}'; record 9 1.00; } >cut.off
    run --separate-stderr hub-diff old cut.off
    has 2
    same "" "$output"
    [[ $stderr == *"cut"* ]]
    run --separate-stderr hub-diff --marks old new
    has 2
    same "" "$output"
}

@test "the end mark of the new state ends the changes" {
    { cat old; echo '{"checkpoint":1,"end":true,"n":3,"source":"shop","stream":"s:orders"}'; } >old.marked
    { cat new; echo '{"checkpoint":2,"end":true,"n":3,"source":"shop","stream":"s:orders"}'; } >new.marked
    run --separate-stderr hub-diff old.marked new.marked
    has 1
    same "$create"$'\n'"$update"$'\n'"$delete"$'\n''{"checkpoint":2,"end":true,"n":3,"source":"shop","stream":"s:orders"}' "$output"
    run --separate-stderr hub-diff -q old.marked new.marked
    has 1
    same "" "$output"
    run --separate-stderr hub-diff -y old.marked old.marked
    has 0
    same "" "$output"
}

@test "numbers are compared as they are written" {
    record() { echo '{"data":{"n":'"$1"',"t":"\u0061"},"entity":"order","id":"1","source":"s","v":1}'; }
    record 1 >old
    record 1.0 >new
    run --separate-stderr hub-diff old new
    [ "$status" -eq 1 ]
    [ "$(jq -c .changed <<<"$output")" = '["/n"]' ]
    record 1 | sed 's/\\u0061/a/' >new
    run --separate-stderr hub-diff old new
    [ "$status" -eq 0 ]
}
