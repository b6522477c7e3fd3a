#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# Tables and queries as sources: SQLite, and a PostgreSQL of the tests' own.

load common
load servers/postgres

setup_file() {
    postgres_start
    export PG_URL pg_bin pg_folder pg_process
}

teardown_file() {
    postgres_remove
}

setup() {
    common_setup
    sql 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null
}

extract() {
    run --separate-stderr hub-extract "$@"
}

lite() {
    sqlite3 shop.db "$1"
}

data() {
    jq -c .data <<<"$output"
}

@test "sqlite: rows of a table, each value by its storage class" {
    lite "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price, photo BLOB);
        INSERT INTO item VALUES (1, 'Mug \"blue\"', 0.1 + 0.2, x'00ff'), (2, '', '19.90', x''), (9223372036854775807, NULL, 1e999, NULL)"
    extract sqlite:shop.db --table item
    has 0
    same '{"data":{"id":1,"name":"Mug \"blue\"","price":0.30000000000000004,"photo":"AP8="},"from":"shop.db/item:1","id":"1","source":"sqlite","stream":"sqlite:item"}
{"data":{"id":2,"name":"","price":"19.90","photo":""},"from":"shop.db/item:2","id":"2","source":"sqlite","stream":"sqlite:item"}
{"data":{"id":9223372036854775807,"name":null,"price":"Inf","photo":null},"from":"shop.db/item:3","id":"9223372036854775807","source":"sqlite","stream":"sqlite:item"}' "$output"
}

@test "sqlite: a query, whose records have no id" {
    lite 'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO item VALUES (1, "a"), (2, "b")'
    extract sqlite:shop.db --query 'SELECT name AS n FROM item WHERE id > 1;'
    has 0
    same '{"data":{"n":"b"},"from":"shop.db/query:1","source":"sqlite","stream":"sqlite:shop"}' "$output"
}

@test "the id is the primary key, and of several columns no two make one" {
    lite "CREATE TABLE line (a TEXT, b TEXT, n INTEGER, PRIMARY KEY (b, a)) WITHOUT ROWID;
        INSERT INTO line VALUES ('x,y', 'z', 1), ('y,z', 'x', 2), ('a\\', ',b', 3)"
    extract sqlite:shop.db --table line
    same '\,b,a\\
x,y\,z
z,x\,y' "$(jq -r .id <<<"$output")"
}

@test "a stream as system.json describes it names records and source" {
    mkdir -p pipelines/systems/shop
    echo '{"system":"shop","streams":{"items":{"format":"csv","id":".sku","label":".name"}}}' >pipelines/systems/shop/system.json
    lite 'CREATE TABLE item (id INTEGER PRIMARY KEY, sku TEXT, name TEXT); INSERT INTO item VALUES (1, "M-1", "Mug")'
    HUB_PATH=$PWD/pipelines extract -s shop:items sqlite:shop.db --table item
    has 0
    same '{"data":{"id":1,"sku":"M-1","name":"Mug"},"from":"shop.db/item:1","id":"M-1","label":"Mug","source":"shop","stream":"shop:items"}' "$output"
}

@test "a value that is not UTF-8 refuses its row, and no other" {
    lite "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO item VALUES (1, CAST(x'ff41' AS TEXT)), (2, 'b')"
    extract sqlite:shop.db --table item
    has 2
    same 'hub-extract: shop.db/item:1: /name: not UTF-8' "$stderr"
    extract -r rejects sqlite:shop.db --table item
    has 1
    same '{"id":2,"name":"b"}' "$(data)"
    same 'json /name' "$(jq -r '.error | .code + " " + .field' rejects)"
}

@test "what cannot be read is said, and nothing is made" {
    lite 'CREATE TABLE item (id INTEGER)'
    extract sqlite:shop.db
    has 2
    same 'hub-extract: of a database one of --table and --query says what is read' "$stderr"
    extract sqlite:shop.db --table items
    has 2
    same 'hub-extract: shop.db: no such table: items' "$stderr"
    extract sqlite:shop.db --query 'DELETE FROM item'
    has 2
    extract sqlite:shop.db --query 'SELECT 1 AS a, 2 AS a'
    has 2
    [[ $stderr == *'two columns are called "a"'* ]]
    extract sqlite:shop.db --table item --cursor nope
    has 2
    [[ $stderr == *'there is no column "nope"'* ]]
    extract sqlite:other.db --table item
    has 2
    [ ! -e other.db ]
}

@test "a cursor: the next run goes on, ties are neither lost nor doubled" {
    lite 'CREATE TABLE item (id INTEGER PRIMARY KEY, at TEXT, name TEXT);
        INSERT INTO item VALUES (1, "09:00", "a"), (2, "10:00", "b"), (3, NULL, "never")'
    extract sqlite:shop.db --table item --cursor at --state state
    has 0
    same '3 1 2' "$(jq -r .id <<<"$output" | xargs)"
    # One more of the same moment, one that changed within it, and one behind it.
    lite 'INSERT INTO item VALUES (4, "10:00", "d"), (5, "11:00", "e"), (0, "08:00", "old")'
    extract sqlite:shop.db --table item --cursor at --state state
    same '3 4 5' "$(jq -r .id <<<"$output" | xargs)"
    lite 'UPDATE item SET name = "E" WHERE id = 5'
    extract sqlite:shop.db --table item --cursor at --state state
    same '3 5' "$(jq -r .id <<<"$output" | xargs)"
    extract sqlite:shop.db --table item --cursor at --state state --full
    same '3 0 1 2 4 5' "$(jq -r .id <<<"$output" | xargs)"
    extract sqlite:shop.db --table item --cursor id --state state
    has 2
    [[ $stderr == *'the checkpoint is one of the column "at", not of "id"'* ]]
}

@test "a cursor of numbers goes on by their value" {
    lite 'CREATE TABLE item (id INTEGER PRIMARY KEY, at); INSERT INTO item VALUES (1, 9), (2, 10), (3, 10.5)'
    extract sqlite:shop.db --query 'SELECT at FROM item WHERE id < 3' --cursor at --state state
    same '9 10' "$(jq -r .data.at <<<"$output" | xargs)"
    extract sqlite:shop.db --query 'SELECT at FROM item' --cursor at --state state
    same '10.5' "$(jq -r .data.at <<<"$output" | xargs)"
    lite 'INSERT INTO item VALUES (4, 10.4), (5, 11)'
    extract sqlite:shop.db --query 'SELECT at FROM item' --cursor at --state state
    same '11' "$(jq -r .data.at <<<"$output" | xargs)"
}

@test "marks carry the checkpoint, and the one before" {
    lite 'CREATE TABLE item (id INTEGER PRIMARY KEY); INSERT INTO item VALUES (1), (2)'
    extract sqlite:shop.db --table item --cursor id --state state --marks
    same '{"last":2,"n":2,"end":true,"after":null}' "$(tail -n 1 <<<"$output" | jq -c '{last: .checkpoint.last, n, "end": .["end"], after}')"
    lite 'INSERT INTO item VALUES (3)'
    extract sqlite:shop.db --table item --cursor id --state state --marks
    same '{"last":3,"n":1,"end":true,"after":2}' "$(tail -n 1 <<<"$output" | jq -c '{last: .checkpoint.last, n, "end": .["end"], after: .after.last}')"
}

@test "postgresql: each type as the manual's table says" {
    sql "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN price AS numeric(10,2)"
    sql "CREATE TABLE kind (id int PRIMARY KEY, b bool, n numeric(12,2), p price, f float8, i int8, x bytea, z timestamptz, s timestamp,
        d date, t time, j json, jb jsonb, m mood, ia int[], ta text[], ma mood[], na numeric[], c text)"
    sql "INSERT INTO kind VALUES (1, true, 19.90, 'NaN', 0.1, 9223372036854775807, '\x00ff', '2026-05-01 09:58:12.50-04',
        '2026-05-01 09:58:12', '2026-05-01', '10:00', '{\"a\": [1, 2.50]}', '{\"z\": 1}', 'glad', '{1,NULL}',
        array['a,b', 'c\"d', 'NULL', NULL, '', 'e\\f'], '{glad,sad}', '{1.50,NaN}', E'tab\tline\nback\\\\slash é')"
    sql "INSERT INTO kind (id, f, z, ia, ta) VALUES (2, 'NaN', 'infinity', '{{1,2},{3,4}}', '{}')"
    extract "$PG_URL" --table kind
    has 0
    same '{"data":{"id":1,"b":true,"n":"19.90","p":"NaN","f":0.1,"i":9223372036854775807,"x":"AP8=","z":"2026-05-01T13:58:12.5Z","s":"2026-05-01T09:58:12","d":"2026-05-01","t":"10:00:00","j":{"a":[1,2.50]},"jb":{"z":1},"m":"glad","ia":[1,null],"ta":["a,b","c\"d","NULL",null,"","e\\f"],"ma":["glad","sad"],"na":["1.50","NaN"],"c":"tab\tline\nback\\slash é"},"from":"shop/kind:1","id":"1","source":"postgresql","stream":"postgresql:kind"}' "$(head -n 1 <<<"$output")"
    same '{"id":2,"f":"NaN","z":"infinity","ia":[[1,2],[3,4]],"ta":[]}' "$(tail -n 1 <<<"$output" | jq -c '.data | with_entries(select(.value != null))')"
}

@test "postgresql: a query, a schema, a name in need of quotes" {
    sql 'CREATE SCHEMA "old shop"; CREATE TABLE "old shop"."select" ("a""b" int); INSERT INTO "old shop"."select" VALUES (1)'
    extract "$PG_URL" --table 'old shop.select'
    has 0
    same '{"a\"b":1}' "$(data)"
    extract "$PG_URL" --query 'SELECT "a""b" + 1 AS n FROM "old shop"."select" -- all of it'
    has 0
    same '{"n":2}' "$(data)"
}

@test "postgresql: nothing is changed, whatever the query says" {
    sql 'CREATE TABLE item (id int)'
    extract "$PG_URL" --query 'INSERT INTO item VALUES (1) RETURNING id'
    has 2
    [[ $stderr == *'read-only transaction'* ]]
    same 0 "$(sql 'SELECT count(*) FROM item')"
}

@test "postgresql: a cursor of times, by the server's own order and digits" {
    sql "CREATE TABLE item (id int PRIMARY KEY, at timestamptz); INSERT INTO item VALUES (1, '2026-05-01 10:00:00.000001+02'), (2, NULL)"
    extract "$PG_URL" --table item --cursor at --state state
    same '1 2' "$(jq -r .id <<<"$output" | xargs)"
    sql "INSERT INTO item VALUES (3, '2026-05-01 10:00:00.000001+02'), (4, '2026-05-01 09:00+02'), (5, '2026-05-01 10:00:01+02')"
    extract "$PG_URL" --table item --cursor at --state state
    same '3 5 2' "$(jq -r .id <<<"$output" | xargs)"
    sql "DELETE FROM item WHERE at IS NULL; ALTER TABLE item ALTER at SET NOT NULL"
    extract "$PG_URL" --query 'SELECT * FROM item' --cursor at --state state
    has 0
    same '' "$output"
}

@test "postgresql: a password in the URL is refused and not shown" {
    extract 'postgresql://ann:planted-secret@127.0.0.1/shop' --table item
    has 2
    [[ $stderr == *'set PGPASSWORD'* && $stderr != *planted* ]]
    extract 'postgresql://ann:planted-secret@@127.0.0.1:x:y/shop' --table item
    has 2
    [[ $stderr != *planted* ]]
    extract 'postgresql://ann:${NOT_SET}@127.0.0.1/shop' --table item
    has 2
    [[ $stderr == *'the variable NOT_SET is not set'* ]]
    SECRET=planted-secret extract 'postgresql://ann:${SECRET}@127.0.0.1:1/shop' --table item
    has 75
    [[ $stderr != *planted* ]]
}

@test "postgresql: a connection that is cut ends with 75, and without an end mark" {
    sql "CREATE TABLE item (id int PRIMARY KEY, note text); INSERT INTO item SELECT i, repeat('x', 500) FROM generate_series(1, 100000) i"
    mkfifo pipe
    hub-extract --marks "$PG_URL" --table item >pipe 2>said 3>&- &
    reader=$!
    exec 5<pipe
    head -n 100 <&5 >/dev/null
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'" >/dev/null
    cat <&5 >rest
    exec 5<&-
    status=0
    wait "$reader" || status=$?
    same 75 "$status"
    grep -q '^hub-extract: postgresql://' said
    [ "$(grep -c '"end":true' rest)" -eq 0 ]
}
