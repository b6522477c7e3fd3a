#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# hub-log: one place to look.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines HUB_DB=$PWD/hub.db
    order 1 1001 5.00 | into
    settle order rules rules/order-to-journal.map
}

# order ID NUMBER TOTAL [SOURCE]
order() { echo "{\"data\":{\"business_date\":\"2026-05-01\",\"currency\":\"EUR\",\"lines\":[{\"quantity\":\"1\",\"sku\":\"M\",\"unit_price\":\"${3%0}\"}],\"number\":\"$2\",\"subtotal\":\"$3\",\"total\":\"$3\"},\"entity\":\"order\",\"id\":\"$1\",\"source\":\"${4:-shop}\",\"v\":1}"; }
into() { hub-load --no-marks hub: >/dev/null; }

# settle ENTITY TARGET [MAP]: what the target lacks, through a map where there is one, and it has settled it
settle() { hub-extract "hub:$1" --for "$2" | if [ -n "${3-}" ]; then hub-canon -m "$3"; else cat; fi | hub-load hub: >/dev/null; }

# life WORD...: what hub-log says, without times
life() { hub-log "$@" | sed 's/20[0-9T:-]*Z/T/g'; }

@test "the life of a record, by its number or its id, with what was made of it" {
    settle journal_entry books
    same 'order 1 of shop, known since T
  rules: in sync, last settled T
  made of it: journal_entry order:1 of shop, known since T
    books: in sync, last settled T' "$(life order 1001)"
    same "$(life order 1001)" "$(life order 1)"
    run --separate-stderr hub-log order 1001
    has 0
}

@test "behind by what changed; never sent; deleted; there and back" {
    settle order shop2
    order 1 1001 6.00 | into
    order 2 1002 1.00 | into
    run --separate-stderr hub-log order 1001
    has 1
    same '  shop2: behind: /lines, /subtotal, /total, last settled T' "$(life order 1001 | grep shop2)"
    same '  shop2: never sent, last settled T' "$(life order 1002 | grep shop2)"
    order 1 1001 5.00 | into
    same '  shop2: in sync, last settled T' "$(life order 1001 | grep shop2)"
    echo '{"deleted":true,"entity":"order","id":"1","source":"shop","v":1}' | into
    same 'order 1 of shop, deleted T
  rules: behind: it is deleted, last settled T' "$(life order 1001 | head -n 2)"
}

@test "the hub as a whole: records, what targets lack, bookmarks" {
    order 2 1002 1.00 | into
    { order 3 1003 1.00; echo '{"checkpoint":{"at":7},"end":true,"n":1,"source":"shop","stream":"shop:orders"}'; } | hub-load hub: >/dev/null
    same 'journal_entry: 1 records, last changed T
order: 3 records, last changed T
rules: lacks 2 of order, last settled T
shop: shop:orders read up to {"at":7} on T' "$(life)"
    run hub-log
    has 1
    settle order rules rules/order-to-journal.map
    run hub-log
    has 0
}

@test "--json says the same" {
    order 1 1001 6.00 | into
    same 'order 2 false
rules behind ["/lines","/subtotal","/total"]
journal_entry 1 false' "$(hub-log --json order 1001 | jq -r 'if .target then .target + " " + .state + " " + (.changed | tojson) else .entity + " " + (.revisions | tostring) + " " + (.deleted | tostring) end')"
    same '1' "$(hub-log --json | jq -r 'select(.target) | .lacks')"
}

@test "two sources with one number are told apart" {
    order 9 1001 3.00 till | into
    same 'order 1 of shop, known since T
order 9 of till, known since T' "$(life order 1001 | grep ^order)"
}

@test "what is not known; wrong usage; no database" {
    run --separate-stderr hub-log order 4711
    has 1
    same 'hub-log: the hub knows no order that is called "4711"' "$stderr"
    run --separate-stderr hub-log ordr 1001
    has 1
    same 'hub-log: the hub holds nothing that is called "ordr"; there are: journal_entry, order' "$stderr"
    run --separate-stderr hub-log order
    has 2
    HUB_DB='' run --separate-stderr hub-log
    has 2
    HUB_DB=nowhere.db run --separate-stderr hub-log
    has 2
    [ ! -e nowhere.db ]
}

@test "names of other systems do no harm to a terminal" {
    order 5 $'\\u001b[31m5' 1.00 | into
    run --separate-stderr hub-log order 5
    [[ $output != *$'\e'* ]]
}
