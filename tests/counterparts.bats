#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets output and the like
# JSON, its canonical spelling, decimals and times, beside Python's own implementations of them, over generated cases.

load common

setup() {
    common_setup
    export HUB_PATH=$PWD/hub:$ROOT/pipelines
}

# agrees KIND
agrees() {
    run "$ROOT/tests/counterparts.py" "$1"
    echo "$output"
    has 0
}

@test "JSON: what is taken, what is refused, and what of it goes on" {
    agrees json
}

@test "JSON: the canonical spelling" {
    agrees spelling
}

@test "decimals: arithmetic, comparison and rounding" {
    agrees decimals
}

@test "times: every kind of change of clocks, RFC 3339, and days" {
    agrees times
}
