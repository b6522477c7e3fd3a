#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# The system that uses all that a description has: each of its targets that is an API is given records, and is called as it says.

load common
load acme

setup() {
    common_setup
    export HUB_DB=$PWD/hub.db
    start_acme acme_targets
}

teardown() {
    kill "$server"
}

version() { printf "$1%.0s" {1..64}; }

# state ID DATA VERSION; change ID BEFORE AFTER VERSION VERSION; gone ID BEFORE VERSION
state() { echo "{\"data\":$2,\"entity\":\"thing\",\"id\":\"$1\",\"source\":\"pos\",\"stream\":\"acme:x\",\"version\":\"$(version "$3")\"}"; }
change() { echo "{\"after\":$3,\"before\":$2,\"entity\":\"thing\",\"id\":\"$1\",\"op\":\"update\",\"source\":\"pos\",\"stream\":\"acme:x\",\"version\":\"$(version "$5")\",\"was\":\"$(version "$4")\"}"; }
gone() { echo "{\"before\":$2,\"entity\":\"thing\",\"id\":\"$1\",\"op\":\"delete\",\"source\":\"pos\",\"stream\":\"acme:x\",\"was\":\"$(version "$3")\"}"; }

# gives TARGET STATUSES: the records on its standard input become that; calls then has what was asked of the server.
gives() {
    rm -f log
    output=$(hub-load --no-marks --delete 9 "${@:3}" "acme:$1" 2>errors) || true
    same "$2" "$(jq -rs 'map([.status, .op, .id, .target_id // empty] | join(" ")) | join(", ")' <<<"$output")"
    calls=$([ ! -e log ] || jq -rc '.[0] + " " + .[1] + (if .[2] then " " + (.[2] | tojson) else "" end)' log)
}

@test "inventory_set: only what changes, with what it was" {
    gives inventory_set 'left_out create 1' < <(state 1 '{"inventory_item_id":"9","available":5}' a)
    same '' "$calls"
    gives inventory_set 'applied update 1' < <(change 1 '{"inventory_item_id":"9","available":5}' '{"inventory_item_id":"9","available":4}' a b)
    same '{"quantities":[{"inventoryItemId":"gid://x/9","quantity":4,"compareQuantity":5}]}' "$(jq -c '.[2].variables.input' log)"
}

@test "members: the path is reckoned" {
    gives members 'applied create 1 m1' < <(state 1 '{"email_address":" Ann@Example.com "}' a)
    same "PUT /lists/L9/members/$(printf ann@example.com | md5sum | cut -d' ' -f1) "'{"email_address":" Ann@Example.com "}' "$calls"
}

@test "people and counts_set: batches, with results by key, and with none" {
    gives people 'applied create 1 p1, parked create 2, parked create 3' < <(for i in 1 2 3; do state $i "{\"properties\":{\"email\":\"$i@x\"}}" a; done)
    same '{"idProperty":"email","id":"1@x","properties":{"email":"1@x"}}' "$(jq -c '.[2].inputs[0]' log)"
    same 'dup|http
the answer to its batch does not tell of it|uncertain' "$(sqlite3 hub.db 'SELECT message, code FROM parked ORDER BY record')"
    gives counts_set 'applied create 1, applied create 2' < <(state 1 '{"n":1}' a; state 2 '{"n":2}' a)
    [[ $calls =~ ^'POST /inventory/changes/batch-create {"idempotency_key":"'[0-9a-f]{64}'","changes":[{"n":1},{"n":2}]}'$ ]]
}

@test "journals: told once, by a key; a correction is for a person" {
    gives journals 'applied create 1 J1' < <(state 1 '{"Line":[1]}' a)
    [[ $calls =~ ^'POST /journalentry?requestid='[0-9a-f]{64}' {"Line":[1]}'$ ]]
    gives journals 'parked update 1 J1' < <(state 1 '{"Line":[2]}' b)
    gives journals 'parked update 1 J1' < <(change 1 '{"Line":[1]}' '{"Line":[3]}' a b)
    same '' "$calls"
}

@test "customers: found before they are made, read before they are changed, deleted by a call of their own" {
    gives customers 'applied create 1 77' < <(state 1 "{\"PrimaryEmailAddr\":{\"Address\":\"o'brien@x\"}}" a)
    same "GET /query?query=select * from Customer where PrimaryEmailAddr = 'o\\'brien@x'
POST /customer {\"PrimaryEmailAddr\":{\"Address\":\"o'brien@x\"}}" "$calls"
    gives customers 'applied create 2 55' < <(state 2 '{"PrimaryEmailAddr":{"Address":"known@x"}}' a)
    same 'GET /customer/55
POST /customer {"PrimaryEmailAddr":{"Address":"known@x"},"Id":"55","SyncToken":"3","sparse":true}' "$(tail -n 2 <<<"$calls")"
    gives customers 'applied delete 1 77' < <(gone 1 "{\"PrimaryEmailAddr\":{\"Address\":\"o'brien@x\"}}" a)
    same 'POST /customer?operation=delete {"Id":"77"}' "$calls"
}

@test "labels: a chain that buys the cheapest, keeps the label, and gives back what was answered" {
    gives labels 'parked create 0, applied create 1 S1' -a answers < <(state 0 '{"nowhere":true,"reference":"x"}' a; state 1 '{"reference":"1001"}' b)
    same 'no carrier; goes there' "$(sqlite3 hub.db "SELECT substr(message, -22) FROM parked")"
    same 'POST /shipments/S1/buy {"rate":{"id":"r9"}}
GET /label.zpl' "$(tail -n 2 <<<"$calls")"
    same '^XA^XZ' "$(cat labels/bbbbbbbbbbbbbbbb.zpl)"
    same 'acme:bought acme S1 1Z' "$(jq -r '[.stream, .source, .id, .data.tracking_code] | join(" ")' answers)"
}
