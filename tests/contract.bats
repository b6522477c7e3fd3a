#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # bats sets output and the like; each test has its own environment
# The contract: judged by an independent validator, and extended by a folder of one's own.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
}

# record ENTITY DATA [V]
record() { echo "{\"data\":$2,\"entity\":\"$1\",\"id\":\"1\",\"source\":\"t\",\"v\":${3:-1}}"; }

@test "hub-canon and an independent validator agree on records made from the shipped contract" {
    run "$ROOT/tests/agreement.py" shipped
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "they agree on contracts made at random" {
    run "$ROOT/tests/agreement.py" generated
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "an entity of one's own, and a field of one's own in a shipped one, that may refer to shipped parts" {
    mkdir -p own/schema
    echo '{"type":"object","properties":{"lines":{"type":"array","items":{"$ref":"line.json"}}}}' >own/schema/quote.json
    jq '.properties.gift = {"type": "boolean"}' "$ROOT/pipelines/schema/refund.json" >own/schema/refund.json
    HUB_PATH=own:$HUB_PATH run --separate-stderr hub-canon <(record quote '{"lines":[{"quantity":"1.50"}]}'; record refund '{"currency":"EUR","gift":true,"total":"1"}')
    has 0
    same '{"data":{"lines":[{"quantity":"1.5"}]},"entity":"quote","id":"1","source":"t","v":1}
{"data":{"currency":"EUR","gift":true,"total":"1.00"},"entity":"refund","id":"1","source":"t","v":1}' "$output"
    run --separate-stderr hub-canon <(record refund '{"currency":"EUR","gift":true,"total":"1"}')
    has 2
    [[ $stderr == *'/gift: is not known to the contract of refund'* ]]
}

@test "what passed once passes again: lengths and lists hold of the one spelling" {
    mkdir -p own/schema
    echo '{"type":"object","properties":{"n":{"type":"string","format":"decimal","minLength":2},"m":{"type":"string","format":"decimal","enum":["0.5"]},"s":{"type":"array","x-set":true,"minItems":2,"maxItems":2,"items":{"type":"string"}}}}' >own/schema/thing.json
    HUB_PATH=own run --separate-stderr hub-canon -r rejects <(record thing '{"n":"-0"}'; record thing '{"n":"10.0"}'; record thing '{"m":"0.50"}'
        record thing '{"s":["b","b"]}'; record thing '{"s":["b","a","b"]}')
    has 1
    same '{"n":"10"}
{"m":"0.5"}
{"s":["a","b"]}' "$(jq -c .data <<<"$output")"
    same '/n: too short: "-0"
/s: too few items: 1' "$(jq -r '.error | .field + ": " + .message' rejects)"
}

@test "what a record was made from has one spelling: sorted, each once" {
    made_from() { echo "{\"data\":{\"currency\":\"EUR\",\"total\":\"1.00\"},\"entity\":\"refund\",\"id\":\"1\",\"of\":[$1],\"source\":\"t\",\"v\":1}"; }
    made_from '{"entity":"order","id":"7","source":"s"},{"entity":"order","id":"8","source":"s"}' >one
    run --separate-stderr hub-canon one <(made_from '{"source":"s","id":"8","entity":"order"},{"entity":"order","id":"7","source":"s"},{"entity":"order","id":"\u0037","source":"s"}')
    has 0
    same "$(cat one one)" "$output"
}

@test "a version is that of the canonical spelling, however the record is spelled, on one thread and on many" {
    mkdir -p own/schema
    echo '{"x-set":true,"type":"array","items":{"type":"string"}}' >own/schema/set.json
    echo '{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string","format":"decimal"},"n":{"type":"integer"},"o":{"type":"object","additionalProperties":{"type":"string"}},"s":{"$ref":"set.json"}}}' >own/schema/thing.json
    mkdir -p own/systems/t
    echo '{"system":"t","streams":{"t":{"format":"json"}}}' >own/systems/t/system.json
    echo 'map thing <-> t:t { a = .a; b = .b; n = .n | number; o.z = .z; o.y = .y; s[] = .s[] }' >own/thing.map
    for data in '{"a":"x","b":"1.5","n":1,"o":{"y":"1","z":"2"},"s":["p","q"]}' '{"a":"x","b":"1.50"}' '{"b":"1.5","a":"x"}' '{ "a":"x"}' \
        '{"a":"\u0078"}' '{"a":"\"\n\""}' '{"a":"\u001f\u001F"}' '{"a":"\/"}' '{"n":1}' '{"n":1.0}' '{"o":{"y":"1","z":"2"}}' '{"o":{"z":"2","y":"1"}}' '{"s":["q","p","q"]}' '{"s":[ "p" ]}' '{}'; do
        record thing "$data"
    done >in
    yes "$(cat in)" | head -n 30000 >many
    HUB_PATH=own:$HUB_PATH hub-canon in | sed 's/^{"data":\(.*\),"entity":.*/\1/' >spelled
    while IFS= read -r data; do
        printf %s "$data" | sha256sum | cut -d' ' -f1
    done <spelled >versions
    for threads in 1 many; do
        HUB_THREADS=$threads HUB_PATH=own:$HUB_PATH hub-canon -R -m own/thing.map -s t:t many | grep -o '"version":"[^"]*"' | cut -d'"' -f4 >got
        yes "$(cat versions)" | head -n 30000 | cmp - got
    done
}

@test "a record of a newer version, or of an unknown entity, is refused by name" {
    record refund '{"currency":"EUR","total":"1"}' 2 >in
    record nothing '{}' >>in
    run --separate-stderr hub-canon -r rejects in
    has 1
    same 'version /v: version 2 of the contract of refund; this hub knows version 1
contract : schema/nothing.json was not found in' "$(jq -r '.error | .code + " " + .field + ": " + .message' rejects | sed 's/ found in .*/ found in/')"
}

@test "a rule of the business and a template refuse a newer version as well, of a change, too" {
    printf 'map thing <- hub:customer { n <- .first_name }\n' >rule.map
    printf 'map thing <- hub:customer group .id { n <- count(.rows[]) }\n' >group.map
    printf '{{first_name}}\n' >t.txt
    mkdir -p own/schema
    echo '{"type":"object"}' >own/schema/thing.json
    export HUB_PATH=own:$HUB_PATH
    record customer '{"first_name":"A"}' 2 >in
    echo '{"after":{"first_name":"B"},"before":{"first_name":"A"},"changed":["/first_name"],"entity":"customer","id":"1","op":"update","source":"shop","v":2}' >change
    for how in '-m rule.map in' '-m group.map in' '-T t.txt in' '-m rule.map change' '-T t.txt change'; do
        # shellcheck disable=SC2086 # options and a file
        run --separate-stderr hub-canon $how
        has 2
        [[ $stderr == *'/v: version 2 of the contract of customer; this hub knows version 1'* ]]
    done
    sed 's/"v":2/"v":1/' in | hub-canon -m rule.map | grep -q '"n":"A"'
}

@test "a rule of the business reads what meets the contract, in its one spelling, of a change and in a group, too" {
    mkdir -p own/schema
    echo '{"type":"object"}' >own/schema/thing.json
    printf 'map thing <- hub:refund { t <- .total }\n' >rule.map
    printf 'map thing <- hub:refund group .currency { id <- .key; t <- .rows[0].total }\n' >group.map
    record refund '{"total":"1.5","currency":"EUR"}' >in
    echo '{"after":{"currency":"EUR","total":"1.5"},"before":{"currency":"EUR","total":"2"},"changed":["/total"],"entity":"refund","id":"1","op":"update","source":"shop","v":1}' >change
    for how in '-m rule.map in' '-m group.map in' '-m rule.map change'; do
        # shellcheck disable=SC2086 # options and a file
        HUB_PATH=own:$ROOT/pipelines run --separate-stderr hub-canon $how
        has 0
        same '{"t":"1.50"}' "$(jq -c '.data // .after' <<<"$output")"
        # shellcheck disable=SC2086
        HUB_PATH=own:$ROOT/pipelines run --separate-stderr hub-canon ${how% *} <(sed 's/"currency":"EUR"/&,"totl":"1"/' "${how##* }")
        has 2
        [[ $stderr == *'/totl: is not known to the contract of refund (did you mean "total"?)'* ]]
    done
}

@test "a contract that cannot be used ends the run: no record is to blame" {
    mkdir -p own/schema
    echo '{"type":"object","pattern":"x"}' >own/schema/thing.json
    HUB_PATH=own run --separate-stderr hub-canon -r rejects <(record thing '{}'; record thing '{}')
    has 2
    [[ $stderr == *pattern* ]]
    [ ! -s rejects ]
}

@test "a map may read all that the contract has, and the words beside enumerations, and of the envelope" {
    cat >ok.map <<'END'
enum k { pos = "P"; other = * }
shape s(n) { name = ."{n} name" }
map order <-> a:b {
    id = .id
    channel = .channel | k
    payment_status = .status | k
    lines[] = .items[] { sku = .sku | k; tax_lines[] = .taxes[] { rate = .rate | decimal } }
    lines[].tax_lines[][0].rate -> .first
    lines[sku == "a"].tax_lines[rate > 0][0].title -> .second
    billing_address { use s("Billing") }
}
map journal_entry <- hub:order each .lines[] when has(.sku) && $.tax_inclusive {
    skip $.id
    id     <- "{$.source}/{$.id}/{nth}"
    number <- $.lines[].tax_lines[.rate > 0 && has(.title)][0].rate
    memo   <- ^.note
    lines[] <- $.lines[$.currency == "EUR"] { amount <- .total; description <- .sku }
}
map journal_entry <- hub:order group .business_date {
    id     <- .key
    number <- .rows[].lines[][0].sku
    memo   <- .rows[0].number
}
END
    run hub-canon -m ok.map /dev/null
    has 0
    same "" "$output"
}

@test "a name is looked for in what is an object or a list of them, and in lists without end" {
    mkdir -p own/schema
    echo '{"type":"object","additionalProperties":false,"$defs":{"l":{"type":"array","items":{"$ref":"#/$defs/l"}}},"properties":{"l":{"$ref":"#/$defs/l"},"o":{"type":["object","array"],"additionalProperties":false,"properties":{"one":{"type":"string"}},"items":{"type":"object","additionalProperties":false,"properties":{"each":{"type":"string"}}}}}}' >own/schema/thing.json
    told() { printf 'map thing -> a:b { %s -> .x }\n' "$1" >m.map && HUB_PATH=own:$HUB_PATH timeout 10 hub-canon -m m.map /dev/null 2>&1 | sed -n 's/.* has no //p'; }
    same '' "$(told 'o.one')"
    same '' "$(told 'o[].each')"
    same 'o[].eech; did you mean each?' "$(told 'o[].eech')"
    same 'l[].a' "$(told 'l[].a')"
}

@test "what is wrong in a contract is told with its file and its place there" {
    mkdir -p own/schema
    check() { echo "{\"check\":\"$1\",\"level\":\"warn\",\"message\":\"m\"}"; }
    {
        echo "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"paid\":{\"type\":\"string\"},\"l\":{\"type\":\"array\",\"items\":{\"\$ref\":\"part.json\"}}},\"x-checks\":[$(check 'paid == 1'),$(check 'piad == 1')]}"
        echo "{\"type\":\"object\",\"properties\":{\"o\":{\"type\":\"object\",\"x-checks\":[$(check 'a ==')]}}}"
        echo '{"type":"object","properties":{"o":{"$ref":"nowhere.json"}}}'
        echo "{\"type\":\"object\",\"properties\":{\"l\":{\"type\":\"array\",\"items\":{\"\$ref\":\"part.json\"}}},\"x-checks\":[$(check 'sum(l[], quantity * prise) == 1')]}"
        echo "{\"type\":\"object\",\"properties\":{\"l\":{\"type\":\"array\",\"items\":{\"\$ref\":\"part.json\"}}},\"x-checks\":[$(check 'count(l[prise > 1]) == 0')]}"
    } >contracts
    echo '{"type":"object","additionalProperties":false,"properties":{"price":{"type":"string"},"quantity":{"type":"string"}}}' >own/schema/part.json
    while IFS= read -r contract; do
        echo "$contract" >own/schema/thing.json
        HUB_PATH=own hub-canon <(record thing '{}') 2>&1 | sed 's/ in own, .*//' || true
    done <contracts >said
    same 'hub-canon: own/schema/thing.json: /x-checks/1/check:1:1: the object has no piad; did you mean paid?
hub-canon: own/schema/thing.json: /properties/o/x-checks/0/check:1:5: a value is due here, before the end of the text
hub-canon: own/schema/thing.json: /properties/o: $ref: schema/nowhere.json was not found
hub-canon: own/schema/thing.json: /x-checks/0/check:1:21: the object has no prise; did you mean price?
hub-canon: own/schema/thing.json: /x-checks/0/check:1:9: the object has no prise; did you mean price?' "$(cat said)"
}

@test "a check of level warn that cannot be reckoned is a warning" {
    mkdir -p own/schema
    echo '{"type":"object","x-checks":[{"check":"a + 1 == 2","level":"warn","message":"m"}]}' >own/schema/thing.json
    record thing '{"a":"x"}' >in
    HUB_PATH=own run --separate-stderr hub-canon in
    has 0
    same "$(cat in)" "$output"
    same 'hub-canon: in:1: the check "a + 1 == 2" cannot be reckoned: not a number: "x"' "$stderr"
}

@test "a check of level warn is kept by id in the run log" {
    export HUB_RUN_LOG=$PWD/log
    run --separate-stderr hub-canon <(record order '{"currency":"EUR","lines":[],"subtotal":"1","total":"2"}')
    has 0
    same '1 order' "$(jq -r 'select(.check) | .id + " " + .entity' log)"
}
