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
    same "" "$(find hub.db-runs -mindepth 1)"
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

@test "the report tells causes as hub-log does: what differs in numbers and quoted values only is one" {
    order() { echo "{\"data\":{\"currency\":\"EUR\",\"lines\":[$2],\"total\":\"$3\"},\"entity\":\"order\",\"id\":\"$1\",\"source\":\"shop\",\"v\":1}"; }
    line='{"quantity":"1","sku":"M"}'
    { order 1 "${line/1/x1}" 1; order 2 "$line,${line/1/x2}" 1; order 3 "$line" y; order 4 "$line" '1.0.0'; echo '{"end":true,"n":4}'; } >orders.ndjson
    export HUB_PATH=$ROOT/pipelines
    flow causes <<<$'all: in\nin:\n\thub-canon $(REJECTS) orders.ndjson | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run causes.mk
    has 1
    echo "$stderr"
    same '  refused 2 by hub-canon: /lines/0/quantity
  refused 2 by hub-canon: /total' "$(grep -o '^  refused [^:]*: [^:]*' <<<"$stderr")"
    same "$(hub-log --failed --json | jq -r '"\(.count) \(.field) \(.message)"')" "$(grep -Po '^  refused \K.*(?= \(first:)' <<<"$stderr" | sed 's/ by hub-canon: / /; s/: / /')"
}

@test "what a target set aside is told, although no tool refused it" {
    export HUB_PATH=$PWD/hub:$ROOT/pipelines
    mkdir -p hub/systems/shop
    echo '{ "system": "shop", "base": "http://127.0.0.1:1", "targets": { "things": { "post": "/{.nothing}", "repeat": "key" } } }' >hub/systems/shop/system.json
    flow aside <<<$'all: out\nout:\n\thub-canon things.ndjson | hub-load shop:things $(RECEIPTS)'
    run --separate-stderr hub-run -v aside.mk
    has 1
    [[ $stderr == *'hub-run: aside: run 1: 3 in, 3 out, 0 refused'*'  | hub-load: shop:things: 3 set aside: hub-log --failed says why'* ]]
}

@test "that two states differ is no failure of a flow" {
    sed 's/"1"/"9"/' things.ndjson >other.ndjson
    flow differ <<<$'all: in\nin:\n\thub-diff --partial other.ndjson things.ndjson | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run differ.mk
    has 0
    same '' "$stderr"
    same 'hub-diff 1' "$(ask "SELECT tool, status FROM stage WHERE status > 0" | tr '|' ' ')"
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

# stage NAME SCRIPT: a tool of a hub, that begins and then does that
stage() { tool "$1" 'echo "{\"event\":\"begin\",\"pid\":$$,\"rule\":\"$HUB_RULE\",\"time\":\"2026-05-01T00:00:00Z\",\"tool\":\"'"$1"'\"}" >>"$HUB_RUN_LOG"; '"$2"; }

@test "a stage that is killed has failed, and so has the run" {
    stage hub-slow 'kill -9 $$'
    flow killed <<<$'all: in other\nin:\n\thub-slow | hub-canon | hub-load hub: $(RECEIPTS)\nother:\n\thub-canon things.ndjson | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run killed.mk
    has 2
    [[ $stderr == *'killed: failed (status 2)'* ]]
    [[ $stderr == *'  in: hub-slow was killed: it has no end'* ]]
    same 1 "$(ask "SELECT count(*) FROM stage WHERE tool = 'hub-slow' AND status IS NULL AND ended IS NULL")"
    # Whoever stands behind it in the pipe knows that it was cut off; the other rule has done its work.
    same 'hub-canon|2
hub-load|2' "$(ask "SELECT tool, status FROM stage WHERE rule = 'in' AND tool <> 'hub-slow' ORDER BY tool")"
    same 3 "$(ask 'SELECT count(*) FROM record')"
}

@test "a program that is none of the hub's is not overlooked" {
    flow missing <<<$'all: in\nin:\n\tno-such-program; hub-canon things.ndjson | hub-load hub: $(RECEIPTS)\nall: other\nother:\n\tno-such-program | hub-load hub: $(RECEIPTS)'
    tool fails 'cat; exit 3'
    flow fails <<<$'all: in\nin:\n\thub-canon things.ndjson | fails | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run fails.mk
    has 2
    [[ $stderr == *"  in: a program that is none of the hub's ended with 2"* ]]
    run --separate-stderr hub-run missing.mk
    has 2
    [[ $stderr == *no-such-program* ]]
    echo 'all: nothing.csv' >broken.mk
    run --separate-stderr hub-run broken.mk
    has 2
    [[ $stderr == *'make ended with 2, and no stage did'* ]]
}

@test "what is temporary is tried again, and says nothing once it is well" {
    stage hub-later 's=75; [ ! -e tried ] || s=0; touch tried; echo "{\"event\":\"end\",\"pid\":$$,\"left_out\":0,\"read\":0,\"refused\":0,\"status\":$s,\"taken\":0,\"time\":\"2026-05-01T00:00:01Z\",\"tool\":\"hub-later\",\"written\":0}" >>"$HUB_RUN_LOG"; exit $s'
    flow later <<<$'all: out\nout:\n\thub-later'
    run --separate-stderr hub-run later.mk
    has 75
    [[ $stderr == 'hub-run: later: has to be tried again later (status 75)'*', run 1'$'\n'*'  out: hub-later ended with 75, temporary'* ]]
    rm tried
    stage hub-never 'echo "{\"event\":\"end\",\"pid\":$$,\"left_out\":0,\"read\":0,\"refused\":0,\"status\":75,\"taken\":0,\"time\":\"2026-05-01T00:00:01Z\",\"tool\":\"hub-never\",\"written\":0}" >>"$HUB_RUN_LOG"; exit 75'
    flow never <<<$'all: out\nout:\n\thub-never'
    run --separate-stderr hub-run --retry 2 --wait 1ms never.mk
    has 75
    [[ $stderr == *', run 2, 3 attempts'* ]]
    run --separate-stderr hub-run --retry 3 --wait 1ms later.mk
    has 0
    same "" "$stderr"
    same '1 75
2 0' "$(ask 'SELECT attempt, status FROM stage WHERE run = 3 ORDER BY attempt' | tr '|' ' ')"
}

@test "the command for failures gets the report" {
    echo '{"end":true,"n":7}' >things.ndjson
    flow fails <<<$'all: in\nin:\n\thub-canon things.ndjson | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run --on-fail 'cat >mail; echo sent >&2' fails.mk
    has 2
    same "$(grep -v '^sent$' <<<"$stderr")" "$(cat mail)"
    [[ $(cat mail) == *'in: hub-canon ended with 2'*'things.ndjson'* ]]
    [[ $stderr == *sent ]]
    things 1 >things.ndjson
    rm mail
    run hub-run --on-fail 'cat >mail' fails.mk
    has 0
    [ ! -e mail ]
}

@test "a run that takes longer than its limit is ended, with all that it has started" {
    stage hub-hangs 'trap "" TERM; echo $$ >hangs; while :; do sleep 0.1; done'
    flow hangs <<<$'all: in\nin:\n\thub-hangs | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run --limit 300ms hangs.mk
    has 2
    [[ $stderr == *'it took longer than its limit, and was ended'* ]]
    # Killed: it is gone, or nobody has asked yet how it ended.
    until_true eval '[ ! -e "/proc/$(cat hangs)" ] || grep -q "^State:.Z" "/proc/$(cat hangs)/status"'
    same 1 "$(ask "SELECT count(*) FROM stage WHERE tool = 'hub-hangs' AND status IS NULL")"
}

@test "a run that is stopped is booked as that" {
    stage hub-waits 'touch waits; sleep 600'
    flow waits <<<$'all: in\nin:\n\thub-waits | hub-load hub: $(RECEIPTS)'
    hub-run waits.mk 2>said &
    first=$!
    until_true [ -e waits ]
    kill "$first"
    status=0
    wait "$first" || status=$?
    has 2
    same 'stopped by the signal Terminated' "$(ask 'SELECT why FROM run')"
    [[ $(cat said) == *'stopped by the signal Terminated'* ]]
}

@test "of a hub-run that was killed, the next one books what it left" {
    stage hub-waits 'echo $$ >waits; hub-canon -r in.bad.ndjson bad.ndjson; exec sleep 600'
    echo 'no record' >bad.ndjson
    flow waits <<<$'all: in\nin:\n\t[ -e again ] || hub-waits'
    hub-run waits.mk &
    first=$!
    until_true grep -q 'record' in.bad.ndjson
    kill -9 "$first"
    wait "$first" || true
    # What it has started goes on, and so the flow still runs.
    run --separate-stderr hub-run waits.mk
    has 75
    [[ $stderr == *"process $first, since "*' (it was killed; what it has started still works)' ]]
    kill -9 "$(cat waits)"
    touch again
    until_true hub-run waits.mk
    same '2|hub-run was killed
0|' "$(ask 'SELECT status, why FROM run ORDER BY id')"
    same 1 "$(ask 'SELECT count(*) FROM reject WHERE run = 1')"
    same "" "$(find hub.db-runs -mindepth 1)"
}

@test "a source that fails holds up nobody: the others work with what the hub holds" {
    flow two <<<$'all: out\ngood:\n\thub-canon things.ndjson | hub-load hub: $(RECEIPTS)\nbad:\n\thub-canon nowhere.ndjson | hub-load hub: $(RECEIPTS)\nout: good bad\n\thub-extract hub:thing | hub-load $(OUT)/out.csv $(RECEIPTS)'
    run --separate-stderr hub-run -j 4 two.mk
    has 2
    same 4 "$(wc -l <out.csv)"
    # make alone stops there, with the status of the rule.
    rm out.csv
    run make -s -k -f two.mk
    has 2
    [ ! -e out.csv ]
}

@test "in every rule of a flow, a killed source is noticed by all behind it" {
    export HUB_PATH=$ROOT/pipelines
    S=$ROOT/samples
    orders() { hub-run orders OUT="$PWD" SHOP="$S/shopify/orders_export.zip" TILL="$S/square/items.csv" PAYMENTS="$S/square/transactions.csv"; }
    run orders
    has 1
    before=$(cksum journal.csv pick.csv)
    held=$(ask 'SELECT count(*), max(number) FROM revision')
    # Its first tool gives half of what it has, and dies.
    real=$(command -v hub-extract)
    tool hub-extract 'case $* in *--completions*) exec '"$real"' "$@" ;; esac; '"$real"' "$@" | head -n 5; kill -9 $$'
    run --separate-stderr orders
    has 2
    same "$before" "$(cksum journal.csv pick.csv)"
    same "$held" "$(ask 'SELECT count(*), max(number) FROM revision')"
    same '5 2' "$(ask "SELECT count(*), status FROM stage WHERE run = 2 AND tool = 'hub-load'" | tr '|' ' ')"
}

# ---- conservation ----

@test "what was lost in a pipe is named" {
    flow good <<<$'all: in\nin:\n\thub-canon things.ndjson | hub-canon | hub-load hub: $(RECEIPTS)'
    hub-run good.mk
    run --separate-stderr hub-log --conservation
    has 0
    [[ $output =~ ^'good, run 1 of 20'[0-9T:-]+'Z: 3 stages, nothing lost'$ ]]
    # A filter in the middle drops a line. With marks the next tool finds out; without, the books do.
    flow drops <<<$'all: in\nin:\n\thub-canon --no-marks things.ndjson | grep -v \'"id":"2"\' | hub-load --no-marks hub: $(RECEIPTS)'
    run hub-run drops.mk
    has 0
    run --separate-stderr hub-log --conservation
    has 1
    same "hub-load read 2, but hub-canon gave 3: a program stands between them that is none of the hub's" "$(sed -n 's/^drops, run 2 of [^ ]*, in: //p' <<<"$output")"
    same 'drops in hub-load' "$(hub-log --conservation --json | jq -r 'select(.violated) | .flow + " " + .rule + " " + .tool')"
    same 'good 3 0
drops 2 1' "$(hub-log --conservation --json | jq -r 'select(.stages) | "\(.flow) \(.stages) \(.violations)"')"
    run hub-log --conservation thing 1
    has 2
}

@test "what was cut off and taken for whole is named" {
    stage hub-dies 'kill -9 $$'
    flow cut <<<$'all: in\nin:\n\thub-dies | hub-load --no-marks hub: $(RECEIPTS)'
    sed -i 's/hub-dies |/hub-canon no-such-file |/' cut.mk
    run hub-run cut.mk
    has 2
    run --separate-stderr hub-log --conservation
    has 1
    same "hub-load took for whole what came from hub-canon, which did not end well" "${output#*, in: }"
}

@test "books that do not balance are named" {
    flow good <<<$'all: in\nin:\n\thub-canon things.ndjson | hub-load hub: $(RECEIPTS)'
    hub-run good.mk
    ask "UPDATE stage SET taken = 2 WHERE tool = 'hub-load'"
    run --separate-stderr hub-log --conservation
    has 1
    same "hub-load read 3, but took 2 + refused 0 + left out 0" "${output#*, in: }"
}

days() { hub-log --json | jq -r 'select(.day) | "\(.day) \(.runs_of) \(.runs) runs, \(.failed) failed: \(.in) in, \(.out) out, \(.refused) refused"'; }

@test "hub-log says how each flow ran last" {
    cp things.ndjson plain.ndjson
    flow in <<<$'all: in\nin:\n\thub-canon plain.ndjson | hub-load hub: $(RECEIPTS)'
    flow out <<<$'all: out\nout:\n\thub-extract hub:thing | hub-load $(OUT)/out.csv $(RECEIPTS)'
    hub-run in.mk
    hub-run out.mk
    same 'in 3 0 0 0
out 0 3 0 0' "$(hub-log --json | jq -r 'select(.flow) | "\(.flow) \(.in) \(.out) \(.refused) \(.status)"')"
    [[ $(hub-log | head -n 1) =~ ^'flow in: last run 20'[0-9T:-]+'Z, '[0-9]+' s: 3 in, 0 out, 0 refused: all is well'$ ]]
    rm plain.ndjson
    run hub-run in.mk
    run --separate-stderr hub-log
    has 1
    [[ $output == *': 0 in, 0 out, 0 refused: failed'* ]]
}

@test "hub-log --json says what each flow did on each of the last 30 days" {
    cp things.ndjson plain.ndjson
    flow in <<<$'all: in\nin:\n\thub-canon plain.ndjson | hub-load hub: $(RECEIPTS)'
    hub-run in.mk
    hub-run in.mk
    rm plain.ndjson
    run hub-run in.mk
    has 2
    today=$(ask "SELECT date(at, 'unixepoch') FROM run WHERE id = 1")
    same "$today in 3 runs, 1 failed: 6 in, 0 out, 0 refused" "$(days)"
    # Days are those of UTC; what is older than the 29 days before today is not told.
    ask "UPDATE run SET at = (SELECT at FROM run WHERE id = 3) / 86400 * 86400 - 1 WHERE id = 1; UPDATE run SET at = at - 30 * 86400 WHERE id = 2"
    same "$(date -ud "$today - 1 day" +%F) in 1 runs, 0 failed: 3 in, 0 out, 0 refused
$today in 1 runs, 1 failed: 0 in, 0 out, 0 refused" "$(days)"
    same in "$(hub-log --json | jq -r 'select(.flow) | .flow')"
}

# ---- the rest ----

@test "no secret of the environment comes into the hub or the report" {
    mkdir -p hub/systems/api hub/connections
    echo '{ "system": "api", "base": "http://127.0.0.1:1", "auth": { "kind": "bearer", "token": "${API_TOKEN}" }, "streams": { "things": { "path": "/things", "records": "/" } } }' >hub/systems/api/system.json
    export API_TOKEN=planted-secret-4711
    flow api <<<$'all: in\nin:\n\thub-extract -s api:things | hub-load hub: $(RECEIPTS)'
    run --separate-stderr hub-run api.mk
    [ "$status" -ge 2 ]
    [[ $stderr == *hub-extract* ]]
    [[ $stderr != *planted* ]]
    run grep -rl planted-secret .
    same "" "$output"
}

@test "what cannot be run is said" {
    run --separate-stderr hub-run no-such-flow
    has 2
    [[ $stderr == *flows/no-such-flow.mk* ]]
    run --separate-stderr hub-run no/such.mk
    has 2
    [[ $stderr == 'hub-run: no/such.mk: cannot read the flow'* ]]
    HUB_DB='' run --separate-stderr hub-run orders
    has 2
    same 'hub-run: no hub database, where runs are kept: name it by -d or HUB_DB' "$stderr"
    run --separate-stderr hub-run --limit soon orders
    has 2
    run --separate-stderr hub-run
    has 2
}

@test "the examples for cron and systemd are right" {
    cd "$ROOT/pipelines/flows"
    grep -vE '^(#|$|[A-Z_]+=)' hub.cron >"$BATS_TEST_TMPDIR/lines"
    [ -s "$BATS_TEST_TMPDIR/lines" ]
    run grep -vE '^((\*|[0-9]+(-[0-9]+)?)(/[0-9]+)?(,[0-9]+)*[[:blank:]]+){5}hub-(run|log) ([^%]*)$' "$BATS_TEST_TMPDIR/lines"
    same "" "$output"
    # Their options are ours: wrong ones would be a wrong usage, and not a flow that is not there.
    while read -r _ _ _ _ _ line; do
        [[ $line == hub-run* ]] || continue
        run --separate-stderr bash -c "${line/ orders / no-such-flow }"
        [[ $stderr == *flows/no-such-flow.mk* ]]
    done <"$BATS_TEST_TMPDIR/lines"
    hub-load --no-marks hub: </dev/null >"$BATS_TEST_TMPDIR/receipts"
    while read -r _ _ _ _ _ line; do
        [[ $line == hub-log* ]] || continue
        run bash -c "${line//\/srv\/hub/$BATS_TEST_TMPDIR}"
        has 0
        same "" "$output"
    done <"$BATS_TEST_TMPDIR/lines"
    command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
    cp hub@.service "$BATS_TEST_TMPDIR/hub@orders.service"
    cp hub@.timer "$BATS_TEST_TMPDIR/hub@orders.timer"
    run systemd-analyze --man=no verify "$BATS_TEST_TMPDIR/hub@orders.service" "$BATS_TEST_TMPDIR/hub@orders.timer"
    same "" "$(grep -E 'hub@' <<<"$output")"
}
