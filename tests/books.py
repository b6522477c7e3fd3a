#!/usr/bin/env python3
"""books.py [ORDERS]: laws of the shipped business rules, over orders and refunds made at random that foot.

Every order that is not cancelled gives one journal entry, whose lines sum to zero, whose sales, discounts, tax and the like are those of
the order; every refund likewise. The movements of stock are as many fewer as the order holds."""
import json
import random
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Decimal

random = random.Random(20260501)
PLACES = {"EUR": 2, "JPY": 0, "KWD": 3}
INCOME = {"income:discounts": "discount_total", "income:shipping": "shipping_total", "liabilities:tips": "tip_total",
          "liabilities:sales tax": "tax_total", "income:fees": "fee_total", "income:rounding": "rounding"}


def amount(most, places):
    return Decimal(random.randrange(most * 10**places)) / 10**places


def plain(value):
    return format(value, "f")


def some_lines(places):
    for i in range(random.randrange(6)):
        price = amount(90, places + random.choice([0, 0, 2]))
        yield {"line_id": str(i + 1), "sku": random.choice(["A", "B", "C-1"]), "quantity": random.choice(["1", "2", "3", "0.5", "12"]),
               "unit_price": plain(price)}


def some_order(i):
    currency = random.choice(list(PLACES))
    places = PLACES[currency]
    cent = Decimal(1).scaleb(-places)
    lines = list(some_lines(places))
    subtotal = sum((Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines), Decimal(0)).quantize(cent, ROUND_HALF_EVEN)
    data = {"currency": currency, "number": str(i), "business_date": "2026-05-01", "lines": lines, "subtotal": plain(subtotal),
            "tax_inclusive": random.random() < 0.5}
    for name, most in (("discount_total", 20), ("shipping_total", 9), ("tax_total", 15), ("tip_total", 5), ("fee_total", 3), ("rounding", 1)):
        if random.random() < 0.6:
            data[name] = plain(amount(most, places) * random.choice([1, 1, -1] if name == "rounding" else [1]))
    known = {name: Decimal(data.get(name, "0")) for name in INCOME.values()}
    total = subtotal - known["discount_total"] + known["shipping_total"] + known["tip_total"] + known["fee_total"] + known["rounding"]
    data["total"] = plain(total + (0 if data["tax_inclusive"] else known["tax_total"]))
    if random.random() < 0.1:
        data["cancelled_at"] = "2026-05-02T00:00:00Z"
    return data


def some_refund(order):
    places = PLACES[order["currency"]]
    lines = [{"sku": line["sku"], "amount": plain(amount(9, places)), **({"tax": plain(amount(2, places))} if random.random() < 0.5 else {})}
             for line in order["lines"] if random.random() < 0.7]
    total = sum((Decimal(line["amount"]) + Decimal(line.get("tax", "0")) for line in lines), Decimal(0))
    total += amount(5, places) * random.choice([0, 1, -1])
    return {"currency": order["currency"], "business_date": "2026-05-03", "order_id": order["number"], "lines": lines, "total": plain(total)}


def through(rule, records):
    lines = "".join(json.dumps({"data": data, "entity": entity, "id": str(i), "source": "t", "v": 1}) + "\n" for i, (entity, data) in enumerate(records))
    run = subprocess.run(["hub-canon", "-m", rule], input=lines, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{rule}: status {run.returncode}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def by_account(entry):
    sums = {}
    for line in entry["data"]["lines"]:
        sums[line["account"]] = sums.get(line["account"], Decimal(0)) + Decimal(line["amount"])
    return sums


def check(holds, what, *about):
    if not holds:
        sys.exit(f"{what}: {json.dumps(about, default=str)}")


def check_order(order, entry):
    sums = by_account(entry)
    known = {name: Decimal(order.get(name, "0")) for name in INCOME.values()}
    check(sums.pop("assets:clearing:orders") == Decimal(order["total"]), "clearing is not the total", order, entry)
    for account, name in INCOME.items():
        sign = 1 if name == "discount_total" else -1
        check(sums.pop(account, Decimal(0)) == sign * known[name], f"{account} is not {name}", order, entry)
    net = Decimal(order["subtotal"]) - (known["tax_total"] if order["tax_inclusive"] else 0)
    check(sums.pop("income:sales", Decimal(0)) == -net, "sales are not the subtotal without tax", order, entry)
    check(not sums, "an account of its own", order, entry)


def main():
    orders = [some_order(i) for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)]
    live = {str(i): order for i, order in enumerate(orders) if "cancelled_at" not in order}
    entries = through("rules/order-to-journal.map", [("order", order) for order in orders])
    check([entry["id"] for entry in entries] == ["order:" + i for i in live], "not one entry for each order")
    for entry in entries:
        check(sum(by_account(entry).values()) == 0, "an entry does not sum to zero", entry)
        check_order(live[entry["of"][0]["id"]], entry)
    refunds = [some_refund(order) for order in orders]
    entries = through("rules/order-to-journal.map", [("refund", refund) for refund in refunds])
    check(len(entries) == len(refunds), "not one entry for each refund")
    for entry, refund in zip(entries, refunds):
        sums = by_account(entry)
        check(sum(sums.values()) == 0 and sums["assets:clearing:orders"] == -Decimal(refund["total"]), "a refund is booked wrong", refund, entry)
    moved = {}
    for movement in through("rules/order-to-adjustments.map", [("order", order) for order in orders]):
        moved.setdefault(movement["of"][0]["id"], []).append((movement["data"]["sku"], -Decimal(movement["data"]["delta"])))
    wanted = {i: [(line["sku"], Decimal(line["quantity"])) for line in order["lines"]] for i, order in live.items() if order["lines"]}
    check(moved == wanted, "the stock does not move as the orders say")
    print(f"{len(orders)} orders are booked right")


main()
