#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# hub-load -n: what would happen at a target, without touching anything, and without saying what nobody knows.

load common
load target

setup() {
    common_setup
    start_target
}

teardown() {
    stop_target
}

@test "-n says what would happen, and touches nothing" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    load_items
    put 7 '{"total":"5"}' 8 deleted 9 '{"total":"3"}'
    sqlite3 hub.db .dump >before
    load_items -n --delete 1
    has 0
    [[ $stderr == *'shop:items would create 1, update 1 and delete 1; 0 are unchanged, 0 left out, 0 set aside'* ]]
    sqlite3 hub.db .dump | cmp - before
    same 'create 7 1, create 8 2' "$(effects)"
    hub-load -n -d none.db shop:items </dev/null || true
    [ ! -e none.db ]
    : >empty.db # a tool that writes would make a hub of it
    run hub-load -n -d empty.db shop:items </dev/null
    has 2
    [ ! -s empty.db ]
}

@test "-n ends as the deletions would, where they are more than are allowed" {
    describe "\"items\": { \"repeat\": \"key\", $crud }"
    put 7 '{"total":"1"}' 8 '{"total":"2"}' 9 '{"total":"3"}'
    load_items
    put 7 '{"total":"5"}' 8 deleted 9 deleted
    load_items -n --delete 50%
    has 2
    [[ $stderr == *'shop:items would create 0, update 1 and delete 0;'*'shop:items: 2 deletions of 3 records, and 1 are allowed: none was made; where it is right, say --delete 2' ]]
    same 3 "$(query "SELECT count(*) FROM delivery WHERE n = 1")"
}

@test "-n says of what it cannot know that it is unknown" {
    describe "\"items\": { \"repeat\": \"look\", $crud, $looks }"
    put 7 '{"total":"1"}' 8 '{"total":"2"}'
    load_items -n
    has 0
    [[ $stderr == *'shop:items would create 0, update 0 and delete 0;'*'shop:items is asked for 2 more, whether to create or update them is unknown'* ]]
    [[ $stderr == *'shop:items: what it will refuse is unknown' ]]
    plan /items drop! 1 POST
    load_items
    has 75
    put 9 '{"total":"3"}'
    load_items -n
    [[ $stderr == *'shop:items: 1 are on their way since an earlier run: what came of them is unknown'* ]]
    same 1 "$(query 'SELECT count(*) FROM pending')"
}

@test "-n of what is to be sent again" {
    describe "\"items\": { \"repeat\": \"never\", $crud }"
    put 7 '{"total":"1"}'
    plan /items drop! 1 POST
    load_items
    has 1
    run --separate-stderr hub-load -n --resend 7 shop:items
    has 0
    [[ $stderr == *'shop:items would create 1, update 0 and delete 0;'* ]]
    same 'create 7 1' "$(effects)"
    run --separate-stderr hub-load -n --resend 8 shop:items
    has 2
}
