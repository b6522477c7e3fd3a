#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # make expands; each test has its own environment; bats sets status and the like
# Flows (pipelines/flows): what a run makes, that it can be repeated, and that what fails harms nothing else.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
    unset MAKEFLAGS MAKELEVEL MFLAGS
    samples=$ROOT/samples
}

# orders [ARG...]: the flow of orders from file to file on today's samples, in the folder o
orders() {
    make --no-print-directory -f "$ROOT/pipelines/flows/files.mk" OUT=o SHOP="$samples/shopify/orders_export.zip" TILL="$samples/square/items.csv" \
        PAYMENTS="$samples/square/transactions.csv" "$@"
}

# files [FOLDER]: names, times and sums of what a flow made, but for what tells of each run
files() {
    (cd "${1:-o}" && find . -type f ! -path '*/.hub/*' ! -name '*.receipts.*' ! -name '*.rejects.*' -exec stat -c '%n %y' {} + -exec cksum {} + | sort)
}

sums() { files "$@" | grep '^[0-9]'; }

# counts TARGET: "TOOL read taken refused left_out" of each tool of its pipe, sorted
counts() { jq -r 'select(.event == "end") | [.tool, .read, .taken, .refused, .left_out] | join(" ")' "o/.hub/$1.log" | sort; }

# flow: standard input is a flow of its own, flow.mk, that includes hub.mk
flow() {
    { printf 'include %s/pipelines/flows/hub.mk\n' "$ROOT" && cat; } >flow.mk
}

# tool NAME SCRIPT: a tool that does that
tool() {
    mkdir -p bin
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
    PATH=$PWD/bin:$PATH
}

# ---- the flow of orders ----

@test "two exports become orders, changes, a journal and a pick list" {
    run --separate-stderr orders -s
    has 0
    same "hub-canon: 2 refused: the reasons are in o/shop.rejects.ndjson" "$stderr"
    same 'hub-canon 162 160 2 0
hub-extract 162 162 0 0' "$(counts shop.ndjson)"
    same 'hub-canon 64 60 0 4
hub-extract 64 64 0 0' "$(counts till.ndjson)"
    same 'hub-canon 220 220 0 0' "$(counts orders.ndjson)"
    same 'hub-canon 208 208 0 0
hub-canon 220 208 0 12
hub-load 208 208 0 0' "$(counts journal.csv)"
    same 2 "$(wc -l <o/shop.rejects.ndjson)"
    same 208 "$(wc -l <o/journal.receipts.ndjson)"
    same '1 0 0 1 0 0' "$(cd o/.hub && cat shop.ndjson.status till.ndjson.status orders.ndjson.status changes.ndjson.status journal.csv.status pick.csv.status | paste -sd ' ')"
    # Nothing is left where files are made.
    same "" "$(find o/.hub -type f ! -name '*.log' ! -name '*.status')"
}

@test "what has changed since yesterday" {
    orders -s OUT=y SHOP="$samples/shopify/yesterday/orders_export.zip" TILL="$samples/square/yesterday/items.csv" \
        PAYMENTS="$samples/square/yesterday/transactions.csv" y/orders.ndjson
    same 210 "$(wc -l <y/orders.ndjson)"
    orders -s YESTERDAY=y/orders.ndjson o/changes.ndjson
    same '10 create
2 update' "$(jq -r .op o/changes.ndjson | sort | uniq -c | sed 's/^ *//')"
    same '["/cancelled_at","/current_total","/payment_status"] 1154
["/payment_status"] 1150' "$(jq -r 'select(.op == "update") | "\(.changed | tojson) \(.after.number)"' o/changes.ndjson)"
}

@test "the pick list has what was paid, has to be shipped, and was not" {
    orders -s o/pick.csv
    same "$(jq -r '.data | select(.shipping_address != null and .payment_status == "paid" and .fulfillment_status == "unfulfilled" and .cancelled_at == null) | .number as $n | .lines[] | "\($n) \(.line_id)"' o/orders.ndjson)" \
        "$(python3 -c 'import csv; [print(r["order_number"], r["line_id"]) for r in csv.DictReader(open("o/pick.csv", newline=""))]')"
    [ "$(wc -l <o/pick.csv)" -gt 50 ]
}

@test "run again, nothing is done; made again, nothing is touched" {
    orders -s
    before=$(files)
    run --separate-stderr orders
    same "make: Nothing to be done for 'all'." "$output"
    orders -s -B
    same "$before" "$(files)"
    run hub-diff -q o/orders.ndjson o/orders.ndjson
    has 0
}

@test "one after the other or at once, the same bytes" {
    orders -s -j1
    orders -s -j8 -k OUT=p
    same "$(sums o)" "$(sums p)"
}

@test "a new export with the same orders makes nothing again from them" {
    cp "$samples/shopify/orders_export.zip" export.zip
    orders -s SHOP=export.zip
    before=$(files)
    touch export.zip
    run --separate-stderr orders SHOP=export.zip
    has 0
    same 1 "$(grep -c . <<<"$output")"
    same "$before" "$(files)"
}

@test "make -n shows the plan and touches nothing" {
    run --separate-stderr orders -n
    has 0
    same 6 "$(grep -c . <<<"$output")"
    same "hub-extract -s square:items-csv -r o/till.rejects.ndjson $samples/square/items.csv | hub-canon -s square:items-csv -l receipts=$samples/square/transactions.csv -r o/till.rejects.ndjson >o/.hub/till.ndjson" "${lines[1]}"
    [ ! -e o ]
}

@test "with -k a dead target leaves the others as they should be" {
    orders -s
    before=$(sums | grep -v pick)
    rm o/pick.csv
    cp -R "$ROOT/pipelines" broken
    echo 'map journal_entry <- hub:order {' >broken/rules/order-to-journal.map
    HUB_PATH=$PWD/broken run orders -s -k -B
    has 2
    [[ $output == *order-to-journal.map:* ]]
    [ -s o/pick.csv ]
    same "$before" "$(sums | grep -v pick)"
    same "2 0" "$(cat o/.hub/journal.csv.status o/.hub/pick.csv.status | paste -sd ' ')"
}

@test "with -k a broken source leaves what the others made, and what it made before" {
    orders -s
    before=$(files)
    { head -20 "$samples/square/items.csv" && echo '"a quote that is not closed'; } >items.csv
    run orders -s -k TILL=items.csv
    has 2
    same "$before" "$(files)"
    same 2 "$(cat o/.hub/till.ndjson.status)"
}

# ---- hub.mk ----

@test "a flow of one source and two targets has less than fifteen lines" {
    cp "$samples/square/items.csv" items.csv
    cp "$samples/square/transactions.csv" transactions.csv
    flow <<'END'
all: $(OUT)/journal.csv $(OUT)/sales.csv

$(OUT)/sales.ndjson: items.csv transactions.csv
	hub-extract -s square:items-csv $(REJECTS) $< | hub-canon -s square:items-csv -l receipts=transactions.csv $(REJECTS) $(TO)
$(OUT)/journal.csv: $(OUT)/sales.ndjson
	hub-canon -m rules/order-to-journal.map $(REJECTS) $< | hub-canon -R -s quickbooks:journal-csv $(REJECTS) | hub-load $(PART) $(RECEIPTS)
$(OUT)/sales.csv: $(OUT)/sales.ndjson
	hub-load --columns number,placed_at,total $(PART) $< $(RECEIPTS)
END
    make -s -j2 -k -f flow.mk OUT=out
    [ "$(wc -l <flow.mk)" -lt 15 ]
    same 61 "$(wc -l <out/sales.csv)"
    same "20esmkwsvv203cs9dfs4f6,2026-04-28T23:32:53Z,1765.36" "$(grep ^20es out/sales.csv)"
}

@test "status 1 passes, also that of the first tool of a pipe" {
    tool no 'echo some; exit 1'
    flow <<<$'all: $(OUT)/x\n$(OUT)/x:\n\tno | cat $(TO)'
    run make -s -f flow.mk OUT=out
    has 0
    same "some 1" "$(cat out/x out/.hub/x.status | paste -sd ' ')"
}

@test "a tool that ends with 2, 75 or a signal leaves the target as it was" {
    flow <<<$'all: $(OUT)/x\n$(OUT)/x:\n\tbad | cat $(TO)'
    for ended in 'exit 2:2' 'exit 75:75' 'kill -9 $$:2' 'exit 127:2'; do
        tool bad "echo half; ${ended%:*}"
        mkdir -p out
        echo whole >out/x
        run make -s -B -f flow.mk OUT=out
        has 2
        same "whole ${ended#*:}" "$(cat out/x out/.hub/x.status | paste -sd ' ')"
        [ ! -e out/.hub/x ]
    done
}

@test "2 weighs more than 75, and 75 more than 1" {
    tool later 'exit 75'
    tool no 'exit 1'
    tool bad 'exit 2'
    for pipe in 'bad | later | no:2' 'later | bad:2' 'no | later | no:75'; do
        flow <<<$'all: $(OUT)/x\n$(OUT)/x:\n\t'"${pipe%:*}"' $(TO)'
        run make -s -f flow.mk OUT=out
        has 2
        same "${pipe#*:}" "$(cat out/.hub/x.status)"
    done
}

@test "a recipe that the shell cannot read has failed" {
    flow <<<$'all: $(OUT)/x\n$(OUT)/x:\n\tcat | | cat $(TO)'
    run make -s -f flow.mk OUT=out
    has 2
    [ ! -e out/x ]
    same 2 "$(cat out/.hub/x.status)"
}

@test "the tools' books go where HUB_RUN_LOG says" {
    HUB_RUN_LOG=$PWD/all.log orders -s
    same 11 "$(grep -c '"event":"end"' all.log)"
    [ ! -e o/.hub/shop.ndjson.log ]
}

# ---- the demonstration ----

@test "the demonstration tells what happened, and leaves its files" {
    demo=$ROOT/pipelines/flows/demo
    run --separate-stderr env COLUMNS=80 bash "$demo" "$PWD/shown"
    has 0
    same "" "$stderr"
    [[ $output == *"hub-canon     162 in = 160 taken + 2 refused + 0 left out; 160 out"* ]]
    [[ $output == *"order #1160, from orders_export.zip/orders_export_1.csv:7"* ]]
    [[ $output == *"order #1157, from orders_export.zip/orders_export_1.csv:12"* ]]
    [[ $output == *"the hub reports no change"* ]]
    [[ $output == *"No file of the first run was touched"* ]]
    [[ $output == *"orders, run 3 of "*": 15 stages, nothing lost"* ]]
    [[ $output == *"order 5900037814289 of shopify, known since "* ]]
    [[ ${lines[-1]} == *": $PWD/shown/hub.html" || ${lines[-1]} == "$PWD/shown/hub.html" ]]
    for file in shop.rejects.ndjson journal.csv pick.csv hub.html; do
        [ -s "shown/$file" ]
    done
    # Nothing but the messages of a reject is wider than the screen.
    same "" "$(grep -E '^ {4}[^$]{77,}' <<<"$output" | grep -v '^    message')"
    run bash "$demo" "$PWD/shown"
    has 0
}

@test "the demonstration does not overwrite a folder of someone else" {
    mkdir mine && touch mine/file
    run --separate-stderr bash "$ROOT/pipelines/flows/demo" "$PWD/mine"
    has 2
    same "demo: $PWD/mine exists, and was not made by a flow" "$stderr"
    [ -e mine/file ]
}
