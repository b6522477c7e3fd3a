#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # inner shells expand; bats sets stderr and the like
# hub-extract of tables as people have them: encodings, delimiters, what stands before and behind, wide ones.

load common

setup() {
    common_setup
}

# data [ARG...]: the lines and the data of the records that hub-extract gives of standard input as csv.
data() {
    hub-extract -f csv "$@" - 2>/dev/null | sed -E 's/^\{"data":(.*),"from":"[^"]*:([0-9]+)".*$/\2 \1/'
}

# ends_with MESSAGE [ARG...]: hub-extract of standard input as csv ends with status 2 and this message.
ends_with() {
    local message=$1
    shift
    run --separate-stderr hub-extract -f csv "$@" -
    has 2
    same "hub-extract: $message" "$stderr"
}

# describe WORDS: the stream x:t, with these words of system.json.
describe() {
    export HUB_PATH=pipelines:$ROOT/pipelines
    mkdir -p pipelines/systems/x
    echo '{ "system": "x", "streams": { "t": { "format": "csv", '"$1"' } } }' >pipelines/systems/x/system.json
}

# ---- encodings ----

@test "the same text of any encoding gives the same records" {
    printf 'a,b\r\n1,"Grün\n€"\r\n2,x\r\n' >text
    local wanted=$'2 {"a":"1","b":"Grün\\n€"}\n4 {"a":"2","b":"x"}' name
    for name in UTF-8 utf8 UTF-16LE utf-16be UTF-16 UTF-32 windows-1252 CP1252 ISO-8859-15 UTF-7 GB18030; do
        same "$wanted" "$(iconv -f UTF-8 -t "$name" text | data --encoding "$name")"
    done
}

@test "a byte order mark is dropped, and tells UTF-16 and UTF-32 where no encoding is named" {
    local name
    for name in UTF-8 UTF-16LE UTF-16BE UTF-32LE UTF-32BE; do
        { printf '\xef\xbb\xbf'; printf 'a,b\n1,€\n'; } | iconv -f UTF-8 -t "$name" >text
        same '2 {"a":"1","b":"€"}' "$(data <text)"
        same '2 {"a":"1","b":"€"}' "$(data --encoding "$name" <text)"
    done
    iconv -f UTF-8 -t UTF-16 >text.ndjson <<<'{"a":"€"}'
    run --separate-stderr hub-extract text.ndjson
    has 0
    [[ $output == '{"data":{"a":"€"},'* ]]
}

@test "a file that is not what it claims is refused at the first bad byte, behind what is sound" {
    printf 'a,b\r\n1,x\r\n\xfc2,\x81y\r\n3,z\r\n' >text
    ends_with 'stdin:3: not windows-1252: no character of it begins with the bytes 81 79 0d 0a, at column 4 of the line (byte 13 of the file, from 0)' \
        --encoding windows-1252 -r rejects <text
    same 1 "${#lines[@]}"
    [ ! -s rejects ]
    printf 'a\0,\0b\0\n\0x\0\x3d\xd8' >text
    ends_with 'stdin:2: not UTF-16LE: cut off within a character, at column 2 of the line' --encoding UTF-16LE <text
    printf 'a,b\n1,\xe9\n' >text
    ends_with 'stdin:2: column "b": not UTF-8 (--encoding names another), at byte 1 of the cell' --encoding UTF-8 <text
}

@test "the mark of another encoding, none where the order is not told, a name that is not known" {
    printf '\xef\xbb\xbfa,b\n1,2\n' >text
    ends_with 'stdin:1: not windows-1252: it begins with the byte order mark of UTF-8' --encoding windows-1252 <text
    printf '\xff\xfea\0' >text
    ends_with 'stdin:1: not UTF-16BE: it begins with the byte order mark of UTF-16LE' --encoding UTF-16BE <text
    printf 'a\0' >text
    ends_with 'stdin:1: UTF-16 without a byte order mark: say UTF-16LE or UTF-16BE' --encoding UTF-16 <text
    ends_with 'stdin:1: the name of column 1 has a NUL byte: is it UTF-16? (--encoding UTF-16LE or UTF-16BE)' <text
    printf '\xe9,b\n' >text
    ends_with 'stdin:1: the name of column 1 is not UTF-8: say with --encoding what it is (windows-1252)' <text
    for name in '' klingon ASCII//IGNORE; do
        run --separate-stderr hub-extract -f csv --encoding "$name" - <text
        has 2
        [[ $stderr == "hub-extract: the encoding \"$name\" is not known (iconv -l lists those that are)"* ]]
    done
}

@test "system.json names the encoding; a wrong name is shown where it stands; an option has precedence" {
    describe '"encoding": "windows-1252"'
    printf 'a\n\xe9\n' >t.csv
    same é "$(hub-extract -s x:t t.csv | jq -r .data.a)"
    same щ "$(hub-extract -s x:t --encoding windows-1251 t.csv | jq -r .data.a | sed s/й/щ/)"
    describe '"encoding": "klingon"'
    run --separate-stderr hub-extract -s x:t t.csv
    has 2
    [[ $stderr == *'system.json:1:'*'/streams/t/encoding: the encoding "klingon" is not known'* ]]
}

@test "members of an archive are decoded, each by its own mark" {
    printf 'a\n€\n' | iconv -f UTF-8 -t UTF-16 >one.csv
    printf 'a\nü\n' >two.csv
    zip -q z.zip one.csv two.csv
    same $'€\nü' "$(hub-extract z.zip | jq -r .data.a)"
    same $'ü\nß' "$(printf 'a\n\xfc\n\xdf\n' | gzip | hub-extract -f csv --encoding latin1 - | jq -r .data.a)"
}

@test "what was decoded is seen before more is waited for" {
    mkfifo pipe
    hub-extract -f csv --encoding UTF-16LE pipe >out &
    exec 4>pipe
    printf 'a\0\n\x001\0\n\0\x32' >&4
    for _ in $(seq 50); do
        [ -s out ] && break
        sleep 0.1
    done
    same '{"data":{"a":"1"},"from":"pipe:2","source":"file","stream":"file:pipe"}' "$(cat out)"
    printf '\0\n\0' >&4
    exec 4>&-
    wait
    same 2 "$(wc -l <out)"
}

# ---- delimiters ----

@test "the delimiter of a bare file is guessed by its header and said; a comma goes without saying" {
    local c
    for c in ';' '|' $'\t'; do
        printf 'a%sb%sc\n1,5%s2%s3\n' "$c" "$c" "$c" "$c" >text
        same '2 {"a":"1,5","b":"2","c":"3"}' "$(data <text)"
    done
    run --separate-stderr hub-extract -f csv - <<<$'a;b\n1;2'
    same 'hub-extract: stdin: read with ";" between the cells, by its header (--delimiter names another)' "$stderr"
    run --separate-stderr hub-extract -f csv - <<<$'a\tb\n1\t2'
    same 'hub-extract: stdin: read with a tab between the cells, by its header (--delimiter names another)' "$stderr"
    run --separate-stderr hub-extract -f csv - <<<$'a,b\n1;2,3|4'
    has 0
    same '' "$stderr"
}

@test "of two that stand in the header the row below decides; quotes hide; others are none" {
    same '2 {"a,x":"1","b":"2"}' "$(data <<<$'a,x;b\n1;2')"
    same '2 {"a;x":"1","b":"2"}' "$(data <<<$'a;x,b\n1,2')"
    same '2 {"a;x;y;z":"1","b":"2"}' "$(data <<<$'"a;x;y;z",b\n1,2')"
    same '2 {"a:b":"1:2"}' "$(data <<<$'a:b\n1:2')"
    same '2 {"a":"1;2"}' "$(data <<<$'a\n1;2')"
    run --separate-stderr hub-extract -f csv - <<<$'a;x,b\n1,2'
    same 'hub-extract: stdin: read with "," between the cells, by its header (--delimiter names another)' "$stderr"
}

@test "nothing is guessed where an option or a description speaks, and in tsv" {
    same '2 {"a;b":"1;2"}' "$(data --delimiter , <<<$'a;b\n1;2')"
    same '2 {"a;b":"1;2"}' "$(data -f tsv <<<$'a;b\n1;2')"
    describe '"label": ".a"'
    same '2 {"a;b":"1;2"}' "$(data -s x:t <<<$'a;b\n1;2')"
}

# ---- what stands before and behind ----

@test "a preamble and a footer are passed over; the footer is counted as left out" {
    printf 'Sales report\n"May, 2026"\n\nday,item,total\n1,Mug,5\n2,Total eclipse,7\n,,\n,Total,12\nPrinted by Ann\n\n' >text
    run --separate-stderr hub-extract -v -f csv --skip 2 --footer 'Total*' --footer 'Printed by *' - <text
    has 0
    same 'Mug Total eclipse' "$(jq -r .data.item <<<"$output" | paste -sd ' ')"
    same 'hub-extract: read 5 = taken 2 + refused 0 + left out 3; wrote 2' "$stderr"
    run --separate-stderr hub-extract -f csv --skip 2 - <text
    has 2
    describe '"skip": 2, "footer": [ "Total*", "Printed*" ], "group": "day"'
    same '1 2' "$(hub-extract -s x:t -f csv - <text | jq -r '.data.rows[0].day' | paste -sd ' ')"
}

@test "a row behind a footer ends the run: neither is dropped" {
    ends_with 'stdin:4: a row behind the footer, which begins in line 3' --footer 'Total*' -r rejects <<<$'a,b\n1,2\nTotal lunar,3\n4,5'
    same 1 "${#lines[@]}"
}

@test "a NUL, 10 MB in a cell, no end of the last line, a header alone: in every encoding alike" {
    { printf 'a,b\n1,"'; head -c 10000000 /dev/zero | tr '\0' q; printf '\n"\n2,x\0y\n3,z'; } >text
    local name
    for name in UTF-8 UTF-16LE windows-1252; do
        iconv -f UTF-8 -t $name text | { hub-extract -f csv --encoding $name -r "$name.bad" - || [ $? = 1 ]; } >out
        same $'10000001\n1' "$(jq '.data.b | length' out)"
        same 'stdin:4 column "b": a NUL byte, at byte 2 of the cell' "$(jq -r '.from + " " + .error.message' "$name.bad")"
        same '' "$(iconv -t $name <<<'a,b' | hub-extract -f csv --encoding $name -)"
        ends_with "stdin: empty: a header is due" --encoding $name </dev/null
    done
}

# ---- groups over files ----

@test "a group goes on in the next file of the stream; lines and rejects stay right" {
    describe '"group": "k"'
    printf 'k,v\nA,1\nB,2' >one.csv
    printf 'k,v\nB,3\nC,4\nA,5\n' >two.csv
    run --separate-stderr hub-extract -v -s x:t -r rejects one.csv two.csv
    has 1
    same 'one.csv:2 1
one.csv:3 2,3
two.csv:3 4' "$(jq -r '.from + " " + ([.data.rows[].v] | join(","))' <<<"$output")"
    same 'two.csv:4 A,5' "$(jq -r '.from + " " + .record' rejects | head -n 1)"
    [[ $stderr == *"read 4 = taken 3 + refused 1 + left out 0; wrote 3"* ]]
    rm rejects
    printf 'k,v\nB\nC,4\nD,5\n' >two.csv
    run --separate-stderr hub-extract -s x:t -r rejects one.csv two.csv
    has 1
    same 'A D' "$(jq -r '.data.rows[0].k' <<<"$output" | paste -sd ' ')"
    same $'B,2\nB\nC,4' "$(jq -j .record rejects)"
    same $'two.csv:2\ntwo.csv:2' "$(jq -r .from rejects)"
}

# ---- wide tables ----

stock='SKU,Stock Hamburg,Name,Stock Bremen,Alert Bremen
7,4,Mug,0,2
"8",,"a ""b""",not stocked,
'

@test "--unpivot: one record for each place that the columns name, with all that is said of it" {
    printf %s "$stock" >text
    run --separate-stderr hub-extract -v -f csv --unpivot 'Stock *' --unpivot 'Alert *' - <text
    has 0
    same '{"SKU":"7","Name":"Mug","*":"Hamburg","Stock *":"4"}
{"SKU":"7","Name":"Mug","*":"Bremen","Stock *":"0","Alert *":"2"}
{"SKU":"8","Name":"a \"b\"","*":"Hamburg","Stock *":""}
{"SKU":"8","Name":"a \"b\"","*":"Bremen","Stock *":"not stocked","Alert *":""}' "$(jq -c .data <<<"$output")"
    same '2 2 3 3' "$(jq -r '.from | sub(".*:"; "")' <<<"$output" | paste -sd ' ')"
    same 'hub-extract: read 4 = taken 4 + refused 0 + left out 0; wrote 4' "$stderr"
    same '2 {"*":"a","x*":"1"}'$'\n''2 {"*":"b","x*":"2"}' "$(data --unpivot 'x*' <<<$'xa,xb\n1,2')"
    { echo 'k,x1,x2'; printf 'a,"%s",é\n' "$(head -c 100000 /dev/zero | tr '\0' y)"; } >long
    same $'1 100000 a\n2 1 a' "$(hub-extract -f csv --unpivot 'x*' - <long | jq -r '[.data."*", (.data."x*" | length), .data.k] | join(" ")')"
}

@test "--unpivot: a refused row is one reject; -g folds by what stays" {
    printf 'k,x1,x2\na,1,2\na,3\nb,5,6\n' >text
    run --separate-stderr hub-extract -f csv --unpivot 'x*' -r rejects - <text
    has 1
    same 4 "${#lines[@]}"
    same 'a,3' "$(jq -j .record rejects)"
    same '1 2 3 4' "$(hub-extract -f csv --unpivot 'x*' -g k - <<<$'k,x1,x2\na,1,2\na,3,4' | jq -r '.data.rows[]."x*"' | paste -sd ' ')"
    ends_with 'stdin:1: no column is called "x1", to group by' --unpivot 'x*' -g x1 <text
}

@test "--unpivot: what does not fit the header is said" {
    ends_with 'stdin:1: no column is like "y*", to unpivot' --unpivot 'y*' <<<'k,x1'
    ends_with 'stdin:1: the column "xy" is like two of the patterns to unpivot' --unpivot 'x*' --unpivot '*y' <<<'xy'
    ends_with 'stdin:1: the column 2 is called "*", as --unpivot calls what its names hold' --unpivot 'x*' <<<'xy,*'
    ends_with 'stdin: json has no columns to unpivot' -f json --unpivot 'x*' <<<'{}'
    for p in x 'x**'; do
        run --separate-stderr hub-extract --unpivot "$p" -f csv -
        has 2
        [[ $stderr == *'must have one "*", for what the names of columns differ in'* ]]
    done
}

@test "unpivot in system.json: a label by place, a map reads it, and hub-load does not write such a table" {
    printf %s "$stock" >t.csv
    describe '"unpivot": [ "Stock *", "Alert *" ], "label": ".\"*\""'
    hub-extract -s x:t t.csv >records
    same 'Hamburg Bremen Hamburg Bremen' "$(jq -r .label records | paste -sd ' ')"
    run --separate-stderr hub-load out.csv records
    has 2
    same 'hub-load: "x:t" is read with unpivot, and not written: a row of it is several of its records' "$stderr"
    [ ! -e out.csv ]
    anything level
    echo 'map level <- x:t { id <- "{.SKU}@{."*"}"; place <- ."*"; on_hand <- ."Stock *"; alert <- ."Alert *" }' >map
    same '7@Hamburg {"on_hand":"4","place":"Hamburg"}
7@Bremen {"alert":"2","on_hand":"0","place":"Bremen"}' "$(hub-canon -m map records | jq -r '.id + " " + (.data | tojson)' | head -n 2)"
    describe '"unpivot": [ "Stock" ]'
    run --separate-stderr hub-extract -s x:t t.csv
    has 2
    [[ $stderr == *'/streams/t/unpivot'*'must have one "*"'* ]]
}
