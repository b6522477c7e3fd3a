#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # programs stand in single quotes; bats sets output and the like
# hub-log --html: the page as a browser understands it, beside what --json says.

load common
load servers
load browser

setup() {
    common_setup
    export HUB_DB=$PWD/hub.db HUB_PATH=$PWD/hub:$ROOT/pipelines
    mkdir -p hub/schema hub/systems/shop
    echo '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
"x-checks":[{"check":"paid != false","level":"warn","message":"a refund that is not paid"}],"properties":{"paid":{"type":"boolean"}}}' >hub/schema/refund.json
}

teardown() {
    stop_servers
}

# A shop that takes refunds and refuses the bad ones, and a flow of one pipe to it.
start_shop() {
    serve_shop effects log
    servers+=("$server")
    echo 'map refund -> shop:items { id -> .ref; total -> .total | decimal; bad -> .bad }' >hub/systems/shop/refunds.map
    cat >hub/systems/shop/system.json <<'END'
{ "system": "shop", "vars": { "url": "${SHOP_URL}" }, "base": "{@url}", "limits": { "retries": 0 },
  "targets": { "items": { "repeat": "key", "create": { "post": "/items", "json": "{.}", "target_id": "{.item.id}", "headers": { "Idempotency-Key": "{key}" } },
                          "update": { "put": "/items/{target_id}", "json": "{.}" } } } }
END
    cat >sync.mk <<END
include $ROOT/pipelines/flows/hub.mk
all: feed items
.PHONY: feed items
feed:
	hub-canon feed.ndjson \$(REJECTS) | hub-load hub: \$(RECEIPTS)
items: feed
	hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items \$(REJECTS) | hub-load shop:items \$(RECEIPTS)
END
}

# refund ID DATA: a line of the feed
refund() { echo "{\"data\":$2,\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"pos\",\"v\":1}"; }

sync() { hub-run "$PWD/sync.mk" OUT="$PWD/out" >/dev/null 2>&1 || [ $? -le 2 ]; }

query() { sqlite3 hub.db "$1"; }

# page: page.html, as the browser has it in dom.html, and says.ndjson, of one state of the hub. Status: that of hub-log.
page() {
    local status=0
    hub-log --html page.html || status=$?
    hub-log --json >says.ndjson || [ $? -eq "$status" ]
    browse page.html >dom.html
    return "$status"
}

agrees() {
    run "$ROOT/tests/page.py" agrees dom.html says.ndjson
    has 0
    same '' "$(console)"
}

texts() { "$ROOT/tests/page.py" texts dom.html; }

# A hub in which there is something of everything.
fill() {
    start_shop
    { refund 1 '{"total":"1"}'; refund 2 '{"paid":false,"total":"2"}'; refund 3 '{"paid":false,"total":"3"}'; refund 4 '{"bad":true,"total":"4"}'
      refund 5 '{"total":"x"}'; refund 6 '{"paid":"no"}'; echo '{"checkpoint":{"at":"2026-05-01"},"end":true,"n":6,"source":"pos","stream":"pos:refunds"}'; } >feed.ndjson
    sync
    sync
    rm feed.ndjson
    sync
    query "UPDATE run SET at = at - 5 * 86400 WHERE id = 1; UPDATE run SET at = at - 40 * 86400 WHERE id = 2"
    query "INSERT INTO flow (name) VALUES ('nightly'); INSERT INTO run (flow, name, pid, at) SELECT id, 'n', 1, unixepoch() - 90 FROM flow WHERE name = 'nightly'"
    refund 9 '{"total":"9"}' | hub-load --no-marks hub: >/dev/null
    # Large numbers, of another day.
    query "INSERT INTO run (flow, name, pid, at, ended, status) SELECT 1, 'n', 1, unixepoch() - 9 * 86400, unixepoch() - 9 * 86400 + 4000, 75"
    query "INSERT INTO stage (run, attempt, rule, tool, pid, hub, at, ended, status, read, taken, refused, left_out, written) SELECT max(id), 1, 'feed', 'hub-canon', 1, 0, 1, 1, 0, 1234567, 1234000, 567, 0, 1234000 FROM run"
}

@test "the page says what --json says, in its tables, drawings and at its top; nothing is fetched, and the console is silent" {
    fill
    run page
    has 1
    agrees
    # Each of them is there.
    same '2 4 2 1 1 1 1' "$(jq -rs '[map(select(.flow)), map(select(.day)), map(select(.by and .state == "refused")), map(select(.records)), map(select(.lacks)), map(select(.check)), map(select(.checkpoint))] | map(length) | join(" ")' says.ndjson)"
    texts | grep -qx '1.234.567'
    run ! grep -qE '(src|href)="[^#]|url\(|@import|<script|<link' page.html
    same 600 "$(stat -c %a page.html)"
}

@test "an empty hub says so in words, and all is well" {
    echo | hub-load --no-marks hub: >/dev/null
    run page
    has 0
    agrees
    for words in 'All is well' 'No flow has run yet.' 'No target has settled anything yet.' 'Nothing is refused or set aside.' 'No record passed with a warning.' 'No flow ran in these days.' 'The hub holds no record yet.'; do
        texts | grep -qxF "$words" || { echo "no $words" && return 1; }
    done
}

@test "what others wrote is text, whatever it is" {
    start_shop
    refund 1 '{"total":"1"}' >feed.ndjson
    sync
    local port
    port=$(free_port)
    python3 -m http.server "$port" --bind 127.0.0.1 --directory "$ROOT/tests" >trap.log 2>&1 3>&- &
    servers+=($!)
    wait_for "$port"
    hostile="</title></style><script>document.title = 'planted'; new Image().src = 'http://127.0.0.1:$port/script'</script><img src=http://127.0.0.1:$port/img onerror=alert(1)>\" onmouseover='x' &amp; &#60;"
    {
        echo "UPDATE flow SET name = '${hostile//\'/\'\'}';"
        echo "UPDATE run SET why = 'f' || char(0x202e) || 'txt.exe' || char(0x2066) || char(7) || char(0x9b) || '${hostile//\'/\'\'}';"
        echo "UPDATE source SET name = '${hostile//\'/\'\'}'; UPDATE target SET name = '${hostile//\'/\'\'}'; UPDATE entity SET name = '${hostile//\'/\'\'}';"
        for message in "'long ' || hex(zeroblob(2500))" "'${hostile//\'/\'\'}'" "'<!--'" "char(27) || '[2J' || char(0xFEFF) || 'עברית'"; do
            echo "INSERT INTO reject (run, attempt, at, tool, code, field, message, place, entity, source, name, label, held, line) SELECT 1, 1, 7, '<i>', 'c', '/<b>', $message, $message, 1, 1, 'n', $message, 0, '{}';"
        done
        echo "INSERT INTO warning (run, attempt, at, tool, \"check\", place) VALUES (1, 1, 7, '<u>', 'a < b && c > \"d\" || ''e''', '${hostile//\'/\'\'}');"
    } | sqlite3 hub.db
    run page
    has 1
    agrees
    [[ $(texts) == *'f\xE2\x80\xAEtxt.exe\xE2\x81\xA6\x07\xC2\x9B</title></style><script>'* ]]
    texts | grep -qF "$hostile"
    texts | grep -qE '^long 0{5000}$'
    [ "$(grep -c '<title>hub: Something needs attention</title>' dom.html)" -eq 1 ]
    same 0 "$(grep -c GET trap.log)"
    # That these would be noticed: a script is stopped and reported, and without the policy of the page it would fetch what it likes.
    sed 's|</head>|<script>x</script></head>|' page.html >scripted.html
    browse scripted.html >/dev/null
    [[ $(console) == *'Content Security Policy'* ]]
    sed "s|</head>|<img src=http://127.0.0.1:$port/planted></head>|; /Content-Security-Policy/d" page.html >fetching.html
    browse fetching.html >/dev/null
    grep -q 'GET /planted' trap.log
}

# in_window WIDTH [OPTION...]: how wide the page is in a window of that width, all of it opened, and its ground
in_window() {
    local width=$1
    shift
    cat >window.html <<END
<!doctype html><iframe id="f" src="page.html" style="width:${width}px;height:900px;border:0"></iframe>
<script>f.onload = () => { const d = f.contentDocument; d.querySelectorAll("details").forEach(e => e.open = true);
document.title = d.documentElement.scrollWidth - d.documentElement.clientWidth + " " + f.contentWindow.getComputedStyle(d.body).backgroundColor; }</script>
END
    browse window.html --allow-file-access-from-files "$@" | sed -n 's|.*<title>\(.*\)</title>.*|\1|p'
}

@test "it fits a phone and a desk, is light or dark as the reader has it, and can be read in either" {
    fill
    query "UPDATE reject SET message = hex(zeroblob(2500)), place = hex(zeroblob(200)), label = hex(zeroblob(200)); UPDATE flow SET name = name || hex(zeroblob(100))"
    run page
    has 1
    same '0 rgb(247, 247, 245)' "$(in_window 390 --blink-settings=preferredColorScheme=1)"
    same '0 rgb(21, 23, 26)' "$(in_window 390 --blink-settings=preferredColorScheme=0)"
    for width in 320 640 896 897 1280; do
        [[ $(in_window $width) == '0 '* ]] || { echo "too wide for $width: $(in_window $width)" && return 1; }
    done
    run "$ROOT/tests/page.py" contrast dom.html
    has 0
}

@test "the page takes the place of the one before at once or not at all; a folder that is not there; standard output; wrong usage" {
    refund 1 '{"total":"1"}' | hub-load --no-marks hub: >/dev/null
    echo old >page.html
    chmod 644 page.html
    hub-log --html page.html
    grep -q '</html>' page.html
    # Who else reads it is for its owner to say.
    same 644 "$(stat -c %a page.html)"
    same "$(sed 's/20[0-9T:-]*Z//g; s/[0-9]* s ago//g' page.html)" "$(hub-log --html - | sed 's/20[0-9T:-]*Z//g; s/[0-9]* s ago//g')"
    run --separate-stderr hub-log --html nowhere/page.html
    has 2
    run --separate-stderr hub-log --html /dev/full
    has 2
    run bash -c 'hub-log --html - >/dev/full'
    has 2
    same '' "$(find . -name '*.part')"
    for wrong in "--html page.html --json" "--html page.html refund 1" "--html page.html --failed"; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr hub-log $wrong
        has 2
    done
}
