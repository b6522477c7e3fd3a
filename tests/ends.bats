#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # each test has its own environment; bats sets output and the like
# How each tool ends when what it reads or writes fails: the status of a failure and one message that names the place, and nothing half made.
# What happens at every single system call of hub-load stands in faults.bats; what all tools have of cmd.c in cmd.bats.

load common

setup() {
    common_setup
    anything thing
    one='{"data":{"n":"1"},"entity":"thing","id":"1","source":"s","v":1}'
    two='{"data":{"n":"2"},"entity":"thing","id":"2","source":"s","v":1}'
    printf '%s\n' "$one" >old
    printf '%s\n' "$one" "$two" >new
    printf 'a,b\n1,2\n3,4\n' >plain.csv
    for i in 1 2; do
        printf '{"data":{"a":"%d","b":"x"},"entity":"thing","id":"%d","source":"s","stream":"s:t","version":"%064d"}\n' $i $i $i
    done >native
    printf 'map thing <- s:t { a <- .a; skip .b }\n' >thing.map
    echo 'n {{n}}' >letter.txt
    mkdir folder
    hub-load --no-marks -d hub.db hub: new >/dev/null
    sqlite3 table.db 'CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 2)'
}

# Each writes to standard output.
writers() {
    cat <<'END'
hub-extract plain.csv
hub-extract -f csv - <plain.csv
hub-extract -g a plain.csv
hub-extract -d hub.db hub:thing
hub-extract --table t sqlite:table.db
hub-canon new
hub-canon -m thing.map native
hub-canon -t -m thing.map native
hub-canon --explain -m thing.map
hub-canon -T letter.txt new
hub-diff old new
hub-diff -y old new
hub-load --no-marks -d fresh.db hub: new
hub-load --no-marks out.csv native
hub-load --no-marks out.zip native
hub-load --no-marks box/ native
hub-load --no-marks --table t sqlite:fresh.db --create native
hub-log -d hub.db
hub-log -d hub.db thing 1
hub-log -d hub.db --json
END
}

# ends STATUS MESSAGE COMMAND: of the shell
ends() {
    rm -rf fresh.db* out.* box
    mkdir box
    run --separate-stderr bash -c "$3"
    has "$1" || { echo "of: $3" && return 1; }
    # shellcheck disable=SC2053 # a pattern
    [[ $stderr == $2 ]] || { same "$2" "$stderr" || echo "of: $3" && return 1; }
}

# Nothing is left that a program was about to make.
no_leavings() {
    same "" "$(find . -name '.*.part' -o -name 'out.*' -o -path './tmp/*')"
}

@test "a full disk, wherever standard output is written" {
    for threads in 1 many; do
        export HUB_THREADS=$threads
        while read -r command; do
            ends 2 "${command%% *}: stdout: cannot write: No space left on device" "$command >/dev/full"
            ends 2 "" "$command >/dev/full 2>/dev/full"
        done < <(writers)
    done
}

@test "a limit on the size of files" {
    jq -nc 'range(4000) | {data: {n: "\(.)"}, entity: "thing", id: "\(.)", source: "s", v: 1}' >many
    jq -nc --arg v "$(printf %064d 1)" 'range(4000) | {data: {a: "\(.)", b: "x"}, entity: "thing", id: "\(.)", source: "s", stream: "s:t", version: $v}' >natives
    for command in 'hub-canon many >said' 'hub-diff /dev/null many >said' 'hub-load --no-marks out.ndjson natives' 'hub-load --no-marks out.csv natives'; do
        ends 2 "${command%% *}: *: cannot write: File too large" "ulimit -f 8; $command"
        no_leavings
    done
    ends 2 "hub-load: fresh.db*" 'ulimit -f 8; hub-load --no-marks -d fresh.db hub: many'
}

@test "closed standard input, output and error" {
    while read -r command; do
        ends 2 "${command%% *}: standard output is not open" "$command >&-"
        ends 2 "" "$command 2>&-"
        [[ $command = *'<'* ]] || ends 2 "${command%% *}: standard input is not open" "$command <&-"
        no_leavings
    done < <(writers)
    ends 2 "hub-run: standard output is not open" 'hub-run -d hub.db orders >&-'
}

@test "what is no file, or is not there" {
    while IFS='|' read -r message command; do
        command=${command# }
        ends 2 "${command%% *}: ${message%% }" "$command"
        no_leavings
    done <<'END'
folder: cannot read: Is a directory | hub-extract -f csv folder
stdin: cannot read: Is a directory | hub-extract -f csv - <folder
none.csv: cannot open: No such file or directory | hub-extract none.csv
none.zip: cannot open: No such file or directory | hub-extract none.zip
none/: cannot be read: No such file or directory | hub-extract none/
folder: * Is a directory | hub-extract -d folder hub:thing
none.db: * No such file or directory | hub-extract -d none.db hub:thing
plain.csv: file is not a database | hub-extract -d plain.csv hub:thing
folder: * Is a directory | hub-extract --table t sqlite:folder
none.db: * No such file or directory | hub-extract --table t sqlite:none.db
folder: cannot open for rejects: Is a directory | hub-extract -r folder plain.csv
none/r: cannot open for rejects: No such file or directory | hub-extract -r none/r plain.csv
folder: cannot read: Is a directory | hub-extract --state folder --table t --cursor a sqlite:table.db
none/s.lock: cannot lock: No such file or directory | hub-extract --state none/s --table t --cursor a sqlite:table.db
folder: no map in this folder | hub-canon -m folder native
/none/x.map: No such file or directory | hub-canon -m /none/x.map native
x.map was not found in * (HUB_PATH names other folders) | hub-canon -m x.map native
/none/x.txt: cannot open: No such file or directory | hub-canon -T /none/x.txt new
folder: cannot open for rejects: Is a directory | hub-canon -r folder new
folder: cannot read: Is a directory | hub-diff folder new
folder: cannot read: Is a directory | hub-diff old folder
stdin: cannot read: Is a directory | hub-diff old - <folder
none: cannot open: No such file or directory | hub-diff old none
folder: cannot read: Is a directory | hub-load --no-marks out.csv folder
none: cannot open: No such file or directory | hub-load --no-marks out.zip none
none/out.csv: cannot write: No such file or directory | hub-load --no-marks none/out.csv native
plain.csv/out.csv: cannot write: Not a directory | hub-load --no-marks plain.csv/out.csv native
none/: cannot write into it: No such file or directory | hub-load --no-marks none/ native
folder: * Is a directory | hub-load --no-marks -d folder hub: new
none/x.db-lock: cannot lock: No such file or directory | hub-load --no-marks -d none/x.db hub: new
none/x.db: * No such file or directory | hub-load --no-marks --table t sqlite:none/x.db native
folder: cannot read: Is a directory | hub-load --no-marks --sql folder sqlite:table.db native
folder: cannot open for rejects: Is a directory | hub-load --no-marks -r folder out.csv native
folder: * Is a directory | hub-log -d folder
none.db: * No such file or directory | hub-log -d none.db
/dev/null: an empty file: a tool that writes makes a hub of it | hub-log -d /dev/null
folder: * Is a directory | hub-run -d folder orders
flows/none.mk was not found in * (HUB_PATH names other folders) | hub-run -d hub.db none
END
    ends 2 "hub-canon: folder: cannot write the run log: Is a directory" 'HUB_RUN_LOG=folder hub-canon new'
}

@test "what may not be read or written" {
    as=()
    if [ "$(id -u)" -eq 0 ]; then
        as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$BATS_TEST_TMPDIR" 2>/dev/null || true
        chmod -R a+rX .
        "${as[@]}" hub-canon --version >/dev/null && "${as[@]}" test -r new || skip "nobody cannot get here"
    fi
    mkdir closed
    for file in closed.csv closed.map closed.txt closed.sql closed.db; do : >$file; done
    chmod 000 closed.*
    chmod 555 closed
    while IFS='|' read -r message command; do
        command=${command# }
        run --separate-stderr "${as[@]}" bash -c "$command"
        has 2 || { echo "of: $command" && return 1; }
        same "${command%% *}: ${message%% }" "$stderr" || { echo "of: $command" && return 1; }
    done <<'END'
closed.csv: cannot open: Permission denied | hub-extract closed.csv
closed.db: unable to open database file: Permission denied | hub-extract -d closed.db hub:thing
closed.db: unable to open database file: Permission denied | hub-extract --table t sqlite:closed.db
closed/r: cannot open for rejects: Permission denied | hub-extract -r closed/r plain.csv
closed.map: cannot open: Permission denied | hub-canon -m closed.map native
closed.txt: cannot open: Permission denied | hub-canon -T closed.txt new
closed.csv: cannot open: Permission denied | hub-canon closed.csv
closed.csv: cannot open: Permission denied | hub-diff old closed.csv
closed.csv: cannot write: Permission denied | hub-load --no-marks closed.csv native
closed/x.csv: cannot write: Permission denied | hub-load --no-marks closed/x.csv native
closed/x.zip: cannot write: Permission denied | hub-load --no-marks closed/x.zip native
closed/x.db-lock: cannot lock: Permission denied | hub-load --no-marks -d closed/x.db hub: new
closed/x.db: unable to open database file: Permission denied | hub-load --no-marks --table t sqlite:closed/x.db native
closed.sql: cannot open: Permission denied | hub-load --no-marks --sql closed.sql sqlite:table.db native
closed.db: unable to open database file: Permission denied | hub-log -d closed.db
closed.db-lock: cannot lock: Permission denied | hub-run -d closed.db orders
END
}

@test "a read that fails in the middle" {
    # The memory of a process has nothing at its beginning.
    [ -e /proc/self/mem ] || skip "no /proc"
    for threads in 1 many; do
        export HUB_THREADS=$threads
        for command in 'hub-extract -f csv' 'hub-extract -f ndjson' hub-canon 'hub-diff old' 'hub-load --no-marks out.csv' 'hub-load --no-marks -d fresh.db hub:'; do
            ends 2 "${command%% *}: /proc/self/mem*: cannot read: Input/output error" "$command /proc/self/mem"
            no_leavings
        done
    done
}

@test "the reader goes away: all end of SIGPIPE, and say nothing" {
    seq 200000 | sed '1i n' >many.csv
    jq -nc 'range(40000) | {data: {n: "\(.)"}, entity: "thing", id: "\(.)", source: "s", v: 1}' >many
    jq -nc --arg v "$(printf %064d 1)" 'range(40000) | {data: {a: "\(.)", b: "x"}, entity: "thing", id: "\(.)", source: "s", stream: "s:t", version: $v}' >natives
    hub-load --no-marks -d many.db hub: many >/dev/null
    for command in 'hub-extract many.csv' 'hub-extract -d many.db hub:thing' 'hub-canon many' 'hub-canon -m thing.map natives' 'hub-diff /dev/null many' 'hub-diff -y /dev/null many' \
        'hub-load --no-marks -d fresh.db hub: many' 'hub-load --no-marks out.csv natives' 'hub-load --no-marks out.zip natives'; do
        ends 0 "" "$command | head -n 1 >/dev/null; exit \$((PIPESTATUS[0] - 141))"
        same "" "$(find . -name '.*.part')"
    done
}

@test "the reader of the rejects goes away: that is an error like any other" {
    mkfifo rejects
    { echo n && seq -f '%g,x' 20000; } >ragged.csv
    jq -nc 'range(20000) | {data: {}, entity: "thing", id: ., source: "s", v: 1}' >bad
    for command in 'hub-extract -r rejects ragged.csv' 'hub-canon -r rejects bad' 'hub-diff -r rejects /dev/null bad' 'hub-load --no-marks -r rejects out.ndjson bad' \
        'hub-load --no-marks -r rejects -d fresh.db hub: bad'; do
        ends 2 "${command%% *}: rejects: cannot write a reject: Broken pipe"$'\n'"${command%% *}: * refused: the reasons are in rejects" "head -c 1 rejects >/dev/null & $command"
        no_leavings
    done
}

# stopped SIGNAL STATUS INPUT COMMAND: it is stopped while it waits for more input
stopped() {
    rm -rf fresh.db* out.* box pipe
    mkdir -p box tmp
    mkfifo pipe
    TMPDIR=$PWD/tmp bash -c "exec $4" <pipe >said 2>errors 3>&- &
    exec 9>pipe
    cat "$3" >&9
    timeout 5 python3 -c 'import fcntl, struct, termios, time
while struct.unpack("i", fcntl.ioctl(9, termios.FIONREAD, b"0000"))[0]:
    time.sleep(0.01)' || true
    sleep 0.1 # it has read what there is, and works on it
    kill -s "$1" $!
    status=0
    wait $! || status=$?
    exec 9>&-
    has "$2" || { echo "of: $4" && return 1; }
    same "" "$(<errors)"
    same "" "$(find . -name '.*.part' -o -name 'out.*' -o -path './tmp/*')"
    for file in box/*; do [ ! -e "$file" ] || same 1 "$(wc -l <"$file")"; done # each is whole
}

@test "a signal ends a tool: no half file, and no temporary one" {
    for signal in TERM HUP; do
        # Where the tests are run by nohup, the tools are, too.
        [[ $(trap -p "$signal") != *"''"* ]] || continue
        status=$((128 + $(kill -l $signal)))
        stopped $signal $status plain.csv 'hub-extract -f csv -g a'
        stopped $signal $status new hub-canon
        stopped $signal $status new 'hub-diff old -'
        for target in out.csv out.ndjson out.zip box/ '--append -d fresh.db out.ndjson'; do
            stopped $signal $status native "hub-load --no-marks $target"
        done
        stopped $signal $status native 'hub-load --no-marks --table t sqlite:table.db'
        same 1 "$(sqlite3 table.db 'SELECT count(*) FROM t')"
    done
    # What a caller ignores stays ignored.
    trap '' HUP
    (cat native && sleep 0.5) | hub-load --no-marks out.csv >said &
    sleep 0.2
    kill -s HUP $!
    wait $!
    same 3 "$(wc -l <out.csv)"
}

@test "a file that becomes shorter while it is read" {
    seq 200000 | sed '1i n' >many.csv
    jq -nc 'range(40000) | {data: {n: "\(.)"}, entity: "thing", id: "\(.)", source: "s", v: 1}' >many
    mkfifo pipe
    for command in 'hub-extract many.csv' 'hub-canon many' 'hub-load --no-marks -d fresh.db hub: many'; do
        file=${command##* }
        cp "$file" kept
        rm -f fresh.db*
        { bash -c "exec $command" >pipe 2>errors; } 3>&- &
        exec 8<pipe
        head -c 1 <&8 >/dev/null
        sleep 0.2 # it waits for its reader
        : >"$file"
        cat <&8 >/dev/null
        exec 8<&-
        status=0
        wait $! || status=$?
        has 2
        [[ $(<errors) == "${command%% *}: $file:"*": became shorter while it was read: "* ]]
        mv kept "$file"
    done
}
