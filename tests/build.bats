#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # bats sets output in each test
# What make builds and installs, and what happens on a machine that lacks something.

load common

setup() {
    common_setup
    # The build that is under test: the variables that make was called with (B, CFLAGS) come with MAKEFLAGS, its job server does not.
    case ${MAKEFLAGS-} in
    *' -- '*) MAKEFLAGS="-- ${MAKEFLAGS#* -- }" ;;
    *) unset MAKEFLAGS ;;
    esac
    unset MAKELEVEL MFLAGS MAKE_TERMOUT MAKE_TERMERR
    built=${HUB_BUILD:-$ROOT/build}
}

hub_make() {
    make -C "$ROOT" --no-print-directory "$@"
}

@test "a second make does nothing" {
    run hub_make -q all
    has 0
}

@test "help names every target that people expect" {
    run hub_make help
    has 0
    for target in all test unit demo bench lint format check-asan fuzz install uninstall clean dist deps help; do
        grep -q "^ *$target  *[a-z]" <<<"$output" || { echo "no line for $target" && return 1; }
    done
}

@test "install, run what was installed, uninstall: nothing is left" {
    # A copy, since another PREFIX makes the tools anew.
    cp -a "$built" built
    here=$PWD prefix=$PWD/usr
    run hub_make install B="$here/built" PREFIX="$prefix"
    has 0
    [ -x usr/bin/hub-canon ]
    [ -f usr/share/hub/pipelines/schema/order.json ]
    [ -f usr/share/bash-completion/completions/hub-canon ]
    [ -f usr/share/zsh/site-functions/_hub-canon ]
    for page in "$ROOT"/man/*.[1-8]; do
        [ ! -e "$page" ] || [ -f "usr/share/man/man${page##*.}/$(basename "$page")" ]
    done

    # Away from the tree, with nothing set, it finds its systems, maps and contract.
    mkdir -p elsewhere && cd elsewhere
    "$prefix/bin/hub-extract" -s shopify:orders-csv "$ROOT/samples/shopify/yesterday/orders_export.zip" >native
    run "$prefix/bin/hub-canon" -s shopify:orders-csv native
    has 0
    same 154 "${#lines[@]}"
    cd ..

    run hub_make uninstall B="$here/built" PREFIX="$prefix"
    has 0
    same "" "$(find usr ! -type d)"
    [ ! -e usr/share/hub ]
}

@test "install goes below DESTDIR, and nowhere else" {
    run hub_make install DESTDIR="$PWD/stage"
    has 0
    [ -x stage/usr/local/bin/hub-extract ]
    same "stage" "$(ls)"
}

@test "dist: all that is committed, in a folder in which make works" {
    git -C "$ROOT" rev-parse --verify -q HEAD >/dev/null 2>&1 || skip "this tree is no clone, but such an archive itself"
    run hub_make dist B="$PWD/made"
    has 0
    tar xzf made/hub-*.tar.gz
    same "$(git -C "$ROOT" ls-tree -r --name-only HEAD | LC_ALL=C sort)" "$(cd hub-[0-9]* && find . -type f -o -type l | sed 's,^\./,,' | LC_ALL=C sort)"
    run env -u MAKEFLAGS make -C hub-[0-9]* --no-print-directory -n all
    has 0
    [[ $output == *"-o build/bin/hub-canon "* ]]
}

@test "the completions are what the shells take" {
    for file in "$built"/share/bash/hub-*; do
        run bash -n "$file"
        has 0
        run bash -c 'source "$1" && complete -p "$(basename "$1")"' complete "$file"
        has 0
    done
    for file in "$built"/share/zsh/_hub-*; do
        run head -n 1 "$file"
        same "#compdef $(basename "$file" | tr -d _)" "$output"
    done
}

# A machine with hardly more than a shell.
bare_machine() {
    mkdir -p machine
    for command in sh id mktemp rm cut ls env; do
        ln -s "$(command -v "$command")" "machine/$command"
    done
}

@test "deps: nothing is missing, nothing is asked of the network" {
    mkdir apt
    printf '#!/bin/sh\necho asked >&2\nexit 1\n' >apt/apt-get
    chmod +x apt/apt-get
    PATH=$PWD/apt:$PATH run "$ROOT/.ci/deps.sh" build
    has 0
    same "" "$output"
}

@test "deps: another system is told what it needs" {
    bare_machine
    PATH=$PWD/machine run "$ROOT/.ci/deps.sh" build
    has 1
    [[ $output == *"libjansson-dev"* && $output == *"the command make (make)"* ]]
}

@test "deps: what is missing is installed, in one go, and looked for again" {
    bare_machine
    printf '#!/bin/sh\necho "apt-get $*"\n' >machine/apt-get
    printf '#!/bin/sh\nexec "$@"\n' >machine/sudo
    chmod +x machine/apt-get machine/sudo
    PATH=$PWD/machine run "$ROOT/.ci/deps.sh" build
    has 1
    [[ $output == *"apt-get -qy install --no-install-recommends gcc make "* ]]
    [[ $output == *"still missing after the packages were installed:"* ]]
}

# WHAT LIBRARY COMMAND…: it ends with 2, and names the library that the build did not have.
lacks() {
    local what=$1 library=$2
    shift 2
    run "$@"
    has 2
    grep -qF "this build has no $what: $library was absent when it was made" <<<"$output" || { echo "$*: $output" && return 1; }
}

@test "a library that is absent drops what needs it, and the rest is built and works" {
    run hub_make -j2 B="$PWD/without" CFLAGS=-O0 SONAME_LIBARCHIVE= SONAME_LIBCRYPTO= SONAME_LIBCURL= SONAME_LIBPQ= SONAME_LIBSQLITE3= \
        SONAME_LIBZ= all
    has 0
    for said in "libarchive is not installed: built without archives" "libcrypto is not installed: built without SHA-256" \
        "libcurl is not installed: built without HTTP" "libpq is not installed: built without PostgreSQL" \
        "libsqlite3 is not installed: built without hub.db" "libz is not installed: built without gzip"; do
        [[ $output == *"$said"* ]] || { echo "not told: $said" && return 1; }
    done
    PATH=$PWD/without/bin:$PATH
    export HUB_PATH=$ROOT/pipelines
    zip=$ROOT/samples/shopify/orders_export.zip

    unzip -p "$zip" >orders.csv
    hub-extract -s shopify:orders-csv orders.csv | hub-canon -s shopify:orders-csv -r rejects >orders 2>said || [ $? = 1 ]
    same 160 "$(wc -l <orders)"
    run hub-diff orders orders
    has 0

    gzip -k orders.csv
    lacks gzip libz hub-extract orders.csv.gz
    lacks "archives and compressed files" libarchive hub-extract "$zip"
    lacks "HTTP, SFTP and FTP" libcurl hub-extract http://127.0.0.1:1/orders.csv
    lacks "HTTP, SFTP and FTP" libcurl hub-extract sftp://127.0.0.1:1/orders.csv
    lacks SQLite libsqlite3 hub-extract sqlite:books.db --table orders
    lacks SQLite libsqlite3 hub-extract -d hub.db hub:order
    lacks SQLite libsqlite3 hub-load --no-marks -d hub.db hub: orders
    lacks SQLite libsqlite3 hub-load --no-marks --table orders sqlite:books.db orders
    lacks SQLite libsqlite3 hub-log -d hub.db
    lacks SQLite libsqlite3 hub-run -d hub.db orders
    lacks PostgreSQL libpq hub-extract postgresql://127.0.0.1:1/books --table orders
    lacks PostgreSQL libpq hub-load --no-marks --table orders postgresql://127.0.0.1:1/books orders
    lacks SHA-256 libcrypto hub-load orders.ndjson orders
}

@test "without a library that it cannot do without, make says so" {
    run hub_make B="$PWD/without" NEEDED=jansson all
    has 2
    [[ $output == *"missing: jansson: 'make deps' installs what the build needs"* ]]
}
