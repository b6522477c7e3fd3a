#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# shellcheck disable=SC2016,SC2030,SC2031 # texts of descriptions; each test counts for itself
# hub-load to a target of mail, against a server of ours that fails as real ones do; Python's reader says what arrived.

load common

setup() {
    common_setup
    export HUB_PATH=$PWD/pipelines:$ROOT/pipelines HUB_DB=$PWD/hub.db
    mkdir -p pipelines/systems/post
    cd pipelines/systems/post || return 1
    cat >system.json <<'END'
{ "system": "post", "vars": { "server": "${MAIL_URL}", "shop": "Acme Store" },
  "secrets": { "user": "${MAIL_USER}", "pass": "${MAIL_PASS}" },
  "targets": {
    "mail": { "smtp": "{@server}", "from": "Acme Store <orders@acme.example>", "to": "{.name} <{.email}>", "reply_to": "help@acme.example",
      "subject": "Your order {.number}", "text": "order.txt", "html": "order.html",
      "files": [ { "name": "label {.number}.zpl", "text": "label.zpl" } ] },
    "many": { "smtp": "{@server}", "from": "orders@acme.example", "to": "{.emails[]}", "subject": "{.number}", "text": "order.txt" },
    "file": { "smtp": "{@server}", "from": "orders@acme.example", "to": "{.email}", "subject": "{.number}", "text": "order.txt",
      "files": [ { "name": "invoice.pdf", "file": "invoices/{.number}.pdf" } ] },
    "again": { "smtp": "{@server}", "changed": "apply", "from": "orders@acme.example", "to": "{.email}", "text": "order.txt",
      "subject": "{op} {id} {slice(hash, 63, 64)} {if(has(before), before.number, \"none\")} {if(has(target_id), slice(target_id, 0, 1), \"none\")}" },
    "login": { "smtp": "{@server}", "basic": ["{@user}", "{@pass}"], "from": "orders@acme.example", "to": "{.email}", "subject": "{.number}", "text": "order.txt" },
    "wrong": { "smtp": "{@server}", "from": "orders@acme.example", "to": "{.email}", "subject": "{.number}", "text": "wrong.txt" } } }
END
    printf 'Dear {{.name}},\n\nthanks, {{@shop}}\n' >order.txt
    printf '<p>Dear {{.name}}</p>\n' >order.html
    printf '^XA^FO1,1^FH_^FD{{.name}}^FS^XZ\n' >label.zpl
    printf '{{.name\n' >wrong.txt
    cd ../../.. || return 1
    export MAIL_USER=ann MAIL_PASS=pass-word
    start_server
}

# start_server [CERT KEY USER PASSWORD]
start_server() {
    serve mail box "$@" >server.log 2>&1
    MAIL_URL=smtp://127.0.0.1:$(<port)
    export MAIL_URL
}

teardown() {
    kill "$server" 2>/dev/null || true
}

# order ID DATA
order() {
    printf '{"data":%s,"entity":"order","id":"%s","source":"shop","stream":"post:mail","version":"%064d"}\n' "$2" "$1" "${3:-$1}"
}

# mail TARGET: what is in the file `in`
mail() {
    run --separate-stderr hub-load --no-marks "post:$1" in
}

count() { find box -name '*.eml' | wc -l; }
statuses() { jq -r '.status // empty' <<<"$output" | xargs; }

@test "a mail of texts, templates and an attachment, as Python reads it" {
    order 7 '{"name":"Ann Éxample, \"b\" & Co","email":"ann@example.com","number":"1001"}' >in
    mail mail
    has 0
    same applied "$(statuses)"
    same "orders@acme.example ann@example.com" "$(jq -r '"\(.from) \(.to[])"' box/log)"
    "$ROOT/tests/read_mail.py" <box/1.eml >seen
    same '["Acme Store|orders@acme.example"] ["Ann Éxample, \"b\" & Co|ann@example.com"] ["|help@acme.example"] Your order 1001 []' \
        "$(jq -r '"\(.from) \(.to) \(.reply) \(.subject) \(.defects)"' seen)"
    same '["text/plain",null,"Dear Ann Éxample, \"b\" & Co,\n\nthanks, Acme Store\n"]' "$(jq -c '.parts[0]' seen)"
    same '<p>Dear Ann Éxample, &quot;b&quot; &amp; Co</p>' "$(jq -r '.parts[1][2]' seen)"
    same 'label 1001.zpl' "$(jq -r '.parts[2][1]' seen)"
    same "$(jq -r .id seen)" "$(jq -r .target_id <<<"$output")"
}

@test "a record is mailed once, whatever becomes of it later" {
    order 7 '{"name":"Ann","email":"ann@example.com","number":"1001"}' >in
    mail mail
    mail mail
    same unchanged "$(statuses)"
    order 7 '{"name":"Anna","email":"ann@example.com","number":"1001"}' 8 >in
    mail mail
    has 0
    same left_out "$(statuses)"
    same 1 "$(count)"
}

@test "texts see the record that is told of, and what it was" {
    order 7 '{"email":"ann@example.com","number":"1001"}' 3 >in
    mail again
    has 0
    echo '{"after":{"email":"ann@example.com","number":"1002"},"before":{"email":"ann@example.com","number":"1001"},"changed":["/number"],"entity":"order","id":"7","op":"update","source":"shop","stream":"post:again","version":"'"$(printf %064d 4)"'","was":"'"$(printf %064d 3)"'"}' >in
    mail again
    has 0
    for i in 1 2; do "$ROOT/tests/read_mail.py" <"box/$i.eml" | jq -r .subject; done >seen
    same 'create 7 3 none none
update 7 4 1001 <' "$(<seen)"
}

@test "from the hub: what is new there is mailed, once" {
    anything order
    export HUB_PATH=$PWD/pipelines:$HUB_PATH
    printf 'map order -> post:mail { name -> .name; email -> .email; number -> .number }\n' >order.map
    echo '{"data":{"email":"ann@example.com","name":"Ann","number":"1001"},"entity":"order","id":"7","source":"shop","v":1}' | hub-load --no-marks hub: >/dev/null
    for expected in applied ''; do
        output=$(hub-extract hub:order --for post:mail | hub-canon -R -s post:mail -m order.map | hub-load post:mail)
        same "$expected" "$(statuses)"
    done
    [[ $("$ROOT/tests/read_mail.py" <box/1.eml) == *'Dear Ann,'* ]]
    same 1 "$(count)"
}

@test "two records have two Message-IDs" {
    for id in 7 8; do order $id '{"name":"Ann","email":"ann@example.com","number":"1001"}'; done >in
    mail mail
    same 2 "$(grep -h '^Message-ID: <[0-9a-f]\{40\}@acme.example>' box/*.eml | sort -u | wc -l)"
}

@test "what the server refuses is set aside with what it said, and the rest goes on" {
    for to in refuse refuse-text ann; do order $((n += 1)) "{\"name\":\"X\",\"email\":\"$to@example.com\",\"number\":\"1\"}"; done >in
    mail mail
    has 1
    same "parked parked applied" "$(statuses)"
    [[ $output == *'550 5.1.1 no such mailbox'*'554 5.7.1 looks like spam'* ]]
    same 1 "$(count)"
}

@test "what the server does not take now is sent by a later run, and holds up no other" {
    for to in later ann later-text; do order $((n += 1)) "{\"name\":\"X\",\"email\":\"$to@example.com\",\"number\":\"1\"}"; done >in
    mail mail
    has 75
    same "failed applied failed" "$(statuses)"
    [[ $output == *'451 4.2.0 try again later'*'452 4.3.1 disk full'* ]]
    [[ $stderr == *'2 not taken now, and held for a later run; the first: '*'451 4.2.0 try again later'* ]]
    sed -i 's/later@/bob@/; s/later-text@/tom@/' in
    mail mail
    has 0
    same "applied unchanged applied" "$(statuses)"
    same 3 "$(count)"
}

@test "a server that closes its service takes none of the rest now" {
    for to in close ann; do order $((n += 1)) "{\"name\":\"X\",\"email\":\"$to@example.com\",\"number\":\"1\"}"; done >in
    mail mail
    has 75
    same 0 "$(count)"
    same failed "$(statuses)"
    sed -i 's/close@/bob@/' in
    mail mail
    has 0
    same 2 "$(count)"
}

@test "a server that is not there: later, and nothing is lost" {
    order 7 '{"name":"Ann","email":"ann@example.com","number":"1001"}' >in
    kill "$server"
    wait "$server" || true
    mail mail
    has 75
    start_server
    mail mail
    has 0
    same 1 "$(count)"
}

@test "where the answer is lost, a person decides: it is not sent twice by itself" {
    order 7 '{"name":"Ann","email":"drop@example.com","number":"1001"}' >in
    mail mail
    has 1
    same parked "$(statuses)"
    mail mail
    same 1 "$(count)"
}

@test "no value becomes a header or a recipient" {
    {
        order 1 '{"name":"X\r\nBcc: eve@example.net","email":"ann@example.com","number":"1"}'
        order 2 '{"name":"X","email":"ann@example.com>, <eve@example.net","number":"1"}'
        order 3 '{"name":"X","email":"ann@example.com","number":"1\nBcc: eve@example.net"}'
        order 4 '{"name":"Eve <eve@example.net>, X","email":"ann@example.com","number":"1"}'
        order 5 '{"name":"X","email":"ann@example.com, eve@example.net","number":"1"}'
        order 6 '{"name":"X","email":"eve@example.net> <ann@example.com","number":"1"}'
        order 7 '{"name":"X","email":"ann@example.com\r\nRCPT TO:<eve@example.net>","number":"1"}'
        order 8 '{"name":"eve@example.net, X\\","email":"ann@example.com","number":"1"}'
    } >in
    mail mail
    has 1
    same "parked parked parked parked parked parked parked applied" "$(statuses)"
    same '["ann@example.com"]' "$(jq -c .to box/log)"
    same '["eve@example.net, X\\|ann@example.com"] []' "$("$ROOT/tests/read_mail.py" <box/1.eml | jq -r '"\(.to) \(.defects)"')"
}

@test "several recipients, of a list; none" {
    order 1 '{"name":"X","emails":["ann@example.com","Bob <bob@example.com>"],"number":"1"}' >in
    order 2 '{"name":"X","number":"1"}' >>in
    mail many
    has 1
    same "applied parked" "$(statuses)"
    same '["ann@example.com","bob@example.com"]' "$(jq -c .to box/log)"
    [[ $output == *"no recipient"* ]]
}

@test "a file is attached; no value leads to another one" {
    mkdir invoices
    printf 'a\0b' >invoices/1001.pdf
    printf 'secret' >secret.pdf
    order 1 '{"name":"X","email":"ann@example.com","number":"1001"}' >in
    order 2 '{"name":"X","email":"ann@example.com","number":"../secret"}' >>in
    order 3 '{"name":"X","email":"ann@example.com","number":"none"}' >>in
    mail file
    has 1
    same "applied parked parked" "$(statuses)"
    same '["application/pdf","invoice.pdf","a\u0000b"]' "$("$ROOT/tests/read_mail.py" <box/1.eml | jq -c '.parts[1]')"
}

@test "STARTTLS, a certificate that is verified, a login; no secret is shown" {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1 \
        -addext subjectAltName=IP:127.0.0.1 2>/dev/null
    kill "$server"
    start_server cert.pem key.pem ann pass-word
    order 7 '{"name":"Ann","email":"ann@example.com","number":"1001"}' >in
    mail login
    [[ $stderr == *certificate* ]]
    [ "$status" -ne 0 ]
    export CURL_CA_BUNDLE=$PWD/cert.pem
    MAIL_PASS=wrong-word mail login
    [ "$status" -ne 0 ]
    [[ $stderr == *"refuses the login"* ]]
    [[ "$stderr$output" != *wrong-word* ]]
    same 0 "$(count)"
    mail login
    has 0
    same "true ann" "$(jq -r '"\(.tls) \(.user)"' box/log)"
    run ! grep -q pass-word hub.db
}

@test "a template that is wrong, a target without what is due" {
    order 7 '{"name":"Ann","email":"ann@example.com","number":"1001"}' >in
    mail wrong
    has 2
    [[ $stderr == *"wrong.txt:1:"* ]]
    sed -i 's/"subject": "{.number}", "text": "wrong.txt"/"text": "order.txt"/' pipelines/systems/post/system.json
    mail wrong
    has 2
    same "hub-load: a target of mail says subject" "$stderr"
}

@test "-n and --settle send nothing" {
    order 7 '{"name":"Ann","email":"ann@example.com","number":"1001"}' >in
    mail mail
    order 8 '{"name":"Ann","email":"ann@example.com","number":"1002"}' >in
    run --separate-stderr hub-load --no-marks -n post:mail in
    has 0
    [[ $stderr == *"would create 1"* ]]
    run --separate-stderr hub-load --no-marks --settle post:mail in
    has 0
    mail mail
    same unchanged "$(statuses)"
    same 1 "$(count)"
}
