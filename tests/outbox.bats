#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# Folders of another machine as targets: each delivery is one file, once (a real sshd).

load common
load servers

setup() {
    common_setup
    unset HUB_URL_PASSWORD HUB_SSH_KEY HUB_SSH_PASSPHRASE HUB_KNOWN_HOSTS
    export HUB_DB=$PWD/hub.db
    start_sshd
    mkdir in
}

teardown() {
    stop_servers
}

# record ID TEXT
record() {
    echo '{"data":{"note":"'"$2"'"},"entity":"note","id":"'"$1"'","source":"shop","v":1}'
}

load_all() {
    run --separate-stderr hub-load --no-marks "$@"
}

@test "each record is a file, and told once" {
    load_all "$SFTP/in/" < <(record 1 tea; record 2 cake)
    has 0
    same 2 "$(grep -c applied <<<"$output")"
    same 2 "$(find in -name '*.ndjson' | wc -l)"
    same 2 "$(find in -type f | wc -l)"
    same "$(record 2 cake; record 1 tea)" "$(sort in/*.ndjson)"
    rm in/* # its reader took them
    load_all "$SFTP/in/" < <(record 1 tea; record 2 pie)
    has 0
    same "$(record 2 pie)" "$(cat in/*)"
    load_all "$SFTP/in/" < <(record 2 cake)
    same 2 "$(find in -type f | wc -l)" # a value that comes back is told again
}

@test "the format is said by -f; what it cannot tell is set aside" {
    load_all -f csv "$SFTP/in/" < <(record 1 tea)
    has 0
    same $'note\ntea' "$(tr -d '\r' <in/*.csv)"
    unset HUB_DB
    load_all "$SFTP/in/" < <(record 1 tea)
    has 2
    [[ $stderr == *"hub database"* ]]
    load_all -d hub.db "$SFTP/in" < <(record 1 tea)
    has 2
    [[ $stderr == *"slash"* ]]
}

@test "who is away gets all of it later" {
    local away=$SFTP
    kill "${servers[@]}"
    wait "${servers[@]}" || true
    load_all "$away/in/" < <(record 1 tea)
    has 75
    same "" "$(ls -A in)"
}

# pending STEP: as a run leaves it that was killed: the file was written (1), or not (0).
pending() {
    sqlite3 hub.db "SELECT count(*) FROM pending WHERE step = $1"
}

@test "what was written and recorded is renamed; what was renamed is not written again" {
    # The target name is a folder, so that no file can be renamed to it: written, recorded, not renamed.
    load_all "$SFTP/in/" < <(record 1 tea)
    key=$(basename in/*.ndjson .ndjson)
    rm -r in hub.db*
    mkdir -p "in/$key.ndjson/full"
    load_all "$SFTP/in/" < <(record 1 tea)
    [ "$status" -ne 0 ]
    same 1 "$(pending 1)"
    [ -e "in/.$key.ndjson.part" ]
    cp -r hub.db before.db
    rm -r "in/$key.ndjson"
    load_all "$SFTP/in/" </dev/null
    has 0
    same "$key.ndjson" "$(ls -A in)"
    same 0 "$(pending 1)"
    # The same again, but the reader has taken what was renamed before the run was killed.
    rm in/* hub.db*
    cp before.db hub.db
    load_all "$SFTP/in/" </dev/null
    has 0
    same "" "$(ls -A in)"
    same 0 "$(pending 1)"
}

# describe MORE: a system whose target pick is files behind SFTP
describe() {
    mkdir -p hub/systems/depot
    export HUB_PATH=$PWD/hub:$ROOT/pipelines
    cat >hub/systems/depot/system.json <<-END
		{ "system": "depot", "base": "$SFTP", "targets": { "pick": { "put": "/in/{id}-{slice(hash, 0, 4)}.csv", "format": "csv",
		  "columns": [ "order_number", "sku", "quantity" ], "group": "order_number", "repeat": "safe"$1 } } }
	END
}

# pick NUMBER QUANTITY
pick() {
    echo '{"data":{"rows":[{"order_number":"'"$1"'","quantity":"'"$2"'","sku":"M"},{"order_number":"'"$1"'","quantity":"1","sku":"T"}]},"entity":"order","id":"'"$1"'","source":"shop","stream":"depot:pick","version":"'"$(printf '%064d' "$2")"'"}'
}

@test "a described target of files: name, format and columns are said once" {
    describe ''
    load_all depot:pick < <(pick 1001 2; pick 1002 3)
    has 0
    same $'1001-0000.csv\n1002-0000.csv' "$(ls -A in)"
    same $'order_number,sku,quantity\n1001,M,2\n1001,T,1' "$(cat in/1001-0000.csv)"
    same depot:pick "$(jq -r .target <<<"$output" | sort -u)"
    # A newer version takes the place of what nobody fetched; one that is known is not told again.
    load_all depot:pick < <(pick 1001 5; pick 1002 3)
    has 0
    same 'applied unchanged' "$(jq -r .status <<<"$output" | sort | paste -sd' ')"
    same 1001,M,5 "$(sed -n 2p in/1001-0000.csv)"
    describe ', "delimiter": ";", "changed": "ignore"'
    load_all depot:pick < <(pick 1001 7; pick 1003 1)
    has 0
    same '1003;M;1' "$(sed -n 2p in/1003-0000.csv)"
    same 1001,M,5 "$(sed -n 2p in/1001-0000.csv)"
}

@test "a described file: values lead to no other folder, and what cannot be named is set aside alone" {
    describe ''
    sed -i 's/{id}-{slice(hash, 0, 4)}/{id}/' hub/systems/depot/system.json
    load_all depot:pick < <(pick ../../up 1; pick .hidden 1; pick a/b 1; pick 'a b%2f' 1)
    has 1
    same 'a b%2f.csv' "$(ls -A in)"
    same 3 "$(sqlite3 hub.db "SELECT count(*) FROM parked WHERE message LIKE 'not the name of a file: %'")"
    [ ! -e up.csv ] && [ ! -e ../up.csv ]
    sed -i 's/{id}/{.nothing}/' hub/systems/depot/system.json
    load_all depot:pick < <(pick 5 1)
    has 1
    [[ $(sqlite3 hub.db 'SELECT message FROM parked') == *'a value is missing in the URL of its file'* ]]
}

@test "a described file that was written and not renamed is renamed by the next run" {
    describe ''
    mkdir -p in/1001-0000.csv/full
    load_all depot:pick < <(pick 1001 2)
    [ "$status" -ne 0 ]
    same 1 "$(pending 1)"
    rm -r in/1001-0000.csv
    load_all depot:pick </dev/null
    has 0
    same 1001-0000.csv "$(ls -A in)"
}

@test "a described file: the account of the description, and what is wrong in it" {
    describe ''
    sed -i 's|"base"|"auth": { "identity": "'"$PWD"'/ssh/user" }, "base"|' hub/systems/depot/system.json
    unset HUB_SSH_KEY
    load_all depot:pick < <(pick 1 1)
    has 0
    same 1-0000.csv "$(ls -A in)"
    sed -i 's|"base": "sftp:|"base": "https:|' hub/systems/depot/system.json
    load_all depot:pick < <(pick 2 1)
    has 2
    [[ $stderr == *'no URL of sftp, ftps or ftpes, where files go: "https:'* ]]
    sed -i 's|"put"|"post"|' hub/systems/depot/system.json
    load_all depot:pick < <(pick 2 1)
    has 2
}

@test "a described file by FTPS and FTPES: a newer version takes the place of what is there" {
    start_ftp
    export HUB_URL_PASSWORD=pass-word CURL_CA_BUNDLE=$PWD/ca.pem
    for SFTP in "$FTPES" "$FTPS"; do
        rm -f hub.db* ftp/files/*
        describe ''
        sed -i 's|/in/|/|' hub/systems/depot/system.json
        load_all depot:pick < <(pick 1001 2)
        has 0
        load_all depot:pick < <(pick 1001 5)
        has 0
        same '1001-0000.csv' "$(ls -A ftp/files)"
        same 1001,M,5 "$(sed -n 2p ftp/files/1001-0000.csv)"
    done
}
