#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2094,SC2154 # inner shells expand; a file may be read twice; bats sets output and the like
# What every tool does alike, seen through hub-canon without a map, under a contract that asks for nothing: canonical records pass as
# they are.

load common

setup() {
    common_setup
    export HUB_PATH=$PWD/contract
    mkdir -p contract/schema
    echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}' >contract/schema/order.json
    one='{"deleted":true,"entity":"order","id":"1","source":"shop","v":1}'
    two='{"deleted":true,"entity":"order","id":"2","source":"shop","v":1}'
    bad='{"deleted":true,"entity":"order","id":3,"source":"shop","v":1}'
    printf '%s\n' "$one" "$two" >good.ndjson
    printf '%s\n' "$one" "$bad" "$two" >mixed.ndjson
    printf '%s\n' "$one" "$two" '{"end":true,"n":2,"source":"shop","stream":"s:orders"}' >marked.ndjson
}

# ---- inputs ----

@test "files, in their order, and - for standard input" {
    printf '%s\n' "$one" >first
    printf '%s\n' "$two" >second
    run --separate-stderr hub-canon second - first <second
    has 0
    same "$two"$'\n'"$two"$'\n'"$one" "$output"
    same "" "$stderr"
}

@test "standard input where no file is named" {
    run --separate-stderr hub-canon <good.ndjson
    has 0
    same "$(cat good.ndjson)" "$output"
}

@test "an empty input is well" {
    run --separate-stderr hub-canon /dev/null
    has 0
    same "" "$output$stderr"
}

@test "empty lines are passed over" {
    run --separate-stderr hub-canon <<<$'\n'"$one"$'\n\n'
    has 0
    same "$one" "$output"
}

@test "a missing file" {
    run --separate-stderr hub-canon good.ndjson nowhere.ndjson
    has 2
    same "$(cat good.ndjson)" "$output"
    same "hub-canon: nowhere.ndjson: cannot open: No such file or directory" "$stderr"
}

@test "a directory as a file" {
    mkdir folder
    run --separate-stderr hub-canon folder
    has 2
    same "hub-canon: folder: cannot read: Is a directory" "$stderr"
    run --separate-stderr hub-canon <folder
    has 2
    same "hub-canon: stdin: cannot read: Is a directory" "$stderr"
}

@test "closed standard input and output" {
    run --separate-stderr bash -c 'hub-canon <&-'
    has 2
    same "hub-canon: standard input is not open" "$stderr"
    run --separate-stderr bash -c 'hub-canon good.ndjson >&-'
    has 2
    same "hub-canon: standard output is not open" "$stderr"
    run --separate-stderr bash -c 'hub-canon good.ndjson 2>&-'
    has 2
}

# ---- output ----

@test "a full disk" {
    run --separate-stderr bash -c 'hub-canon good.ndjson >/dev/full'
    has 2
    same "hub-canon: stdout: cannot write: No space left on device" "$stderr"
    run --separate-stderr bash -c 'hub-canon --help >/dev/full'
    has 2
    run --separate-stderr bash -c 'hub-canon --version >/dev/full'
    has 2
}

@test "a full disk is told as such also while more input is waited for" {
    run --separate-stderr bash -c '(cat good.ndjson; sleep 0.3) | hub-canon >/dev/full'
    has 2
    same "hub-canon: stdout: cannot write: No space left on device" "$stderr"
}

@test "a closed pipe ends the tool quietly, of SIGPIPE" {
    run --separate-stderr bash -c 'yes "$1" | hub-canon 2>said | head -n 1; echo "${PIPESTATUS[1]}"' _ "$one"
    has 0
    same "$one"$'\n'141 "$output"
    [ ! -s said ]
}

@test "what was read is seen before more of it is waited for" {
    mkfifo pipe
    hub-canon <pipe >out 3>&- &
    exec 9>pipe
    printf '%s\n' "$one" >&9
    for _ in {1..50}; do
        [ -s out ] && break
        sleep 0.1
    done
    exec 9>&-
    wait $!
    same "$one" "$(cat out)"
}

# ---- refusals ----

@test "the first refusal without -r ends the run" {
    run --separate-stderr hub-canon mixed.ndjson
    has 2
    same "$one" "$output"
    same "hub-canon: mixed.ndjson:2: /id: must be a string, not a number" "$stderr"
}

@test "with -r a refusal is set aside" {
    run --separate-stderr hub-canon -v -r rejects mixed.ndjson
    has 1
    same "$one"$'\n'"$two" "$output"
    same "hub-canon: read 3 = taken 2 + refused 1 + left out 0; wrote 2
hub-canon: 1 refused: the reasons are in rejects" "$stderr"
    same '{"entity":"order","error":{"code":"record","field":"/id","message":"must be a string, not a number"},"from":"mixed.ndjson:2","record":'"$bad"',"tool":"hub-canon"}' "$(cat rejects)"
    same 600 "$(stat -c %a rejects)"
}

@test "bad JSON, bad UTF-8, a duplicate key, no record" {
    local line
    for line in '{' $'{"a":"\xff"}' '{"v":1,"v":1}' '{}' '[]' "$one $one" $'{"v":1,"data":{"a":"\\ud800"},"entity":"o","id":"1","source":"s"}'; do
        printf '%s\n%s\n' "$line" "$one" >in
        run --separate-stderr hub-canon in
        has 2
        same "" "$output"
        [[ $stderr == "hub-canon: in:1: "* ]]
        rm -f rejects
        run --separate-stderr hub-canon -r rejects in
        has 1
        same "$one" "$output"
        same 1 "$(wc -l <rejects)"
    done
}

@test "what is refused twice is the same, byte for byte" {
    printf '%s\n' "$bad" '{' $'{"a":"\xff\x01"}' ' {"v":1.50} ' '"text"' $'{}\r' >in
    run hub-canon -r rejects in
    has 1
    mv rejects todo
    run hub-canon -r rejects todo
    has 1
    same "$(grep -o '"record":.*' todo)" "$(grep -o '"record":.*' rejects)"
}

@test "a reject is taken once it is well" {
    run hub-canon -r rejects mixed.ndjson
    sed 's/"id":3/"id":"3"/' rejects >todo
    run --separate-stderr hub-canon todo
    has 0
    same '{"deleted":true,"entity":"order","id":"3","source":"shop","v":1}' "$output"
}

@test "rejects are appended, and refused as an input of the same run" {
    echo kept >rejects
    run hub-canon -r rejects mixed.ndjson
    has 1
    same kept "$(head -n 1 rejects)"
    same 2 "$(wc -l <rejects)"
    run --separate-stderr hub-canon -r rejects rejects
    has 2
    same "hub-canon: rejects: is also the file for rejects: rename it first" "$stderr"
}

@test "rejects that cannot be kept end the run" {
    run --separate-stderr hub-canon -r /dev/full mixed.ndjson
    has 2
    same "hub-canon: /dev/full: cannot write a reject: No space left on device" "$stderr"
    run --separate-stderr hub-canon -r no/such mixed.ndjson
    has 2
    same "" "$output"
    same "hub-canon: no/such: cannot open for rejects: No such file or directory" "$stderr"
}

@test "control characters in messages are escaped" {
    printf '%s\n' '{' >$'a\x1b[31m\nb'
    run --separate-stderr hub-canon $'a\x1b[31m\nb'
    has 2
    [[ $stderr == 'hub-canon: a\x1B[31m\x0Ab:1: '* ]]
}

# ---- marks ----

@test "no marks come from an input without them" {
    run --separate-stderr hub-canon good.ndjson
    has 0
    same "$(cat good.ndjson)" "$output"
}

@test "the marks of the input are checked and passed on" {
    run --separate-stderr hub-canon marked.ndjson
    has 0
    same "$(cat marked.ndjson)" "$output"
}

@test "a mark counts what was written, not what was read" {
    printf '%s\n' "$one" "$bad" '{"checkpoint":{"b":1,"a":2.50},"n":2}' "$two" '{"end":true,"n":1}' >in
    run --separate-stderr hub-canon -r rejects in
    has 1
    same "$one"$'\n{"checkpoint":{"b":1,"a":2.50},"n":1}\n'"$two"$'\n{"end":true,"n":1}' "$output"
}

@test "of several inputs the last one's end is the end" {
    run --separate-stderr hub-canon marked.ndjson marked.ndjson
    has 0
    same 1 "$(grep -c '"end":true' <<<"$output")"
    same '{"end":true,"n":4,"source":"shop","stream":"s:orders"}' "${lines[4]}"
}

@test "where one input has marks, one without may have been cut off before its first" {
    run --separate-stderr hub-canon marked.ndjson good.ndjson
    has 2
    same 0 "$(grep -c '"end":true' <<<"$output")"
    same "hub-canon: good.ndjson:2: ended without its end mark: the input was cut off" "$stderr"
    run --separate-stderr hub-canon good.ndjson marked.ndjson
    has 2
    same 0 "$(grep -c '"end":true' <<<"$output")"
    [[ $stderr == *"good.ndjson had none"* ]]
    run --separate-stderr hub-canon --no-marks marked.ndjson good.ndjson
    has 0
}

@test "a mark in a line that was refused vouches for nothing" {
    echo '{"error":{"code":"x","message":"m"},"record":{"end":true,"n":0},"tool":"t"}' >forged
    run --separate-stderr hub-canon --marks -r rejects forged
    has 2
    same 1 "$(wc -l <rejects)"
    [[ $stderr == *"ended without its end mark"* ]]
}

@test "a tool does not read what it writes" {
    cp good.ndjson self.ndjson
    run --separate-stderr bash -c 'hub-canon self.ndjson >>self.ndjson'
    has 2
    same "$(cat good.ndjson)" "$(cat self.ndjson)"
}

@test "a reject behind a line that was cut short stands on a line of its own" {
    printf '{"error":{"code":"x"' >rejects
    echo bad | hub-canon -r rejects || true
    same 2 "$(wc -l <rejects)"
    same bad "$(tail -n 1 rejects | jq -r .record)"
}

@test "an input without its end mark was cut off" {
    printf '%s\n' "$one" '{"n":1}' "$two" >in
    run --separate-stderr hub-canon in
    has 2
    same "$one"$'\n{"n":1}\n'"$two" "$output"
    same "hub-canon: in:3: ended without its end mark: the input was cut off" "$stderr"
}

@test "--marks and HUB_DB demand an end mark" {
    run --separate-stderr hub-canon --marks good.ndjson
    has 2
    same "hub-canon: good.ndjson:2: ended without its end mark: the input was cut off" "$stderr"
    HUB_DB=hub.db run --separate-stderr hub-canon good.ndjson
    has 2
    HUB_DB=hub.db run --separate-stderr hub-canon --no-marks good.ndjson
    has 0
    run --separate-stderr hub-canon --marks marked.ndjson
    has 0
    same "$(cat marked.ndjson)" "$output"
}

@test "a killed upstream is noticed, and nothing vouches for its records" {
    run --separate-stderr bash -c '{ cat good.ndjson; kill -9 $BASHPID; } | hub-canon --marks'
    has 2
    same "$(cat good.ndjson)" "$output"
}

@test "a wrong count, and lines after the end" {
    printf '%s\n' "$one" '{"end":true,"n":2}' >in
    run --separate-stderr hub-canon in
    has 2
    same "hub-canon: in:2: the mark counts 2 lines, but 1 came: the input was cut off" "$stderr"
    printf '%s\n' '{"end":true,"n":0}' "$one" >in
    run --separate-stderr hub-canon in
    has 2
    same "hub-canon: in:2: lines after the end mark" "$stderr"
    run --separate-stderr hub-canon --no-marks in
    has 0
    same "$one" "$output"
}

@test "a first refusal ends the output without an end mark" {
    printf '%s\n' "$one" "$bad" '{"end":true,"n":2}' >in
    run --separate-stderr hub-canon in
    has 2
    same "$one" "$output"
}

# ---- options ----

@test "--help shows the usage, every option, and ends well" {
    run --separate-stderr hub-canon --help
    has 0
    [[ ${lines[0]} == "usage: hub-canon ["* ]]
    [[ $output == *"-r, --rejects FILE"*"--marks"*"--no-marks"*"-v, --verbose"*"-h, --help"*"--version"* ]]
    [[ $output != *completions* ]]
    same "$output" "$(hub-canon -h)"
}

@test "--help shows the SYNOPSIS of the man page" {
    [ -e "$ROOT/man/hub-canon.1" ] || skip "no man page"
    command -v mandoc >/dev/null || skip "no mandoc"
    synopsis=$(mandoc -T utf8 "$ROOT/man/hub-canon.1" | col -bx | sed -n '/^SYNOPSIS/,/^DESC/{/^[A-Z]/d;p}' | tr -s ' \n' ' ')
    usage=$(hub-canon --help | head -n 1)
    same "$(tr -d ' ' <<<"${usage#usage: }")" "$(tr -d ' ' <<<"${synopsis//…/...}")"
}

@test "--version" {
    run --separate-stderr hub-canon --version
    has 0
    [[ $output =~ ^hub-canon\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "wrong usage" {
    run --separate-stderr hub-canon --nonsense
    has 2
    same "" "$output"
    same "hub-canon: --nonsense: no such option" "${stderr_lines[0]}"
    [[ ${stderr_lines[1]} == "hub-canon: usage: hub-canon ["* ]]
    run --separate-stderr hub-canon -Z
    has 2
    same "hub-canon: -Z: no such option" "${stderr_lines[0]}"
    run --separate-stderr hub-canon good.ndjson -r
    has 2
    same "hub-canon: -r: needs an argument" "${stderr_lines[0]}"
    run --separate-stderr hub-canon --rejects
    has 2
    same "hub-canon: --rejects: needs an argument" "${stderr_lines[0]}"
}

@test "completions come from the same table, and are scripts" {
    hub-canon --completions bash >script
    bash -n script
    # shellcheck disable=SC1091
    source ./script
    COMP_WORDS=(hub-canon --no) COMP_CWORD=1
    _hub_canon
    same --no-marks "${COMPREPLY[*]}"
    run hub-canon --completions zsh
    has 0
    same "#compdef hub-canon" "${lines[0]}"
    run hub-canon --completions fish
    has 2
}

# ---- run log ----

@test "HUB_RUN_LOG has a line for the beginning and one for the end" {
    HUB_RUN_LOG=log HUB_RUN='r"1' run hub-canon -r rejects mixed.ndjson # writes to a pipe of bats
    has 1
    same 2 "$(wc -l <log)"
    same 600 "$(stat -c %a log)"
    [[ $(sed -n 1p log) =~ ^'{"event":"begin","output":'[0-9]+',"pid":'[0-9]+',"rejects":"'"$PWD"'/rejects","rejects_at":0,"run":"r\"1","time":"'[-0-9]{10}T[:0-9]{8}'Z","tool":"hub-canon"}'$ ]]
    [[ $(sed -n 2p log) =~ ^'{"event":"end","left_out":0,"pid":'[0-9]+',"read":3,"refused":1,"run":"r\"1","status":1,"taken":2,"time":"'[-0-9]{10}T[:0-9]{8}'Z","tool":"hub-canon","written":2}'$ ]]
}

@test "HUB_RUN_LOG knows of a failure, and of a closed pipe" {
    HUB_RUN_LOG=log run hub-canon nowhere.ndjson
    has 2
    [[ $(tail -n 1 log) == *'"status":2,'* ]]
    HUB_RUN_LOG=log run bash -c 'yes "$1" | hub-canon | head -n 1' _ "$one"
    [[ $(tail -n 1 log) == *'"status":141,'* ]]
    HUB_RUN_LOG=no/such run --separate-stderr hub-canon good.ndjson
    has 2
    same "" "$output"
}
