#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # make expands; each test has its own environment; bats sets status and the like
# hub-run: a flow, and what is kept of it.

load common

setup() {
    common_setup
    anything thing
    export HUB_DB=$PWD/hub.db OUT=$PWD
    unset MAKEFLAGS MAKELEVEL MFLAGS
    things 1 2 3 >things.ndjson
}

# things ID...: a stream of records, with its end
things() {
    local id
    for id; do
        echo "{\"data\":{\"a\":\"$id\"},\"entity\":\"thing\",\"id\":\"$id\",\"source\":\"shop\",\"v\":1}"
    done
    echo "{\"end\":true,\"n\":$#}"
}

# flow NAME: standard input is a flow that includes hub.mk
flow() {
    { printf 'include %s/pipelines/flows/hub.mk\n' "$ROOT" && cat; } >"$1.mk"
}

# tool NAME SCRIPT: a program that does that
tool() {
    mkdir -p bin
    printf '#!/bin/bash\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
    PATH=$PWD/bin:$PATH
}

ask() { sqlite3 hub.db "$1"; }

# until_true COMMAND...: waits for what another process does
until_true() {
    local i
    for ((i = 0; i < 600; i++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.05
    done
    return 1
}

@test "all is well: nothing is said, all is kept, nothing is left" {
    flow good <<<$'all: in\nin:\n\thub-canon things.ndjson | hub-canon | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run good.mk
    has 0
    same "" "$output$stderr"
    same 'good|0|' "$(ask 'SELECT flow.name, status, why FROM run JOIN flow ON flow.id = flow')"
    same 'hub-canon|in|0|3|3|0|0
hub-canon|in|0|3|3|0|0
hub-load|in|0|3|3|0|0' "$(ask 'SELECT tool, rule, status, read, taken, refused, left_out FROM stage ORDER BY tool')"
    # Which stage fed which.
    same 2 "$(ask 'SELECT count(*) FROM stage AS a JOIN stage AS b ON a.output = b.input AND a.rule = b.rule')"
    same "" "$(ls hub.db-runs)"
    same 600 "$(stat -c %a hub.db-run-good)"
}

@test "what is refused is kept whole, until the record comes whole" {
    sed -i '2s/"a":"2"/"a":2.5/' things.ndjson
    flow refuses <<<$'all: in\nin:\n\thub-canon $(REJECTS) things.ndjson | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run refuses.mk
    has 1
    [[ $stderr == *'complete, but some was refused (status 1)'* ]]
    [[ $stderr == *'refused 1 by hub-canon: '*'(2, things.ndjson:2)'* ]]
    same 'hub-canon|thing|shop|2|1' "$(ask 'SELECT tool, entity.name, source.name, reject.name, closed IS NULL FROM reject JOIN entity ON entity.id = entity JOIN source ON source.id = source')"
    same "$(cat in.rejects.ndjson)" "$(ask 'SELECT line FROM reject')"
    # Once more: one is open, not two.
    run hub-run refuses.mk
    same '1|newer
0|' "$(ask 'SELECT closed IS NOT NULL, how FROM reject ORDER BY id')"
    things 1 2 3 >things.ndjson
    run hub-run refuses.mk
    has 0
    same '0' "$(ask 'SELECT count(*) FROM reject WHERE closed IS NULL')"
}

@test "a warning is kept by the id of its record, until it comes again without" {
    order() { echo "{\"data\":{\"currency\":\"EUR\",\"lines\":[],\"subtotal\":\"$1\",\"total\":\"2\"},\"entity\":\"order\",\"id\":\"7\",\"source\":\"shop\",\"v\":1}"; echo '{"end":true,"n":1}'; }
    order 1 >orders.ndjson
    export HUB_PATH=$ROOT/pipelines
    flow warns <<<$'all: in\nin:\n\thub-canon orders.ndjson | hub-load hub: $(RECEIPTS)'
    run hub-run warns.mk
    has 0
    same '1' "$(ask "SELECT count(*) FROM warning JOIN entity ON entity.id = entity WHERE warning.name = '7' AND entity.name = 'order'")"
    order 2 >orders.ndjson
    hub-run warns.mk
    same '0' "$(ask 'SELECT count(*) FROM warning')"
}

@test "a second start says who runs the flow, and ends with 75" {
    mkfifo gate
    flow slow <<<$'all: in\nin:\n\tcat gate | hub-load hub: $(RECEIPTS)'
    hub-run slow.mk &
    first=$!
    until_true [ -s hub.db-run-slow ]
    run --separate-stderr hub-run slow.mk
    has 75
    [[ $stderr =~ ^'hub-run: slow: another run of it goes on: process '$first', since 20'[0-9T:-]+Z$ ]]
    cat things.ndjson >gate
    wait "$first"
    hub-run slow.mk &
    until_true sh -c 'sqlite3 hub.db "SELECT 1 FROM run WHERE id = 2" | grep 1'
    cat things.ndjson >gate
    wait
    same '0 0' "$(ask 'SELECT status FROM run ORDER BY id' | paste -sd ' ')"
}

@test "a stage that is killed has failed, and so has the run" {
    flow dies <<<$'all: in other\nin:\n\tbash -c \'kill -9 $$$$; :\' | hub-canon | hub-load hub: $(RECEIPTS)\nother:\n\thub-canon things.ndjson | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run dies.mk
    has 2
    [[ $stderr == *'failed (status 2)'* ]]
    same 3 "$(ask 'SELECT count(*) FROM record')"
    tool hub-slow 'echo "{\"event\":\"begin\",\"pid\":$$,\"rule\":\"$HUB_RULE\",\"time\":\"2026-05-01T00:00:00Z\",\"tool\":\"hub-slow\"}" >>"$HUB_RUN_LOG"; kill -9 $$'
    flow killed <<<$'all: in\nin:\n\thub-slow | hub-canon --no-marks | cat $(TO)'
    run --separate-stderr hub-run killed.mk
    has 2
    [[ $stderr == *'  in: hub-slow was killed: it has no end'* ]]
    same 1 "$(ask "SELECT count(*) FROM stage WHERE tool = 'hub-slow' AND status IS NULL AND ended IS NULL")"
}
