#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # programs stand in single quotes; bats sets output and the like
# Several records in one call, and what its answer says of each.

load common
load target

setup() {
    common_setup
    start_target
}

teardown() {
    stop_target
}

@test "a batch: each record by its key; refused, told of, and forgotten ones; a poisoned one alone" {
    describe '"items": { "post": "/batch", "repeat": "key", "json": { "key": "{key}" }, "batch": { "max": 3, "into": "/body/items", "key": ".ref",
        "done": { "at": ".done[]", "key": ".ref", "target_id": "{.id}" }, "failed": { "at": ".failed[]", "key": ".refs[]", "say": ".why" } } }'
    sed -i 's/bad -> .bad/bad -> .bad; forget -> .forget; poison -> .poison/' hub/systems/shop/refunds.map
    put 1 '{"total":"1"}' 2 '{"bad":true,"total":"2"}' 3 '{"total":"3"}' 4 '{"total":"4"}' 5 '{"forget":true,"total":"5"}' 6 '{"total":"6"}' 7 '{"total":"7"}' 8 '{"poison":true,"total":"8"}' 9 '{"total":"9"}'
    load_items
    has 1
    same 'applied create 1, parked create 2, applied create 3, applied create 4, parked create 5, applied create 6, applied create 7, parked create 8, applied create 9' "$(statuses)"
    same 'bad is bad|http
the answer to its batch does not tell of it|uncertain' "$(query "SELECT message, code FROM parked JOIN record ON id = record WHERE name <> '8' ORDER BY name")"
    same '1 3 4 6 7 9' "$(jq -rs 'map(.ref) | join(" ")' effects)"
    same 3 "$(jq -rs '[.[] | select(.path == "/batch" and (.body.items | length) == 3)] | length' log)"
}

@test "a batch whose answer is lost goes again as it was" {
    describe '"items": { "post": "/batch", "repeat": "key", "json": { "key": "{key}" }, "batch": { "max": 2, "into": "/body/items", "key": ".ref",
        "item": { "ref": "{.ref}", "total": "{.total}", "does": "{op}" }, "done": { "at": ".done[]", "key": ".ref" } } }'
    put 1 '{"total":"1"}' 2 '{"total":"2"}' 3 '{"total":"3"}'
    plan /batch drop! 1
    load_items
    has 75
    put 4 '{"total":"4"}'
    load_items
    has 0
    same '1 2 3 4' "$(jq -rs 'map(.ref) | sort | join(" ")' effects)"
    same 1 "$(jq -rs 'map(select(.path == "/batch") | .body | tojson) | group_by(.) | map(select(length == 2)) | length' log)"
    put 4 '{"total":"5"}' 5 '{"total":"5"}'
    load_items
    same 'update create' "$(tail -n 1 log | jq -r '[.body.items[].does] | join(" ")')"
}

# answered ANSWER [STATUS]: what becomes of three records whose batch is answered so
answered() {
    rm -f hub.db*
    put 1 '{"total":"1"}' 2 '{"total":"2"}' 3 '{"total":"3"}'
    plan /batch "say ${2:-200} $(jq -Rsr '@json | .[1:-1]' <<<"$1")" 1
    load_items
    jq -rs 'map(select(.status) | .id + " " + .status + (.target_id // .error.code | if . then " " + . else "" end)) | join(", ")' <<<"$output"
}

batch_of() { describe "\"items\": { \"post\": \"/batch\", \"repeat\": \"$1\", \"batch\": { \"max\": 3, \"into\": \"/body/items\", $2 } }"; }

@test "a batch whose results have keys: in any order, with some too many, twice, or none" {
    batch_of safe '"key": ".ref", "done": { "at": ".done[]", "key": ".ref", "target_id": "{.id}" }, "failed": { "at": ".failed[]", "key": ".refs[]", "say": ".why" }'
    same '1 applied a, 2 parked http, 3 applied c' "$(answered '{"done":[{"ref":"3","id":"c"},{"ref":"1","id":"a"},{"ref":"9","id":"x"}],"failed":[{"refs":["2"],"why":"no"}]}' 207)"
    same '1 applied a, 2 parked uncertain, 3 parked uncertain' "$(answered '{"done":[{"ref":"1","id":"a"},{"ref":"1","id":"b"},{"id":"c"}]}')"
    same '1 applied a, 2 applied b, 3 parked uncertain' "$(answered '{"done":[{"ref":1,"id":"a"},{"ref":2,"id":"b"}]}')"
    same '1 parked uncertain, 2 parked uncertain, 3 parked uncertain' "$(answered '{}')"
}

@test "a batch whose results have places: only where there are as many as were sent" {
    batch_of never '"done": { "at": ".done[]", "target_id": "{.id}" }'
    same '1 applied a, 2 applied b, 3 applied c' "$(answered '{"done":[{"id":"a"},{"id":"b"},{"id":"c"}]}')"
    for done in '{"id":"a"},{"id":"c"}' '{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}'; do
        same '1 parked uncertain, 2 parked uncertain, 3 parked uncertain' "$(answered "{\"done\":[$done]}")"
    done
}

@test "a batch whose results stand in one list, good and bad" {
    batch_of never '"done": { "at": ".[]", "when": ".success", "target_id": "{.id}" }, "failed": { "at": ".[]", "when": "has(.errors[])", "say": ".errors[0].message" }'
    same '1 applied a, 2 parked http, 3 parked uncertain' "$(answered '[{"id":"a","success":true},{"errors":[{"message":"too long"}]},{"success":null}]')"
    same 'too long' "$(query "SELECT message FROM parked WHERE code = 'http'")"
}

@test "a batch whose answer is no JSON has no results: it goes again, where it may" {
    for how in safe key never; do
        batch_of $how '"key": ".ref", "done": { "at": ".done[]", "key": ".ref" }'
        for said in 'so sorry' ''; do
            wanted='1 failed http, 2 failed http, 3 failed http'
            [ $how != never ] || wanted=${wanted//failed http/parked uncertain}
            same "$wanted" "$(answered "$said")"
        done
    done
}
