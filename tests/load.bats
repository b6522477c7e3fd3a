#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# hub-load: records into files and folders.

load common

# native ID DATA
native() {
    printf '{"data":%s,"entity":"pick","id":"%s","source":"wh","stream":"wh:pick","version":"v%s"}\n' "$2" "$1" "$1"
}

receipt() {
    printf '{"entity":"pick","id":"%s","op":"upsert","source":"wh","status":"%s","target":"%s","version":"v%s"}' "$1" "$2" "$3" "$1"
}

setup() {
    common_setup
    export HUB_PATH=$PWD/pipelines
    native 1 '{"sku":"A","qty":2,"note":"a,\"b\"","ok":true}' >in
    native 2 '{"sku":"B","qty":1.50,"note":null}' >>in
}

# ---- files ----

@test "csv: the keys of the first record are the columns" {
    run --separate-stderr hub-load out.csv in
    has 0
    same "$(receipt 1 applied out.csv)"$'\n'"$(receipt 2 applied out.csv)" "$output"
    same "" "$stderr"
    same $'sku,qty,note,ok\nA,2,"a,""b""",true\nB,1.50,,' "$(cat out.csv)"
}

@test "tsv" {
    run --separate-stderr hub-load out.tsv in
    has 0
    same $'sku\tqty\tnote\tok\nA\t2\t"a,""b"""\ttrue\nB\t1.50\t\t' "$(cat out.tsv)"
}

@test "ndjson and json: the data of native records, as it is spelled" {
    run --separate-stderr hub-load out.ndjson in
    has 0
    same $'{"sku":"A","qty":2,"note":"a,\\"b\\"","ok":true}\n{"sku":"B","qty":1.50,"note":null}' "$(cat out.ndjson)"
    run --separate-stderr hub-load out.json in
    has 0
    same "$(printf '[\n%s\n]\n' "$(sed '$!s/$/,/' out.ndjson)")" "$(cat out.json)"
}

@test "ndjson: canonical records whole, so that they can be compared later" {
    echo '{"entity":"order","data":{"b":"2","a":"1"},"id":"1","source":"s","v":1}' >canonical
    run --separate-stderr hub-load state.ndjson canonical
    has 0
    same '{"data":{"a":"1","b":"2"},"entity":"order","id":"1","source":"s","v":1}' "$(cat state.ndjson)"
    hub-diff -q canonical state.ndjson
}

@test "no records are a file too" {
    for suffix in csv ndjson json; do
        run --separate-stderr hub-load "out.$suffix" /dev/null
        has 0
        same "" "$output"
    done
    same "" "$(cat out.csv out.ndjson)"
    same "[]" "$(cat out.json)"
    run --separate-stderr hub-load --columns a,b out.csv /dev/null
    same "a,b" "$(cat out.csv)"
}

@test "each of rows is a row" {
    native 3 '{"rows":[{"n":1},{"n":2,"m":"x"}]}' >in
    run --separate-stderr hub-load out.csv in
    has 0
    same $'n,m\n1,\n2,x' "$(cat out.csv)"
}

@test "columns as system.json says, and nothing else" {
    mkdir -p pipelines/systems/wh
    echo '{"system":"wh","streams":{"pick":{"format":"csv","delimiter":";","columns":["note","ok","qty","sku","more"]}}}' >pipelines/systems/wh/system.json
    run --separate-stderr hub-load out.csv in
    has 0
    same $'note;ok;qty;sku;more\na,"b";true;2;A;\n;;1.50;B;' "$(sed 's/"a,""b"""/a,"b"/' out.csv)"
    native 3 '{"sku":"C","strange":1}' >>in
    run --separate-stderr hub-load out.csv in
    has 2
    same 'hub-load: in:3: /strange: "strange" is none of the columns' "$stderr"
}

@test "--columns chooses" {
    run --separate-stderr hub-load --columns qty,sku out.csv in
    has 0
    same $'qty,sku\n2,A\n1.50,B' "$(cat out.csv)"
}

@test "--safe-cells defuses formulas and leaves numbers" {
    native 1 '{"a":"=1+1","b":"-12.50","c":"+49 30 1","d":"@x","e":"x=1"}' >in
    run --separate-stderr hub-load --safe-cells out.csv in
    has 0
    same $'a,b,c,d,e\n\'=1+1,-12.50,\'+49 30 1,\'@x,x=1' "$(cat out.csv)"
}

@test "a record with another field is refused by name" {
    native 3 '{"sku":"C","colour":"red"}' >>in
    run --separate-stderr hub-load out.csv in
    has 2
    same "" "$output"
    same 'hub-load: in:3: /colour: "colour" is none of the columns' "$stderr"
    [ ! -e out.csv ]
}

@test "what does not fit into a cell is refused by name" {
    native 3 '{"sku":{"a":1}}' >>in
    run --separate-stderr hub-load out.csv in
    has 2
    same 'hub-load: in:3: /sku: an object does not fit into a cell' "$stderr"
    native 3 '{"rows":[{"sku":"C"},{"sku":["x"]}]}' >in
    run --separate-stderr hub-load out.csv in
    has 2
    same 'hub-load: in:1: /rows/1/sku: a list does not fit into a cell' "$stderr"
}

@test "with -r the rest is written, and nothing of what was refused" {
    { native 0 '{"rows":[{"zip":"1"},{"zip":[]}]}'; cat in; native 3 '{"sku":{}}'; } >mixed
    run --separate-stderr hub-load -r rejects out.csv mixed
    has 1
    same "$(receipt 1 applied out.csv)"$'\n'"$(receipt 2 applied out.csv)" "$output"
    same $'sku,qty,note,ok\nA,2,"a,""b""",true\nB,1.50,,' "$(cat out.csv)"
    same 2 "$(wc -l <rejects)"
}

@test "a file that would stay the same is not touched" {
    hub-load out.csv in >/dev/null
    touch -d 2001-01-01 out.csv
    run --separate-stderr hub-load out.csv in
    has 0
    same "$(receipt 1 unchanged out.csv)"$'\n'"$(receipt 2 unchanged out.csv)" "$output"
    same 2001 "$(date -r out.csv +%Y)"
    printf x >>out.csv
    run --separate-stderr hub-load out.csv in
    same "$(receipt 1 applied out.csv)"$'\n'"$(receipt 2 applied out.csv)" "$output"
}

@test "an input that was cut off leaves the file as it was" {
    echo old >out.csv
    { cat in; echo '{"n":2,"source":"wh","stream":"wh:pick"}'; native 3 '{"sku":"C"}'; } >cut.off
    run --separate-stderr hub-load out.csv cut.off
    has 2
    same "" "$output"
    same old "$(cat out.csv)"
    run --separate-stderr hub-load --marks out.csv in
    has 2
    same old "$(cat out.csv)"
    same "" "$(find . -name '*.part')"
    { cat in; echo '{"end":true,"n":2,"source":"wh","stream":"wh:pick"}'; } >whole
    run --separate-stderr hub-load --marks out.csv whole
    has 0
    same "$(receipt 1 applied out.csv)"$'\n'"$(receipt 2 applied out.csv)"$'\n''{"end":true,"n":2}' "$output"
    run --separate-stderr hub-load -n --marks out.csv whole
    same "" "$output"
}

@test "a snapshot holds what is there: a deletion is not in it" {
    echo '{"deleted":true,"entity":"pick","id":"9","source":"wh","stream":"wh:pick","version":"v9"}' >>in
    run --separate-stderr hub-load out.csv in
    has 0
    same '{"entity":"pick","id":"9","op":"delete","source":"wh","status":"applied","target":"out.csv","version":"v9"}' "${lines[2]}"
    same 3 "$(wc -l <out.csv)"
}

@test "many receipts wait in a file" {
    seq 1 200000 | sed 's/.*/{"data":{"n":&},"entity":"pick","id":"&","source":"wh","stream":"wh:pick","version":"v&"}/' >many
    hub-load out.csv many >receipts
    same 200000 "$(wc -l <receipts)"
    same "$(receipt 200000 applied out.csv)" "$(tail -n 1 receipts)"
    same "$(receipt 1 applied out.csv)" "$(head -n 1 receipts)"
    same 200001 "$(wc -l <out.csv)"
    TMPDIR=/nowhere run --separate-stderr hub-load other.csv many
    has 2
    [[ $stderr == "hub-load: /nowhere/hub-"*": cannot make a temporary file: No such file or directory" ]]
    [ ! -e other.csv ]
}

@test "the version is made where none is carried" {
    echo '{"data":{"b":"2","a":"1"},"entity":"order","id":"1","source":"s","v":1}' >canonical
    run --separate-stderr hub-load out.csv canonical
    has 0
    [[ $output == *'"version":"'"$(printf '{"a":"1","b":"2"}' | sha256sum | cut -d' ' -f1)"'"}' ]]
}

@test "-n says what would happen and touches nothing" {
    run --separate-stderr hub-load -n out.csv in
    has 0
    same "" "$output"
    same "hub-load: out.csv would be created; records: 2" "$stderr"
    [ ! -e out.csv ]
    hub-load out.csv in >/dev/null
    run --separate-stderr hub-load -n out.csv in
    same "hub-load: out.csv would stay as it is; records: 2" "$stderr"
    printf x >>out.csv
    run --separate-stderr hub-load -n out.csv in
    same "hub-load: out.csv would be replaced; records: 2" "$stderr"
}

# ---- targets that are no files ----

@test "standard output is for the receipts" {
    run --separate-stderr hub-load - in
    has 2
    same "hub-load: the receipts go to standard output: name a file or a folder as the target" "$stderr"
}

@test "a pipe is written to in place" {
    mkfifo pipe
    cat pipe >got &
    run --separate-stderr hub-load -f csv pipe in
    has 0
    wait
    [ -p pipe ]
    same $'sku,qty,note,ok\nA,2,"a,""b""",true\nB,1.50,,' "$(cat got)"
}

@test "a full disk" {
    run --separate-stderr hub-load -f csv /dev/full in
    has 2
    same "" "$output"
    same "hub-load: /dev/full: cannot write: No space left on device" "$stderr"
}

@test "receipts that cannot be written" {
    run --separate-stderr sh -c 'hub-load out.csv in >/dev/full'
    has 2
}

@test "a missing folder, a name without a format, no target" {
    run --separate-stderr hub-load nowhere/out.csv in
    has 2
    same "hub-load: nowhere/out.csv: cannot write: No such file or directory" "$stderr"
    run --separate-stderr hub-load nowhere/ in
    has 2
    same "hub-load: nowhere/: cannot write into it: No such file or directory" "$stderr"
    run --separate-stderr hub-load out in
    has 2
    same "hub-load: out: its name does not tell the format: say it with -f (csv, tsv, ndjson, json), or name a template with -T" "$stderr"
    run --separate-stderr hub-load
    has 2
}

@test "changes are no records of a snapshot" {
    echo '{"after":{"a":"1"},"entity":"order","id":"1","op":"create","source":"s","v":1}' >changes
    run --separate-stderr hub-load out.csv changes
    has 2
    same "hub-load: changes:1: neither a native nor a canonical record" "$stderr"
}

# ---- folders ----

@test "a folder gets a file for each record" {
    mkdir box
    run --separate-stderr hub-load -f csv box in
    has 0
    same "$(receipt 1 applied box)"$'\n'"$(receipt 2 applied box)" "$output"
    same "wh.wh%3Apick.pick.1.csv wh.wh%3Apick.pick.2.csv" "$(cd box && echo *)"
    same $'sku,qty,note\nB,1.50,' "$(cat box/wh.wh%3Apick.pick.2.csv)"
    touch -d 2001-01-01 box/*
    native 2 '{"sku":"B","qty":7,"note":null}' >>in
    run --separate-stderr hub-load -f csv box in
    has 0
    same "$(receipt 1 unchanged box)"$'\n'"$(receipt 2 unchanged box)"$'\n'"$(receipt 2 applied box)" "$output"
    same 2001 "$(date -r box/wh.wh%3Apick.pick.1.csv +%Y)"
    same $'sku,qty,note\nB,7,' "$(cat box/wh.wh%3Apick.pick.2.csv)"
}

@test "no name leads out of the folder" {
    mkdir box
    native '../../x y' '{"a":1}' | sed 's/"source":"wh"/"source":".."/' >in
    run --separate-stderr hub-load box/ in
    has 0
    same "%2E%2E.wh%3Apick.pick...%2F..%2Fx%20y.ndjson" "$(ls -A box)"
    native "$(printf '%0300d' 7)" '{"a":1}' >in
    run --separate-stderr hub-load box/ in
    has 0
    same 2 "$(find box -type f | wc -l)"
}

@test "a record without a name is named by what it says" {
    mkdir box
    echo '{"data":{"a":1},"source":"s","stream":"s:x"}' >in
    run --separate-stderr hub-load box in
    has 0
    same "" "$output"
    same "s.s%3Ax.$(printf '{"a":1}' | sha256sum | cut -d' ' -f1).ndjson" "$(ls -A box)"
}

@test "a deletion is refused where no file can tell it" {
    mkdir box
    echo '{"deleted":true,"entity":"pick","id":"9","source":"wh","stream":"wh:pick"}' >in
    run --separate-stderr hub-load -f csv box in
    has 2
    same "hub-load: in:1: a deletion, and a csv file cannot tell it" "$stderr"
}

@test "-n counts the files of a folder" {
    mkdir box
    run --separate-stderr hub-load -n box in
    has 0
    same "hub-load: box: of 2 files 2 would be created, 0 replaced, 0 would stay as they are" "$stderr"
    same "" "$(ls -A box)"
}

@test "a target that is also the file for rejects is refused" {
    run --separate-stderr bash -c 'echo bad | hub-load -r both.ndjson both.ndjson'
    has 2
    [[ $stderr == *"is also the file for rejects"* ]]
}

@test "in a folder, records of two streams do not take each other's place" {
    mkdir box
    native 1 '{"a":1}' >in
    native 1 '{"a":1}' | sed 's/"stream":"wh:pick"/"stream":"wh:label"/' >>in
    run --separate-stderr hub-load box in
    has 0
    same 2 "$(find box -type f | wc -l)"
}

@test "a link to a file that is not there yet stays a link" {
    mkdir -p far/away
    ln -s far/link out.csv
    ln -s away/real.csv far/link
    run --separate-stderr hub-load out.csv in
    has 0
    [ -L out.csv ]
    [ -L far/link ]
    [ -s far/away/real.csv ]
    ln -s nowhere/x.csv lost.csv
    run --separate-stderr hub-load lost.csv in
    has 2
    [ -L lost.csv ]
    ln -s round.csv round.csv
    run --separate-stderr hub-load round.csv in
    has 2
}

@test "-n makes no file for rejects, and says what it would hold" {
    echo bad >>in
    run --separate-stderr hub-load -n -r rejects.ndjson out.csv in
    has 1
    [[ $stderr == *"hub-load: in:3: "* && $stderr == *"out.csv would be created"* ]]
    [ ! -e rejects.ndjson ]
    [ ! -e out.csv ]
    run --separate-stderr hub-load -n out.csv in
    has 2
}

@test "a delimiter that no reader takes is refused when it is described" {
    mkdir -p pipelines/systems/wh
    for delimiter in '"\""' '"\n"' '"€"' '";;"'; do
        echo '{"system":"wh","streams":{"pick":{"format":"csv","delimiter":'"$delimiter"'}}}' >pipelines/systems/wh/system.json
        HUB_PATH=pipelines run --separate-stderr hub-load out.csv in
        has 2
        [[ $stderr == *"pipelines/systems/wh/system.json:1:"*": /streams/pick/delimiter: must be one ASCII character"* ]]
    done
    echo '{"system":"wh","streams":{"pick":{"format":"csv","delimiter":"tab"}}}' >pipelines/systems/wh/system.json
    HUB_PATH=pipelines run --separate-stderr hub-load out.csv in
    has 0
    same "$(printf 'sku\tqty\tnote\tok')" "$(head -n 1 out.csv)"
}

@test "a header that would not be read back is refused" {
    native 1 '{"":1}' >in
    run --separate-stderr hub-load out.csv in
    has 2
    same 'hub-load: in:1: a field without a name cannot be a column' "$stderr"
    native 1 '{"\ufeffa":1}' >in
    run --separate-stderr hub-load out.csv in
    has 2
    [[ $stderr == *'would be read without its U+FEFF'* ]]
    [ ! -e out.csv ]
}

@test "a target that is none says what there is instead" {
    run --separate-stderr hub-load hub:order </dev/null
    has 2
    same 'hub-load: the hub takes records of any entity: hub:' "$stderr"
    for url in https://shop.example.com/in/ s3://bucket/in/ smtp://mail.example.com; do
        run --separate-stderr hub-load -d hub.db "$url" </dev/null
        has 2
        [[ $stderr == *'URLs of sftp, ftps or ftpes; an API or a mail server is described as the target of a system'* ]]
    done
    run --separate-stderr hub-load -d hub.db --settle hub: </dev/null
    has 2
    [[ $stderr == *'--settle is for'* ]]
}
