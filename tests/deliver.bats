#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# shellcheck disable=SC2030,SC2031 # a test that starts its server anew says where it is
# Delivery to the targets of systems, against a web server of ours that counts its effects and fails as real ones do.

load common
load target

setup() {
    common_setup
    start_target
}

teardown() {
    stop_target
}

@test "create, update, delete, create again: each once, by the id that the target gave" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1.00"}' 8 '{"total":"2.00"}'
    load_items
    has 0
    same 'applied create 7, applied create 8' "$(statuses)"
    same '1 2' "$(jq -rs 'map(select(.status) | .target_id) | join(" ")' <<<"$output")"
    load_items
    has 0
    same '' "$(statuses)"
    put 7 '{"total":"5.00"}'
    load_items
    same 'applied update 7' "$(statuses)"
    put 8 deleted
    load_items
    has 2
    [[ $stderr == *'1 deletions of 2 records, and 0 are allowed: none was made'* ]]
    load_items --delete 50%
    has 0
    same 'applied delete 8' "$(statuses)"
    put 8 '{"total":"2.00"}'
    load_items
    same 'applied create 8' "$(statuses)"
    same 'create 7 1.00, create 8 2.00, update 7 5.00, delete 8 2.00, create 8 2.00' "$(effects)"
    same 'applied|2|1|7
applied|3|3|8' "$(query 'SELECT state, n, target_id, name FROM delivery JOIN record ON id = record ORDER BY name')"
    same 0 "$(query 'SELECT count(*) FROM pending')"
}

@test "a value that goes there and back again is sent three times, each with a key of its own" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    for total in 1 2 1; do
        put 7 "{\"total\":\"$total\"}"
        load_items
        has 0
    done
    same 'create 7 1, update 7 2, update 7 1' "$(effects)"
    same 3 "$(query 'SELECT n FROM delivery')"
}

@test "two sources with the same number are two records" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1.00"}'
    echo '{"data":{"total":"9.00"},"entity":"refund","id":"7","source":"web","v":1}' | hub-load --no-marks hub: >/dev/null
    load_items
    has 0
    same 'create 7 1.00, create 7 9.00' "$(effects)"
    same '2' "$(jq -r 'select(.path == "/items") | .key' log | sort -u | wc -l)"
}

@test "what the target refuses is set aside with its reason, the rest goes on; a newer version closes it" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 1 '{"total":"1"}' 2 '{"bad":true,"total":"2"}' 3 '{"total":"3"}'
    load_items
    has 1
    same 'applied create 1, parked create 2, applied create 3' "$(statuses)"
    [[ $(query 'SELECT message FROM parked') == *'POST http://127.0.0.1:'*'/items: 422: '*'bad is bad'* ]]
    load_items
    has 0
    same '' "$(statuses)"
    put 2 '{"total":"2"}'
    load_items
    same 'applied create 2' "$(statuses)"
    same 0 "$(query 'SELECT count(*) FROM parked')"
}

@test "a target that is down holds up nothing but itself, and gets all later" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 1 '{"total":"1"}' 2 '{"total":"2"}'
    plan /items 503 1
    load_items
    has 75
    [[ $stderr == *'/items: 503'* ]]
    load_items
    has 0
    same '1 2' "$(jq -rs 'map(.ref) | sort | join(" ")' effects)"
}

@test "a record that fails holds up no other: it, its later versions and the bookmark wait" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    mark() { echo "{\"checkpoint\":{\"after\":$2,\"at\":$1},\"n\":$3,\"source\":\"pos\",\"stream\":\"shop:items\"}"; }
    line() { echo "{\"data\":{\"ref\":\"$1\",\"total\":\"$2\"},\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"pos\",\"stream\":\"shop:items\"}"; }
    {
        line 1 1; line 2 1; mark 1 null 2
        line 1 2; line 3 1; line 2 2
        echo '{"checkpoint":{"after":1,"at":2},"end":true,"n":3,"source":"pos","stream":"shop:items"}'
    } >in
    plan /items 500 1 POST
    run --separate-stderr hub-load shop:items in
    has 75
    same 'failed create 1, applied create 2, failed create 1, applied create 3, applied update 2' "$(statuses)"
    [[ $stderr == *'2 not taken now, and held for a later run; the first: '*'/items: 500'* ]]
    same 0 "$(query 'SELECT count(*) FROM bookmark')"
    run --separate-stderr hub-load shop:items in
    has 0
    same 'create 2 1, create 3 1, update 2 2, create 1 1, update 2 1, update 1 2, update 2 2' "$(effects)"
    same '1 0' "$(query 'SELECT count(*) FROM bookmark') $(query 'SELECT count(*) FROM pending')"
}

@test "a target that fails for one after the other is down, and is left alone" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    jq -nc 'range(20) | {data: {ref: "\(.)"}, entity: "refund", id: "\(.)", source: "pos", stream: "shop:items"}' >in
    for how in 500 drop 503 429; do
        plan /items $how 100
        rm -f log
        run --separate-stderr hub-load --no-marks shop:items in
        has 75
        same "$([[ $how = 503 || $how = 429 ]] && echo 1 || echo 8)" "$(jq -s 'map(select(.path != "/plan")) | length' log)"
        curl -sS -X POST "$SHOP_URL/forget" >/dev/null
    done
    run --separate-stderr hub-load --no-marks shop:items in
    has 0
    same 20 "$(jq -s 'length' effects)"
    same 20 "$(jq -s 'map(.ref) | unique | length' effects)"
}

@test "credentials that are refused end the run, and nothing is settled" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 1 '{"total":"1"}'
    plan /items 403 1
    load_items
    has 2
    same '0 0 0' "$(query 'SELECT count(*) FROM pending') $(query 'SELECT count(*) FROM delivery') $(query 'SELECT count(*) FROM parked')"
    load_items
    has 0
    same 'create 1 1' "$(effects)"
}

@test "an answer that is lost: safe and key send again, look looks, never is left to a person" {
    for how in safe key look never; do
        rm -f hub.db* effects
        describe "\"items\": { \"repeat\": \"$how\", $crud $([ $how = look ] && echo ", $looks") }"
        put "$how" '{"total":"1"}'
        plan /items drop! 1 POST
        load_items
        if [ $how = never ]; then
            has 1
            same "parked create never" "$(statuses)"
            same uncertain "$(query 'SELECT code FROM parked')"
            put never '{"total":"2"}'
            load_items
            same 'parked create never' "$(statuses)"
            same 'create never 1' "$(effects)"
            hub-load --resend never shop:items >/dev/null
            same 'create never 1, create never 2' "$(effects)"
        else
            has 75
            same 1 "$(query 'SELECT count(*) FROM pending')"
            load_items
            has 0
            [[ $(statuses) == "applied create $how"* ]]
            [ $how = safe ] || same "create $how 1" "$(effects | sed 's/, update.*//')"
        fi
        same 0 "$(query 'SELECT count(*) FROM pending')"
    done
}

@test "what is there already is found before it is made" {
    describe "\"items\": { \"repeat\": \"look\", $crud, $looks }"
    curl -sS -d '{"ref":"7","total":"0"}' "$SHOP_URL/items" >/dev/null
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    load_items
    has 0
    same 'create 7 0, update 7 1, create 8 2' "$(effects)"
}

@test "killed at any point, and run again until it is done: each effect once, or at most once and told" {
    for how in key look never; do
        for when in kill kill!; do
            rm -f hub.db* effects
            describe "\"items\": { \"repeat\": \"$how\", $crud, $looks }"
            put "$how$when-1" '{"total":"1"}' "$how$when-2" '{"total":"2"}' "$how$when-3" '{"total":"3"}'
            hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items >changes
            plan /items "$when" 1 POST
            hub-load shop:items changes >receipts &
            echo $! >victim
            wait $! && false
            load_items
            if [ $how = never ]; then
                has 1
                same "2 1" "$(query "SELECT count(*) FROM delivery") $(query "SELECT count(*) FROM parked WHERE code = 'uncertain'")"
            else
                has 0
                same 3 "$(query "SELECT count(*) FROM delivery WHERE state = 'applied'")"
            fi
            same 1 "$(jq -rs 'map(select(.op == "create")) | group_by(.ref) | map(length) | max' effects)"
            same 0 "$(query 'SELECT count(*) FROM pending')"
        done
    done
}

chain='"items": { "changed": "refuse", "target_id": "{make.id}", "answer": { "stream": "bought", "value": "buy.all" }, "steps": [
    { "name": "make", "post": "/items", "json": "{.}", "repeat": "look", "look": { "get": "/items", "query": { "ref": "{.ref}" }, "found": ".items[0].id" }, "keep": { "id": "{.item.id or .items[0].id}" } },
    { "name": "buy", "post": "/items/{make.id}/buy", "repeat": "look", "look": { "get": "/items/{make.id}", "found": ".label" }, "keep": { "all": "{.item or .}" } },
    { "name": "file", "get": "{buy.all.label}", "save": "labels/{slice(hash, 0, 8)}.zpl" } ] }'

@test "a chain: a killed run goes on behind the last finished step; the answer comes back" {
    describe "$chain"
    for at in /items /items/1/buy /labels; do
        for when in kill kill!; do
            rm -rf hub.db* effects labels answers
            kill "$server"
            serve_shop effects log
            put 7 '{"total":"1"}'
            hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items >changes
            plan $at "$when" 1 "$([ $at = /labels ] && echo GET || echo POST)"
            hub-load -a answers shop:items changes >receipts &
            echo $! >victim
            wait $! && false
            load_items -a answers
            has 0
            [[ $(statuses) == 'applied create 7'* ]]
            same 'create 7 1, buy 7 1' "$(effects)"
            same '^XA label 1 ^XZ' "$(cat labels/*.zpl)"
            same 'shop:bought 1 /labels/1' "$(jq -r '.stream + " " + .id + " " + .data.label' answers)"
        done
    done
}

@test "a chain of which a step is refused goes on at that step when it is sent again; a newer version begins anew" {
    describe "$chain"
    put 7 '{"total":"1"}'
    plan /items/1/buy 422 1
    load_items
    has 1
    same 'parked create 7' "$(statuses)"
    plan /labels 404 1 GET # the file is not there: what is bought is not bought again
    run hub-load --resend 7 shop:items
    has 1
    hub-log retry shop:items >/dev/null
    load_items
    has 0
    same 'applied create 7' "$(statuses)"
    same 'create 7 1, buy 7 1' "$(effects)"
    put 8 '{"total":"1"}'
    plan /items/2/buy 422 1
    load_items
    put 8 '{"total":"2"}'
    load_items
    has 0
    same 'create 7 1, buy 7 1, create 8 1, create 8 2, buy 8 2' "$(effects)"
}

@test "a chain whose file has no name that may be is set aside alone" {
    local named=${chain/'{slice(hash, 0, 8)}'/'{.ref}'}
    describe "$named"
    put ../../up '{"total":"1"}' good '{"total":"2"}'
    load_items
    has 1
    same 'parked create ../../up, applied create good' "$(statuses)"
    same good.zpl "$(ls labels)"
    describe "${named/'labels/{.ref}'/'{.ref}'}"
    put "$PWD/root" '{"total":"3"}'
    load_items
    has 1
    [[ $(query "SELECT message FROM parked WHERE message LIKE '%/root%'") == 'not the name of a file to save: '* ]]
    [ ! -e root.zpl ]
}

@test "told once: a mail is not told again; refused: only a change from what the target has" {
    describe "\"items\": { \"repeat\": \"key\", \"changed\": \"ignore\", $crud }"
    put 7 '{"total":"1"}'
    load_items
    put 7 '{"total":"2"}'
    load_items
    has 0
    same 'left_out update 7' "$(statuses)"
    put 7 '{"total":"3"}'
    load_items
    same 'left_out create 7' "$(statuses)"
    same 'create 7 1' "$(effects)"
    describe "\"items\": { \"repeat\": \"key\", \"changed\": \"refuse\", $crud }"
    put 8 '{"total":"1"}'
    load_items
    put 8 '{"total":"2"}'
    load_items
    has 0
    same 'applied update 8' "$(statuses)"
    hub-extract hub:refund | sed 's/"2"/"9"/' | hub-canon -m systems/shop -R -s shop:items >again
    run --separate-stderr hub-load shop:items again
    has 1
    [[ $(statuses) == *'parked update 8'* ]]
    same 'create 7 1, create 8 1, update 8 2' "$(effects)"
}

@test "what may only be changed with care, and cannot be, is set aside: nobody would miss it otherwise" {
    describe "\"items\": { \"repeat\": \"key\", \"changed\": \"refuse\", \"create\": { \"post\": \"/items\", \"json\": \"{.}\", \"target_id\": \"{.item.id}\" } }"
    put 7 '{"total":"1"}' 8 '{"total":"1"}'
    load_items
    put 7 '{"total":"2"}' 8 deleted
    load_items --delete 1
    has 1
    same 'parked update 7, parked delete 8' "$(statuses)"
    same 'changed|the target has no way for this operation
changed|the target has no way to delete' "$(query 'SELECT code, message FROM parked ORDER BY record')"
    sed -i 's/refuse/apply/' hub/systems/shop/system.json
    put 7 '{"total":"3"}'
    load_items
    has 0
    same 'left_out update 7' "$(statuses)"
}

@test "a plan that does not start from what the target has is a conflict" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}'
    load_items
    hub-extract --no-marks hub:refund | sed 's/"1"/"5"/' >old
    sed 's/"5"/"6"/' old >new
    hub-diff --no-marks old new >plan || true
    run --separate-stderr bash -c 'hub-canon --no-marks -m systems/shop -R -s shop:items plan | hub-load --no-marks shop:items'
    has 1
    same 'parked update 7' "$(statuses)"
    same conflict "$(query 'SELECT code FROM parked')"
}

@test "one loader a target at a time; many calls at once keep the order of each record" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}'
    exec 9>"hub.db-load-shop_items"
    flock 9
    load_items
    has 75
    [[ $stderr == *'another hub-load delivers to shop:items'* ]]
    exec 9>&-
    jq -nc 'range(40) | {data: {ref: "\(. % 5)", total: "\(.)"}, entity: "refund", id: "\(. % 5)", source: "pos", stream: "shop:items"}' >in
    run --separate-stderr hub-load --no-marks -j 8 shop:items in
    has 0
    for i in 0 1 2 3 4; do
        same "$i $((i + 5)) $((i + 10)) $((i + 15)) $((i + 20)) $((i + 25)) $((i + 30)) $((i + 35))" "$(jq -rs --arg i $i 'map(select(.ref == $i) | .total) | join(" ")' effects)"
    done
}

@test "what is in sync is told so, and who waits for more of it keeps nobody from writing and tidying up" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    jq -nc 'range(1500) | {data: {ref: "\(.)", total: "1"}, entity: "refund", id: "\(.)", source: "pos", stream: "shop:items"}' >in
    hub-load --no-marks --settle shop:items in >/dev/null
    mkfifo pipe
    hub-load --no-marks shop:items pipe >receipts &
    exec 8>pipe
    cat in >&8
    for _ in {1..200}; do
        [ "$(wc -l <receipts)" -lt 1024 ] || break
        sleep 0.05
    done
    put 7 '{"total":"2.00"}'
    for _ in {1..100}; do # it may still be reading
        log=$(query 'PRAGMA wal_checkpoint(TRUNCATE)')
        [[ $log != 0* ]] || break
        sleep 0.05
    done
    same '0|0|0' "$log"
    exec 8>&-
    wait $!
    same '1500 unchanged' "$(jq -r .status receipts | sort | uniq -c | sed 's/^ *//')"
    same '' "$(effects)"
}

@test "what is due is told again, although it was settled, until it is delivered" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    load_items
    query "DELETE FROM delivery WHERE record = 1; INSERT INTO due (target, record) SELECT id, 1 FROM target WHERE name = 'shop:items'"
    same 'create 7' "$(hub-extract --no-marks hub:refund --for shop:items | jq -r '.op + " " + .id')"
    load_items
    same 'applied create 7' "$(statuses)"
    same 0 "$(query 'SELECT count(*) FROM due')"
    load_items
    same '' "$(statuses)"
}

@test "a reference waits until the other record is there" {
    describe "\"items\": { \"repeat\": \"key\", $crud }, \"single\": { \"repeat\": \"key\", $crud }"
    echo '{"data":{"ref":"7","total":{"hub:ref":{"entity":"refund","id":"1","source":"pos"}}},"entity":"refund","id":"7","source":"pos","stream":"shop:items"}' >in
    run --separate-stderr hub-load --no-marks shop:items in
    has 1
    same 'parked create 7' "$(statuses)"
    same 'reference|shop does not know the refund "1" of pos yet' "$(query 'SELECT code, message FROM parked')"
    echo '{"data":{"ref":"1","total":"x"},"entity":"refund","id":"1","source":"pos","stream":"shop:single"}' | hub-load --no-marks shop:single >/dev/null
    run --separate-stderr hub-load --no-marks shop:items </dev/null
    has 0
    same 'applied create 7' "$(statuses)"
    same 'create 1 x, create 7 1' "$(effects)"
}

@test "only: operations that the target is not told of are left out; send: what is changed" {
    describe '"items": { "put": "/items/1", "json": "{.}", "only": "update", "send": "changed" }'
    curl -sS -d '{"ref":"7","total":"0"}' "$SHOP_URL/items" >/dev/null
    put 7 '{"total":"1","bad":false}'
    load_items
    has 0
    same 'left_out create 7' "$(statuses)"
    put 7 '{"total":"2","bad":false}'
    load_items
    same 'applied update 7' "$(statuses)"
    same '{"total":"2"}' "$(jq -c 'select(.method == "PUT") | .body' log)"
}

@test "hub-log says of each record how the target stands to it, by any name that it has" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 70 '{"total":"1"}' 71 '{"bad":true,"total":"2"}'
    load_items
    run hub-log refund 70
    has 0
    [[ $output == *'shop:items: in sync, there called 1, last settled '* ]]
    run hub-log refund 71
    has 1
    [[ $output == *'shop:items: set aside: shop: POST '*'422: '*'bad is bad'*', since '* ]]
    same 'set aside http' "$(hub-log --json refund 71 | jq -r 'select(.target) | .state + " " + .code')"
    put 70 '{"total":"5"}'
    run hub-log refund 1
    has 1
    [[ $output == *'shop:items: behind: /total, there called 1, last settled '* ]]
    describe "\"items\": { \"repeat\": \"key\", \"changed\": \"ignore\", $crud }"
    load_items
    run hub-log refund 70
    has 0
    [[ $output == *'shop:items: left out, there called 1, last settled '* ]]
}

@test "wrong usage, and targets that are not there" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    run --separate-stderr hub-load shop:itmes </dev/null
    has 2
    [[ $stderr == *'no target "itmes"; there are: items'* ]]
    HUB_DB='' run --separate-stderr hub-load shop:items </dev/null
    has 2
    [[ $stderr == *'is kept in a hub database: name it by -d or HUB_DB'* ]]
    run --separate-stderr hub-load --delete x shop:items </dev/null
    has 2
    run --separate-stderr hub-load --settle out.ndjson </dev/null
    has 2
    run --separate-stderr hub-load --resend nobody shop:items
    has 2
    same 'hub-load: shop:items has set nothing aside that is called "nobody"' "$stderr"
    describe '"items": { "repeat": "key" }'
    run --separate-stderr hub-load shop:items </dev/null
    has 2
    [[ $stderr == *'says of no operation what to call'* ]]
}
