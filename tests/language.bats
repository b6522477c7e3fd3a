#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # maps stand in single quotes; bats sets output and the like
# The map language at its corners, under a contract that takes anything.

load common

setup() {
    common_setup
    anything thing
    mkdir -p hub/systems/t
    echo '{"system":"t","streams":{"t":{"format":"ndjson"}}}' >hub/systems/t/system.json
}

# reads RULES DATA WANTED: what a map of RULES makes of native DATA; WANTED without braces is part of the refusal
reads() {
    printf 'enum status { paid = "P"; unknown = * }\ncodec trimmed = trim | status\nmap thing <- t:t {\n%s\n}\n' "$1" >map
    echo "{\"data\":$2,\"id\":\"1\",\"source\":\"t\",\"stream\":\"t:t\"}" >in
    gives "$3" -m map in
}

# writes RULES DATA WANTED: the same from canonical DATA to native; and read back it is DATA again
writes() {
    printf 'enum status { paid = "P"; unknown = * }\ncodec trimmed = trim | status\nmap thing <-> t:t {\n%s\n}\n' "$1" >map
    echo "{\"data\":$2,\"entity\":\"thing\",\"id\":\"1\",\"source\":\"t\",\"v\":1}" >in
    gives "$3" -R -s t:t -m map in
    [[ $3 != "{"* ]] || same "$(jq -Sc .data in)" "$(hub-canon -R -s t:t -m map in | hub-canon -m map | jq -c .data)"
}

gives() {
    run --separate-stderr hub-canon "${@:2}"
    if [[ $1 == "{"* ]]; then
        has 0
        same "$1" "$(jq -c .data <<<"$output")"
    else
        has 2
        [[ $stderr == *"$1"* ]] || same "$1" "$stderr"
    fi
}

@test "numbered columns take as many items as there are columns" {
    writes 'tags[1..2] = ."Tag {nth}"' '{"tags":["a","b"]}' '{"Tag 1":"a","Tag 2":"b"}'
    writes 'tags[1..2] = ."Tag {nth}"' '{"tags":["a","b","c"]}' '/tags: 3 items, and columns for 2'
    writes 'l[1..2] { name = ."N{nth}" }' '{"l":[{"name":"a"},{"name":"b"},{"name":"c"}]}' '/l: 3 items, and columns for 2'
}

@test "a place of a native list is not written where one before it is empty" {
    writes 'a = .l[0]; b = .l[1]' '{"a":"x","b":"y"}' '{"l":["x","y"]}'
    writes 'a = .l[0]; b = .l[1]' '{"a":"x"}' '{"l":["x"]}'
    writes 'a = .l[0]; b = .l[1]' '{"b":"y"}' '/l: [1] has a value and [0] has none'
    writes 'a = .l[1]' '{"a":"x"}' '/l: [1] has a value and [0] has none'
}

@test "a two-way block for a list has a native path" {
    reads 'x[] = { a = .a }' '{"a":"1"}' 'a two-way block for a list needs a native path: x[] = .PATH[] { … }'
    reads 'x[] <- { a <- .a }; x[] <- { a <- .b }' '{"a":"1","b":"2"}' '{"x":[{"a":"1"},{"a":"2"}]}'
}

@test "an object is made for each item of a path, with codecs, in either direction" {
    reads 'x[].up <- .l[].n | trim | upper' '{"l":[{"n":" a"},{},{"n":"b"}]}' '{"x":[{"up":"A"},{"up":"B"}]}'
    reads 'x[].due <- .l[] | minor(.cur); y[] <- .cur' '{"cur":"JPY","l":[150,2]}' '{"x":[{"due":"150"},{"due":"2"}],"y":["JPY"]}'
    reads 'x[].a <- y[]; y[] <- .l[]' '{"l":["1","2"]}' '{"x":[{"a":"1"},{"a":"2"}],"y":["1","2"]}'
    writes 'cur = .cur; x[] <- .l[].due | minor(.cur); x[] -> .l[].due | minor(cur)' '{"cur":"USD","x":["1.50","0.02"]}' '{"cur":"USD","l":[{"due":150},{"due":2}]}'
    writes 'x[].n as decimal -> .l[].v | text; x[].n <- .l[].v' '{"x":[{"n":"1.5"},{"n":"2"}]}' '{"l":[{"v":"1.5"},{"v":"2"}]}'
    writes 'cur = .cur; x[].due = .l[] | minor(.cur)' '{"cur":"USD","x":[{"due":"1.50"}]}' '{"cur":"USD","l":[150]}'
}

@test "holes of one field hold the same" {
    reads '"{a}-{a}" = .x' '{"x":"1-1"}' '{"a":"1"}'
    reads '"{a}-{a}" = .x' '{"x":"1-2"}' '/a: no pattern fits "1-2"'
    reads '"{a}-{b}-{a}" = .x' '{"x":"1-2-1-2-1"}' '{"a":"1","b":"2-1-2"}'
    writes '"{a}-{a}" = .x' '{"a":"1"}' '{"x":"1-1"}'
}

@test "the word that an enumeration does not know is kept behind a named codec and on any branch" {
    writes 's = .s | trimmed' '{"s":"unknown","s_raw":"Z"}' '{"s":"Z"}'
    reads 's <- .s | status or .t | status' '{"t":"Q"}' '{"s":"unknown","s_raw":"Q"}'
    reads 's <- .s | status or "none"' '{"s":"Z"}' '{"s":"unknown","s_raw":"Z"}'
    reads 's <- .s | status or "none"' '{}' '{"s":"none"}'
    reads 's <- .s | status else "none"' '{"s":["Z"]}' '{"s":"none"}'
}

@test "a native number needs a codec, whatever it comes through" {
    reads 'a <- if(true, .n)' '{"n":1.50}' '/a: a JSON number needs a codec'
    reads 'a <- if(.n > 1, "much", .n)' '{"n":1.50}' '{"a":"much"}'
    reads 'a[] <- .n[]' '{"n":[1]}' '/a: a JSON number needs a codec'
    reads 'a[0] = .n; a[1] = .m' '{"n":1,"m":"2"}' 'a JSON number needs a codec'
}

@test "a number or a boolean is no word, nor a text with holes: it would come back as a text" {
    for rule in 's = .n | status' '"{s}" = .n' '"{s}-{t}" = .n' 's = "<{.n}>"' 's[] = .n[] | status' 's <- .n | trimmed'; do
        case $rule in *trimmed) wanted='not a text: ' ;; *) wanted= ;; esac
        reads "$rule" '{"n":1.50}' "${wanted:-a JSON number needs a codec (number, decimal or integer): \"1.50\"}"
        reads "$rule" '{"n":true}' "${wanted:-not a text: true}"
    done
    reads 's = .n | number | status' '{"n":1.50}' '{"s":"unknown","s_raw":"1.50"}'
    reads 's = .n | status else "none"' '{"n":1}' '{"s":"none"}'
    writes '"{s | decimal}/{t}" = .n' '{"s":"1.50","t":"a"}' '{"n":"1.50/a"}'
    writes '"{s}/{t}" = .n' '{"s":true,"t":"a"}' '/n: not a text: true'
    writes 's = .n | number | status' '{"s":"unknown","s_raw":"1.5"}' '{"n":1.5}'
}

@test "a list that is read from one value is written to it" {
    writes 'x[] = .x | split(",")' '{"x":["a","b"]}' '{"x":"a,b"}'
    writes 'x[] = .x | split(",")' '{"x":["a","b,c"]}' 'an item is empty or holds the separator'
    writes 'x[] = .x | json' '{"x":["a",1]}' '{"x":"[\"a\",1]"}'
    writes 'x[] = .x | trim' '{"x":["a"]}' '{"x":"a"}'
    writes 'x[] = .x | trim' '{"x":["a","b"]}' '2 values where one is due (from x[])'
    writes 'x[] = .x | trim' '{"x":null}' '{"x":null}'
    writes 'x[] = .x | trim' '{"x":[]}' 'not a text: a list (from x[])'
    writes 'x[] = .x | status' '{"x":["unknown"]}' 'status has no word for "unknown"'
    writes 'x[] = .x' '{"x":["a","b"]}' '{"x":["a","b"]}'
}

@test "lists inside of a block with a condition" {
    reads 'o <- when has(.y) { v[] <- .l[].v }' '{"y":"1","l":[{"v":"p"},{"v":"q"}]}' '{"o":{"v":["p","q"]}}'
    reads 'o <- when has(.y) { v[] <- .l[].v }' '{"l":[{"v":"p"},{"v":"q"}]}' '{}'
    reads 'v[] <- .l[].v | decimal else .z[]' '{"l":[{"v":"1"},{"v":"q"}],"z":["k","l"]}' '{"v":["k","l"]}'
}

@test "an index behind lists in lists picks one of all" {
    local lists='{"l":[[{"k":"x","v":"1"},{"k":"y","v":"2"}],[{"k":"x","v":"3"}],[{"k":"x","v":"4"}]]}'
    reads 'a <- .l[][.k == "x"][0].v' "$lists" '{"a":"1"}'
    reads 'a <- .l[][.k == "x"][2].v' "$lists" '{"a":"4"}'
    reads 'a <- .l[][][1].v' "$lists" '{"a":"2"}'
    reads 'a <- .l[1][.k == "x"][0].v' "$lists" '{"a":"3"}'
    reads 'a <- .l[][.k == "x"].v' "$lists" '/a: 3 values where one is due'
}

@test "bare id is that of the rule, else that of the native record" {
    reads 'a <- "x-{id}"' '{}' '{"a":"x-1"}'
    reads 'id <- .n; a <- "x-{id}"' '{"n":"7"}' '{"a":"x-7"}'
    reads 'l[] = .l[] { id = .k; a <- id; b <- $id }' '{"l":[{"k":"5"}]}' '{"l":[{"a":"5","b":"1","id":"5"}]}'
}

@test "an id that its rule does not give is refused, with what the rule reads" {
    reads 'id = .none' '{}' '/id: no id: its rule gives none (from .none)'
    reads 'id <- .none | trim' '{"none":" "}' '/id: no id: its rule gives none (from .none)'
    reads 'id = .n | integer' '{"n":5}' '/id: an id is a text, not "5": give it a codec (from .n)'
    reads 'id = .n | decimal' '{"n":"x"}' '/id: not a decimal: "x" (from .n)'
}

@test "an item of a list is counted from 0, and so written" {
    for step in '[-1]' '[-1].b' '[nth]' '[1 + 1]'; do
        reads "l[] <- .l[] { a <- .o$step }" '{}' '[ ] holds a condition, or the number of an item, counted from 0'
    done
    reads 'a <- .o[.n == -1].a' '{"o":[{"n":"-1","a":"x"}]}' '{"a":"x"}'
}

@test "a codec of one's own takes no argument" {
    reads 'a <- .a | trimmed("x")' '{}' 'map:4:11: trimmed takes 0 arguments, not 1'
    reads 'a = .a | status("x")' '{}' 'map:4:10: status takes 0 arguments, not 1'
    printf 'codec time = time("%%d.%%m.%%Y")\nmap thing <- t:t { a <- .a | time; b <- .b | time("%%Y%%m%%d") }\n' >map
    echo '{"data":{"a":"01.05.2026","b":"20260502"},"id":"1","source":"t","stream":"t:t"}' >in
    gives '{"a":"2026-05-01T00:00:00Z","b":"2026-05-02T00:00:00Z"}' -m map in
}

@test "a rule can use what other rules made of lists" {
    local list='{"l":[{"t":"1"},{"t":"2.5"}]}'
    reads 'l[] = .l[] { t = .t }; sum <- sum(l[].t)' "$list" '{"l":[{"t":"1"},{"t":"2.5"}],"sum":"3.5"}'
    reads 'l[] = .l[] { t = .t }; sum <- sum(l[], t * 2)' "$list" '{"l":[{"t":"1"},{"t":"2.5"}],"sum":"7.0"}'
    reads 'l[] = .l[] { t = .t }; last <- l[1].t; large <- l[t > 1].t' "$list" '{"l":[{"t":"1"},{"t":"2.5"}],"large":"2.5","last":"2.5"}'
    reads 'l[] = .l[] { t = .t }; sum <- sum(l[].u)' "$list" 'no rule makes l[].u'
    reads 'l[] = .l[] { t <- $sum }; sum <- sum(l[].t)' "$list" 'computed from itself'
}

@test "two rules that write one place of a list are told when the map is compiled" {
    reads 'l[] = .a[]; l[] = .b[]' '{}' 'another rule writes the same place of this list already'
    reads 'l[] = .a[] { x = .x }; l[] = .b[] { x = .y }' '{}' 'another rule writes the same place of this list already'
    reads 'l[0].x = .a; l[] = .b[] { x = .y }' '{}' 'another rule writes the same place of this list already'
    reads 'l[] = .a[] { x = .x }; l[] = .b[] { y = .y }' '{"a":[{"x":"1"}],"b":[{"y":"2"}]}' '{"l":[{"x":"1","y":"2"}]}'
    reads 'l[0].x = .a; l[1].x = .b' '{"a":"1","b":"2"}' '{"l":[{"x":"1"},{"x":"2"}]}'
}

@test "pairs are told by their condition, however it is spelled" {
    writes 'a = .n[.name == "x]"].value; b = .n[ .name=="x]" ].other' '{"a":"1","b":"2"}' '{"n":[{"name":"x]","value":"1","other":"2"}]}'
    writes "a = .n[.name == 'x'].value; b = .n[.name == \"x\"].other; c = .n[.name == \"y\"].value" '{"a":"1","b":"2","c":"3"}' \
        '{"n":[{"name":"x","value":"1","other":"2"},{"name":"y","value":"3"}]}'
}

@test "what a codec would not read back is not written" {
    writes 'a = .a | trim' '{"a":"A b"}' '{"a":"A b"}'
    writes 'a = .a | trim' '{"a":" A"}' '/a: would be read back as something else: " A"'
    writes 'a = .a | lower' '{"a":"Ab"}' '/a: would be read back as something else: "Ab"'
    writes 'a = .a | upper' '{"a":"ab"}' '/a: would be read back as something else: "ab"'
    writes 'a = .a | phone' '{"a":"12"}' '/a: not an international telephone number'
    writes 'a = .a | phone' '{"a":"+4912345678"}' '{"a":"+4912345678"}'
}

@test "a rule of both directions writes a time whole; one of a single direction may drop a part" {
    local time='{"t":"2026-05-01T10:20:30Z"}' fine='{"t":"2026-05-01T10:20:30.5Z"}'
    writes 't = .t | time("%Y-%m-%d %H:%M")' "$time" '/t: the format has no room for a part of this time, which a rule of both directions would lose: write it by -> with as: "2026-05-01T10:20:30Z"'
    writes 't = .t | time("%Y-%m-%d %H:%M")' '{"t":"2026-05-01T10:20:00Z"}' '{"t":"2026-05-01 10:20"}'
    writes 't = .t | time("%F %T")' "$fine" '/t: the format has no room for a part of this time'
    writes 't = .t | time("%F %T.%f")' "$fine" '{"t":"2026-05-01 10:20:30.500000000"}'
    writes '"at {t | time("%F")}" = .t' "$time" '/t: the format has no room for a part of this time'
    writes 'f = .f; t = .t | time(.f)' '{"f":"%H:%M","t":"2026-05-01T10:20:30Z"}' '/t: the format has no room for a part of this time'
    writes 't <- .t | time; t -> .t | text; t as time("%H:%M") -> .clock; t -> .day | time("%d/%m")' "$time" '{"t":"2026-05-01T10:20:30Z","clock":"10:20","day":"01/05"}'
}

@test "a format that holds no whole date is never read" {
    for rule in 't = .t | time("%H:%M")' '"at {t | time("%H:%M")}" = .t'; do
        writes "$rule" '{}' 'time: format "%H:%M": it holds no whole date, so that it can only be written: by -> or as'
        reads "$rule" '{}' 'time: format "%H:%M": it holds no whole date'
    done
    reads 't <- .t | time("%H:%M")' '{}' 'time: format "%H:%M": it holds no whole date'
    reads 'd = .d | date("%d/%m")' '{}' 'date: format "%d/%m": it holds no whole date'
    reads 'd <- "2026-05-01" as date("%d/%m")' '{}' '{"d":"01/05"}'
}

@test "an empty cell is absent, whatever else means null, unless that is the empty text" {
    echo '{"system":"t","streams":{"t":{"format":"csv"}}}' >hub/systems/t/system.json
    for spelling in '' 'null "NULL"' 'absent "-"' 'null "NULL" absent "-"'; do
        echo "map thing <- t:t $spelling { a <- .a; b <- .b }" >map
        echo '{"data":{"a":"","b":"x"},"id":"1","source":"t","stream":"t:t"}' >in
        gives '{"b":"x"}' -m map in
    done
    echo 'map thing <- t:t null "NULL" absent "-" { a <- .a; b <- .b; c <- .c }' >map
    echo '{"data":{"a":"NULL","b":"-","c":"--"},"id":"1","source":"t","stream":"t:t"}' >in
    gives '{"a":null,"c":"--"}' -m map in
    echo 'map thing <- t:t null "" { a <- .a }' >map
    gives '{"a":null}' -m map - <<<'{"data":{"a":""},"id":"1","source":"t","stream":"t:t"}'
    printf 'k,v,w\n1,,x\n' >rows.csv
    printf 'table rows from "rows.csv" key .k\nmap thing <- t:t { v <- rows(.a).v or "none"; w <- rows(.a).w }\n' >map
    gives '{"v":"none","w":"x"}' -m map - <<<'{"data":{"a":"1"},"id":"1","source":"t","stream":"t:t"}'
}

@test "a text that the map would read as null or absent is not written by a rule of both directions" {
    printf 'map thing <-> t:t absent "#N/A" null "-" { a = .a | trim; l[] = .l[] | trim; "{p}" = .p; "-" -> .made; "#N/A" -> .none }\n' >map
    for data in '{"a":"-"}=/a: would be read back as null: "-"' '{"a":"#N/A"}=/a: would be read back as absent: "#N/A"' '{"l":["x","-"]}=/l: would be read back as null: "-"' \
        '{"p":"-"}=/p: would be read back as null: "-"' '{"a":"--","l":["-#N/A"]}={"a":"--","l":["-#N/A"],"made":"-","none":"#N/A"}' '{"a":null}={"a":"-","made":"-","none":"#N/A"}' \
        '{"a":""}={"a":"","made":"-","none":"#N/A"}'; do
        echo "{\"data\":${data%%=*},\"entity\":\"thing\",\"id\":\"1\",\"source\":\"t\",\"v\":1}" >in
        gives "${data#*=}" -R -s t:t -m map in
    done
}

@test "the spellings of a map hold of the rows that it joins" {
    printf 'k,v,w,x,y\n1,NULL,-,,--\n' >rows.csv
    echo '{"k":"1","v":"","w":"-","x":{"y":"NULL"},"y":["-","a","NULL"]}' >rows.ndjson
    rules='{ a <- .a; v <- rows(.a).v; w <- rows(.a).w or "none"; x <- rows(.a).x; y <- rows(.a).y }'
    echo '{"data":{"a":"1"},"id":"1","source":"t","stream":"t:t"}' >in
    printf 'table rows from "rows.csv" key .k\nmap thing <- t:t null "NULL" absent "-" %s' "$rules" >map
    gives '{"a":"1","v":null,"w":"none","y":"--"}' -m map in
    # An empty cell has no value, also where the empty text means null.
    printf 'table rows from "rows.csv" key .k\nmap thing <- t:t null "" %s' "$rules" >map
    gives '{"a":"1","v":"NULL","w":"-","y":"--"}' -m map in
    rules='{ v <- rows(.a).v; x <- has(rows(.a).x.y); y[] <- rows(.a).y[] }'
    printf 'table rows from "rows.ndjson" key .k\nmap thing <- t:t null "NULL" absent "-" absent "" %s' "$rules" >map
    gives '{"x":false,"y":["a",null]}' -m map in
    printf 'table rows from "rows.ndjson" key .k\nmap thing <- t:t null "" { v <- rows(.a).v }' >map
    gives '{"v":null}' -m map in
}

@test "a table holds nothing that a record may not hold" {
    printf 'table rows from "rows.ndjson" key .k\nmap thing <- t:t { v <- rows(.a).v }' >map
    refused() { # MESSAGE: on the second line
        run --separate-stderr hub-canon -m map - <<<'{"data":{"a":"1"},"id":"1","source":"t","stream":"t:t"}'
        [ "$status" -eq 2 ]
        [ "$output" = "" ]
        [[ $stderr == *"$1"* ]]
    }
    printf '{"k":"0"}\n{"k":"1","v":"\\ud800"}\n' >rows.ndjson
    refused 'rows.ndjson:2: '
    printf '{"k":"0"}\n{"k":"1","v":"x","v":"y"}\n' >rows.ndjson
    refused 'rows.ndjson:2: the key "v" stands twice in one object'
    printf 'k,v,v\n1,x,y\n' >rows.csv
    printf 'table rows from "rows.csv" key .k\nmap thing <- t:t { v <- rows(.a).v }' >map
    refused 'rows.csv:1: the columns 2 and 3 have one name: "v"'
}

@test "digits are digits, however JSON spells them" {
    local data='{"a":"\u0031\u0030","b":"9","l":["\u0031","2"]}'
    reads 's <- .a + 1; t <- sum(.l[]); u <- .a > .b; v <- .a == 10; w <- max(.l[], . * .)' "$data" '{"s":"11","t":"3","u":true,"v":true,"w":"4"}'
    writes 'a = .a | number' '{"a":"\u0031\u0030"}' '{"a":10}'
    reads 's <- .a + 1' '{"a":"\u0041"}' 'not a number: "A"'
}

@test "a table has the key and the value that its declaration names" {
    printf 'k,,v\n1,x,a\n2,,\n' >rows.csv
    printf '{"k":"1","v":"a"}\n{"k":null,"v":"b"}\n{"k":"2"}\n' >rows.ndjson
    printf '{"k":"1"}\n\n{"v":"a"}\n' >lacks.ndjson
    declared() { # DECLARATION WANTED
        printf 'table rows from %s\nmap thing <- t:t { v <- .a | rows }' "$1" >map
        gives "$2" -m map - <<<'{"data":{"a":"1"},"id":"1","source":"t","stream":"t:t"}'
    }
    declared '"rows.csv" key .k value .v' '{"v":"a"}'
    declared '"rows.csv" key .k value .""' '{"v":"x"}'
    declared '"rows.csv" key .key value .v' 'map:1:1: rows.csv:1: no .key, which is the key of rows (-l rows=FILE names another)'
    declared '"rows.csv" key .k value .w' 'map:1:1: rows.csv:1: no .w, which is the value of rows'
    declared '"rows.ndjson" key .k value .v' '{"v":"a"}'
    declared '"lacks.ndjson" key .k value .v' 'map:1:1: lacks.ndjson:3: no .k, which is the key of rows'
    declared '"rows.ndjson" key .k value .w' 'map:1:1: no .w, which is the value of rows'
}

@test "a map is UTF-8, and so are its parameters" {
    printf 'map thing <- t:t {\n\ta <- "\xff"\n}\n' >map
    run --separate-stderr hub-canon -m map /dev/null
    has 2
    same 'hub-canon: map:2:8: not UTF-8' "${stderr%%$'\n'*}"
    echo 'map thing <- t:t { a <- @p }' >map
    run --separate-stderr hub-canon -m map -D p=$'\xff' /dev/null
    has 2
    [[ $stderr == 'hub-canon: not UTF-8: '* ]]
}

@test "the caret stands below what it means, also behind tabs" {
    printf 'map thing <- t:t {\n\ta\t<- "x" | foo\n}\n' >map
    run --separate-stderr hub-canon -m map /dev/null
    has 2
    same 'hub-canon: map:2:13: no codec is called "foo"
hub-canon:      a <- "x" | foo
hub-canon:                 ^' "$stderr"
}

@test "shapes that grow beyond measure are an error" {
    { echo 'shape s0 { a <- "1" }'; for i in $(seq 1 28); do echo "shape s$i { x { use s$((i - 1)) }; y { use s$((i - 1)) } }"; done; } >map
    echo 'map thing <- t:t { use s28 }' >>map
    run --separate-stderr timeout 20 hub-canon -m map /dev/null
    has 2
    [[ $stderr == *'this map makes more than 20000 rules, those of its shapes among them'* ]]
}

@test "a name that no map knows is an error, and what is near is named" {
    echo 'param zone = "UTC"
map thing <- t:t { a <- @zone; b <- @given }' >map
    unknown() {
        run --separate-stderr hub-canon "${@:2}" /dev/null
        has 2
        same "hub-canon: $1" "${stderr%%$'\n'*}"
    }
    unknown 'no parameter is called "zoen"; did you mean zone?' -m map -D given=1 -D zoen=1
    unknown 'no table is called "rows"' -m map -D given=1 -l rows=x
    unknown 'no map makes "thong"; did you mean thing?' -m map -D given=1 -e thong
    unknown '-D is for maps, and none is named' -D zone=1
    run --separate-stderr hub-canon -e thong /dev/null
    has 2
    same 'hub-canon: no entity is called "thong"; did you mean thing?' "$stderr"
    run --separate-stderr hub-canon -e nothing_like_it /dev/null
    has 2
    [[ $stderr == 'hub-canon: schema/nothing_like_it.json was not found in '* ]]
    run --separate-stderr hub-canon -m map -D given=1 -D zone=x -e thing /dev/null
    has 0
}

@test "without a map, -e leaves out other entities" {
    echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}' >hub/schema/other.json
    for entity in thing other thing; do echo '{"data":{},"entity":"'$entity'","id":"1","source":"t","v":1}'; done >in
    run --separate-stderr hub-canon -v -e thing in
    has 0
    same 2 "${#lines[@]}"
    same 'hub-canon: read 3 = taken 2 + refused 0 + left out 1; wrote 2' "$stderr"
}

@test "a reject that cannot be read keeps its place when it is tried again" {
    printf 'not json\n' >in
    run hub-canon -r rejects in
    mv rejects todo
    run hub-canon -r rejects todo
    has 1
    same 'in:1' "$(jq -r .from rejects)"
    rm rejects
    echo '{"a":1}' >in
    run hub-canon -r rejects in
    mv rejects todo
    run hub-canon -r rejects todo
    has 1
    same 'in:1 {"a":1}' "$(jq -r '.from + " " + (.record | tojson)' rejects)"
}

@test "shares add up to the total, and each is within a unit of its exact part" {
    python3 - >in <<'END'
import json, random
random.seed(7)
for i in range(2000):
    places = random.choice([0, 2, 3])
    total = f"{random.randint(-10**6, 10**6) / 10**places:.{places}f}"
    weights = [f"{random.randint(0, 9999) / 100:.2f}" for _ in range(random.randint(1, 12))]
    print(json.dumps({"data": {"t": total, "w": weights + ["0.01"]}, "id": str(i), "source": "t", "stream": "t:t"}))
END
    cat >map <<'END'
map thing <- t:t {
    l[] <- .w[] { a <- allocate($.t, $.w[], nth) }
    t   <- .t
    w[] <- .w[]
}
END
    hub-canon -m map in >out
    python3 - out <<'END'
import json, sys
from decimal import Decimal as D
from fractions import Fraction as F
n = 0
for line in open(sys.argv[1]):
    d = json.loads(line)["data"]
    total, shares, weights = D(d["t"]), [D(l["a"]) for l in d["l"]], [F(w) for w in d["w"]]
    unit = F(D(1).scaleb(total.as_tuple().exponent))
    assert sum(shares) == total, d
    for share, weight in zip(shares, weights):
        assert abs(F(share) - F(total) * weight / sum(weights)) < unit, d
    n += 1
assert n == 2000
END
    reads 'a <- allocate(.t, .w[], 1)' '{"t":"5","w":["0","0"]}' '/a: the weights are all zero'
    reads 'a <- allocate(.t, .w[], 3)' '{"t":"5","w":["1","2"]}' '/a: no weight of that number: there are 2'
    reads 'a <- allocate(.t, .w[], 1)' '{"t":"5","w":["-1","2"]}' '/a: a weight below zero'
    reads 'a <- allocate(.t, .w[], 1)' '{"w":["1","2"]}' '{}'
}

@test "a total is shared out among thousands" {
    local weights
    weights=$(seq 1 6000 | sed 's/.*/"&"/' | paste -sd,)
    echo 'map thing <- t:t { l[] <- .w[] { a <- allocate($.t, $.w[], nth) } }' >map
    echo "{\"data\":{\"t\":\"-1000.00\",\"w\":[$weights]},\"id\":\"1\",\"source\":\"t\",\"stream\":\"t:t\"}" >in
    same '-1000.00' "$(hub-canon -m map in | jq -r '.data.l[].a' | awk '{ sum += $1 * 100 } END { printf "%.2f", sum / 100 }')"
    reads 'l[] <- .w[] { a <- allocate($.t, $.w[], nth); b <- allocate(nth, $.w[], 1) }' '{"t":"0.05","w":["1","2"]}' '{"l":[{"a":"0.02","b":"0"},{"a":"0.03","b":"1"}]}'
}

@test "each: a value for each item at its place, and a list of them" {
    reads 'l[] <- each(.l[], .a * .b)[]' '{"l":[{"a":"2","b":"1.5"},{"a":"1"},{"a":"3","b":"1"}]}' '{"l":["3.0",null,"3"]}'
    reads 'l[] <- .l[] { a <- allocate($.t, each($.l[], .a * .b), nth) }' '{"t":"1.00","l":[{"a":"2","b":"1"},{"a":"1"},{"a":"1","b":"1"}]}' \
        '{"l":[{"a":"0.67"},{"a":"0.00"},{"a":"0.33"}]}'
    reads 'l[] <- each(.l[], "{nth}{.a}")[]' '{"l":[{"a":"x"},{"a":"y"}]}' '{"l":["1x","2y"]}'
    reads 'l[] <- each(.none[], .a)[]' '{}' '{}'
    reads 'l[] <- each(.l[], .a)[]' '{"l":[{"a":1}]}' 'a JSON number needs a codec'
    reads 'l[] <- each(.l[], .a | decimal)[]' '{"l":[{"a":"x"}]}' 'not a decimal: "x"'
}

@test "what is the same for all items of a list is reckoned once for them, and anew for the next" {
    reads 'l[] <- .l[] { m[] <- .m[] { a <- sum(^.m[], .b + $.t); c <- sum($.l[].m[].b); d <- sum(^.m[.b > ^.b], .b) } }' \
        '{"t":"1","l":[{"m":[{"b":"1"},{"b":"2"}]},{"m":[{"b":"5"}]}]}' \
        '{"l":[{"m":[{"a":"5","c":"8","d":"2"},{"a":"5","c":"8","d":"0"}]},{"m":[{"a":"6","c":"8","d":"0"}]}]}'
    python3 -c 'import json
for t in "1", "2":
    print(json.dumps({"data": {"l": [{"a": t}] * 5000}, "id": t, "source": "t", "stream": "t:t"}))' >in
    echo 'map thing <- t:t { l[] <- .l[] { s <- sum($.l[], .a); n <- count(each($.l[], .a * 2)) } }' >map
    hub-canon -m map in >out
    same '1 5000 {"n":"5000","s":"5000"}
2 5000 {"n":"5000","s":"10000"}' "$(jq -r '[.id, (.data.l | length), (.data.l | unique[] | tojson)] | join(" ")' out)"
}

@test "sort: numbers, texts, and what has no key, each in their order" {
    reads 's[] <- sort(.l[], .k)[].n' '{"l":[{"k":"10","n":"a"},{"k":"9","n":"b"},{"n":"c"},{"k":"b","n":"d"},{"k":"a","n":"e"},{"k":"9.0","n":"f"},{"n":"g"}]}' \
        '{"s":["b","f","a","e","d","c","g"]}'
    reads 'a <- sort(.l[], -.)[0] | text' '{"l":["3","20","1"]}' '{"a":"20"}'
    reads 's[] <- sort(.l[], .k)[].n' '{"l":[{"k":["10"],"n":"a"},{"n":"b"}]}' 'a list or an object cannot be sorted by'
    reads 's[] <- sort(.none[])' '{}' '{}'
}

@test "a native number needs a codec wherever it stands: in a list, an object, a sorted list" {
    reads 'a <- .n' '{"n":["x",1.50]}' 'a JSON number needs a codec (number, decimal or integer): "1.50"'
    reads 'a = .n' '{"n":{"x":{"y":1}}}' 'a JSON number needs a codec'
    reads 'a[] <- sort(.n[])' '{"n":[2,1]}' 'a JSON number needs a codec'
    reads 'a[] <- sort(.n[])' '{"n":["2","1"]}' '{"a":["1","2"]}'
    reads 'a[] <- sort(.n[] | number)' '{"n":[2,1]}' '{"a":["1","2"]}'
}

@test "a two-way block with when: asked when it is read, written as it is" {
    reads 'o = .p when has(.k) { k = .k; v = .v }' '{"p":{"k":"1","v":"2"}}' '{"o":{"k":"1","v":"2"}}'
    reads 'o = .p when has(.k) { k = .k; v = .v }' '{"p":{"v":"2"}}' '{}'
    writes 'o = .p when has(.k) { k = .k; v = .v }' '{"o":{"k":"1","v":"2"}}' '{"p":{"k":"1","v":"2"}}'
    writes 'l[] = .r[] when .t == "a" { t = .t; x = .x }' '{"l":[{"t":"a","x":"1"},{"t":"a","x":"2"}]}' '{"r":[{"t":"a","x":"1"},{"t":"a","x":"2"}]}'
    reads 'l[] = .r[] when .t == "a" { t = .t; x = .x }' '{"r":[{"t":"b","x":"1"},{"t":"a","x":"2"}]}' '{"l":[{"t":"a","x":"2"}]}'
}

@test "of one native record, no two records have one name" {
    echo 'map thing <- t:t each .l[] { id <- .id; x <- .x }' >map
    for ids in '"1","2"' '"1","2","1"'; do
        jq -c '{data: {l: map({id: .})}, id: "9", source: "t", stream: "t:t"}' <<<"[$ids]"
    done >in
    run --separate-stderr hub-canon -m map -r rejects in
    has 1
    same '1 2' "$(jq -r .id <<<"$output" | paste -sd' ')"
    same '/id two records of thing are made of this one with the id "1"' "$(jq -r '.error | "\(.field) \(.message)"' rejects)"
}

@test "a reference names the record whose id the target has; read, it is the id" {
    writes 'a = .a | ref(customer)' '{"a":"7"}' '{"a":{"hub:ref":{"entity":"customer","id":"7","source":"t"}}}'
    writes 'a = .a | number | ref(customer)' '{"a":"7"}' '{"a":{"hub:ref":{"as":"number","entity":"customer","id":"7","source":"t"}}}'
    writes 'b = .b; a = .a | ref(customer, b)' '{"a":"7","b":"shop"}' '{"b":"shop","a":{"hub:ref":{"entity":"customer","id":"7","source":"shop"}}}'
    writes 'a = .a | ref(customer, "hub")' '{"a":"q\"7"}' '{"a":{"hub:ref":{"entity":"customer","id":"q\"7","source":"hub"}}}'
    writes 'l[] = .l[] { a = .a.ref | ref(order) }' '{"l":[{"a":"7"},{"a":"8"}]}' \
        '{"l":[{"a":{"ref":{"hub:ref":{"entity":"order","id":"7","source":"t"}}}},{"a":{"ref":{"hub:ref":{"entity":"order","id":"8","source":"t"}}}}]}'
    writes 'a = .a | ref(customer); b = .b' '{"b":"7"}' '{"b":"7"}'
    reads 'a = .a | ref(customer)' '{"a":"77"}' '{"a":"77"}'
    reads 'a = .a | number | ref(customer)' '{"a":77}' '{"a":"77"}'
}

@test "a reference is refused where it is none" {
    writes 'a = .a | ref(customer)' '{"a":{"b":"c"}}' '/a: not an id, which is a text: an object'
    writes 'b = .b; a = .a | ref(customer, b)' '{"a":"7"}' '/a: no source says whose id it is: "7"'
    writes 'a = .a | between("<", ">") | ref(customer)' '{"a":"7"}' '/a: not a text: an object'
    writes 'a = "<{a | ref(customer)}>"' '{"a":"7"}' "ref is made where a system's records are written, not read"
    reads 'a = .a | ref(customer)' '{"a":7}' '/a: not an id, which is a text: 7'
    reads 'a = .a | ref(customer)' '{"a":{"hub:ref":{"entity":"order","id":"7"}}}' '/a: not a reference to a record of this entity: an object'
    reads 'a <- .a as ref(customer)' '{"a":"7"}' "ref is made where a system's records are written, not read"
    reads 'a = .a | ref("customer")' '{"a":"7"}' 'ref takes the name of an entity: ref(customer)'
    reads 'a = .a | ref(custmer)' '{"a":"7"}' 'did you mean customer?'
    [[ $stderr == "hub-canon: map:4:14: schema/custmer.json was not found"* ]]
}

@test "what is nearly a reference is refused" {
    for value in '{"hub:ref":{"id":"7"}}' '{"hub:ref":{"entity":null,"id":"7"}}' '{"hub:ref":{"entity":"thing"}}' '{"hub:ref":7}' '{"hub:ref":[]}' '{}' '[]' '7' '""'; do
        reads 'a <- .a | ref(customer)' "{\"a\":$value}" 'in:1: /a: not a'
    done
}

@test "what takes too long is refused, and the next record is taken" {
    echo 'map thing <- t:t { a <- .a * .a; b <- div(.a, .b, 2); l[] <- .l[] | number }' >map
    nines=$(printf '9%.0s' {1..200000})
    for data in "{\"a\":\"$nines\"}" "{\"b\":\"$nines\",\"a\":\"1$nines$nines\"}" '{"a":"2","b":"3","l":[1e3]}'; do
        echo "{\"data\":$data,\"id\":\"1\",\"source\":\"t\",\"stream\":\"t:t\"}"
    done >in
    run --separate-stderr hub-canon -r rejects -m map in
    has 1
    same '{"a":"4","b":"0.67","l":["1000"]}' "$(jq -c .data <<<"$output")"
    same 'limit /a too many digits to reckon with (from .a)
limit /a too many digits to reckon with (from .a)' "$(jq -r '.error | "\(.code) \(.field) \(.message)"' rejects)"
}

@test "a reference is for what is sent: not for rules of the business, descriptions, and templates" {
    echo 'map thing <- hub:order { a <- .customer_id | ref(customer) }' >map
    echo '{"data":{},"entity":"order","id":"1","source":"t","v":1}' >in
    gives "ref has a meaning only in maps of a system's records" -m map in
    echo '{{customer_id | ref(customer)}}' >t.txt
    gives "ref has a meaning only in maps of a system's records" -T t.txt in
    gives "ref has a meaning only in maps of a system's records" -w 'customer_id | ref(customer) == "7"' in
}

@test "a reference comes back as it was" {
    printf 'map thing <-> t:t { a = .a | ref(customer); n = .n | number | ref(order) }\n' >map
    echo '{"data":{"a":"7","n":8},"id":"1","source":"t","stream":"t:t"}' >in
    run --separate-stderr hub-canon -t --json -m map in
    has 0
    same '{"records":{"kept":0,"lost":0,"one_way":0,"respelled":1}}' "$(tail -n 1 <<<"$output")"
    echo '{"after":{"a":"8"},"before":{"a":"7"},"changed":["/a"],"entity":"thing","id":"1","op":"update","source":"t","v":1}' >in
    run --separate-stderr hub-canon -R -s t:t -m map in
    has 0
    same '[{"a":{"hub:ref":{"entity":"customer","id":"7","source":"t"}}},{"a":{"hub:ref":{"entity":"customer","id":"8","source":"t"}}}]' \
        "$(jq -c '[.before, .after]' <<<"$output")"
}

@test "-w: names that the contract does not have are wrong, and id, source and entity are the envelope's" {
    echo '{"data":{"currency":"EUR","lines":[],"total":"5"},"entity":"order","id":"1","source":"t","v":1}' >in
    for where in 'id == "1"' '$id == "1"' 'source == "t"' 'entity == "order"' 'sum(lines[].quantity) == 0'; do
        same 1 "$(hub-canon -w "$where" in | jq -r .id)"
    done
    gives '-w:1:1: the contract of order has no totl; did you mean total?' -w 'totl > 1' in
    gives '-w:1:5: the contract of order has no lines[].amnt' -w 'sum(lines[].amnt) > 1' -r rejects in
    same '' "$(cat rejects)"
    gives '-w:1:11: the contract of order has no skuu; did you mean sku?' -w 'has(lines[skuu == "X"])' in
    gives '-w:1:1: the contract of order has no totl' -e order -w 'totl > 1' /dev/null
    gives '-w:1:1: the contract of order has no totl' -R -s warehouse:pick-csv -w 'totl > 1' in
    echo '{"after":{"currency":"EUR","lines":[],"total":"5"},"entity":"order","id":"1","op":"create","source":"t","v":1}' >changes
    gives '-w:1:1: the contract of order has no totl' -w 'totl > 1' changes
    echo '{{id}}' >t.txt
    gives '-w:1:1: the contract of order has no totl' -T t.txt -w 'totl > 1' in
    echo 'map order <- t:t { id <- .id; currency <- "EUR"; total <- "1"; lines[] <- { quantity <- "1" } }' >map
    echo '{"data":{"id":"1"},"source":"t","stream":"t:t"}' >in
    gives '-w:1:1: the contract of order has no totl' -m map -w 'totl > 1' in
}

@test "-w has the parameters that -D gives" {
    for total in 5 7; do echo "{\"data\":{\"currency\":\"EUR\",\"lines\":[],\"total\":\"$total\"},\"entity\":\"order\",\"id\":\"$total\",\"source\":\"t\",\"v\":1}"; done >in
    same 7 "$(hub-canon -D least=6 -w 'total > @least' in | jq -r .id)"
    echo 'map thing <- hub:order { id <- .id; total <- .total }' >map
    same 7 "$(hub-canon -D least=6 -m map -w 'total > @least' in | jq -r .id)"
    gives 'no parameter is called "least": declare it with param, or give it with -D least=VALUE' -w 'total > @least' in
    gives 'no parameter is called "least"' -D least=6 -w 'total > 1' in
}
