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
    # With a small table of ids, many parts one after the other: the same bytes, what is refused too.
    { echo '{"id":"o","up":"none"}'; echo '{"id":"c","up":"c"}'; seq 5 | sed 's/.*/{"id":"&","twice":1}/'; } >>many.ndjson
    run hub-extract --parent up -r whole.rejects many.ndjson
    has 1
    same "$output" "$(hub-extract --parent up -M 1K -r parts.rejects many.ndjson 2>&1 | sed s/parts.rejects/whole.rejects/)"
    same "17" "$(wc -l <whole.rejects)"
    cmp whole.rejects parts.rejects
    run hub-extract --parent up -f csv - <<<'a'
    has 2
}

# ---- taps ----

# describe FORMAT: a connection x whose stream orders is read in this format.
describe() {
    export HUB_PATH=pipelines:$ROOT/pipelines
    mkdir -p pipelines/systems/x
    echo '{ "system": "x", "streams": { "orders": { "format": "'"$1"'" }, "named": { "format": "'"$1"'", "id": ".n", "label": ".a" } } }' >pipelines/systems/x/system.json
}

tap() {
    cat <<'END'
{"type":"SCHEMA","stream":"orders","schema":{"properties":{"total":{"type":"number"}}},"key_properties":["n"]}
{"type":"RECORD","stream":"orders","record":{"n":7, "total":19.90,"big":12345678901234567890.10},"time_extracted":"2026-05-01T00:00:00Z"}
{"type":"STATE","value":{"bookmarks":{"orders":{"since":1.0}}}}
{"type":"SCHEMA","stream":"lines","schema":{},"key_properties":["order","no"]}

{"type":"RECORD","stream":"lines","record":{"order":"a,b","no":1}}
{"type":"RECORD","stream":"lines","record":{"order":"a","no":2}}
{"type":"ACTIVATE_VERSION","stream":"orders","version":1}
{"type":"RECORD","stream":"orders","version":1,"record":{"n":"8"}}
{"type":"STATE","value":{"bookmarks":{"orders":{"since":2.50}}}}
END
}

@test "singer: all streams of a tap, the ids of their keys, numbers as they are spelled" {
    run --separate-stderr hub-extract -f singer - < <(tap)
    has 0
    same "" "$stderr"
    same '{"data":{"n":7,"total":19.90,"big":12345678901234567890.10},"from":"stdin:2","id":"7","source":"file","stream":"file:orders"}
{"data":{"order":"a,b","no":1},"from":"stdin:6","id":"a\\,b,1","source":"file","stream":"file:lines"}
{"data":{"order":"a","no":2},"from":"stdin:7","id":"a,2","source":"file","stream":"file:lines"}
{"data":{"n":"8"},"from":"stdin:9","id":"8","source":"file","stream":"file:orders"}' "$output"
}

@test "singer: -s picks its stream; the others are counted as left out, and named once" {
    describe singer
    run --separate-stderr hub-extract -v -s x:orders - < <(tap)
    has 0
    same '{"data":{"n":7,"total":19.90,"big":12345678901234567890.10},"from":"stdin:2","id":"7","source":"x","stream":"x:orders"}
{"data":{"n":"8"},"from":"stdin:9","id":"8","source":"x","stream":"x:orders"}' "$output"
    same 'hub-extract: stdin:6: records of the stream "lines" are left out: "orders" is read' "$(grep lines <<<"$stderr")"
    [[ $stderr == *"read 4 = taken 2 + refused 0 + left out 2; wrote 2"* ]]
    run --separate-stderr hub-extract -s x:named - < <(tap | sed 's/"orders"/"named"/; s/"n":7/"n":7,"a":"A"/')
    has 0
    [[ ${lines[0]} == *'"id":"7","label":"A",'* ]]
}

@test "singer: --state has what the tap takes as its state, behind what was written; marks carry it" {
    describe singer
    hub-extract -s x:orders --state st - < <(tap) 2>errors >records
    same '{"bookmarks":{"orders":{"since":2.50}}}' "$(<st)"
    same 600 "$(stat -c %a st)"
    run --separate-stderr hub-extract -s x:orders --marks --state st - < <(tap)
    has 0
    same '{"after":{"bookmarks":{"orders":{"since":2.50}}},"checkpoint":{"bookmarks":{"orders":{"since":1.0}}},"n":1,"source":"x","stream":"x:orders"}
{"after":{"bookmarks":{"orders":{"since":1.0}}},"checkpoint":{"bookmarks":{"orders":{"since":2.50}}},"n":1,"source":"x","stream":"x:orders"}
{"end":true,"n":0,"source":"x","stream":"x:orders"}' "$(grep '"n":[01],"so' <<<"$output")"
    run --separate-stderr hub-extract --state st -f ndjson - <<<'{}'
    has 2
    same "hub-extract: --state is for a stream of an API (CONNECTION:STREAM), for a folder, and for singer and airbyte" "$stderr"
    # A record that ends the run is not behind a state.
    rm st
    run hub-extract -s x:orders --state st - < <(tap | sed '9s/"8"/"8","n":"8"/')
    has 2
    same '{"bookmarks":{"orders":{"since":1.0}}}' "$(<st)"
}

@test "singer: what is no message, of an unknown type, before its SCHEMA or without its key is refused" {
    extract -f singer - <<'END'
{"type":"SCHEMA","stream":"a","schema":{},"key_properties":["id"]}
{"type":"RECORD","stream":"a","record":{"id":null}}
{"type":"RECORD","stream":"b","record":{"id":1}}
{"type":"BATCH","stream":"a","encoding":{},"manifest":["file:///x"]}
{"id":1}
INFO running
{"type":"RECORD","stream":"a"}
{"type":"STATE"}
{"type":"RECORD","stream":"a","record":{"id":1}}
END
    has 1
    same '{"id":1}' "$output"
    same '2 record
3 record
4 record
5 record
6 json
7 record
8 record' "$(jq -r '"\(.[0]) \(.[1])"' <<<"$refused")"
    extract -f singer - < <(tap | head -c -20)
    has 2
    same "hub-extract: stdin:10: cut off: the last line is not whole" "$stderr"
}

connector() {
    cat <<'END'
{"type":"LOG","log":{"level":"WARN","message":"slow\u001b[31m\nnetwork"}}
{"type":"SPEC","spec":{}}
{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"orders","namespace":"public"},"status":"STARTED"}}}
{"type":"RECORD","record":{"stream":"orders","namespace":"public","data":{"n":1.50},"emitted_at":1}}
{"type":"RECORD","record":{"stream":"lines","data":{"n":2},"emitted_at":1}}
{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"lines"},"stream_state":{"at":1}}}}
{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders","namespace":"public"},"stream_state":{"at":1.0}}}}
{"type":"CONTROL","control":{"type":"CONNECTOR_CONFIG","connectorConfig":{"config":{"token":"hunter2"}}}}
{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"orders","namespace":"public"},"status":"COMPLETE"}}}
END
}

@test "airbyte: records, logs with their level, and the last state of each stream" {
    run --separate-stderr hub-extract -f airbyte --state st - < <(connector)
    has 0
    same '{"data":{"n":1.50},"from":"stdin:4","source":"file","stream":"file:public.orders"}
{"data":{"n":2},"from":"stdin:5","source":"file","stream":"file:lines"}' "$output"
    same 'hub-extract: WARN: slow\x1B[31m\x0Anetwork' "$(head -1 <<<"$stderr")"
    [[ $stderr == *configuration* && $stderr != *hunter2* ]]
    same '[{"type":"STREAM","stream":{"stream_descriptor":{"name":"lines"},"stream_state":{"at":1}}},{"type":"STREAM","stream":{"stream_descriptor":{"name":"orders","namespace":"public"},"stream_state":{"at":1.0}}}]' "$(<st)"
    # What says nothing this time keeps its state.
    hub-extract -f airbyte --state st - <<<'{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"lines"},"stream_state":{"at":2}}}}'
    same '2 1.0' "$(grep -oP '"at":\K[0-9.]+' st | paste -sd' ')"
    hub-extract -f airbyte --state st - <<<'{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"lsn":5}}}}'
    same '[{"type":"GLOBAL","global":{"shared_state":{"lsn":5}}}]' "$(<st)"
    hub-extract -f airbyte --state st - <<<'{"type":"STATE","state":{"data":{"old":1}}}'
    same '{"old":1}' "$(<st)"
}

@test "airbyte: -s picks a stream and its states; of two namespaces it has to say which" {
    describe airbyte
    run --separate-stderr hub-extract -s x:orders --state st - < <(connector)
    has 0
    same '{"data":{"n":1.50},"from":"stdin:4","source":"x","stream":"x:orders"}' "$output"
    same '["orders"]' "$(jq -c '[.[].stream.stream_descriptor.name]' st)"
    run --separate-stderr hub-extract -s x:orders - < <(connector; echo '{"type":"RECORD","record":{"stream":"orders","namespace":"test","data":{}}}')
    has 2
    same 'hub-extract: stdin:10: there are two streams "orders": say which by NAMESPACE.orders' "$(tail -1 <<<"$stderr")"
}

@test "airbyte: an error ends the run with the connector's words, 75 where it may pass; a stream that did not end is cut off" {
    run --separate-stderr hub-extract -f airbyte - <<<'{"type":"TRACE","trace":{"type":"ERROR","error":{"message":"no such key","failure_type":"config_error"}}}'
    has 2
    same 'hub-extract: stdin:1: the connector failed: no such key' "$stderr"
    run --separate-stderr hub-extract -f airbyte - <<<'{"type":"TRACE","trace":{"type":"ERROR","error":{"internal_message":"later","failure_type":"transient_error"}}}'
    has 75
    run --separate-stderr hub-extract -f airbyte - < <(connector | head -8)
    has 2
    same 'hub-extract: stdin: cut off: the stream "public.orders" began, and did not end' "$(tail -1 <<<"$stderr")"
    run --separate-stderr hub-extract -f airbyte - < <(connector | sed 's/COMPLETE/INCOMPLETE/')
    has 2
    [[ $stderr == *"is not whole"* ]]
}

@test "airbyte: a record that the connector has altered is refused, and so is what is not known" {
    extract -f airbyte - <<'END'
{"type":"RECORD","record":{"stream":"a","data":{"n":null},"meta":{"changes":[{"field":"n","change":"NULLED","reason":"SOURCE_FIELD_SIZE_LIMITATION"}]}}}
{"type":"RECORD","record":{"data":{}}}
{"type":"STATE","state":{"type":"NEW"}}
{"type":"NEW"}
{"type":"RECORD","record":{"stream":"a","data":{"n":1},"meta":{"changes":[]}}}
END
    has 1
    same '{"n":1}' "$output"
    same "1 2 3 4" "$(jq -rs 'map(.[0]) | join(" ")' <<<"$refused")"
    [[ $(jq -r .error.message bad | head -1) == *'"n" as it is: NULLED, SOURCE_FIELD_SIZE_LIMITATION' ]]
}
