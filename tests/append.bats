#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# hub-load --append: a file that grows by what it was not given yet.

load common

setup() {
    common_setup
    export HUB_DB=$PWD/hub.db
}

# row ID SKU [VERSION]
row() {
    printf '{"data":{"order":"%s","sku":"%s"},"entity":"pick","id":"%s","source":"shop","stream":"warehouse:picks","version":"%064d"}\n' "$1" "$2" "$1" "${3:-$1}"
}

add() {
    run --separate-stderr hub-load --no-marks --append "$@"
}

states() {
    jq -r '.id + " " + .status' <<<"$output" | paste -sd, -
}

@test "each version of a record is added once, behind what others wrote" {
    { row 1 A && row 2 B; } >in
    add picks.csv in
    has 0
    same '1 applied,2 applied' "$(states)"
    echo 'own,line' >>picks.csv
    row 3 C >>in
    add picks.csv in
    same '1 unchanged,2 unchanged,3 applied' "$(states)"
    row 1 Z 9 >in
    add picks.csv in
    row 1 A 1 >in
    add picks.csv in
    has 0
    same 'order,sku
1,A
2,B
own,line
3,C
1,Z
1,A' "$(<picks.csv)"
}

@test "other columns than those of the file: nothing is added" {
    row 1 A >in
    add picks.csv in
    add --columns sku,order picks.csv <(row 2 B)
    has 2
    same 'hub-load: picks.csv: it has other columns than what is to be added' "$stderr"
    add picks.csv <(row 2 B)
    has 0
    same $'order,sku\n1,A\n2,B' "$(<picks.csv)"
}

@test "a journal by a template; what it has nothing to say of is not added" {
    printf '{{if .sku != "none"}}\n%s {{.order}}\n{{end}}\n' pick >pick.txt
    { row 1 A && row 2 none && row 3 C; } >in
    for _ in 1 2; do add -T pick.txt picks.journal in; done
    has 0
    same $'pick 1\npick 3' "$(<picks.journal)"
}

@test "a run that was killed within a batch: what it left half is written anew" {
    row 1 A >in
    add picks.csv in
    for i in {2..40}; do row "$i" "S$i"; done >in
    # As it is when the batch was recorded and begun: half of it is there, and nothing is settled.
    cp hub.db before.db
    size=$(wc -c <picks.csv)
    add picks.csv in
    cp picks.csv wanted.csv
    cp before.db hub.db && rm -f hub.db-wal hub.db-shm
    head -c $((size + 25)) wanted.csv >picks.csv
    n=0
    while read -r line; do
        id=$(jq -r .id <<<"$line") n=$((n + 1))
        sqlite3 hub.db "INSERT OR IGNORE INTO record (revision, name, entity, source) SELECT 0, '$id', entity.id, source.id FROM entity, source;
            INSERT INTO pending (target, record, part, op, version, n, batch, step, kept, line, at) SELECT target.id, record.id, 0, 'create',
            x'$(jq -r .version <<<"$line")', 1, 1, $((n == 1)), CASE $n WHEN 1 THEN '$size' END, '$line', 0 FROM target, record WHERE record.name = '$id'"
    done <in
    add picks.csv in
    has 0
    same "$(<wanted.csv)" "$(<picks.csv)"
    same 0 "$(sqlite3 hub.db 'SELECT count(*) FROM pending')"
}

@test "-n and --settle add nothing; what it is not for is refused" {
    row 1 A >in
    add --settle picks.csv in
    add picks.csv in
    same '1 unchanged' "$(states)"
    add -n picks.csv <(row 2 B)
    has 0
    [[ $stderr == *'would create 1'* ]]
    run ! test -s picks.csv
    for target in folder/ picks.json hub: sqlite:x.db; do
        add "$target" in
        has 2
    done
    HUB_DB='' add picks.csv in
    has 2
    [[ $stderr == *'name it by -d or HUB_DB'* ]]
}
