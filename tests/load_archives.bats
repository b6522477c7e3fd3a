#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# hub-load into archives: a snapshot with a member for each stream or entity.

load common

# native STREAM ID DATA
native() {
    printf '{"data":%s,"entity":"pick","id":"%s","source":"wh","stream":"wh:%s","version":"v%s"}\n' "$3" "$2" "$1" "$2"
}

setup() {
    common_setup
    export HUB_PATH=$PWD/pipelines
    native orders 1 '{"n":1}' >in
    native lines 2 '{"sku":"A","n":"=1+1"}' >>in
    native orders 3 '{"n":2}' >>in
}

# members FILE: the names and what they hold
members() {
    python3 - "$1" <<'END'
import sys, tarfile, zipfile
name = sys.argv[1]
if name.endswith(".zip"):
    with zipfile.ZipFile(name) as z:
        assert z.testzip() is None
        for m in z.infolist():
            print(m.filename, m.date_time[0], z.read(m).decode().replace("\n", "|"))
else:
    with tarfile.open(name) as t:
        for m in t:
            print(m.name, m.mtime, m.uid, m.uname, oct(m.mode), t.extractfile(m).read().decode().replace("\n", "|"))
END
}

@test "zip, tar and tar.gz: a member for each stream, in the order of their names" {
    for kind in zip tar tar.gz tgz; do
        run --separate-stderr hub-load "out.$kind" in
        has 0
        same "applied applied applied" "$(jq -r .status <<<"$output" | xargs)"
    done
    same $'lines.csv 1980 sku,n|A,=1+1|\norders.csv 1980 n|1|2|' "$(members out.zip)"
    same $'lines.csv 0 0  0o644 sku,n|A,=1+1|\norders.csv 0 0  0o644 n|1|2|' "$(members out.tar)"
    same "$(members out.tar)" "$(members out.tar.gz)"
    cmp out.tar.gz out.tgz
}

@test "tar.zst" {
    hub-load out.tar.zst in >/dev/null
    zstd -q -d out.tar.zst -o out.tar
    same "lines.csv orders.csv" "$(members out.tar | cut -d' ' -f1 | xargs)"
}

@test "the same input gives the same bytes, wherever and whenever; the file is not touched" {
    for kind in zip tar.gz; do
        hub-load "out.$kind" in >/dev/null
        TZ=Asia/Tokyo hub-load "other.$kind" in >/dev/null
        cmp "out.$kind" "other.$kind"
        touch -d 2001-01-01 "out.$kind"
        run --separate-stderr hub-load "out.$kind" in
        same "unchanged unchanged unchanged" "$(jq -r .status <<<"$output" | xargs)"
        same 2001 "$(date -r "out.$kind" +%Y)"
    done
}

@test "what is written reads back" {
    hub-load -f ndjson out.zip in >/dev/null
    run --separate-stderr hub-extract -m 'orders.ndjson' out.zip
    has 0
    same $'{"n":1}\n{"n":2}' "$(jq -c .data <<<"$output")"
}

@test "-f, -T and --safe-cells are of the members; canonical records go by their entity" {
    hub-load -f ndjson out.tar in >/dev/null
    same "lines.ndjson orders.ndjson" "$(members out.tar | cut -d' ' -f1 | xargs)"
    hub-load --safe-cells out.tar in >/dev/null
    [[ $(members out.tar) == *"A,'=1+1"* ]]
    printf '{{.n}}\n' >n.txt
    HUB_PATH=$ROOT/pipelines hub-load -T n.txt out.tar in >/dev/null
    same $'lines.txt =1+1|\norders.txt 1|2|' "$(members out.tar | cut -d' ' -f1,6)"
    echo '{"data":{"a":"1"},"entity":"order","id":"1","source":"s","v":1}' >canonical
    hub-load -f ndjson out.tar canonical >/dev/null
    same order.ndjson "$(members out.tar | cut -d' ' -f1)"
}

@test "two streams that would be one member are refused by name" {
    echo '{"data":{"n":1},"source":"b","stream":"shop:orders"}' >>in
    run --separate-stderr hub-load out.zip in
    has 2
    [[ $stderr == *'both "wh:orders" and "shop:orders" would be the member orders.csv'* ]]
    [ ! -e out.zip ]
}

@test "no name of a stream leads out of the archive" {
    native '../../x' 1 '{"n":1}' >in
    hub-load out.tar in >/dev/null
    same "%2E%2E%2F%2E%2E%2Fx.csv" "$(members out.tar | cut -d' ' -f1)"
}

@test "an input that was cut off leaves the archive as it was; -n touches nothing" {
    hub-load out.zip in >/dev/null
    cp out.zip before
    native orders 9 '{"n":9}' >>in
    run --separate-stderr hub-load --marks out.zip in
    has 2
    cmp out.zip before
    run --separate-stderr hub-load -n out.zip in
    has 0
    same "hub-load: out.zip would be replaced; records: 4" "$stderr"
    cmp out.zip before
    same "" "$(find . -name '*.part')"
}

@test "a full disk" {
    [ -w /dev/full ] || skip "no /dev/full"
    run --separate-stderr hub-load -f csv /dev/full in
    has 2
    mkdir dir
    ln -s /dev/full dir/out.zip
    run --separate-stderr hub-load dir/out.zip in
    has 2
    [[ $stderr == *"an archive is written to a file"* ]]
}

@test "no records: an archive without members" {
    hub-load out.zip /dev/null
    same "" "$(members out.zip)"
    hub-load out.tar /dev/null
    same "" "$(members out.tar)"
}
