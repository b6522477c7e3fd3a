# shellcheck shell=bash disable=SC2016,SC2034,SC2030,SC2031,SC2154 # programs stand in single quotes; a test that starts its server anew says where it is
# A hub, a web server that counts its effects and fails as real ones do (servers/target.py), and a system "shop" whose targets lead there.

# start_target: SHOP_URL; the maps of refunds to shop:items and shop:single. Behind common_setup.
start_target() {
    anything refund
    export HUB_DB=$PWD/hub.db
    mkdir -p hub/systems/shop
    serve_shop effects log
    cat >hub/systems/shop/refunds.map <<'END'
map refund -> shop:items { id -> .ref; total -> .total; bad -> .bad }
map refund -> shop:single { id -> .ref; total -> .total; bad -> .bad }
END
}

stop_target() {
    kill "$server"
}

# describe TARGETS
describe() {
    cat >hub/systems/shop/system.json <<END
{ "system": "shop", "vars": { "url": "\${SHOP_URL}" }, "base": "{@url}", "limits": { "retries": 0 }, "targets": { $1 } }
END
}

crud='"create": { "post": "/items", "json": "{.}", "target_id": "{.item.id}", "headers": { "Idempotency-Key": "{key}" } },
      "update": { "put": "/items/{target_id}", "json": "{.}" }, "delete": { "delete": "/items/{target_id}" }'
looks='"look": { "get": "/items", "query": { "ref": "{.ref}" }, "found": ".items[0].id" }'

# plan PATH HOW [TIMES [METHOD]]
plan() { curl -sS -X POST -d "{\"path\":\"$1\",\"how\":\"$2\",\"times\":${3:-1},\"method\":\"${4:-}\"}" "$SHOP_URL/plan" >/dev/null; }

# put ID DATA...: records that the hub holds from now on
put() {
    local n=0
    while [ $# -gt 0 ]; do
        if [ "$2" = deleted ]; then
            echo "{\"deleted\":true,\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"pos\",\"v\":1}"
        else
            echo "{\"data\":$2,\"entity\":\"refund\",\"id\":\"$1\",\"source\":\"pos\",\"v\":1}"
        fi
        n=$((n + 1))
        shift 2
    done | hub-load --no-marks hub: >/dev/null
}

# load [OPTION...]: what the target lacks goes to it
load_items() {
    run --separate-stderr bash -c 'set -o pipefail; hub-extract hub:refund --for shop:items | hub-canon -m systems/shop -R -s shop:items | hub-load "$@" shop:items' load "$@"
}

statuses() { jq -rs 'map(select(.status) | .status + " " + .op + " " + .id) | join(", ")' <<<"$output"; }
effects() { [ ! -e effects ] || jq -rs 'map(.op + " " + .ref + " " + (.total // "-")) | join(", ")' effects; }
query() { sqlite3 hub.db "$1"; }
