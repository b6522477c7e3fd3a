#!/usr/bin/env bats
# shellcheck disable=SC2001,SC2016,SC2154 # schemas stand in single quotes; bats sets output and the like; sed says it best
# What is wrong with a map: all of it is told at once, in the order of the text. Each map in maps/errors is wrong in ways of one kind; beside it stands
# what is said.

load common

setup() {
    common_setup
    anything thing
    cd "$ROOT/tests/maps/errors" || return 1
}

@test "every map that is wrong is told so, in the words beside it" {
    for map in *.map; do
        run --separate-stderr hub-canon -t -m "$map" /dev/null
        has 2
        same "" "$output"
        # Where schemas are looked for is not the map's matter.
        diff -u --label "$map, wanted" --label "$map, told" "${map%.map}.err" <(sed 's/ was not found in .* (HUB_PATH/ was not found in … (HUB_PATH/' <<<"$stderr")
    done
}
