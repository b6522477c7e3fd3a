#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # programs stand in single quotes; bats sets output and the like
# Streams of APIs, against a web server of ours that pages, limits and fails as real ones do.

load common
load servers

setup() {
    common_setup
    export HUB_PATH=pipelines HUB_STATE=state SHOP_SECRET=r0 SHOP_USER=ann SHOP_PASSWORD=pass-word
    mkdir -p pipelines/systems/shop
    serve api log
    SHOP_URL=http://127.0.0.1:$(<port)
    export SHOP_URL
}

teardown() {
    kill "$server"
    stop_servers
}

# describe STREAMS [MORE]: a system with these streams, and more members of it.
describe() {
    cat > pipelines/systems/shop/system.json << END
{ "system": "shop", "vars": { "url": "\${SHOP_URL}" },
  "secrets": { "refresh": "\${SHOP_SECRET}", "user": "\${SHOP_USER}", "pass": "\${SHOP_PASSWORD}" },
  "base": "{@url}", ${2:-}
  "streams": { $1 } }
END
}

ids() {
    jq -rs 'map(.id) | join(" ")' <<< "$output"
}

asked() {
    jq -rs 'map(.method + " " + .path) | .[]' log
}

extract() {
    run --separate-stderr hub-extract "$@"
}

ten="1 2 3 4 5 6 7 8 9 10"

@test "pages by the Link header" {
    describe '"orders": { "get": "/orders", "query": { "limit": 4 }, "records": ".orders[]", "id": ".id", "label": ".name",
        "next": { "set": { "/url": "{link('"'next'"')}" } } }'
    extract shop:orders
    has 0
    same "$ten" "$(ids)"
    same '{"data":{"id":5,"name":"#1005","total":"5.90","updated_at":"2026-05-01T10:00:05Z"},"from":"orders/2:1","id":"5","label":"#1005","source":"shop","stream":"shop:orders"}' "$(sed -n 5p <<< "$output")"
    same "GET /orders?limit=4
GET /orders?at=4&limit=4
GET /orders?at=8&limit=4" "$(asked)"
}

@test "no limit of time is none" {
    describe '"orders": { "get": "/orders", "records": ".orders[]", "id": ".id" }' '"limits": { "timeout": "0s" },'
    extract shop:orders
    has 0
    same "1 2 3 4" "$(ids)"
}

@test "pages by number, by offset, by a cursor in the body, by the last id" {
    describe '"page": { "get": "/page", "query": { "page": 1, "limit": 3 }, "id": ".id", "next": { "set": { "/query/page": "{page + 1}" } } },
      "offset": { "post": "/offset", "graphql": "q.graphql", "variables": { "options": { "take": 4, "skip": 0, "after": "{since}" } },
        "records": ".data.orders.items[]", "id": ".id", "next": { "while": "read < .data.orders.totalItems", "set": { "/body/variables/options/skip": "{read}" } } },
      "cursor": { "post": "/cursor", "json": { "limit": 3 }, "records": ".orders", "id": ".id", "next": { "set": { "/body/cursor": "{.cursor}" } } },
      "last": { "get": "/last", "query": { "limit": 4 }, "records": ".data[]", "id": ".id", "next": { "while": ".has_more", "set": { "/query/starting_after": "{last.id}" } } }'
    echo 'query { orders { items { id } } }' > pipelines/systems/shop/q.graphql
    for stream in page offset cursor; do
        extract shop:$stream
        has 0
        same "$ten" "$(ids)"
    done
    same '{"query":"query { orders { items { id } } }\n","variables":{"options":{"take":4,"skip":8}}}' "$(jq -r 'select(.path == "/offset") | .body' log | tail -1)"
    sed -i 's|"get": "/page"|"get": "/page/strict"|' pipelines/systems/shop/system.json
    extract shop:page
    has 0
    same "$ten|" "$(ids)|$stderr"
    extract shop:last
    has 0
    same "10 9 8 7 6 5 4 3 2 1" "$(ids)"
}

@test "pages that overlap miss nothing where a record changes its place while they are read" {
    describe '"x": { "post": "/moving", "json": { "skip": 0 }, "records": ".orders[]", "id": ".id", "since": { "field": ".updated_at", "overlap": "1s" },
        "next": { "while": "page * 3 < .total", "set": { "/body/skip": "{page * 3}" } } }'
    extract shop:x
    has 0
    same "1 2 3 4 5 6 7 8 9 10 1" "$(ids)"
}

@test "a page that repeats is an error, and so is one of another host" {
    describe '"circle": { "post": "/circle", "json": {}, "records": ".orders[]", "id": ".id", "next": { "set": { "/body/cursor": "{.cursor}" } } },
      "signed": { "get": "/signed", "query": { "page": 1 }, "records": ".orders[]", "id": ".id", "next": { "set": { "/query/page": "{page + 1}" } } },
      "same": { "post": "/same", "json": {}, "records": ".orders[]", "id": ".id", "next": { "set": { "/body/cursor": "{.cursor}" } } },
      "stranger": { "get": "/stranger", "records": ".orders[]", "id": ".id", "next": { "set": { "/url": "{link('"'next'"')}" } } }'
    extract shop:circle
    has 2
    [[ $stderr == *"page 2 has the records of the page before"* ]]
    extract shop:same
    has 2
    [[ $stderr == *"page 2 "* ]]
    extract --state st shop:signed
    has 2
    [[ $stderr == *"shop: signed/2: has the records of the page before, by their ids"* ]]
    [ "$(grep -c signed log)" -le 3 ]
    extract shop:stranger
    has 2
    [[ $stderr == *"another host"* ]]
}

@test "what fails for a while is tried again" {
    describe '"a": { "get": "/fail/1/429/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "b": { "get": "/fail/1/503/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "c": { "get": "/fail/1/drop/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "d": { "get": "/fail/1/cut/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "e": { "get": "/fail/1/html/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "f": { "get": "/fail/1/length/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "g": { "get": "/fail/1/slow/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "h": { "get": "/fail/1/empty/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" }' '"limits": { "timeout": "1s", "run": "0s" },'
    for stream in a b c d e f g h; do
        extract shop:$stream
        has 0
        same "$ten" "$(ids)"
    done
}

@test "what is no answer of an API is none, and what is wrong with it is said" {
    describe '"orders": { "get": "/fail/9/empty/orders", "records": ".orders[]" }, "csv": { "get": "/fail/9/html/file.csv", "format": "csv" },
      "latin": { "get": "/fail/9/latin/orders", "records": ".orders[]" }, "again": { "get": "/fail/99/again/orders", "records": ".orders[]" },
      "marked": { "get": "/marked", "records": ".orders[]", "id": ".id" }, "gone": { "get": "/nowhere", "records": ".orders[]" }' '"limits": { "retries": 0 },'
    local stream said=()
    for stream in orders csv latin; do
        extract shop:$stream
        has 75
        same "" "$output"
        said+=("${stderr##*": 200, "}")
    done
    same 'but the answer is empty
but a page for people: "<html>Maintenance</html>"
but no JSON (UTF-8 is due, at byte 25): "{"orders": [{"name": "caf\xE9"}]}"' "$(printf '%s\n' "${said[@]}")"
    extract shop:again
    has 2
    [[ $stderr == *"302: it redirects again and again"* ]]
    extract shop:marked
    has 0
    same "$ten" "$(ids)"
    extract shop:gone
    has 0
    same "hub-extract: shop: GET $SHOP_URL/nowhere: 404: it is not there, and there are no records" "$stderr"
    extract --check shop
    has 1
    [[ $output == *"gone                 failed  shop: GET $SHOP_URL/nowhere: 404"* ]]
}

@test "the time of the whole run holds in the middle of an answer, too" {
    describe '"drip": { "get": "/fail/9/drip/orders", "records": ".orders[]" }' '"limits": { "run": "1s" },'
    local start
    start=$(date +%s%N)
    extract shop:drip
    has 75
    [[ $stderr == *"limits/run"* ]]
    [ $((($(date +%s%N) - start) / 1000000)) -lt 3000 ]
}

@test "what goes on failing ends with 75, and the state of the last whole page" {
    describe '"x": { "get": "/orders", "query": { "limit": 4, "since": "{since}" }, "records": ".orders[]", "id": ".id",
        "since": { "field": ".updated_at" }, "next": { "set": { "/url": "{if(page < 2, link('"'next'"'), \"/fail/9/503/orders?at=8\")}" } } }' \
        '"limits": { "retries": 0 },'
    extract --state st shop:x
    has 75
    same "1 2 3 4 5 6 7 8" "$(ids)"
    [[ $stderr == *"503"*"try later"* ]]
    same '{"since":"2026-05-01T10:00:08Z"}' "$(<st)"
    describe '"x": { "get": "/orders", "query": { "limit": 4, "since": "{since}" }, "records": ".orders[]", "id": ".id",
        "since": { "field": ".updated_at" }, "next": { "set": { "/url": "{link('"'next'"')}" } } }'
    exec 9>st.lock
    flock 9
    extract --state st shop:x
    has 75
    [[ $stderr == *'another run reads with this state'* ]]
    exec 9>&-
    extract --state st shop:x
    has 0
    same "8 9 10" "$(ids)"
    same '{"since":"2026-05-01T10:00:10Z"}' "$(<st)"
}

@test "a list that is in no order of time goes on at its place" {
    describe '"x": { "get": "/last", "query": { "limit": 4 }, "records": ".data[]", "id": ".id", "since": { "field": ".updated_at", "order": "newest" },
        "next": { "while": ".has_more", "set": { "/url": "{if(page < 2, \"/last?limit=4&starting_after={last.id}\", \"/fail/1/503/last?starting_after={last.id}\")}" } } }' '"limits": { "retries": 0 },'
    extract --state st shop:x
    has 75
    same "10 9 8 7 6 5 4 3" "$(ids)"
    same '{"high":"2026-05-01T10:00:10Z","next":{"/url":"'"$SHOP_URL"'/fail/1/503/last?starting_after=3"},"page":2,"read":8}' "$(<st)"
    extract --state st shop:x
    has 0
    same "2 1" "$(ids)"
    same '{"since":"2026-05-01T10:00:10Z"}' "$(<st)"
}

@test "what overlaps is read again and not given again" {
    describe '"orders": { "get": "/orders", "query": { "limit": 20, "since": "{since}", "until": "{until}" }, "records": ".orders[]", "id": ".id",
        "since": { "field": ".updated_at", "overlap": "3s" } }'
    extract --state st --until 2026-05-01T10:00:06Z shop:orders
    has 0
    same "1 2 3 4 5" "$(ids)"
    extract --state st shop:orders
    has 0
    same "6 7 8 9 10" "$(ids)"
    same "GET /orders?limit=20&since=2026-05-01T10%3A00%3A02Z" "$(asked | tail -1)"
    extract --state st --full shop:orders
    same "$ten" "$(ids)"
    extract --state st --since 2026-05-01T10:00:09Z shop:orders
    same "GET /orders?limit=20&since=2026-05-01T10%3A00%3A09Z" "$(asked | tail -1)"
}

@test "a stream whose records lack the time that it is read by is told of" {
    describe '"orders": { "get": "/orders", "records": ".orders[]", "id": ".id", "since": { "field": ".updatedAt" } }, "none": { "get": "/empty", "records": ".orders[]", "since": { "field": ".updatedAt" } }'
    extract --state st shop:orders
    has 0
    same "hub-extract: shop:orders: no record has the time that \`since\` names: all will be read again each time" "$stderr"
    extract shop:none
    same "" "$stderr"
    extract --check shop
    has 1
    [[ $output == *"orders               failed  shop:orders: no record has the time"*"none                 ok"* ]]
}

@test "--since gives again what was given, and moves the mark over nothing that was not read" {
    describe '"orders": { "get": "/orders", "query": { "limit": 20, "since": "{since}" }, "records": ".orders[]", "id": ".id", "one": { "get": "/orders/{id}", "records": ".order" },
        "since": { "field": ".updated_at", "overlap": "3s" } }, "whole": { "get": "/orders", "records": ".orders[]" }'
    extract --state st shop:orders
    local stands
    stands=$(<st)
    extract --state st --id 9 shop:orders
    same 9 "$(ids)"
    extract --state st --since 2026-05-01T10:00:02Z --until 2026-05-01T10:00:05Z shop:orders
    has 0
    same "2 3 4" "$(ids)"
    extract --state st --since 2026-05-01T10:00:08Z shop:orders
    same "8 9 10" "$(ids)"
    same "$stands" "$(<st)"
    extract --state st shop:orders
    same "" "$output"
    same "$stands" "$(<st)"
    # From behind where the mark stands on: 3 to 7 would be lost.
    echo '{"since":"2026-05-01T10:00:02Z"}' >st
    extract --marks --state st --since 2026-05-01T10:00:08Z shop:orders
    same "8 9 10" "$(grep '"data"' <<<"$output" | jq -rs 'map(.id) | join(" ")')"
    same '{"since":"2026-05-01T10:00:02Z"}' "$(<st)"
    same '{"after":{"since":"2026-05-01T10:00:02Z"},"checkpoint":{"since":"2026-05-01T10:00:02Z"},"end":true,"n":3,"source":"shop","stream":"shop:orders"}' "$(tail -1 <<<"$output")"
    for option in --since --until; do
        extract $option 2026-05-01T10:00:02Z shop:whole
        has 2
        [[ $stderr == *'"whole" has no `since`'* ]]
        extract $option yesterday shop:orders
        has 2
        [[ $stderr == *"$option: not a time: \"yesterday\""* ]]
    done
    extract --since 2026-05-01T10:00:02Z --until 2026-05-01T10:00:02Z shop:orders
    has 2
    [[ $stderr == *"--until is no later than --since"* ]]
}

@test "a list in no order of time goes on where the same times are asked for, and starts again where others are" {
    describe '"x": { "get": "/last", "query": { "limit": 3, "since": "{since}", "until": "{until}" }, "records": ".data[]", "id": ".id", "since": { "field": ".updated_at", "order": "newest", "overlap": "1s" },
        "next": { "while": ".has_more", "set": { "/url": "{if(page < 2, \"\", \"/fail/1/503\")}/last?limit=3&since={since}&until={until}&starting_after={last.id}" } } }' '"limits": { "retries": 0 },'
    local from=(--since 2026-05-01T10:00:02Z) until=(--until 2026-05-01T10:00:10Z)
    extract --state st "${from[@]}" "${until[@]}" shop:x
    has 75
    same "9 8 7 6 5 4" "$(ids)"
    same '["2026-05-01T10:00:02Z","2026-05-01T10:00:09Z","2026-05-01T10:00:10Z",true,2]' "$(jq -c '[.since, .high, .until, .given, .page]' st)"
    cp st other
    cp st same
    extract --state other --since 2026-05-01T10:00:03Z "${until[@]}" shop:x
    has 0
    same "9 8 7 6 5 4 3" "$(ids)"
    same "$(<st)" "$(<other)"
    extract --state same "${from[@]}" "${until[@]}" shop:x
    has 0
    same "3 2" "$(ids)"
    extract --state st shop:x
    has 0
    same "3 2" "$(ids)"
    same "$(<same)" "$(<st)"
    extract --state st shop:x
    has 0
    same "10" "$(ids)"
}

@test "a capped search is moved on, a span is cut in pieces" {
    describe '"search": { "post": "/search", "json": { "since": "{since}", "after": "0" }, "records": ".results[]", "id": ".id", "since": { "field": ".updated_at", "overlap": "1s" },
        "window": { "cap": 4 }, "next": { "set": { "/body/after": "{.paging.next.after}" } } },
      "span": { "get": "/orders", "query": { "limit": 20, "since": "{since}", "until": "{until}" }, "records": ".orders[]", "id": ".id", "since": { "field": ".updated_at" },
        "window": { "span": "4s" } }'
    extract shop:search
    has 0
    same "$ten" "$(ids)"
    extract --since 2026-05-01T10:00:01Z --until 2026-05-01T10:00:11Z shop:span
    has 0
    same "$ten" "$(ids)"
    same 3 "$(asked | grep -c 'GET /orders')"
    extract shop:span
    has 2
    [[ $stderr == *"--since"* ]]
}

@test "asks for each record of another stream, alone or so many at once" {
    describe '"locations": { "get": "/locations", "records": ".locations[]", "id": ".id" },
      "by": { "post": "/asked", "each": { "stream": "locations", "by": 2 }, "json": { "location_ids": "{each[].id}" }, "records": ".orders[]", "id": ".id" },
      "one": { "post": "/asked", "each": { "stream": "locations" }, "json": { "location": "{each.id}" }, "records": ".orders[]", "id": ".id" }'
    extract shop:by
    has 0
    same "L1-1 L2-1 L3-1 L4-1 L5-1" "$(ids)"
    same '{"location_ids":["L1","L2"]}
{"location_ids":["L3","L4"]}
{"location_ids":["L5"]}' "$(jq -r 'select(.path == "/asked") | .body' log)"
    extract shop:one
    has 0
    same "L1-1 L2-1 L3-1 L4-1 L5-1" "$(ids)"
}

@test "what is asked for each record of another stream is asked from the times on, too, searches that are capped and stretches alike" {
    places='"places": { "get": "/places", "query": { "from": "{since}" }, "records": ".locations[]", "id": ".id", "next": { "set": { "/url": "{link('"'next'"')}" } } }'
    visits='"post": "/visits", "each": { "stream": "places" }, "json": { "location": "{each.id}", "since": "{since}", "until": "{until}" }, "records": ".visits[]", "id": ".id"'
    describe "$places, \"capped\": { $visits, \"since\": { \"field\": \".at\", \"overlap\": \"1s\" }, \"window\": { \"cap\": 4 } },
        \"cut\": { $visits, \"since\": { \"field\": \".at\" }, \"window\": { \"span\": \"4s\" } }"
    local all
    all=$(for place in 1 2 3 4 5; do printf "L$place-%s\n" 1 2 3 4 5 6 7 8 9 10; done)
    extract --state st shop:capped
    has 0
    same "$all" "$(jq -r .id <<<"$output")"
    : >log
    extract --state st shop:capped
    has 0
    same "" "$output"
    same "$(for place in 1 2 3 4 5; do echo "{\"location\":\"L$place\",\"since\":\"2026-05-01T10:00:09Z\"}"; done)" "$(jq -r 'select(.path == "/visits") | .body' log)"
    same "GET /places
GET /places?at=2
GET /places?at=4" "$(asked | grep places)"
    extract --since 2026-05-01T10:00:01Z --until 2026-05-01T10:00:11Z shop:cut
    has 0
    same "$(sort <<<"$all")" "$(jq -r .id <<<"$output" | sort)"
    same "L5-4 L1-5" "$(jq -r .id <<<"$output" | sed -n 20,21p | paste -sd' ')"
}

@test "a capped search that is not in the order of time is not moved on over what it did not show" {
    describe '"x": { "post": "/visits/newest", "json": { "location": "L1", "since": "{since}" }, "records": ".visits[]", "id": ".id", "since": { "field": ".at" }, "window": { "cap": 4 } }'
    extract --state st shop:x
    has 2
    [[ $stderr == *"not in the order of their times"* ]]
    [ ! -s st ]
}

@test "attaches the answers of a call to each record, and takes fields from around it" {
    describe '"orders": { "get": "/orders", "query": { "limit": 2 }, "records": ".orders[]", "id": ".id", "next": { "while": "page < 2", "set": { "/url": "{link('"'next'"')}" } },
        "attach": { "transactions": { "get": "/orders/{.id}/transactions", "records": ".transactions[]" } } },
      "levels": { "get": "/variants", "records": ".items[].levels[]", "with": { "variant": "^.id", "sku": "^.sku" }, "id": "\"{.variant}@{.location}\"" }'
    extract shop:orders
    has 0
    same '[1,[{"kind":"sale","amount":"1.90"}]]
[2,[]]
[3,[{"kind":"sale","amount":"3.90"}]]
[4,[]]' "$(jq -c '[.data.id, .data.transactions]' <<< "$output")"
    extract shop:levels
    has 0
    same '{"location":1,"on_hand":1,"variant":1,"sku":"S1"} 1@1
{"location":2,"on_hand":2,"variant":1,"sku":"S1"} 1@2
{"location":1,"on_hand":2,"variant":2,"sku":"S2"} 2@1
{"location":2,"on_hand":4,"variant":2,"sku":"S2"} 2@2' "$(jq -r '(.data | tojson) + " " + .id' <<< "$output")"
}

@test "one record by its id" {
    describe '"orders": { "get": "/orders", "records": ".orders[]", "id": ".id", "one": { "get": "/orders/{id}", "records": ".order" } },
      "other": { "get": "/orders", "records": ".orders[]" }'
    extract --id 7 shop:orders
    has 0
    same 7 "$(ids)"
    extract --id 70 shop:orders
    has 0
    same "" "$output"
    same 'hub-extract: shop:orders: there is no record "70"' "$stderr"
    extract --id a/b shop:orders
    same "GET /orders/a%2Fb" "$(asked | tail -1)"
    extract --id 7 shop:other
    has 2
    [[ $stderr == *"no \`one\`"* ]]
}

login='"auth": { "login": { "post": "/token", "form": { "grant_type": "refresh_token", "refresh_token": "{auth.refresh or @refresh}" },
    "keep": { "token": "{.access_token}", "refresh": "{.refresh_token}", "expires": "{.expires_in}" } }, "headers": { "Authorization": "Bearer {auth.token}" } },'

@test "logs in, keeps what it got for its owner alone, and logs in again on 401" {
    describe '"orders": { "get": "/private/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" }' "$login"
    extract shop:orders
    has 0
    same "$ten" "$(ids)"
    same 600 "$(stat -c %a state/shop.login.json)"
    same r1-secret "$(jq -r .refresh state/shop.login.json)"
    extract shop:orders
    has 0
    same 1 "$(asked | grep -c token)"
    curl -s "$SHOP_URL/expire"
    extract shop:orders
    has 0
    same "$ten" "$(ids)"
    same r2-secret "$(jq -r .refresh state/shop.login.json)"
    same 2 "$(asked | grep -c token)"
}

@test "of two runs whose token is over one logs in, and the other takes what it got" {
    describe '"orders": { "get": "/private/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" }' \
        "${login/\/token/\/fail\/1\/slow\/token}"
    hub-extract shop:orders > first 3>&- &
    local first=$!
    until grep -qs token log; do
        sleep 0.05
    done
    extract shop:orders
    has 0
    same "$ten" "$(ids)"
    wait "$first"
    same "$output" "$(<first)"
    same 1 "$(asked | grep -c token)"
}

@test "what a login gave can stand in the query" {
    describe '"orders": { "get": "/empty", "records": ".orders[]" }, "later": { "get": "/fail/1/forbidden/empty", "records": ".orders[]" }' \
        "${login/'"headers": { "Authorization": "Bearer {auth.token}" }'/'"query": { "key": "{auth.token}" }'}"' "answers": [ { "when": "has(.errors)", "do": "login" } ],'
    extract shop:later
    has 0
    same "POST /token
GET /fail/1/forbidden/empty?key=t1-secret
POST /token
GET /fail/1/forbidden/empty?key=t2-secret" "$(asked)"
}

@test "who is asked to wait for long says so and ends with 75" {
    describe '"orders": { "get": "/fail/1/429/orders", "records": ".orders[]", "answers": [ { "when": "status == 429", "do": "retry", "after": "3600" } ] }'
    extract shop:orders
    has 75
    [[ $stderr == *"3600 seconds"* ]]
}

@test "a login that is turned away says where to look, and no secret" {
    export SHOP_SECRET=wrong-secret
    describe '"orders": { "get": "/private/orders", "records": ".orders[]" }' "$login"
    extract shop:orders
    has 2
    [[ $stderr == *"login"*"invalid_grant"* ]]
    [[ $stderr != *wrong-secret* ]]
    describe '"orders": { "get": "/private/orders", "records": ".orders[]" }'
    extract shop:orders
    has 2
    [[ $stderr == *"401"*'look at ${SHOP_SECRET}, ${SHOP_USER}, ${SHOP_PASSWORD}'* ]]
    unset SHOP_SECRET
    extract shop:orders
    has 2
    [[ $stderr == *'"SHOP_SECRET" is not set'* ]]
}

@test "a login that is kept and not good any more is named: it goes before a new secret" {
    describe '"orders": { "get": "/private/orders", "records": ".orders[]" }' "$login"
    mkdir state
    echo '{"token":"stale-token","refresh":"stale-refresh"}' >state/shop.login.json
    extract shop:orders
    has 2
    [[ $stderr == *"invalid_grant"*'look at ${SHOP_SECRET}, ${SHOP_USER}, ${SHOP_PASSWORD}; what the last login gave goes first, and lies in state/shop.login.json: remove it'* ]]
    rm state/shop.login.json
    extract shop:orders
    has 0
}

@test "headers, HTTP Basic and keys in the query, to the host of the system alone" {
    describe '"orders": { "get": "/empty", "records": ".orders[]" }, "other": { "get": "http://localhost:'"$(<port)"'/empty", "records": ".orders[]" },
      "open": { "get": "/empty", "records": ".orders[]", "auth": false }' \
        '"headers": { "API-Version": "2026-07-15" }, "auth": { "basic": ["{@user}", "{@pass}"], "query": { "key": "{@refresh}" }, "headers": { "X-Key": "{@pass}" } },'
    extract shop:orders
    has 0
    extract shop:other
    has 0
    extract shop:open
    has 0
    same '["/empty?key=r0","2026-07-15","Basic YW5uOnBhc3Mtd29yZA==","pass-word"]
["/empty","2026-07-15",null,null]
["/empty","2026-07-15",null,null]' "$(jq -c '[.path, ."api-version", .authorization, ."x-key"]' log)"
}

@test "answers that are 200 and a failure mean what the description says" {
    answers='"answers": [ { "when": ".errors[0].extensions.code == '"'THROTTLED'"'", "do": "retry", "after": "0.1" },
        { "when": "has(.errors)", "do": "refuse", "say": "join('"'; '"', .errors[].message)" } ],'
    describe '"a": { "get": "/fail/1/throttled/orders", "query": { "limit": 20 }, "records": ".orders[]", "id": ".id" },
      "b": { "get": "/fail/9/refused/orders", "records": ".orders[]" },
      "c": { "get": "/fail/9/elsewhere/orders", "records": ".orders[]" }, "d": { "get": "/nowhere", "records": ".orders[]" }' "$answers"
    extract shop:a
    has 0
    same "$ten" "$(ids)"
    extract shop:b
    has 2
    [[ $stderr == *"GET $SHOP_URL/fail/9/refused/orders: no such field; nor that one"* ]]
    extract shop:c
    has 2
    [[ $stderr == *"redirects to \"http://localhost:1/stolen\""* ]]
    extract shop:d
    has 0
    same "" "$output"
    [[ $stderr == *"404"* ]]
    describe '"d": { "get": "/nowhere", "records": ".orders[]", "answers": [ { "when": "status == 404", "do": "none" } ] }'
    extract shop:d
    has 0
    same "" "$stderr"
}

@test "steps: a job is started, waited for, and its file read" {
    describe '"bulk": { "id": ".id", "steps": [ { "name": "start", "post": "/bulk/start", "json": {} },
        { "name": "poll", "get": "/bulk/{start.id}", "until": ".status == '"'COMPLETED'"'", "every": "100ms", "limit": "10s" },
        { "name": "file", "get": "{poll.url}", "auth": false, "format": "ndjson" } ] },
      "folded": { "get": "/folded.ndjson", "format": "ndjson", "parent": "__parentId" },
      "csv": { "get": "/file.csv", "format": "csv", "delimiter": ";", "id": ".id", "label": ".name" },
      "never": { "steps": [ { "name": "start", "post": "/bulk/start", "json": {} },
        { "name": "poll", "get": "/bulk/x", "until": "false", "every": "100ms", "limit": "300ms" }, { "get": "/orders" } ] }'
    extract shop:bulk
    has 0
    same "p1 p2" "$(ids)"
    extract shop:csv
    has 0
    same '{"data":{"id":"1","name":"tea"},"from":"csv/1:2","id":"1","label":"tea","source":"shop","stream":"shop:csv"}
{"data":{"id":"2","name":"cake"},"from":"csv/1:3","id":"2","label":"cake","source":"shop","stream":"shop:csv"}' "$output"
    extract shop:folded
    has 0
    same '{"id":"p1","title":"Tea","children":[{"__parentId":"p1","price":"3.00"}]}' "$(jq -c .data <<<"${lines[0]}")"
    extract shop:never
    has 75
    [[ $stderr == *"limit"* ]]
}

@test "calls are made no faster than the limits say" {
    describe '"page": { "get": "/page", "query": { "page": 1, "limit": 2 }, "id": ".id", "next": { "set": { "/query/page": "{page + 1}" } } }' \
        '"limits": { "rate": "10/s", "burst": 1 },'
    start=$(date +%s%N)
    extract shop:page
    has 0
    same "$ten" "$(ids)"
    [ $((($(date +%s%N) - start) / 1000000)) -ge 450 ]
    describe '"page": { "get": "/page", "query": { "limit": 20 }, "id": ".id" }, "large": { "get": "/many/250", "records": ".orders[]" }' '"limits": { "pause": "0.6", "answer": "4K" },'
    extract shop:page
    has 0
    extract shop:large
    has 2
    [[ $stderr == *"limits/answer"* ]]
}

@test "the calls of a day are counted over all runs" {
    describe '"page": { "get": "/page", "query": { "page": 1, "limit": 4 }, "id": ".id", "next": { "set": { "/query/page": "{page + 1}" } } },
        "orders": { "get": "/orders", "records": ".orders[]", "id": ".id" }' '"limits": { "daily": 6 },'
    extract shop:page
    has 0
    same 4 "$(asked | wc -l)"
    same 600 "$(stat -c %a state/shop.calls)"
    extract shop:orders
    has 0
    extract shop:page
    has 75
    same "1 2 3 4" "$(ids)"
    [[ $stderr == *"6 calls were made today"*limits/daily* ]]
    same 6 "$(asked | wc -l)"
    sed -i 's/^....-..-../2026-05-01/' state/shop.calls
    extract shop:orders
    has 0
    same "$(date -u +%F) 00000000000000000001" "$(<state/shop.calls)"
}

@test "the calls of a day are counted over runs at once" {
    describe '"page": { "get": "/page", "query": { "page": 1, "limit": 1 }, "id": ".id", "next": { "set": { "/query/page": "{page + 1}" } } }' '"limits": { "daily": 30 },'
    local run pids=()
    for run in 1 2 3 4; do
        hub-extract shop:page > /dev/null 2>&1 3>&- &
        pids+=($!)
    done
    for run in "${pids[@]}"; do
        wait "$run" || [ $? -eq 75 ]
    done
    same 30 "$(asked | wc -l)"
}

@test "answers are recorded without secrets, and played back without a network" {
    describe '"orders": { "get": "/private/orders", "query": { "limit": 4 }, "records": ".orders[]", "id": ".id", "next": { "set": { "/url": "{link('"'next'"')}" } } }' "$login"
    extract --record rec shop:orders
    has 0
    first=$output
    same "0001.json 0002.json 0003.json" "$(cd rec && echo *)"
    run grep -rE 'secret|Bearer' rec
    has 1
    kill "$server"
    unset SHOP_URL SHOP_SECRET SHOP_USER SHOP_PASSWORD
    extract --replay rec shop:orders
    has 0
    same "$first" "$output"
    sleep 30 3>&- &
    server=$!
}

@test "answers that are no text are recorded, too" {
    printf 'id,name\n1,caf\351\n' >a.csv
    zip -q a.zip a.csv
    start_nginx
    cp a.zip a.csv www/
    export SHOP_URL=$HTTP
    describe '"zip": { "get": "/a.zip", "format": "csv", "encoding": "windows-1252", "id": ".id" }, "csv": { "get": "/a.csv", "format": "csv", "encoding": "windows-1252", "id": ".id" }'
    local stream first
    for stream in zip csv; do
        extract --record "rec-$stream" "shop:$stream"
        has 0
        same 'café' "$(jq -r .data.name <<<"$output")"
        first=$output
        extract --replay "rec-$stream" "shop:$stream"
        has 0
        same "$first" "$output"
    done
}

@test "a new connection is checked, stream by stream" {
    describe '"orders": { "get": "/orders", "records": ".orders[]" }, "gone": { "get": "/fail/9/403/orders", "records": ".orders[]" },
      "span": { "get": "/page", "query": { "from": "{since}" }, "since": { "field": ".updated_at" }, "window": { "span": "3d" } },
      "wrong": { "get": "/orders", "records": ".order[]" },
      "csv": { "format": "csv" }'
    extract --check shop
    has 1
    same "orders               ok      4 records on one page" "$(head -1 <<< "$output")"
    [[ $(sed -n 2p <<< "$output") == "gone "*" failed  "*"403"*'look at ${SHOP_SECRET}'* ]]
    same "span                 ok      4 records on one page" "$(sed -n 3p <<< "$output")"
    same "wrong                ok      0 records on one page; the answer has orders" "$(sed -n 4p <<< "$output")"
    same 4 "$(wc -l <<< "$output")"
}

@test "what has no meaning together is refused" {
    describe '"orders": { "get": "/orders", "records": ".orders[]" }'
    echo '{}' > x.ndjson
    extract shop:orders x.ndjson
    has 2
    [[ $stderr == *"alone"* ]]
    extract --state st x.ndjson
    has 2
    [[ $stderr == *"CONNECTION:STREAM"* ]]
    echo '[]' >of-a-connector
    extract --state of-a-connector shop:orders
    has 2
    [[ $stderr == *"the checkpoint is not that of an API" ]]
    extract shop:nothing
    has 2
    [[ $stderr == *'no stream "nothing"; there are: orders'* ]]
    describe '"orders": { "format": "csv" }, "empty": { "id": ".id" }'
    extract shop:orders
    has 2
    same "hub-extract: shop:orders: its files lie nowhere: name them, hub-extract -s shop:orders FILE" "$stderr"
    extract shop:empty
    has 2
    [[ $stderr == *"says nowhere where it is to be asked for"* ]]
    SHOP_URL='' extract shop:orders
    has 2
    [[ $stderr == *"pipelines/systems/shop/system.json: /base: must be a URL"* ]]
    describe '"orders": { "get": "/orders", "records": ".orders[]" }'
    mkdir pipelines/connections
    printf '{ "system": "shop", "vars": { "ulr": "x" } }' >pipelines/connections/eu.json
    extract eu:orders
    has 2
    same 'hub-extract: pipelines/connections/eu.json:1:31: /vars/ulr: the system shop has no such name in its vars
hub-extract:     { "system": "shop", "vars": { "ulr": "x" } }
hub-extract:                                   ^' "$stderr"
}

@test "of two runs with one state the second says so" {
    describe '"orders": { "get": "/fail/1/slow/orders", "records": ".orders[]", "since": { "field": ".updated_at" } }'
    hub-extract --state st shop:orders > /dev/null 3>&- &
    sleep 0.5
    extract --state st shop:orders
    has 75
    [[ $stderr == *"another run"* ]]
    wait $!
}

@test "of two runs that read one stream for a hub database the second says so; another stream, and a single record, are read" {
    describe '"orders": { "get": "/fail/1/slow/orders", "records": ".orders[]", "id": ".id", "one": { "get": "/orders/{id}", "records": ".order" } },
      "other": { "get": "/empty", "records": ".orders[]" }'
    hub-extract -d hub.db shop:orders >first 3>&- &
    local first=$!
    until grep -qs slow log; do
        sleep 0.05
    done
    extract -d hub.db shop:orders
    has 75
    [[ $stderr == *": another run reads shop:orders of shop for this hub" ]]
    extract -d hub.db shop:other
    has 0
    extract -d hub.db --no-marks --id 3 shop:orders
    has 0
    same 3 "$(ids)"
    wait "$first"
    same 5 "$(wc -l <first)"
    extract -d hub.db shop:orders
    has 0
}

@test "pages are marked with their checkpoints" {
    describe '"orders": { "get": "/orders", "query": { "limit": 4 }, "records": ".orders[]", "id": ".id", "since": { "field": ".updated_at" },
        "next": { "set": { "/url": "{link('"'next'"')}" } } }'
    extract --marks shop:orders
    has 0
    same '{"checkpoint":{"since":"2026-05-01T10:00:04Z"},"n":4,"source":"shop","stream":"shop:orders"}
{"after":{"since":"2026-05-01T10:00:04Z"},"checkpoint":{"since":"2026-05-01T10:00:08Z"},"n":4,"source":"shop","stream":"shop:orders"}
{"after":{"since":"2026-05-01T10:00:08Z"},"checkpoint":{"since":"2026-05-01T10:00:10Z"},"n":2,"source":"shop","stream":"shop:orders"}
{"after":{"since":"2026-05-01T10:00:10Z"},"checkpoint":{"since":"2026-05-01T10:00:10Z"},"end":true,"n":0,"source":"shop","stream":"shop:orders"}' \
        "$(grep '"n":' <<< "$output" | sed 's/^{"after":null,/{/')"
}

@test "reading goes on from the bookmark of the hub database" {
    describe '"x": { "get": "/orders", "query": { "limit": 20, "since": "{since}" }, "records": ".orders[]", "id": ".id", "since": { "field": ".updated_at" } }'
    anything order
    cp -r pipelines/systems hub/
    echo 'map order <- shop:x { id = .name }' >hub/systems/shop/orders.map
    export HUB_DB=$PWD/hub.db
    hub-extract shop:x | hub-canon -s shop:x | hub-load hub: >receipts
    same 10 "$(grep -c applied receipts)"
    hub-extract shop:x | hub-canon -s shop:x | hub-load hub: >receipts
    same 'GET /orders?limit=20
GET /orders?limit=20&since=2026-05-01T10%3A00%3A10Z' "$(asked)"
    extract shop:x --full
    same 10 "$(grep -c '"data"' <<<"$output")"
}

@test "a real server: TLS, HTTP/2, gzip, and one connection for all pages" {
    start_nginx 'gzip on; gzip_min_length 1; gzip_types application/json; default_type application/json;'
    export CURL_CA_BUNDLE=$PWD/ca.pem SHOP_URL=$HTTPS
    for page in 1 2 3; do
        printf '{"orders":[{"id":%s},{"id":%s}]%s}' $((page * 2 - 1)) $((page * 2)) \
            "$([ $page -eq 3 ] || echo ",\"next\":\"/$((page + 1))\"")" >www/$page
    done
    describe '"orders": { "get": "/1", "records": ".orders[]", "id": ".id", "next": { "set": { "/url": "{.next}" } } }'
    extract shop:orders
    has 0
    same "1 2 3 4 5 6" "$(ids)"
    same "GET /1 HTTP/2.0|200|HTTP/2.0|gzip
GET /2 HTTP/2.0|200|HTTP/2.0|gzip
GET /3 HTTP/2.0|200|HTTP/2.0|gzip" "$(cut -d'|' -f1,2,5,6 nginx/log)"
    same 1 "$(cut -d'|' -f3 nginx/log | sort -u | wc -l)"
    unset CURL_CA_BUNDLE
    extract shop:orders
    has 2
    same "" "$output"
}

@test "answers that are packed by Brotli or Zstandard, and one that is not what it says" {
    start_nginx 'default_type application/json; location /br { add_header Content-Encoding br; } location /zstd { add_header Content-Encoding zstd; }
        location /bad { add_header Content-Encoding gzip; }'
    export SHOP_URL=$HTTP
    mkdir www/br www/zstd www/bad
    local orders='{"orders":[{"id":1},{"id":2}]}'
    # A block of Brotli that is not compressed (RFC 7932 §9.2), and an empty last one.
    python3 -c 'import sys; d = sys.argv[1].encode(); sys.stdout.buffer.write((11 | len(d) - 1 << 7 | 1 << 23).to_bytes(3, "little") + d + b"\3")' "$orders" >www/br/orders
    zstd -q <<<"$orders" >www/zstd/orders
    echo "$orders" >www/bad/orders
    describe '"br": { "get": "/br/orders", "records": ".orders[]", "id": ".id" }, "zstd": { "get": "/zstd/orders", "records": ".orders[]", "id": ".id" },
        "bad": { "get": "/bad/orders", "records": ".orders[]", "id": ".id" }' '"limits": { "retries": 0 },'
    for stream in br zstd; do
        extract shop:$stream
        has 0
        same "1 2" "$(ids)"
    done
    same "br zstd" "$(cut -d'|' -f6 nginx/log | paste -sd' ')"
    extract shop:bad
    has 75
    same "" "$output"
}
