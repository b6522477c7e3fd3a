#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # descriptions stand in single quotes; bats sets output and the like
# Descriptions of systems: what is read of them, and how errors in them are shown.

load common

setup() {
    common_setup
    mkdir -p pipelines/systems/acme pipelines/connections
    export HUB_PATH=pipelines:$ROOT/pipelines
}

describe() {
    cat > pipelines/systems/acme/system.json
}

@test "an error in a description is shown with its line and a caret" {
    printf 'a\n1\n' > x.csv
    describe << 'END'
{ "system": "acme",
  // a comment
  "streams": { "x": { "format": "csv", "id": ".a | nmber" },
               "y": { "get": "/y", "query": { "from": "{sinse}" } } } }
END
    run hub-extract -s acme:x x.csv
    has 2
    same "hub-extract: pipelines/systems/acme/system.json:3:52: /streams/x/id: no codec is called \"nmber\"; did you mean number?
hub-extract:       \"streams\": { \"x\": { \"format\": \"csv\", \"id\": \".a | nmber\" },
hub-extract:                                                        ^
hub-extract: pipelines/systems/acme/system.json:4:57: /streams/y/query/from: no name is \"sinse\" here; did you mean \"since\"?
hub-extract:                    \"y\": { \"get\": \"/y\", \"query\": { \"from\": \"{sinse}\" } } } }
hub-extract:                                                             ^" "$output"
    run hub-canon -s acme:x x.csv
    has 2
    [[ $output == *"/streams/x/id: no codec is called"*"^"* ]]
}

@test "a description that uses all that there is can be loaded" {
    cp "$ROOT/tests/systems/acme/"* pipelines/systems/acme/
    printf 'Name,Email,Financial Status,Id\n#1,a@b.c,paid,7\n' > x.csv
    run hub-extract -s acme:orders-csv x.csv
    has 0
    same '{"data":{"rows":[{"Name":"#1","Email":"a@b.c","Financial Status":"paid","Id":"7"}]},"from":"x.csv:2","id":"7","label":"#1","source":"acme","stream":"acme:orders-csv"}' "$output"
}

@test "what is due in an object, and what is one too many in it, is shown where it stands" {
    printf 'a\n1\n' > x.csv
    describe << 'END'
{ "system": "acme",
  "auth": { "login": { "keep": {} } },
  "answers": [ { "when": "true" } ],
  "streams": { "x": { "get": "/x", "post": "/y", "since": { "overlap": "1m" }, "next": { "while": "true" } },
    "y": { "get": "/y", "steps": [ { "name": "z" } ], "each": { "by": 2 } },
    "z": { "post": "/z", "json": {}, "form": {}, "each": { "stream": "nowhere" } },
    "a": { "get": "/a", "each": { "stream": "b" } }, "b": { "get": "/b", "each": { "stream": "a" } } } }
END
    run hub-extract acme:x
    has 2
    same '2:22: /auth/login: a call says where it goes: "get" or "post" and a URL
3:16: /answers/0: the key "do" is due here
4:36: /streams/x/post: stands beside "get": only one of the two can be meant
4:59: /streams/x/since: the key "field" is due here
4:88: /streams/x/next: the key "set" is due here
5:25: /streams/y/steps: stands beside "get": only one of the two can be meant
5:36: /streams/y/steps/0: a call says where it goes: "get" or "post" and a URL
5:63: /streams/y/each: the key "stream" is due here
6:38: /streams/z/form: stands beside "json": only one of the two can be meant
6:70: /streams/z/each/stream: there is no stream of this name
7:45: /streams/a/each/stream: leads in a circle: what is read for each record of it must not be read for it
7:94: /streams/b/each/stream: leads in a circle: what is read for each record of it must not be read for it' \
        "$(sed -n 's/^hub-extract: [^ ]*system.json:\([0-9]*:[0-9]*: .*\)/\1/p' <<<"$output")"
}

@test "a file of a query that cannot be read is shown before anything is called" {
    mkdir -p pipelines/systems/asks/folder.graphql
    printf 'query { \xff }' > pipelines/systems/asks/bytes.graphql
    echo '{ "system": "asks", "base": "http://127.0.0.1:1", "streams": {
      "a": { "post": "/a", "graphql": "folder.graphql" },
      "b": { "post": "/b", "graphql": "bytes.graphql" },
      "c": { "post": "/c", "graphql": "none.graphql" } } }' > pipelines/systems/asks/system.json
    run hub-extract asks:a
    has 2
    [[ $output == *"/streams/a/graphql: the file "*"folder.graphql\": "* ]]
    [[ $output == *"/streams/b/graphql: "*"not UTF-8"* ]]
    [[ $output == *"/streams/c/graphql: there is no file"* ]]
}

@test "the variables of a connection are parameters of its maps, its secrets are not; -D stands before them" {
    anything thing
    mkdir -p hub/systems/u hub/connections
    echo '{ "system": "u", "vars": { "zone": "UTC", "far": "${NOT_SET}" }, "secrets": { "word": "s" }, "streams": { "o": { "format": "ndjson" } } }' >hub/systems/u/system.json
    echo '{ "system": "u", "vars": { "zone": "${ZONE}" } }' >hub/connections/ux.json
    echo 'param zone = "Asia/Tokyo"
param word = "none"
map thing <- u:o { at <- .at | time("%Y-%m-%d %H:%M", @zone); word <- @word }' >hub/systems/u/o.map
    echo '{"data":{"at":"2026-01-02 03:04"},"id":"1","source":"ux","stream":"u:o"}' >in
    export ZONE=America/New_York
    same '{"at":"2026-01-02T08:04:00Z","word":"none"}' "$(hub-canon -s ux:o in | jq -c .data)"
    same '{"at":"2026-01-02T03:04:00Z","word":"none"}' "$(hub-canon -s u:o in | jq -c .data)"
    same '{"at":"2026-01-02T02:04:00Z","word":"x"}' "$(hub-canon -s ux:o -D zone=Europe/Paris -D word=x in | jq -c .data)"
    same '{"at":"2026-01-01T18:04:00Z","word":"none"}' "$(hub-canon -m hub/systems/u/o.map in | jq -c .data)"
    echo 'param far
map thing <- u:o { far <- @far }' >hub/systems/u/o.map
    run --separate-stderr hub-canon -s ux:o in
    has 2
    [[ $stderr == *'the parameter far has no value'* ]]
}
