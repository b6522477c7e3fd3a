#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# hub-load -T: records as texts, in one file or in one for each.

load common

# order ID NUMBER NAME
order() {
    printf '{"data":{"number":"%s","shipping_address":{"name":"%s"},"total":"19.90"},"entity":"order","id":"%s","source":"shop","v":1}\n' "$2" "$3" "$1"
}

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
    order 7 1001 'Ann ^XZ~JR' >in
    order 8 1002 'Bo' >>in
    printf '%s\n' '^XA^CI28' '^FO40,40^A0N,40,36^FH_^FD{{shipping_address.name}}^FS' '^XZ' >label.zpl
}

statuses() {
    run --separate-stderr hub-load "$@"
    same "${want:-applied applied}" "$(jq -r .status <<<"$output" | xargs)"
}

@test "a file holds what the template makes of all records, one after the other" {
    statuses -T label.zpl labels in
    has 0
    same "$(hub-canon -T label.zpl in)" "$(cat labels)"
    grep -q 'FDAnn _5EXZ_7EJR^FS' labels
    want="unchanged unchanged" statuses -T label.zpl labels in
    has 0
}

@test "a folder gets a text for each record, with the suffix of the template" {
    mkdir box
    statuses -T label.zpl box in
    has 0
    same "shop.order.7.zpl shop.order.8.zpl" "$(cd box && find . -type f -printf "%P\n" | sort | xargs)"
    same "$(sed 1d in | hub-canon -T label.zpl)" "$(cat box/shop.order.8.zpl)"
}

@test "a template names the files, of any format; no name leads out of the folder or is hidden" {
    mkdir box
    order 9 ../../x Cy >>in
    want="applied applied applied" statuses --name '{{number}}-{{.id}}' box in
    has 0
    same "%2E.%2F..%2Fx-9.ndjson 1001-7.ndjson 1002-8.ndjson" "$(cd box && find . -type f -printf "%P\n" | sort | xargs)"
    same "$(sed 1q in)" "$(cat box/1001-7.ndjson)"
}

@test "a newer version takes the name of its record, another record does not" {
    mkdir box
    order 7 1001 Anna >>in
    order 9 1001 Cy >>in
    want="applied applied applied" statuses --name '{{number}}' -r rejects box in
    has 1
    same "Anna" "$(jq -r .data.shipping_address.name box/1001.ndjson)"
    same 'another record of this run has the name "1001" already' "$(jq -r .error.message rejects)"
    same 9 "$(jq -r .id rejects)"
}

@test "a record without a name is refused" {
    mkdir box
    run --separate-stderr hub-load --name '{{note}}' box in
    has 2
    same "hub-load: in:1: its file would have no name" "$stderr"
}

@test "where the template has nothing to say, the record is left out" {
    printf '{{if number == "1001"}}\n{{number}}\n{{end}}\n' >some.txt
    want="left_out applied" statuses -T some.txt -v texts in
    has 0
    same "1001" "$(cat texts)"
    same "hub-load: read 2 = taken 1 + refused 0 + left out 1; wrote 2" "$stderr"
    mkdir box
    want="applied left_out" statuses -T some.txt box in
    same "shop.order.7.txt" "$(ls -A box)"
}

@test "what a place of the template cannot hold is set aside, and the rest is written" {
    printf '2026-05-01 {{shipping_address.name}}\n    a  1 EUR\n    b\n' >entry.journal
    order 7 1001 'a\nb' >in
    order 8 1002 Bo >>in
    want=applied statuses -T entry.journal -r rejects book in
    has 1
    same $'2026-05-01 Bo\n    a  1 EUR\n    b' "$(cat book)"
    same "escape /shipping_address/name" "$(jq -r '.error | "\(.code) \(.field)"' rejects)"
    same "$(sed 1q in)" "$(jq -c .record rejects)"
}

@test "a deletion is refused in a folder unless the template tells it, and is not in a file" {
    mkdir box
    echo '{"deleted":true,"entity":"order","id":"7","source":"shop","v":1}' >gone
    run --separate-stderr hub-load -T label.zpl box gone
    has 2
    same "hub-load: gone:1: a deletion, and a template cannot tell it" "$stderr"
    want=applied statuses -T label.zpl labels gone
    has 0
    same "" "$(cat labels)"
    printf '{{.op}} {{.id}}\n' >op.txt
    want=applied statuses -T op.txt box gone
    has 0
    same "delete 7" "$(cat box/shop.order.7.txt)"
}

@test "parameters and tables of the template" {
    printf '{{@greeting}} {{number | who}}\n' >hello.txt
    printf 'k,v\n1001,Ann\n1002,Bo\n' >who.csv
    printf 'table who from "none.csv" key .k value .v\nparam greeting = "Hello"\n' >names.map
    sed -i '1i{{include "names.map"}}' hello.txt
    statuses -T hello.txt -D greeting=Hi -l who=who.csv texts in
    has 0
    same $'Hi Ann\nHi Bo' "$(cat texts)"
    run --separate-stderr hub-load -T hello.txt -D greting=Hi -l who=who.csv texts in
    has 2
    same 'hub-load: no parameter is called "greting"; did you mean greeting?' "$stderr"
}

@test "what is wrong in a template is said, all of it, and nothing is written" {
    printf '{{nix}} {{nox}}\n' >wrong.txt
    run --separate-stderr hub-load -T wrong.txt texts in
    has 2
    [[ $stderr == *"wrong.txt:1:3: the contract of order has no nix"*"wrong.txt:1:11: the contract of order has no nox"* ]]
    [ ! -e texts ]
}

@test "options without meaning are refused" {
    mkdir box
    while IFS='|' read -r options said; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr hub-load $options in
        has 2
        same "hub-load: $said" "$stderr"
    done <<'END'
-D a=b x.csv|-D is for templates, and none is named
-T label.zpl -f csv x|-T says the format, too: leave -f away
-T label.zpl --columns a x|--columns: columns and cells are what the template says
-T label.zpl --safe-cells x|--safe-cells: columns and cells are what the template says
--name x x.csv|--name is for the files of a folder
-d hub.db -T label.zpl hub:|--template is for files and folders: the hub holds records
END
}
