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
