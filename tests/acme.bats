#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# The system that uses all that a description has: each of its streams is read, twice, from a server that answers as it is asked.

load common
load acme

setup() {
    common_setup
    start_acme acme 's|"every": "5s"|"every": "100ms"|'
}

teardown() {
    kill "$server"
}

# reads STREAM COUNT JQ WANTED: so many records, and what JQ makes of the first; a second run gives nothing.
reads() {
    run --separate-stderr hub-extract --state "$1.state" "acme:$1"
    has 0
    same "$2" "$(wc -l <<<"$output")"
    same "$2" "$(jq -r .id <<<"$output" | sort -u | wc -l)"
    same "$4" "$(head -1 <<<"$output" | jq -c "$3")"
    run --separate-stderr hub-extract --state "$1.state" "acme:$1"
    has 0
}

@test "orders: the Link header, a child call for each record, a single one" {
    reads orders 5 '[.id, .label, .data.transactions]' '["0","#0",[{"order":"0"}]]'
    same "" "$output"
    same "GET /api/2026-07/orders.json?status=any&limit=250&order=updated_at%20asc&updated_at_min=2026-05-01T09%3A50%3A04Z Bearer kept-token " "$(grep updated_at_min log)"
    same "POST /token Basic $(printf ann:pass-word | base64) grant_type=refresh_token&refresh_token=first-refresh" "$(head -1 log)"
    same '["kept-token","kept-refresh"]' "$(jq -c '[.token, .refresh]' state/acme.login.json)"
    run --separate-stderr hub-extract --id 7 acme:orders
    same '["7",[{"order":"7"}]]' "$(jq -c '[.id, .data.transactions]' <<<"$output")"
}

@test "vorders: GraphQL by offset; sorders: for ten locations at once, by a cursor" {
    reads vorders 250 '[.id, .label]' '["0","C0"]'
    same "" "$output"
    reads sorders 6 .id '"L0-c0"'
    same "" "$output"
    same 6 "$(grep -c '"start_at":"2026-05-01T09:59:01Z"' log)"
    same '["L20","L21","L22"]' "$(sed -n 's/^POST .*search [^{]*//p' log | tail -1 | jq -c .location_ids)"
}

@test "levels: a list in a list, with what is around it" {
    reads levels 2 '[.id, .data]' '["1@x",{"location":"x","variant":1,"sku":"A"}]'
    same 2 "$(wc -l <<<"$output")"
}

@test "contacts: a search with a cap, whose times are texts of milliseconds" {
    reads contacts 25000 '[.id, .label]' '["0","0@example.com"]'
    same "" "$output"
    same '"1777654539000"' "$(sed -n 's/^POST .*search [^{]*//p' log | tail -1 | jq -c '.filterGroups[0].filters[0].value')"
}

@test "balance: the newest first, by the last id" {
    reads balance 250 '[.id, .data.created]' '["249",1777629849]'
    same "" "$output"
    same "created%5Bgte%5D=1777543449" "$(tail -1 log | grep -o 'created[^& ]*')"
}

@test "products: a job, waited for, and its file without our token" {
    reads products 2 '[.id, (.data.Variant | length)]' '["gid://x/Product/1",1]'
    same "GET /bulk.jsonl None " "$(grep bulk.jsonl log | head -1)"
}
