#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats sets stderr and the like
# Changes through maps: canon(diff(a, b)) = diff(canon(a), canon(b)).

load common

setup() {
    common_setup
    export HUB_PATH=$ROOT/pipelines
    python3 - <<'END'
import json, random
random.seed(11)

def line(i):
    return {"line_id": f"l{i}", "sku": random.choice(["A", "B", "C", "D"]), "quantity": str(random.randint(0, 4)),
            "unit_price": f"{random.randint(1, 50)}.5", "title": "x"}

def order(i):
    lines = [line(k) for k in range(random.randint(0, 4))]
    total = sum(float(l["unit_price"]) * int(l["quantity"]) for l in lines)
    data = {"number": str(1000 + i), "currency": "USD", "business_date": "2026-05-01", "subtotal": f"{total:.2f}",
            "total": f"{total:.2f}", "lines": lines, "payment_status": random.choice(["paid", "pending"])}
    if random.random() < 0.1:
        data["cancelled_at"] = "2026-05-02T00:00:00Z"
    if random.random() < 0.5:
        data["email"] = f"b{i}@example.com"
    return data

def edited(data):
    data = json.loads(json.dumps(data))
    for _ in range(random.randint(0, 2)):
        what = random.randrange(4)
        if what == 0 and data["lines"]:
            data["lines"].pop(random.randrange(len(data["lines"])))
        elif what == 1 and data["lines"]:
            random.choice(data["lines"])["quantity"] = str(random.randint(0, 4))
        elif what == 2:
            data["payment_status"] = random.choice(["paid", "refunded"])
        else:
            data["lines"].append(line(len(data["lines"]) + random.randint(0, 3)))
    seen, lines = set(), []
    for l in data["lines"]:
        if l["line_id"] not in seen:
            lines.append(l)
        seen.add(l["line_id"])
    data["lines"] = lines
    total = sum(float(l["unit_price"]) * int(l["quantity"]) for l in lines)
    data["subtotal"] = data["total"] = f"{total:.2f}"
    return data

def write(name, orders):
    with open(name, "w") as f:
        for i, data in orders:
            f.write(json.dumps({"data": data, "entity": "order", "id": str(i), "source": "s", "v": 1}) + "\n")

a = [(i, order(i)) for i in range(400)]
b = [(i, edited(data)) for i, data in a if random.random() < 0.9] + [(i, order(i)) for i in range(400, 430)]
write("a", a)
write("b", b)
END
    hub-canon a >a.orders
    hub-canon b >b.orders
    hub-diff a.orders b.orders >changes || [ $? -eq 1 ]
}

# lawful MAP...: the two sides of the law, whose lines may come in another order
lawful() {
    hub-canon "$@" changes | sort >one
    hub-diff <(hub-canon "$@" a.orders) <(hub-canon "$@" b.orders) >all || [ $? -eq 1 ]
    sort all >other
    cmp one other
    [ -s one ]
}

@test "a map that gives one record of each" {
    lawful -m rules/order-to-journal.map
}

@test "a map that gives many: an order that lost a line gives a deletion" {
    lawful -m rules/order-to-adjustments.map
    same 'create
delete
update' "$(jq -r .op one | sort -u)"
}

@test "no map: changes in their one spelling" {
    lawful
    sed 's/{"after"/{ "after"/' changes >wide
    same "$(cat changes)" "$(hub-canon wide)"
}

@test "what the map does not see is no change" {
    echo 'map journal_entry <- hub:order { id <- .id; date <- "2026-05-01"; currency <- .currency; lines[] <- { account <- "x"; amount <- "0.00" } }' >blind.map
    lawful -m blind.map
    run --separate-stderr hub-canon -v -m blind.map changes
    same "$(jq -r .op one | sort | uniq -c)" "$(jq -r 'select(.op != "update") | .op' changes | sort | uniq -c)"
    [[ $stderr == *"left out $(grep -c '"op":"update"' changes);"* ]]
}

@test "backwards: native records with the state before and after" {
    hub-canon -R -s warehouse:pick-csv changes >natives
    hub-canon -R -s warehouse:pick-csv a.orders | jq -c '{id, before: .data}' >before
    hub-canon -R -s warehouse:pick-csv b.orders | jq -c '{id, after: .data, version}' >after
    python3 - <<'END'
import json
load = lambda name: [json.loads(l) for l in open(name)]
before = {r["id"]: r["before"] for r in load("before")}
after = {r["id"]: r for r in load("after")}
given = {r["id"]: r for r in load("natives")}
assert given and len(given) == len(load("natives"))
for i in before.keys() | after.keys():
    b, a = before.get(i), after.get(i, {}).get("after")
    if b == a:
        assert i not in given, i
        continue
    r = given[i]
    assert r["op"] == ("create" if b is None else "delete" if a is None else "update"), r
    assert r.get("before") == b and r.get("after") == a, r
    assert r["stream"] == "warehouse:pick-csv" and r["entity"] == "order" and r["source"] == "s"
    if a is not None:
        assert r["version"] == after[i]["version"]
END
}

@test "the law with -w: the changes of what satisfies it" {
    for where in 'payment_status == "paid"' 'total > 150' 'count(lines[]) > 1'; do
        hub-canon -w "$where" a.orders >a.some
        hub-canon -w "$where" b.orders >b.some
        hub-diff a.some b.some | sort >wanted
        hub-canon -w "$where" changes | sort >given
        [ -s wanted ]
        diff -u <(jq -c 'del(.changed)' wanted) <(jq -c 'del(.changed)' given)
        same "$(jq -c 'select(.op == "update") | .changed' wanted)" "$(jq -c 'select(.op == "update") | .changed' given)"
    done
    hub-canon -R -s warehouse:pick-csv -w 'total > 150' changes | jq -r .op | sort >given
    hub-diff <(hub-canon -w 'total > 150' a.orders) <(hub-canon -w 'total > 150' b.orders) | hub-canon -R -s warehouse:pick-csv | jq -r .op | sort >wanted
    diff -u wanted given
}

@test "warnings are of the state after, not of the one that is past" {
    jq -c 'select(.op == "update") | .before.subtotal = "1.00" | .before.total = "99.00"' changes | head -n 1 >one
    run --separate-stderr hub-canon one
    has 0
    same '' "$stderr"
}

@test "a change of which one state is refused is refused whole" {
    head -n 1 changes | sed 's/"currency":"USD"/"currency":"US"/' >bad
    run --separate-stderr hub-canon -r rejects -m rules/order-to-journal.map bad
    has 1
    same "" "$output"
    same "$(cat bad)" "$(jq -c .record rejects)"
    echo '{"entity":"order","id":"1","source":"s","status":"applied","target":"x"}' >receipt
    run --separate-stderr hub-canon receipt
    has 2
    same 'hub-canon: receipt:1: a receipt has no place here' "$stderr"
}
