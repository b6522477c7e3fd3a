#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # programs stand in single quotes; bats sets output and the like
# Files at URLs, from real servers: nginx with TLS, sshd.

load common
load servers

setup() {
    common_setup
    unset HUB_URL_PASSWORD HUB_SSH_KEY HUB_SSH_PASSPHRASE HUB_KNOWN_HOSTS CURL_CA_BUNDLE SSL_CERT_FILE
}

teardown() {
    stop_servers
}

extract() {
    run --separate-stderr hub-extract "$@"
}

two='{"data":{"id":"1","name":"tea"},"from":"orders.csv:2","source":"file","stream":"file:orders"}
{"data":{"id":"2","name":"cake"},"from":"orders.csv:3","source":"file","stream":"file:orders"}'

csv() {
    printf 'id,name\n1,tea\n2,cake\n'
}

@test "https: a file, its suffix tells the format, packed or not" {
    start_nginx
    csv > www/orders.csv
    gzip -k www/orders.csv
    export CURL_CA_BUNDLE=$PWD/ca.pem
    extract "$HTTPS/orders.csv?day=1"
    has 0
    same "$two" "$output"
    extract "$HTTPS/orders.csv.gz"
    has 0
    same "${two//orders.csv:/orders.csv.gz:}" "$output"
    extract "$HTTPS/none.csv"
    has 2
    [[ $stderr == *"/none.csv: 404: is not there"* ]]
}

@test "https: who cannot be verified gives nothing; http is for this machine" {
    start_nginx
    csv > www/orders.csv
    extract "$HTTPS/orders.csv"
    has 2
    same "" "$output"
    [[ $stderr == *"cannot be trusted"*CURL_CA_BUNDLE* ]]
    SSL_CERT_FILE=ca.pem extract "$HTTPS/orders.csv"
    has 0
    CURL_CA_BUNDLE=$PWD/ca.pem extract "${HTTPS/localhost/127.0.0.1}/orders.csv"
    has 2
    extract "$HTTP/orders.csv"
    has 0
    same "$two" "$output"
    extract http://files.example.com/orders.csv
    has 2
    [[ $stderr == *"use https"* ]]
}

@test "https: the password goes to the first host alone, and is in no argument" {
    start_nginx 'location /away { return 302 $scheme://127.0.0.1:$server_port/orders.csv; } location /here { return 302 /orders.csv; }
        location /out { return 302 http://files.example.com/orders.csv; }'
    csv > www/orders.csv
    export HUB_URL_PASSWORD=pass-word
    local basic
    basic="Basic $(printf 'ann:pass-word' | base64)"
    extract "${HTTP/127.0.0.1/ann@localhost}/here"  -f csv
    has 0
    same 2 "$(grep -c "$basic" nginx/log)"
    extract "${HTTP/127.0.0.1/ann@localhost}/away" -f csv
    has 0
    same 3 "$(grep -c "$basic" nginx/log)"
    same 1 "$(grep -c '|-|HTTP' nginx/log)"
    extract "$HTTP/out" -f csv
    has 2
    [[ $stderr == *"leads to"*"which is not read"* ]]
    extract "https://ann:pass-word@localhost/orders.csv"
    has 2
    [[ $stderr == *HUB_URL_PASSWORD* && $stderr != *pass-word* ]]
}

@test "a file that is cut off on its way gives nothing, and 75" {
    start_nginx 'location /cut { return 200 "id,name\n1,tea\n"; add_header Content-Length 100; } location /busy { return 503; } location /no { return 403; }'
    serve api
    servers+=("$server")
    extract -f json "http://127.0.0.1:$(<port)/fail/9/length/orders"
    has 75
    same "" "$output"
    [[ $stderr == *"cut off before its end"* ]]
    extract -f json "http://127.0.0.1:$(<port)/fail/9/drop/orders"
    has 75
    extract "$HTTP/busy" -f csv
    has 75
    extract "$HTTP/no" -f csv
    has 2
    [[ $stderr == *"look at HUB_URL_PASSWORD"* ]]
    extract http://127.0.0.1:1/orders.csv
    has 75
}

@test "sftp: a file, by a key, from a host that is known" {
    start_sshd
    mkdir out
    csv > "out/orders.csv"
    csv | zstd -q > "out/two words.csv.zst"
    extract "$SFTP/out/orders.csv"
    has 0
    same "$two" "$output"
    extract "$SFTP/out/two%20words.csv.zst"
    has 0
    same "two words.csv.zst:2" "$(jq -rs '.[0].from' <<< "$output")"
    extract "$SFTP/out/none.csv"
    has 2
    [[ $stderr == *"is not there"* ]]
    HUB_SSH_KEY=$PWD/ssh/host extract "$SFTP/out/orders.csv"
    has 2
    [[ $stderr == *"login was refused"*HUB_SSH_KEY* ]]
    : > nobody
    HUB_KNOWN_HOSTS=$PWD/nobody extract "$SFTP/out/orders.csv"
    has 2
    [[ $stderr == *"key is not in"*"ssh-keyscan"* ]]
    HUB_KNOWN_HOSTS=$PWD/there-is-none extract "$SFTP/out/orders.csv"
    has 2
    same "" "$output"
    sed "s,[^ ]*\$,$(cut -d' ' -f2 ssh/user.pub)," ssh/known > another
    HUB_KNOWN_HOSTS=$PWD/another extract "$SFTP/out/orders.csv"
    has 2
    [[ $stderr == *"is not the one in"* ]]
}

@test "sftp: a key that is locked is opened by its passphrase" {
    start_sshd pass-phrase
    csv > orders.csv
    HUB_SSH_PASSPHRASE=pass-phrase extract "$SFTP/orders.csv"
    has 0
    same "$two" "$output"
    HUB_SSH_PASSPHRASE=another extract "$SFTP/orders.csv"
    has 2
}

@test "ftps and ftpes: a file, by TLS that is verified, and a password of the environment" {
    start_ftp
    csv > ftp/files/orders.csv
    csv | gzip > "ftp/files/two words.csv.gz"
    csv > ftp/files/cut.csv
    export HUB_URL_PASSWORD=pass-word
    local url
    for url in "$FTPS" "$FTPES"; do
        unset CURL_CA_BUNDLE
        extract "$url/orders.csv"
        has 2
        same "" "$output"
        [[ $stderr == *"cannot be trusted"*CURL_CA_BUNDLE* ]]
        export CURL_CA_BUNDLE=$PWD/ca.pem
        extract "$url/orders.csv"
        has 0
        same "$two" "$output"
        extract "$url/two%20words.csv.gz"
        has 0
        same "two words.csv.gz:2" "$(jq -rs '.[0].from' <<< "$output")"
        extract "$url/none.csv"
        has 2
        [[ $stderr == *"none.csv: is not there"* ]]
        extract "$url/cut.csv"
        has 75
        same "" "$output"
        HUB_URL_PASSWORD=another extract "$url/orders.csv"
        has 2
        [[ $stderr == *"login was refused"*HUB_URL_PASSWORD* && $stderr != *another* ]]
    done
    # What offers no TLS is told nothing: not even the user.
    extract "${FTPES/ftpes:/ftps:}/orders.csv"
    has 75
}
