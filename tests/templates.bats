#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # $number is of the language; bats sets stderr and the like
# Templates: hub-canon -T.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
    TEMPLATES=$ROOT/tests/templates
}

# record ENTITY ID DATA: a canonical record
record() { printf '{"data":%s,"entity":"%s","id":"%s","source":"shop","v":1}\n' "$3" "$1" "$2"; }

# write FILE TEXT DATA: what a template makes of an order
write() {
    printf '%s' "$2" >"$1"
    record order 7 "$3" | hub-canon -T "$1"
}

entry() {
    record journal_entry "order:7" '{"currency":"EUR","date":"2026-05-01","lines":[{"account":"assets:bank","amount":"19.90"},{"account":"income:sales","amount":"-19.90","description":"a mug;\n blue"}],"memo":"web\norder 7","number":"7"}'
}

@test "a journal entry becomes a transaction of a journal" {
    run --separate-stderr hub-canon -T "$TEMPLATES/entry.journal" <(entry)
    has 0
    same '2026-05-01 * (7) web order 7  ; id:order:7, source:shop
    assets:bank                   EUR 19.90
    income:sales                  EUR -19.90
    ; a mug; blue' "$output"
}

@test "an order becomes a letter, whatever its texts hold" {
    run --separate-stderr hub-canon -T "$TEMPLATES/receipt.html" -D zone=America/New_York -D locale='"x' <(
        record order 7 '{"billing_address":{"name":"<b>Ann & Bob'\''s</b>"},"currency":"EUR","discount_total":"1.00","lines":[{"quantity":"2","title":"Mug \"blue\"","unit_price":"600.50"}],"placed_at":"2026-05-02T02:10:00Z","total":"1200.00"}'
    )
    has 0
    same '<p>Dear &lt;b&gt;Ann &amp; Bob&#39;s&lt;/b&gt;,</p>
<table lang="&quot;x">
<tr><td>1</td><td>2 × Mug &quot;blue&quot;</td><td>1,201.00</td></tr>
<tr><td colspan="2">Discount</td><td>−1.00</td></tr>
<tr><td colspan="2">Total</td><td>1,200.00 EUR</td></tr>
</table>
<p>Placed May 01, 2026.</p>' "$output"
    run --separate-stderr hub-canon -T "$TEMPLATES/receipt.html" -D zone=UTC <(record order 8 '{"payment_status":"pending"}')
    has 0
    [[ $output == *'<p>Dear customer,</p>'*'<table lang="en">'*'Your payment is to come.'* ]]
    [[ $output != *Thank* && $output != *Placed* && $output != *'<td>1</td>'* ]]
}

@test "a shipment becomes a label, and no text of it a command" {
    run --separate-stderr hub-canon -T "$TEMPLATES/parcel.zpl" <(
        record shipment 9 '{"lines":[{"quantity":"2","sku":"M_1^FS"},{"quantity":"1","sku":"~JR"}],"ship_to":{"city":"Lyon","line1":"1 Rue\n5\\6","name":"Zoë ^XZ","postal_code":"69001","region":"ARA"},"tracking_numbers":["1Z>9"]}'
    )
    has 0
    same '^XA^CI28^PW812^LL1218
^FO40,220^A0N,50,50^FH^FDZoë _5EXZ^FS
^FO40,280^A0N,40,40^FH^FB732,4,4,L,0^FD1 Rue\&5\\6\&Lyon, ARA 69001^FS
^FO60,480^BY3,2.5,200^BCN,200,Y,N,N,A^FD1Z>09^FS
^FO40,790^A0N,28,28^FH^FD2 x M_5F1_5EFS^FS
^FO40,820^A0N,28,28^FH^FD1 x _7EJR^FS
^XZ' "$output"
}

@test "a label's field without ^FH refuses what it cannot hold" {
    run --separate-stderr write a.zpl '^XA^FD{{note}}^FS^XZ' '{"note":"a^XZ"}'
    has 2
    same 'hub-canon: stdin:1: /note: ^, ~ and control characters can stand only in a field with ^FH before its ^FD (from {{note}}, a.zpl:1:7)' "$stderr"
    run --separate-stderr write a.zpl '^XA^FO{{number}},1^FS^XZ' '{"number":"1,2"}'
    has 2
    [[ $stderr == *'outside of the data of a field'* ]]
    run --separate-stderr write a.zpl '^{{number}}' '{}'
    has 2
    [[ $stderr == *'a.zpl:1:2: a value cannot be a part of the name of a command'* ]]
    run --separate-stderr write a.zpl '{{if has(note)}}^FH{{end}}^FD{{note}}^FS' '{}'
    has 2
    [[ $stderr == *'a.zpl:1:30: what stands before this value in its field'* ]]
}

@test "cells of CSV are quoted whole, and read back as they were" {
    run --separate-stderr hub-canon -T "$TEMPLATES/lines.csv" <(
        record order 7 '{"lines":[{"discount":"1.50","quantity":"2","sku":"A","title":"a \"b\", c"},{"quantity":"1","sku":"B","title":"d"}],"number":"#7,\n8"}'
    )
    has 0
    same '[["#7,\n8", "1", "a \"b\", c (A)", "2", "1.50"], ["#7,\n8", "2", "d (B)", "1", "0.00"]]' \
        "$(python3 -c 'import csv, io, json, sys; print(json.dumps(list(csv.reader(io.StringIO(sys.argv[1], newline="")))))' "$output")"
    run --separate-stderr write a.csv 'x {{number}},1' '{}'
    has 2
    [[ $stderr == *'a.csv:1:3: a cell of values and other text needs quotes around it'* ]]
    run --separate-stderr write a.csv '{{each lines[]}}{{sku}}{{end}}' '{}'
    has 2
    run --separate-stderr write a.csv 'a,"b' '{}'
    has 2
}

@test "a journal refuses what would be read as something else" {
    local text='{{date}} {{memo}} ; {{number}}
    {{lines[0].account}}  {{currency}} {{lines[0].amount}} ; x:{{lines[0].description}}
'
    refuses() { # refuses DATA MESSAGE
        printf '%s' "$text" >a.journal
        run --separate-stderr hub-canon -T a.journal <(record journal_entry 1 "$1")
        has 2
        [[ $stderr == *"$2"* ]] || { echo "$stderr" && return 1; }
    }
    refuses '{"date":"; x"}' 'a date is due'
    refuses '{"memo":"a\nb"}' 'control character'
    refuses '{"memo":"a ; b"}' 'a semicolon begins a comment'
    refuses '{"memo":"(1) b"}' 'a status or a code'
    refuses '{"memo":"! b"}' 'a status or a code'
    refuses '{"number":"date:2026-01-01"}' 'the date of the posting'
    refuses '{"lines":[{"account":"a  b"}]}' 'two blanks end the name'
    refuses '{"lines":[{"account":"(a)"}]}' 'cannot begin with'
    refuses '{"lines":[{"account":" a"}]}' 'two blanks end the name'
    refuses '{"lines":[{"amount":"1 @ 2"}]}' 'cannot stand in an amount'
    refuses '{"lines":[{"description":"a, y:b"}]}' 'a comma ends the value of a tag'
    record journal_entry 1 '{"currency":"EUR","date":"2026-05-01","lines":[{"account":"a b:c","amount":"1.00","description":"d: e"}],"memo":"m","number":"n"}' >entry
    same '2026-05-01 m ; n
    a b:c  EUR 1.00 ; x:d: e' "$(hub-canon -T a.journal entry)"
}

@test "text is kept byte for byte, and a directive alone takes its line with it" {
    same $'a\r\n  b\n\n{ } x\ty ' "$(write a.txt $'a\r\n  {{if has(number)}}\r\n  b\n  {{end}}  \n\n{ } x\t{{"y"}} {{# not }}' '{"number":"1"}'
        echo)"
    same '[ 1 ]' "$(write a.txt '[{{if total > 0}} {{total as integer else "1"}} {{end}}]' '{"total":"1.50"}')"
    same '{{ & <b>' "$(write a.html '{{"\{\{"}} {{raw note}} <b>' '{"note":"&"}')"
}

@test "what is absent or null writes nothing, and a list is refused" {
    same '[][]' "$(write a.txt '[{{note}}][{{email}}]' '{"note":null}')"
    run --separate-stderr write a.txt $'\n {{tags}}' '{"tags":["a"]}'
    has 2
    same 'hub-canon: stdin:1: /tags: a list or an object where a text is due (from {{tags}}, a.txt:2:2)' "$stderr"
    same 'a+b' "$(write a.txt '{{tags as split("+")}}' '{"tags":["a","b"]}')"
}

@test "a refused record writes nothing, is kept, and the others go on" {
    { record order 1 '{"note":"ok"}' && record order 2 '{"note":"ok","total":"x"}' && record order 3 '{"note":"too"}'; } >orders
    printf '{{note}} {{total | decimal}}\n' >a.txt
    run --separate-stderr hub-canon -v -r rejects -T a.txt orders
    has 1
    same $'ok \ntoo ' "$output"
    [[ $stderr == *'read 3 = taken 2 + refused 1 + left out 0; wrote 2'* ]]
    same 'decimal not a decimal: "x" (from {{total | decimal}}, a.txt:1:10)' "$(jq -r '.error.code + " " + .error.message' rejects)"
    same 2 "$(jq -r .record.id rejects)"
}

@test "a refusal names the field, in whichever item it is" {
    field() { # field TEXT: where the second item of an order is wrong
        printf '%s' "$1" >a.html
        record order 1 '{"lines":[{"quantity":"1"},{"quantity":"x"}]}' | hub-canon -r rejects -T a.html || [ $? -eq 1 ]
        jq -r .error.field rejects && rm rejects
    }
    same /lines/1/quantity "$(field '{{each lines[]}}{{if quantity > 1}}{{end}}{{end}}')"
    same /lines/1/quantity "$(field '{{lines[1].quantity * 2}}')"
    same null "$(field '{{each lines[quantity != "1"]}}{{quantity | decimal}}{{end}}')"
}

@test "what is wrong with a template is told at once, with its place" {
    run --separate-stderr write a.html $'<p>{{totl | text}}\n  {{total | decimul}}</p>\n{{each lines[]}}' '{}'
    has 2
    same "hub-canon: a.html:3:1: this each has no {{end}}
hub-canon:     {{each lines[]}}
hub-canon:     ^" "$stderr"
    run --separate-stderr write a.html $'<p>{{totl | text}}\n  {{total | decimul}}</p>\n' '{}'
    has 2
    same 'hub-canon: a.html:2:13: no codec is called "decimul"; did you mean decimal?
hub-canon:       {{total | decimul}}</p>
hub-canon:                 ^' "$stderr"
    for text in '{{if note}}' '{{end}}' '{{else}}' '{{each lines[]}}{{else}}{{end}}' '{{if note}}{{else}}{{else}}{{end}}' '{{note' '{{note}' '{{note note}}' '{{}}' '{{include note}}' '{{include "none.map"}}' '{{@none}}'; do
        run --separate-stderr write a.txt "$text" '{}'
        has 2
        [[ $stderr == *'a.txt:1:'* ]]
    done
}

@test "a bare name that the contract does not have is wrong, wherever it stands" {
    run --separate-stderr write a.html '{{totl}}{{each lines[]}}{{quantty}} {{^currency}}{{$emial}}{{end}}{{sum(lines[], pric * 2)}}' '{}'
    has 2
    same '1:3: the contract of order has no totl; did you mean total?
1:27: the contract of order has no quantty; did you mean quantity?
1:52: the contract of order has no $emial; did you mean email?
1:82: the contract of order has no pric' "$(sed -n 's/^hub-canon: a.html://p' <<<"$stderr")"
    # named, it is told before a record is read
    run --separate-stderr hub-canon -e order -T a.html /dev/null
    has 2
    [[ $stderr == *'did you mean total'* ]]
}

@test "the suffix says how values are escaped, and must be known" {
    run --separate-stderr write a.xml '{{note}}' '{}'
    has 2
    [[ $stderr == *'a.xml: the suffix of a template says how values are escaped: .csv, .html, .journal, .txt and .zpl are known' ]]
}

@test "native records are read by paths with a dot" {
    echo '{"data":{"id":"own","n":1.50,"rows":[{"a":"x"},{"a":"y"}]},"id":"7","source":"s","stream":"s:t"}' >native
    printf '{{.id}} {{.source}} {{.n}}{{each .rows[]}} {{nth}}{{.a}}{{^.n}}{{end}}\n' >a.txt
    same '7 s 1.50 1x1.50 2y1.50' "$(hub-canon -T a.txt native)"
    printf '{{n}}\n' >a.txt
    run --separate-stderr hub-canon -T a.txt native
    has 2
    [[ $stderr == *'native paths start with a dot' ]]
}

@test "of a change, names are those behind it; a template must know deletions" {
    { record order 1 '{"total":"1.00"}' && record order 2 '{"total":"2.00"}'; } >old
    { record order 1 '{"total":"3.00"}' && record order 3 '{"total":"4.00"}'; } >new
    hub-diff old new >changes || [ $? -eq 1 ]
    printf '{{.op}} {{id}} {{.before.total}} {{total}} {{.after.total}}\n' >a.txt
    same 'update 1 1.00 3.00 3.00
create 3  4.00 4.00
delete 2 2.00  ' "$(hub-canon -T a.txt changes)"
    printf '{{total}}\n' >a.txt
    run --separate-stderr hub-canon -T a.txt changes
    has 2
    [[ $stderr == *'a deletion, and the template does not ask for .op or .before' ]]
    same '3.00 4.00' "$(hub-canon -r rejects -T a.txt changes | paste -sd ' ')"
    printf '{{.op}}{{.id}} ' >a.txt
    echo '{"deleted":true,"entity":"order","id":"9","source":"s","v":1}' >>new
    same 'upsert1 upsert3 delete9 ' "$(hub-canon -T a.txt new)"
}

@test "-e and -w choose, and an empty text is left out" {
    { record order 1 '{"total":"1.00"}' && record order 2 '{"total":"2.00"}' && record payment 3 '{}'; } >records
    printf '{{id}}\n' >a.txt
    same 2 "$(hub-canon -T a.txt -e order -w 'total > 1' records)"
    printf '{{if .entity == "payment"}}\n{{id}}\n{{end}}\n' >a.txt
    run --separate-stderr hub-canon -v -T a.txt records
    has 0
    same 3 "$output"
    [[ $stderr == *'read 3 = taken 1 + refused 0 + left out 2; wrote 1'* ]]
}

@test "marks are checked and not written among the text" {
    { record order 1 '{}' && echo '{"end":true,"n":1}'; } >marked
    printf '{{id}}\n' >a.txt
    same 1 "$(hub-canon -T a.txt marked)"
    same 1 "$(hub-canon --marks -T a.txt marked)"
    head -n 1 marked >short
    run --separate-stderr hub-canon --marks -T a.txt short
    has 2
}

@test "a template runs on records as they are: maps come before it in the pipe" {
    printf '{{id}}\n' >a.txt
    for option in "-m $ROOT/pipelines/rules/order-to-journal.map" '-s shopify:orders-csv' '-R'; do
        # shellcheck disable=SC2086 # an option and its argument
        run --separate-stderr hub-canon -T a.txt $option /dev/null
        has 2
        [[ $stderr == *'before it in the pipe'* ]]
    done
}

@test "a table that an included map names is found beside it" {
    mkdir lists
    printf 'key,name\n7,Mug\n' >lists/names.csv
    printf 'table names from "names.csv" key .key value .name' >lists/names.map
    printf '{{include "lists/names.map"}}\n{{number | names}}' >a.txt
    same Mug "$(hub-canon -T a.txt <(record order 1 '{"number":"7"}'))"
    printf 'key,name\n7,Cup\n' >other.csv
    same Cup "$(hub-canon -l names=other.csv -T a.txt <(record order 1 '{"number":"7"}'))"
}

@test "what one record may become is limited" {
    local items
    items=$(printf '{},%.0s' {1..600})
    printf '%s{{each .l[]}}{{each $.l[]}}%s{{end}}{{end}}' '' "$(printf 'x%.0s' {1..300})" >a.txt
    echo "{\"data\":{\"l\":[${items%,}]},\"source\":\"s\",\"stream\":\"s:t\"}" >native
    run --separate-stderr hub-canon -r rejects -T a.txt native
    has 1
    same '' "$output"
    same limit "$(jq -r .error.code rejects)"
}

@test "-w is asked of changes, too, both states: what begins to satisfy it is new" {
    cat >in <<'END'
{"after":{"currency":"EUR","lines":[],"number":"1","total":"1.00"},"entity":"order","id":"1","op":"create","source":"s","v":1}
{"after":{"currency":"EUR","lines":[],"number":"2","total":"9.00"},"before":{"currency":"EUR","lines":[],"number":"2","total":"1.00"},"entity":"order","id":"2","op":"update","source":"s","v":1}
{"after":{"currency":"EUR","lines":[],"number":"3","total":"1.00"},"before":{"currency":"EUR","lines":[],"number":"3","total":"9.00"},"entity":"order","id":"3","op":"update","source":"s","v":1}
END
    printf '%s\n' '{{.op}} {{.id}}' >t.txt
    run --separate-stderr hub-canon -v -T t.txt -w 'total > 5' in
    [ "$status" -eq 0 ]
    [ "$output" = "create 2
delete 3" ]
    [[ $stderr == *'taken 2 + refused 0 + left out 1'* ]]
}
