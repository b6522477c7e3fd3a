#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2119,SC2120,SC2154 # jq expands; options are for some callers; bats sets stderr and the like
# The maps of pipelines/, on the samples: what they take, what they refuse, what they make of it, and that nothing is lost on the way back.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
    SAMPLES=$ROOT/samples
}

shop() { hub-extract -s shopify:orders-csv "$SAMPLES/shopify/orders_export.zip" | hub-canon -s shopify:orders-csv -r rejects "$@" || [ $? -eq 1 ]; }

till() {
    hub-extract -s square:items-csv "$SAMPLES/square/items.csv" |
        hub-canon -s square:items-csv -l receipts="$SAMPLES/square/transactions.csv" "$@"
}

journal() { hub-canon -m rules/order-to-journal.map "$@"; }

# order NUMBER FIELD...: these fields of the order of that number on standard input, as one line
order() {
    jq -rc --arg number "$1" 'select(.data.number == $number) | [.data['"$(printf '"%s",' "${@:2}" | sed 's/,$//')"']] | map(tostring) | join(" ")'
}

# sum PATH: of decimals of the records on standard input, in cents
sum() { jq -s "[.[].data.$1 | tonumber * 100 | round] | add"; }

# csv FILE EXPRESSION: what Python makes of its rows
csv() { python3 -c 'import csv, sys; from decimal import Decimal as D; rows = list(csv.DictReader(open(sys.argv[1], newline=""))); print(eval(sys.argv[2]))' "$@"; }

# ---- the shop ----

@test "of the shop's export 160 orders are taken, and 2 refused with their field and place" {
    run --separate-stderr shop -v
    has 0
    same "hub-canon: read 162 = taken 160 + refused 2 + left out 0; wrote 160" "$(grep read <<<"$stderr")"
    same '#1160 decimal /total orders_export.zip/orders_export_1.csv:7
#1157 date /business_date orders_export.zip/orders_export_1.csv:12' "$(jq -r '[.record.label, .error.code, .error.field, .from] | join(" ")' rejects)"
}

@test "the shop's totals are those of the export, to the cent" {
    shop >orders
    unzip -p "$SAMPLES/shopify/orders_export.zip" >export.csv
    same "$(csv export.csv 'sum(int(D(r["Total"]) * 100) for r in rows if r["Total"] and "," not in r["Total"]) - sum(int(D(r["Total"]) * 100) for r in rows if r["Name"] == "#1157" and r["Total"])')" "$(sum total <orders)"
    same "77.00 0.00 14.90 7.97 99.87" "$(order 1161 subtotal discount_total shipping_total tax_total total <orders)"
    same '113.95 11.40 0.00 102.55 [{"amount":"11.40","code":"WELCOME10"}]' "$(order 1152 subtotal discount_total shipping_total total discounts <orders)"
}

@test "every order foots" {
    { shop; till; } 2>errors >orders
    run ! grep foot errors
    same 220 "$(wc -l <orders)"
    same "" "$(hub-canon -w 'subtotal != sum(lines[], quantity * unit_price)' orders)"
}

@test "an order that does not foot passes with a warning" {
    shop | head -1 | sed 's/"total":"25.03"/"total":"25.04"/' >orders
    run --separate-stderr hub-canon orders
    has 0
    [[ $stderr == *"the order does not foot"* ]]
}

@test "the order's day is the shop's, its time UTC" {
    same "2026-05-13 2026-05-14T02:05:40Z" "$(shop | order 1162 business_date placed_at)"
}

@test "an order of several rows has their lines, in their order" {
    same '1 PRT-FERN 2 24.5
2 TEE-L 1 28' "$(shop | jq -r 'select(.data.number == "1161").data.lines[] | [.line_id, .sku, .quantity, .unit_price] | join(" ")')"
}

@test "postal codes lose their apostrophe, tags are apart, taxes have rates, a note keeps its lines" {
    shop >orders
    same "02108" "$(jq -r 'select(.data.number == "1162").data.shipping_address.postal_code' orders)"
    same '["vip","wholesale"] [{"amount":"1.13","rate":"0.0625","title":"Massachusetts State Tax"}]' "$(order 1162 tags tax_lines <orders)"
    same $'Přání k narozeninám:\n\nVšechno nejlepší!' "$(jq -r 'select(.data.number == "1161").data.note' orders)"
}

@test "what has no delivery has no address for one" {
    same "" "$(shop -w 'has(shipping_address) != has(shipping_lines[])')"
    same null "$(shop | order 1127 shipping_address)"
}

# order_csv [COLUMN=VALUE...]: an export of one order of one row with few columns, as of old
order_csv() {
    local names=(Name Email 'Financial Status' Currency Subtotal Shipping Taxes Total 'Created at' 'Lineitem quantity' 'Lineitem name' 'Lineitem price')
    local values=('#7' ann@example.com paid EUR 20.00 5.00 0.00 25.00 '2020-02-29 23:30:00 +0100' 2 Mug 10.00) pair
    for pair; do
        names+=("${pair%%=*}")
        values+=("${pair#*=}")
    done
    (IFS=,; printf '%s\n%s\n' "${names[*]}" "${values[*]}") >old.csv
    hub-extract -s shopify:orders-csv old.csv | hub-canon -s shopify:orders-csv
}

@test "an old export without Id and the later columns" {
    same '{"business_date":"2020-02-29","currency":"EUR","email":"ann@example.com","lines":[{"line_id":"1","quantity":"2","title":"Mug","unit_price":"10"}],"number":"7","payment_status":"paid","placed_at":"2020-02-29T22:30:00Z","shipping_total":"5.00","subtotal":"20.00","tax_total":"0.00","total":"25.00"} 7' \
        "$(order_csv | jq -c .data) $(order_csv | jq -r .id)"
}

@test "a status that nobody knows is kept by its word, and comes back" {
    same "unknown expired" "$(order_csv 'Fulfillment Status=expired' | jq -r '[.data.fulfillment_status, .data.fulfillment_status_raw] | join(" ")')"
    same expired "$(order_csv 'Fulfillment Status=expired' | hub-canon -R -s shopify:orders-csv | jq -r '.data.rows[0]."Fulfillment Status"')"
}

@test "a telephone number without its country is left out, a spaced one is not" {
    same null "$(order_csv 'Billing Name=Ann' 'Billing Phone=555-0123' | jq -r .data.billing_address.phone)"
    same +14165550123 "$(order_csv 'Billing Name=Ann' "Billing Phone='+1 416 555-0123" | jq -r .data.billing_address.phone)"
}

@test "prices that include tax are told by the sums" {
    order_csv >/dev/null
    sed -i '2s/5.00,0.00,25.00/5.00,3.99,25.00/' old.csv
    same true "$(hub-extract -s shopify:orders-csv old.csv | hub-canon -s shopify:orders-csv | jq .data.tax_inclusive)"
    same false "$(shop | order 1161 tax_inclusive)"
}

@test "refused orders, once mended, are taken from the file of rejects" {
    shop >/dev/null
    sed 's/1\.234,50/99.99/g; s/05\/13\/2026/2026-05-13 09:00:00 -0400/g' rejects >mended
    same '1160 99.99
1157 2026-05-13' "$(hub-canon -s shopify:orders-csv mended | jq -r '.data | if .number == "1160" then "1160 \(.total)" else "1157 \(.business_date)" end')"
}

@test "rows of one order that disagree are refused" {
    printf 'Name,Email,Currency,Total,Created at,Lineitem quantity\n#7,a@example.com,EUR,1.00,2020-02-29 23:30:00 +0100,1\n#7,b@example.com,,,,1\n' >two.csv
    run --separate-stderr eval 'hub-extract -s shopify:orders-csv two.csv | hub-canon -s shopify:orders-csv'
    has 2
    [[ $stderr == *'two.csv:2: /email: differs where it must be alike'* ]]
}

# ---- the till ----

@test "of the till's export 60 sales are taken, and 4 refunds left out" {
    run --separate-stderr till -v
    has 0
    same "hub-canon: read 64 = taken 60 + refused 0 + left out 4; wrote 60" "$stderr"
}

@test "the till's totals are what was collected, to the cent" {
    till >orders
    same "$(csv "$SAMPLES/square/transactions.csv" 'sum(int(D(r["Total Collected"].replace("$", "").replace(",", "")) * 100) for r in rows if r["Event Type"] == "Payment")')" "$(sum total <orders)"
    same "1485.00 0.00 131.86 148.50 1765.36 Brooklyn" "$(order 20esmkwsvv203cs9dfs4f6 subtotal discount_total tax_total tip_total total location <orders)"
    same "49.99 5.00 0.00 6.75 51.74 Portland" "$(order tcdy5ctdrwqyp1700xcva6 subtotal discount_total tax_total tip_total total location <orders)"
}

@test "a sale in the evening is of that day, in the zone of its till" {
    same "2026-05-04 2026-05-05T04:53:01Z" "$(till | order 8tws5szy5ecmzrdg2mvhwd business_date placed_at)"
}

@test "every zone that the till may name is known" {
    tail -n +2 "$ROOT/pipelines/systems/square/rails_zones.csv" | sed 's/.*,//' | while IFS= read -r zone; do
        [ -f "/usr/share/zoneinfo/$zone" ] || { echo "$zone"; return 1; }
    done
    same 152 "$(tail -n +2 "$ROOT/pipelines/systems/square/rails_zones.csv" | wc -l)"
}

@test "without the transactions the till's map says which file it wants" {
    run --separate-stderr hub-canon -s square:items-csv /dev/null
    has 2
    [[ $stderr == *transactions.csv* ]]
}

# ---- the accounts and the warehouse ----

@test "each order that was not cancelled becomes an entry that sums to zero" {
    { shop; till; } >orders
    run --separate-stderr journal -v orders
    has 0
    same "hub-canon: read 220 = taken 208 + refused 0 + left out 12; wrote 208" "$stderr"
    same "" "$(hub-canon -w 'sum(lines[].amount) != 0' <<<"$output")"
    # What is owed for the orders is their totals.
    same "$(hub-canon -w '!has(cancelled_at)' orders | sum total)" "$(sum 'lines[0].amount' <<<"$output")"
}

@test "an entry names what it was made of, and what it is for" {
    same '{"currency":"USD","date":"2026-05-13","lines":[{"account":"assets:clearing:orders","amount":"99.87"},{"account":"income:sales","amount":"-49.00","description":"PRT-FERN"},{"account":"income:sales","amount":"-28.00","description":"TEE-L"},{"account":"income:shipping","amount":"-14.90"},{"account":"liabilities:sales tax","amount":"-7.97"}],"memo":"web order 1161","number":"1161"}
order:5900038043665 [{"entity":"order","id":"5900038043665","source":"shopify"}]' \
        "$(shop | journal | jq -rc 'select(.data.number == "1161") | .data, "\(.id) \(.of | tojson)"')"
}

@test "a cent between a subtotal and its lines is rounding; more is refused" {
    order_csv >/dev/null
    sed 's/,20.00,5.00,0.00,25.00,/,20.01,5.00,0.00,25.01,/' old.csv >cent.csv
    sed 's/,20.00,5.00,0.00,25.00,/,30.00,5.00,0.00,35.00,/; s/#7/#8/' old.csv >ten.csv
    hub-extract -s shopify:orders-csv cent.csv ten.csv | hub-canon -s shopify:orders-csv >orders
    run --separate-stderr journal -r refused orders
    has 1
    same 'assets:clearing:orders 25.01 
income:sales -20.01 Mug
income:shipping -5.00 ' "$(jq -r '.data.lines[] | "\(.account) \(.amount) \(.description // "")"' <<<"$output")"
    [[ $(jq -r .error.message refused) == *"the entry does not sum to zero"* ]]
}

@test "an order that does not foot never reaches the accounts" {
    shop | head -1 | sed 's/"total":"25.03"/"total":"25.04"/' >orders
    run --separate-stderr journal -r refused orders
    has 1
    same "" "$output"
    [[ $(jq -r .error.message refused) == *"the entry does not sum to zero"* ]]
}

@test "tax that prices include is taken out of the sales" {
    order_csv >/dev/null
    sed -i '2s/5.00,0.00,25.00/5.00,3.99,25.00/' old.csv
    same 'assets:clearing:orders 25.00
income:sales -20.00
income:shipping -5.00
liabilities:sales tax -3.99
income:sales 3.99' "$(hub-extract -s shopify:orders-csv old.csv | hub-canon -s shopify:orders-csv | journal | jq -r '.data.lines[] | "\(.account) \(.amount)"')"
}

@test "a row of the accounts' file is a debit or a credit, and a number has at most 21 characters" {
    { shop; till; } | journal | hub-canon -R -s quickbooks:journal-csv | hub-load journal.csv >/dev/null
    same 0 "$(csv journal.csv 'sum(1 for r in rows if bool(r["*Debits"]) == bool(r["*Credits"]) or len(r["*JournalNo"]) > 21 or not r["Description"])')"
    same 0.00 "$(csv journal.csv 'sum(D(r["*Debits"] or 0) - D(r["*Credits"] or 0) for r in rows)')"
    same 208 "$(csv journal.csv 'len({r["*JournalNo"] for r in rows})')"
}

@test "a row of the pick list has all that packing needs" {
    shop | hub-canon -R -s warehouse:pick-csv | hub-load pick.csv >/dev/null
    same "1161,2,TEE-L,Harbor T-Shirt - L,1,EA,Hannah Petit,77 High Street,,Seattle,WA,98101,US,,hannah.1161@example.com,Express,,Přání k narozeninám: Všechno nejlepší!" \
        "$(grep ^1161,2 pick.csv)"
}

@test "what is left of a line is packed, and nothing of one that has nothing left" {
    echo '{"data":{"currency":"EUR","lines":[{"line_id":"1","quantity":"3","current_quantity":"0"},{"line_id":"2","quantity":"3","current_quantity":"2"},{"line_id":"3","quantity":"4"},{"line_id":"4"}],"number":"7","total":"0.00"},"entity":"order","id":"1","source":"s","v":1}' >order
    same '["2","2"]
["3","4"]
["4",null]' "$(hub-canon -R -s warehouse:pick-csv order | jq -c '.data.rows[] | [.line_id, .quantity]')"
}

# ---- Vendure ----

# vendure JQ: an order of 3 at 8.333, less 1.50 and the 5.00 of its delivery, and a surcharge of 1.00, in which JQ changes something
vendure() {
    jq -c "$1" <<'END' >vendure
{"data":{"id":"1","code":"V1","state":"PaymentSettled","orderPlacedAt":"2026-05-02T02:10:00.000Z","currencyCode":"USD","shipping":0,"shippingWithTax":0,"total":2450,"totalWithTax":2940,"lines":[{"id":"9","quantity":3,"unitPrice":833,"linePrice":2500,"proratedLinePrice":2350,"productVariant":{"id":"1","sku":"A","name":"a"}}],"surcharges":[{"description":"x","price":100,"priceWithTax":120}],"discounts":[{"description":"10","amount":-150,"amountWithTax":-180},{"description":"free delivery","amount":-500,"amountWithTax":-600}]},"id":"1","source":"v","stream":"vendure:orders"}
END
    VENDURE_URL=http://127.0.0.1 VENDURE_USER=u VENDURE_PASSWORD=p hub-canon -s vendure:orders "${@:2}" vendure
}

@test "an order of Vendure foots though its delivery was free; its net prices are rounded, its sums are not" {
    run --separate-stderr vendure . -D zone=America/New_York
    has 0
    same '' "$stderr"
    same '25.00 1.50 0.00 29.40 2026-05-01 open' "$(order V1 subtotal discount_total shipping_total total business_date status <<<"$output")"
    same '29.40 1.50 -25.00 -4.90 -1.00' "$(journal <<<"$output" | jq -r '[.data.lines[].amount] | join(" ")')"
}

@test "a draft of Vendure is no sale" {
    for state in Draft Created AddingItems ArrangingPayment; do
        same draft "$(vendure ".data.state = \"$state\"" | order V1 status)"
        same '' "$(vendure ".data.state = \"$state\"" | journal)"
    done
    same open "$(vendure '.data.state = "ArrangingAdditionalPayment"' | order V1 status)"
}

# ---- there and back ----

# With c = read(native): read(write(c)) = c, for each record of standard input.
returns() {
    local stream=$1
    shift
    cat >there
    hub-canon -R -s "$stream" "$@" there | hub-canon -s "$stream" | cmp - there
    [ -s there ]
}

@test "the shop's orders come back as they were" {
    shop | returns shopify:orders-csv -D zone=America/New_York
}

@test "and through a file" {
    shop >there
    hub-canon -R -s shopify:orders-csv -D zone=America/New_York there | hub-load back.csv >/dev/null
    hub-extract -s shopify:orders-csv back.csv | hub-canon -s shopify:orders-csv | cmp - there
}

@test "the accounts' entries come back as they were" {
    { shop; till; } | journal | hub-canon -R -s quickbooks:journal-csv | hub-load journal.csv >/dev/null
    hub-extract -s quickbooks:journal-csv journal.csv | hub-canon -s quickbooks:journal-csv >entries
    same 208 "$(wc -l <entries)"
    returns quickbooks:journal-csv <entries
    hub-canon -R -s quickbooks:journal-csv entries | hub-load again.csv >/dev/null
    cmp journal.csv again.csv
}

@test "entries that people wrote come back as they were" {
    cat >people.csv <<'END'
*JournalNo,*JournalDate,*AccountName,*Debits,*Credits,Description,Name,Currency,Location,Class
A1,05/01/2026,Rent,900.00,,May,,USD,,
A1,05/01/2026,Checking,,900.00,,,USD,,
A2,12/31/2026,Supplies,1234.50,,"Pens, ""blue""",,USD,,
A2,12/31/2026,Checking,,1234.5,,,USD,,
END
    hub-extract -s quickbooks:journal-csv people.csv | hub-canon -s quickbooks:journal-csv >entries
    same 'A1 2026-05-01 900.00 -900.00
A2 2026-12-31 1234.50 -1234.50' "$(jq -r '[.id, .data.date, .data.lines[].amount] | join(" ")' entries)"
    returns quickbooks:journal-csv <entries
    hub-canon -R -s quickbooks:journal-csv entries | hub-load again.csv >/dev/null
    same "$(sed 's/1234\.5,/1234.50,/' people.csv)" "$(cat again.csv)"
}

@test "an entry that does not sum to zero is not read from the accounts either" {
    printf '*JournalNo,*JournalDate,*AccountName,*Debits,*Credits,Currency\nA1,05/01/2026,Rent,900.00,,USD\nA1,05/01/2026,Checking,,90.00,USD\n' >crooked.csv
    run --separate-stderr eval 'hub-extract -s quickbooks:journal-csv crooked.csv | hub-canon -s quickbooks:journal-csv'
    has 2
    [[ $stderr == *"the entry does not sum to zero"* ]]
}

# ---- from orders to stock, from payouts to accounts ----

@test "an order takes as many of each article from stock as it holds" {
    { shop; till; } 2>/dev/null >orders
    run --separate-stderr hub-canon -m rules/order-to-adjustments.map orders
    has 0
    printf '%s\n' "$output" >moves
    same "$(jq -s '[.[] | select(.data.cancelled_at == null) | .data.lines[] | select(.sku != null) | (.current_quantity // .quantity) | tonumber] | -add' orders)" \
        "$(jq -s '[.[].data.delta | tonumber] | add' moves)"
    same "$(wc -l <moves)" "$(jq -r '.source + " " + .id' moves | sort -u | wc -l)"
    same '[{"entity":"order"}]' "$(jq -c '[.of[] | {entity}]' moves | sort -u)"
    same "$(jq -r 'select(.data.cancelled_at != null) | .id' orders | sort -u | head -1)" \
        "$(jq -r 'select(.data.cancelled_at != null) | .id' orders | sort -u | grep -vxFf <(jq -r '.of[].id' moves) | head -1)"
}

@test "a line without an article, of none, or of a cancelled order moves no stock" {
    order='{"data":{"currency":"EUR","number":"7","total":"1.00","lines":[{"sku":"A","quantity":"2","line_id":"l1"},{"sku":"B","quantity":"3","current_quantity":"0"},{"quantity":"4"},{"sku":"C","quantity":"5","current_quantity":"1"}]},"entity":"order","id":"1","source":"s","v":1}'
    run --separate-stderr hub-canon -m rules/order-to-adjustments.map -D default_location=Leeds - <<<"$order"
    has 0
    same 'order:1:l1 A -2 Leeds 7
order:1:#4 C -1 Leeds 7' "$(jq -r '[.id, .data.sku, .data.delta, .data.location, .data.ref] | join(" ")' <<<"$output")"
    run --separate-stderr hub-canon -v -m rules/order-to-adjustments.map - <<<"${order/\"number\"/\"cancelled_at\":\"2026-05-01T00:00:00Z\",\"number\"}"
    has 0
    same "" "$output"
}

@test "a payout's entry sums to zero: bank, fees, and the orders gross" {
    payout='{"data":{"amount":"95.00","currency":"EUR","date":"2026-05-04","status":"paid","lines":[{"type":"charge","ref":"c1","order_number":"7","gross":"119.00","fee":"3.00","net":"116.00"},{"type":"refund","ref":"r1","gross":"-20.00","fee":"0.00","net":"-20.00"},{"type":"fee","ref":"f1","fee":"1.00","net":"-1.00"}]},"entity":"payout","id":"po_1","source":"stripe","v":1}'
    run --separate-stderr hub-canon -m rules/payout-to-journal.map - <<<"$payout"
    has 0
    same "" "$stderr"
    same 'assets:bank 95.00 -
expenses:payment fees 4.00 -
assets:clearing:orders -119.00 7
assets:clearing:orders 20.00 r1' "$(jq -r '.data.lines[] | [.account, .amount, .description // "-"] | join(" ")' <<<"$output")"
    run --separate-stderr hub-canon -m rules/payout-to-journal.map - <<<'{"data":{"amount":"95.00","currency":"EUR","date":"2026-05-04"},"entity":"payout","id":"2","source":"s","v":1}'
    has 0
    same 'assets:bank 95.00
assets:clearing:orders -95.00' "$(jq -r '.data.lines[] | [.account, .amount] | join(" ")' <<<"$output")"
    run --separate-stderr hub-canon -v -m rules/payout-to-journal.map - <<<"${payout/paid/failed}"
    has 0
    same "" "$output"
    run --separate-stderr hub-canon -m rules/payout-to-journal.map - <<<"${payout/95.00/95.01}"
    has 2
    [[ $stderr == *"not sum to zero"* || $stderr == *"zero"* ]]
}

@test "maps that are named write their only stream, and one of a system that nobody described" {
    customer='{"data":{"first_name":"Ann"},"entity":"customer","id":"1","source":"s","v":1}'
    echo 'map customer <-> x:people { first_name = .name }' >people.map
    same '{"name":"Ann"}' "$(hub-canon -R -m people.map <<<"$customer" | jq -c .data)"
    same x:people "$(hub-canon -R -m people.map <<<"$customer" | jq -r .stream)"
    echo 'map customer -> x:staff { first_name -> .given }' >staff.map
    run --separate-stderr hub-canon -R -m people.map -m staff.map <<<"$customer"
    has 2
    same 'hub-canon: the maps do not write just one stream: -R needs -s CONNECTION:STREAM' "$stderr"
    same '{"given":"Ann"}' "$(hub-canon -R -m people.map -m staff.map -s x:staff <<<"$customer" | jq -c .data)"
    run --separate-stderr hub-canon -R -m people.map -s x:nobody <<<"$customer"
    has 2
    same 'hub-canon: stdin:1: no map writes "customer" to the stream "x:nobody"' "$stderr"
    # Of a system that is described, the stream has to be one of its own; and a map has to be there.
    run --separate-stderr hub-canon -R -m people.map -s shopify:nothing <<<"$customer"
    has 2
    [[ $stderr == *'no stream "nothing"; there are: orders-csv'* ]]
    run --separate-stderr hub-canon -R <<<"$customer"
    has 2
    same 'hub-canon: -R needs the maps of a stream: -s CONNECTION:STREAM, or -m' "$stderr"
}
