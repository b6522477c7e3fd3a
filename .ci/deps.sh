#!/bin/sh
# deps.sh SET...: installs the packages that SET (build, test, lint, fuzz, aarch64) needs and that are not there. Asks the network for
# nothing where nothing is missing.
set -eu

# Each is asked for what it gives, not by its package's name: what was built by hand counts too.
command_is() { command -v "$1" >/dev/null 2>&1 || missing "$2" "the command $1"; }
library_is() { pkg-config --exists "$1" 2>/dev/null || missing "$2" "the library $1 with its headers"; }
file_is() { [ -e "$1" ] || missing "$2" "$1"; }
compiles() { # COMPILER OPTIONS PACKAGE WHAT, the program on stdin; linked where OPTIONS do not say -c
    # shellcheck disable=SC2086 # options are several words
    $1 $2 -x c -o "$out" - >/dev/null 2>&1 || missing "$3" "$4"
}

missing() {
    case "$packages " in
    *" $1 "*) return ;;
    esac
    packages="$packages $1"
    wanted="$wanted
  $2 ($1)"
}

need_build() {
    command_is gcc gcc
    command_is make make
    command_is readelf binutils
    command_is pkg-config pkg-config
    compiles cc -c libc6-dev "the headers of the C library" </dev/null
    compiles cc -c libcsv-dev "the library libcsv with its header" <<-END
		#include <stdlib.h>
		#include <csv.h>
	END
    library_is jansson libjansson-dev
    library_is libarchive libarchive-dev
    library_is zlib zlib1g-dev
    library_is libcrypto libssl-dev
    library_is sqlite3 libsqlite3-dev
    library_is libcurl libcurl4-openssl-dev
    library_is libpq libpq-dev
    file_is /usr/share/iso-codes/json/iso_3166-1.json iso-codes
    file_is /usr/share/zoneinfo/America/New_York tzdata
}

need_test() {
    library_is cmocka libcmocka-dev
    for tool in bats mandoc zip unzip bzip2 zstd jq sqlite3 python3; do
        command_is "$tool" "$tool"
    done
    python3 -c 'import jsonschema' 2>/dev/null || missing python3-jsonschema "Python's validator of JSON Schema"
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command_is initdb postgresql
    /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || missing python3-aiosmtpd "Python's mail server"
    /usr/bin/python3 -c 'import pyftpdlib.handlers, OpenSSL' 2>/dev/null || missing python3-pyftpdlib "Python's FTP server with its TLS"
    command_is prove perl
    command_is xz xz-utils
    command_is 7zz 7zip
    command_is openssl openssl
    command_is ssh-keygen openssh-client
    # Servers, which may lie where PATH does not lead.
    PATH=$PATH:/usr/sbin:/sbin command -v sshd >/dev/null 2>&1 || missing openssh-server "the server sshd"
    PATH=$PATH:/usr/sbin:/sbin command -v nginx >/dev/null 2>&1 || missing nginx-light "the server nginx"
    command_is col bsdextrautils
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command_is google-chrome chromium
}

need_lint() {
    for tool in clang clang-format clang-tidy shellcheck mandoc; do
        command_is "$tool" "$tool"
    done
}

need_fuzz() {
    command_is clang clang
    # Its run-time libraries are named by its version, and were once part of another package.
    version=$(clang -dumpversion 2>/dev/null | cut -d. -f1) || version=
    [ -n "$version" ] || return 0
    runtime=libclang-rt-$version-dev
    apt-cache show "$runtime" >/dev/null 2>&1 || runtime=libclang-common-$version-dev
    compiles clang "-fsanitize=fuzzer,address" "$runtime" "clang's fuzzer" <<-END
		int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { return p == 0 && n; }
	END
}

need_aarch64() {
    command_is aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
    command_is aarch64-linux-gnu-ar binutils-aarch64-linux-gnu
    command_is qemu-aarch64 qemu-user
    command_is prove perl
    compiles aarch64-linux-gnu-gcc -c libc6-dev-arm64-cross "its headers of the C library" <<-END
		#include <stdlib.h>
	END
}

look() {
    packages='' wanted=''
    for set in "$@"; do
        case $set in
        build) need_build ;;
        test) need_test ;;
        lint) need_lint ;;
        fuzz) need_fuzz ;;
        aarch64) need_aarch64 ;;
        *) echo "deps: no such set: $set" >&2 && exit 2 ;;
        esac
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "deps: this needs root, and there is no sudo. As root: $*" >&2
        exit 1
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}

# The lists of packages are fetched only where there are none, or where they are too old to install from.
install_packages() {
    echo "deps: installing$packages"
    ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || apt -q update
    # shellcheck disable=SC2086 # several words, all our own
    apt -qy install --no-install-recommends $packages || {
        apt -q update
        apt -qy install --no-install-recommends $packages
    }
}

out=$(mktemp)
trap 'rm -f "$out"' EXIT
look "${@:?usage: deps.sh SET...}"
[ -n "$packages" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "deps: this needs the following, which is not here (Debian's packages in brackets):$wanted" >&2
    exit 1
fi
install_packages
look "$@"
# What clang needs beside it is known once clang is there.
if [ -n "$packages" ]; then
    install_packages
    look "$@"
fi
[ -n "$packages" ] || exit 0
echo "deps: still missing after the packages were installed:$wanted" >&2
exit 1
