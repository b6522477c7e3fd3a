#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # maps stand in single quotes; bats sets output and the like
# hub-canon --explain: what maps do.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
    cat >map <<'EOF'
shape place(who) { city = ."{who} City"; phone -> ."{who} Phone" }
map order <-> t:t each .list[] {
    id      = .id | number   # a comment
    .o {
        "{number}-{note}" = .x
        email <- join(",",
                      .a, .b)
        billing_address = when has(.c) { use place("Bill"); "z{region}" = .Z }
    }
    lines[] = .items[] { sku = .sku; skip .y }
    total + 1 -> .more
}
map customer <- t:u { first_name <- .f }
EOF
}

@test "a rule a line: field, direction, native side, and where that stands" {
    run --separate-stderr hub-canon -v --explain -m map
    has 0
    same 'id|<->|.id | number|.list[]
"{number}-{note}"|<->|.x|.list[].o
email|<-|join(",", .a, .b)|.list[].o
billing_address|<->|when has(.c)|.list[].o
billing_address.city|<->|."Bill City"|.list[].o
billing_address.phone|->|."Bill Phone"|.list[].o
billing_address: "z{region}"|<->|.Z|.list[].o
lines[]|<->|.items[]|.list[]
lines[].sku|<->|.sku|.list[].items[]
total + 1|->|.more|.list[]
first_name|<-|.f|' "$(sed -n 's/^  \(.*[^ ]\)  *\(<->\|<-\|->\)  *\(.*\)$/\1|\2|\3/p' <<<"$output" | sed 's/  *in \(\.[^ ]*\)$/|\1/; t; s/$/|/')"
    [[ $stderr == *'wrote 13' ]]
}

@test "--json: an object a line, and no input is read" {
    run --separate-stderr bash -c 'yes | hub-canon --explain --json -m map'
    has 0
    same '{"entity":"order","field":"id","file":"map","in":".list[]","line":3,"native":".id | number","read":true,"stream":"t:t","write":true}
{"entity":"customer","field":"first_name","file":"map","in":"","line":13,"native":".f","read":true,"stream":"t:u","write":false}' "$(sed -n '1p;$p' <<<"$output")"
    same 11 "$(jq -c . <<<"$output" | wc -l)"
}

@test "a map that is wrong is told as ever" {
    echo 'map order <- t:t { totl <- .x }' >map
    run --separate-stderr hub-canon --explain -m map
    has 2
    [[ $stderr == *'did you mean total?'* ]]
}

@test "all maps that are shipped can be explained, each rule by its line" {
    for folder in "$ROOT"/pipelines/systems/* "$ROOT"/pipelines/rules; do
        compgen -G "$folder/*.map" >/dev/null || continue
        run --separate-stderr hub-canon --explain -m "$folder"
        has 0
        [ -n "$output" ]
    done
}
