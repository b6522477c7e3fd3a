#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2016 # bats sets output and the like; texts of descriptions
# hub-load to a target of mail, against a mail server as distributions ship it. It is looked for, and not asked for: to install one is to
# change how a machine sends its mail.

load common
load servers

setup() {
    common_setup
    command_at exim4 >/dev/null || skip "exim4 is not installed"
    [ "$(id -u)" -eq 0 ] || skip "exim4 delivers for root alone"
    export HUB_PATH=$PWD/pipelines:$ROOT/pipelines HUB_DB=$PWD/hub.db MAIL_USER=ann MAIL_PASS=pass-word
    mkdir -p pipelines/systems/post
    cat >pipelines/systems/post/system.json <<'END'
{ "system": "post", "vars": { "server": "${MAIL_URL}" }, "secrets": { "user": "${MAIL_USER}", "pass": "${MAIL_PASS}" },
  "targets": { "mail": { "smtp": "{@server}", "basic": ["{@user}", "{@pass}"], "from": "Acme Störe <orders@acme.example>", "to": "{.name} <{.email}>",
      "subject": "Your order {.number}", "text": "order.txt", "html": "order.html", "files": [ { "name": "label {.number}.zpl", "text": "label.zpl" } ] } } }
END
    printf 'Dear {{.name}},\n.\nthanks\n' >pipelines/systems/post/order.txt
    printf '<p>Dear {{.name}}</p>\n' >pipelines/systems/post/order.html
    printf '^XA^FO1,1^FH_^FD{{.name}}^FS^XZ\n' >pipelines/systems/post/label.zpl
    start_exim
    export CURL_CA_BUNDLE=$exim/cert.pem
}

teardown() {
    stop_servers
    [ -n "${exim-}" ] || return 0
    # All of its processes write to its log until they end.
    for _ in {1..200}; do
        pgrep -f "$exim/config" >/dev/null || break
        sleep 0.05
    done
    rm -rf "$exim"
}

order() { # ID EMAIL
    printf '{"data":{"name":"Ann Éxample","email":"%s","number":"100%s"},"entity":"order","id":"%s","source":"shop","stream":"post:mail","version":"%064d"}\n' "$2" "$1" "$1" "$1"
}

mail() {
    run --separate-stderr hub-load --no-marks post:mail in
}

states() { jq -r '.id + " " + .status' <<<"$output" | paste -sd, -; }

# arrived N: so many messages lie in the box, once the server has delivered them and written that down.
arrived() {
    for _ in {1..200}; do
        [ "$(grep -c Completed "$exim/log/mainlog")" -lt "$1" ] || break
        sleep 0.05
    done
    same "$1" "$(find "$exim/box/new" -type f | wc -l)" || { cat "$exim"/log/* && return 1; }
}

@test "STARTTLS and a login: what arrives is what was written, once" {
    order 1 ann@example.com >in
    mail
    has 0
    called=$(jq -r .target_id <<<"$output")
    mail
    same '1 unchanged' "$(states)"
    arrived 1
    sed 's/$/\r/' "$exim"/box/new/* | "$ROOT/tests/read_mail.py" >seen # a box of Unix has other line ends
    same '["Acme Störe|orders@acme.example"] ["Ann Éxample|ann@example.com"] Your order 1001 []' "$(jq -r '"\(.from) \(.to) \(.subject) \(.defects)"' seen)"
    same '["text/plain",null,"Dear Ann Éxample,\n.\nthanks\n"]' "$(jq -c '.parts[0]' seen)"
    same 'label 1001.zpl' "$(jq -r '.parts[2][1]' seen)"
    [[ $(<"$exim/log/mainlog") == *'P=esmtpsa'*'A=plain:ann'* ]]
    same "$(jq -r .id seen)" "$called"
}

@test "no such mailbox: set aside; a full one: later; the others get theirs" {
    { order 1 nobody@example.com && order 2 full@example.com && order 3 ann@example.com && order 4 eve@elsewhere.example; } >in
    mail
    has 75
    [[ $output == *'no such mailbox'* && $output == *'relay not permitted'* ]]
    [[ "$output$stderr" == *'mailbox is full'* ]]
    arrived 1
    mail
    has 75
    arrived 1
}

@test "a wrong password, a certificate that nobody signed: nothing is sent" {
    order 1 ann@example.com >in
    MAIL_PASS=wrong-word mail
    [ "$status" -ne 0 ]
    [[ "$output$stderr" != *wrong-word* ]]
    CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt mail
    [ "$status" -ne 0 ]
    [[ $stderr == *certificate* ]]
    mail
    has 0
    arrived 1
}
