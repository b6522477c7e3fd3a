#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # make expands; bats sets output and the like
# hub-log ENTITY NAME: the life of a record, by whatever name anybody has for it, wherever it has stopped.

load common
load servers

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines HUB_DB=$PWD/hub.db
}

teardown() {
    stop_servers
}

query() { sqlite3 hub.db "$1"; }

# life WORD...: what hub-log says, without times
life() { hub-log "$@" | sed 's/20[0-9T:-]*Z/T/g'; }

# flow NAME RULE...: a flow of one rule
flow() { printf 'include %s/pipelines/flows/hub.mk\nall: it\n.PHONY: it\nit:\n\t%s\n' "$ROOT" "$2" >"$1.mk"; }
run_flow() { hub-run "$1.mk" OUT="$PWD/out" >/dev/null 2>&1 || [ $? -eq 1 ]; }

@test "an order that was refused before it had a canonical id is found by its number, its label, its id and its place" {
    (cd "$ROOT" && hub-run orders OUT="$BATS_TEST_TMPDIR/out" >/dev/null 2>&1) || [ $? -eq 1 ]
    said='shopify:orders-csv #1160 (5900038010897) of shopify: refused by hub-canon: /total: not a decimal: "1.234,50" (from .Total), orders_export.zip/orders_export_1.csv:7, since T'
    for name in 1160 '#1160' 5900038010897 orders_export_1.csv:7 orders_export.zip/orders_export_1.csv:7; do
        same "$said" "$(life order "$name")"
        run --separate-stderr hub-log order "$name"
        has 1
        same 'hub-log: once it or the map is mended, it goes through again by: hub-log --refused shopify:orders-csv | hub-canon -s … | hub-load hub:' "$stderr"
    done
    same 'refused 5900038010897 #1160 shopify:orders-csv shopify /total decimal' "$(hub-log order 1160 --json | jq -r '[.state, .id, .label, .stream, .source, .field, .code] | join(" ")')"
    same 'shopify:orders-csv #1157' "$(life order 1157 | cut -d' ' -f1,2)"
    for name in csv:7 rders_export_1.csv:7 116 ''; do
        run hub-log order "$name"
        has 1
        [[ $output == *'the hub knows no order'* ]]
    done
    # The one that is whole is found as the shop writes it, too.
    same "$(life order 1154)" "$(life order '#1154')"
    # Mended and sent through again, it is an order like any other.
    hub-log --refused shopify:orders-csv | sed 's/\\"1.234,50\\"/x/; s/"1.234,50"/"1234.50"/' | hub-canon -r rest -s shopify:orders-csv | hub-load hub: >/dev/null
    same 'order 5900038010897 of shopify, known since T' "$(life order 1160 | head -n 1)"
    same 0 "$(hub-log order 1160 | grep -c refused)"
}

@test "of an order that is here, a newer state that was refused on the way in is told, until one comes" {
    cat >map.map <<'END'
map order <- s:orders { id <- .id; number <- .n; business_date <- "2026-05-01"; currency <- "EUR"; total <- .t; subtotal <- .t; lines[] <- .l[] { sku <- .sku; quantity <- "1"; unit_price <- "5" } }
END
    native() { echo '{"data":{"id":"7","l":[{"sku":"M"}],"n":"1001","t":"'"$1"'"},"from":"in:'"$2"'","id":"7","label":"#1001","source":"s","stream":"s:orders"}'; echo '{"end":true,"n":1}'; }
    flow in 'hub-canon -m map.map $(REJECTS) in | hub-load hub: $(RECEIPTS)'
    native 5.00 1 >in
    run_flow in
    same 'order 7 of s, known since T' "$(life order 1001)"
    native 5,00 2 >in
    run_flow in
    run hub-log order 1001
    has 1
    said='order 7 of s, known since T
  s:orders #1001 (7) of s: refused by hub-canon: /subtotal: not a decimal: "5,00", in:2, since T'
    same "$said" "$(life order 7)"
    same "$said" "$(life order '#1001')"
    same 's:orders #1001 (7) of s: refused by hub-canon: /subtotal: not a decimal: "5,00", in:2, since T' "$(life order in:2)"
    native 6.00 3 >in
    run_flow in
    same 'order 7 of s, known since T, 2 states, the last of T' "$(life order 1001)"
}

@test "what was made of a record is told with what was refused of it" {
    order() { echo "{\"data\":{\"business_date\":\"2026-05-01\",\"currency\":\"EUR\",\"lines\":[{\"quantity\":\"1\",\"sku\":\"M\",\"unit_price\":\"5\"}],\"number\":\"1001\",\"subtotal\":\"5.00\",\"total\":\"5.00\"},\"entity\":\"order\",\"id\":\"1\",\"source\":\"shop\",\"v\":1}"; }
    order | hub-load --no-marks hub: >/dev/null
    hub-extract hub:order --for rules | hub-canon -m rules/order-to-journal.map | hub-load hub: >/dev/null
    mkdir -p hub/systems/acc
    echo '{ "system": "acc", "streams": { "entries": { "format": "csv", "columns": ["no"] } } }' >hub/systems/acc/system.json
    echo 'map journal_entry -> acc:entries { memo -> .no | decimal }' >hub/systems/acc/entries.map
    export HUB_PATH=$PWD/hub:$ROOT/pipelines
    flow out 'hub-extract hub:journal_entry | hub-canon -R -s acc:entries $(REJECTS) | hub-load $(OUT)/x.csv $(RECEIPTS)'
    run_flow out
    life order 1001 >said
    same 'order 1 of shop, known since T
  rules: in sync, last settled T
  made of it: journal_entry order:1 of shop, known since T' "$(head -n 3 said)"
    why='refused by hub-canon: /no: not a decimal: "shop order 1001" (from memo), stdin:1, since T'
    same "    $why" "$(sed -n 4p said)"
    same "  $why" "$(life journal_entry order:1 | sed -n 2p)"
}

@test "what targets were given by others than the hub is known: given, set aside, on its way, deleted" {
    anything refund
    mkdir -p hub/systems/shop
    serve_shop effects
    servers+=("$server")
    cat >hub/systems/shop/system.json <<'END'
{ "system": "shop", "vars": { "url": "${SHOP_URL}" }, "base": "{@url}", "limits": { "retries": 0 },
  "targets": { "items": { "repeat": "key", "create": { "post": "/items", "json": "{.}", "target_id": "{.item.id}" },
                          "update": { "put": "/items/{target_id}", "json": "{.}" }, "delete": { "delete": "/items/{target_id}" } } } }
END
    # line ID DATA VERSION [MEMBER]
    line() { printf '{"data":%s,"entity":"refund","id":"%s",%s"source":"pos","stream":"shop:items","version":"%064d"}\n' "$2" "$1" "${4-}" "$3"; }
    { line r7 '{"ref":"7"}' 1; line r8 '{"bad":true,"ref":"8"}' 1; } | hub-load --no-marks shop:items >/dev/null || [ $? -eq 1 ]
    run hub-log refund r7
    has 0
    same 'refund r7 of pos, of which the hub holds no state
  shop:items: given, there called 1, last settled T' "$(life refund r7)"
    same "$(life refund r7)" "$(life refund 1)"
    same '0 false null, given 1' "$(hub-log --json refund r7 | jq -r 'if .target then "\(.state) \(.target_id)" else "\(.revision) \(.deleted) \(.first)" end' | paste -sd, | sed 's/,/, /')"
    run hub-log refund r8
    has 1
    [[ $(life refund r8 | sed -n 2p) == '  shop:items: set aside: '*'bad is bad'*', since T' ]]
    same 'refund r8 of pos: set aside' "$(hub-log --missing shop:items | grep -o '^[^:]*: set aside')"
    query "INSERT INTO pending (target, record, part, op, version, n, batch, step, line, at) SELECT target, record, 0, 'update', version, 2, 0, 0, '{}', at FROM delivery"
    same '  shop:items: on its way, there called 1, since T' "$(life refund r7 | sed -n 2p)"
    query "DELETE FROM pending"
    echo '{"before":{"ref":"7"},"entity":"refund","id":"r7","op":"delete","source":"pos","stream":"shop:items","version":"'"$(printf %064d 2)"'"}' | hub-load --no-marks --delete 1 shop:items >/dev/null
    same '  shop:items: deleted there, last settled T' "$(life refund r7 | sed -n 2p)"
    # What the hub comes to hold later is compared as ever.
    echo '{"data":{"ref":"7"},"entity":"refund","id":"r7","source":"pos","v":1}' | hub-load --no-marks hub: >/dev/null
    same 'refund r7 of pos, known since T' "$(life refund r7 | head -n 1)"
}

@test "an order and a customer of one source with one id: neither closes what was refused of the other, nor is told for it" {
    anything order customer
    echo 'map order <- s:orders { id <- .id; total <- .t | decimal }
map customer <- s:customers { id <- .id; total <- .t | decimal }' >map.map
    flow in 'hub-canon -m map.map $(REJECTS) in | hub-load hub: $(RECEIPTS)'
    # native STREAM TOTAL...: records 5, 6...
    native() {
        local stream=$1 id=4
        shift
        for t; do
            id=$((id + 1))
            echo "{\"data\":{\"id\":\"$id\",\"t\":\"$t\"},\"id\":\"$id\",\"label\":\"#$id\",\"source\":\"s\",\"stream\":\"s:$stream\"}"
        done
        echo "{\"end\":true,\"n\":$#}"
    }
    native orders x >in
    run_flow in
    same '["order"]' "$(jq -c .makes out/*.rejects.ndjson)"
    native customers x 1 >in
    run_flow in
    same 2 "$(query 'SELECT count(*) FROM reject WHERE closed IS NULL')"
    same 's:orders #5 (5) of s' "$(life order 5 | cut -d: -f1,2)"
    same 's:customers #5 (5) of s' "$(life customer 5 | cut -d: -f1,2)"
    native customers 1 >in
    run_flow in
    same 's:orders' "$(query 'SELECT stream FROM reject WHERE closed IS NULL')"
    same 'customer 5 of s, known since T' "$(life customer 5)"
    native orders y >in
    run_flow in
    same '1 newer
2 revision
3 ' "$(query 'SELECT id, how FROM reject' | tr '|' ' ')"
    native orders 1 >in
    run_flow in
    same 0 "$(query 'SELECT count(*) FROM reject WHERE closed IS NULL')"
}

@test "a product by the sku of a variant, a shipment by its tracking number, a payment by what the gateway calls it" {
    cat >records <<'END'
{"data":{"handle":"mug","title":"Mug","variants":[{"sku":"MUG-BLU"},{"title":"none"},{"sku":"MUG-RED"}]},"entity":"product","id":"1","source":"shop","v":1}
{"data":{"lines":[],"tracking_numbers":["1Z9","1Z8"]},"entity":"shipment","id":"2","source":"shop","v":1}
{"data":{"amount":"5.00","gateway_ref":"ch_77"},"entity":"payment","id":"3","source":"shop","v":1}
END
    hub-load --no-marks hub: records >/dev/null
    for asked in 'product mug' 'product MUG-BLU' 'product MUG-RED' 'shipment 1Z9' 'shipment 1Z8' 'payment ch_77'; do
        # shellcheck disable=SC2086 # words
        [[ $(hub-log $asked) == "${asked% *} "[123]' of shop, known since '* ]]
    done
    run hub-log product none
    has 1
}

@test "what an entity of one's own is called, its contract says" {
    mkdir -p own/schema
    echo '{"type":"object","x-names":["code","parts.serial"]}' >own/schema/voucher.json
    echo '{"data":{"code":"GIFT","number":"12","parts":[{"serial":["S1","S2"]},{"serial":null}]},"entity":"voucher","id":"1","source":"shop"}' |
        jq -c '.v = 1' >records
    HUB_PATH=own:$ROOT/pipelines hub-load --no-marks hub: records >/dev/null
    for name in GIFT S1 S2; do
        [[ $(hub-log voucher $name) == 'voucher 1 of shop, known since '* ]]
    done
    run hub-log voucher 12
    has 1
}

@test "a row that cannot be read, and those that are refused with it, are found by their place and by what they hold" {
    unzip -p "$ROOT/samples/shopify/orders_export.zip" | sed '7s/$/,extra/' >orders.csv
    flow in 'hub-extract -s shopify:orders-csv $(REJECTS) orders.csv | hub-canon -s shopify:orders-csv $(REJECTS) | hub-load hub: $(RECEIPTS)'
    run_flow in
    said='what has no name yet: refused by hub-extract: group: the row before cannot be read, and may be one of these: 80 cells, where the header has 79, orders.csv:7, since T'
    for name in 1159 '#1159' 5900037978129; do
        same "$said" "$(life order $name)"
    done
    same 'refused null null' "$(hub-log order 1159 --json | jq -r '"\(.state) \(.id) \(.label)"')"
    same "what has no name yet: refused by hub-extract: csv: 80 cells, where the header has 79, orders.csv:7, since T
$said" "$(life order orders.csv:7)"
    for name in 115 159 590003797812 '#'; do
        run hub-log order "$name"
        has 1
        [[ $output == *'the hub knows no order'* ]]
    done
    # What has a name is found by that alone.
    same 'order 5900038076433 of shopify' "$(life order 1162 | head -n 1 | cut -d, -f1)"
}
