#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # make expands; bats sets output and the like
# In each flow, each tool that gives records to another one is killed in the middle of them: nothing is shown of what was cut off, and the next
# run makes all of it.

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines HUB_DB=$PWD/hub.db
    unset MAKEFLAGS MAKELEVEL MFLAGS
    mkdir bin
}

# flow NAME FOLDER
flow() {
    [ "$1" = orders ] || unset HUB_DB
    make --no-print-directory -k -f "$ROOT/pipelines/flows/$1.mk" "OUT=$2" SHOP="$ROOT/samples/shopify/orders_export.zip" \
        TILL="$ROOT/samples/square/items.csv" PAYMENTS="$ROOT/samples/square/transactions.csv" 2>/dev/null
}

# made FOLDER: what it has for others
made() {
    (cd "$1" && find . -maxdepth 1 -type f ! -name '*.rejects.*' ! -name '*.receipts.*' -exec cksum {} + | sort -k 3)
}

# kill_half TOOL: from now on it gives the first half of its output, and is killed.
kill_half() {
    cat >"bin/$1" <<END
#!/bin/bash
"$(command -v "$1")" "\$@" >"\$BATS_TEST_TMPDIR/whole.\$\$"
head -c \$((\$(stat -c %s "\$BATS_TEST_TMPDIR/whole.\$\$") / 2)) "\$BATS_TEST_TMPDIR/whole.\$\$"
kill -9 \$\$
END
    chmod +x "bin/$1"
}

@test "a killed tool in any place of a flow" {
    for name in orders files; do
        rm -rf hub.db*
        flow $name wanted
        for tool in hub-extract hub-canon hub-diff; do
            [ $tool$name != hub-difforders ] || continue
            rm -rf hub.db* o bin/*
            mkdir -p o
            kill_half $tool
            run env PATH="$PWD/bin:$PATH" bash -c "$(declare -f flow); flow $name o"
            [ "$status" -ne 0 ]
            for file in o/*.csv o/*.ndjson; do # each is whole or absent
                [[ ! -e $file || $file = *.rejects.* || $file = *.receipts.* ]] || cmp "$file" "wanted/${file##*/}"
            done
            [ $name = files ] || same 0 "$(sqlite3 hub.db 'SELECT count(*) FROM bookmark')"
            rm -f bin/*
            flow $name o
            same "$(made wanted)" "$(made o)"
        done
        rm -rf wanted
    done
}
