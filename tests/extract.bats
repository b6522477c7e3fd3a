#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # inner shells expand; bats sets stderr and the like
# hub-extract: what is read, what is refused, what ends the run.

load common

setup() {
    common_setup
    printf 'a,b\n1,x\n2,y\n' >plain.csv
    one='{"data":{"a":"1","b":"x"},"from":"plain.csv:2","source":"file","stream":"file:plain"}'
    two='{"data":{"a":"2","b":"y"},"from":"plain.csv:3","source":"file","stream":"file:plain"}'
}

# data [ARG...]: the data of the records that hub-extract gives of standard input, and the lines where they start.
data() {
    hub-extract "$@" | sed -E 's/^\{"data":(.*),"from":"[^"]*:([0-9]+)".*$/\2 \1/'
}

# ends_with MESSAGE [ARG...]: hub-extract ends with status 2 and this message on standard input.
ends_with() {
    local message=$1
    shift
    run --separate-stderr hub-extract "$@"
    has 2
    same "hub-extract: $message" "$stderr"
}

@test "an option that means nothing for a source is refused before anything is read" {
    ends_with '--since is for a stream of an API (CONNECTION:STREAM)' --since 2026-01-01 plain.csv
    ends_with '--for is for what the hub holds (hub:ENTITY)' --for books plain.csv
    ends_with '--delimiter is for a folder of files (FOLDER/), files' --delimiter ';' hub:order
    ends_with 'what the hub holds (hub:ENTITY) is read alone' plain.csv hub:order
}

# ---- the envelope ----

@test "a record has data, from, source and stream" {
    run --separate-stderr hub-extract plain.csv
    has 0
    same "$one"$'\n'"$two" "$output"
    same "" "$stderr"
}

@test "from is the last component, the stream the name up to its first dot" {
    mkdir -p deep/er
    cp plain.csv deep/er/orders.v2.csv
    run --separate-stderr hub-extract deep/er/orders.v2.csv
    has 0
    same '{"data":{"a":"1","b":"x"},"from":"orders.v2.csv:2","source":"file","stream":"file:orders"}' "${lines[0]}"
}

@test "standard input has the name stdin" {
    run --separate-stderr hub-extract -f csv <plain.csv
    has 0
    same '{"data":{"a":"1","b":"x"},"from":"stdin:2","source":"file","stream":"file:stdin"}' "${lines[0]}"
}

@test "several sources, in their order" {
    run --separate-stderr hub-extract -f csv plain.csv - plain.csv <<<$'a\n9'
    has 0
    same 5 "${#lines[@]}"
    same '{"data":{"a":"9"},"from":"stdin:2","source":"file","stream":"file:stdin"}' "${lines[2]}"
}

# ---- formats ----

@test "the format is told by the suffix, in any case" {
    cp plain.csv UPPER.CSV
    printf 'a\tb\n1\t"x\ty"\n' >t.tsv
    printf '{"a":1}\n' >n.jsonl
    printf '[{"a":2}]' >j.json
    same '{"a":"1","b":"x"}' "$(data UPPER.CSV | head -1 | cut -d' ' -f2)"
    same '2 {"a":"1","b":"x\ty"}' "$(data t.tsv)"
    same '1 {"a":1}'$'\n''1 {"a":2}' "$(data n.jsonl j.json)"
}

@test "a name without a suffix needs -f" {
    cp plain.csv plain
    ends_with "plain: its name does not tell the format: say it with -f (csv, tsv, ndjson, json, singer, airbyte)" plain
}

@test "an unknown format is wrong usage" {
    run --separate-stderr hub-extract -f xml plain.csv
    has 2
}

# ---- csv ----

@test "values stay text as it is" {
    same '2 {"n":"00123","d":"1.50","s":" x ","e":"","u":"Žluťoučký 🐎"}' \
        "$(printf 'n,d,s,e,u\n00123,1.50, x ,,Žluťoučký 🐎\n' | data -f csv)"
}

@test "quotes, delimiters, escapes and control characters in cells" {
    same '2 {"a":"x \"y\" z","b":"1,2","c":"back\\slash","d":"tab\there\u0001"}' \
        "$(printf 'a,b,c,d\n"x ""y"" z","1,2",back\\slash,tab\there\x01\n' | data -f csv)"
}

@test "the line is that where the row starts: newlines in quotes, blank lines, CRLF" {
    same '2 {"a":"1","b":"x\r\ny"}'$'\n''5 {"a":"2","b":"z"}'$'\n''6 {"a":"3","b":"w"}' \
        "$(printf 'a,b\r\n1,"x\r\ny"\r\n\r\n2,z\r\n3,w' | data -f csv)"
}

@test "lines that end with CR alone" {
    same '2 {"a":"1","b":"x\ry"}'$'\n''4 {"a":"2","b":"z"}' "$(printf 'a,b\r1,"x\ry"\r2,z\r' | data -f csv)"
}

@test "a byte order mark is dropped" {
    same '2 {"a":"1"}' "$(printf '\xef\xbb\xbfa\n1\n' | data -f csv)"
}

@test "an empty line is a row only in a table of one column" {
    same '2 {"a":"1"}'$'\n''3 {"a":""}'$'\n''4 {"a":"2"}' "$(printf 'a\n1\n\n2\n' | data -f csv)"
}

@test "a header alone gives no records" {
    run --separate-stderr hub-extract -f csv <<<'a,b'
    has 0
    same "" "$output$stderr"
}

@test "an empty file has no header" {
    ends_with "stdin: empty: a header is due" -f csv </dev/null
}

@test "two columns with one name" {
    ends_with 'stdin:1: the columns 1 and 3 have one name: "a"' -f csv <<<'a,b,a'
}

@test "a column without a name" {
    ends_with 'stdin:1: the column 2 has no name' -f csv <<<'a,,c'
}

@test "blank columns at the end are dropped, and refuse a row with a value there" {
    printf 'a,b,,\n1,2,,\n3,4,x,\n' >blank.csv
    run --separate-stderr hub-extract -r rejects blank.csv
    has 1
    same '{"data":{"a":"1","b":"2"},"from":"blank.csv:2","source":"file","stream":"file:blank"}' "$output"
    same '{"error":{"code":"csv","message":"column 3 has no name, but a value: \"x\""},"from":"blank.csv:3","record":"3,4,x,\n","tool":"hub-extract"}' \
        "$(cat rejects)"
}

@test "ragged rows are refused with their line, and the first one ends the run without -r" {
    printf 'a,b\n1,"x\ny"\n2\n3,4,5\n6,7\n' >ragged.csv
    ends_with "ragged.csv:4: 1 cells, where the header has 2" ragged.csv
    same 1 "${#lines[@]}"
    run --separate-stderr hub-extract -r rejects -v ragged.csv
    has 1
    same 2 "${#lines[@]}"
    [[ $stderr == *"read 4 = taken 2 + refused 2 + left out 0; wrote 2"* ]]
    same $'2\n3,4,5' "$(jq -j .record rejects)"
}

@test "bytes that are not UTF-8 refuse the row, with column and offset" {
    printf 'a,b\n1,caf\xe9\n2,"q""\xff"\n3,ok\n' >latin.csv
    run --separate-stderr hub-extract -r rejects latin.csv
    has 1
    same '{"data":{"a":"3","b":"ok"},"from":"latin.csv:4","source":"file","stream":"file:latin"}' "$output"
    same 'column "b": not UTF-8 (--encoding names another), at byte 4 of the cell'$'\n''column "b": not UTF-8 (--encoding names another), at byte 3 of the cell' \
        "$(jq -r .error.message rejects)"
    same 'MSxjYWbpCg==' "$(jq -r .record rejects | head -1)"
}

@test "a NUL byte refuses the row" {
    printf 'a,b\n1,x\0y\n2,z\n' >nul.csv
    run --separate-stderr hub-extract -r rejects nul.csv
    has 1
    same 1 "${#lines[@]}"
    same 'column "b": a NUL byte, at byte 2 of the cell' "$(jq -r .error.message rejects)"
}

@test "a quote where none may stand ends the run, even with -r" {
    printf 'a,b\n1,x\n2,y"z\n3,w\n' >quote.csv
    ends_with "quote.csv:3: a quote where none may stand, at byte 4 of the line (its row starts in line 3)" -r rejects quote.csv
    same 1 "${#lines[@]}"
    printf 'a,b\n1,"x\ny" z\n' >quote.csv
    ends_with "quote.csv:3: a quote where none may stand, at byte 3 of the line (its row starts in line 2)" quote.csv
}

@test "a quote that is never closed ends the run" {
    printf 'a,b\n1,x\n2,"y\nz\n' >open.csv
    ends_with "open.csv:3: a quote in the row that starts here is never closed" open.csv
}

@test "--skip and --delimiter" {
    same '3 {"a":"1,5","b":"x"}' "$(printf 'Report, "of today\nby "us"\na;b\n1,5;x\n' | data -f csv --skip 2 --delimiter ';' | sed 's/^4/3/')"
    run --separate-stderr hub-extract --delimiter '"' plain.csv
    has 2
    run --separate-stderr hub-extract --delimiter ',,' plain.csv
    has 2
    run --separate-stderr hub-extract --skip -1 plain.csv
    has 2
}

@test "a long cell passes" {
    { printf 'a,b\n1,"'; head -c 3000000 /dev/zero | tr '\0' q; printf '"\n'; } >long.csv
    same 3000000 "$(hub-extract long.csv | jq -r '.data.b | length')"
}

# ---- groups ----

@test "-g folds rows, an unreadable row refuses both sides, a key that comes back is refused" {
    printf 'k,v\nA,1\nA,2\nB,3\nC\nB,4\nD,5\nA,6\nE,7\n' >g.csv
    run --separate-stderr hub-extract -g k -r rejects -v g.csv
    has 1
    same '{"data":{"rows":[{"k":"A","v":"1"},{"k":"A","v":"2"}]},"from":"g.csv:2","source":"file","stream":"file:g"}' "${lines[0]}"
    same '{"data":{"rows":[{"k":"D","v":"5"}]},"from":"g.csv:7","source":"file","stream":"file:g"}' "${lines[1]}"
    same '{"data":{"rows":[{"k":"E","v":"7"}]},"from":"g.csv:9","source":"file","stream":"file:g"}' "${lines[2]}"
    same $'B,3\nC\nB,4\nA,6' "$(jq -j .record rejects)"
    same $'g.csv:5\ng.csv:5\ng.csv:8' "$(jq -r .from rejects)"
    [[ $stderr == *"read 6 = taken 3 + refused 3"* ]]
}

@test "an empty key refuses the groups on both sides" {
    printf 'k,v\nA,1\n,2\nB,3\nC,4\n' >g.csv
    run --separate-stderr hub-extract -g k -r rejects g.csv
    has 1
    same 1 "${#lines[@]}"
    same $'A,1\n,2\nB,3' "$(jq -j .record rejects)"
}

@test "-g with a column that is not there, and on what has no columns" {
    ends_with 'plain.csv:1: no column is called "z", to group by' -g z plain.csv
    printf '{}\n' >n.ndjson
    ends_with 'n.ndjson: ndjson has no columns to group by' -g z n.ndjson
}

@test "-M is a limit on the keys" {
    { echo k; seq 100000; } >many.csv
    run --separate-stderr hub-extract -g k -M 1M many.csv
    has 2
    [[ $stderr == *"allow more with -M" ]]
    hub-extract -g k -M 16M many.csv >out
    same 100000 "$(wc -l <out)"
    run --separate-stderr hub-extract -M much plain.csv
    has 2
}

# ---- ndjson and json ----

@test "ndjson: objects as they are spelled, without white space" {
    run --separate-stderr hub-extract -f ndjson -r rejects <<<$'{"b": 1.50, "a": "\\u00e9", "stream":"x"}\n\n[1]\n{"a":1,"a":2}\n{"a":"\\ud800"}\n{bad'
    has 1
    same '{"data":{"b":1.50,"a":"\u00e9","stream":"x"},"from":"stdin:1","source":"file","stream":"file:stdin"}' "$output"
    same $'stdin:3\nstdin:4\nstdin:5\nstdin:6' "$(grep -o '"from":"[^"]*"' rejects | cut -d'"' -f4)"
}

@test "json: the list that the pointer names, with lines" {
    printf '{"x":{"rows":[\n{"a":1},\n {"a": 2 }\n]}}' >j.json
    same '2 {"a":1}'$'\n''3 {"a":2}' "$(data --records /x/rows j.json)"
    same '1 {"x":{"rows":[{"a":1},{"a":2}]}}' "$(data j.json)"
    same '3 {"a":2}' "$(data --records /x/rows/1 j.json)"
    ends_with 'j.json:1: there is nothing at "/y"' --records /y j.json
    ends_with 'stdin:1: neither a list nor an object at "/x", at byte 5' -f json --records /x <<<'{"x":7}'
    ends_with 'stdin:1: the text ends where a value is due, at byte 0' -f json </dev/null
}

@test "json: texts one behind the other" {
    same $'1 {"a":1}\n1 {"a":2}\n2 {"a":3}' "$(printf '[{"a":1}][] {"a":2}\n{"a":3}' | data -f json)"
    same $'1 {"a":1}\n2 {"a":2}' "$(printf '{"d":[{"a":1}]}\n{"n":9,"d":[{"a":2}]}' | data -f json --records /d)"
}

@test "json: a bad item is refused with its offset, and the others are given" {
    printf '[{"a":1},\n{"a":NaN},\n{"a":01},7,{"a":1,"a":2},{"a":"\xff"},{"a":[1,]},{"a":2}]' >bad.json
    run --separate-stderr hub-extract -v -r rejects bad.json
    has 1
    same '{"data":{"a":1},"from":"bad.json:1","source":"file","stream":"file:bad"}' "${lines[0]}"
    same '{"data":{"a":2},"from":"bad.json:3","source":"file","stream":"file:bad"}' "${lines[1]}"
    [[ $stderr == *"read 8 = taken 2 + refused 6 + left out 0; wrote 2"* ]]
    same 'bad.json:2 a value is due, at byte 15' "$(jq -r '.from + " " + .error.message' rejects | head -1)"
    same '{"a":NaN}' "$(jq -r .record rejects | head -1)"
    ends_with 'bad.json:2: a value is due, at byte 15' bad.json
}

@test "json: where it is not sure where a bad item ends, the run ends" {
    ends_with 'stdin:2: "," or "}" is due, at byte 20' -f json -r rejects < <(printf '[{"a":1},\n{"a":"x, "b":2},{"a":3}]')
    same 1 "${#lines[@]}"
    ends_with 'stdin:1: a key is due, at byte 14' -f json -r rejects <<<'[{"a":{"b":1},{"a":3}]'
    ends_with 'stdin:1: "," or "]" is due, at byte 9' -f json -r rejects <<<'[{"a":1} {"a":3}]'
    [ ! -s rejects ]
}

@test "json: what was cut off ends the run, even with -r" {
    local text='{"n":[1],"d":[{"a":1},{"a":"é"}]}' i
    for i in $(seq 1 $((${#text}))); do
        run --separate-stderr hub-extract -f json --records /d -r rejects < <(printf %s "$text" | head -c "$i")
        has 2
    done
    run --separate-stderr hub-extract -f json --records /d <<<"$text"
    has 0
}

@test "json: a path that stands twice" {
    ends_with 'stdin:1: the key "d" stands twice in one object, before byte 18' -f json --records /d <<<'{"d":[{"a":1}],"d":[{"a":2}]}'
}

@test "json: an item beyond the limit is refused, what stands beside the list may be of any size" {
    python3 - >big.json <<'END'
print('{"beside":[' + ",".join('"%s"' % ("b" * 1000000) for _ in range(3)) + '],"d":[{"a":1},{"a":"' + "x" * (65 << 20) + '"},{"a":2}]}')
END
    run --separate-stderr hub-extract --records /d -r rejects big.json
    has 1
    same $'{"a":1}\n{"a":2}' "$(jq -c .data <<<"$output")"
    same 'an item of more than 64 MiB, at byte 3000034' "$(jq -r .error.message rejects)"
}

# ---- archives ----

@test "gzip, zstd, xz and bzip2 are told by content" {
    gzip -k plain.csv
    zstd -q plain.csv
    xz -k plain.csv
    bzip2 -k plain.csv
    for f in plain.csv.*; do
        same '{"a":"1","b":"x"}'$'\n''{"a":"2","b":"y"}' "$(data "$f" | cut -d' ' -f2)"
        cp "$f" misnamed.csv
        same '{"a":"1","b":"x"}' "$(data misnamed.csv | head -1 | cut -d' ' -f2)"
        same '{"a":"1","b":"x"}' "$(data -f csv - <"$f" | head -1 | cut -d' ' -f2)"
    done
}

@test "a name that says gz is not believed" {
    cp plain.csv plain.csv.gz
    same '{"a":"1","b":"x"}' "$(data plain.csv.gz | head -1 | cut -d' ' -f2)"
}

@test "zip: members, by name, also from a pipe" {
    cp plain.csv other.csv
    mkdir __MACOSX
    cp plain.csv __MACOSX/._plain.csv
    zip -q z.zip plain.csv other.csv __MACOSX/._plain.csv
    run --separate-stderr hub-extract z.zip
    has 0
    same 4 "${#lines[@]}"
    same '{"data":{"a":"1","b":"x"},"from":"z.zip/plain.csv:2","source":"file","stream":"file:plain"}' "${lines[0]}"
    run --separate-stderr bash -c 'cat z.zip | hub-extract -m "o*" -'
    has 0
    same 2 "${#lines[@]}"
    same '{"data":{"a":"1","b":"x"},"from":"stdin/other.csv:2","source":"file","stream":"file:other"}' "${lines[0]}"
    ends_with 'z.zip: no member is like "*.tsv"' -m '*.tsv' z.zip
}

@test "a member whose name does not tell the format" {
    echo hello >README
    zip -q z.zip plain.csv README
    run --separate-stderr hub-extract z.zip
    has 2
    [[ $stderr == "hub-extract: z.zip/README: its name does not tell the format"* ]]
    same 2 "$(data -m '*.csv' z.zip | wc -l)"
}

@test "tar, packed and not" {
    mkdir -p d
    cp plain.csv d
    tar -cf t.tar d
    tar -czf t.tar.gz d
    tar --zstd -cf t.tar.zst d
    for f in t.tar t.tar.gz t.tar.zst; do
        run --separate-stderr hub-extract "$f"
        has 0
        same '{"data":{"a":"1","b":"x"},"from":"'"$f"'/d/plain.csv:2","source":"file","stream":"file:plain"}' "${lines[0]}"
    done
}

@test "a tar that was cut off between two members is no whole one" {
    mkdir -p d
    cp plain.csv d/a.csv
    cp plain.csv d/b.csv
    tar -cf t.tar d/a.csv d/b.csv
    head -c 1024 t.tar >cut.tar
    gzip -k cut.tar
    for f in cut.tar cut.tar.gz; do
        run --separate-stderr hub-extract "$f"
        has 2
        same "hub-extract: $f: cut off: it ends without the end of a tar" "$stderr"
    done
    run --separate-stderr hub-extract -m '*/b.csv' t.tar
    has 0
}

@test "a path in an archive never reaches the file system" {
    python3 -c '
import zipfile
with zipfile.ZipFile("evil.zip", "w") as z:
    z.writestr("../../evil.csv", "a\n1\n")
    z.writestr("/tmp/evil-absolute.csv", "a\n2\n")'
    run --separate-stderr hub-extract evil.zip
    has 0
    same '{"data":{"a":"1"},"from":"evil.zip/../../evil.csv:2","source":"file","stream":"file:evil"}' "${lines[0]}"
    [ ! -e ../../evil.csv ] && [ ! -e /tmp/evil-absolute.csv ]
}

@test "an archive that is cut off or damaged" {
    { echo a,b; seq -f '%.0f,x' 20000; } >big.csv
    gzip -k big.csv
    head -c 20000 big.csv.gz >cut.csv.gz
    run --separate-stderr hub-extract cut.csv.gz
    has 2
    [[ $stderr == "hub-extract: cut.csv.gz: cannot unpack: "* ]]
    zip -q big.zip big.csv
    head -c 20000 big.zip >cut.zip
    run --separate-stderr hub-extract cut.zip
    has 2
    [[ $stderr == "hub-extract: cut.zip: cannot unpack: "* ]]
}

@test "an encrypted member is refused by name, when it is wanted" {
    cp plain.csv secret.csv
    zip -q z.zip plain.csv
    zip -q -P pass z.zip secret.csv
    ends_with 'z.zip: the member "secret.csv" is encrypted' z.zip
    same 2 "$(data -m plain.csv z.zip | wc -l)"
}

@test "a gzip whose sum or length at the end is wrong, that is cut off, or has something behind it, is no whole one" {
    gzip -k plain.csv
    cat plain.csv.gz plain.csv.gz <(head -c 1000 /dev/zero) >two.csv.gz
    same 5 "$(data two.csv.gz | wc -l)"
    python3 - <<'END'
data = bytearray(open("plain.csv.gz", "rb").read())
for name, at in (("sum", -8), ("length", -4)):
    bad = bytearray(data)
    bad[at] ^= 1
    open(name + ".csv.gz", "wb").write(bad)
open("cut.csv.gz", "wb").write(data[:-3])
open("more.csv.gz", "wb").write(data + b"x")
open("padded.csv.gz", "wb").write(data + b"\0x")
END
    ends_with 'sum.csv.gz: cannot unpack: incorrect data check' sum.csv.gz
    ends_with 'length.csv.gz: cannot unpack: incorrect length check' length.csv.gz
    ends_with 'cut.csv.gz: cannot unpack: cut off' cut.csv.gz
    ends_with 'more.csv.gz: cannot unpack: something else stands behind its end' more.csv.gz
    ends_with 'padded.csv.gz: cannot unpack: something else stands behind its end' padded.csv.gz
    zip -q z.zip sum.csv.gz
    ends_with 'z.zip/sum.csv.gz: cannot unpack: incorrect data check' z.zip
    for tool in zstd xz bzip2; do
        "$tool" -qc plain.csv | head -c -3 >cut.csv
        run --separate-stderr hub-extract cut.csv
        has 2
        [[ $stderr == "hub-extract: cut.csv: cannot unpack: "* ]]
    done
}

@test "archives and compressed files in each other: members by name, also from a pipe" {
    gzip -k plain.csv
    mkdir d
    cp plain.csv.gz d
    cp plain.csv d/other.csv
    tar -czf d.tgz d
    zip -q inner.zip plain.csv
    zip -q -0 z.zip plain.csv.gz d.tgz inner.zip
    run --separate-stderr bash -c 'cat z.zip | hub-extract -'
    has 0
    same 'stdin/d.tgz/d/other.csv:2
stdin/d.tgz/d/plain.csv.gz:2
stdin/inner.zip/plain.csv:2
stdin/plain.csv.gz:2' "$(jq -r .from <<<"$output" | grep ':2$' | sort)"
    same "file:other file:plain" "$(jq -r .stream <<<"$output" | sort -u | paste -sd' ')"
    from() { hub-extract "$@" z.zip | jq -r .from | grep ':2$' | sort | paste -sd' '; }
    same 'z.zip/d.tgz/d/other.csv:2' "$(from -m 'o*.csv')"
    same 'z.zip/d.tgz/d/plain.csv.gz:2 z.zip/inner.zip/plain.csv:2 z.zip/plain.csv.gz:2' "$(from -m 'plain.csv')"
    same 'z.zip/inner.zip/plain.csv:2' "$(from -m 'inner.zip')"
    ends_with 'z.zip: no member is like "*.tsv"' -m '*.tsv' z.zip
}

@test "seven archives in each other are read, and more refused" {
    cp plain.csv 0.csv
    zip -q 1.zip 0.csv
    for i in {1..8}; do zip -q "$((i + 1)).zip" "$i.zip"; done
    same 2 "$(hub-extract 8.zip | wc -l)"
    run --separate-stderr hub-extract 9.zip
    has 2
    [[ $stderr == *"more than 8 deep" ]]
}

@test "7z: members, also from a pipe; encrypted ones, and those whose names are" {
    7zz a -bso0 s.7z plain.csv
    same 'stdin/plain.csv:2' "$(hub-extract - <s.7z | head -1 | jq -r .from)"
    7zz a -bso0 -psecret e.7z plain.csv
    run --separate-stderr hub-extract e.7z
    has 2
    same 'hub-extract: e.7z: the member "plain.csv" is encrypted' "$stderr"
    7zz a -bso0 -psecret -mhe=on h.7z plain.csv
    run --separate-stderr hub-extract h.7z
    has 2
    [[ $stderr == "hub-extract: h.7z: "*ncrypt* ]]
}

@test "a bomb is stopped, also where it lies in an archive" {
    { echo a; yes x | head -c 30000000; } | gzip -9 >bomb.csv.gz
    run --separate-stderr bash -c 'hub-extract bomb.csv.gz >/dev/null'
    has 2
    same "hub-extract: bomb.csv.gz: unpacks to more than 200 times its size: not read further; where that is meant, unpack it first" "$stderr"
    zip -q -9 outer.zip bomb.csv.gz
    run --separate-stderr bash -c 'hub-extract - <outer.zip >/dev/null'
    has 2
    [[ $stderr == "hub-extract: stdin/bomb.csv.gz: unpacks to more than 200 times"* ]]
    # Each is small beside what it unpacks to, and all together are too much.
    head -c 4000000 /dev/zero | tr '\0' a | sed 's/^/a\n/' >one.csv
    for i in {1..6}; do cp one.csv "$i.csv"; zip -q -9 "$i.zip" "$i.csv"; done
    zip -q -9 all.zip {1..6}.zip
    run --separate-stderr bash -c 'hub-extract all.zip >/dev/null'
    has 2
    [[ $stderr == *"unpacks to more than 200 times"* ]]
}

# ---- system.json ----

described() {
    mkdir -p pipelines/systems/shop
    cat >pipelines/systems/shop/system.json <<'END'
{ "system": "shop", "streams": {
    "orders": { "format": "csv", "group": "Name", "id": ".rows[0].Id", "label": ".rows[0].Name" },
    "items": { "format": "csv", "delimiter": ";", "skip": 1, "id": ".Id" } } }
END
}

@test "-s: format, group, id and label as described" {
    described
    printf 'Name,Id,x\n#1,11,a\n#1,,b\n#2,22,c\n' >orders.txt
    run --separate-stderr hub-extract -s shop:orders orders.txt
    has 0
    same '{"data":{"rows":[{"Name":"#1","Id":"11","x":"a"},{"Name":"#1","Id":"","x":"b"}]},"from":"orders.txt:2","id":"11","label":"#1","source":"shop","stream":"shop:orders"}' "${lines[0]}"
    run --separate-stderr hub-extract -s shop:items <<<$'Export\nId;v\n7;x'
    has 0
    same '{"data":{"Id":"7","v":"x"},"from":"stdin:3","id":"7","source":"shop","stream":"shop:items"}' "$output"
}

@test "a group goes on in the next file of the same stream" {
    described
    printf 'Name,Id\n#1,11\n#2,22\n' >1.csv
    printf 'Id,Name\n,#2\n33,#3' >2.csv
    run --separate-stderr hub-extract -s shop:orders --marks 1.csv 2.csv
    has 0
    same 4 "${#lines[@]}"
    same '{"data":{"rows":[{"Name":"#2","Id":"22"},{"Id":"","Name":"#2"}]},"from":"1.csv:3","id":"22","label":"#2","source":"shop","stream":"shop:orders"}' "${lines[1]}"
    same '{"end":true,"n":3,"source":"shop","stream":"shop:orders"}' "${lines[3]}"
}

@test "an unknown stream is told with those there are" {
    described
    run --separate-stderr hub-extract -s shop:nothing plain.csv
    has 2
    [[ $stderr == *'no stream "nothing"; there are: items, orders'* ]]
}

# ---- marks ----

@test "marks: one a stream, the last one says it is the end" {
    cp plain.csv other.csv
    run --separate-stderr hub-extract --marks plain.csv other.csv
    has 0
    same '{"n":2,"source":"file","stream":"file:plain"}' "${lines[2]}"
    same '{"end":true,"n":2,"source":"file","stream":"file:other"}' "${lines[5]}"
    HUB_DB=$PWD/hub.db run --separate-stderr hub-extract plain.csv
    same '{"end":true,"n":2,"source":"file","stream":"file:plain"}' "${lines[2]}"
}

@test "no end mark where the run ended before its time" {
    run --separate-stderr hub-extract --marks plain.csv nowhere.csv
    has 2
    [[ $output != *'"end":true'* ]]
}

# ---- ends ----

@test "a missing file, a directory, a full disk, a reader that is gone" {
    ends_with "nowhere.csv: cannot open: No such file or directory" nowhere.csv
    mkdir folder
    ends_with "folder: cannot read: Is a directory" folder
    run --separate-stderr bash -c 'hub-extract plain.csv >/dev/full'
    has 2
    same "hub-extract: stdout: cannot write: No space left on device" "$stderr"
    { echo a; seq 1000000; } >big.csv
    run --separate-stderr bash -c 'hub-extract big.csv | head -1 >/dev/null; exit ${PIPESTATUS[0]}'
    has 141
    same "" "$stderr"
}

@test "the file for rejects is no source" {
    ends_with "plain.csv: is also the file for rejects: rename it first" -r plain.csv plain.csv
}

@test "what was read is seen before more is waited for" {
    mkfifo pipe
    hub-extract -f csv pipe >out &
    exec 4>pipe
    printf 'a,b\n1,x\n' >&4
    for _ in $(seq 50); do
        [ -s out ] && break
        sleep 0.1
    done
    same '{"data":{"a":"1","b":"x"},"from":"pipe:2","source":"file","stream":"file:pipe"}' "$(cat out)"
    printf '2,y\n' >&4
    exec 4>&-
    wait
    same 2 "$(wc -l <out)"
}

@test "names of members keep their letters; texts that look like archives are texts" {
    python3 -c 'import zipfile; z = zipfile.ZipFile("u.zip", "w"); z.writestr("M\u00e4rz.csv", "a,b\n1,2\n"); z.close()'
    run --separate-stderr hub-extract u.zip
    has 0
    [[ $output == *'"from":"u.zip/März.csv:2"'* ]]
    printf 'BZh,y\n1,2\n' >b.csv
    run --separate-stderr hub-extract b.csv
    has 0
    [[ $output == *'"BZh":"1"'* ]]
    python3 -c 'print("a" * 257 + "ustard,b\n" + "1" * 400 + ",2")' >m.csv
    run --separate-stderr hub-extract m.csv
    has 0
}
