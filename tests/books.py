#!/usr/bin/env python3
"""books.py [ORDERS]: laws of the shipped business rules, over orders, refunds and payouts made at random.

What foots gives one journal entry: its lines sum to zero, none has more places than its currency, and by account they are what the order,
the refund or the payout says; the sales line by line, to the cent, by largest remainder. What does not foot gives none. The movements of
stock are as many fewer as the order holds."""
import json
import random
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

random = random.Random(20260501)
PLACES = {"EUR": 2, "JPY": 0, "KWD": 3}
INCOME = {"income:discounts": "discount_total", "income:shipping": "shipping_total", "liabilities:tips": "tip_total",
          "liabilities:sales tax": "tax_total", "income:fees": "fee_total", "income:rounding": "rounding"}


def amount(most, places):
    return Decimal(random.randrange(most * 10**places)) / 10**places


def plain(value):
    return format(value, "f")


def money(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def gross(line):
    return Decimal(line["quantity"]) * Decimal(line["unit_price"])


def some_lines(places):
    for i in range(random.randrange(6)):
        price = amount(90, places + random.choice([0, 0, 2]))
        yield {"line_id": str(i + 1), "sku": random.choice(["A", "B", "C-1"]), "unit_price": plain(price),
               "quantity": random.choice(["1", "1", "2", "3", "0.5", "0.125", "12", "-1", "-0.5"])}


def rounding_most(lines, places):
    """Half of a smallest unit for each piece, and half of one for each line."""
    return sum((abs(Decimal(line["quantity"])) + 1 for line in lines), Decimal(0)) / 2 / 10**places


def some_order(i):
    currency = random.choice(list(PLACES))
    places = PLACES[currency]
    lines = list(some_lines(places))
    exact = sum(map(gross, lines), Decimal(0))
    subtotal = money(exact, places)
    if random.random() < 0.3:  # the shop rounds each unit price that it shows, and not its sum
        for line in lines:
            line["unit_price"] = plain(money(Decimal(line["unit_price"]), places))
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


def broken(order):
    """The same order, off by one smallest unit in a sum, or by a little more than rounding in its lines."""
    places = PLACES[order["currency"]]
    order = json.loads(json.dumps(order))
    names = ["total", *[name for name in INCOME.values() if name in order and not (name == "tax_total" and order["tax_inclusive"])]]
    name = random.choice([*names, "subtotal"])
    off = Decimal(1).scaleb(-places)
    if name == "subtotal":
        lines = order["lines"]
        off += money(sum(map(gross, lines), Decimal(0)) + rounding_most(lines, places), places) - Decimal(order["subtotal"])
        order["total"] = plain(Decimal(order["total"]) + off)
    order[name] = plain(Decimal(order[name]) + off)
    return order


def sales(order):
    """What each line is booked at, by the textbook; None where that does not make the subtotal."""
    places, subtotal = PLACES[order["currency"]], Decimal(order["subtotal"])
    booked = [money(gross(line), places) for line in order["lines"]]
    if sum(booked) == subtotal:
        return booked
    if abs(subtotal - sum(map(gross, order["lines"]))) > rounding_most(order["lines"], places):
        return None
    share = [i for i, line in enumerate(order["lines"]) if gross(line) * subtotal > 0]
    if not share:
        return None
    rest = subtotal - sum(value for i, value in enumerate(booked) if i not in share)
    whole = sum(Fraction(gross(order["lines"][i])) for i in share)
    parts = {i: abs(Fraction(gross(order["lines"][i])) * Fraction(rest) / whole) * 10**places for i in share}
    units = {i: int(part) for i, part in parts.items()}
    left = int(abs(rest).scaleb(places)) - sum(units.values())
    for i in sorted(share, key=lambda i: (units[i] - parts[i], i))[:left]:
        units[i] += 1
    for i in share:
        booked[i] = Decimal(units[i]).scaleb(-places).copy_sign(rest)
    return booked


def some_refund(order):
    places = PLACES[order["currency"]]
    lines = [{"sku": line["sku"], "amount": plain(amount(9, places)), **({"tax": plain(amount(2, places))} if random.random() < 0.5 else {})}
             for line in order["lines"] if random.random() < 0.7]
    shipping = {"shipping": plain(amount(9, places))} if random.random() < 0.3 else {}
    total = sum((Decimal(line["amount"]) + Decimal(line.get("tax", "0")) for line in lines), Decimal(shipping.get("shipping", "0")))
    total += amount(5, places) * random.choice([0, 1, -1])
    return {"currency": order["currency"], "business_date": "2026-05-03", "order_id": order["number"], "lines": lines, "total": plain(total), **shipping}


def some_payout():
    currency = random.choice(list(PLACES))
    places, lines, total = PLACES[currency], [], Decimal(0)
    for i in range(random.randrange(5)):
        line = {"type": random.choice(["charge", "charge", "refund", "reserve", "fee"]), "ref": str(i)}
        fee = amount(3, places)
        line_gross = Decimal(0) if line["type"] == "fee" else amount(90, places) * (1 if line["type"] == "charge" else -1)
        known = {"gross": line_gross, "fee": fee, "net": line_gross - fee}
        if line["type"] != "fee" and random.random() < 0.5:
            del known[random.choice(list(known))]
        elif line["type"] == "fee":
            known = random.choice([{"fee": fee}, {"net": -fee}, {"gross": -fee, "net": -fee}, known])
        total += line_gross - fee
        lines.append({**line, **{name: plain(value) for name, value in known.items()}})
    return {"currency": currency, "date": "2026-05-04", "amount": plain(total), **({"lines": lines} if lines else {})}


def through(rule, records, status=0):
    lines = "".join(json.dumps({"data": data, "entity": entity, "id": str(i), "source": "t", "v": 1}) + "\n" for i, (entity, data) in enumerate(records))
    rejects = ["-r", "books.rejects"] if status == 1 else []
    run = subprocess.run(["hub-canon", *rejects, "-m", rule], input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE if rejects else None,
                         text=True, check=False)
    if run.returncode != status:
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


def check_entry(entry, *about):
    check(sum(by_account(entry).values()) == 0, "an entry does not sum to zero", entry, *about)
    places = PLACES[entry["data"]["currency"]]
    check(all(-Decimal(line["amount"]).as_tuple().exponent == places for line in entry["data"]["lines"]), "not the places of the currency", entry)


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
    booked = [-Decimal(line["amount"]) for line in entry["data"]["lines"] if line["account"] == "income:sales"]
    check(booked[:len(order["lines"])] == sales(order), "the lines are not shared by largest remainder", order, sales(order), entry)


def check_refund(refund, entry):
    sums = by_account(entry)
    tax = sum((Decimal(line.get("tax", "0")) for line in refund["lines"]), Decimal(0))
    shipping, total = Decimal(refund.get("shipping", "0")), Decimal(refund["total"])
    wanted = {"assets:clearing:orders": -total, "liabilities:sales tax": tax, "income:shipping": shipping, "income:returns": total - tax - shipping}
    check(all(sums.pop(account, Decimal(0)) == value for account, value in wanted.items()) and not sums, "a refund is booked wrong", refund, entry)


def check_payout(payout, entry):
    sums = by_account(entry)
    check(sums["assets:bank"] == Decimal(payout["amount"]), "the bank is not the amount", payout, entry)
    kept = sum((-Decimal(line["net"]) if "net" in line else Decimal(line.get("fee", "0")) for line in payout.get("lines", []) if line["type"] == "fee"),
               Decimal(0))
    for line in payout.get("lines", []):
        if line["type"] != "fee":
            kept += Decimal(line["fee"]) if "fee" in line else Decimal(line["gross"]) - Decimal(line["net"])
    check(sums.get("expenses:payment fees", Decimal(0)) == kept, "the fees are not those of the lines", payout, entry)


def check_orders(orders):
    foots = {str(i): order for i, order in enumerate(orders) if "cancelled_at" not in order and sales(order) is not None}
    crooked = {str(i): order for i, order in enumerate(orders) if "cancelled_at" not in order and sales(order) is None}
    entries = through("rules/order-to-journal.map", [("order", order) for order in orders], 1 if crooked else 0)
    check([entry["id"] for entry in entries] == ["order:" + i for i in foots], "not one entry for each order that foots")
    for entry in entries:
        check_entry(entry)
        check_order(foots[entry["of"][0]["id"]], entry)
    shared = sum(sales(order) != [money(gross(line), PLACES[order["currency"]]) for line in order["lines"]] for order in foots.values())
    check(shared > len(orders) / 20 and len(foots) > len(orders) / 2, "too few orders to tell by", shared, len(foots))
    wrong = through("rules/order-to-journal.map", [("order", broken(order)) for order in foots.values()], 1)
    check(not wrong, "an order that does not foot is booked", wrong)


def main():
    orders = [some_order(i) for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)]
    check_orders(orders)
    for entity, rule, records, check_one in (
            ("refund", "rules/order-to-journal.map", [some_refund(order) for order in orders], check_refund),
            ("payout", "rules/payout-to-journal.map", [some_payout() for _ in orders], check_payout)):
        entries = through(rule, [(entity, record) for record in records])
        check(len(entries) == len(records), f"not one entry for each {entity}")
        for entry, record in zip(entries, records):
            check_entry(entry, record)
            check_one(record, entry)
    moved = {}
    for movement in through("rules/order-to-adjustments.map", [("order", order) for order in orders]):
        moved.setdefault(movement["of"][0]["id"], []).append((movement["data"]["sku"], -Decimal(movement["data"]["delta"])))
    wanted = {str(i): [(line["sku"], Decimal(line["quantity"])) for line in order["lines"]] for i, order in enumerate(orders)
              if order["lines"] and "cancelled_at" not in order}
    check(moved == wanted, "the stock does not move as the orders say")
    print(f"{len(orders)} orders are booked right, and what does not foot is refused")


main()
