#!/usr/bin/env bats
# The samples are what their generator makes, and add up as samples/README.md says.

@test "the samples are made anew without a difference, and foot but for two orders" {
    run tests/samples.py --check
    [ "$output" = "all as it should be" ]
    [ "$status" -eq 0 ]
}

@test "a changed sample is noticed" {
    tests/samples.py "$BATS_TEST_TMPDIR"
    sed -i '2s/Payment/Refund/' "$BATS_TEST_TMPDIR/square/items.csv"
    run tests/samples.py --check "$BATS_TEST_TMPDIR"
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "square/items.csv: differs from what tests/samples.py makes" ]
}

@test "the samples stay small" {
    total=$(find samples -type f -exec cat {} + | wc -c)
    [ "$total" -lt 300000 ]
}
