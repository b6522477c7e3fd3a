#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# A real Vendure: an order that is placed in the shop comes out with its totals to the cent. Its modules are installed once, in
# build/vendure; without npm, or where they cannot be had, this is passed over.

load common

modules() {
    printf '%s/build/vendure' "$(cd "$BATS_TEST_DIRNAME/.." && pwd)"
}

installed() {
    [ -d "$(modules)/node_modules/@vendure/core" ] && [ -d "$(modules)/node_modules/sql.js" ] && return
    mkdir -p "$(modules)" && cd "$(modules)" && exec 9>lock && flock 9 || return
    [ -d node_modules/@vendure/core ] && [ -d node_modules/sql.js ] && return
    [ -e package.json ] || echo '{"private":true}' >package.json
    timeout 200 npm install --cache "$PWD/cache" --no-audit --no-fund --omit=optional @vendure/core sql.js >npm.log 2>&1
}

setup_file() {
    if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        skip "npm is not installed"
    fi
    (installed) || skip "@vendure/core cannot be installed: see $(modules)/npm.log"
    mkdir -p "$BATS_FILE_TMPDIR/shop"
    local server
    server=$(realpath "$BATS_TEST_DIRNAME/servers/vendure.js")
    cd "$BATS_FILE_TMPDIR" || return 1 # where it leaves files of its own
    "$server" "$(modules)" "$BATS_FILE_TMPDIR/shop" "$BATS_FILE_TMPDIR/port" >"$BATS_FILE_TMPDIR/log" 2>&1 3>&- &
    SERVER=$!
    export SERVER
    for _ in {1..600}; do
        [ -e "$BATS_FILE_TMPDIR/port" ] && return
        kill -0 "$SERVER" 2>/dev/null || break
        sleep 0.1
    done
    cat "$BATS_FILE_TMPDIR/log"
    return 1
}

teardown_file() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" || true
}

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines HUB_STATE=state VENDURE_USER=superadmin VENDURE_PASSWORD=superpassword
    VENDURE_URL=http://127.0.0.1:$(<"$BATS_FILE_TMPDIR/port")
    export VENDURE_URL
}

@test "an order placed in a Vendure shop has its totals to the cent" {
    run --separate-stderr bash -c 'hub-extract --state st vendure:orders | hub-canon -s vendure:orders'
    has 0
    same "" "$stderr"
    same '["49.98","5.00","5.00","59.98","USD","ann@example.com"]' \
        "$(jq -c '[.data.subtotal, .data.shipping_total, .data.tax_total, .data.total, .data.currency, .data.email]' <<<"$output")"
    same '[["TEA-1","2","19.99"],["CUP-1","1","10"]]' "$(jq -c '[.data.lines[] | [.sku, .quantity, .unit_price]]' <<<"$output")"
    run --separate-stderr hub-extract --state st vendure:orders
    has 0
    same "" "$output"
}

@test "the stock of a Vendure shop, one record a variant and place" {
    run --separate-stderr hub-extract vendure:stock
    has 0
    same '["1@1","TEA-1",100,2]
["2@1","CUP-1",50,1]' "$(jq -c '[.id, .data.sku, .data.stockOnHand, .data.stockAllocated]' <<<"$output")"
}

@test "one order of a Vendure shop, a check, and a login that is turned away" {
    run --separate-stderr hub-extract --id 1 vendure:orders
    has 0
    same 1 "$(jq -r .id <<<"$output")"
    run --separate-stderr hub-extract --check vendure
    has 0
    same "orders               ok      1 records on one page
stock                ok      2 records on one page" "$output"
    VENDURE_PASSWORD=wrong-password HUB_STATE=other run --separate-stderr hub-extract vendure:orders
    has 2
    [[ $stderr == *"login"*"invalid; look at \${VENDURE_USER}, \${VENDURE_PASSWORD}"* ]]
}
