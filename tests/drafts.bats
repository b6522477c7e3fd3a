#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# Maps of systems that are not shipped yet, over records in the shapes that those systems answer: what they read stands in NAME.canonical,
# what they write of it in NAME.native.

load common

setup() {
    common_setup
    cd "$ROOT/tests/maps/drafts" || return
    export HUB_PATH=$PWD:$ROOT/pipelines
}

# reads NAME [OPTION...]: with no field passed over
reads() {
    run --separate-stderr hub-canon "${@:2}" -m "$1.map" "$1.ndjson"
    has 0
    same '' "$stderr"
    diff -u "$1.canonical" - <<<"$output"
}

# writes NAME STREAM ENTITY [OPTION...]: the data of the native records
writes() {
    run --separate-stderr hub-canon -R -s "$2" -e "$3" "${@:4}" -m "$1.map" "$1.canonical"
    has 0
    diff -u "$1.native" - < <(jq -c .data <<<"$output")
}

@test "a shop: an order with its customer, payment, refund and shipment; and back" {
    reads shopify-orders -D zone=America/New_York
    writes shopify-orders shopify:orders order -D zone=America/New_York
}

@test "a shop's stock: read here, written there" {
    reads shopify-inventory
    writes shopify-inventory shopify:inventory_set inventory_level
}

@test "a till: sales with SKUs from its catalogue, payments and returns" { reads square-orders; }

@test "payouts, with two decimals where ISO 4217 has none" { reads stripe-payouts; }

@test "contacts of a CRM; and back" {
    reads hubspot-contacts
    writes hubspot-contacts hubspot:contacts customer
}

@test "members of a list, whose consent is only ever tightened; and back" {
    reads mailchimp-members
    writes mailchimp-members mailchimp:members customer
}

@test "journals of two systems of accounts; and back" {
    reads xero-journals
    writes xero-journals xero:journals journal_entry
    reads quickbooks-journals
    writes quickbooks-journals quickbooks:journals journal_entry
    run --separate-stderr hub-canon -t -m quickbooks-journals.map quickbooks-journals.ndjson
    has 0
}

@test "a carrier: a shipment is written, and what was bought is read" {
    reads easypost-shipments
    echo '{"data":{"order_number":"1001","ship_to":{"city":"Boston","country":"US","line1":"1 Main St","name":"Ann","postal_code":"02108","region":"MA"}},"entity":"shipment","id":"s","source":"hub","v":1}' >"$BATS_TEST_TMPDIR/in"
    run --separate-stderr hub-canon -R -s easypost:shipments -m easypost-shipments.map "$BATS_TEST_TMPDIR/in"
    has 0
    same '{"reference":"1001/1","to_address":{"name":"Ann","street1":"1 Main St","city":"Boston","state":"MA","zip":"02108","country":"US"},"parcel":{"weight":16},"options":{"label_format":"ZPL"}}' "$(jq -c .data <<<"$output")"
}

@test "a warehouse: counts, and the segments of an 846" { reads warehouse-counts; }

@test "rules: net sales by line, and one entry a day" {
    jq -c 'select(.entity == "order")' shopify-orders.canonical >"$BATS_TEST_TMPDIR/order"
    run --separate-stderr hub-canon -D zone=America/New_York -m orders-to-daily-journal.map "$BATS_TEST_TMPDIR/order"
    has 0
    same 'day:2026-05-01 web 43.88 -36.00 -5.00 -2.88' "$(jq -r '.id + " " + ([.data.lines[].amount] | join(" "))' <<<"$output")"
    run --separate-stderr hub-canon -m order-to-net.map "$BATS_TEST_TMPDIR/order"
    has 0
    same '43.88 -36.00 -7.88' "$(jq -r '[.data.lines[].amount] | join(" ")' <<<"$output")"
}
