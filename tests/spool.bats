#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# Folders into which others put files, here and on another machine (a real sshd).

load common
load servers

setup() {
    common_setup
    unset HUB_URL_PASSWORD HUB_SSH_KEY HUB_SSH_PASSPHRASE HUB_KNOWN_HOSTS
    export HUB_PATH=$PWD/pipelines:$ROOT/pipelines
    mkdir -p pipelines/systems/acme in
    cat >pipelines/systems/acme/system.json <<-'END'
	{ "system": "acme", "streams": { "orders": { "format": "csv", "id": ".id" }, "groups": { "format": "csv", "group": "id", "id": ".rows[0].id" } } }
	END
}

teardown() {
    stop_servers
}

extract() {
    run --separate-stderr hub-extract "$@"
}

# put FILE ID...
put() {
    printf 'id,name\n' >"$1"
    printf '%s,x\n' "${@:2}" >>"$1"
}

ids() {
    jq -rs 'map(select(.data) | .id) | join(" ")' <<<"$output"
}

froms() {
    jq -rs 'map(select(.data) | .from) | join(" ")' <<<"$output"
}

@test "a folder: the files that are complete, by the order of their names" {
    put in/b.csv 3 4
    put in/a.csv 1 2
    put in/c.csv.part 5
    put in/d.tmp 6
    put in/.e.csv 7
    mkdir in/f.csv
    extract -s acme:orders in/
    has 0
    same "1 2 3 4" "$(ids)"
    same "a.csv:2 a.csv:3 b.csv:2 b.csv:3" "$(froms)"
    extract in/
    has 0
    same "file:a file:b" "$(jq -rs 'map(.stream) | unique | join(" ")' <<<"$output")"
}

@test "a folder: what was changed a while ago" {
    put in/a.csv 1
    put in/b.csv 2
    touch -d '1 hour ago' in/a.csv
    extract --settle 10m -s acme:orders in/
    has 0
    same 1 "$(ids)"
    extract --settle soon -s acme:orders in/
    has 2
    extract in/ -s acme:orders --take taken
    has 2
    [[ $stderr == *"--state"* ]]
    extract in/ --state st
    has 2
    [[ $stderr == *"name it by -s"* ]]
}

@test "a folder: each file once, and again where it was changed" {
    put in/b.csv 1
    extract -s acme:orders --state st in/
    same 1 "$(ids)"
    same "b.csv" "$(jq -r '.files | keys | join(" ")' st)"
    extract -s acme:orders --state st in/
    has 0
    same "" "$output"
    put in/a.csv 2 # before it by name, later in time
    put in/c.csv 3
    extract -s acme:orders --state st in/
    same "2 3" "$(ids)"
    put in/b.csv 1 4
    rm in/c.csv
    extract -s acme:orders --state st in/
    same "1 4" "$(ids)"
    same "a.csv b.csv" "$(jq -r '.files | keys | join(" ")' st)"
    extract -s acme:orders --state st --full in/
    same "2 1 4" "$(ids)"
}

@test "a folder: a mark behind each file, with what was read so far" {
    put in/a.csv 1 2
    put in/b.csv 3
    head -c 300 /dev/zero | tr '\0' y >>in/b.csv
    echo ,z >>in/b.csv
    put in/c.csv 4
    head -c 300 /dev/zero | tr '\0' y >>in/c.csv
    echo ,z >>in/c.csv
    extract --marks -s acme:orders in/
    has 0
    same '[2,["a.csv"],null] [2,["a.csv","b.csv"],null] [2,["a.csv","b.csv","c.csv"],null] [0,["a.csv","b.csv","c.csv"],true]' \
        "$(jq -cs 'map(select(.n != null) | [.n, (.checkpoint.files | keys), .end]) | .[]' <<<"$output" | tr '\n' ' ' | sed 's/ $//')"
}

@test "a folder: a file that fails is not read, those before it are" {
    put in/a.csv 1
    printf 'id,name\n2,"x\n' >in/b.csv
    put in/c.csv 3
    extract -s acme:orders --state st in/
    has 2
    same "a.csv" "$(jq -r '.files | keys | join(" ")' st)"
    put in/b.csv 2
    extract -s acme:orders --state st in/
    has 0
    same "2 3" "$(ids)"
}

@test "a folder: what is settled moves at the next start, and nothing else does" {
    put in/a.csv 1
    put in/b.csv 2
    extract -s acme:orders --state st --take taken in/
    has 0
    same "1 2" "$(ids)"
    [ -e in/a.csv ]
    put in/b.csv 2 3 # changed since: not what was read
    extract -s acme:orders --state st --take taken in/
    same "2 3" "$(ids)"
    [ -e in/taken/a.csv ] && [ ! -e in/a.csv ] && [ -e in/b.csv ]
    put in/a.csv 9
    extract -s acme:orders --state st --take taken in/
    same 9 "$(ids)"
    extract -s acme:orders --state st --take taken in/
    same "" "$output"
    same "" "$(find in -maxdepth 1 -type f)"
    same 3 "$(find in/taken -type f | wc -l)" # both of the name a.csv are there
}

@test "a folder: the hub database says what is settled" {
    put in/a.csv 1
    put in/b.csv 2
    export HUB_DB=$PWD/hub.db
    anything order
    cp -r pipelines/systems hub/
    echo 'map order <- acme:orders { id = .id; note <- .name }' >hub/systems/acme/orders.map
    flow() {
        hub-extract -s acme:orders --take taken in/ | hub-canon -s acme:orders | hub-load hub: >receipts
    }
    flow
    same 2 "$(grep -c applied receipts)"
    [ -e in/a.csv ]
    put in/c.csv 3
    flow
    same 1 "$(grep -c '"id"' receipts)"
    same "a.csv b.csv" "$(cd in/taken && echo *)"
    # What was read and not settled is read again.
    put in/d.csv 4
    hub-extract -s acme:orders --take taken in/ >lost
    flow
    same 1 "$(grep -c '"id":"4"' receipts)"
}

@test "a folder: a group ends with its file" {
    put in/a.csv 1 1
    put in/b.csv 2
    extract -s acme:groups --state st in/
    has 0
    same "2 1" "$(jq -rs 'map(.data.rows | length) | join(" ")' <<<"$output")"
    same "a.csv b.csv" "$(jq -r '.files | keys | join(" ")' st)"
}

@test "sftp: a pattern, each file once, moved when it is settled" {
    start_sshd
    put in/b-1.csv 3
    put "in/a 1.csv" 1 2
    put in/a-2.csv.part 9
    put in/c.txt 9
    mkdir in/z.csv
    extract -s acme:orders --state st --take taken "$SFTP/in/*.csv"
    has 0
    same "1 2 3" "$(ids)"
    same "a 1.csv:2" "$(jq -rs '.[0].from' <<<"$output")"
    [ -e in/b-1.csv ]
    put in/d.csv 4
    extract -s acme:orders --state st --take taken "$SFTP/in/*.csv"
    has 0
    same 4 "$(ids)"
    same "a 1.csv b-1.csv" "$(cd in/taken && echo *)"
    extract "$SFTP/in/" -f csv
    has 0
    same "c.txt:2 d.csv:2" "$(froms)"
    extract "$SFTP/none/*.csv"
    has 2
}

@test "sftp: a stream of system.json, with its own key" {
    start_sshd
    put in/a.csv 1
    put in/b.csv 2
    unset HUB_SSH_KEY
    export ACME_USER ACME_HOST ACME_KEY=$PWD/ssh/user
    ACME_USER=$(id -un) ACME_HOST=${SFTP##*@}
    cat >pipelines/systems/acme/system.json <<-'END'
	{ "system": "acme", "vars": { "host": "${ACME_HOST}", "user": "${ACME_USER}", "key": "${ACME_KEY}" },
	  "base": "sftp://{@host}", "auth": { "basic": [ "{@user}", "" ], "identity": "{@key}" },
	  "streams": { "counts": { "get": "/in/*.csv", "format": "csv", "id": ".id", "take": "taken/" },
	    "one": { "get": "sftp://{@host}/in/b.csv", "format": "csv", "id": ".id" },
	    "none": { "get": "sftp://{@host}/in/none.csv", "format": "csv" } } }
	END
    extract acme:counts
    has 0
    same "1 2" "$(ids)"
    same acme:counts "$(jq -rs '.[0].stream' <<<"$output")"
    extract acme:counts --state st
    same "1 2" "$(ids)"
    extract acme:counts --state st
    same "" "$output"
    same "a.csv b.csv" "$(cd in/taken && echo *)"
    put in/b.csv 5
    extract acme:one
    same 5 "$(ids)"
    extract acme:none
    has 2
    [[ $stderr == *"none.csv: is not there"* ]]
    extract acme:one --since 2026-01-01T00:00:00Z
    has 2
    extract --check acme
    has 1
    same "counts ok, one ok, none failed" "$(awk '{ print $1, $2 }' <<<"$output" | paste -sd, | sed 's/,/, /g')"
    ACME_KEY=$PWD/ssh/host extract acme:one
    has 2
    [[ $stderr == *'${ACME_KEY}'* ]]
}

@test "ftps and ftpes: a pattern, each file once, moved when it is settled" {
    start_ftp
    export HUB_URL_PASSWORD=pass-word CURL_CA_BUNDLE=$PWD/ca.pem
    local url
    for url in "$FTPS" "$FTPES"; do
        rm -rf st ftp/files/in
        mkdir ftp/files/in
        put ftp/files/in/b-1.csv 3
        put "ftp/files/in/a 1.csv" 1 2
        put ftp/files/in/c.txt 9
        mkdir ftp/files/in/z.csv
        extract -s acme:orders --state st --take taken "$url/in/*.csv"
        has 0
        same "1 2 3" "$(ids)"
        put ftp/files/in/d.csv 4
        extract -s acme:orders --state st --take taken "$url/in/*.csv"
        has 0
        same 4 "$(ids)"
        same "a 1.csv b-1.csv" "$(cd ftp/files/in/taken && echo *)"
        extract "$url/none/*.csv"
        has 2
    done
}
