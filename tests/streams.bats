#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # inner shells expand; bats sets stderr and the like
# hub-extract of what programs write for programs: bulk files with parents.

load common

setup() {
    common_setup
}

# extract [ARG...]: the data of the records, and of the rejects in `bad` the line, code and record, a line each.
extract() {
    rm -f bad
    run --separate-stderr hub-extract -r bad "$@"
    output=$(sed -E 's/^\{"data":(.*),"from":.*$/\1/' <<<"$output")
    refused=$([ ! -e bad ] || jq -c '[(.from | sub(".*:"; "") | tonumber), .error.code, .record]' bad)
}

# ---- parents ----

@test "children are folded into the line that they name, wherever it stands, in lists by their kind" {
    cat >bulk.jsonl <<'END'
{"id":"gid://shopify/LineItem/11","q":1.50,"__parentId":"gid://shopify/Order/1"}
{"id":"gid://shopify/Order/1","name":"#1"}
{"id":"gid://shopify/Order/2"}
{"note":"x","__parentId":"gid://shopify/LineItem/11"}
{"id":7,"__typename":"Refund","__parentId":"gid://shopify/Order/2"}
{"id":"gid://shopify/LineItem/12","__parentId":"gid://shopify/Order/1"}
{"id":"m","__parentId":7}
{}
END
    extract --parent __parentId bulk.jsonl
    has 0
    same '{"id":"gid://shopify/Order/1","name":"#1","LineItem":[{"id":"gid://shopify/LineItem/11","q":1.50,"__parentId":"gid://shopify/Order/1","children":[{"note":"x","__parentId":"gid://shopify/LineItem/11"}]},{"id":"gid://shopify/LineItem/12","__parentId":"gid://shopify/Order/1"}]}
{"id":"gid://shopify/Order/2","Refund":[{"id":7,"__typename":"Refund","__parentId":"gid://shopify/Order/2","children":[{"id":"m","__parentId":7}]}]}
{}' "$output"
    run hub-extract --parent __parentId bulk.jsonl
    [[ ${lines[0]} == *'"from":"bulk.jsonl:2"'* ]]
}

@test "a child whose parent is not there, is there twice, or is its own is refused whole; so is what lacks it" {
    cat >bulk.ndjson <<'END'
{"id":"1"}
{"id":"2", "up":"9"}
{"id":"3","up":"2"}
{"id":"4","up":"5"}
{"id":"5","up":"4"}
{"id":"6"}
{"id":"6"}
{"id":"7","up":"6"}
{"id":"8","children":[]}
{"up":"8"}
{"id":"10","up":true}
END
    extract --parent up bulk.ndjson
    has 2
    same 'hub-extract: bulk.ndjson:11: "up" is neither a text nor a number' "$stderr"
    sed -i '$d' bulk.ndjson
    extract --parent up bulk.ndjson
    has 1
    same '{"id":"1"}' "$output"
    same '[2,"parent","{\"id\":\"2\", \"up\":\"9\"}\n{\"id\":\"3\",\"up\":\"2\"}"]
[4,"parent",{"id":"4","up":"5"}]
[5,"parent",{"id":"5","up":"4"}]
[6,"parent",{"id":"6"}]
[7,"parent",{"id":"6"}]
[8,"parent",{"id":"7","up":"6"}]
[9,"record","{\"id\":\"8\",\"children\":[]}\n{\"up\":\"8\"}"]' "$refused"
}

@test "what cannot be read could be a part of any record, and ends the run; what no record may hold refuses its own" {
    printf '{"id":"1"}\n{"up":"1",\n{"id":"2"}\n' >cut.ndjson
    extract --parent up cut.ndjson
    has 2
    [[ $stderr == "hub-extract: cut.ndjson:2: "* ]]
    same "" "$output"
    printf '{"id":"1"}\n{"up":"1","a":1,"a":2}\n{"id":"2"}\n' >twice.ndjson
    extract --parent up twice.ndjson
    has 1
    same '{"id":"2"}' "$output"
    jq -e '.record == "{\"id\":\"1\"}\n{\"up\":\"1\",\"a\":1,\"a\":2}"' bad
}

@test "parents in a json list, in many lines, and within -M" {
    extract --parent up - -f json <<<'[{"id":1},{"id":2,"up":1}]'
    has 0
    same '{"id":1,"children":[{"id":2,"up":1}]}' "$output"
    seq 3000 | sed 's/.*/{"id":"&"}/' >many.ndjson
    seq 3000 -1 1 | sed 's/.*/{"of":&,"up":"&"}/' >>many.ndjson
    same 3000 "$(hub-extract --parent up many.ndjson | jq -c 'select(.data.id == (.data.children[].of | tostring))' | wc -l)"
    extract --parent up -M 100K many.ndjson
    has 2
    [[ $stderr == *"allow more with -M" ]]
    run hub-extract --parent up -f csv - <<<'a'
    has 2
}
