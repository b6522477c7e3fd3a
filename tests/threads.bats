#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # inner shells expand; bats sets output and the like
# What is read ahead and written behind on threads of their own comes out as on one: the same bytes, messages and status.

load common

setup() {
    common_setup
    export HUB_PATH=$PWD/contract
    mkdir -p contract/schema
    echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}' >contract/schema/order.json
}

# records N: so many canonical records, of very different lengths; every 100th key of data is escaped
records() {
    awk -v n="$1" 'BEGIN {
        for (wide = "."; length(wide) < 300000;) wide = wide wide
        for (i = 1; i <= n; i++) {
            key = i % 100 == 0 ? "\\u0061" : "a"
            printf "{\"data\":{\"%s\":\"", key
            printf "%s", substr(wide, 1, i % 1000 == 0 ? 300000 : i % 700)
            printf "\"},\"entity\":\"order\",\"id\":\"%d\",\"source\":\"shop\",\"v\":1}\n", i
            if (i % 333 == 0) print ""
        }
    }'
}

# alike COMMAND: a shell command that runs hub-canon, on one thread and on many
alike() {
    local threads
    for threads in 1 many; do
        HUB_THREADS=$threads bash -c "$1" >"out.$threads" 2>"err.$threads" && : || echo $? >>"err.$threads"
        [ ! -e bad.ndjson ] || mv bad.ndjson "bad.$threads"
    done
    cmp out.1 out.many
    diff err.1 err.many
    [ ! -e bad.1 ] || cmp bad.1 bad.many
}

@test "all records, in their order" {
    records 5000 >in
    alike 'hub-canon -v in'
    [ "$(wc -l <out.many)" -eq 5000 ]
    alike 'hub-canon -v <in'
    alike 'hub-canon -v in in /dev/null in'
}

@test "bad lines anywhere, set aside or not" {
    records 3000 | sed -e '1000s/^/x/' -e '2000s/"v":1/"v":"1"/' -e '$s/}$//' >in
    alike 'hub-canon -v -r bad.ndjson in'
    [ "$(wc -l <bad.many)" -eq 3 ]
    alike 'hub-canon -v in'
    grep -q '^hub-canon: in:1000: ' err.many
    alike 'hub-canon -v -r bad.ndjson in in'
}

@test "a line over the limit" {
    { records 500; head -c 68000000 /dev/zero | tr '\0' x; echo; records 500; } >in
    alike 'hub-canon -v -r bad.ndjson in'
    [ "$(wc -l <out.many)" -eq 1000 ]
}

@test "marks are counted, and what was cut off is told" {
    records 2000 | sed '/^$/d' >all
    { cat all; echo '{"n":2000,"source":"shop","stream":"s:o"}'; cat all; echo '{"end":true,"n":2000,"source":"shop","stream":"s:o"}'; } >in
    alike 'hub-canon -v --marks in'
    [ "$(wc -l <out.many)" -eq 4002 ]
    alike 'head -n 3000 in | hub-canon -v --marks'
    alike 'sed 5d in | hub-canon -v --marks'
    alike '(cat in all) | hub-canon -v --marks'
    grep -q 'lines after the end mark' err.many
}

@test "a record is not kept waiting for the next one" {
    mkfifo in
    HUB_THREADS=many hub-canon in >out 3>&- &
    exec 9>in
    records 1 >&9
    for _ in $(seq 100); do
        [ -s out ] && break
        sleep 0.1
    done
    [ -s out ]
    exec 9>&-
    wait $!
}

@test "who stops early does not wait for input that never comes" {
    mkfifo in
    { echo x; sleep 100 3>&-; } >in 3>&- &
    sleeper=$!
    HUB_THREADS=many run -2 --separate-stderr timeout 20 hub-canon in
    pkill -P $sleeper sleep
    [[ $stderr == 'hub-canon: in:1: '* ]]
}

# sales N: so many native records; some of them refused, warned of, left out, or with what no rule reads
sales() {
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++) {
            total = i % 97 == 0 ? "x" : i % 89 == 0 ? "9.50" : "10.00"
            printf "{\"data\":{\"id\":\"%d\",\"total\":\"%s\",\"net\":\"8.00\",\"tax\":\"2.00\",\"kind\":\"%s\"", i, total, i % 3 == 0 ? "b" : "a"
            if (i % 101 == 0) printf ",\"more\":{\"%s\":true}", i % 2 ? "x" : "y"
            printf ",\"note\":\"%s\"", i % 53 == 0 ? "caf\\u00e9 \\\"x\\\"" : "none"
            printf "},\"id\":\"%d\",\"source\":\"shop\",\"stream\":\"%s\"}\n", i, i % 211 == 0 ? "s:other" : "s:sales"
        }
    }'
}

# a map of which each thread has its own: a table from a pipe, a digest, a pattern, a time in a zone
sales_map() {
    cat >contract/schema/order.json <<-'end'
	{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": true,
	 "properties": {"total": {"type": "string", "format": "decimal"}, "net": {"type": "string", "format": "decimal"},
	                "tax": {"type": "string", "format": "decimal"}},
	 "x-checks": [{"check": "total == net + tax", "level": "warn", "message": "does not foot"}]}
	end
    cat >sales.map <<-'end'
	table kinds from "unused.csv" key .code value .name
	map order <-> s:sales {
	    id = .id
	    total = .total | decimal
	    net = .net | decimal
	    tax = .tax | decimal
	    kind <- .kind | kinds else "none"
	    hash <- .note | md5
	    "{before} {behind}" or "{before}" = .note
	}
	end
    printf 'code,name\na,Apple\nb,Book\n' >kinds.csv
}

@test "what is made ahead, on several threads, is what one makes, and all that is said of it" {
    sales_map
    sales 4000 >in
    alike 'hub-canon -v -r bad.ndjson -m sales.map -l kinds=<(cat kinds.csv) in'
    grep -q 'no rule reads' err.many
    grep -q 'does not foot' err.many
    [ "$(wc -l <bad.many)" -eq $((4000 / 97 + 4000 / 211)) ]
    grep -q '"kind":"Book"' out.many
    ! grep -q '"kind":"none"' out.many || false
    alike 'hub-canon -v -r bad.ndjson --strict -m sales.map -l kinds=kinds.csv in <in'
    alike 'hub-canon -v -r bad.ndjson --keep-unmapped -m sales.map -l kinds=kinds.csv in'
    alike 'hub-canon -v -r bad.ndjson -m sales.map -l kinds=kinds.csv -w "kind == \"Book\"" in in'
    alike 'hub-canon -m sales.map -l kinds=kinds.csv in'
    grep '"kind":' in | head -3000 | hub-canon -r bad -m sales.map -l kinds=kinds.csv >canonical || [ $? -eq 1 ]
    alike 'hub-canon -v -R -r bad.ndjson -m sales.map -l kinds=kinds.csv canonical'
    alike 'hub-canon -v -R -r bad.ndjson -m sales.map -l kinds=kinds.csv <(sed "7s/10/010/; s/{\"data\"/{ \"data\"/" canonical)'
    alike 'hub-canon -v -w "total > 9.7" canonical'
}

@test "fields that no rule reads are told in the order in which they were met, and counted once" {
    printf 'map order <- t:o { id <- .id; a <- .a | number }\n' >map
    unread() { # N FROM: so many records, of which some have fields that others have not
        awk -v n="$1" -v from="$2" 'BEGIN {
            for (i = from; i < from + n; i++) {
                printf "{\"data\":{\"id\":\"%d\",\"a\":%s", i, i % 97 == 0 ? "\"x\"" : i
                if (i % 3000 > 2990) printf ",\"f%d\":\"1\"", (i * 7) % 23
                if (i % 500 == 1) printf ",\"g\":[{\"h%d\":1}]", i % 3
                printf "},\"source\":\"t\",\"stream\":\"t:o\"}\n"
            }
        }'
    }
    unread 40000 0 >one
    unread 20000 7 >two
    printf '{"data":{"id":"1","a":1},"source":"t","stream":"t:o"}\n{bad\n\n\n' >blank
    alike 'hub-canon -m map blank'
    alike 'hub-canon -r bad.ndjson -m map one two'
    [ "$(wc -l <bad.many)" -eq 619 ]
    [ "$(grep -c 'no rule reads' err.many)" -gt 5 ]
    alike 'hub-canon --strict -r bad.ndjson -m map two one'
    awk 'BEGIN { for (i = 0; i < 5000; i++)
        printf "{\"data\":{\"id\":\"%d\",\"a\":1,\"k%d\":\"1\"},\"source\":\"t\",\"stream\":\"t:o\"}\n", i, i % 2500 }' >own
    alike 'hub-canon -m map own'
    grep -q 'and others beyond these' err.many
}

@test "what becomes much larger is made by one thread, and held by none" {
    printf 'map order <- s:sales each .i[] { id <- .n; note <- $.note }\n' >many.map
    awk 'BEGIN { for (note = "x"; length(note) < 8000;) note = note note
        for (n = 1; n <= 500; n++) items = items (n > 1 ? "," : "") "{\"n\":\"" n "\"}"
        for (i = 1; i <= 60; i++) printf "{\"data\":{\"i\":[%s],\"note\":\"%s\"},\"id\":\"%d\",\"source\":\"shop\",\"stream\":\"s:sales\"}\n", items, note, i }' >in
    alike 'hub-canon -v -m many.map in'
    [ "$(wc -l <out.many)" -eq 30000 ]
    most=$(HUB_THREADS=many python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' hub-canon -m many.map in)
    echo "$most KiB"
    [ "$most" -lt 60000 ] || ldd "$(command -v hub-canon)" | grep -q libasan
}

@test "an amount whose currency nothing says is refused, however the record is made" {
    echo '{"type": "object", "properties": {"m": {"type": "string", "format": "money"}}}' >contract/schema/order.json
    echo 'map order <-> s:sales { id = .id; m = .m }' >money.map
    echo '{"data":{"id":"1","m":"1.00"},"source":"shop","stream":"s:sales"}' >in
    alike 'hub-canon -m money.map in'
    grep -q 'in:1: /m: an amount in a currency that is not said' err.many
}

@test "HUB_THREADS is 1 or many" {
    HUB_THREADS=2 run -2 --separate-stderr hub-canon /dev/null
    same 'hub-canon: HUB_THREADS must be 1 or many, not "2"' "${stderr%%$'\n'*}"
}

@test "what every tool does alike, it does on many threads" {
    HUB_THREADS=many run -0 env -u BATS_TEST_DIRNAME -u BATS_TEST_TMPDIR bats "$ROOT/tests/cmd.bats"
}
